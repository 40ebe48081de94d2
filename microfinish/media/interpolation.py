"""Samples drawn anew from those around them: for clicks and for peaks that were cut flat.

Janssen, Veldhuis and Vries (1986): the missing samples are those that a linear prediction of their
surroundings explains best.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, solve, solve_toeplitz

Signal = NDArray[np.float64]
Runs = list[tuple[int, int]]

_CONTEXT = 512
_ORDER = 32
_ROUNDS = 2
_SPAN = 600


def interpolated(signal: Signal, runs: Runs, rounds: int = _ROUNDS) -> Signal:
    """`signal` (n,) with every sample inside `runs` (start, exclusive end, in order) drawn anew."""
    out = signal.copy()
    for group in _groups(runs):
        first = max(0, group[0][0] - _CONTEXT)
        last = min(out.size, group[-1][1] + _CONTEXT)
        missing = np.concatenate([np.arange(a, b) for a, b in group]) - first
        out[first:last] = _solved(out[first:last], missing, rounds)
    return out


def _groups(runs: Runs) -> list[Runs]:
    """Runs that are near each other, at most about 600 samples in one piece."""
    groups: list[Runs] = []
    for run in runs:
        if groups and run[1] - groups[-1][0][0] <= _SPAN:
            groups[-1].append(run)
        else:
            groups.append([run])
    return groups


def _solved(block: Signal, missing: NDArray[np.int64], rounds: int) -> Signal:
    block = block.copy()
    known = np.ones(block.size, dtype=bool)
    known[missing] = False
    for _ in range(rounds):
        weights = prediction(block, min(_ORDER, block.size // 4))
        if weights is None:
            return block
        # the energy of the prediction error as a quadratic form: Toeplitz in the error filter
        reach = np.correlate(weights, weights, mode="full")[weights.size - 1:]
        apart = np.abs(missing[:, None] - missing[None, :])
        square = np.where(apart < reach.size, reach[np.minimum(apart, reach.size - 1)], 0.0)
        both = np.concatenate((reach[:0:-1], reach))
        pull = np.convolve(np.where(known, block, 0.0), both, mode="same")[missing]
        square[np.diag_indices_from(square)] *= 1 + 1e-9
        try:
            block[missing] = solve(square, -pull, assume_a="pos")
        except LinAlgError:
            return block
    return block


def prediction(block: Signal, order: int) -> Signal | None:
    """The error filter (order + 1,) of linear prediction, first tap 1; None for silence."""
    windowed = block * np.hanning(block.size)
    spectrum = np.fft.rfft(windowed, 2 * block.size)
    lags = np.fft.irfft(np.abs(spectrum) ** 2)[: order + 1]
    if lags[0] < 1e-12 or order < 1:
        return None
    lags[0] *= 1 + 1e-7
    taps: Signal = np.concatenate(([1.0], -solve_toeplitz(lags[:order], lags[1: order + 1])))
    return taps
