"""Carries the keyframes of a crop: each stays at its source frame, however the shot is trimmed.

A key may come to lie outside the shot, before its first frame or after its last: the line to it
still says where the crop is at the shot's end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from microfinish.core.frame import PathKey
from microfinish.core.sampling import sampled
from microfinish.core.timeline import Event


@dataclass(frozen=True, slots=True)
class Taken:
    """A shot as an event shows it; `step` is source frames per record frame."""

    event: Event
    step: Fraction

    def source(self, offset: int) -> int:
        """The source frame `offset` record frames after the shot's first."""
        return sampled(self.event.source, self.step, offset)

    def offset(self, source: int) -> int:
        """Where the source frame first shows, in record frames after the shot's first; before 0
        or past the end where the shot does not show it."""
        if not self.step:
            return 0
        span = self.event.source
        ahead = source - span.start if self.step > 0 else span.end - 1 - source
        return ceil(ahead / abs(self.step))


def carried_offset(offset: int, was: Taken, now: Taken) -> int:
    """The offset in a shot as it is now of the frame at an offset of the shot as it was.

    Another take has other frames, and keeps the offset.
    """
    if was.event.media != now.event.media or was.event.retime or now.event.retime:
        return offset
    if (was.event.source, was.step) == (now.event.source, now.step):
        return offset
    return now.offset(was.source(offset))


def within(path: Sequence[PathKey], length: int) -> tuple[PathKey, ...]:
    """The keys that decide about a shot's `length` frames: those inside, and the nearest on
    either side. `path` is in frame order."""
    first = max((i for i, key in enumerate(path) if key.frame <= 0), default=0)
    last = min((i for i, key in enumerate(path) if key.frame >= length - 1),
               default=len(path) - 1)
    return tuple(path[first:max(first, last) + 1])


def left_alone(path: Sequence[PathKey], length: int) -> bool:
    """Whether all keys lie on one side of the shot, so that none of its path is left."""
    return bool(path) and (path[-1].frame < 0 or path[0].frame >= length)
