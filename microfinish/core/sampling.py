"""Picture sampling: which source frame an event shows at each record frame.

The one place that says it. Relink checks handles with it, the renderer builds its trims from it,
and the tests read the frame numbers of a decoded master against it.
"""

from __future__ import annotations

import math
from fractions import Fraction

from microfinish.core.errors import InputError
from microfinish.core.time import Span
from microfinish.core.timeline import Event

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


def source_frame(event: Event, media_rate: Fraction, timeline_rate: Fraction, record_frame: int,
                 conform: str = "time") -> int:
    """The frame of the event's media that record frame `record_frame` shows.

    Counted in the media's own frames from the start of the file.
    """
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
    step = step_of(event.speed, media_rate, timeline_rate, conform)
    return source_span(sampled(event.source, step, 0), record_length, step)
