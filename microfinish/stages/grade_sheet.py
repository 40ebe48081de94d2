"""What `grade.yaml` and the settings name for the grade: looks, CDL files, the show's config."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from microfinish.core.cdl import Cdl
from microfinish.core.color import (
    NOTHING_SAID,
    GradeSheet,
    Look,
    LookChoice,
    LookGrade,
    LookLut,
    LookPreset,
    ShotSheet,
)
from microfinish.core.color_chain import cdl_fault
from microfinish.core.color_output import OutputChoice, OwnOutput
from microfinish.core.color_tools import Tools, tool_problems, triple
from microfinish.core.errors import InputError, Problem, ProblemsError, Where
from microfinish.core.settings import Season
from microfinish.documents.digest import digest
from microfinish.pipeline.stage import Input
from microfinish.project.episode import ABSENT, Episode

if TYPE_CHECKING:
    from microfinish.documents.places import Parsed

NO_LOOK = "none"
"""`look: none` takes away the look of the levels above."""
LOOK_PREFIX, CDL_PREFIX = "presets/looks/", "cdl "


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

    def where(self, *path: str | int, key: bool = False) -> Where | None:
        return self.parsed.mark(path, key=key).where if self.parsed else None

    def shot_places(self) -> dict[str, Where | None]:
        return {key: self.where("shots", key, key=True) for key in self.sheet.shots}

    def sheets(self) -> Iterator[tuple[tuple[str, ...], ShotSheet]]:
        """Every shot sheet in the file with its path."""
        yield ("all",), self.sheet.all
        yield from ((("scenes", name), sheet) for name, sheet in self.sheet.scenes.items())
        yield from ((("cameras", name), sheet) for name, sheet in self.sheet.cameras.items())
        yield from ((("shots", name), sheet) for name, sheet in self.sheet.shots.items())

    def looks(self) -> Iterator[tuple[tuple[str, ...], LookChoice]]:
        """Every look the file names, with its path."""
        for path, look in ((("look",), self.sheet.look),
                           *(((*path, "look"), sheet.look) for path, sheet in self.sheets())):
            choice = choice_of(look)
            if choice is not None and choice.preset != NO_LOOK:
                yield path, choice

    def cdl_files(self) -> Iterator[tuple[tuple[str, ...], str]]:
        for path, sheet in self.sheets():
            if isinstance(sheet.cdl, str):
                yield (*path, "cdl"), sheet.cdl

    def check(self, season: ShotSheet = NOTHING_SAID) -> None:
        """Raise ProblemsError for CDL numbers that the ASC forbids and for points that make no
        curve, here and in the season's `grade`."""
        sheets = [*self.sheets(), (None, season)]
        problems = []
        for path, sheet in sheets:
            if isinstance(sheet.cdl, Cdl) and (fault := cdl_fault(sheet.cdl)):
                problems.append(Problem(f"cdl {fault[1]}", self._place(path, "cdl", *fault[0]),
                                        "slope and saturation are at least 0, power is above 0"))
            problems += [Problem(f"{key}: {problem}", self._place(path, *key.split(".")), hint)
                         for key, problem, hint in tool_problems(sheet.curves, sheet.hues)]
        if problems:
            raise ProblemsError(tuple(problems))

    def _place(self, path: tuple[str, ...] | None, *key: str | int) -> Where | None:
        return Where("microfinish.yaml") if path is None else self.where(*path, *key)


@dataclass(frozen=True, slots=True)
class LookSource:
    """A look as found, before its strength."""

    grade: LookGrade
    lut: LookLut | None


def choice_of(look: str | LookChoice | None) -> LookChoice | None:
    return LookChoice(look) if isinstance(look, str) else look


def look_inputs(episode: Episode, settings: Season, written: Written) -> dict[str, Input]:
    """Every look that the settings and `grade.yaml` name. Raises ProblemsError for missing ones
    and for LUTs that do not hold, which are read once per content."""
    problems: list[Problem] = []
    season = settings.look_ref
    wanted: list[tuple[Where | None, LookChoice]] = [
        (written.where(*path), choice) for path, choice in written.looks()]
    if season is not None and season.preset != NO_LOOK:
        wanted.append((Where("microfinish.yaml"), LookChoice(season.preset)))
    own = choice_of(settings.grade.look)
    if own is not None and own.preset != NO_LOOK:
        wanted.append((Where("microfinish.yaml"), own))
    found = {}
    for where, choice in wanted:
        try:
            source = _look_source(episode, choice)
        except ProblemsError as error:
            problems += error.problems
            continue
        except InputError as error:
            problems.append(Problem(error.message, error.where or where, error.hint))
            continue
        content = (source.grade, source.lut and (source.lut.digest, source.lut.space))
        found[look_key(choice)] = Input(
            digest(content), lambda source=source: source)  # type: ignore[misc]
    if problems:
        raise ProblemsError(tuple(dict.fromkeys(problems)))
    return found


