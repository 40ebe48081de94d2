"""Every clip sounds at its sample, at its pace and gain; music is under the words."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from microfinish.core.mix import Bus, MixClip, MixPlan
from microfinish.media.loudness import integrated, step_energies
from microfinish.media.mixdown import clip_samples, mixdown
from microfinish.media.sound import read_range
from microfinish.media.wave import write_wave

RATE = 48_000
NOWHERE = Path("project")


def sine(rate: int, hertz: float = 997.0):
    """A reader of an endless tone whose sample k is sin(2 pi f k / rate)."""
    def read(path: Path, stream: int, start: int, length: int) -> np.ndarray:
        k = np.arange(start, start + length)
        return np.sin(2 * np.pi * hertz * k / rate)[:, None].astype(np.float32)
    return read


def clip(**changes) -> MixClip:
    base = MixClip("media/a.wav", "digest", 0, RATE, Fraction(5000), 0, RATE)
    return replace(base, **changes)


@pytest.mark.parametrize(("rate", "drift_ppm", "start"), [
    (48_000, 0.0, Fraction(100_037, 100)), (44_100, 0.0, Fraction(12_345)),
    (48_000, 50.0, Fraction(55_555, 7)), (96_000, 0.0, Fraction(100_001, 2)),
    (48_000, -145.0, Fraction(55_555, 7)),
])
def test_fractional_starts_rates_and_drift_are_exact(rate, drift_ppm, start):
    made = clip_samples(clip(sample_rate=rate, drift_ppm=drift_ppm, source_start=start),
                        NOWHERE, sine(rate))
    source = float(start) + np.arange(RATE) * rate * (1 + drift_ppm * 1e-6) / RATE
    wanted = np.sin(2 * np.pi * 997.0 * source / rate)
    assert np.abs(made[:, 0] - wanted).max() < 1e-4  # -80 dB
    assert np.array_equal(made[:, 0], made[:, 1])


def test_a_pulled_up_clip_runs_faster():
    speed = Fraction(1001, 1000)
    made = clip_samples(clip(speed=speed), NOWHERE, sine(RATE))
    wanted = np.sin(2 * np.pi * 997.0 * (5000 + np.arange(RATE) * 1.001) / RATE)
    assert np.abs(made[:, 0] - wanted).max() < 1e-4


def test_a_whole_sample_start_copies_samples_bit_for_bit(tmp_path):
    rng = np.random.default_rng(1)
    sound = (rng.integers(-2**20, 2**20, (RATE, 2)) / 2**23).astype(np.float32)
    write_wave(sound, tmp_path / "a.wav")
    made = clip_samples(clip(source="a.wav", source_start=Fraction(777), end=1000), tmp_path)
    assert np.array_equal(made, sound[777:1777])
    assert np.array_equal(read_range(tmp_path / "a.wav", 0, -3, 5),
                          np.concatenate((np.zeros((3, 2), np.float32), sound[:2])))


def plan(*buses: Bus, samples: int = 10 * RATE, **changes) -> MixPlan:
    base = MixPlan(Fraction(25), samples * 25 // RATE, samples, buses)
    return replace(base, **changes)


def test_clips_stand_at_their_samples_and_the_rest_is_silent():
    mix = mixdown(plan(Bus("DX", (clip(start=1234, end=5678),))), NOWHERE, sine(RATE)).mix
    assert np.all(mix[:1234] == 0)
    assert np.all(mix[5678:] == 0)
    assert mix[1234, 0] == pytest.approx(np.sin(2 * np.pi * 997 * 5000 / RATE), abs=1e-6)


def test_a_crossfade_of_one_take_with_itself_is_the_take():
    left = clip(end=1000, fade_out=240)
    right = clip(start=760, end=3000, fade_in=240, source_start=Fraction(5760))
    crossed = mixdown(plan(Bus("DX", (left, right))), NOWHERE, sine(RATE)).mix
    whole = mixdown(plan(Bus("DX", (clip(end=3000),))), NOWHERE, sine(RATE)).mix
    assert np.abs(crossed - whole).max() < 1e-6


def test_gain_is_in_decibels_and_fades_reach_silence():
    made = clip_samples(clip(gain_db=-6.0206, fade_in=4800, fade_out=4800), NOWHERE,
                        lambda p, s, a, n: np.ones((n, 1), np.float32))
    assert made[24_000, 0] == pytest.approx(0.5, abs=1e-5)
    assert abs(made[0, 0]) < 1e-6
    assert abs(made[-1, 0]) < 1e-6
    assert made[2400, 0] == pytest.approx(0.25, abs=1e-3)


def spoken(path: Path, stream: int, start: int, length: int) -> np.ndarray:
    """Dialogue: a loud tone from 3 s to 6 s. Anything else: a steady tone at the same level."""
    k = np.arange(start, start + length)
    tone = 0.2 * np.sin(2 * np.pi * 500 * k / RATE)
    if "voice" in path.name:
        tone = np.where((k >= 3 * RATE) & (k < 6 * RATE), tone, 0.0)
    return tone[:, None].astype(np.float32)


def ducked(**cue):
    voice = clip(source="voice.wav", source_start=Fraction(0), end=10 * RATE)
    music = clip(source="music.wav", source_start=Fraction(0), end=10 * RATE, gain_db=-4.0, **cue)
    return mixdown(plan(Bus("DX", (voice,)), Bus("MX", (music,))), NOWHERE, spoken)


def loudness(sound: np.ndarray, start: float, end: float) -> float:
    return integrated(step_energies(sound[int(start * RATE): int(end * RATE)]))


def test_dialogue_is_twelve_units_over_the_music_while_it_speaks():
    mix = ducked()
    gap = loudness(mix.stems["DX"], 3.1, 5.9) - loudness(mix.stems["MX"], 3.1, 5.9)
    assert gap == pytest.approx(12.0, abs=0.2)
    assert loudness(mix.stems["MX"], 0.1, 2.8) == pytest.approx(
        loudness(mix.clean["MX"], 0.1, 2.8), abs=0.01)
    assert loudness(mix.stems["MX"], 7.2, 9.9) == pytest.approx(
        loudness(mix.clean["MX"], 7.2, 9.9), abs=0.01)


def test_a_cue_that_asks_for_it_is_not_ducked():
    mix = ducked(duck=False)
    assert np.array_equal(mix.stems["MX"], mix.clean["MX"])


def test_the_stems_sum_to_the_mix_and_a_second_mixdown_is_the_same():
    mix, again = ducked(), ducked()
    assert np.array_equal(mix.mix, sum(mix.stems.values()))
    assert np.array_equal(mix.mix, again.mix)
