"""Where a camera's sound lies in a recorder's: phase correlation over all, then to a sample.

First stretches of 12 s are looked for in the whole recording (longer ones smear: 50 ppm between two
clocks are 5 ms in 100 s), then the lag is followed along both files (media/lag_track.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import sqrt

import numpy as np

from microfinish.media.lag_track import MAX_DRIFT_PPM, Track, region_of, track_lag
from microfinish.media.loudness import Samples
from microfinish.media.voice import RATE, Voice, correlate, correlate_short, listen, peak_of

MIN_SECONDS = 1.0
MIN_RATIO = 1.35
MIN_PROMINENCE = 18.0
FLOOR_PROMINENCE = 9.0
"""Unrelated speech reaches 7.7 over the floor however short it is."""
FULL_SECONDS = 10.0
AGREED_PROMINENCE = 7.0
_STRETCH = 12 * RATE
_LONG_STRETCH = 120 * RATE
_AGREE_SECONDS = 0.001
_MOMENTS, _MOMENTS_NEEDED = 10, 4
"""A moment lies right by chance in one of sixty cases."""
_MOMENT = RATE * 3 // 2
_MOMENT_SLACK = RATE // 500
_REACH = RATE // 4


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `begin` seconds into the camera file on, camera second t is recorder second
    `seconds` + t * (1 + `drift_ppm` / 1e6)."""

    begin: Fraction
    seconds: Fraction
    drift_ppm: float


@dataclass(frozen=True, slots=True)
class Offset:
    """`seconds` into the recorder file the camera file begins (may be negative), sample-exact.

    `drift_ppm` > 0: the recorder's clock runs fast. `ratio` is the best peak over the next one
    away from it, `prominence` the peak over the RMS of the correlation; `confidence` is 0..1.
    Where `accepted` is false, `reason` says why and the numbers are only the best guess.
    `stretches` holds two or more where the lag steps or bends; the first is `seconds` and
    `drift_ppm` then.
    """

    seconds: Fraction
    drift_ppm: float
    confidence: float
    accepted: bool
    reason: str
    ratio: float = 0.0
    prominence: float = 0.0
    residual_ms: float = 0.0
    stretches: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class _Guess:
    """A stretch of `one` from sample `anchor` on, found at `lag`: place in `other` less anchor."""

    lag: int
    anchor: int
    ratio: float
    prominence: float
    wanted: float
    stretch: tuple[int, int] = (0, 0)
    alone: bool = False

    @property
    def clear(self) -> bool:
        return not self.alone and self.ratio >= MIN_RATIO and self.prominence >= self.wanted

    @property
    def confidence(self) -> float:
        """1 at twice the needed ratio and prominence, 0.5 at the threshold, 0 at nothing."""
        if self.alone:
            return 0.2
        parts = ((self.ratio - 1) / (MIN_RATIO - 1), self.prominence / self.wanted)
        return round(min(1.0, max(0.0, min(parts) / 2)), 3)


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
    return find_voice(listen(camera, rate), listen(recorder, rate), near=near,
                      within_seconds=within_seconds)


def find_voice(
    camera: Voice, recorder: Voice, *, near: Fraction | None = None, within_seconds: float = 2.0
) -> Offset:
    """`find_offset` of sounds that were listened to before: a recorder's serves many clips."""
    if min(camera.seconds, recorder.seconds) < MIN_SECONDS:
        return _refused(f"less than {MIN_SECONDS:g} s of sound to compare")
    if camera.silent or recorder.silent:
        return _refused(f"the {'camera' if camera.silent else 'recorder'} is silent")
    guess, agreed = _coarse(camera, recorder, near, within_seconds)
    overlap = min(camera.sound.size, recorder.sound.size - guess.lag) - max(0, -guess.lag)
    numbers = guess.confidence, guess.ratio, guess.prominence
    if overlap < MIN_SECONDS * RATE:
        return _guessed(guess.lag, *numbers, "the files hardly overlap")
    if not guess.clear and not agreed:
        if guess.alone:
            return _guessed(guess.lag, *numbers, "no clear match: one knock fits another, but "
                                                 "nothing around them does")
        return _guessed(guess.lag, *numbers,
                        f"no clear match: peak {guess.ratio:.2f} times the next (needs "
                        f"{MIN_RATIO}), {guess.prominence:.0f} over the floor (needs "
                        f"{guess.wanted:.0f})")
    return _exact(track_lag(camera, recorder, guess.lag, guess.anchor), guess)


def _exact(track: Track, guess: _Guess) -> Offset:
    """What the followed lag says."""
    stretches = tuple(Stretch(Fraction(round(line.begin), RATE), _seconds(line.base),
                              line.slope * 1e6) for line in track.lines)
    drift = stretches[0].drift_ppm
    fast = max((stretch.drift_ppm for stretch in stretches), key=abs)
    residual = track.residual / RATE * 1000
    accepted = abs(fast) <= MAX_DRIFT_PPM
    told = f"waveform, residual {residual:.2f} ms"
    if not accepted:
        told = (f"the clocks differ by {fast:.0f} ppm: is one file at another sample rate "
                "or pulled up or down?")
    # Stretches that agree without one of them being clear are worth a look.
    confidence = guess.confidence if guess.clear else max(guess.confidence, 0.4)
    return Offset(stretches[0].seconds, drift, confidence, accepted, told, guess.ratio,
                  guess.prominence, residual, stretches if len(stretches) > 1 else ())


