"""How the lag between two files runs along them: a line (two clocks), or lines with steps.

A camera that dropped frames, or a recorder that lost samples, shows as a step; a clock that warms
up as a bend (CHiME-6 needed three segments). Lags are measured in windows along the overlap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import soxr
from numpy.typing import NDArray

from microfinish.media.voice import (
    RATE,
    SILENT_RMS,
    Voice,
    correlate_short,
    fine_peak,
    peak_of,
    rms,
)

Floats = NDArray[np.float64]

MAX_DRIFT_PPM = 300.0
STEP_SECONDS = 0.002
"""A residual beyond this is audible as an echo: the line is cut into segments."""
_WINDOW = 6 * RATE
_WINDOWS = 24
_SPACING = 10 * RATE
_PASSES = 4
_SETTLED = 0.2e-6
_MIN_RATIO = 1.2
_MAX_SEGMENTS = 6
_HEARD_DRIFT_SECONDS = 0.000_25
"""Less than this over the whole file is within a step of the boom: resampling is for nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """From camera sample `begin` on, lag = base + slope * place; all in samples at 8 kHz."""

    begin: float
    base: float
    slope: float

    def at(self, place: float) -> float:
        return self.base + self.slope * place


@dataclass(frozen=True, slots=True)
class Track:
    """The lag's lines in order, and the median residual of the windows, in samples at 8 kHz."""

    lines: tuple[Line, ...]
    residual: float
    windows: int


def track_lag(one: Voice, other: Voice, lag: int, anchor: int) -> Track:
    """The lag of `other` against `one` along the overlap; about `lag` at sample `anchor` of `one`.

    Drift smears a window's own peak (46 samples at 120 ppm over 8 s at 48 kHz), so the line is
    fitted again to windows stretched by what the fit before found, until it stays: in a take of
    12 s the first is 10 ppm off, the third 0.1.
    """
    places, lags = _lags(one, other, lag, anchor, 0.0)
    if places.size < 3 or places[-1] - places[0] < 3 * RATE:
        base = float(np.median(lags)) if lags.size else float(lag)
        return Track((Line(0.0, base, 0.0),), 0.0, int(places.size))
    slope, base = robust_line(places, lags)
    for _ in range(_PASSES):
        if not 0 < abs(slope) <= MAX_DRIFT_PPM * 2e-6:
            break
        again, lags_again = _lags(one, other, round(base + slope * anchor), anchor, slope)
        if again.size < 3:
            break
        before, (places, lags) = slope, (again, lags_again)
        slope, base = robust_line(places, lags)
        if abs(slope - before) < _SETTLED:
            break
    off = np.abs(base + slope * places - lags)
    if off.max() > STEP_SECONDS * RATE:
        cut = _segments(*_without_strays(places, lags))
        if cut:
            lines = tuple(_begun(one, other, cut))
            own = np.array([_line_at(lines, x).at(x) for x in places])
            return Track(lines, float(np.median(np.abs(own - lags))), int(places.size))
    start, end = max(0, -lag), min(one.sound.size, other.sound.size - lag)
    if abs(slope) < 1e-6 or abs(slope) * (end - start) / RATE < _HEARD_DRIFT_SECONDS:
        base, slope = base + slope * (start + end) / 2, 0.0
    return Track((Line(0.0, base, slope),), float(np.median(off)), int(places.size))


