"""What `check` looks at: every file that a person writes, and every preset that one names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from microfinish.cli.check_sheets import named_by_sheets, problems_of
from microfinish.cli.kinds import KINDS, PRESETS, SHEETS
from microfinish.core.errors import Problem, Where
from microfinish.project.episode import Episode
from microfinish.project.layout import EDIT_LISTS
from microfinish.project.project import Project

_READ = ("episode", *SHEETS)


def check_season(project: Project) -> Iterator[Problem]:
    """What is wrong in `microfinish.yaml`, in its stages and in the project's own presets."""
    from microfinish.pipeline.registry import stages_for

    broken = list(problems_of(lambda: project.settings))
    yield from broken
    if not broken:
        yield from problems_of(stages_for, project.settings.stages,
                               where=Where("microfinish.yaml"))
    for folder, kind in PRESETS.items():
        for info in project.presets.list(folder):
            if info.shelf == "project":
                yield from problems_of(project.presets.resolve, folder, info.name, kind.type())
    if not project.episodes():
        yield Problem("the project has no episodes yet", Where("episodes"),
                      "make a folder such as episodes/ep001 and put the edit list in it",
                      severity="info")


def check_episode(project: Project, name: str) -> Iterator[Problem]:
    """What is wrong in an episode's files."""
    episode = project.episode(name)
    broken = list(problems_of(lambda: episode.settings))
    yield from broken
    yield from _sheets(episode)
    yield from _strangers(episode)
    yield from _subtitles(episode)
    if not broken:
        yield from _references(episode)
        yield from named_by_sheets(episode)
        yield from _edit_list(episode)


def _sheets(episode: Episode) -> Iterator[Problem]:
    for name in SHEETS:
        yield from problems_of(episode.human(name, KINDS[name].type()).load)


def _strangers(episode: Episode) -> Iterator[Problem]:
    """YAML files that nobody reads are most likely misspelt."""
    known = {f"{name}.yaml" for name in _READ} | set(EDIT_LISTS)
    for path in sorted(episode.folder.glob("*.y*ml")):
        if path.name in known or path.name.startswith(("edit-", ".", "_")):
            continue
        near = get_close_matches(path.name, sorted(known), n=1)
        hint = f"did you mean {near[0]}?" if near else f"it reads {', '.join(sorted(known))}"
        yield Problem(f"{path.name} is not a file that microfinish reads",
                      Where(episode.layout.shown(path)), hint, severity="warning")


def _subtitles(episode: Episode) -> Iterator[Problem]:
    from microfinish.interchange.subtitles import read_subtitles

    broken = list(problems_of(episode.subtitles))
    yield from broken
    for language, path in () if broken else episode.subtitles().items():
        yield from problems_of(read_subtitles, path.read_bytes(), episode.layout.shown(path),
                               language)


def _references(episode: Episode) -> Iterator[Problem]:
    """Presets that the settings name."""
    presets, settings = episode.project.presets, episode.settings
    own = episode.layout.human(episode.name, "episode")
    place = Where(episode.layout.shown(own) if own.is_file() else "microfinish.yaml")
    wanted = [("platforms", name) for name in settings.platforms]
    wanted += [("cameras", ref if isinstance(ref, str) else ref.preset)
               for ref in settings.cameras.values()]
    wanted += [("loudness", settings.loudness)] if settings.loudness else []
    look = settings.look_ref
    wanted += [("looks", look.preset)] if look and look.preset.endswith(".yaml") else []
    for folder, name in dict.fromkeys(wanted):
        yield from problems_of(presets.resolve, folder, name, PRESETS[folder].type(), where=place)
    if look and not look.preset.endswith((".yaml", ".cube")):
        yield from problems_of(presets.find, "looks", look.preset, (".yaml", ".cube"),
                               where=place)


def _edit_list(episode: Episode) -> Iterator[Problem]:
    from microfinish.interchange.readers import read_edit_list

    broken = list(problems_of(episode.edit_list))
    yield from broken
    path = None if broken else episode.edit_list()
    if broken or path is None:
        if not broken:
            yield Problem(f"{episode.name}: no edit list yet", Where(f"episodes/{episode.name}"),
                          "put edit.edl there, or write edit.yaml", severity="info")
        return
    shown, rate = episode.layout.shown(path), episode.settings.rate
    if path.suffix.lower() == ".yaml":
        yield from problems_of(_read_sheet, episode, shown)
        return
    losses: list[Any] = []
    yield from problems_of(
        lambda: losses.extend(read_edit_list(path.read_bytes(), shown, rate).losses))
    yield from _as_problems(losses)


def _read_sheet(episode: Episode, shown: str) -> None:
    from microfinish.core.edit_sheet import EditSheet, sheet_edit_list

    sheet = episode.human("edit", EditSheet).value
    if sheet is not None:
        sheet_edit_list(sheet, shown, episode.settings.rate)


def _as_problems(losses: Iterable[Any]) -> Iterator[Problem]:
    """Lines of an edit list that are not understood: never an error by themselves."""
    for loss in losses:
        if loss.severity != "info":
            yield Problem(loss.reason or "this line is not understood",
                          Where(loss.file, loss.line), "", severity="warning")
