"""Upper pictures in time: from when to when each is seen, and where it fades."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline
from microfinish.render.decisions import Decisions
from microfinish.render.segment import Fade


@dataclass(frozen=True, slots=True)
class Floating:
    """An event over the base picture. `shown` reaches beyond its record out where it fades into
    its handle; `fade_in` and `fade_out` are spans inside it."""

    event: Event
    shown: Span
    fade_in: Span
    fade_out: Span

    @property
    def edges(self) -> tuple[int, ...]:
        """The record frames where another segment must begin."""
        return (self.shown.start, self.shown.end, *(
            edge for fade in (self.fade_in, self.fade_out) if fade.length
            for edge in (fade.start, fade.end)))

    def fades_of(self, span: Span) -> tuple[Fade, ...]:
        """The fades that are under way during a segment."""
        return tuple(Fade(span.start - fade.start, fade.length, out)
                     for fade, out in ((self.fade_in, False), (self.fade_out, True))
                     if fade.overlap(span))


def floating(timeline: Timeline, decisions: Decisions) -> tuple[Floating, ...]:
    """What is seen over the base track, the lowest first."""
    tracks: dict[str, list[Event]] = {}
    for event in timeline.overlays():
        tracks.setdefault(event.track, []).append(event)
    found: list[Floating] = []
    for track in sorted(tracks, key=lambda name: int(name[1:])):
        found += _on_track(tracks[track], decisions)
    return tuple(found)


def _on_track(events: Sequence[Event], decisions: Decisions) -> Iterator[Floating]:
    for event, after in zip(events, (*events[1:], None), strict=True):
        place = _place(event, decisions)
        if place is None:
            continue
        record = event.record
        comes = min(event.transition.frames, record.length) if event.transition else 0
        leaves = _leaves(event, after)
        # under another that comes in over the same rectangle it is faded out by being covered
        fades = 0 if place == _place(after, decisions) and place[1] == 1 else leaves
        yield Floating(event, Span(record.start, record.end + leaves),
                       Span(record.start, record.start + comes),
                       Span(record.end, record.end + fades))


def _place(event: Event | None, decisions: Decisions
           ) -> tuple[tuple[int, int, int, int], float] | None:
    """(rectangle, opacity) of an upper picture; None for what is not seen."""
    framing = decisions.framings.get(event.shot) if event and event.media else None
    if event is None or framing is None or framing.inset is None:
        return None
    return framing.inset, event.placement.opacity if event.placement else 1.0


def _leaves(event: Event, after: Event | None) -> int:
    """How many frames an event runs on into its handle while the next one comes in."""
    if after is None or after.transition is None or after.record.start != event.record.end:
        return 0
    return min(after.transition.frames, after.record.length)
