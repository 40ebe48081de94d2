"""FCPXML markers: where in the sequence each marker of a clip is seen."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from microfinish.core.errors import Where
from microfinish.core.timeline import Mark
from microfinish.interchange.fcpxml_items import Item, Reader
from microfinish.interchange.fcpxml_said import MARKERS
from microfinish.interchange.fcpxml_time import nearest_frame
from microfinish.interchange.fcpxml_view import View, cut
from microfinish.interchange.xmltext import Element

Place = tuple[Fraction, Element]


def marks_in(item: Item, view: View, rate: Fraction, reader: Reader) -> Iterator[Place]:
    """(sequence time, marker) of an item's own markers; `view` is of its container's time.

    They count in the item's own time before its speed changes. One that is not seen is said.
    """
    markers = [child for child in item.element.children if child.tag in MARKERS]
    if not markers:
        return
    begin, end = item.begin, item.end
    written = reader.item(item.element, begin, rate)
    if written is not None:  # beside a transition, as long as the file says and not as shown
        own = item.begin + (written.start - item.start) / item.factor
        begin, end = min(begin, own), max(end, own + written.end - written.begin)
    moved = item.beginning(begin)
    shown = cut(view, begin, end, moved.start, moved.factor)
    for marker in markers:
        local = reader.time(marker, "start")
        time = None if local is None else _seen(shown, local)
        if time is None:
            reader.losses.add(marker, "info",
                              "the marker lies outside of what the edit shows of its clip")
        else:
            yield time, marker


def _seen(shown: View, local: Fraction) -> Fraction | None:
    for stretch in shown:
        if stretch.pace > 0 and stretch.at <= local < stretch.local(stretch.end):
            return stretch.start + (local - stretch.at) / stretch.pace
    return None


def marks_of(places: list[Place], rate: Fraction, file: str) -> tuple[Mark, ...]:
    """The markers at absolute record frames, in record order; each once."""
    found: dict[tuple[int, str], Mark] = {}
    for time, marker in sorted(places, key=lambda place: place[0]):
        words = (marker.get("value"), marker.get("note"))
        text = " - ".join(" ".join(word.split()) for word in words if word.strip())
        frame = nearest_frame(time, rate)
        found.setdefault((frame, text), Mark(frame, text, where=Where(file, marker.line,
                                                                      marker.column)))
    return tuple(found.values())
