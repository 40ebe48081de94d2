"""Sibilants: how loud s and sh are beside the voice, and a de-esser bounded in depth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d
from scipy.signal import butter, sosfilt, sosfiltfilt

from microfinish.media.interpolation import Signal

SIBILANT_HZ = (5_000.0, 10_000.0)
VOICE_HZ = (300.0, 3_400.0)
STEPS_PER_SECOND = 200
_RATIO = 0.8


def band_steps(signal: Signal, rate: int, band: tuple[float, float]) -> NDArray[np.float64]:
    """The mean square of a band in each 5 ms of `signal` (n,)."""
    width = rate // STEPS_PER_SECOND
    steps = signal.size // width
    if band[1] >= rate / 2 or not steps:
        return np.zeros(steps)
    heard = sosfilt(butter(2, band, "bandpass", fs=rate, output="sos"), signal)
    heard = heard[: steps * width].reshape(steps, width)
    powers: NDArray[np.float64] = np.einsum("ij,ij->i", heard, heard) / width
    return powers


def deessed(signal: Signal, rate: int, above_dbfs: float, depth_db: float) -> Signal:
    """`signal` with its 5 to 10 kHz band taken down where it is above `above_dbfs`, by 80 % of
    the excess and at most `depth_db`; elsewhere as it was."""
    power = band_steps(signal, rate, SIBILANT_HZ)
    over = 10 * np.log10(power + 1e-14) - above_dbfs
    cut_db = np.clip(over * _RATIO, 0.0, depth_db)
    if not cut_db.any():
        return signal
    cut_db = uniform_filter1d(maximum_filter1d(cut_db, 3), 3)  # in and out within 10 ms
    width = rate // STEPS_PER_SECOND
    centers = (np.arange(cut_db.size) + 0.5) * width
    share = 1 - np.interp(np.arange(signal.size), centers, 10 ** (-cut_db / 20))
    band = sosfiltfilt(butter(2, SIBILANT_HZ, "bandpass", fs=rate, output="sos"), signal)
    out: Signal = signal - share * band
    return out
