"""grade: the whole color chain of each shot, from season, episode, camera and shot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from microfinish.core.cdl import Cdl
from microfinish.core.color import (
    Balance,
    CameraPreset,
    Corrections,
    Grades,
    GradeSheet,
    Look,
    LookChoice,
    ShotGrade,
    ShotSheet,
)
from microfinish.core.color_chain import (
    Camera,
    Level,
    Merged,
    camera_of,
    chain_of,
    fits,
    input_transform,
    merge_levels,
    names_of,
    technical_balance,
    texture_of,
)
from microfinish.core.color_output import OutputChoice, OwnOutput
from microfinish.core.color_scenes import Scenes, listed
from microfinish.core.errors import Where
from microfinish.core.follow import written_in
from microfinish.core.media import Media, MediaLog
from microfinish.core.shot_key import follow_keys
from microfinish.core.timeline import Event, PictureLock, Revision
from microfinish.core.vfx import Return
from microfinish.core.vfx_color import camera_of_return
from microfinish.pipeline.events import Notice
from microfinish.pipeline.notices import together
from microfinish.pipeline.stage import Context, Input, Inputs
from microfinish.project.episode import ABSENT, Episode
from microfinish.stages.cameras import CAMERA_PREFIX, camera_inputs
from microfinish.stages.grade_sheet import (
    CDL_PREFIX,
    NO_LOOK,
    LookSource,
    Written,
    choice_of,
    inputs_of_sheet,
    look_key,
)
from microfinish.stages.returns import vfx_input

DEFAULT_OUTPUT = "aces2-rec709"


class GradeStage:
    """Decides one resolved, name-free color chain per shot."""

    name = "grade"
    version = 1
    after = ("log", "lock", "vfx", "correct")
    body = Grades

    def inputs(self, episode: Episode) -> Inputs:
        settings = episode.settings
        human = episode.human("grade", GradeSheet)
        correct = episode.document("correct", Corrections)
        written = Written.read(human.path, episode.layout.shown(human.path))
        entries: dict[str, Any] = {
            "log": episode.document("log", MediaLog),
            "lock": episode.document("lock", PictureLock),
            "vfx": vfx_input(episode),
            "correct": correct if correct.exists else Input(ABSENT, lambda: None),
            "grade_yaml": Input(human.digest, lambda: written),
            # In order: the first pattern that fits wins.
            "settings_cameras": tuple(settings.cameras.items()),
            "settings_look": settings.look_ref,
            "settings_grade": settings.grade,
            "settings_output": settings.output,
        }
        entries |= camera_inputs(episode)
        entries |= inputs_of_sheet(episode, settings, written)
        return Inputs.of(**entries)

    def run(self, inputs: Inputs, ctx: Context) -> Grades:
        log: MediaLog = inputs["log"]
        lock: PictureLock = inputs["lock"]
        written: Written = inputs["grade_yaml"]
        timeline = lock.current.timeline
        written.check(inputs["settings_grade"])
        places = written.shot_places()
        revision = written_in(lock, "grade.yaml", inputs.digests()["grade_yaml"])
        followed = follow_keys(places, lock, log, revision)
        parked = followed.parked
        scenes = _scenes(written, lock, log, revision)
        work = _Work(inputs, written, followed.shots, scenes, _corrections(inputs))
        files, grades = log.by_path(), {}
        returns = inputs["vfx"].by_shot()
        for event in timeline.shots():
            media = files.get(event.media)
            if media is not None and media.picture is not None and event.shot not in grades:
                grades[event.shot] = work.grade(event, media, returns.get(event.shot))
        for notice in work.told():
            ctx.emit(notice)
        for pattern, _ in inputs["settings_cameras"]:
            if not any(fits(pattern, names_of(media)) for media in log.media):
                ctx.emit(Notice("", "warning", f'no media fits the camera pattern "{pattern}"',
                                "it is compared with reel, file name and path",
                                Where("microfinish.yaml")))
        for scene in scenes.unused(log):
            ctx.emit(Notice(ctx.episode, "warning", f'no shot belongs to the scene "{scene}"',
                            "list its shots under `shots`, or log the scene's name",
                            written.where("scenes", scene, key=True)))
        for key, message in parked.items():
            ctx.emit(Notice(ctx.episode, "info", message, where=places[key]))
        return Grades(tuple(grades.values()), (*work.notices, *parked.values()),
                      tuple(followed.findings("grade", places)))

    def missing(self, body: Grades, episode: Episode) -> tuple[str, ...]:
        return ()


def _scenes(written: Written, lock: PictureLock, log: MediaLog,
            revision: Revision | None) -> Scenes:
    sheets = written.sheet.scenes
    keys = listed(sheets, (event.shot for event in lock.current.timeline.picture()))
    places = {key: written.where("scenes", scene, "shots") for key, scene in keys.items()}
    followed = follow_keys(places, lock, log, revision)
    return Scenes(sheets, {shot: keys[key] for shot, key in followed.shots.items()})


def _corrections(inputs: Inputs) -> Mapping[str, Any]:
    body: Corrections | None = inputs["correct"]
    return body.by_shot() if body is not None else {}


class _Work:
    """One run's way from events to grades; collects what should be read by a person."""

    def __init__(self, inputs: Inputs, written: Written, keys: dict[str, str], scenes: Scenes,
                 corrections: Mapping[str, Any]) -> None:
        self._scenes = scenes
        self._inputs = inputs
        self._written = written
        self._keys = keys
        self._corrections = corrections
        self._cameras: dict[str, Camera] = {}

    def grade(self, event: Event, media: Media, back: Return | None = None) -> ShotGrade:
        """The chain of a shot as `media`, or the VFX return that stands in for it, shows it."""
        plate = camera = self._camera(media)
        if back is not None:
            camera = camera_of_return(back, media, self._inputs["settings_cameras"])
        preset: CameraPreset = self._inputs[CAMERA_PREFIX + camera.preset]
        given, code_range = input_transform(preset, camera.ref, camera.decode)
        merged = merge_levels(self._levels(event, media, camera))
        merged.origins["camera"] = camera.origin
        # measured on the camera file: right for a return only if that holds the same code values
        correction = (self._corrections.get(event.shot) if camera.preset == plate.preset else None)
        if correction is not None and technical_balance(
                correction, merged.values.get("correct")) != Balance():
            merged.origins["balance"] = f"documents/correct.yaml: {correction.evidence}"
        output = self._output(merged)
        own: OwnOutput | None = (
            self._inputs["output config"] if isinstance(output, OutputChoice) else None)
        chain = chain_of(merged, given, preset.gamut_compression, self._cdl(merged),
                         self._look(merged), correction,
                         output if isinstance(output, str) else DEFAULT_OUTPUT, own)
        return ShotGrade(event.shot, camera.preset, code_range, camera.decode.matrix, chain,
                         dict(sorted(merged.origins.items())), texture_of(merged))

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
        yield Level("microfinish.yaml grade", self._inputs["settings_grade"])
        if event.cdl is not None:
            place = f"{event.where.file}:{event.where.line}" if event.where else "edit list"
            yield Level(place, ShotSheet(cdl=event.cdl))
        if sheet.look is not None:
            yield Level(file, ShotSheet(look=sheet.look))
        yield Level(f"{file} all", sheet.all)
        names = names_of(media)
        scene = self._scenes.of(event.shot, media)
        if scene:
            yield Level(f"{file} scenes {scene}", sheet.scenes[scene])
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
        choice = choice_of(merged.values.get("look"))
        if choice is None or choice.preset == NO_LOOK or choice.strength == 0.0:
            return None
        merged.origins["look"] = f"{choice.preset} ({merged.origins['look']})"
        source: LookSource = self._inputs[look_key(choice)]
        return Look(choice.strength, source.grade, source.lut)

    def _output(self, merged: Merged) -> str | OutputChoice:
        own = self._written.sheet.output
        merged.origins["output"] = "grade.yaml" if own else "microfinish.yaml"
        output: str | OutputChoice = own or self._inputs["settings_output"]
        return output
