"""`show EP grade` for the eye: stills with scopes, and an A/B contact sheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from microfinish.cli.png_pages import png_path, write_pages
from microfinish.core.errors import InputError

if TYPE_CHECKING:
    from microfinish.core.color import Grades
    from microfinish.project.episode import Episode
    from microfinish.report.shot_stills import Sources


def sources_of(episode: Episode, grades: Grades) -> Sources:
    """What stills of an episode are made from. Raises InputError where a document is not there."""
    from microfinish.core.frame import Framings
    from microfinish.core.media import MediaLog
    from microfinish.core.timeline import PictureLock
    from microfinish.core.vfx import Returns, with_return_media, with_returns
    from microfinish.project.lut_files import lut_finder
    from microfinish.report.shot_stills import Sources

    needed = {kind: episode.document(kind, type_) for kind, type_ in
              (("log", MediaLog), ("lock", PictureLock))}
    for kind, document in needed.items():
        if not document.exists:
            raise InputError(f"{episode.name} has no {kind} document yet",
                             hint=f"`microfinish grade {episode.name}` makes it")
    framings, vfx = episode.document("reframe", Framings), episode.document("vfx", Returns)
    returns = vfx.load() if vfx.exists else Returns()
    root = episode.project.root
    return Sources(root, with_returns(needed["lock"].load().current.timeline, returns),
                   with_return_media(needed["log"].load(), returns).by_path(),
                   grades.by_shot(), framings.load().by_shot() if framings.exists else {},
                   episode.settings.conform, lut_finder(root))


def write_stills(episode: Episode, grades: Grades, file: Path) -> tuple[Path, ...]:
    """Write `FILE.png`, and `FILE-2.png` on where one page does not hold all; the pages' paths.

    Raises InputError for a name that is no PNG's or that lies among the media.
    """
    from microfinish.report.shot_stills import shot_stills
    from microfinish.report.still_sheet import STILL_HEIGHT, still_pages

    png_path(episode, file)
    stills = tuple(shot_stills(sources_of(episode, grades), STILL_HEIGHT))
    return write_pages(file, still_pages(stills, f"{_title(episode)}: before and after"))


def write_ab_sheet(episode: Episode, grades: Grades, file: Path) -> tuple[Path, ...]:
    """Write all shots before and after, side by side, as one PNG. Errors as `write_stills`."""
    from microfinish.report.shot_stills import shot_stills
    from microfinish.report.still_sheet import THUMB_HEIGHT, ab_page

    png_path(episode, file)
    stills = tuple(shot_stills(sources_of(episode, grades), THUMB_HEIGHT))
    return write_pages(file, (ab_page(stills, f"{_title(episode)}: before | after"),))


def _title(episode: Episode) -> str:
    return f"{episode.settings.title} {episode.name}".strip()
