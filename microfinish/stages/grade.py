"""grade: the whole color chain of each shot, from season, episode, camera and shot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from microfinish.core.cdl import Cdl
from microfinish.core.color import (
    CameraPreset,
    Corrections,
    Grades,
    GradeSheet,
    Look,
    LookChoice,
    LookGrade,
    LookLut,
    LookPreset,
    ShotGrade,
    ShotSheet,
)
from microfinish.core.color_chain import (
    Camera,
    Level,
    Merged,
    camera_of,
    cdl_problem,
    chain_of,
    fits,
    input_transform,
    merge_levels,
    names_of,
)
from microfinish.core.errors import InputError, Problem, ProblemsError, Where
from microfinish.core.follow import written_in
from microfinish.core.media import Media, MediaLog
from microfinish.core.settings import Season
from microfinish.core.shot_key import follow_keys
from microfinish.core.timeline import Event, PictureLock
from microfinish.documents.digest import digest
from microfinish.pipeline.events import Notice
from microfinish.pipeline.notices import together
from microfinish.pipeline.stage import Context, Input, Inputs
from microfinish.project.episode import ABSENT, Episode
from microfinish.stages.cameras import CAMERA_PREFIX, camera_inputs

if TYPE_CHECKING:
    from microfinish.documents.places import Parsed

NO_LOOK = "none"
"""`look: none` takes away the look of the levels above."""
LOOK_PREFIX, CDL_PREFIX = "presets/looks/", "cdl "


class GradeStage:
    """Decides one resolved, name-free color chain per shot."""

    name = "grade"
    version = 1
    after = ("log", "lock", "correct")
    body = Grades

    def inputs(self, episode: Episode) -> Inputs:
        settings = episode.settings
        human = episode.human("grade", GradeSheet)
        correct = episode.document("correct", Corrections)
        written = Written.read(human.path, episode.layout.shown(human.path))
        entries: dict[str, Any] = {
            "log": episode.document("log", MediaLog),
            "lock": episode.document("lock", PictureLock),
            "correct": correct if correct.exists else Input(ABSENT, lambda: None),
            "grade_yaml": Input(human.digest, lambda: written),
            # In order: the first pattern that fits wins.
            "settings_cameras": tuple(settings.cameras.items()),
            "settings_look": settings.look_ref,
            "settings_output": settings.output,
        }
        entries |= camera_inputs(episode)
        entries |= look_inputs(episode, settings, written)
        entries |= cdl_inputs(episode, written)
        return Inputs.of(**entries)

    def run(self, inputs: Inputs, ctx: Context) -> Grades:
        log: MediaLog = inputs["log"]
        lock: PictureLock = inputs["lock"]
        written: Written = inputs["grade_yaml"]
        timeline = lock.current.timeline
        written.check()
        places = written.shot_places()
        followed = follow_keys(places, lock, log, written_in(
            lock, "grade.yaml", inputs.digests()["grade_yaml"]))
        parked = followed.parked
        work = _Work(inputs, written, followed.shots, _corrections(inputs))
        files, grades = log.by_path(), {}
        for event in timeline.picture():
            media = files.get(event.media)
            if media is not None and media.picture is not None and event.shot not in grades:
                grades[event.shot] = work.grade(event, media)
        for notice in work.told():
            ctx.emit(notice)
        for pattern, _ in inputs["settings_cameras"]:
            if not any(fits(pattern, names_of(media)) for media in log.media):
                ctx.emit(Notice("", "warning", f'no media fits the camera pattern "{pattern}"',
                                "it is compared with reel, file name and path",
                                Where("microfinish.yaml")))
        for key, message in parked.items():
            ctx.emit(Notice(ctx.episode, "info", message, where=places[key]))
        return Grades(tuple(grades.values()), (*work.notices, *parked.values()))

    def missing(self, body: Grades, episode: Episode) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Written:
    """`grade.yaml` with the places of its values; an empty sheet where there is no file."""

    sheet: GradeSheet
    parsed: Parsed | None
    file: str

    @classmethod
    def read(cls, path: Path, shown: str) -> Written:
        from microfinish.documents.validate import read, validate

        if not path.is_file():
            return cls(GradeSheet(), None, shown)
        parsed = read(path, shown)
        return cls(validate(parsed, GradeSheet), parsed, shown)

    def where(self, *path: str, key: bool = False) -> Where | None:
        return self.parsed.mark(path, key=key).where if self.parsed else None

    def shot_places(self) -> dict[str, Where | None]:
        return {key: self.where("shots", key, key=True) for key in self.sheet.shots}

    def sheets(self) -> Iterator[tuple[tuple[str, ...], ShotSheet]]:
        """Every shot sheet in the file with its path."""
        yield ("all",), self.sheet.all
        yield from ((("cameras", name), sheet) for name, sheet in self.sheet.cameras.items())
        yield from ((("shots", name), sheet) for name, sheet in self.sheet.shots.items())

    def looks(self) -> Iterator[tuple[tuple[str, ...], LookChoice]]:
        """Every look the file names, with its path."""
        for path, look in ((("look",), self.sheet.look),
                           *(((*path, "look"), sheet.look) for path, sheet in self.sheets())):
            choice = _choice(look)
            if choice is not None and choice.preset != NO_LOOK:
                yield path, choice

    def cdl_files(self) -> Iterator[tuple[tuple[str, ...], str]]:
        for path, sheet in self.sheets():
            if isinstance(sheet.cdl, str):
                yield (*path, "cdl"), sheet.cdl

    def check(self) -> None:
        """Raise ProblemsError for CDL numbers that the ASC forbids."""
        problems = [
            Problem(f"cdl {problem}", self.where(*path, "cdl"),
                    "slope and saturation are at least 0, power is above 0")
            for path, sheet in self.sheets()
            if isinstance(sheet.cdl, Cdl) and (problem := cdl_problem(sheet.cdl))]
        if problems:
            raise ProblemsError(tuple(problems))


@dataclass(frozen=True, slots=True)
class _LookSource:
    """A look as found, before its strength."""

    grade: LookGrade
    lut: LookLut | None


def _choice(look: str | LookChoice | None) -> LookChoice | None:
    return LookChoice(look) if isinstance(look, str) else look


def look_inputs(episode: Episode, settings: Season, written: Written) -> dict[str, Input]:
    """Every look that the settings and `grade.yaml` name. Raises ProblemsError for missing ones."""
    problems: list[Problem] = []
    season = settings.look_ref
    wanted: list[tuple[Where | None, LookChoice]] = [
        (written.where(*path), choice) for path, choice in written.looks()]
    if season is not None and season.preset != NO_LOOK:
        wanted.append((Where("microfinish.yaml"), LookChoice(season.preset)))
    found = {}
    for where, choice in wanted:
        try:
            source = _look_source(episode, choice)
        except ProblemsError:
            raise
        except InputError as error:
            problems.append(Problem(error.message, error.where or where, error.hint))
            continue
        content = (source.grade, source.lut and (source.lut.digest, source.lut.space))
        found[_look_key(choice)] = Input(
            digest(content), lambda source=source: source)  # type: ignore[misc]
    if problems:
        raise ProblemsError(tuple(dict.fromkeys(problems)))
    return found


def look_of(episode: Episode, choice: LookChoice) -> Look:
    """A look by its name, as the chain holds it. Raises InputError where it cannot be found."""
    source = _look_source(episode, choice)
    return Look(choice.strength, source.grade, source.lut)


def _look_key(choice: LookChoice) -> str:
    space = f" ({choice.space})" if choice.space else ""
    return LOOK_PREFIX + choice.preset.removeprefix("looks/") + space


def _look_source(episode: Episode, choice: LookChoice) -> _LookSource:
    from microfinish.project.lut_files import find_lut, is_lut_file

    presets = episode.project.presets
    if is_lut_file(choice.preset):
        name, space, grade = choice.preset, choice.space or "rec709", LookGrade()
    else:
        preset = presets.resolve("looks", choice.preset, LookPreset).value
        name, space = preset.lut, choice.space or preset.space
        grade = LookGrade(preset.cdl, preset.contrast, preset.pivot, preset.tone, preset.curve,
                          preset.saturation)
    if not name:
        return _LookSource(grade, None)
    path = find_lut(presets, name)
    content = episode.project.hashes.of(path, name)
    return _LookSource(grade, LookLut(content, space, name))


def cdl_inputs(episode: Episode, written: Written) -> dict[str, Input]:
    """Every CDL file that `grade.yaml` names. Raises InputError for one that is not there."""
    found = {}
    for path, ref in written.cdl_files():
        file = ref.partition("#")[0]
        content = episode.file_digest(file)
        if content == ABSENT:
            raise InputError(f"there is no file {file}", where=written.where(*path),
                             hint="CDL files are named relative to the project's folder")
        found[CDL_PREFIX + ref] = Input(
            content, lambda ref=ref: _read_cdl(episode.project.root, ref))  # type: ignore[misc]
    return found


def _read_cdl(root: Path, ref: str) -> Cdl:
    from microfinish.interchange.cdl import pick_cdl, read_cdl

    file, _, wanted = ref.partition("#")
    return pick_cdl(read_cdl((root / file).read_bytes(), file), wanted, file)


def _corrections(inputs: Inputs) -> Mapping[str, Any]:
    body: Corrections | None = inputs["correct"]
    return body.by_shot() if body is not None else {}


class _Work:
    """One run's way from events to grades; collects what should be read by a person."""

    def __init__(self, inputs: Inputs, written: Written, keys: dict[str, str],
                 corrections: Mapping[str, Any]) -> None:
        self._inputs = inputs
        self._written = written
        self._keys = keys
        self._corrections = corrections
        self._cameras: dict[str, Camera] = {}

    def grade(self, event: Event, media: Media) -> ShotGrade:
        camera = self._camera(media)
        preset: CameraPreset = self._inputs[CAMERA_PREFIX + camera.preset]
        given, code_range = input_transform(preset, camera.ref, camera.decode)
        merged = merge_levels(self._levels(event, media, camera))
        merged.origins["camera"] = camera.origin
        correction = self._corrections.get(event.shot)
        if correction is not None and correction.state == "applied" and merged.values.get(
                "correct", True):
            merged.origins["balance"] = f"documents/correct.yaml: {correction.evidence}"
        chain = chain_of(merged, given, preset.gamut_compression, self._cdl(merged),
                         self._look(merged), correction, self._output(merged))
        return ShotGrade(event.shot, camera.preset, code_range, camera.decode.matrix, chain,
                         dict(sorted(merged.origins.items())))

    @property
    def notices(self) -> tuple[str, ...]:
        """What was assumed, a line per file."""
        return tuple(f"{path}: {'; '.join(camera.notices)}"
                     for path, camera in self._cameras.items() if camera.notices)

    def told(self) -> Iterator[Notice]:
        """The same for the screen: a line for all files alike, for the whole season."""
        noted = {path: camera for path, camera in self._cameras.items() if camera.notices}
        for assumed in (True, False):
            yield from together(
                "", ((path, "; ".join(camera.notices)) for path, camera in noted.items()
                     if camera.is_assumed == assumed),
                "warning" if assumed else "info",
                "name the camera under `cameras` in microfinish.yaml" if assumed else "")

    def _levels(self, event: Event, media: Media, camera: Camera) -> Iterator[Level]:
        season, sheet, file = self._inputs["settings_look"], self._written.sheet, "grade.yaml"
        if season is not None:
            yield Level("microfinish.yaml",
                        ShotSheet(look=LookChoice(season.preset, season.strength)))
        if event.cdl is not None:
            place = f"{event.where.file}:{event.where.line}" if event.where else "edit list"
            yield Level(place, ShotSheet(cdl=event.cdl))
        if sheet.look is not None:
            yield Level(file, ShotSheet(look=sheet.look))
        yield Level(f"{file} all", sheet.all)
        names = (media.reel, media.name, media.path)
        for pattern, shot_sheet in sheet.cameras.items():
            if fits(pattern, names) or pattern == camera.preset:
                yield Level(f"{file} cameras {pattern}", shot_sheet)
                break
        key = self._keys.get(event.shot)
        if key is not None:
            yield Level(f"{file} shots {key}", sheet.shots[key])

    def _camera(self, media: Media) -> Camera:
        """The camera of a file, looked up once."""
        camera = self._cameras.get(media.path)
        if camera is None:
            camera = camera_of(media, self._inputs["settings_cameras"])
            self._cameras[media.path] = camera
        return camera

    def _cdl(self, merged: Merged) -> Cdl | None:
        cdl: Cdl | str | None = merged.values.get("cdl")
        return self._inputs[CDL_PREFIX + cdl] if isinstance(cdl, str) else cdl

    def _look(self, merged: Merged) -> Look | None:
        choice = _choice(merged.values.get("look"))
        if choice is None or choice.preset == NO_LOOK or choice.strength == 0.0:
            return None
        merged.origins["look"] = f"{choice.preset} ({merged.origins['look']})"
        source: _LookSource = self._inputs[_look_key(choice)]
        return Look(choice.strength, source.grade, source.lut)

    def _output(self, merged: Merged) -> str:
        own = self._written.sheet.output
        merged.origins["output"] = "grade.yaml" if own else "microfinish.yaml"
        output: str = own or self._inputs["settings_output"]
        return output

