"""Cue timing: seconds of a subtitle file to record frames, bounded and without overlap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, zip_longest

from microfinish.core.follow import Carrier, label
from microfinish.core.time import Span, format_timecode, nominal_fps
from microfinish.core.timeline import Timeline
from microfinish.core.title import TimedText

SHORT_OVERLAP = Fraction(1, 4)
"""Seconds. Exporters overlap neighbours by a few frames; nobody means both to be read then."""


@dataclass(frozen=True, slots=True)
class TimedCue:
    """Texts shown together during `span` (record frames), and the lines they stand on."""

    span: Span
    texts: tuple[str, ...]
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TimingNote:
    """Something a cue's times made necessary: `kind` is outside, cut, stacked, trimmed, parked or
    recut. `at` is the record timecode in the older cut of what a re-cut did.
    `fix` says what to do about it."""

    kind: str
    message: str
    line: int
    frame: int
    at: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class CueTiming:
    """The cues in record order, and what had to be changed."""

    cues: tuple[TimedCue, ...]
    notes: tuple[TimingNote, ...]


def time_cues(cues: Sequence[TimedText], timeline: Timeline, offset_frames: int = 0,
              carrier: Carrier | None = None) -> CueTiming:
    """Cues on the timeline: start and end are the frames nearest to the written times.

    Times count from the timeline's first frame, or from its start timecode where the first cue
    is not before it. Cues are cut at the picture's ends; short overlaps are trimmed, longer ones
    show both texts, the earlier cue above.

    With a `carrier` the times are those of its old cut. A cue goes where its picture went; where
    that came apart, to the longest stretch of it that still plays in one go, since most of its
    words are spoken there.
    """
    notes: list[TimingNote] = []
    written = carrier.old.timeline if carrier else timeline
    base = _label_seconds(written)
    if not cues or min(cue.start for cue in cues) < base:
        base = Fraction(0)
    inside = [placed for cue in cues
              if (placed := _inside(cue, base, offset_frames, written, notes))]
    if carrier:
        inside = [moved for cue in inside
                  if (moved := _carried(cue, carrier, notes))]
    inside.sort(key=lambda cue: (cue.span.start, cue.lines))
    stacked = _stacked(_trimmed(inside, timeline.rate, notes), notes)
    return CueTiming(stacked, tuple(sorted(notes, key=lambda note: note.line)))


def _label_seconds(timeline: Timeline) -> Fraction:
    """The start timecode read as a clock: editors export 01:00:00:00 as 01:00:00,000."""
    label = format_timecode(timeline.start_frame, timeline.rate, timeline.drop)
    hours, minutes, seconds, frames = (int(x) for x in label.replace(";", ":").split(":"))
    return hours * 3600 + minutes * 60 + seconds + Fraction(frames, nominal_fps(timeline.rate))


def _nearest(seconds: Fraction, rate: Fraction) -> int:
    return math.floor(seconds * rate + Fraction(1, 2))


def _inside(cue: TimedText, base: Fraction, offset: int, timeline: Timeline,
            notes: list[TimingNote]) -> TimedCue | None:
    start = _nearest(cue.start - base, timeline.rate) + offset
    end = max(start + 1, _nearest(cue.end - base, timeline.rate) + offset)
    picture = Span(0, timeline.frames)
    part = Span(start, end).overlap(picture)
    if part is None:
        notes.append(TimingNote("outside", "the cue lies outside the picture and is left out",
                                cue.line, start))
        return None
    if part.length < end - start:
        notes.append(TimingNote("cut", f"the cue runs {end - start - part.length} frames past "
                                       "the picture and is cut there", cue.line, part.start))
    return TimedCue(part, (cue.text,), (cue.line,))


def _carried(cue: TimedCue, carrier: Carrier, notes: list[TimingNote]) -> TimedCue | None:
    found = carrier.carry(cue.span)
    old, now = carrier.old.revision, carrier.new.revision
    before = _labels(cue.span, carrier.old.timeline)
    span = found.longest.overlap(Span(0, carrier.new.timeline.frames)) if found.longest else None
    if span is None:
        notes.append(TimingNote(
            "parked", f"parked: its picture, {before} in revision {old}, is not in revision {now}",
            cue.lines[0], 0, at=label(carrier.old.timeline, cue.span.start),
            fix="nothing, if the words went too; it is kept for when its picture comes back"))
        return None
    if not found.whole:
        left = _labels(span, carrier.new.timeline)
        notes.append(TimingNote(
            "recut", f"the cut changed under the cue: {span.length} of its {cue.span.length} "
                     f"frames are left together, {before} is {left} now", cue.lines[0], span.start,
            at=label(carrier.old.timeline, cue.span.start),
            fix=f"shorten its text to what is still spoken; a file that you change counts in "
                f"revision {now} from then on, with all of its times"))
    return TimedCue(span, cue.texts, cue.lines)


def _labels(span: Span, timeline: Timeline) -> str:
    return f"{label(timeline, span.start)}-{label(timeline, span.end)}"


def _trimmed(cues: list[TimedCue], rate: Fraction, notes: list[TimingNote]) -> list[TimedCue]:
    limit = int(SHORT_OVERLAP * rate)
    found: list[TimedCue] = []
    for cue, after in zip_longest(cues, cues[1:]):
        over = cue.span.end - after.span.start if after else 0
        if after and 0 < over <= limit and after.span.start > cue.span.start:
            notes.append(TimingNote("trimmed", f"the cue overlaps the next one by {over} frames "
                                               "and ends where that begins",
                                    cue.lines[0], after.span.start))
            cue = TimedCue(Span(cue.span.start, after.span.start), cue.texts, cue.lines)
        found.append(cue)
    return found


def _stacked(cues: list[TimedCue], notes: list[TimingNote]) -> tuple[TimedCue, ...]:
    """Disjoint spans, each with all the texts that show during it."""
    borders = sorted({edge for cue in cues for edge in (cue.span.start, cue.span.end)})
    found: list[TimedCue] = []
    said: set[tuple[int, ...]] = set()
    for start, end in pairwise(borders):
        shown = [cue for cue in cues if start in cue.span]
        if not shown:
            continue
        texts = tuple(text for cue in shown for text in cue.texts)
        lines = tuple(line for cue in shown for line in cue.lines)
        found.append(TimedCue(Span(start, end), texts, lines))
        if len(shown) > 1 and lines not in said:
            said.add(lines)
            others = ", ".join(str(line) for line in lines[:-1])
            notes.append(TimingNote("stacked", f"the cue shows together with that of line "
                                               f"{others}", lines[-1], start))
    return tuple(found)
