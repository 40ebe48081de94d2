"""What `check` asks of the episode's YAML files: that everything they name is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from microfinish.core.errors import InputError, Problem, ProblemsError, Where
from microfinish.project.episode import Episode


def named_by_sheets(episode: Episode) -> Iterator[Problem]:
    """Looks, CDL files, title styles, cleanups, music, effects and shots that are not there.

    A file that does not hold by itself is passed over: its mistakes are told elsewhere.
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


def _grade(episode: Episode) -> Iterator[Problem]:
    from microfinish.stages.grade_sheet import Written, cdl_inputs, look_inputs, output_inputs

    path = episode.layout.human(episode.name, "grade")
    try:
        written = Written.read(path, episode.layout.shown(path))
    except InputError:
        return
    yield from problems_of(look_inputs, episode, episode.settings, written)
    yield from problems_of(cdl_inputs, episode, written)
    yield from problems_of(output_inputs, episode, episode.settings, written)
    yield from problems_of(written.check, episode.settings.grade)
    yield from _shots(episode, written.shot_places())


def _titles(episode: Episode) -> Iterator[Problem]:
    from microfinish.core.title import TitleSheet, TitleStyle
    from microfinish.documents.validate import read, validate

    path = episode.layout.human(episode.name, "titles")
    if not path.is_file():
        return
    try:
        parsed = read(path, episode.layout.shown(path))
        sheet: TitleSheet = validate(parsed, TitleSheet)
    except InputError:
        return
    named: list[tuple[tuple[str, ...], str | None]] = [(("style",), sheet.style)]
    for group, tweaks in (("languages", sheet.languages), ("safe_areas", sheet.safe_areas)):
        named += [((group, key, "style"), tweak.style) for key, tweak in tweaks.items()]
    for place, name in named:
        if name is not None:
            yield from problems_of(episode.project.presets.resolve, "titles", name, TitleStyle,
                                   where=parsed.mark(place).where)


def _mix(episode: Episode) -> Iterator[Problem]:
    from microfinish.core.cleanup import Cleanup
    from microfinish.core.mix import MixSheet

    try:
        sheet = episode.human("mix", MixSheet).value
    except InputError:
        return
    if sheet is None:
        return
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
    from microfinish.core.frame import ReframeSheet

    try:
        sheet = episode.human("reframe", ReframeSheet).value
    except InputError:
        return
    if sheet is not None:
        yield from _shots(episode, {key: shot.where for key, shot in sheet.shots.items()})


def _vfx(episode: Episode) -> Iterator[Problem]:
    from microfinish.core.color import CameraPreset
    from microfinish.core.vfx import AS_CAMERA, VfxSheet

    try:
        sheet = episode.human("vfx", VfxSheet).value
    except InputError:
        return
    if sheet is None:
        return
    named = [(sheet.color, None), *((shot.color, shot.where) for shot in sheet.shots.values())]
    for color, where in named:
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
