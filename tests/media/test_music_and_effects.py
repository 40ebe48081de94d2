"""The M&E is checked for words and for silence under them; a phone's sum for cancellation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from microfinish.media.fold_down import fold_down
from microfinish.media.music_and_effects import MOST_LEAK_DB, empty_under_speech, leak_db

RATE = 48_000
N = np.arange(10 * RATE)


def voice(seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    noise = sosfilt(butter(2, (150, 3500), "bandpass", fs=RATE, output="sos"),
                    rng.standard_normal(N.size))
    talk = noise * np.clip(np.sin(2 * np.pi * 3 * N / RATE), 0, 1) * (np.sin(N / RATE) > -0.2)
    return np.repeat((0.2 * talk)[:, None], 2, axis=1).astype(np.float32)


def music() -> np.ndarray:
    rng = np.random.default_rng(9)
    wave = 0.1 * np.sin(2 * np.pi * 220 * N / RATE) + 0.02 * rng.standard_normal(N.size)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


@pytest.mark.parametrize("level", [-12.0, -24.0, -30.0])
def test_words_that_leak_into_the_music_and_effects_are_measured(level):
    leaking = music() + np.roll(voice(), 300, axis=0) * np.float32(10 ** (level / 20))
    assert leak_db(leaking, voice()) == pytest.approx(level, abs=3.0)


def test_music_and_other_voices_are_no_leak():
    assert leak_db(music(), voice()) < MOST_LEAK_DB
    assert leak_db(music() + voice(2), voice()) < MOST_LEAK_DB
    assert leak_db(np.zeros_like(voice()), voice()) == -np.inf


def test_silence_under_the_words_is_counted_in_seconds():
    filled = music()
    assert empty_under_speech(filled, voice()) == 0.0
    half = filled.copy()
    half[: 5 * RATE] = 0.0
    all_of_it = empty_under_speech(np.zeros_like(filled), voice())
    assert 0 < empty_under_speech(half, voice()) < all_of_it
    assert empty_under_speech(np.zeros_like(filled), np.zeros_like(filled)) == 0.0


def test_sound_in_antiphase_is_lost_on_one_loudspeaker():
    fine = fold_down(music())
    assert fine.sound
    assert fine.loss_lu == pytest.approx(0.0, abs=0.05)
    turned = music() * np.array([1, -1], np.float32)
    assert not fold_down(turned).sound
    assert fold_down(turned).loss_lu > 20
    part = music()
    part[2 * RATE: 3 * RATE, 1] *= -1
    (stretch,) = fold_down(part).out_of_phase
    assert stretch == pytest.approx((2.0, 3.0))
    wide = np.stack([music()[:, 0], voice()[:, 0]], axis=1)  # unrelated sides lose 3 LU, no more
    assert fold_down(wide).out_of_phase == ()
