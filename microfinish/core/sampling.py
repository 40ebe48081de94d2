"""Picture sampling: which source frame an event shows at each record frame.

The one place that says it. Relink checks handles with it, the renderer builds its trims from it,
and the tests read the frame numbers of a decoded master against it.

A variable speed is a curve of straight pieces. A piece counts from its own key up to the one
before the next. Where the position lies within a frame, that frame is shown; where it lies on the
border of two, the one it moves into: going up the upper one (the floor), going down the lower
one. So a curve that falls from `end` shows end - 1 first, as constant reverse does.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction

from microfinish.core.errors import InputError
from microfinish.core.time import Span
from microfinish.core.timeline import Event, RetimeKey

CONFORM_RULES = ("time", "frame")
"""`time` keeps durations when media and timeline rates differ; `frame` keeps frames."""


def step_of(speed: Fraction, media_rate: Fraction, timeline_rate: Fraction,
            conform: str = "time") -> Fraction:
    """Source frames passed per record frame: signed, 0 for a freeze.

    Raises InputError for a conform rule other than `time` and `frame`.
    """
    if conform not in CONFORM_RULES:
        raise InputError(f"conform rule {conform!r} is not known", hint='write "time" or "frame"')
    return speed * media_rate / timeline_rate if conform == "time" else speed


def sampled(source: Span, step: Fraction, index: int) -> int:
    """The source frame shown `index` record frames after the event's record in.

    Forward from `source.start`, reverse from `source.end - 1`, a freeze holds `source.start`.
    `index` may run past the event's record length (a dissolve's outgoing side) or below 0.
    """
    if step < 0:
        return source.end - 1 - math.floor(index * -step)
    return source.start + math.floor(index * step)


def curve_frame(keys: Sequence[RetimeKey], index: int | Fraction) -> int:
    """The source frame that a variable speed shows `index` record frames after the record in."""
    position, slope = curve_position(keys, index)
    return math.ceil(position) - 1 if slope < 0 else math.floor(position)


def curve_position(keys: Sequence[RetimeKey], index: int | Fraction) -> tuple[Fraction, Fraction]:
    """(position in the source, source frames per record frame) at a record position.

    Outside the keys the outer pieces go on. Of two keys at one place, the latter counts: a jump.
    """
    after = bisect_right(keys, index, key=lambda key: key.record)
    after = min(max(after, 1), len(keys) - 1)
    a, b = keys[after - 1], keys[after]
    if a.record == b.record:
        return b.source, Fraction(0)
    slope = (b.source - a.source) / (b.record - a.record)
    return a.source + slope * (index - a.record), slope


def moved_keys(keys: Sequence[RetimeKey], head: int | Fraction) -> tuple[RetimeKey, ...]:
    """The same curve counted from `head` record frames later: what a trimmed head leaves."""
    return tuple(RetimeKey(key.record - head, key.source) for key in keys)


def shown_frames(event: Event, step: Fraction, offset: int, length: int) -> tuple[int, ...]:
    """The source frames of `length` record frames from `offset` frames after the record in."""
    if event.retime:
        return tuple(curve_frame(event.retime, offset + i) for i in range(length))
    return tuple(sampled(event.source, step, offset + i) for i in range(length))


def curve_span(keys: Sequence[RetimeKey], length: int, offset: int = 0) -> Span:
    """From the lowest to the highest source frame of `length` record frames, 1 at the least."""
    shown = [curve_frame(keys, offset + i) for i in range(max(1, length))]
    return Span(min(shown), max(shown) + 1)


def source_frame(event: Event, media_rate: Fraction, timeline_rate: Fraction, record_frame: int,
                 conform: str = "time") -> int:
    """The frame of the event's media that record frame `record_frame` shows.

    Counted in the media's own frames from the start of the file.
    """
    if event.retime:
        return curve_frame(event.retime, record_frame - event.record.start)
    step = step_of(event.speed, media_rate, timeline_rate, conform)
    return sampled(event.source, step, record_frame - event.record.start)


def consumed(length: int, step: Fraction) -> int:
    """How many source frames `length` record frames pass over, from the first to the last shown.

    At least 1 for a non-empty event, so that a freeze holds one frame; 0 for an empty one.
    """
    return math.floor((length - 1) * abs(step)) + 1 if length > 0 else 0


def source_span(first: int, length: int, step: Fraction) -> Span:
    """The source frames shown by `length` record frames of which the first shows `first`."""
    count = consumed(length, step)
    return Span(first + 1 - count, first + 1) if step < 0 else Span(first, first + count)


def source_needed(event: Event, media_rate: Fraction, timeline_rate: Fraction,
                  record_length: int, conform: str = "time") -> Span:
    """The source frames that `record_length` record frames from the event's in on really show.

    With a record length beyond the event's own, that is the event with its outgoing handle.
    """
    if event.retime:
        return curve_span(event.retime, record_length)
    step = step_of(event.speed, media_rate, timeline_rate, conform)
    return source_span(sampled(event.source, step, 0), record_length, step)
