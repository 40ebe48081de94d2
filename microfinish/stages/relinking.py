"""Looks in other folders for the media that an edit lacks: by name, content, reel and timecode."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from microfinish.core.edit import EditLine, EditList
from microfinish.core.media import Media, MediaLog
from microfinish.core.media_index import MediaIndex, folded, whole
from microfinish.core.relink import by_timecode, relink, span_text
from microfinish.pipeline.stage import Context
from microfinish.project.episode import Episode
from microfinish.project.paths import media_files
from microfinish.stages.assemble import edit_of
from microfinish.stages.log import measured


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that answers for something missing: how documents name it, for what, and why."""

    path: str
    wanted: str
    by: str


@dataclass(frozen=True, slots=True)
class Lost:
    """What no file answers for, as the edit calls it; `holders` are files that hold its timecode
    under another name, with the timecode they hold. `at` is the source in."""

    wanted: str
    at: str = ""
    holders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """What was found for an episode, and what is still missing."""

    found: tuple[FoundFile, ...] = ()
    missing: tuple[Lost, ...] = ()


def search(episode: Episode, folders: Iterable[tuple[str, Path]], ctx: Context) -> Search:
    """Look for the episode's missing media in `folders`: (name in documents, folder).

    Files that bear a name or the size of what is missing are looked into first; all the others
    only if something is missing still. Needs an up to date log. Raises InputError for an edit
    list that cannot be read.
    """
    log: MediaLog = episode.document("log", MediaLog).load()
    edit = edit_of(episode)
    known = MediaIndex(log.media)
    lines = [line for line in edit.lines if not line.black and relink(
        line, known, edit.rate).media is None]
    gone = {item.digest: item for item in _gone(lines, log)}
    if not lines:
        return Search()
    files = [(f"{shown}/{path.relative_to(folder).as_posix()}", path)
             for shown, folder in folders for path in media_files(folder)]
    likely = [file for file in files if _likely(file, lines, gone.values())]
    found, left, seen = _tried(lines, likely, log, edit, gone, episode, ctx)
    if left:
        rest = [file for file in files if file not in likely]
        more, left, others = _tried(left, rest, log, edit, {}, episode, ctx)
        found, seen = found + more, seen + others
    missing: dict[str, Lost] = {}
    for line in left:
        wanted = relink(line, known, edit.rate).missing
        # reel and name may differ: whether it is the file is for a person to say
        holders = tuple(span_text(media, edit.rate)
                        for media in by_timecode(line, seen, edit.rate))
        if wanted:
            missing.setdefault(wanted, Lost(wanted, str(line.source_in), holders))
    return Search(tuple(dict.fromkeys(found)), tuple(missing.values()))


def _gone(lines: list[EditLine], log: MediaLog) -> list[Media]:
    """Logged files that are nowhere now and that a missing line calls by name or reel."""
    index = MediaIndex(log.gone)
    return [item for item in log.gone if any(item in _called(line, index) for line in lines)]


def _called(line: EditLine, index: MediaIndex) -> list[Media]:
    names = [name for name in (*line.names, line.reel if line.names_a_reel else "") if name]
    return [*index.named(*(form for name in names for form in (whole(name), folded(name)))),
            *(index.of_reel(line.reel) if line.names_a_reel else ())]


def _likely(file: tuple[str, Path], lines: list[EditLine], gone: Iterable[Media]) -> bool:
    shown, path = file
    index = MediaIndex((Media(shown, "", 0),))
    if any(_called(line, index) or (line.names_a_reel and index.beginning(line.reel))
           for line in lines):
        return True
    size = path.stat().st_size
    return any(item.size_bytes == size for item in gone)


def _tried(lines: list[EditLine], files: list[tuple[str, Path]], log: MediaLog, edit: EditList,
           gone: dict[str, Media], episode: Episode, ctx: Context
           ) -> tuple[list[FoundFile], list[EditLine], list[Media]]:
    """The files that answer for lines, the lines that none answers for, all that was looked at."""
    hashes = episode.project.hashes
    contents = hashes.of_all([(path, shown) for shown, path in files])

    def probed(file: tuple[tuple[str, Path], str]) -> Media:
        (shown, _), content = file
        media, _findings = measured(shown, content, ctx)
        was = gone.get(content)
        return media if was is None else replace(
            media, formerly=(*was.formerly, was.path), reel=was.reel or media.reel)

    media = ctx.map(probed, list(zip(files, contents, strict=True)), "looking for media")
    index = MediaIndex((*log.media, *media))
    elsewhere = {item.path for item in media}
    found: list[FoundFile] = []
    left: list[EditLine] = []
    for line in lines:
        answer = relink(line, index, edit.rate)
        wanted = relink(line, MediaIndex(log.media), edit.rate).missing
        if answer.media is not None and answer.media.path in elsewhere:
            by = "content" if answer.media.formerly else ", ".join(
                answer.evidence.by if answer.evidence else ())
            found.append(FoundFile(answer.media.path, wanted, by))
        elif answer.problem is not None and not answer.missing:
            # several fit: all are taken along, and the run then lists them as candidates
            found += [FoundFile(item.path, wanted, "one of several") for item in media
                      if item in _called(line, index)]
        else:
            left.append(line)
    return found, left, list(media)
