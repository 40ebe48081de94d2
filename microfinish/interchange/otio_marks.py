"""OpenTimelineIO markers: of the timeline, of its tracks and of clips, at record frames."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from microfinish.core.errors import InputError, Where
from microfinish.core.timeline import Mark, Timeline
from microfinish.interchange.otio_time import frames_of, rate_of, span

MarkPlace = tuple[Fraction, Any]
"""Seconds from the start of the timeline, and the marker."""


def stack_places(markers: Iterable[Any], start: Fraction,
                 length: Fraction) -> tuple[list[MarkPlace], list[Any]]:
    """(markers of a timeline or track of `length` seconds, those without a time). They count
    from its first frame; some programs write record timecode, from `start` on."""
    shown, others = [], []
    for marker in markers:
        time = _counted(marker, Fraction(1))
        if time is None:
            others.append(marker)
        else:
            shown.append((time - start if time >= max(start, length) else time, marker))
    return shown, others


def clip_places(markers: Iterable[Any], begin: Fraction, end: Fraction, source: Fraction,
                rate: Fraction, speed: Fraction) -> tuple[list[MarkPlace], list[Any]]:
    """(markers of a clip that its part from `begin` to `end` shows, the others). They count as
    its source range does; `source` is the frame at `begin`, at `rate`."""
    shown, others = [], []
    for marker in markers:
        at = _counted(marker, rate)
        time = begin + (at - source) / rate / speed if at is not None and speed > 0 else None
        if time is not None and begin <= time < end:
            shown.append((time, marker))
        else:
            others.append(marker)
    return shown, others


def _counted(marker: Any, rate: Fraction) -> Fraction | None:
    """Where a marker begins, in frames of a rate; None where its time is none."""
    at = marker.marked_range.start_time
    try:
        return frames_of(at) * rate / rate_of(at)
    except InputError:
        return None


def marks_of(places: Iterable[MarkPlace], rate: Fraction, start: int,
             file: str) -> tuple[Mark, ...]:
    """The markers at absolute record frames, in record order; each once."""
    found: dict[tuple[int, str], Mark] = {}
    for time, marker in sorted(places, key=lambda place: place[0]):
        words = (marker.name or "", getattr(marker, "comment", "") or "")
        text = " - ".join(" ".join(word.split()) for word in words if word.strip())
        frame = start + round(time * rate)
        color = marker.color if isinstance(marker.color, str) else ""
        found.setdefault((frame, text), Mark(frame, text, color, Where(file)))
    return tuple(found.values())


def own_markers(timeline: Timeline) -> list[Any]:
    """The timeline's markers, for its stack of tracks."""
    return [otio.schema.Marker(name=mark.text, color=mark.color.upper(),
                               marked_range=span(mark.frame, timeline.rate, 0, timeline.rate))
            for mark in timeline.marks]