def _coarse(
    one: Voice, other: Voice, near: Fraction | None, within: float
) -> tuple[_Guess, bool]:
    """(the best place of any stretch, whether two stretches agree on it)."""
    if near is None and one.sound.size > 2 * other.sound.size:
        turned, agreed = _coarse(other, one, None, within)
        return replace(turned, lag=-turned.lag, anchor=turned.anchor + turned.lag), agreed
    guesses: list[_Guess] = []
    for begin, end in _stretches(one):
        guess = _placed(one, other, begin, end, near, within)
        if guess.clear and _supported(one, other, guess):
            return guess, False
        for earlier in guesses:
            apart = abs(guess.anchor - earlier.anchor)
            slack = _AGREE_SECONDS * RATE + apart * MAX_DRIFT_PPM * 1e-6
            if (min(guess.prominence, earlier.prominence) >= AGREED_PROMINENCE
                    and abs(guess.lag - earlier.lag) <= slack
                    and apart >= _STRETCH):
                return max(guess, earlier, key=lambda g: g.prominence), True
        guesses.append(guess)
    best = max(guesses, key=lambda g: (g.confidence, g.prominence))
    return replace(best, alone=best.clear), False


def _supported(one: Voice, other: Voice, guess: _Guess) -> bool:
    """Whether moments all along the stretch lie where its whole does, and not one click alone."""
    begin = max(guess.stretch[0], -guess.lag)
    end = min(guess.stretch[1], other.sound.size - guess.lag)
    length = min(_MOMENT, (end - begin) // 4)
    if length < RATE // 5:
        return False
    agree = 0
    for number in range(_MOMENTS):
        at = begin + (end - begin - length) * number // (_MOMENTS - 1)
        low = at + guess.lag - _REACH
        region = region_of(other, low, length + 2 * _REACH)
        if region is not None:
            best = int(correlate_short(one.sound[at: at + length], region).argmax())
            slack = _MOMENT_SLACK + abs(at - guess.anchor) * MAX_DRIFT_PPM * 1e-6
            agree += abs(best - _REACH) <= slack
    return agree >= _MOMENTS_NEEDED


def _stretches(voice: Voice) -> Iterator[tuple[int, int]]:
    """Where to listen: the liveliest 12 s, the liveliest elsewhere, then all of it."""
    size = voice.sound.size
    if size <= _STRETCH * 3 // 2:
        yield 0, size
        return
    # Differences between samples weigh the voice over the rumble of the room.
    blocks = size // RATE
    changes = np.diff(voice.sound[: blocks * RATE], prepend=np.float32(0)).reshape(blocks, RATE)
    levels = np.sqrt(np.einsum("ij,ij->i", changes, changes, dtype=np.float64))
    levels = np.minimum(levels, 4 * np.median(levels) + 1e-12)  # a clap is not liveliness
    width = _STRETCH // RATE
    lively = np.convolve(levels, np.ones(width), "valid")
    for _ in range(2):
        best = int(lively.argmax())
        if lively[best] < 0:
            break
        yield best * RATE, best * RATE + _STRETCH
        lively[max(0, best - width): best + width + 1] = -1
    middle = max(0, (size - _LONG_STRETCH) // 2)
    yield middle, min(size, middle + _LONG_STRETCH)


def _placed(one: Voice, other: Voice, begin: int, end: int, near: Fraction | None, within: float
            ) -> _Guess:
    """The best place of a stretch of `one` in all of `other`, or near the expected place."""
    clip = one.sound[begin:end]
    low = 0
    if near is not None:
        reach = round(within * RATE)
        expected = begin + round(near * RATE)
        low = max(0, expected - reach - RATE)
        other = Voice(other.sound[low: max(low, expected + clip.size + reach + RATE)])
    usable = min(clip.size, other.sound.size) / RATE
    # The floor of a correlation falls with the square root of its length.
    wanted = max(MIN_PROMINENCE * sqrt(min(max(usable, 0.1), FULL_SECONDS) / FULL_SECONDS),
                 FLOOR_PROMINENCE)
    if not other.sound.size:
        return _Guess(round((near or Fraction(0)) * RATE), begin, 0.0, 0.0, wanted)
    correlation, before = correlate(clip, other)
    first = low - begin - before  # the lag of the first value
    if near is not None:
        centre = round(near * RATE) - first
        left = min(max(0, centre - reach), correlation.size - 1)
        correlation, first = correlation[left: max(left + 1, centre + reach + 1)], first + left
    best, ratio, prominence = peak_of(correlation)
    lag = first + best
    overlap = min(one.sound.size, low + other.sound.size - lag) - max(0, -lag)
    usable = min(clip.size, overlap) / RATE
    wanted = max(MIN_PROMINENCE * sqrt(min(max(usable, 0.1), FULL_SECONDS) / FULL_SECONDS),
                 FLOOR_PROMINENCE)
    return _Guess(lag, begin + clip.size // 2, ratio, prominence, wanted, (begin, end))


def _seconds(lag: float) -> Fraction:
    # 1/1536 of a sample at 8 kHz is 0.1 microseconds: finer than any microphone stands still.
    return Fraction(round(lag * 1536), 1536 * RATE)


def _guessed(lag: int, confidence: float, ratio: float, prominence: float, reason: str) -> Offset:
    return Offset(Fraction(lag, RATE), 0.0, confidence, False, reason, ratio, prominence)


def _refused(reason: str) -> Offset:
    return Offset(Fraction(0), 0.0, 0.0, False, reason)
