"""Damage to single samples: peaks that a recorder cut flat, and clicks. Found and drawn anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d
from scipy.signal import lfilter

from microfinish.media.interpolation import Runs, Signal, interpolated, prediction

_FLAT = 1e-4
_FLAT_RUN = 4
_ENTRY = 10 * _FLAT
_MIN_PEAK = 0.05
_MIN_RUNS = 2
MAX_RESTORED = 2.0
"""A peak is drawn at most 6 dB above where it was cut."""

_BLOCK = 2048
_ORDER = 24
_CLICK_OVER_MEDIAN = 40.0
_CLICK_OVER_NEARBY = 2.5
_CLICK_SECONDS = 0.001
_SUSPECT = 12.0
_STEADY_DB = 15.0
_CLICK_OVER_RMS = 2.0
_MIN_CLICK = 1e-3


def clipped_runs(signal: Signal) -> Runs:
    """The flat tops of `signal` (n,): at least four samples within 0.01 % of the highest (or the
    lowest) value, reached in a step, as no round peak does. Fewer than two of them are chance."""
    found: Runs = []
    for side in (signal, -signal):
        peak = float(side.max(initial=0.0))
        if peak < _MIN_PEAK:
            continue
        runs = [(a, b) for a, b in stretches(side >= peak * (1 - _FLAT)) if b - a >= _FLAT_RUN]
        steps = [max(peak - (side[a - 1] if a else peak), peak - (side[b] if b < side.size
                                                                 else peak)) for a, b in runs]
        sharp = [run for run, step in zip(runs, steps, strict=True) if step > _ENTRY * peak]
        found += sharp if len(sharp) >= _MIN_RUNS else []
    return sorted(found)


def declipped(signal: Signal) -> Signal:
    """`signal` with its flat tops drawn round: never below where they were cut, nor 6 dB above."""
    runs = clipped_runs(signal)
    if not runs:
        return signal
    drawn = interpolated(signal, runs)
    for start, end in runs:
        level = float(np.abs(signal[start:end]).max())
        sign = 1.0 if signal[start] > 0 else -1.0
        drawn[start:end] = sign * np.clip(sign * drawn[start:end], level, level * MAX_RESTORED)
    return drawn


def clicks(signal: Signal, rate: int) -> Runs:
    """Where single clicks are: up to 1 ms in which the sound is what nothing around predicts.

    The pulses of a voice are outliers, too, but come in rows; a click stands alone within 12 ms.
    Where a sound begins or ends at once, its level differs on the two sides; a click leaves it.
    """
    error = np.abs(_unpredicted(signal))
    if not error.any():
        return []
    gap, near = round(0.0015 * rate), round(0.012 * rate)
    usual = _block_medians(error)
    ahead = maximum_filter1d(error, near, origin=-(near // 2))
    around = np.zeros_like(error)
    shift = gap
    around[:-shift] = ahead[shift:]  # the loudest of what follows, after the click itself
    behind = maximum_filter1d(error, near, origin=(near - 1) // 2)
    around[shift:] = np.maximum(around[shift:], behind[:-shift])
    loud = (error > _CLICK_OVER_MEDIAN * usual) & (error > _CLICK_OVER_NEARBY * around) & (
        error > _MIN_CLICK)
    if not loud.any():
        return []
    # what a voice does at once is below its own level; a click that matters is above it
    power = np.maximum(uniform_filter1d(signal ** 2, 2 * near), 0.0)
    loud &= error > _CLICK_OVER_RMS * np.sqrt(power)
    found: Runs = []
    for start, end in stretches(loud):
        level = float(error[start:end].max()) / 8
        low, high = start, end
        while low > 0 and start - low < gap and error[low - 1] > level:
            low -= 1
        while high < error.size and high - end < gap and error[high] > level:
            high += 1
        low, high = max(0, low - 3), min(signal.size, high + 3)
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], high)
        else:
            found.append((low, high))
    return [run for run in found if run[1] - run[0] <= _CLICK_SECONDS * rate * 2
            and _goes_on(signal, run, near)]


def _goes_on(signal: Signal, run: tuple[int, int], near: int) -> bool:
    """Whether the sound is about as loud before and after."""
    sides = signal[max(0, run[0] - near): run[0]], signal[run[1]: run[1] + near]
    if not all(side.size for side in sides):
        return False
    before, after = (float(np.mean(side ** 2)) + 1e-12 for side in sides)
    return bool(abs(10 * np.log10(before / after)) < _STEADY_DB)


def declicked(signal: Signal, rate: int) -> Signal:
    """`signal` with its clicks replaced by what surrounds them."""
    found = clicks(signal, rate)
    return interpolated(signal, found) if found else signal


def _unpredicted(signal: Signal) -> Signal:
    """What a linear prediction, learnt every 2048 samples, does not explain. Zeros where not even
    the third difference has an outlier, nor beside: most of a clean recording."""
    out = np.zeros_like(signal)
    count = -(-signal.size // _BLOCK)
    rough = np.zeros(count * _BLOCK)
    rough[: max(0, signal.size - 3)] = np.abs(np.diff(signal, 3))
    blocks = rough.reshape(count, _BLOCK)
    suspect = blocks.max(axis=1) > _SUSPECT * np.median(blocks, axis=1) + _MIN_CLICK / 4
    suspect = maximum_filter1d(suspect.astype(np.int8), 3) > 0
    for start in (np.flatnonzero(suspect) * _BLOCK).tolist():
        first = max(0, start - _ORDER)
        block = signal[first: start + _BLOCK]
        taps = prediction(block, _ORDER) if block.size > 4 * _ORDER else None
        if taps is not None:
            out[start: start + _BLOCK] = lfilter(taps, [1.0], block)[start - first:]
    out[:_ORDER] = 0.0
    return out


def _block_medians(values: Signal) -> Signal:
    medians = [float(np.median(values[k: k + _BLOCK])) for k in range(0, values.size, _BLOCK)]
    return np.repeat(np.maximum(medians, 1e-9), _BLOCK)[: values.size]


def stretches(flags: NDArray[np.bool_]) -> Runs:
    """(start, exclusive end) of every run of true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
