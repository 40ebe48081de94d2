"""A look-ahead true-peak limiter, worked out as a gain curve: nothing is heard until it is sure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d

from microfinish.media.loudness import Samples, peak_envelope

GRID = 16
"""Samples per control step (0.33 ms at 48 kHz): curves have one node per step border."""
LOOK_AHEAD_STEPS = 12
RELEASE_DB_PER_SECOND = 60.0
FAST_RELEASE_DB_PER_SECOND = 400.0
SLOW_DEPTH_DB = 4.0

Curve = NDArray[np.float64]


def grid_peaks(samples: Samples) -> Curve:
    """The true peak (linear) within each control step: (ceil(n / GRID),)."""
    envelope = peak_envelope(samples)
    steps = -(-envelope.size // GRID)
    padded = np.zeros(steps * GRID, dtype=np.float32)
    padded[: envelope.size] = envelope
    peaks: Curve = padded.reshape(steps, GRID).max(axis=1).astype(np.float64)
    return peaks


def limit_curve(
    peaks: Curve, ceiling_dbtp: float, extra_db: Curve | None = None, rate: int = 48_000
) -> Curve:
    """Gain in dB (<= 0) at each of the `len(peaks) + 1` step borders that holds the ceiling.

    `extra_db` (<= 0 per step) asks for that much more where an encoder is known to overshoot. The
    curve starts down 4 ms before a peak, never asks for less than a peak needs, and comes back
    at 400 dB/s to 4 dB, then at 60 dB/s. Between borders the gain moves on a straight line.
    """
    if not peaks.size:
        return np.zeros(1)
    need = np.minimum(0.0, ceiling_dbtp - 20 * np.log10(np.maximum(peaks, 1e-9)))
    if extra_db is not None:
        need = need + extra_db
    # A node borders two steps and may not exceed what either needs, so that the line between two
    # nodes never does.
    nodes = np.minimum(np.append(need, 0.0), np.append(0.0, need))
    # Release: the lowest of all earlier demands, each forgotten at a constant rate in dB. A deep
    # one is forgotten quickly down to the last few decibels, so that one click costs no loudness.
    released = np.minimum(
        _released(nodes, FAST_RELEASE_DB_PER_SECOND * GRID / rate),
        _released(np.maximum(nodes, -SLOW_DEPTH_DB), RELEASE_DB_PER_SECOND * GRID / rate))
    # Attack: hold the minimum over a window, then average over the same window. An average of
    # values that are all at or below the demand stays at or below it.
    width = LOOK_AHEAD_STEPS
    held = minimum_filter1d(released, 2 * width + 1, mode="nearest")
    taper = np.hanning(2 * width + 3)[1:-1]
    padded = np.pad(held, width, mode="edge")
    smooth: Curve = np.convolve(padded, taper / taper.sum(), mode="valid")
    return np.minimum(smooth, 0.0)


def _released(nodes: Curve, slope: float) -> Curve:
    ramp = np.arange(nodes.size) * slope
    curve: Curve = np.minimum(np.minimum.accumulate(nodes - ramp) + ramp, 0.0)
    return curve


def apply_curve(samples: Samples, curve_db: Curve) -> Samples:
    """`samples` with a gain curve applied: straight (linear) lines between the step borders."""
    gain = (10 ** (curve_db / 20)).astype(np.float32)
    steps = gain.size - 1
    within = np.arange(GRID, dtype=np.float32) / GRID
    ramp = (gain[:-1, None] + (gain[1:] - gain[:-1])[:, None] * within).reshape(steps * GRID)
    length = samples.shape[0]
    return (samples * ramp[:length, None]).astype(np.float32, copy=False)


def limit(samples: Samples, ceiling_dbtp: float, rate: int = 48_000) -> tuple[Samples, float]:
    """(`samples` held at or below the true-peak ceiling, the deepest gain reduction in dB >= 0)."""
    curve = limit_curve(grid_peaks(samples), ceiling_dbtp, rate=rate)
    return apply_curve(samples, curve), float(-curve.min())
