"""FCPXML time maps: the points of a clip's speed, exact where they are straight, sampled where
the speed eases from one to the next."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from microfinish.interchange.fcpxml_said import Losses
from microfinish.interchange.fcpxml_view import Points
from microfinish.interchange.xmltext import Element

MAX_SAMPLES = 2_000
"""Per eased point: over a minute at 30 fps, longer than any ramp of an episode."""

ReadTime = Callable[[Element, str], Fraction | None]


@dataclass(frozen=True, slots=True)
class _Point:
    """A point of a time map. It eases from `before` seconds ahead of it to `after` behind it."""

    element: Element
    time: Fraction
    value: Fraction
    before: Fraction = Fraction(0)
    after: Fraction = Fraction(0)


def time_map(element: Element, rate: Fraction, read_time: ReadTime, losses: Losses,
             eased: bool = True) -> Points:
    """The time map of a clip, times rising; empty where it plays at its own speed.

    `rate` is how finely a ramp is sampled. Without `eased` ramps are corners, for sound.
    """
    holder = element.first("timeMap")
    if holder is None:
        return ()
    found: dict[Fraction, _Point] = {}
    for child in holder.children:
        if child.tag != "timept":
            losses.add(child, "warning", "the element is not understood")
            continue
        time, value = read_time(child, "time"), read_time(child, "value")
        if time is None or value is None:
            losses.add(child, "error", "a speed point without time or value; not used")
            continue
        before, after = (_length(read_time(child, name)) for name in ("inTime", "outTime"))
        if child.get("interp", "smooth2") == "linear":
            before = after = Fraction(0)
        found[time] = _Point(child, time, value, before, after)
    if len(found) < 2:
        losses.add(holder, "error", "the speed change has fewer than two points; "
                                    "the clip plays at normal speed")
        return ()
    points = [found[time] for time in sorted(found)]
    if eased:
        _tell(holder, points, losses)
    return tuple(_drawn(points, rate if eased else None))


def _length(time: Fraction | None) -> Fraction:
    return max(time or Fraction(0), Fraction(0))


def _tell(holder: Element, points: list[_Point], losses: Losses) -> None:
    inner = points[1:-1]
    if any(point.before or point.after for point in inner):
        losses.add(holder, "info", "the speed eases between its points: the ramp is taken frame "
                                   "by frame, straight within a frame")
    elif any(point.element.get("interp", "smooth2") != "linear" for point in inner):
        losses.add(holder, "info", "the speed may ease at its points, for how long is not stated; "
                                   "it is read as straight between them")


def _drawn(points: list[_Point], rate: Fraction | None) -> list[tuple[Fraction, Fraction]]:
    """The curve's corners. A ramp is the parabola that touches both straight sides."""
    drawn: list[tuple[Fraction, Fraction]] = []
    for index, point in enumerate(points):
        here = (point.time, point.value)
        if rate is None or index in (0, len(points) - 1) or not (point.before or point.after):
            drawn.append(here)
            continue
        ahead, behind = points[index - 1], points[index + 1]
        # two ramps may meet in the middle between their points and no farther
        before = min(point.before, (point.time - ahead.time) / 2)
        after = min(point.after, (behind.time - point.time) / 2)
        drawn += _ramp(_on(ahead, point, point.time - before), here,
                       _on(point, behind, point.time + after), rate)
    return list(dict(drawn).items())


def _on(one: _Point, other: _Point, time: Fraction) -> tuple[Fraction, Fraction]:
    share = (time - one.time) / (other.time - one.time)
    return time, one.value + (other.value - one.value) * share


def _ramp(begin: tuple[Fraction, Fraction], corner: tuple[Fraction, Fraction],
          end: tuple[Fraction, Fraction], rate: Fraction) -> list[tuple[Fraction, Fraction]]:
    """A quadratic Bezier curve from begin to end, about one point per frame."""
    count = max(1, min(MAX_SAMPLES, math.ceil((end[0] - begin[0]) * rate)))
    found = []
    for step in range(count + 1):
        u = Fraction(step, count)
        time, value = ((1 - u) ** 2 * a + 2 * u * (1 - u) * b + u * u * c
                       for a, b, c in zip(begin, corner, end, strict=True))
        found.append((time, value))
    return found
