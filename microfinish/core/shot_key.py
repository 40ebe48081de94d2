"""Shot keys: how `grade.yaml` and `reframe.yaml` name a shot, resolved against the timeline.

A key is a shot id, or `REEL@HH:MM:SS:FF`: the shot that shows that source frame. The reel is the
media's reel or its file name, in any case. Either names a shot, and follows it through re-cuts.
A key whose shot was only in an earlier revision of the picture lock is parked, for when it comes
back.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from microfinish.core.errors import InputError, Problem, ProblemsError, Where
from microfinish.core.finding import Finding
from microfinish.core.media import Media, MediaLog
from microfinish.core.slug import slugs
from microfinish.core.time import format_timecode, parse_timecode
from microfinish.core.timeline import Event, PictureLock, Revision, Timeline

_LISTED = 8


class NoSuchShotError(InputError):
    """The key is well written, but nothing in this cut is what it names."""


def resolve_key(key: str, timeline: Timeline, media: MediaLog, where: Where | None = None) -> str:
    """The id of the one shot that `key` names.

    Raises InputError when no shot or several shots match; its hint lists the shots of that reel.
    """
    events = (*timeline.picture(), *timeline.overlays())
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


@dataclass(frozen=True, slots=True)
class Followed:
    """What the keys of a sheet name in the current cut.

    `shots` is shot id -> key, `parked` key -> what there is to say. `was` is shot id -> the shot
    that the key named when the sheet was written, in `written`; a part that was split off has its
    parent's.
    """

    shots: dict[str, str]
    parked: dict[str, str]
    written: Revision
    was: dict[str, str]
    parked_at: dict[str, str] = field(default_factory=dict)

    def findings(self, stage: str, places: Mapping[str, Where | None]) -> Iterator[Finding]:
        """The parked keys of a sheet, each with where its shot was."""
        for key, message in self.parked.items():
            yield Finding(f"{stage}.parked", "info", message,
                          str(places.get(key) or f"{stage}.yaml"),
                          was=self.parked_at.get(key, ""),
                          fix="nothing; it is kept for when its picture comes back")


def follow_keys(
    keys: Mapping[str, Where | None], lock: PictureLock, media: MediaLog,
    written: Revision | None = None,
) -> Followed:
    """What every key of a sheet, with its place in the file, names in the current cut.

    A key means the shot that it named in `written`, the revision in whose time the sheet is
    written, for as long as the cut has that shot: also where a trim took out the frame it names,
    or where another shot shows that frame, too. A shot that was split off one with a key has that
    key unless it has its own. Keys of shots that a re-cut took out are parked. Raises
    ProblemsError with everything wrong, also when two keys name the same shot.
    """
    written = written or lock.current
    events = lock.current.timeline.picture()
    resolved: dict[str, str] = {}
    parked: dict[str, str] = {}
    parked_at: dict[str, str] = {}
    was: dict[str, str] = {}
    problems: list[Problem] = []
    offline = any(slugs(lock.current.timeline))  # in a preview
    for key, where in keys.items():
        try:
            shot = _followed(key, lock, media, written, where)
        except InputError as error:
            if offline and isinstance(error, NoSuchShotError):
                parked[key] = f"parked: {key} names no shot that is there; it may be offline"
                continue
            problems.append(Problem(error.message, error.where, error.hint))
            continue
        if shot is None:
            parked[key] = (f"parked: {key} is not in revision {lock.current.revision}; kept for "
                           "when it comes back")
            parked_at[key] = _last_place(key, lock, media)
        elif shot in resolved:
            problems.append(Problem(f"{key} and {resolved[shot]} name the same shot", where,
                                    "merge the two entries"))
        else:
            resolved[shot] = key
            was[shot] = shot
    if problems:
        raise ProblemsError(tuple(problems))
    parents = {event.shot: event.parent for event in events if event.parent}
    for shot in parents:
        keyed = _keyed_ancestor(shot, parents, resolved)
        if keyed is not None:
            resolved[shot], was[shot] = resolved[keyed], keyed
    return Followed(resolved, parked, written, was, parked_at)


def _keyed_ancestor(shot: str, parents: Mapping[str, str], keyed: Mapping[str, str]
                    ) -> str | None:
    """The nearest shot with a key that an unkeyed one was split off; None if there is none."""
    seen = {shot}
    above = shot
    while shot not in keyed and above in parents and parents[above] not in seen:
        above = parents[above]
        if above in keyed:
            return above
        seen.add(above)
    return None


def _followed(key: str, lock: PictureLock, media: MediaLog, written: Revision,
              where: Where | None) -> str | None:
    """The shot of the current cut that a key names; None where it is parked. Raises InputError."""
    present = {event.shot for event in lock.current.timeline.picture()}
    if written is not lock.current:
        named = _named_in(key, written, media)
        if named in present:
            return named
    try:
        return resolve_key(key, lock.current.timeline, media, where)
    except InputError as error:
        wrong = error
    for revision in reversed(lock.revisions[:-1]):
        named = _named_in(key, revision, media)
        if named in present:
            return named
        if named and isinstance(wrong, NoSuchShotError):
            return None
    raise wrong


def _last_place(key: str, lock: PictureLock, media: MediaLog) -> str:
    """The record timecode of the shot that a key named last."""
    for revision in reversed(lock.revisions[:-1]):
        timeline, named = revision.timeline, _named_in(key, revision, media)
        for event in timeline.picture():
            if named and event.shot == named:
                return format_timecode(timeline.start_frame + event.record.start, timeline.rate,
                                       timeline.drop)
    return ""


def _named_in(key: str, revision: Revision, media: MediaLog) -> str:
    try:
        return resolve_key(key, revision.timeline, media)
    except InputError:
        return ""


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
    names = (file.reel, file.name, file.path.rpartition("/")[2], file.path,
             *file.former_names)
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
