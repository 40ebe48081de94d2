"""Where a sound cue stands in the current cut: by its timecode, carried, or by its shot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from microfinish.core.errors import InputError, Where
from microfinish.core.finding import Finding
from microfinish.core.follow import Carrier, carrier_between, label, stated
from microfinish.core.media import MediaLog
from microfinish.core.mix import CueSheet
from microfinish.core.sampling import source_frame
from microfinish.core.shot_key import NoSuchShotError, resolve_key
from microfinish.core.shot_key import source_frame as frame_of_label
from microfinish.core.slug import slugs
from microfinish.core.time import Span, format_timecode, parse_timecode
from microfinish.core.timeline import PictureLock, Timeline

MARKER = "marker "
_HINT = "write HH:MM:SS:FF, or a shot: sh050+00:00:01:00, A001@10:01:05:10"


@dataclass(frozen=True, slots=True)
class CueNote:
    """What a re-cut did to a cue: parked (info, or a warning where part of its picture is left),
    or its picture changed (warning). `kind` is empty for what no re-cut did. `was` and `at` are
    record timecodes of the cut it was placed in and of the current one, "" where it has none."""

    severity: Literal["info", "warning"]
    message: str
    where: Where | None
    hint: str
    kind: Literal["", "parked", "recut"] = ""
    was: str = ""
    at: str = ""

    def finding(self, stage: str = "mix") -> Finding | None:
        """The note as a finding; None for what no re-cut did."""
        return Finding(f"{stage}.{self.kind}", self.severity, self.message,
                       str(self.where or f"{stage}.yaml"), self.at, fix=self.hint,
                       was=self.was) if self.kind else None


@dataclass(frozen=True, slots=True)
class Spotting:
    """Everything that places the cues of one `mix.yaml`, or the like of it. Without a `carrier`
    their timecodes are those of the current cut. `lost` says what a parked one is not. `markers`
    are the frames of markers in the current cut by their text, None for parked ones."""

    lock: PictureLock
    media: MediaLog
    carrier: Carrier | None = None
    conform: str = "time"
    sheet: str = "mix.yaml"
    lost: str = "is not heard"
    ways: dict[int, Carrier | None] = field(default_factory=dict, compare=False)
    markers: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def timeline(self) -> Timeline:
        return self.lock.current.timeline

    def place(self, cue: CueSheet, frames: int, music: bool) -> tuple[int | None, CueNote | None]:
        """(the record frame that a cue of that many frames starts at, what there is to say).

        None where its picture is not in the cut. An effect is parked when its start fell out,
        since its attack is lost; music starts with the first of its picture that is left. Raises
        InputError.
        """
        if cue.at.startswith(MARKER):
            return self._by_marker(cue)
        carrier = self._carrier(cue)
        if not by_timecode(cue):
            return self._followed(cue, frames, music, carrier) or self._by_shot(cue)
        written = carrier.old.timeline if carrier else self.timeline
        at = record_frame(cue.at, written)
        if at >= written.frames:
            last = format_timecode(written.frames - 1, written.rate)
            raise InputError(f"{cue.file} starts at {cue.at}, after the episode's end",
                             where=cue.where,
                             hint=f"the last frame is {last}, counted from 00:00:00:00")
        if carrier is None:
            return at, None
        return _carried(cue, Span(at, min(written.frames, at + max(1, frames))), carrier, music,
                        self)

    def _carrier(self, cue: CueSheet) -> Carrier | None:
        """What brings the cue's own place to the current cut."""
        if not cue.revision:
            return self.carrier
        if cue.revision not in self.ways:
            written = stated(self.lock, cue.revision, cue.where)
            self.ways[cue.revision] = carrier_between(written, self.lock.current)
        return self.ways[cue.revision]

    def _followed(self, cue: CueSheet, frames: int, music: bool, carrier: Carrier | None
                  ) -> tuple[int | None, CueNote | None] | None:
        """A place inside a shot goes where that frame of it went, not with the shot's head; a
        bare shot is its first frame, whatever that is. None where the current cut decides."""
        if carrier is None or not {"+", "@"} & set(cue.at):
            return None
        written = carrier.old.timeline
        try:
            at = shot_frame(cue.at, written, self.media, self.conform)
        except InputError:
            return None
        span = Span(at, min(written.frames, at + max(1, frames)))
        frame, note = _carried(cue, span, carrier, music, self)
        return None if frame is None and "@" in cue.at else (frame, note)

    def _by_marker(self, cue: CueSheet) -> tuple[int | None, CueNote | None]:
        name = cue.at.removeprefix(MARKER).strip().casefold()
        if name not in self.markers:
            known = ", ".join(sorted(self.markers)) or "there is none"
            raise InputError(f"no marker is called {name!r}", where=cue.where,
                             hint=f"a marker's text in markers.yaml or in the edit: {known}")
        at = self.markers[name]
        if at is None:
            return None, CueNote("info", f"parked: {cue.file} {self.lost}: its marker {name!r} is "
                                         "not in this cut", cue.where,
                                 "kept for when its picture comes back", "parked")
        return at, None

    def _by_shot(self, cue: CueSheet) -> tuple[int | None, CueNote | None]:
        try:
            return shot_frame(cue.at, self.timeline, self.media, self.conform, cue.where), None
        except NoSuchShotError as error:
            missing = error
        if any(slugs(self.timeline)):  # in a preview
            return None, CueNote("info", f"parked: {cue.at} names no shot that is there; it may be "
                                         f"offline, and {cue.file} {self.lost}", cue.where, "")
        for revision in reversed(self.lock.revisions[:-1]):
            try:
                before = shot_frame(cue.at, revision.timeline, self.media, self.conform)
            except InputError:
                continue
            now = self.lock.current.revision
            return None, CueNote("info", f"parked: {cue.at} is not in revision {now}; {cue.file} "
                                         "is kept for when it comes back", cue.where, "", "parked",
                                 label(revision.timeline, before))
        raise missing


