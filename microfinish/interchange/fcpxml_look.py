"""FCPXML out: an event's variable speed as a time map, and its place on the canvas."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from fractions import Fraction

from microfinish.core.media import Media
from microfinish.core.sampling import curve_position
from microfinish.core.timeline import Event, Placement
from microfinish.interchange.fcpxml_assets import node
from microfinish.interchange.fcpxml_time import written

_JUMP = Fraction(1, 10**6)
"""Frames: two keys at one place become points this far apart, since a map has one value a time."""


def write_curve(element: ElementTree.Element, event: Event, rate: Fraction, own: Fraction,
                begin: Fraction, end: int) -> Fraction:
    """Write a variable speed up to the record frame `end`; the clip's own time at its record in.

    Own time is that of the record, counted from `begin`, the time of the file's first frame.
    """
    holder = node(element, "timeMap")
    for record, source in _corners(event, end - event.record.start):
        node(holder, "timept", time=written(begin + record / rate),
             value=written(begin + source / own), interp="linear")
    return begin


def _corners(event: Event, length: int) -> list[tuple[Fraction, Fraction]]:
    """(record, source) of every corner from the first frame to the last, its handle included."""
    inner = [(key.record, key.source) for key in event.retime if 0 < key.record < length]
    found = [(Fraction(0), curve_position(event.retime, 0)[0]), *inner,
             (Fraction(length), curve_position(event.retime, length)[0])]
    return [(record - _JUMP if index + 1 < len(found) and found[index + 1][0] == record
             else record, source) for index, (record, source) in enumerate(found)]


def write_placement(element: ElementTree.Element, event: Event, media: Media | None,
                    canvas: tuple[int, int]) -> None:
    """Write crop, transform and opacity, percent of heights as FCPXML wants them."""
    placed = event.placement
    if placed is None:
        return
    if any(placed.crop):
        width, height = (media.picture.upright_size if media and media.picture else canvas)
        sides = [side * unit * 100 for side, unit in zip(
            placed.crop, (width / height, 1, width / height, 1), strict=True)]
        node(node(element, "adjust-crop", mode="trim"), "trim-rect",
             **{name: _number(side) for name, side in zip(
                 ("left", "top", "right", "bottom"), sides, strict=True)})
    if placed != Placement(crop=placed.crop, opacity=placed.opacity):
        across = (placed.x - 0.5) * canvas[0] / canvas[1] * 100
        transform = node(element, "adjust-transform",
                         position=f"{_number(across)} {_number((0.5 - placed.y) * 100)}",
                         scale=f"{_number(placed.scale)} {_number(placed.scale)}")
        if placed.rotation_degrees:
            transform.set("rotation", _number(-placed.rotation_degrees))
    if placed.opacity != 1:
        node(element, "adjust-blend", amount=_number(placed.opacity))


def _number(value: float) -> str:
    text = f"{value:.10f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
