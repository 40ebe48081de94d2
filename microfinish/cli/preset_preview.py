"""`microfinish presets preview`: looks side by side, on the user's own frames."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from microfinish.cli.session import session_of, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microfinish.core.color import Chain
    from microfinish.core.timeline import Event
    from microfinish.project.episode import Episode
    from microfinish.project.project import Project
    from microfinish.report.shot_stills import Sources
    from microfinish.report.still_sheet import LookRow

MOST_FRAMES = 4
"""Frames chosen where none are named: more makes the grid too large to see at once."""
UNGRADED = "no look"

_Looks = Annotated[list[str], typer.Argument(
    metavar="LOOKS...", help="Looks or LUT files; looks/* is all of them.")]
_In = Annotated[str, typer.Option(
    "--episode", metavar="EP", show_default=False,
    help="Whose frames; the first graded episode when left out.")]
_Shots = Annotated[list[str] | None, typer.Option(
    "--shot", metavar="SHOT", show_default=False,
    help="A shot to show, such as sh020; may be given again. Else four, spread over the episode.")]
_Out = Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The PNG to write.")]


def command(ctx: typer.Context, looks: _Looks, episode: _In = "", shots: _Shots = None,
            out: _Out = Path("looks.png")) -> int:
    """A labelled grid of looks on your own frames: the shot's own grade, only the look differs."""
    from microfinish.cli.png_pages import png_path
    from microfinish.documents.atomic import write_bytes
    from microfinish.report.still_sheet import look_grid

    session = session_of(ctx)
    project = session.project()
    opened, sources = _graded(project, episode)
    file = png_path(opened, out.absolute())
    names = look_names(project, looks)
    chosen = _chosen(opened, sources, shots or [])
    titles, rows = _grid(opened, sources, chosen, names)
    write_bytes(file, look_grid(titles, rows, f"{opened.settings.title} {opened.name}: looks"))
    tell(f"wrote {project.layout.shown(file)}: {len(names)} looks on {len(rows)} frames")
    return 0


def look_names(project: Project, written: Sequence[str]) -> tuple[str, ...]:
    """The looks that names and patterns mean, each once, in the order written.

    Raises InputError for a pattern that fits none; a plain name is looked for when it is used.
    """
    from microfinish.core.errors import InputError

    known = [info.name for info in project.presets.list("looks", (".yaml", ".cube"))]
    found: dict[str, None] = {}
    for text in written:
        pattern = text.removeprefix("looks/")
        if not any(sign in pattern for sign in "*?["):
            found[pattern] = None
            continue
        fitting = [name for name in known if fnmatchcase(name, pattern)]
        if not fitting:
            raise InputError(f"no look fits {text}", hint=f"looks: {', '.join(known)}")
        found |= dict.fromkeys(fitting)
    return tuple(found)


def _graded(project: Project, wanted: str) -> tuple[Episode, Sources]:
    from microfinish.cli.grade_sheets import sources_of
    from microfinish.cli.select import select_one
    from microfinish.core.color import Grades
    from microfinish.core.errors import InputError

    names = [select_one(project.episodes(), wanted)] if wanted else list(project.episodes())
    for name in names:
        episode = project.episode(name)
        grades = episode.document("grade", Grades)
        if grades.exists:
            return episode, sources_of(episode, grades.load())
    raise InputError(f"{names[0] if names else 'the project'} has no grade document yet",
                     hint="`microfinish grade` makes it; looks are shown on your own frames")


def _chosen(episode: Episode, sources: Sources, keys: Sequence[str]) -> tuple[Event, ...]:
    from microfinish.core.errors import InputError
    from microfinish.core.media import MediaLog
    from microfinish.core.shot_key import resolve_key

    shots = sources.shots()
    if keys:
        log = episode.document("log", MediaLog).load()
        wanted = {resolve_key(key, sources.timeline, log) for key in keys}
        shots = tuple(event for event in shots if event.shot in wanted)
    if not shots:
        raise InputError(f"{episode.name} has no picture to look at")
    if keys or len(shots) <= MOST_FRAMES:
        return shots
    last = len(shots) - 1
    return tuple(shots[last * index // (MOST_FRAMES - 1)] for index in range(MOST_FRAMES))


def _grid(episode: Episode, sources: Sources, events: Sequence[Event],
          names: Sequence[str]) -> tuple[list[str], list[LookRow]]:
    from microfinish.core.color import LookChoice
    from microfinish.media.lut import exact
    from microfinish.media.stills import screen
    from microfinish.report.still_sheet import THUMB_HEIGHT, LookRow
    from microfinish.stages.grade_sheet import look_of

    looks = [None, *(look_of(episode, LookChoice(name)) for name in names)]
    rows: list[LookRow] = []
    for event in events:
        codes = sources.codes(event, THUMB_HEIGHT)
        chain: Chain = sources.grades[event.shot].chain
        rows.append(LookRow(event.shot, tuple(
            screen(exact(replace(chain, look=look), codes, sources.resolve_lut))
            for look in looks)))
    return [UNGRADED, *names], rows
