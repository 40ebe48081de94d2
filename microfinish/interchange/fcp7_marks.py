"""Final Cut Pro 7 markers: of the sequence, and of clips where the edit shows their frame."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from microfinish.core.errors import Where
from microfinish.core.timeline import Mark
from microfinish.interchange.fcp7_media import Cut, rate_of
from microfinish.interchange.fcp7_speed import Lose, number
from microfinish.interchange.xmltext import Element


def marks_of(sequence: Element, cuts: Iterable[Cut], rate: Fraction, start: int, file: str,
             lose: Lose) -> tuple[Mark, ...]:
    """The markers in record order, each once: `start` is the record frame of the first picture.

    A clip's markers count the frames of its media, as its in point does. Those that the edit
    does not show, and those of clips with a speed, are said.
    """
    places: list[tuple[int, Element]] = []
    for marker in sequence.all("marker"):
        at = number(marker.value("in"))
        if at is None or at < 0:
            lose(marker, "info", "the marker states no frame; it is left out")
        else:
            places.append((start + round(at), marker))
    seen: dict[int, Element] = {}
    for cut in cuts:
        for marker in cut.element.all("marker") if not cut.black else ():
            frame = _frame(cut, marker, rate)
            if frame is not None:
                places.append((start + frame, marker))
                seen[id(marker)] = marker
    for cut in cuts:
        for marker in cut.element.all("marker") if cut.element is not sequence else ():
            if id(marker) not in seen:
                lose(marker, "info", "the marker is left out: its clip has a speed, or the edit "
                                     "does not show its frame")
                seen[id(marker)] = marker
    found: dict[tuple[int, str], Mark] = {}
    for place, marker in sorted(places, key=lambda one: one[0]):
        text = _text(marker)
        found.setdefault((place, text), Mark(place, text, where=Where(file, marker.line,
                                                                      marker.column)))
    return tuple(found.values())


def _frame(cut: Cut, marker: Element, rate: Fraction) -> int | None:
    """The timeline frame, from 0, that shows a marker of a clip; None where there is none."""
    at = number(marker.value("in"))
    if at is None or at < 0 or cut.retime or cut.speed != 1:
        return None
    own = rate_of(cut.element) or rate
    passed = at / own - cut.source / cut.rate
    frame = cut.record.start + round(passed * rate)
    return frame if frame in cut.record else None


def _text(marker: Element) -> str:
    words = (marker.value("name"), marker.value("comment"))
    told = [" ".join(word.split()) for word in words if word.strip()]
    return " - ".join(dict.fromkeys(told))
