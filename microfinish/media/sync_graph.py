"""Several recorders and cameras placed together: least squares over their pairwise offsets.

Each file has a clock: its second t is second `at` + t * (1 + rate) of its group's. A pair says
where two clocks meet at both ends of their overlap. A pair that the others contradict is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

MAX_RESIDUAL_SECONDS = 0.020
"""Half a frame: microphones seven meters apart hear one voice that far apart."""

_STEADY_SECONDS = 0.5
"""Clocks differ by some 100 ppm, pairs err by some 50 microseconds: without evidence of a drift
there is none."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Second t of file `one` is second `seconds` + t * (1 + `drift_ppm` / 1e6) of file `other`,
    heard between seconds `begin` and `end` of `one`."""

    one: str
    other: str
    seconds: Fraction
    drift_ppm: float
    begin: float
    end: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Clock:
    """A file's place in its group: group second = `at` + t * (1 + `rate_ppm` / 1e6)."""

    group: int
    at: float
    rate_ppm: float


@dataclass(frozen=True, slots=True)
class Placed:
    """Every file's clock, the residual of each pair in seconds, and the pairs that were refused.

    `checked` groups hold more pairs than it takes to join their files: their residuals mean
    something.
    """

    clocks: dict[str, Clock]
    residuals: tuple[float, ...]
    refused: tuple[int, ...]
    checked: frozenset[int]

    def offset(self, one: str, other: str) -> tuple[Fraction, float] | None:
        """(seconds, drift in ppm) of `one` in `other`; None where nothing joins them."""
        first, second = self.clocks.get(one), self.clocks.get(other)
        if first is None or second is None or first.group != second.group:
            return None
        pace = 1 + second.rate_ppm * 1e-6
        seconds = (first.at - second.at) / pace
        drift = ((1 + first.rate_ppm * 1e-6) / pace - 1) * 1e6
        return Fraction(round(seconds * 12_288_000), 12_288_000), drift


def place_together(pairs: Sequence[Pair], anchors: Sequence[str]) -> Placed:
    """Solve all groups. `anchors` are files whose clock is taken as right, best first (recorders).

    The worst pair of a group is refused while it misses by more than 20 ms and the group still
    holds together without it; of pairs that are equally bad, the least confident goes.
    """
    refused: set[int] = set()
    while True:
        kept = [index for index in range(len(pairs)) if index not in refused]
        clocks, groups = _solved(pairs, kept, anchors)
        residuals = [_residual(pair, clocks) for pair in pairs]
        worst = _worst(pairs, [index for index in kept if _spare(pairs, kept, index)], residuals)
        if worst is None:
            return Placed(clocks, tuple(residuals), tuple(sorted(refused)), frozenset(groups))
        refused.add(worst)


def _worst(pairs: Sequence[Pair], candidates: list[int], residuals: list[float]) -> int | None:
    bad = [index for index in candidates if residuals[index] > MAX_RESIDUAL_SECONDS]
    if not bad:
        return None
    most = max(residuals[index] for index in bad)
    return min((index for index in bad if residuals[index] > 0.8 * most),
               key=lambda index: pairs[index].confidence)


def _spare(pairs: Sequence[Pair], kept: list[int], index: int) -> bool:
    """Whether the two files of a pair stay joined without it."""
    names = _groups([pairs[other] for other in kept if other != index])
    return names.get(pairs[index].one, -1) == names.get(pairs[index].other, -2)


def _groups(pairs: Sequence[Pair]) -> dict[str, int]:
    """The number of the group of each file."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for pair in pairs:
        parent[root(pair.one)] = root(pair.other)
    numbers: dict[str, int] = {}
    return {name: numbers.setdefault(root(name), len(numbers)) for name in list(parent)}


def _solved(pairs: Sequence[Pair], kept: list[int], anchors: Sequence[str]
            ) -> tuple[dict[str, Clock], set[int]]:
    """(clocks, numbers of groups with more pairs than needed)."""
    grouped = _groups([pairs[index] for index in kept])
    clocks: dict[str, Clock] = {}
    checked = set()
    for number in sorted(set(grouped.values())):
        names = [name for name, own in grouped.items() if own == number]
        anchor = next((name for name in anchors if name in names), names[0])
        names.sort(key=lambda name: name != anchor)
        own = [pairs[index] for index in kept if grouped[pairs[index].one] == number]
        clocks.update(_group(own, names, number))
        if len(own) >= len(names):
            checked.add(number)
    return clocks, checked


def _group(pairs: list[Pair], names: list[str], number: int) -> dict[str, Clock]:
    """The clocks of one group; the first file's is the group's."""
    column = {name: 2 * index - 2 for index, name in enumerate(names)}
    # Where no pair is long enough to hear a drift, errors must not pass for one.
    drifting = any(pair.drift_ppm for pair in pairs)
    rows, values = [], []
    for pair in pairs:
        for t, across in _meetings(pair):
            row = np.zeros(2 * len(names) - 2)
            for name, moment, sign in ((pair.one, t, 1.0), (pair.other, across, -1.0)):
                if column[name] >= 0:
                    row[column[name]] += sign
                    row[column[name] + 1] += sign * moment * drifting
            rows.append(row * pair.confidence)
            values.append((across - t) * pair.confidence)
    for index in range(len(names) - 1):
        row = np.zeros(2 * len(names) - 2)
        row[2 * index + 1] = _STEADY_SECONDS
        rows.append(row)
        values.append(0.0)
    found = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)[0]
    return {name: Clock(number, float(found[at]) if at >= 0 else 0.0,
                        float(found[at + 1]) * 1e6 if at >= 0 else 0.0)
            for name, at in column.items()}


def _meetings(pair: Pair) -> tuple[tuple[float, float], ...]:
    """(second of one, second of other) at both ends of the overlap; only in its middle where it
    was too short to tell a drift from none."""
    moments = (pair.begin, pair.end) if pair.drift_ppm else ((pair.begin + pair.end) / 2,)
    return tuple((t, float(pair.seconds) + t * (1 + pair.drift_ppm * 1e-6)) for t in moments)


def _residual(pair: Pair, clocks: dict[str, Clock]) -> float:
    """How far, in seconds, the solution is from what the pair says, at the worse end."""
    one, other = clocks.get(pair.one), clocks.get(pair.other)
    if one is None or other is None or one.group != other.group:
        return 0.0
    misses = []
    for t, across in _meetings(pair):
        misses.append(abs(one.at + t * (1 + one.rate_ppm * 1e-6)
                          - other.at - across * (1 + other.rate_ppm * 1e-6)))
    return max(misses)
