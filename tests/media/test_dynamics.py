"""Ducking is an outcome: music is under the words by as much as asked, and back after them."""

from __future__ import annotations

import numpy as np
import pytest

from microfinish.core.mix import Ducking
from microfinish.media.dynamics import duck_curve, glue_curve, grid_power, speech_windows

QUIET = 1e-10


def level(db: float) -> float:
    return 10 ** (db / 10)


def phrase(db: float = -20.0) -> np.ndarray:
    """10 s at 10 ms: speech from 3 s to 6 s, with word gaps."""
    energies = np.full(1000, QUIET)
    energies[300:600] = level(db)
    energies[380:395] = QUIET
    return energies


@pytest.mark.parametrize(("music_db", "depth"), [
    (-22.0, 10.0),   # 12 LU wanted, 2 there: 10 dB
    (-40.0, 6.0),    # far enough already: the least depth
    (-15.0, 14.0),   # would need 17: the greatest
])
def test_music_goes_down_as_far_as_the_separation_asks(music_db, depth):
    curve = duck_curve(phrase(), np.full(1000, level(music_db)), Ducking())
    assert curve[320:590] == pytest.approx(-depth, abs=0.3)


def test_music_is_down_before_the_first_word_and_untouched_before_that():
    curve = duck_curve(phrase(), np.full(1000, level(-22)), Ducking())
    assert curve[299] < -8
    assert np.all(curve[:275] == 0.0)
    assert np.all(curve[705:] == 0.0)


def test_a_breath_does_not_bring_the_music_back():
    curve = duck_curve(phrase(), np.full(1000, level(-22)), Ducking())
    assert np.ptp(curve[310:590]) < 0.01


def test_silence_and_room_tone_are_no_speech():
    assert not speech_windows(np.full(500, QUIET)).any()
    assert speech_windows(phrase())[310:370].all()
    assert not speech_windows(phrase())[:280].any()


def test_no_ducking_where_it_is_switched_off():
    curve = duck_curve(phrase(), np.full(1000, level(-22)), Ducking(enabled=False))
    assert not curve.any()


def test_glue_leaves_steady_sound_at_the_target_alone_and_leans_on_louder_passages():
    tone = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(48_000) / 48_000)
    sound = np.repeat(tone[:, None], 2, axis=1).astype(np.float32)  # -20 LUFS
    power = grid_power(sound)
    assert glue_curve(power, 0.0, -20.0, 3000).min() > -0.2
    assert glue_curve(power, 12.0, -20.0, 3000).min() < -2.0
