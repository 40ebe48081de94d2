"""Carries times of an old cut to the current one, by the picture that stood there.

A human file is written in the time of the first revision that it was in force under. What lies
over black follows the picture before it, else the one after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from microfinish.core.change_map import time_map
from microfinish.core.changes import changes
from microfinish.core.errors import InputError, Where
from microfinish.core.time import Span, format_timecode
from microfinish.core.timeline import PictureLock, Revision, Timeline


@dataclass(frozen=True, slots=True)
class Run:
    """Frames of the old cut that all moved by `shift` frames."""

    old: Span
    shift: int

    @property
    def new(self) -> Span:
        return self.old.shifted(self.shift)


@dataclass(frozen=True, slots=True)
class Carried:
    """A stretch of the old cut and the parts of it that are left, in the order of the old cut.

    Parts that still play one after the other stand in the same group.
    """

    old: Span
    groups: tuple[tuple[Run, ...], ...]

    @property
    def parked(self) -> bool:
        """Whether none of its picture is left."""
        return not self.groups

    @property
    def whole(self) -> bool:
        """Whether it moved in one piece, if it moved at all."""
        return len(self.groups) == 1 and self.groups[0][0].old == self.old

    @property
    def longest(self) -> Span | None:
        """Where the longest stretch that still plays in one go is now; of equals the first."""
        spans = [Span(group[0].new.start, group[-1].new.end) for group in self.groups]
        return max(spans, key=lambda span: span.length, default=None)

    @property
    def start(self) -> int | None:
        """Where its first frame is now; None where that fell out."""
        first = self.groups[0][0] if self.groups else None
        return first.new.start if first and first.old.start == self.old.start else None

    @property
    def first_left(self) -> int | None:
        """Where the first of its frames that are left is now."""
        return self.groups[0][0].new.start if self.groups else None


class Carrier:
    """The way from the cut of one revision to that of another."""

    def __init__(self, old: Revision, new: Revision) -> None:
        self.old, self.new = old, new
        self._runs = _runs(old.timeline, new.timeline)

    def carry(self, span: Span) -> Carried:
        """Where the frames of a stretch of the old cut went."""
        parts = [Run(common, run.shift) for run in self._runs
                 if (common := run.old.overlap(span))]
        return Carried(span, tuple(_groups(parts)))


def label(timeline: Timeline, frame: int) -> str:
    """The record timecode of a timeline's frame."""
    return format_timecode(timeline.start_frame + frame, timeline.rate, timeline.drop)


def written_in(lock: PictureLock, name: str, digest: str) -> Revision:
    """The revision in whose time a human file is written: the first it was in force under.

    `name` is its name in the episode's folder. A file that changed since is in the current time.
    """
    after = (*lock.revisions[1:], None)
    for revision, following in zip(lock.revisions, after, strict=True):
        used = following.used_before if following else {}
        if digest in (revision.human.get(name), used.get(name)):
            return revision
    return lock.current


def stated(lock: PictureLock, number: int, where: Where | None = None) -> Revision:
    """The revision that a sheet says its times count in. Raises InputError."""
    for revision in lock.revisions:
        if revision.revision == number:
            return revision
    known = ", ".join(str(revision.revision) for revision in lock.revisions)
    raise InputError(f"the picture lock has no revision {number}", where=where,
                     hint=f"revisions: {known}")


def carrier_between(written: Revision, now: Revision) -> Carrier | None:
    """What brings the times of one revision to another; None where they are the same.

    Times are kept as they are across a change of the frame rate, too: its frames have no
    counterparts.
    """
    old, new = written.timeline, now.timeline
    if old.rate != new.rate or (old.events, old.start_frame) == (new.events, new.start_frame):
        return None
    return Carrier(written, now)


def carrier_for(lock: PictureLock, name: str, digest: str) -> Carrier | None:
    """What brings a human file's times to the current cut; None where they are its own."""
    return carrier_between(written_in(lock, name, digest), lock.current)


def doubt_of(lock: PictureLock, name: str, digest: str) -> str:
    """What a person should know about the time that a human file is taken to be written in; ""
    where nothing is unusual."""
    now, written = lock.current, written_in(lock, name, digest)
    if written.timeline.rate != now.timeline.rate:
        return (f"the frame rate changed since revision {written.revision}, in whose time "
                f"{name} is written: its times are kept as they are")
    known = now.human.get(name, "")
    if written is not now or digest == known or not known:
        return ""
    if carrier_for(lock, name, known) is None:
        return ""
    before = written_in(lock, name, known).revision
    return (f"{name} changed after revision {now.revision} was locked: all its times count in "
            f"that cut now, and no longer in revision {before}'s")


def _runs(old: Timeline, new: Timeline) -> tuple[Run, ...]:
    kept = sorted((Run(piece.old, piece.new.start - piece.old.start)
                   for piece in time_map(changes(old, new)) if piece.old),
                  key=lambda run: (run.old.start, run.new.start))
    runs: list[Run] = []
    for run in kept:  # a frame that shows twice now is where it comes first in the old cut's order
        start = max(run.old.start, runs[-1].old.end) if runs else run.old.start
        if start < run.old.end:
            runs.append(Run(Span(start, run.old.end), run.shift))
    runs += [Run(black, _shift_of_black(black, runs)) for black in _black(old)]
    runs.sort(key=lambda run: run.old.start)
    return tuple(_merged(runs))


def _black(timeline: Timeline) -> Iterator[Span]:
    at = 0
    for event in timeline.picture():
        if event.media:
            if event.record.start > at:
                yield Span(at, event.record.start)
            at = max(at, event.record.end)
    if timeline.frames > at:
        yield Span(at, timeline.frames)


def _shift_of_black(black: Span, runs: Sequence[Run]) -> int:
    before = [run for run in runs if run.old.end <= black.start]
    after = [run for run in runs if run.old.start >= black.end]
    touching = [run for run in before[-1:] if run.old.end == black.start]
    touching += [run for run in after[:1] if run.old.start == black.end]
    near = touching or before[-1:] or after[:1]
    return near[0].shift if near else 0


def _merged(runs: Sequence[Run]) -> Iterator[Run]:
    last: Run | None = None
    for run in runs:
        if last and last.old.end == run.old.start and last.shift == run.shift:
            last = Run(Span(last.old.start, run.old.end), last.shift)
            continue
        if last:
            yield last
        last = run
    if last:
        yield last


def _groups(parts: Sequence[Run]) -> Iterator[tuple[Run, ...]]:
    if not parts:
        return
    group = [parts[0]]
    for before, part in pairwise(parts):
        if before.new.end != part.new.start:
            yield tuple(group)
            group = []
        group.append(part)
    yield tuple(group)
