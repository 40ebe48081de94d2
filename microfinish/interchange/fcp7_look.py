"""Final Cut Pro 7 XML out: speeds as time remap filters, places on the canvas as motion filters."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree
from fractions import Fraction

from microfinish.core.media import Media
from microfinish.core.sampling import curve_position
from microfinish.core.timeline import Event, Placement

Node = ElementTree.Element
_DECIMALS = 10


def remap(item: Node, speed: Fraction, entry: int, out: int, first: int) -> None:
    """A constant time remap whose graph holds the exact first frame.

    Percent are rounded away from zero at the tenth decimal, so that no frame is shown late.
    """
    scaled = math.ceil(abs(speed) * 100 * 10 ** _DECIMALS)
    whole, part = divmod(scaled, 10 ** _DECIMALS)
    percent = f"{whole}.{part:0{_DECIMALS}}".rstrip("0").rstrip(".")
    graph = _remapped(item, percent, "0", speed < 0)
    _keyframe(graph, Fraction(entry), Fraction(first), "speedkfin", 6)
    _keyframe(graph, Fraction(out), first + (out - entry) * speed, "speedkfout", 6)


def remap_curve(item: Node, event: Event, ratio: Fraction, handle: int) -> None:
    """A variable time remap: a keyframe at every key, `ratio` clip frames per record frame."""
    end = Fraction(event.record.length + handle)
    inner = [(key.record, key.source) for key in event.retime if 0 < key.record < end]
    points = [(Fraction(0), curve_position(event.retime, 0)[0]), *inner,
              (end, curve_position(event.retime, end)[0])]
    graph = _remapped(item, "100", "1", False)
    for index, (record, source) in enumerate(points):
        flag = "speedkfin" if not index else "speedkfout" if index == len(points) - 1 else ""
        _keyframe(graph, record * ratio, source, flag, 12)


def _remapped(item: Node, percent: str, variable: str, reverse: bool) -> Node:
    effect = _effect(item, "Time Remap", "timeremap")
    for name, text in (("variablespeed", variable), ("speed", percent),
                       ("reverse", "TRUE" if reverse else "FALSE")):
        _parameter(effect, name, text)
    return _parameter(effect, "graphdict", "0")


def _keyframe(graph: Node, when: Fraction, value: Fraction, flag: str, decimals: int) -> None:
    key = ElementTree.SubElement(graph, "keyframe")
    _leaf(key, "when", _decimal(when, decimals))
    _leaf(key, "value", _decimal(value, decimals))
    _leaf(key, "speedvirtualkf", "TRUE")
    if flag:
        _leaf(key, flag, "TRUE")


def _decimal(value: Fraction, decimals: int) -> str:
    """The value rounded up at the last decimal: what stands on a frame border stays in it."""
    scaled = math.ceil(value * 10 ** decimals)
    whole, part = divmod(abs(scaled), 10 ** decimals)
    text = f"{whole}.{part:0{decimals}}".rstrip("0").rstrip(".")
    return f"-{text}" if scaled < 0 else text


def write_motion(item: Node, event: Event, media: Media | None, canvas: tuple[int, int]) -> None:
    """Basic Motion, crop and opacity filters; percent of the picture's own pixels."""
    placed = event.placement
    if placed is None:
        return
    if placed != Placement(crop=placed.crop, opacity=placed.opacity):
        width, height = (media.picture.upright_size if media and media.picture else canvas)
        fitted = min(canvas[0] / width, canvas[1] / height)
        effect = _effect(item, "Basic Motion", "basic")
        _parameter(effect, "scale", _number(placed.scale * fitted * 100))
        _parameter(effect, "rotation", _number(placed.rotation_degrees))
        center = ElementTree.SubElement(_parameter(effect, "center", ""), "value")
        _leaf(center, "horiz", _number(placed.x - 0.5))
        _leaf(center, "vert", _number(placed.y - 0.5))
    if any(placed.crop):
        effect = _effect(item, "Crop", "crop")
        for name, side in zip(("left", "top", "right", "bottom"), placed.crop, strict=True):
            _parameter(effect, name, _number(side * 100))
    if placed.opacity != 1:
        _parameter(_effect(item, "Opacity", "opacity"), "opacity", _number(placed.opacity * 100))


def _effect(item: Node, name: str, effect_id: str) -> Node:
    effect = ElementTree.SubElement(ElementTree.SubElement(item, "filter"), "effect")
    for tag, text in (("name", name), ("effectid", effect_id), ("effectcategory", "motion"),
                      ("effecttype", "motion"), ("mediatype", "video")):
        _leaf(effect, tag, text)
    return effect


def _parameter(effect: Node, name: str, value: str) -> Node:
    parameter = ElementTree.SubElement(effect, "parameter")
    _leaf(parameter, "parameterid", name)
    _leaf(parameter, "name", name)
    if value:
        _leaf(parameter, "value", value)
    return parameter


def _number(value: float) -> str:
    text = f"{value:.10f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _leaf(parent: Node, tag: str, text: str) -> None:
    ElementTree.SubElement(parent, tag).text = text
