"""Media that were moved or renamed: the same content under another path is the same file.

An edit that was locked names its files as they were called then. So a file keeps its former paths,
and its reel, which may have come from its name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from microfinish.core.media import Media, MediaLog
from microfinish.core.timeline import Timeline


def with_former_paths(media: Iterable[Media], before: MediaLog | None
                      ) -> tuple[tuple[Media, ...], tuple[Media, ...]]:
    """(media with the paths they had in `before`, media of `before` whose content is nowhere now).

    A path where another file lies now means that file. Of identical copies the first is the one
    that was moved. A file that is back at its first path still answers to those in between.
    """
    media = tuple(media)
    if before is None:
        return media, ()
    here = {item.path: item.digest for item in media}
    first: dict[str, Media] = {}
    for item in media:
        first.setdefault(item.digest, item)
    former: dict[str, list[str]] = {}
    reels: dict[str, str] = {}
    gone: list[Media] = []
    for old in (*before.media, *before.gone):
        paths = [path for path in dict.fromkeys((*old.formerly, old.path))
                 if here.get(path, old.digest) == old.digest]
        now = first.get(old.digest)
        if now is None:
            if paths:
                gone.append(Media(old.path, old.digest, old.size_bytes, old.reel,
                                  formerly=old.formerly))
        elif any(path not in here for path in paths):
            known = former.setdefault(now.path, [])
            known += [path for path in paths if path not in known]
            reels.setdefault(now.path, old.reel)
    moved = tuple(replace(item, formerly=_chain(former[item.path], item.path),
                          reel=reels[item.path] or item.reel)
                  if item.path in former else item for item in media)
    return moved, tuple(sorted(gone, key=lambda item: item.path))


def _chain(paths: list[str], now: str) -> tuple[str, ...]:
    """The paths in their order; where the file lies now only if that was its first place."""
    return tuple(path for at, path in enumerate(paths) if at == 0 or path != now)


def at_present(timeline: Timeline, log: MediaLog) -> Timeline:
    """The timeline with every file named by where it lies now: for other programs."""
    files = log.by_path()
    return replace(timeline, events=tuple(
        replace(event, media=files[event.media].path) if event.media in files else event
        for event in timeline.events))
