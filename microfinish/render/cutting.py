"""Cut a timeline into segments: borders at every cut and transition, long shots in pieces."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from microfinish.core.crop_path import position
from microfinish.core.frame import PathKey
from microfinish.core.sampling import sampled, step_of
from microfinish.core.time import Span
from microfinish.core.timeline import DIPS, Event, Timeline
from microfinish.render.decisions import Decisions, Look
from microfinish.render.floating import Floating, floating
from microfinish.render.ramping import LONGEST_REVERSE_FRAMES, curve_pick, turns_of
from microfinish.render.segment import Layer, Overlay, Pick, Placed, Segment

__all__ = ["LONGEST_REVERSE_FRAMES", "LONGEST_SECONDS", "Decisions", "Look", "cut", "pick"]

LONGEST_SECONDS = 12
"""Longer shots render in pieces side by side; a closed GOP border costs about 0.3 % of size."""


def cut(timeline: Timeline, decisions: Decisions) -> tuple[Placed, ...]:
    """The segments of a timeline, in record order, without gap or overlap.

    Expects one opaque picture track that starts at 0 (assemble fills gaps with black), with
    other pictures over it. Segments end where an upper picture comes, goes or ends a fade.
    """
    over = floating(timeline, decisions)
    edges = sorted({edge for item in over for edge in item.edges})
    placed: list[Placed] = []
    before: Event | None = None

    def place(span: Span, shown: tuple[Event, ...], event: Event, mix: _Mix = _CUT) -> None:
        seen = (*shown, *_over(over, span))
        for piece in _pieces(span, seen, edges, timeline.rate, _looks_back(seen, decisions)):
            layers = tuple(_layer(each, piece, timeline.rate, decisions) for each in shown)
            placed.append(Placed(piece, event.shot, Segment(
                timeline.rate, decisions.raster, piece.length, mix.with_color(layers, piece),
                mix_start=piece.start - mix.start if mix.frames else 0, mix_frames=mix.frames,
                overlays=tuple(_overlay(item, piece, timeline.rate, decisions)
                               for item in over if piece.start in item.shown))))

    for event in timeline.picture():
        frames = min(event.transition.frames, event.record.length) if event.transition else 0
        start = event.record.start
        if frames and before is not None and event.transition:
            for span, shown, mix in _mixes(event.transition.kind, before, event, frames):
                place(span, shown, event, mix)
        place(Span(start + frames, event.record.end), (event,), event)
        before = event
    return tuple(placed)


@dataclass(frozen=True, slots=True)
class _Mix:
    """A transition, or half a dip: where its first half frame stands, and how long it is. `color`
    stands before the picture or, `after`, behind it."""

    start: int | Fraction = 0
    frames: int | Fraction = 0
    color: str = ""
    after: bool = False

    def with_color(self, layers: tuple[Layer, ...], piece: Span) -> tuple[Layer, ...]:
        if not self.color:
            return layers
        plain = replace(_plain(piece), color=self.color)
        return (*layers, plain) if self.after else (plain, *layers)


_CUT = _Mix()


def _mixes(kind: str, before: Event, event: Event, frames: int
           ) -> Iterator[tuple[Span, tuple[Event, ...], _Mix]]:
    """The spans of a transition, with what is seen in each."""
    start = event.record.start
    color = DIPS.get(kind)
    if color is None:
        yield Span(start, start + frames), (before, event), _Mix(start, frames)
        return
    middle, half = start + frames // 2, Fraction(frames, 2)
    length = int(half) if half.denominator == 1 else half
    first, second = Span(start, middle), Span(middle, start + frames)
    if first.length:
        yield first, (before,), _Mix(start, length, color, after=True)
    yield second, (event,), _Mix(start + length, length, color)


def _over(over: Sequence[Floating], span: Span) -> tuple[Event, ...]:
    return tuple(item.event for item in over if item.shown.overlap(span))


def _pieces(span: Span, events: tuple[Event, ...], edges: Sequence[int],
            rate: Fraction, whole: bool) -> Iterator[Span]:
    """A span cut at the `edges` inside it and where a variable speed turns, and what is then
    still too long into equal parts, unless it must stay `whole`."""
    turns = {turn for event in events if event.retime for turn in turns_of(event, span)}
    inner = sorted(turns | {edge for edge in edges if span.start < edge < span.end})
    for begin, end in pairwise([span.start, *inner, span.end]):
        yield from _parts(Span(begin, end), events, rate, whole)


def _looks_back(events: tuple[Event, ...], decisions: Decisions) -> bool:
    """Whether a tool that remembers earlier frames is used: its memory would end with a piece."""
    return any(decisions.looks[event.shot].texture.looks_back for event in events if event.media)


def _parts(span: Span, events: tuple[Event, ...], rate: Fraction, whole: bool) -> Iterator[Span]:
    longest = max(1, span.length) if whole else math.floor(rate * LONGEST_SECONDS)
    if any(event.speed < 0 for event in events):
        longest = LONGEST_REVERSE_FRAMES
    count = max(1, math.ceil(span.length / longest))
    borders = [span.start + span.length * i // count for i in range(count + 1)]
    yield from (Span(a, b) for a, b in pairwise(borders) if b > a)


def pick(event: Event, media_rate: Fraction, timeline_rate: Fraction, span: Span,
         conform: str) -> Pick:
    """The source frames behind the record frames `span`; `span` may run past the event's out."""
    offset = span.start - event.record.start
    if event.retime:
        return curve_pick(event, offset, span.length)
    step = step_of(event.speed, media_rate, timeline_rate, conform)
    ends = (sampled(event.source, step, offset),
            sampled(event.source, step, offset + span.length - 1))
    position = offset * abs(step)
    return Pick(min(ends), max(ends), span.length, step, position - math.floor(position))


def _layer(event: Event, span: Span, rate: Fraction, decisions: Decisions) -> Layer:
    if not event.media:
        return _plain(span)
    media = decisions.media[event.media]
    picture = media.picture
    assert picture is not None, f"{event.media} has no picture; assemble refuses such events"
    framing, look = decisions.framings[event.shot], decisions.looks[event.shot]
    return Layer(
        media.digest,
        pick(event, picture.rate, rate, span, decisions.conform),
        picture, "crop" if framing.inset else framing.fit, framing.width, framing.height,
        _path_within(framing.path, span.start - event.record.start, span.length),
        look.lut, look.code_range, look.matrix, texture=look.texture,
    )


def _plain(span: Span) -> Layer:
    return Layer("", Pick(0, 0, span.length, Fraction(0), Fraction(0)))


def _overlay(item: Floating, span: Span, rate: Fraction, decisions: Decisions) -> Overlay:
    framing = decisions.framings[item.event.shot]
    assert framing.inset is not None
    x, y, width, height = framing.inset
    placement = item.event.placement
    return Overlay(_layer(item.event, span, rate, decisions), x, y, width, height,
                   placement.opacity if placement else 1.0, item.fades_of(span))


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
