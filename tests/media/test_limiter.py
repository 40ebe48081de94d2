"""The limiter holds its ceiling between the samples too, and leaves everything else alone."""

from __future__ import annotations

import numpy as np
import pytest

from microfinish.media.limiter import GRID, grid_peaks, limit, limit_curve
from microfinish.media.loudness import true_peak

RATE = 48_000


def drums(seconds: float = 4.0) -> np.ndarray:
    rng = np.random.default_rng(11)
    n = np.arange(int(seconds * RATE))
    sound = 0.05 * np.sin(2 * np.pi * 440 * n / RATE)
    for start in range(4800, n.size - 9600, 24_000):
        k = np.arange(9600)
        sound[start: start + 9600] += np.exp(-k / 800) * rng.standard_normal(9600)
    return np.stack([sound, sound * 0.7], axis=1).astype(np.float32)


@pytest.mark.parametrize("ceiling", [-1.0, -3.0, -9.0])
def test_no_true_peak_passes_the_ceiling(ceiling):
    limited, reduction = limit(drums(), ceiling)
    assert true_peak(limited)[0] <= ceiling + 0.05
    assert reduction > 3


def test_a_tone_between_the_samples_is_held_too():
    n = np.arange(RATE)
    wave = 1.41 * np.sin(2 * np.pi * n / 4 + np.pi / 4)  # samples at 1.0, peaks at +3 dBTP
    limited, _ = limit(np.repeat(wave[:, None], 2, axis=1).astype(np.float32), -1.0)
    assert true_peak(limited[4800:-4800])[0] == pytest.approx(-1.0, abs=0.1)


def test_sound_below_the_ceiling_is_untouched():
    quiet = drums() * np.float32(0.05)
    limited, reduction = limit(quiet, -1.0)
    assert reduction == 0.0
    assert np.array_equal(limited, quiet)


def test_the_gain_is_down_before_the_peak_and_back_after_it():
    peaks = np.full(2000, 0.1)
    peaks[1000] = 2.0
    curve = limit_curve(peaks, -1.0)
    needed = -1.0 - 20 * np.log10(2.0)
    assert curve[1000] <= needed + 1e-9
    assert curve[1001] <= needed + 1e-9
    assert np.all(curve[:970] == 0.0)
    seconds_to_recover = 4 / 60  # deeper parts come back faster
    assert curve[1001 + round(seconds_to_recover * RATE / GRID) + 40] == pytest.approx(0, abs=0.01)


def test_the_gain_never_asks_for_less_than_each_step_needs():
    rng = np.random.default_rng(4)
    peaks = rng.random(5000) ** 6 * 4
    curve = limit_curve(peaks, -1.0)
    need = np.minimum(0.0, -1.0 - 20 * np.log10(np.maximum(peaks, 1e-9)))
    assert np.all(np.maximum(curve[:-1], curve[1:]) <= need + 1e-9)


def test_both_channels_move_together():
    sound = drums()
    limited, _ = limit(sound, -6.0)
    loud = np.abs(sound[:, 0]) > 0.01
    gains = limited[loud] / sound[loud]
    assert np.allclose(gains[:, 0], gains[:, 1], atol=1e-4)


def test_grid_peaks_cover_a_last_incomplete_step():
    sound = np.zeros((GRID * 3 + 5, 2), np.float32)
    sound[-2] = 0.5
    peaks = grid_peaks(sound)
    assert peaks.size == 4
    assert peaks[3] >= 0.5
