"""`show EP log` on paper: the CSV of the media and their contact sheet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from microfinish.cli.png_pages import png_path, write_pages

if TYPE_CHECKING:
    from microfinish.core.media import Media, MediaLog
    from microfinish.project.episode import Episode
    from microfinish.report.contact_sheet import Cell


def without_done(log: MediaLog, cameras: Iterable[str]) -> MediaLog:
    """The log as the patterns of `cameras` leave it: nobody is asked to name a camera twice."""
    from microfinish.core.color_chain import fits, names_of
    from microfinish.core.media_findings import NAME_ITS_CAMERA

    patterns = tuple(cameras)
    named = {media.path for media in log.media
             if any(fits(pattern, names_of(media)) for pattern in patterns)}
    return replace(log, findings=tuple(
        replace(finding, fix="")
        if finding.fix == NAME_ITS_CAMERA and finding.file in named else finding
        for finding in log.findings))


def log_csv(log: MediaLog) -> str:
    """One row per file with all that was found about it."""
    from microfinish.core.media_sheet import sheet_csv

    said: dict[str, list[str]] = defaultdict(list)
    for finding in log.findings:
        said[finding.file].append(f"{finding.severity}: {finding.message}")
    return sheet_csv(log.media, said)


def write_contact_sheet(episode: Episode, log: MediaLog, file: Path) -> tuple[Path, ...]:
    """Write `FILE.png`, and `FILE-2.png` on where one page does not hold all; the pages' paths.

    Thumbnails that the store has lost are made again. Raises InputError for a name that is no
    PNG's, or that lies among the media, which are never written to.
    """
    from microfinish.report.contact_sheet import contact_sheets

    png_path(episode, file)
    title = f"{episode.settings.title} {episode.name}: {len(log.media)} files".strip()
    return write_pages(file, contact_sheets(_cells(episode, log), title))


def _cells(episode: Episode, log: MediaLog) -> list[Cell]:
    from microfinish.core.slates import scenes
    from microfinish.report.contact_sheet import Cell
    from microfinish.stages.log import thumbnail_of

    worst: dict[str, str] = {}
    for finding in log.findings:
        if finding.severity in ("error", "warning"):
            word = finding.rule.removeprefix("log.").replace("-", " ").replace("mhl.", "MHL: ")
            worst[finding.file] = ", ".join(filter(None, (worst.get(finding.file, ""), word)))
    root, store = episode.project.root, episode.project.store
    return [Cell(thumbnail_of(root / media.path, media, store), _lines(media),
                 worst.get(media.path, ""), scene.title)
            for scene in scenes(log.media) for media in scene.files]


def _lines(media: Media) -> tuple[str, ...]:
    from microfinish.core.media_sheet import camera_words, lens_words, rate_words, timecode_range

    folder, _, name = media.path.rpartition("/")
    shot = " ".join(filter(None, (f"scene {media.scene}" if media.scene else "",
                                  f"take {media.take}" if media.take else "")))
    start, _ = timecode_range(media)
    rate = rate_words(media)
    optics = ", ".join(filter(None, (camera_words(media), lens_words(media)))) if shot else ""
    return (name, f"{start or 'no timecode'}{', ' if rate else ''}{rate}", shot or folder,
            *filter(None, (optics,)))
