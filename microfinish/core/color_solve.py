"""The one balance that carries colors of one picture into those of another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from microfinish.core.cdl import Triple
from microfinish.core.color import Balance
from microfinish.core.color_white import white_balance_matrix

HUBER = 0.15
"""Stops: pairs that miss by more count linearly, so that a few wrong ones do not decide."""
_STEPS = (0.02, 20.0, 2e-4)
_LARGEST = (2.0, 1500.0, 0.02)
_ENDS = (6.0, 3300.0, 0.05)
"""The daylight locus ends at 4000 K, 3500 K of offset from its base."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The same surface twice: scene-linear ACEScg `here` should become `there`."""

    here: Triple
    there: Triple
    weight: float = 1.0


def balance_between(pairs: Sequence[Pair]) -> Balance:
    """The exposure, temperature and tint that turn every `here` into its `there`, by Huber's
    loss on log2 of the three channels (Gauss-Newton; exact for one pair).

    Raises ValueError for no pairs and for colors with a channel <= 0.
    """
    if not pairs or min(min(*pair.here, *pair.there) for pair in pairs) <= 0:
        raise ValueError("a balance needs pairs of colors with positive channels")
    found = [0.0, 0.0, 0.0]
    for _ in range(15):
        now = residuals(Balance(*found), pairs)
        slopes = []
        for index, step in enumerate(_STEPS):
            moved = list(found)
            moved[index] += step
            after = residuals(Balance(*moved), pairs)
            slopes.append([(b - a) / step for a, b in zip(now, after, strict=True)])
        weights = [_weight(value) * pairs[index // 3].weight for index, value in enumerate(now)]
        change = _least_squares(slopes, now, weights)
        for index in range(3):
            step = max(-_LARGEST[index], min(_LARGEST[index], change[index]))
            found[index] = max(-_ENDS[index], min(_ENDS[index], found[index] - step))
        if all(abs(change[index]) < _STEPS[index] * 1e-4 for index in range(3)):
            break
    return Balance(*found)


def residuals(balance: Balance, pairs: Sequence[Pair]) -> list[float]:
    """log2 of what `balance` makes of every `here` over its `there`, three per pair."""
    rows = white_balance_matrix(balance)
    found = []
    for pair in pairs:
        for row, wanted in zip(rows, pair.there, strict=True):
            value = sum(m * v for m, v in zip(row, pair.here, strict=True))
            found.append(balance.exposure + math.log2(max(value, 1e-9) / wanted))
    return found


def _weight(residual: float) -> float:
    return 1.0 if abs(residual) <= HUBER else HUBER / abs(residual)


def _least_squares(slopes: list[list[float]], values: list[float],
                   weights: list[float]) -> list[float]:
    """Weighted normal equations of three unknowns, in units of their steps, by Cramer's rule."""
    scaled = [[slope * step for slope in row] for row, step in zip(slopes, _STEPS, strict=True)]
    n = [[sum(w * a * b for w, a, b in zip(weights, p, q, strict=True)) for q in scaled]
         for p in scaled]
    y = [sum(w * a * v for w, a, v in zip(weights, p, values, strict=True)) for p in scaled]
    for index in range(3):
        n[index][index] += 1e-12
    det = _det(n)
    if det == 0:
        return [0.0, 0.0, 0.0]
    found = []
    for index, step in enumerate(_STEPS):
        replaced = [[y[i] if j == index else n[i][j] for j in range(3)] for i in range(3)]
        found.append(_det(replaced) / det * step)
    return found


def _det(m: list[list[float]]) -> float:
    return (m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
            - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]))
