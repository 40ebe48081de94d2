"""Final Cut Pro 7 time remap: a clip's speed filter as pieces of constant speed.

With a filter, a clip's in and out count retimed frames, and the filter's graph says which source
frame each shows. Some programs write source frames instead: the out point tells which.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from microfinish.core.timeline import RetimeKey
from microfinish.interchange.xmltext import Element

_NUMBER = re.compile(r"^[-+]?\d{1,16}(?:\.\d{1,12})?$")


@dataclass(frozen=True, slots=True)
class Piece:
    """`length` record frames that start at source position `source`, in the clip's own rate;
    with `keys` at a variable speed."""

    length: int
    source: Fraction
    speed: Fraction
    keys: tuple[RetimeKey, ...] = ()


Lose = Callable[[Element, str, str], None]


def number(text: str) -> Fraction | None:
    """A plain decimal number, or None."""
    return Fraction(text.strip()) if _NUMBER.match(text.strip()) else None


def time_remap(clip: Element) -> Element | None:
    """The clip's speed filter, unless it is switched off."""
    for effect in (filter_.first("effect") for filter_ in clip.all("filter")
                   if filter_.value("enabled").upper() != "FALSE"):
        if effect is not None and effect.value("effectid").casefold() == "timeremap":
            return effect
    return None


def pieces(effect: Element, entry: Fraction, out: Fraction | None, late: int, length: int,
           ratio: Fraction, duration: Fraction | None, lose: Lose) -> list[Piece]:
    """The pieces of a clip of `length` record frames with this speed filter.

    `entry` and `out` are the clip's points, `ratio` its frames per record frame, `duration` its
    length with the filter on, all in the clip's rate. `out` lies `late` record frames farther.
    """
    parameters = {p.value("parameterid").casefold(): p for p in effect.all("parameter")}
    percent = _value(parameters, "speed")
    speed = percent / 100 if percent is not None else Fraction(1)
    if percent is not None and 0 < abs(percent) <= 1:
        lose(effect, "warning", f"a speed of {float(percent):g} percent, as the format says; a few "
                                "programs write 0.25 where they mean 25 percent")
    backward = _flag(parameters, "reverse")
    graph = _graph(parameters.get("graphdict"))
    if backward and speed > 0:
        speed = -speed
    if _flag(parameters, "variablespeed") and len(graph) > 1:
        return _variable(effect, graph, entry, length, ratio, lose)
    if not _counts_retimed(entry, out, (length + late) * ratio, speed):
        return [Piece(length, entry, speed)]
    if len(graph) > 1:
        return [Piece(length, _at(graph, entry), speed)]
    if speed < 0:
        if duration is None:
            lose(effect, "error", "a reversed clip does not say how long it is; "
                                  "its in point is taken as a source frame")
            return [Piece(length, entry, speed)]
        return [Piece(length, (duration - entry) * -speed - 1, speed)]
    return [Piece(length, entry * speed, speed)]


def _counts_retimed(entry: Fraction, out: Fraction | None, shown: Fraction,
                    speed: Fraction) -> bool:
    """Whether in and out count retimed frames: then they lie as far apart as the record."""
    if out is None or speed == 0:
        return True
    return abs(out - entry - shown) <= max(Fraction(1), abs(out - entry - shown * abs(speed)))


def _variable(effect: Element, graph: list[tuple[Fraction, Fraction]], entry: Fraction,
              length: int, ratio: Fraction, lose: Lose) -> list[Piece]:
    """One piece with a key at every keyframe, straight between them."""
    end = entry + length * ratio
    marks = [entry, *(when for when, _ in graph if entry < when < end), end]
    keys = tuple(RetimeKey(_whole((mark - entry) / ratio), _whole(_at(graph, mark)))
                 for mark in marks)
    if any(key.first("inbez") or key.first("outbez") for key in effect.iter()
           if key.tag == "keyframe"):
        lose(effect, "warning", "the speed eases between its keyframes; it is read as straight "
                                "between them")
    return [Piece(length, keys[0].source, Fraction(1), keys)]


def _whole(frames: Fraction) -> Fraction:
    """A frame border that decimals missed by a hair."""
    nearest = Fraction(round(frames))
    return nearest if abs(frames - nearest) < Fraction(1, 10**6) else frames


def _at(graph: list[tuple[Fraction, Fraction]], when: Fraction) -> Fraction:
    """The graph's value, straight between keyframes and on beyond the outer two."""
    index = next((i for i in range(1, len(graph) - 1) if when < graph[i][0]), len(graph) - 1)
    (t0, v0), (t1, v1) = graph[index - 1], graph[index]
    return v0 + (v1 - v0) * (when - t0) / (t1 - t0)


def _graph(parameter: Element | None) -> list[tuple[Fraction, Fraction]]:
    found: dict[Fraction, Fraction] = {}
    for key in parameter.all("keyframe") if parameter else []:
        when, value = number(key.value("when")), number(key.value("value"))
        if when is not None and value is not None:
            found[when] = value
    return sorted(found.items())


def _value(parameters: dict[str, Element], name: str) -> Fraction | None:
    return number(parameters[name].value("value")) if name in parameters else None


def _flag(parameters: dict[str, Element], name: str) -> bool:
    text = parameters[name].value("value").upper() if name in parameters else ""
    return text in ("TRUE", "1")
