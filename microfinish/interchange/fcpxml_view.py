"""Nested time: which stretch of a clip's own time shows when, through any number of containers.

A view is what remains of a container after trimming and retiming, in sequence time. Placing a
child cuts the view down to the child's range and re-expresses it in the child's time; everything
is exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

Points = tuple[tuple[Fraction, Fraction], ...]
"""(adjusted time, original time) of a time map, adjusted times rising."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` to `end` in sequence seconds, local time runs from `at` on, `pace` local
    seconds per second: negative backward, 0 holds."""

    start: Fraction
    end: Fraction
    at: Fraction
    pace: Fraction = Fraction(1)

    def local(self, time: Fraction) -> Fraction:
        return self.at + self.pace * (time - self.start)


View = tuple[Stretch, ...]


def cut(view: View, begin: Fraction, end: Fraction | None, start: Fraction,
        factor: Fraction = Fraction(1)) -> View:
    """The part of `view` where its local time lies in begin..end, in a child's time: `start` at
    `begin`, `factor` child seconds per local second. Without `end` it goes on."""
    found: list[Stretch] = []
    for stretch in view:
        kept = _within(stretch, begin, end)
        if kept is not None:
            found.append(replace(kept, at=start + (kept.at - begin) * factor,
                                 pace=kept.pace * factor))
    return tuple(found)


def retimed(view: View, points: Points) -> View:
    """A view of adjusted time as a view of original time. Beyond its first and last point a time
    map goes on as it began and ended."""
    found: list[Stretch] = []
    pieces = list(pairwise(points))
    for stretch in view:
        parts = []
        for index, ((begin, value), (end, to_value)) in enumerate(pieces):
            slope = (to_value - value) / (end - begin)
            kept = _within(stretch, None if index == 0 else begin,
                           None if index == len(pieces) - 1 else end)
            if kept is not None:
                parts.append(replace(kept, at=value + (kept.at - begin) * slope,
                                     pace=kept.pace * slope))
        found.extend(sorted(parts, key=lambda part: part.start))
    return joined(tuple(found))


def joined(view: View) -> View:
    """Stretches that go on exactly where the one before ends, at its pace, are one."""
    found: list[Stretch] = []
    for stretch in view:
        last = found[-1] if found else None
        if (last and last.end == stretch.start and last.pace == stretch.pace
                and last.local(last.end) == stretch.at):
            found[-1] = replace(last, end=stretch.end)
        else:
            found.append(stretch)
    return tuple(found)


def chained(view: View) -> list[View]:
    """Stretches in rows: of one row, each begins when and where the one before it ends."""
    found: list[list[Stretch]] = []
    for stretch in view:
        last = found[-1][-1] if found else None
        if last and last.end == stretch.start and last.local(last.end) == stretch.at:
            found[-1].append(stretch)
        else:
            found.append([stretch])
    return [tuple(row) for row in found]


def place_of(view: View, local: Fraction) -> Fraction | None:
    """When a local time shows; None where it does not, or not at normal speed."""
    for stretch in view:
        if stretch.pace == 1 and stretch.at <= local <= stretch.local(stretch.end):
            return stretch.start + (local - stretch.at)
    return None


def _within(stretch: Stretch, begin: Fraction | None, end: Fraction | None) -> Stretch | None:
    """The part of a stretch whose local time lies between the bounds; None is no bound."""
    if stretch.pace == 0:
        inside = (begin is None or begin <= stretch.at) and (end is None or stretch.at < end)
        return stretch if inside else None
    first, last = (begin, end) if stretch.pace > 0 else (end, begin)
    start, stop = stretch.start, stretch.end
    if first is not None:
        start = max(start, stretch.start + (first - stretch.at) / stretch.pace)
    if last is not None:
        stop = min(stop, stretch.start + (last - stretch.at) / stretch.pace)
    if start >= stop:
        return None
    return Stretch(start, stop, stretch.local(start), stretch.pace)
