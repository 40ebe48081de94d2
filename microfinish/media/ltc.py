"""Timecode on a sound track: SMPTE ST 12-1 linear timecode, decoded forward or in reverse.

A bit is a cell with an edge at its start, and one in the middle for a 1 (biphase mark), so that
neither polarity nor level matter. A frame is 80 bits, the last 16 of which are the sync word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d
from scipy.signal import butter, sosfiltfilt

from microfinish.core.errors import InputError
from microfinish.core.time import allows_drop_frame, nominal_fps, parse_timecode, snap_rate

Mono = NDArray[np.float32]

MIN_FRAMES = 4
MIN_AGREEMENT = 0.6
_BAND_HZ = (200.0, 9_000.0)
_HYSTERESIS = 0.25
"""Of the local peak: noise 15 dB under the code does not cross it."""
_SILENT = 1e-4
_SYNC = (0, 0, *([1] * 12), 0, 1)
_SHORTEST_CELL, _LONGEST_CELL = 1 / (30.6 * 80), 1 / (23.5 * 80)
_DROP_RATE = Fraction(30_000, 1001)


@dataclass(frozen=True, slots=True)
class LinearTimecode:
    """The timecode that a track carries. `frame` is a frame number that begins at `sample` of the
    track; the number counts at `rate`, with drop-frame labels where `drop`.

    `decoded` frames were read, of which `agreed` lie on one line; `reverse` says that the code
    runs backwards. Its `user_bits` are eight hex digits.
    """

    rate: Fraction
    drop: bool
    frame: int
    sample: Fraction
    reverse: bool
    decoded: int
    agreed: int
    user_bits: str = ""

    def seconds_at(self, sample: int, sample_rate: int) -> Fraction:
        """The code's time of day, in seconds since its 00:00:00:00, at a sample of the track."""
        run = (sample - self.sample) / sample_rate
        return self.frame / self.rate + (-run if self.reverse else run)

    @property
    def confidence(self) -> float:
        """The share of frames that agree."""
        return round(self.agreed / self.decoded, 3)


@dataclass(frozen=True, slots=True)
class _Word:
    """One frame as it was read: where it begins and ends, in samples, and its label's parts."""

    begin: float
    end: float
    label: tuple[int, int, int, int]
    drop: bool
    reverse: bool
    user_bits: str


def decode_ltc(track: Mono, sample_rate: int) -> LinearTimecode | None:
    """The timecode on one channel, (n,) float; None where there is none.

    At least four frames must be read and more than half of them agree. The place of the frame is
    the median over all of them, in fractions of a sample.
    """
    words = list(_words(_edges(track, sample_rate), sample_rate))
    if len(words) < MIN_FRAMES:
        return None
    reverse = sum(word.reverse for word in words) * 2 > len(words)
    words = [word for word in words if word.reverse == reverse]
    if len(words) < MIN_FRAMES:
        return None
    period = _period(words)
    drop = sum(word.drop for word in words) * 2 > len(words)
    rate = _rate(Fraction(sample_rate) / Fraction(period).limit_denominator(10**7), drop, words)
    return _agreed(words, rate, drop, reverse, period)


def carries_ltc(track: Mono, sample_rate: int) -> bool:
    """Whether a second or so of a track holds two whole frames of timecode or more: cheap."""
    return sum(1 for _ in _words(_edges(track, sample_rate), sample_rate)) >= 2


def _edges(track: Mono, sample_rate: int) -> NDArray[np.float64]:
    """Where the code changes sign, in fractions of a sample."""
    top = min(_BAND_HZ[1], sample_rate * 0.45)
    sections = butter(2, (_BAND_HZ[0], top), "bandpass", fs=sample_rate, output="sos")
    if track.size < sample_rate // 20:
        return np.zeros(0)
    wave = sosfiltfilt(sections, track.astype(np.float64))
    # The level may change from cell to cell (tape, radio links): what counts as an edge follows it.
    limit = _HYSTERESIS * maximum_filter1d(np.abs(wave), round(sample_rate * 0.002))
    clear = np.flatnonzero((np.abs(wave) >= limit) & (limit > _SILENT))
    if clear.size < 2:
        return np.zeros(0)
    signs = wave[clear] > 0
    before = clear[np.flatnonzero(signs[1:] != signs[:-1])]
    flips = np.flatnonzero((wave[1:] > 0) != (wave[:-1] > 0))
    # Between two clear samples of different sign the first crossing counts, the rest is noise.
    first = flips[np.searchsorted(flips, before)]
    places: NDArray[np.float64] = first + wave[first] / (wave[first] - wave[first + 1])
    return places


def _words(edges: NDArray[np.float64], sample_rate: int) -> Iterator[_Word]:
    """Every frame whose sync word, and 64 bits beside it, were read without a break."""
    for bits, places in _runs(edges, sample_rate):
        text = "".join(map(str, bits))
        for reverse in (False, True):
            sync = "".join(map(str, _SYNC[::-1] if reverse else _SYNC))
            at = text.find(sync)
            while at >= 0:
                first = at if reverse else at - 64
                if first >= 0 and first + 80 <= len(bits):
                    payload = bits[first: first + 80]
                    word = _word(payload[::-1] if reverse else payload, places[first],
                                 places[first + 80], reverse)
                    if word:
                        yield word
                at = text.find(sync, at + 1)


