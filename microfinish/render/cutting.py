"""Cut a timeline into segments: borders at every cut and transition, long shots in pieces."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from microfinish.core.crop_path import position
from microfinish.core.frame import Framing, PathKey, Raster
from microfinish.core.media import Media
from microfinish.core.sampling import sampled, step_of
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline
from microfinish.render.segment import Layer, Pick, Placed, Segment

LONGEST_SECONDS = 12
"""Longer shots render in pieces side by side; a closed GOP border costs about 0.3 % of size."""
LONGEST_REVERSE_FRAMES = 48
"""Reverse holds every frame of its piece in memory: 48 frames of 4K 4:2:0 are 600 MB."""


@dataclass(frozen=True, slots=True)
class Look:
    """What grading decided for one shot, as the renderer needs it."""

    lut: str
    code_range: str
    matrix: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """All that the picture of a timeline depends on, by media path and by shot."""

    media: Mapping[str, Media]
    framings: Mapping[str, Framing]
    looks: Mapping[str, Look]
    raster: Raster
    conform: str = "time"


def cut(timeline: Timeline, decisions: Decisions) -> tuple[Placed, ...]:
    """The segments of a timeline, in record order, without gap or overlap.

    Expects one opaque picture track that starts at 0 (assemble fills gaps with black).
    """
    placed: list[Placed] = []
    before: Event | None = None
    for event in timeline.picture():
        mix = min(event.transition.frames, event.record.length) if event.transition else 0
        start = event.record.start
        if mix and before is not None:
            dissolve = Span(start, start + mix)
            for span in _pieces(dissolve, (before, event), timeline.rate):
                layers = tuple(_layer(e, span, timeline.rate, decisions) for e in (before, event))
                placed.append(Placed(span, event.shot, Segment(
                    timeline.rate, decisions.raster, span.length, layers,
                    mix_start=span.start - start, mix_frames=mix)))
        for span in _pieces(Span(start + mix, event.record.end), (event,), timeline.rate):
            placed.append(Placed(span, event.shot, Segment(
                timeline.rate, decisions.raster, span.length,
                (_layer(event, span, timeline.rate, decisions),))))
        before = event
    return tuple(placed)


def _pieces(span: Span, events: tuple[Event, ...], rate: Fraction) -> Iterator[Span]:
    longest = math.floor(rate * LONGEST_SECONDS)
    if any(event.speed < 0 for event in events):
        longest = LONGEST_REVERSE_FRAMES
    count = max(1, math.ceil(span.length / longest))
    borders = [span.start + span.length * i // count for i in range(count + 1)]
    yield from (Span(a, b) for a, b in pairwise(borders) if b > a)


def pick(event: Event, media_rate: Fraction, timeline_rate: Fraction, span: Span,
         conform: str) -> Pick:
    """The source frames behind the record frames `span`; `span` may run past the event's out."""
    step = step_of(event.speed, media_rate, timeline_rate, conform)
    offset = span.start - event.record.start
    ends = (sampled(event.source, step, offset),
            sampled(event.source, step, offset + span.length - 1))
    position = offset * abs(step)
    return Pick(min(ends), max(ends), span.length, step, position - math.floor(position))


def _layer(event: Event, span: Span, rate: Fraction, decisions: Decisions) -> Layer:
    if not event.media:
        return Layer("", Pick(0, 0, span.length, Fraction(0), Fraction(0)))
    media = decisions.media[event.media]
    picture = media.picture
    assert picture is not None, f"{event.media} has no picture; assemble refuses such events"
    framing, look = decisions.framings[event.shot], decisions.looks[event.shot]
    return Layer(
        media.digest,
        pick(event, picture.rate, rate, span, decisions.conform),
        picture, framing.fit, framing.width, framing.height,
        _path_within(framing.path, span.start - event.record.start, span.length),
        look.lut, look.code_range, look.matrix,
    )


def _path_within(path: tuple[PathKey, ...], offset: int, length: int) -> tuple[PathKey, ...]:
    """The keys that matter for `length` frames from `offset`, counted from there.

    A path that stands still is one key: pieces of a held shot stay alike wherever they begin.
    """
    if not path:
        return (PathKey(0, 0.0, 0.0),)
    keys = [PathKey(key.frame - offset, key.x, key.y) for key in path]
    inside = [key for key in keys if 0 < key.frame < length - 1]
    first, last = position(keys, 0), position(keys, length - 1)
    shown = [PathKey(0, *first), *inside, PathKey(max(length - 1, 0), *last)]
    if all((key.x, key.y) == first for key in shown):
        return (PathKey(0, *first),)
    return tuple(shown)
