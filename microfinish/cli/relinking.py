"""`--relink DIR`: looks elsewhere for missing media and notes what it found in relinked.yaml."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from microfinish.cli.session import Session, tell

if TYPE_CHECKING:
    from microfinish.project.project import Project
    from microfinish.stages.relinking import Lost, Search

_HEADING = """\
# Files outside media/ that answered for missing ones. Written by `microfinish run --relink`.
# They are only read. Delete a line to forget a file; a whole folder belongs under `media_roots`
# in microfinish.yaml.
"""


def relink_into(session: Session, episodes: Sequence[str] | None, folders: Sequence[Path],
                jobs: int) -> int:
    """Bring the logs up to date, look in `folders` for what the episodes lack, note the finds.

    The session's project is opened again afterwards, with the files that were found. Returns the
    exit code of the log, where that failed.
    """
    from microfinish.cli.select import select
    from microfinish.cli.work import work
    from microfinish.pipeline.plan import Selection
    from microfinish.pipeline.stage import Options

    project = session.project()
    places = [_place(project, folder) for folder in folders]
    result = work(session, episodes, Selection(only=("log",)), Options(jobs), sum_up=False)
    if result.failed:
        return result.exit_code
    found: list[str] = []
    for name in select(project.episodes(), episodes):
        answer = _searched(session, project, name, places, jobs)
        for file in answer.found:
            tell(f"{name}: {file.wanted} is {file.path} ({file.by})")
        for lost in answer.missing:
            tell(f"{name}: {_said(lost)}")
        found += (file.path for file in answer.found)
    _note(project, found)
    session.opened = None
    return 0


def _said(lost: Lost) -> str:
    """What is missing still; files that hold its timecode are named, never taken by that alone."""
    if not lost.holders:
        return f"{lost.wanted} is not there either"
    more = f" and {len(lost.holders) - 4} more" if len(lost.holders) > 4 else ""
    held = "holds" if len(lost.holders) == 1 else "hold"
    return (f"nothing is called {lost.wanted}, but its {lost.at} is what "
            f"{', '.join(lost.holders[:4])}{more} {held}; if it is the file, name it in the edit "
            "list, or put a copy with the edit's name into media/")


def _place(project: Project, folder: Path) -> tuple[str, Path]:
    """(name in documents, folder): absolute as written, else relative to the project's folder."""
    from microfinish.core.errors import InputError

    place = folder.expanduser()
    if not place.is_dir():
        raise InputError(f"--relink: there is no folder {folder}", hint="mount the volume or "
                         "correct the path; a relative one begins at the folder you stand in")
    if project.root.resolve().is_relative_to(place.resolve()):
        raise InputError(f"--relink: {folder} holds this project, masters and all",
                         hint="name the folder of the camera files")
    shown = place if place.is_absolute() else Path(os.path.relpath(place, project.root))
    return shown.as_posix(), place.absolute()


def _searched(session: Session, project: Project, name: str,
              places: Sequence[tuple[str, Path]], jobs: int) -> Search:
    from microfinish.cli.progress import display
    from microfinish.pipeline.aside import aside
    from microfinish.pipeline.stage import Options
    from microfinish.stages.relinking import search

    episode = project.episode(name)
    with display(session, (name,), ("relink",)) as show:
        return aside(episode, lambda ctx: search(episode, places, ctx), Options(jobs), show)


def _note(project: Project, found: Sequence[str]) -> None:
    """Add the files to relinked.yaml, each once; those that were noted stay."""
    import json

    from microfinish.documents.atomic import write_text

    known = project.relinked()
    added = [path for path in dict.fromkeys(found) if path not in known]
    if not added:
        return
    # a JSON string is a YAML string, whatever is in it
    lines = "".join(f"  - {json.dumps(path, ensure_ascii=False)}\n" for path in (*known, *added))
    write_text(project.layout.relinked, f"{_HEADING}files:\n{lines}")
    tell(f"noted in {project.layout.shown(project.layout.relinked)}: {len(added)} "
         f"file{'s' * (len(added) != 1)}")
