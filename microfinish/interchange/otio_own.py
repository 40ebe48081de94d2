"""What OpenTimelineIO has no words for, in the metadata under `microfinish`: variable speed,
placed pictures, sound roles. Written in plain values, read back with nothing trusted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from microfinish.core.timeline import Event, Placement, RetimeKey

_LARGEST = 10**9


def own_words(event: Event) -> dict[str, Any]:
    """The metadata of an event's clip."""
    found: dict[str, Any] = {"shot": event.shot}
    if event.retime:
        found["retime"] = [[str(key.record), str(key.source)] for key in event.retime]
    if event.placement:
        placed = event.placement
        found["placement"] = {
            "x": placed.x, "y": placed.y, "scale": placed.scale, "crop": list(placed.crop),
            "rotation_degrees": placed.rotation_degrees, "opacity": placed.opacity}
    if event.role:
        found["role"] = event.role
    return found


def retime_of(words: Mapping[str, Any]) -> tuple[RetimeKey, ...] | None:
    """The keys, () where there are none. None for what is no variable speed."""
    given = words.get("retime")
    if given is None:
        return ()
    try:
        keys = tuple(RetimeKey(_fraction(record), _fraction(source)) for record, source in given)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    records = [key.record for key in keys]
    return keys if len(keys) > 1 and records == sorted(records) and (
        records[0] < records[-1]) else None


def _fraction(text: Any) -> Fraction:
    found = Fraction(str(text)[:60])
    if abs(found) > _LARGEST or found.denominator > _LARGEST:
        raise ValueError(text)
    return found


def placement_of(words: Mapping[str, Any]) -> Placement | None:
    """The placement; None where there is none or it is none."""
    given = words.get("placement")
    if given is None or not hasattr(given, "get"):
        return None
    try:
        left, top, right, bottom = (float(side) for side in given.get("crop", (0, 0, 0, 0)))
        found = Placement(float(given.get("x", 0.5)), float(given.get("y", 0.5)),
                          float(given.get("scale", 1)), (left, top, right, bottom),
                          float(given.get("rotation_degrees", 0)), float(given.get("opacity", 1)))
    except (TypeError, ValueError, OverflowError):
        return None
    numbers = (found.x, found.y, found.scale, *found.crop, found.rotation_degrees, found.opacity)
    sane = all(math.isfinite(number) and abs(number) < 10**6 for number in numbers) and (
        found.scale > 0 and 0 <= found.opacity <= 1 and min(found.crop) >= 0
        and left + right < 1 and top + bottom < 1)
    return found if sane else None


def canvas_of(words: Mapping[str, Any]) -> tuple[int, int]:
    """The canvas' width and height; (0, 0) where none is stated."""
    given = words.get("canvas")
    try:
        width, height = (int(number) for number in given or (0, 0))
    except (TypeError, ValueError, OverflowError):
        return 0, 0
    return (width, height) if 0 < width < 10**6 and 0 < height < 10**6 else (0, 0)
