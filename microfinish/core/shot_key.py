"""Shot keys: how `grade.yaml` and `reframe.yaml` name a shot, resolved against the timeline.

A key is a shot id, or `REEL@HH:MM:SS:FF`: the shot that shows that source frame. The reel is the
media's reel or its file name, in any case. The second form survives re-cuts that keep the frame.
A key whose shot was in an earlier revision of the picture lock is parked, for when it comes back.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from microfinish.core.errors import InputError, Problem, ProblemsError, Where
from microfinish.core.media import Media, MediaLog
from microfinish.core.time import format_timecode, parse_timecode
from microfinish.core.timeline import Event, PictureLock, Timeline

_LISTED = 8


class NoSuchShotError(InputError):
    """The key is well written, but nothing in this cut is what it names."""


def resolve_key(key: str, timeline: Timeline, media: MediaLog, where: Where | None = None) -> str:
    """The id of the one shot that `key` names.

    Raises InputError when no shot or several shots match; its hint lists the shots of that reel.
    """
    events = timeline.picture()
    if any(event.shot == key for event in events):
        return key
    reel, at, label = key.rpartition("@")
    if not at:
        raise NoSuchShotError(f"no shot {key!r} in this episode", where=where,
                              hint=_known_shots(events))
    files = media.by_path()
    of_reel = [(event, files[event.media]) for event in events
               if event.media in files and _named(files[event.media], reel)]
    if not of_reel:
        raise NoSuchShotError(f"no shot of this episode comes from {reel!r}", where=where,
                              hint=_known_reels(events, files))
    shots = tuple(dict.fromkeys(
        event.shot for event, file in of_reel
        if source_frame(label, file, where) in event.source))
    if len(shots) == 1:
        return shots[0]
    if shots:
        raise InputError(f"{key} is used by {len(shots)} shots", where=where,
                         hint=f"write the shot's id: {', '.join(shots)}")
    raise NoSuchShotError(f"no shot shows {key}", where=where,
                          hint=f"shots of {reel}: {_spans(of_reel)}")


def resolve_keys(
    keys: Mapping[str, Where | None], timeline: Timeline, media: MediaLog
) -> dict[str, str]:
    """Shot id -> key, for every key of a sheet with its place in the file (None if unknown).

    Raises ProblemsError with everything wrong, also when two keys name the same shot.
    """
    resolved: dict[str, str] = {}
    problems: list[Problem] = []
    for key, where in keys.items():
        try:
            shot = resolve_key(key, timeline, media, where)
        except InputError as error:
            problems.append(Problem(error.message, error.where, error.hint))
            continue
        if shot in resolved:
            problems.append(Problem(f"{key} and {resolved[shot]} name the same shot", where,
                                    "merge the two entries"))
        resolved[shot] = key
    if problems:
        raise ProblemsError(tuple(problems))
    return resolved


def parked_in(key: str, lock: PictureLock, media: MediaLog) -> int:
    """The newest earlier revision whose shot `key` names, where it names none of the current
    cut; 0 if there is none."""
    try:
        resolve_key(key, lock.current.timeline, media)
    except NoSuchShotError:
        pass
    except InputError:
        return 0
    else:
        return 0
    for revision in reversed(lock.revisions[:-1]):
        try:
            resolve_key(key, revision.timeline, media)
        except InputError:
            continue
        return revision.revision
    return 0


def parked_keys(keys: Iterable[str], lock: PictureLock, media: MediaLog) -> dict[str, str]:
    """The keys of shots that a re-cut took out, each with what there is to say about it."""
    now = lock.current.revision
    return {key: f"parked: {key} is not in revision {now}; kept for when it comes back"
            for key in keys if parked_in(key, lock, media)}


def source_frame(label: str, file: Media, where: Where | None = None) -> int:
    """The media's own frame at a source timecode; a file without timecode counts from zero."""
    rate = file.timecode_rate or (file.picture.rate if file.picture else None)
    if rate is None:
        raise InputError(f"{file.path} has no frame rate to read {label} at", where=where)
    try:
        frame = parse_timecode(label, rate, file.timecode_drop) - (file.start_frame or 0)
    except InputError as error:
        raise InputError(error.message, where=where, hint=error.hint) from None
    if file.picture is None or file.picture.rate == rate:
        return frame
    return int(frame * file.picture.rate / rate)


def _named(file: Media, reel: str) -> bool:
    wanted = _folded(reel)
    names = (file.reel, file.name, file.path.rpartition("/")[2], file.path)
    return any(name and _folded(name) == wanted for name in names)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _known_shots(events: tuple[Event, ...]) -> str:
    return "shots: " + _listed([event.shot for event in events])


def _known_reels(events: tuple[Event, ...], files: dict[str, Media]) -> str:
    reels = [files[event.media].reel or files[event.media].name
             for event in events if event.media in files]
    return "this episode uses " + _listed(reels)


def _listed(names: list[str]) -> str:
    unique = list(dict.fromkeys(names))
    more = f" and {len(unique) - _LISTED} more" if len(unique) > _LISTED else ""
    return ", ".join(unique[:_LISTED]) + more


def _spans(used: list[tuple[Event, Media]]) -> str:
    return _listed([f"{event.shot} ({_label(event.source.start, file)}-"
                    f"{_label(event.source.end, file)})" for event, file in used])


def _label(frame: int, file: Media) -> str:
    rate = file.timecode_rate or (file.picture.rate if file.picture else None)
    if rate is None:
        return str(frame)
    if file.picture is not None and file.picture.rate != rate:
        frame = int(frame * rate / file.picture.rate)
    return format_timecode((file.start_frame or 0) + frame, rate, file.timecode_drop)
