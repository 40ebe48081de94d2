"""log: what the media are. Every file is measured once, by content, and named if it is odd."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from microfinish.core.errors import InputError, Where
from microfinish.core.finding import Finding
from microfinish.core.media import Media, MediaLog
from microfinish.core.media_findings import media_findings, mixed_color
from microfinish.core.media_moves import with_former_paths
from microfinish.documents.digest import digest
from microfinish.documents.plain import plain
from microfinish.pipeline.events import Notice
from microfinish.pipeline.stage import Context, Input, Inputs
from microfinish.project.episode import Episode
from microfinish.project.store import Store
from microfinish.stages.linear_timecode import LTC_VERSION, labelled
from microfinish.stages.log_custody import (
    ReadOnce,
    custody_findings,
    sealed_contents,
    sealed_folders,
)

THUMBNAIL_SUFFIX = ".jpg"
SHEETS = (".ale", ".csv")
"""Logs that people and cameras leave beside the media."""


class LogStage:
    """Decides what the media of the project are."""

    name = "log"
    version = 2
    after: tuple[str, ...] = ()
    body = MediaLog

    def inputs(self, episode: Episode) -> Inputs:
        from microfinish.media.versions import PROBE, THUMBNAIL

        if episode.settings.media_roots != episode.project.settings.media_roots:
            raise InputError("media_roots count for the whole season, not for one episode",
                             where=Where(f"episodes/{episode.name}/episode.yaml"),
                             hint="write them in microfinish.yaml")
        project = episode.project
        folders = sealed_folders(project)
        if folders:
            project.hashes.beside = ReadOnce(project, folders)
        files = project.media_digests()
        # a project without logs or manifests has no such input: nothing in it goes out of date
        beside = {}
        if sheets := project.digests(project.sidecars(*SHEETS)):
            beside["logs"] = Input(digest(sheets), lambda: tuple(name for name, _ in sheets))
        if folders:
            sealed = sealed_contents(project)
            beside["manifests"] = Input(digest(sealed), lambda: (folders, sealed))
        return Inputs.of(media=Input(_content(files), lambda: files),
                         measures=(PROBE, THUMBNAIL, LTC_VERSION), **beside)

    def missing(self, body: MediaLog, episode: Episode) -> tuple[str, ...]:
        return ()

    def run(self, inputs: Inputs, ctx: Context) -> MediaLog:
        files: tuple[tuple[str, str], ...] = inputs["media"]
        found = ctx.map(lambda file: measured(file[0], file[1], ctx), files, "media")
        media = _labelled(tuple(item for item, _ in found), ctx)
        findings = [finding for _, own in found for finding in own]
        findings += [finding for item in media for finding in media_findings(item)]
        findings += [*mixed_color(media), *_copies(media)]
        if "logs" in inputs:
            media, said = _described(media, inputs["logs"], ctx)
            findings += said
        if "manifests" in inputs:
            folders, sealed = inputs["manifests"]
            findings += custody_findings(folders, dict((*files, *sealed)), ctx)
        before = ctx.previous if isinstance(ctx.previous, MediaLog) else None
        media, gone = with_former_paths(media, before)
        findings += [Finding("log.moved", "info", f"{item.path} is known as {item.known_as}: it "
                             "has the same content", item.path) for item in media
                     if item.known_as != item.path]
        for finding in findings:
            if finding.severity == "error":  # the rest is for `show EP log`
                ctx.emit(Notice("", "warning", finding.message, finding.fix))
        return MediaLog(media, tuple(findings), gone)


@lru_cache(maxsize=4)
def _content(files: tuple[tuple[str, str], ...]) -> str:
    """The digest of all files and their contents; every episode of a season asks for the same."""
    return digest(files)


def _labelled(media: tuple[Media, ...], ctx: Context) -> tuple[Media, ...]:
    """The media with the timecode of their tracks, where they state none; in their order."""
    silent = [item for item in media if item.sounds and item.start_frame is None
              and item.start_sample is None]
    known = {item.path: item for item in
             ctx.map(lambda item: labelled(item, ctx), silent, "timecode tracks")}
    return tuple(known.get(item.path, item) for item in media)


def _described(media: tuple[Media, ...], sheets: tuple[str, ...],
               ctx: Context) -> tuple[tuple[Media, ...], list[Finding]]:
    """The media with scene, take and notes from the logs; a log that is none is a finding."""
    from microfinish.interchange.ale import described, read_ale
    from microfinish.interchange.camera_csv import read_camera_csv

    read, findings = [], []
    for shown in sheets:
        reader = read_ale if shown.lower().endswith(".ale") else read_camera_csv
        try:
            read.append((shown, reader(ctx.path(shown).read_bytes(), shown)))
        except InputError as error:
            # a table that is no camera report may lie there for good reasons
            severity = "info" if reader is read_camera_csv else "warning"
            findings.append(Finding("log.sheet", severity, f"{error.where}: {error.message}; the "
                                    "log is not used", shown, fix=error.hint))
    found, said = described(media, read)
    return found, [*findings, *said]


def thumbnail_key(content: str) -> str:
    """The store's key of the thumbnail of the media with this content hash."""
    from microfinish.media.versions import THUMBNAIL

    return digest(("thumbnail", THUMBNAIL, content))


def measured(shown: str, content: str, ctx: Context) -> tuple[Media, tuple[Finding, ...]]:
    """The facts of one file, and its thumbnail in the store. Facts are kept by content and name,
    since a file's name may state its reel."""
    from microfinish.documents.shape import validator_of
    from microfinish.media.versions import PROBE

    path = ctx.path(shown)
    fact: Any = ctx.facts.get("probe", PROBE, digest((content, shown)),
                              lambda: _probed(path, shown, content))
    media: Media = validator_of(Media).validate_python(fact["media"])
    findings = tuple(validator_of(Finding).validate_python(item) for item in fact["findings"])
    thumbnail_of(path, media, ctx.store)
    return media, findings


def _probed(path: Path, shown: str, content: str) -> dict[str, Any]:
    from microfinish.media.probe import probe

    found = probe(path, shown, content)
    return {"media": plain(found.media), "findings": plain(found.findings)}


def thumbnail_of(path: Path, media: Media, store: Store) -> Path | None:
    """The thumbnail of a file in the store, made if need be; None where it shows no picture."""
    key = thumbnail_key(media.digest)
    known = store.get(key, THUMBNAIL_SUFFIX)
    if media.picture is None or known:
        return known
    from microfinish.media.thumbnails import thumbnail

    data = thumbnail(path, media.picture)
    if data is None:
        return None
    with store.scratch() as folder:
        tmp = folder / "thumbnail.jpg"
        tmp.write_bytes(data)
        return store.publish(tmp, key, THUMBNAIL_SUFFIX)


def _copies(media: Iterable[Media]) -> list[Finding]:
    """Files of equal content under several names."""
    same: dict[str, list[str]] = defaultdict(list)
    for item in media:
        same[item.digest].append(item.path)
    return [Finding("log.copies", "info", f"{paths[0]} has {len(paths) - 1} identical "
                    f"{'copy' if len(paths) == 2 else 'copies'}: {', '.join(paths[1:])}", paths[0])
            for paths in same.values() if len(paths) > 1]