def look_of(episode: Episode, choice: LookChoice) -> Look:
    """A look by its name, as the chain holds it. Raises InputError where it cannot be found."""
    source = _look_source(episode, choice)
    return Look(choice.strength, source.grade, source.lut)


def look_key(choice: LookChoice) -> str:
    space = f" ({choice.space})" if choice.space else ""
    return LOOK_PREFIX + choice.preset.removeprefix("looks/") + space


def _look_source(episode: Episode, choice: LookChoice) -> LookSource:
    from microfinish.project.lut_files import find_lut, is_lut_file

    presets = episode.project.presets
    if is_lut_file(choice.preset):
        name, space, grade = choice.preset, choice.space or "rec709", LookGrade()
    else:
        preset = presets.resolve("looks", choice.preset, LookPreset).value
        name, space = preset.lut, choice.space or preset.space
        grade = look_grade(preset)
    if not name:
        return LookSource(grade, None)
    path = find_lut(presets, name)
    content = episode.project.hashes.of(path, name)
    if is_lut_file(path.name):
        _hold_lut(episode, path, content)
    return LookSource(grade, LookLut(content, space, name))


def _hold_lut(episode: Episode, path: Path, content: str) -> None:
    """Read a LUT, once per content. Raises InputError with the file's own line."""
    shown = episode.layout.shown(path)

    def read() -> bool:
        from microfinish.media.user_lut import read_lut

        read_lut(path, shown)
        return True

    episode.project.facts.get("lut-file", 1, digest((content, path.suffix.lower())), read)


def look_grade(preset: LookPreset) -> LookGrade:
    """The parameters of a look preset."""
    tools = Tools(triple(preset.lift), triple(preset.gamma), triple(preset.gain),
                  curves=preset.curves, hues=preset.hues, vibrance=preset.vibrance)
    return LookGrade(preset.cdl, preset.contrast, preset.pivot, preset.tone, preset.curve,
                     preset.saturation, tools)


def output_inputs(episode: Episode, settings: Season, written: Written) -> dict[str, Input]:
    """The show's own OpenColorIO config, by content, where one is the output."""
    choice = written.sheet.output or settings.output
    if not isinstance(choice, OutputChoice):
        return {}
    from microfinish.project.ocio_files import config_digest

    where = written.where("output") if written.sheet.output else Where("microfinish.yaml")
    try:
        content = config_digest(episode.project.root, choice.config, episode.project.hashes)
    except InputError as error:
        raise InputError(f"output: {error.message}", where=error.where or where,
                         hint=error.hint) from error
    own = OwnOutput(content, choice.display, choice.view, choice.config)
    return {"output config": Input(digest(content), lambda: own)}


def cdl_inputs(episode: Episode, written: Written) -> dict[str, Input]:
    """Every CDL file that the settings and `grade.yaml` name, each read once per content.

    Raises ProblemsError for those that are not there or do not hold."""
    found: dict[str, Input] = {}
    problems: list[Problem] = []
    season = episode.settings.grade.cdl
    named = [*written.cdl_files(), *([((), season)] if isinstance(season, str) else [])]
    for path, ref in named:
        where = written.where(*path) if path else Where("microfinish.yaml")
        try:
            found[CDL_PREFIX + ref] = _cdl_input(episode, ref)
        except InputError as error:
            problems.append(Problem(error.message, error.where or where, error.hint))
    if problems:
        raise ProblemsError(tuple(dict.fromkeys(problems)))
    return found


def _cdl_input(episode: Episode, ref: str) -> Input:
    file = ref.partition("#")[0]
    content = episode.file_digest(file)
    if content == ABSENT:
        raise InputError(f"there is no file {file}",
                         hint="CDL files are named relative to the project's folder")

    def read() -> Cdl:
        return _read_cdl(episode.project.root, ref)

    episode.project.facts.get("cdl-file", 1, digest((content, ref)), lambda: bool(read()))
    return Input(content, read)


def inputs_of_sheet(episode: Episode, settings: Season, written: Written) -> dict[str, Input]:
    """Looks, CDL files and output together. Raises ProblemsError with what is wrong in any."""
    found: dict[str, Input] = {}
    problems: list[Problem] = []
    for read in (lambda: look_inputs(episode, settings, written),
                 lambda: cdl_inputs(episode, written),
                 lambda: output_inputs(episode, settings, written),
                 lambda: written.check(settings.grade)):
        try:
            found |= read() or {}
        except ProblemsError as error:
            problems += error.problems
        except InputError as error:
            problems.append(Problem(error.message, error.where, error.hint))
    if problems:
        raise ProblemsError(tuple(dict.fromkeys(problems)))
    return found


def _read_cdl(root: Path, ref: str) -> Cdl:
    from microfinish.interchange.cdl import pick_cdl
    from microfinish.interchange.cdl_lists import read_any_cdl

    file, _, wanted = ref.partition("#")
    return pick_cdl(read_any_cdl((root / file).read_bytes(), file), wanted, file)
