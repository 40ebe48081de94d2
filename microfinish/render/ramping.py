"""Variable speed for the renderer: pieces that go one way, each frame named."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from microfinish.core.sampling import curve_frame, shown_frames
from microfinish.core.time import Span
from microfinish.core.timeline import Event
from microfinish.render.segment import Pick

LONGEST_REVERSE_FRAMES = 48
"""Reverse holds every frame of its piece in memory: 48 frames of 4K 4:2:0 are 600 MB."""


def turns_of(event: Event, span: Span) -> Iterator[int]:
    """The record frames inside `span` where a new piece must begin: the speed changes its sign,
    or a piece that goes backward gets too long."""
    way, begin = 0, span.start
    shown = shown_frames(event, Fraction(1), span.start - event.record.start, span.length)
    for index, (here, after) in enumerate(pairwise(shown), span.start + 1):
        step = (after > here) - (after < here)
        first = shown[begin - span.start]
        long = way < 0 and max(index - begin, first - after + 1) > LONGEST_REVERSE_FRAMES
        if (step and way and step != way) or long:
            yield index
            way, begin = 0 if step != way else way, index
        else:
            way = way or step


def curve_pick(event: Event, offset: int, count: int) -> Pick:
    """The frames of `count` record frames from `offset` frames after the event's record in, that
    go one way."""
    shown = [curve_frame(event.retime, offset + index) for index in range(count)]
    first, last = min(shown), max(shown)
    if shown[0] > shown[-1]:
        return Pick(first, last, count, Fraction(-1), Fraction(0),
                    tuple(last - frame for frame in shown))
    return Pick(first, last, count, Fraction(1), Fraction(0),
                tuple(frame - first for frame in shown))
