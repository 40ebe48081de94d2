"""Where a camera's sound lies in a recorder's: GCC-PHAT, first coarse over all, then to a sample.

Knapp and Carter's generalised cross-correlation with phase transform, since plain correlation
peaks 6 ms off on reverberant sound. Two clocks also drift: 50 ppm is 5 ms in 100 s.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal import butter, resample_poly, sosfiltfilt

from microfinish.media.loudness import Samples

Mono = NDArray[np.float32]

MIN_SECONDS = 1.0
MIN_RATIO = 1.35
MIN_PROMINENCE = 18.0
FLOOR_PROMINENCE = 9.0
"""Unrelated speech reaches 7.7 over the floor however short it is."""
FULL_SECONDS = 10.0
MAX_DRIFT_PPM = 300.0
_COARSE_RATE = 8_000
_BAND = (100.0, 3500.0)
_SILENT_RMS = 1e-5
_NEIGHBOURHOOD_SECONDS = 0.02
_WINDOW_SECONDS = 6.0
_STEP_SECONDS = 10.0
_WINDOWS = 24
_HEARD_DRIFT_SECONDS = 0.000_25
"""Less than this over the whole file is within a step of the boom: resampling is for nothing."""


@dataclass(frozen=True, slots=True)
class Offset:
    """`seconds` into the recorder file the camera file begins (may be negative), sample-exact.

    `drift_ppm` > 0: the recorder's clock runs fast. `ratio` is the best peak over the next one
    away from it, `prominence` the peak over the RMS of the correlation; `confidence` is 0..1.
    Where `accepted` is false, `reason` says why and the numbers are only the best guess.
    """

    seconds: Fraction
    drift_ppm: float
    confidence: float
    accepted: bool
    reason: str
    ratio: float = 0.0
    prominence: float = 0.0


def find_offset(
    camera: Samples,
    recorder: Samples,
    rate: int = 48_000,
    *,
    near: Fraction | None = None,
    within_seconds: float = 2.0,
) -> Offset:
    """Where `camera` (n,) or (n, channels) begins in `recorder`, both at `rate`.

    With `near` only offsets within `within_seconds` of it are considered (a timecode match to be
    verified). Both signals must overlap by at least a second.
    """
    one, other = _mono(camera), _mono(recorder)
    if min(one.size, other.size) < MIN_SECONDS * rate:
        return _refused(f"less than {MIN_SECONDS:g} s of sound to compare")
    if _rms(one) < _SILENT_RMS or _rms(other) < _SILENT_RMS:
        return _refused(f"the {'camera' if _rms(one) < _SILENT_RMS else 'recorder'} is silent")
    lag, ratio, prominence = _coarse(one, other, rate, near, within_seconds)
    overlap = min(one.size, other.size - lag) - max(0, -lag)
    usable = min(overlap / rate, FULL_SECONDS)
    # The floor of a correlation falls with the square root of its length.
    wanted = max(MIN_PROMINENCE * sqrt(max(usable, 0.1) / FULL_SECONDS), FLOOR_PROMINENCE)
    confidence = _confidence(ratio, prominence / wanted)
    seconds = Fraction(lag, rate)
    if overlap < MIN_SECONDS * rate:
        return Offset(seconds, 0.0, confidence, False, "the files hardly overlap", ratio,
                      prominence)
    if ratio < MIN_RATIO or prominence < wanted:
        return Offset(
            seconds, 0.0, confidence, False,
            f"no clear match: peak {ratio:.2f} times the next (needs {MIN_RATIO}), "
            f"{prominence:.0f} over the floor (needs {wanted:.0f})", ratio, prominence)
    exact, drift, residual = _refined(one, other, rate, lag)
    if abs(drift) > MAX_DRIFT_PPM:
        return Offset(_fraction(exact, rate), drift, confidence, False,
                      f"the clocks differ by {drift:.0f} ppm: is one file at another sample rate "
                      "or pulled up or down?", ratio, prominence)
    told = f"waveform, residual {residual / rate * 1000:.2f} ms"
    return Offset(_fraction(exact, rate), drift, confidence, True, told, ratio, prominence)


def _coarse(
    one: Mono, other: Mono, rate: int, near: Fraction | None, within: float
) -> tuple[int, float, float]:
    """(lag in samples at `rate`, peak over second peak, peak over RMS), at 8 kHz in the band."""
    small, large = (_band_limited(signal, rate) for signal in (one, other))
    correlation = _gcc_phat(small, large, _COARSE_RATE)
    lags = np.arange(-(small.size - 1), large.size)
    if near is not None:
        keep = np.abs(lags - float(near) * _COARSE_RATE) <= within * _COARSE_RATE
        if not keep.any():
            return round(near * rate), 0.0, 0.0
        correlation, lags = correlation[keep], lags[keep]
    best = int(correlation.argmax())
    peak = float(correlation[best])
    away = round(_NEIGHBOURHOOD_SECONDS * _COARSE_RATE)
    rest = np.concatenate((correlation[: max(0, best - away)], correlation[best + away + 1:]))
    second = float(rest.max()) if rest.size else 0.0
    floor = float(np.sqrt(np.mean(rest ** 2))) if rest.size else 0.0
    lag = round(int(lags[best]) * rate / _COARSE_RATE)
    return lag, peak / max(second, 1e-12), peak / max(floor, 1e-12)


def _refined(one: Mono, other: Mono, rate: int, lag: int) -> tuple[float, float, float]:
    """(lag in samples at the camera's first, drift in ppm, residual in samples).

    Drift smears a window's own peak (46 samples at 120 ppm over 8 s), so the line is fitted
    twice: the second time to windows stretched by what the first one found.
    """
    slope = 0.0
    base, residual = float(lag), 0.0
    for _ in range(2):
        places, lags = _windowed_lags(one, other, rate, base, slope)
        if not places.size:
            return base, slope * 1e6, residual
        if places.size < 3 or places[-1] - places[0] < 4 * rate:
            return float(np.median(lags)), 0.0, 0.0
        slope, base = _robust_line(places, lags)
        residual = float(np.median(np.abs(base + slope * places - lags)))
        if abs(slope) > MAX_DRIFT_PPM * 2e-6:
            break
    start, end = max(0, -lag), min(one.size, other.size - lag)
    drift = slope * 1e6
    if abs(drift) < 1.0 or abs(slope) * (end - start) / rate < _HEARD_DRIFT_SECONDS:
        return float(base + slope * (start + end) / 2), 0.0, residual
    return base, drift, residual


def _windowed_lags(
    one: Mono, other: Mono, rate: int, base: float, slope: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(positions in the camera, lags there) of windows along the overlap, given a first line."""
    start, end = max(0, -round(base)), min(one.size, other.size - round(base))
    window = min(round(_WINDOW_SECONDS * rate), end - start)
    step = max(rate, (end - start - window) // _WINDOWS, min(round(_STEP_SECONDS * rate),
                                                             max(1, (end - start - window) // 3)))
    reach = round((0.150 if slope == 0.0 else 0.050) * rate)
    places, lags = [], []
    for begin in range(start, end - window + 1, step):
        piece = one[begin: begin + window]
        if slope:
            piece = soxr.resample(piece, 1.0, 1.0 + slope, "VHQ")
        at = round(begin + base + slope * begin)
        found = _local_lag(piece, other, at, reach, rate)
        if found is not None:
            places.append(float(begin if slope else begin + window / 2))
            lags.append(at + found - begin)
    return np.array(places), np.array(lags)


def _local_lag(piece: Mono, other: Mono, at: int, reach: int, rate: int) -> float | None:
    """The lag, in fractions of a sample, of `piece` around position `at` of `other`, or None."""
    low = at - reach
    size = piece.size + 2 * reach
    region = np.zeros(size, dtype=np.float32)
    first, last = max(0, low), min(other.size, low + size)
    if last - first < piece.size // 2 or _rms(piece) < _SILENT_RMS:
        return None
    region[first - low: last - low] = other[first:last]
    correlation = _gcc_phat(piece, region, rate)[piece.size - 1: piece.size - 1 + 2 * reach + 1]
    best = int(correlation.argmax())
    away = round(_NEIGHBOURHOOD_SECONDS * rate)
    rest = np.concatenate((correlation[: max(0, best - away)], correlation[best + away + 1:]))
    if not rest.size or correlation[best] < 1.2 * rest.max():
        return None
    return best + _parabola(correlation, best) - reach


def _gcc_phat(small: Mono, large: Mono, rate: int) -> NDArray[np.float32]:
    """The phase-only cross-correlation within the speech band, at lags -(small - 1)..large - 1."""
    size = next_fast_len(small.size + large.size - 1, real=True)
    cross = rfft(large, size) * np.conj(rfft(small, size))
    frequency = np.fft.rfftfreq(size, 1 / rate)
    magnitude = np.abs(cross)
    # The floor keeps bins that hold nothing in either signal from voting.
    phase = cross / (magnitude + 1e-3 * magnitude.mean() + 1e-20)
    phase[(frequency < _BAND[0]) | (frequency > _BAND[1])] = 0
    correlation = irfft(phase, size)
    before = small.size - 1
    joined = np.concatenate((correlation[size - before:], correlation[: large.size]))
    return joined.astype(np.float32)


def _parabola(values: NDArray[np.float32], at: int) -> float:
    if not 0 < at < values.size - 1:
        return 0.0
    left, middle, right = (float(v) for v in values[at - 1: at + 2])
    bend = left - 2 * middle + right
    return 0.5 * (left - right) / bend if bend else 0.0


def _robust_line(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    """(slope, intercept): Theil-Sen, then least squares over the points near it."""
    first, second = np.triu_indices(x.size, 1)
    slope = float(np.median((y[second] - y[first]) / (x[second] - x[first])))
    base = float(np.median(y - slope * x))
    distance = np.abs(y - base - slope * x)
    near = distance <= max(3 * float(np.median(distance)), 1.0)
    if near.sum() >= 3:
        slope, base = (float(v) for v in np.polyfit(x[near], y[near], 1))
    return slope, base


def _band_limited(signal: Mono, rate: int) -> Mono:
    divisor = int(np.gcd(rate, _COARSE_RATE))
    small = resample_poly(signal, _COARSE_RATE // divisor, rate // divisor)
    sections = butter(2, _BAND, "bandpass", fs=_COARSE_RATE, output="sos")
    return np.asarray(sosfiltfilt(sections, small), dtype=np.float32)


def _mono(samples: Samples) -> Mono:
    if samples.ndim == 1:
        return samples.astype(np.float32, copy=False)
    # The loudest channel, not the sum: two microphones summed comb each other.
    powers = np.einsum("ij,ij->j", samples, samples)
    loudest: Mono = np.ascontiguousarray(samples[:, int(powers.argmax())], dtype=np.float32)
    return loudest


def _rms(signal: Mono) -> float:
    return float(np.sqrt(np.mean(np.square(signal, dtype=np.float64)))) if signal.size else 0.0


def _fraction(lag: float, rate: int) -> Fraction:
    # 1/256 sample is 0.1 microseconds: finer than any microphone stands still.
    return Fraction(round(lag * 256), 256 * rate)


def _confidence(ratio: float, prominence: float) -> float:
    """1 at twice the needed ratio and prominence, 0.5 at the threshold, 0 at nothing."""
    parts = ((ratio - 1) / (MIN_RATIO - 1), prominence)
    return round(min(1.0, max(0.0, min(parts) / 2)), 3)


def _refused(reason: str) -> Offset:
    return Offset(Fraction(0), 0.0, 0.0, False, reason)
