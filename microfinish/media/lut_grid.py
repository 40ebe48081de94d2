"""Where a cube's nodes lie and what its greys hold, so that tetrahedra follow the exact curve.

A log curve bends sharply at its black; between two nodes that bend cannot be drawn, and a finer
cube hardly helps (S-Log2: 6.0 ten-bit codes with 65 points, 2.5 with 129). So the grid is chosen
such that a node falls on the bend: a few points more, and a domain that ends a little above 1.
Then the grey nodes are moved to where the largest error of the grey ramp is smallest. Measured:
S-Log2 6.0 -> 0.1 codes, Apple Log 3.9 -> 0.5, PQ 1.5 -> 0.7, with no cost while rendering.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

Floats = NDArray[np.float64]
DENSE = 8193
RAMP = 1024
_TOPS = 21
_ABOVE_BLACK = 40
_NEUTRAL = 5e-4
"""Greys nearer to neutral than half a ten-bit code: one channel stands for all three."""
_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Grid:
    """`size` nodes per axis, evenly from 0 to `top`; `top` is 1 or a little more."""

    size: int
    top: float = 1.0

    def nodes(self) -> Floats:
        return np.arange(self.size, dtype=np.float64) * (self.top / (self.size - 1))


def dense_codes() -> Floats:
    """The grey codes, shape (8193,), at which a chain's exact curve must be known."""
    return np.linspace(0.0, 1.0, DENSE)


def aligned(curve: Floats, size: int) -> Grid:
    """The grid of `size` to an eighth more points on which the grey ramp can be fitted best.

    `curve` is the exact grey response at `dense_codes()`, shape (8193, 3). Near black a display
    curve is steep on every grid, which must not hide a bend further up: so the best grid for
    all greys and the best for those above black are compared after fitting.
    """
    dense, ramp = dense_codes(), np.linspace(0.0, 1.0, RAMP)
    if np.ptp(curve, axis=1).max() < _NEUTRAL:
        curve = curve[:, 1:2]
    wanted = [np.interp(ramp, dense, channel) for channel in curve.T]
    everywhere: list[tuple[float, Grid]] = []
    above: list[tuple[float, Grid]] = []
    for points in range(size, size + size // 8 + 1):
        for step in range(_TOPS):
            grid = Grid(points, round(1.0 + step / (_TOPS - 1) / (points - 1), 7))
            nodes = grid.nodes()
            error = np.max([np.abs(np.interp(ramp, nodes, np.interp(nodes, dense, channel)) - exact)
                            for channel, exact in zip(curve.T, wanted, strict=True)], axis=0)
            everywhere.append((round(float(error.max()), 7), grid))
            above.append((round(float(error[_ABOVE_BLACK:].max()), 7), grid))
    finalists = {min(found, key=lambda scored: scored[0])[1] for found in (everywhere, above)}
    return min(sorted(finalists, key=lambda grid: (grid.size, grid.top)),
               key=lambda grid: fit_error(curve, grid))


def fit_error(curve: Floats, grid: Grid) -> float:
    """The largest error of the fitted greys on the ramp, in ten-bit codes."""
    dense, ramp = dense_codes(), np.linspace(0.0, 1.0, RAMP)
    fitted = fitted_greys(curve, grid)
    return max(float(np.abs(np.interp(ramp, grid.nodes(), values)
                            - np.interp(ramp, dense, channel)).max()) * 1023
               for values, channel in zip(fitted.T, curve.T, strict=True))


def fitted_greys(curve: Floats, grid: Grid) -> Floats:
    """Values for the grey nodes, shape (size, 3), that keep the ramp's largest error smallest.

    Lawson's algorithm: least squares whose weights grow where the error is (C. L. Lawson, 1961).
    """
    dense, ramp, nodes = dense_codes(), np.linspace(0.0, 1.0, RAMP), grid.nodes()
    place = ramp / nodes[1]
    index = np.minimum(place.astype(np.int64), grid.size - 2)
    columns = [_fitted(index, place - index, np.interp(ramp, dense, channel),
                       np.interp(nodes, dense, channel)) for channel in curve.T]
    return np.stack(columns, axis=1)


def _fitted(index: NDArray[np.int64], rest: Floats, wanted: Floats, start: Floats) -> Floats:
    """Node values for one channel: each sample lies `rest` of the way from `index` to the next."""
    values, best, least = start, start, np.inf
    size, weights = len(start), np.ones(len(wanted))
    for _ in range(_ROUNDS):
        error = np.abs(values[index] * (1 - rest) + values[index + 1] * rest - wanted)
        if error.max() < least:
            least, best = float(error.max()), values
        weights = np.maximum(weights * (error + 1e-7), 1e-12)
        weights = np.maximum(weights / weights.mean(), 1e-6)
        low, high = weights * (1 - rest), weights * rest
        # The normal equations are tridiagonal: a sample knows two neighboring nodes only.
        bands = np.zeros((2, size))
        bands[1] = (np.bincount(index, low * (1 - rest), size)
                    + np.bincount(index + 1, high * rest, size) + 1e-9)
        bands[0, 1:] = np.bincount(index, low * rest, size)[:-1]
        right = (np.bincount(index, low * wanted, size)
                 + np.bincount(index + 1, high * wanted, size) + 1e-9 * start)
        values = solveh_banded(bands, right, check_finite=False)
    if (np.diff(start) >= 0).all():
        best = np.maximum.accumulate(best)
    return np.clip(best, 0.0, 1.0)