def _runs(edges: NDArray[np.float64], sample_rate: int) -> Iterator[tuple[list[int], list[float]]]:
    """(bits, the edge before each and the one after the last) of unbroken stretches.

    The cell's length is followed, so that a drifting or varispeeded machine is read too.
    """
    shortest, longest = _SHORTEST_CELL * sample_rate * 0.9, _LONGEST_CELL * sample_rate * 1.1
    cell = 0.5 * (shortest + longest)
    bits: list[int] = []
    places: list[float] = []
    half: float | None = None  # where the first half of a 1 began
    previous: float | None = None
    for edge in map(float, edges):
        if previous is None:
            previous = edge
            continue
        length = edge - previous
        if 0.75 * cell < length < 1.4 * cell and half is None:
            bits.append(0)
            places.append(previous)
            cell += 0.05 * (length - cell)
        elif 0.3 * cell < length <= 0.75 * cell:
            if half is None:
                half = previous
            else:
                bits.append(1)
                places.append(half)
                cell += 0.05 * (edge - half - cell)
                half = None
        else:  # noise, a gap, or half a cell out of step: begin again at this edge
            if len(bits) >= 80:
                yield bits, [*places, previous]
            bits, places, half = [], [], None
        cell = min(max(cell, shortest), longest)
        previous = edge
    if len(bits) >= 80 and previous is not None:
        yield bits, [*places, half if half is not None else previous]


def _word(bits: list[int], begin: float, end: float, reverse: bool) -> _Word | None:
    """The label in 80 bits, or None for digits that no clock shows."""
    def number(*parts: tuple[int, int]) -> int:
        digits = [sum(bits[at + n] << n for n in range(count)) for at, count in parts]
        return digits[0] + 10 * digits[1] if digits[0] <= 9 else 100

    frames, seconds = number((0, 4), (8, 2)), number((16, 4), (24, 3))
    minutes, hours = number((32, 4), (40, 3)), number((48, 4), (56, 2))
    if frames > 29 or seconds > 59 or minutes > 59 or hours > 23:
        return None
    groups = (sum(bits[at + n] << n for n in range(4)) for at in range(4, 64, 8))
    return _Word(begin, end, (hours, minutes, seconds, frames), bool(bits[10]), reverse,
                 "".join(f"{group:x}" for group in groups)[::-1])


def _period(words: list[_Word]) -> float:
    """Samples per frame: the slope through all beginnings, in steps of whole frames."""
    rough = float(np.median([word.end - word.begin for word in words]))
    begins = np.array([word.begin for word in words])
    steps = np.rint((begins - begins[0]) / rough)
    # Whole frames can only be counted over a gap that the rough length bridges.
    for reach in (30, 300, 1e9):
        near = steps <= reach
        if near.sum() >= 2 and steps[near].max() > 0:
            rough = float(np.polyfit(steps[near], begins[near], 1)[0])
            steps = np.rint((begins - begins[0]) / rough)
    return rough


def _rate(measured: Fraction, drop: bool, words: list[_Word]) -> Fraction:
    """The standard rate of the code; NTSC rates are told from whole ones by their length alone."""
    rate = snap_rate(measured)
    count = max(24, nominal_fps(rate), max(word.label[3] for word in words) + 1)
    if drop and count == 30:
        return _DROP_RATE
    if rate.denominator in (1, 1001):
        return rate
    # A machine off speed: what it counts, at the nearer of the two clocks.
    return min((Fraction(count), Fraction(count * 1000, 1001)), key=lambda r: abs(r - measured))


def _agreed(words: list[_Word], rate: Fraction, drop: bool, reverse: bool, period: float
            ) -> LinearTimecode | None:
    """The line that most frames lie on."""
    numbered = [(number, word) for word in words
                if (number := _number(word, rate, drop)) is not None]
    if not numbered:
        return None
    way = -1 if reverse else 1
    first = numbered[0][1].begin
    origins = [number - way * round((word.begin - first) / period) for number, word in numbered]
    origin, agreed = Counter(origins).most_common(1)[0]
    if agreed < MIN_FRAMES or agreed < MIN_AGREEMENT * len(words):
        return None
    held = [word for (_, word), own in zip(numbered, origins, strict=True) if own == origin]
    steps = [round((word.begin - first) / period) for word in held]
    # In reverse the frame's first bit sounds last: its place is the end of the word.
    places = [(word.end if reverse else word.begin) - step * period
              for word, step in zip(held, steps, strict=True)]
    place = Fraction(round(float(np.median(places)) * 256), 256)
    bits = Counter(word.user_bits for word in held).most_common(1)[0][0]
    return LinearTimecode(rate, drop, origin, place, reverse, len(words), agreed, bits)


def _number(word: _Word, rate: Fraction, drop: bool) -> int | None:
    hours, minutes, seconds, frames = word.label
    label = f"{hours:02}:{minutes:02}:{seconds:02}:{frames:02}"
    try:
        return parse_timecode(label, rate, drop and allows_drop_frame(rate))
    except InputError:
        return None