def by_timecode(cue: CueSheet) -> bool:
    """Whether the cue is placed by a record timecode; else it names a shot."""
    return ":" in cue.at and not {"@", "+"} & set(cue.at) and not cue.at.startswith(MARKER)


def shot_frame(at: str, timeline: Timeline, media: MediaLog, conform: str = "time",
               where: Where | None = None) -> int:
    """The record frame of `sh050`, `sh050+00:00:01:00` (from the shot's first frame) or
    `A001@10:01:05:10` (where that source frame shows).

    Raises NoSuchShotError where the cut has no such frame, InputError for other mistakes.
    """
    if "@" in at:
        return _frame_shown(at, timeline, media, conform, where)
    shot, plus, offset = at.partition("+")
    try:
        resolve_key(shot, timeline, media, where)
        frames = parse_timecode(offset, timeline.rate, False) if plus else 0
    except NoSuchShotError as error:
        raise NoSuchShotError(error.message, where=where,
                              hint=f"{_HINT}; {error.hint}") from None
    except InputError as error:
        raise InputError(error.message, where=where, hint=error.hint or _HINT) from None
    first = min(e.record.start for e in timeline.shots() if e.shot == shot)
    last = max(e.record.end for e in timeline.shots() if e.shot == shot)
    if first + frames >= last:
        length = format_timecode(last - first, timeline.rate)
        raise NoSuchShotError(f"{shot} ends before {offset}", where=where,
                              hint=f"the shot is {length} long")
    return first + frames


def record_frame(label: str, timeline: Timeline) -> int:
    """The timeline frame that a record timecode names.

    Labels count from the first frame, unless the timeline starts at a timecode of its own and the
    label is at or after it. A label that exists in drop-frame only (or not) is read as the
    timeline's. Raises InputError.
    """
    drop = timeline.drop if label.count(";") + label.count(",") == 0 else None
    frame = parse_timecode(label, timeline.rate, drop)
    return frame - timeline.start_frame if frame >= timeline.start_frame else frame


def _frame_shown(at: str, timeline: Timeline, media: MediaLog, conform: str,
                 where: Where | None) -> int:
    shot = resolve_key(at, timeline, media, where)
    files = media.by_path()
    for event in timeline.shots():
        file = files.get(event.media)
        if event.shot == shot and file is not None and file.picture is not None:
            wanted = frame_of_label(at.rpartition("@")[2], file, where)
            for frame in event.record:
                here, after = (source_frame(event, file.picture.rate, timeline.rate, number,
                                            conform) for number in (frame, frame + 1))
                if here == wanted or min(here, after) < wanted < max(here, after):
                    return frame
    raise NoSuchShotError(f"{shot} does not show {at}", where=where,
                          hint="use a source timecode inside the shot")


def _carried(cue: CueSheet, span: Span, carrier: Carrier, music: bool, spotting: Spotting
             ) -> tuple[int | None, CueNote | None]:
    found = carrier.carry(span)
    there = label(carrier.old.timeline, span.start)
    was = f"{there} in revision {carrier.old.revision}"
    start = found.first_left if music else found.start
    if start is None:
        now = carrier.new.revision
        fell = "its picture" if found.parked else "the picture of its start"
        return None, CueNote(
            "info" if found.parked else "warning",
            f"parked: {cue.file} {spotting.lost}: {fell}, at {was}, is not in revision {now}",
            cue.where, "kept for when its picture comes back" if found.parked else
            _proposed(carrier, found.first_left or 0, spotting), "parked", there)
    if found.whole:
        return start, None
    left = found.groups[0][-1].new.end - start
    here = label(carrier.new.timeline, start)
    fell = "" if found.start is not None else ", where the first of its picture that is left is"
    starts = (f"it still starts at {here}" if (here, fell) == (there, "")
              else f"it started at {was} and starts at {here} now{fell}")
    return start, CueNote(
        "warning", f"the cut changed under {cue.file}: {starts}; {left} of its {span.length} "
                   "frames follow on each other",
        cue.where, f"listen from {here} to {label(carrier.new.timeline, start + left)}; write it "
                   f"so, or where it should start: {_proposed(carrier, start, spotting)}",
        "recut", there, here)


def _proposed(carrier: Carrier, frame: int, spotting: Spotting) -> str:
    """Text to paste: the place in the current cut, without moving anything else in the sheet."""
    old, new = carrier.old.revision, carrier.new
    return (f'at: "{label(new.timeline, frame)}", revision: {new.revision} (and, so that its other '
            f"times stay as they are, at the top of {spotting.sheet}: revision: {old})")
