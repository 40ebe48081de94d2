"""What `check` asks of the episode's YAML files: that everything they name is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from microfinish.core.errors import InputError, Problem, ProblemsError, Where
from microfinish.project.episode import Episode

if TYPE_CHECKING:
    from microfinish.documents.places import Parsed


def named_by_sheets(episode: Episode) -> Iterator[Problem]:
    """Looks, CDL files, title styles, cleanups, music, effects and shots that are not there.

    What does not hold by itself is passed over: its mistakes are told elsewhere.
    """
    for look in (_grade, _titles, _mix, _reframe, _vfx):
        yield from look(episode)


def problems_of(
    read: Callable[..., Any], *arguments: Any, where: Where | None = None
) -> Iterator[Problem]:
    """What `read` raises, as problems; `where` for those without a place."""
    try:
        read(*arguments)
    except ProblemsError as error:
        yield from error.problems
    except InputError as error:
        yield Problem(error.message, error.where or where, error.hint)


def _sheet(episode: Episode, name: str) -> tuple[Any, Parsed] | None:
    """What holds of a sheet, with the places of all of it; None where there is none."""
    from microfinish.cli.kinds import KINDS
    from microfinish.documents.holding import what_holds
    from microfinish.documents.validate import read

    path = episode.layout.human(episode.name, name)
    if not path.is_file():
        return None
    try:
        parsed = read(path, episode.layout.shown(path))
        return what_holds(parsed, KINDS[name].type()), parsed
    except InputError:  # told with the mistakes of the file itself
        return None


def _grade(episode: Episode) -> Iterator[Problem]:
    from microfinish.core.color import GradeSheet
    from microfinish.stages.grade_sheet import Written, inputs_of_sheet

    found = _sheet(episode, "grade")
    path = episode.layout.human(episode.name, "grade")
    sheet, parsed = found or (GradeSheet(), None)
    written = Written(sheet, parsed, episode.layout.shown(path))
    yield from problems_of(inputs_of_sheet, episode, episode.settings, written)
    yield from _shots(episode, written.shot_places())


def _titles(episode: Episode) -> Iterator[Problem]:
    from microfinish.core.title import TitleStyle

    found = _sheet(episode, "titles")
    if found is None:
        return
    sheet, parsed = found
    named: list[tuple[tuple[str, ...], str | None]] = [(("style",), sheet.style)]
    for group, tweaks in (("languages", sheet.languages), ("safe_areas", sheet.safe_areas)):
        named += [((group, key, "style"), tweak.style) for key, tweak in tweaks.items()]
    for place, name in named:
        if name is not None:
            yield from problems_of(episode.project.presets.resolve, "titles", name, TitleStyle,
                                   where=parsed.mark(place).where)


def _mix(episode: Episode) -> Iterator[Problem]:
    from microfinish.core.cleanup import Cleanup

    found = _sheet(episode, "mix")
    if found is None:
        return
    sheet = found[0]
    for cue in (cue for _, cues in sheet.cues() for cue in cues):
        if not (episode.project.root / cue.file).is_file():
            yield Problem(f"there is no file {cue.file}", cue.where,
                          "write the path from the project's folder: music/theme.wav")
    if sheet.dialogue.cleanup:
        yield from problems_of(episode.project.presets.resolve, "cleanup", sheet.dialogue.cleanup,
                               Cleanup, where=sheet.dialogue.where)
    for shot in sheet.shots.values():
        if shot.cleanup not in ("", "none"):
            yield from problems_of(episode.project.presets.resolve, "cleanup", shot.cleanup,
                                   Cleanup, where=shot.where)
    yield from _shots(episode, {key: shot.where for key, shot in sheet.shots.items()})


def _reframe(episode: Episode) -> Iterator[Problem]:
    found = _sheet(episode, "reframe")
    if found is not None:
        yield from _shots(episode,
                          {key: shot.where for key, shot in found[0].shots.items()})


def _vfx(episode: Episode) -> Iterator[Problem]:
    from microfinish.core.color import CameraPreset
    from microfinish.core.vfx import AS_CAMERA
    from microfinish.stages.cameras import written_colors

    found = _sheet(episode, "vfx")
    if found is None:
        return
    sheet, parsed = found
    for color, where in written_colors(sheet, parsed):
        if color not in ("", AS_CAMERA):
            yield from problems_of(episode.project.presets.resolve, "cameras", color,
                                   CameraPreset, where=where)
    yield from _shots(episode, {key: shot.where for key, shot in sheet.shots.items()})


def _shots(episode: Episode, keys: Mapping[str, Where | None]) -> Iterator[Problem]:
    """Keys that name no shot of the picture lock, once there is one."""
    from microfinish.core.shot_key import follow_keys

    lock, log = episode.document("lock"), episode.document("log")
    try:
        if not keys or not lock.exists or not log.exists:
            return
    except InputError:  # edited by hand: `run` says so
        return
    locked, media = lock.load(), log.load()
    yield from problems_of(lambda: follow_keys(keys, locked, media))