def _lags(one: Voice, other: Voice, lag: int, anchor: int, slope: float) -> tuple[Floats, Floats]:
    """(places in `one`, lags there), walked outwards from the anchor so that steps are followed."""
    start = max(0, -lag)
    end = min(one.sound.size, other.sound.size - lag)
    window = min(_WINDOW, max(end - start, 0))
    if window < RATE // 2:
        return np.zeros(0), np.zeros(0)
    room = end - start - window
    spacing = max(RATE, room // _WINDOWS, min(_SPACING, max(1, room // 4)))
    begins = list(range(start, end - window + 1, spacing))
    centre = min(range(len(begins)), key=lambda i: abs(begins[i] + window // 2 - anchor))
    found: dict[int, float] = {}
    for order in (range(centre, len(begins)), range(centre - 1, -1, -1)):
        near = float(lag) if order.start == centre else found.get(begins[centre], float(lag))
        before = begins[centre]
        for index in order:
            begin = begins[index]
            guess = near + slope * (begin - before)
            measured = _window_lag(one, other, begin, window, guess, slope)
            if measured is not None:
                found[begin] = near = measured
                before = begin
    middle = 0.0 if slope else window / 2
    return (np.array([begin + middle for begin in sorted(found)]),
            np.array([found[begin] for begin in sorted(found)]))


def _window_lag(one: Voice, other: Voice, begin: int, window: int, guess: float, slope: float
                ) -> float | None:
    """The lag of a window near `guess`, in fractions of a sample; None where nothing is clear."""
    piece = one.sound[begin: begin + window]
    if rms(piece) < SILENT_RMS:
        return None
    if slope:
        piece = soxr.resample(piece, 1.0, 1.0 + slope, "HQ")
    reach = round((0.25 if not slope else 0.15) * RATE)
    low = begin + round(guess) - reach
    region = region_of(other, low, piece.size + 2 * reach)
    if region is None:
        return None
    correlation = correlate_short(piece, region)
    best, ratio, _ = peak_of(correlation)
    if ratio < _MIN_RATIO:
        return None
    return fine_peak(correlation, best) + low - begin


def region_of(voice: Voice, low: int, size: int) -> NDArray[np.float32] | None:
    """`size` samples from `low` on, silence outside; None where most of it is outside."""
    first, last = max(0, low), min(voice.sound.size, low + size)
    if last - first < size // 2:
        return None
    region = np.zeros(size, dtype=np.float32)
    region[first - low: last - low] = voice.sound[first:last]
    return region


def robust_line(x: Floats, y: Floats) -> tuple[float, float]:
    """(slope, intercept): Theil-Sen, then least squares over the points near it."""
    first, second = np.triu_indices(x.size, 1)
    slope = float(np.median((y[second] - y[first]) / (x[second] - x[first])))
    base = float(np.median(y - slope * x))
    distance = np.abs(y - base - slope * x)
    near = distance <= max(3 * float(np.median(distance)), RATE / 48_000)
    if near.sum() >= 3:
        slope, base = (float(v) for v in np.polyfit(x[near], y[near], 1))
    return slope, base


def _without_strays(places: Floats, lags: Floats) -> tuple[Floats, Floats]:
    """Without single windows that agree with neither neighbor."""
    limit = STEP_SECONDS * RATE
    apart = np.abs(np.diff(lags)) > limit
    alone = np.ones(lags.size, dtype=bool)
    alone[1:] &= apart
    alone[:-1] &= apart
    return places[~alone], lags[~alone]


def _segments(x: Floats, y: Floats) -> list[tuple[Floats, Floats]]:
    """The fewest runs of windows that each lie on a line within a millisecond; [] for none."""
    if x.size < 4:
        return []
    cost = np.full((x.size, x.size + 1), np.inf)
    for low in range(x.size):
        for high in range(low + 2, x.size + 1):
            cost[low, high] = _misfit(x[low:high], y[low:high])
    best = cost[0].copy()
    back: list[NDArray[np.intp]] = []
    for _ in range(1, _MAX_SEGMENTS):
        if best[x.size] <= STEP_SECONDS * RATE / 2:
            break
        through = np.maximum(best[: x.size, None], cost)
        back.append(through.argmin(axis=0))
        best = through.min(axis=0)
    if not back or best[x.size] > STEP_SECONDS * RATE / 2:
        return []
    cuts = [x.size]
    for before in reversed(back):
        cuts.append(int(before[cuts[-1]]))
    cuts.append(0)
    cuts = sorted(set(cuts))
    return [(x[low:high], y[low:high]) for low, high in pairwise(cuts)]


def _misfit(x: Floats, y: Floats) -> float:
    """The largest distance from the line through the windows; two say nothing of their slope."""
    slope = 0.0 if x.size < 3 else float(np.polyfit(x, y, 1)[0])
    slope = min(max(slope, -MAX_DRIFT_PPM * 1e-6), MAX_DRIFT_PPM * 1e-6)
    rest = y - slope * x
    return float(rest.max() - rest.min()) / 2


def _begun(one: Voice, other: Voice, parts: list[tuple[Floats, Floats]]) -> Iterator[Line]:
    """The line of each part, and where it begins: halfway, then by what the sound there says."""
    before: tuple[Line, float] | None = None
    for x, y in parts:
        slope, base = robust_line(x, y) if x.size > 2 else (0.0, float(np.median(y)))
        line = Line(0.0, base, slope)
        if before is not None:
            line = Line(_boundary(one, other, before[0], line, before[1], float(x[0])), base, slope)
        yield line
        before = line, float(x[-1])


def _boundary(one: Voice, other: Voice, left: Line, right: Line, low: float, high: float) -> float:
    """Where the lag changes from one line to the other, to a quarter second, between two windows.

    Each short piece is asked which of the two lags fits it better; the split with the fewest
    pieces on the wrong side wins.
    """
    size, hop, pad = RATE, RATE // 4, RATE // 50
    votes = []
    begins = range(int(low) - size, int(high) + _WINDOW, hop)
    for begin in begins:
        piece = one.sound[max(0, begin): begin + size]
        heard = []
        for line in (left, right):
            start = max(0, begin) + round(line.at(begin + size / 2)) - pad
            region = region_of(other, start, piece.size + 2 * pad)
            heard.append(float(correlate_short(piece, region).max())
                         if region is not None and piece.size > size // 2 else 0.0)
        votes.append(heard[1] - heard[0])
    balance = np.cumsum([0.0, *votes])
    at = int(balance.argmin())
    return float(low + (high - low) / 2) if not votes else float(begins.start + at * hop + size / 2)


def _line_at(lines: tuple[Line, ...], place: float) -> Line:
    return next((line for line in reversed(lines) if line.begin <= place), lines[0])
