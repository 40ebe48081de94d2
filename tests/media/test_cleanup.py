"""Cleanup takes away what was put into a clean voice, and leaves a clean voice as it is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, lfilter, sosfilt

from microfinish.core.cleanup import Cleanup, External, Treatment
from microfinish.core.errors import InputError, ToolError
from microfinish.media import processors
from microfinish.media.cleanup import judged, room_samples, treated
from microfinish.media.cleanup_damage import clicks, clipped_runs
from microfinish.media.cleanup_noise import hum_level_db

RATE = 48_000
FOUND = Cleanup("found", hum=True, declip=True, declick=True, denoise_db=12, deess_db=6)


def voice(seconds: float = 8.0, seed: int = 1) -> np.ndarray:
    """Pulses of a moving pitch through three formants, in syllables with pauses, RMS about -23
    dBFS: what cleanup must not touch. Float64 (n,)."""
    rng = np.random.default_rng(seed)
    n = int(seconds * RATE)
    time = np.arange(n) / RATE
    pitch = 125 * (1 + 0.2 * np.sin(2 * np.pi * 0.7 * time) + 0.05 * np.sin(2 * np.pi * 4 * time))
    phase = np.cumsum(pitch) / RATE
    pulses = np.diff(np.floor(phase), prepend=0.0)
    sound = sosfilt(butter(2, 1200, fs=RATE, output="sos"), pulses)
    for hertz, width in ((550, 80), (1500, 120), (2600, 160)):
        radius = np.exp(-np.pi * width / RATE)
        sound = sound + 0.5 * lfilter(
            [1 - radius], [1, -2 * radius * np.cos(2 * np.pi * hertz / RATE), radius**2], sound)
    breath = sosfilt(butter(2, [2000, 8000], "bandpass", fs=RATE, output="sos"),
                     rng.standard_normal(n)) * 0.002
    shape = np.clip(np.sin(2 * np.pi * 2.3 * time), 0, 1) * (np.sin(2 * np.pi * time / 3.1) > -0.5)
    out = (sound + breath) * shape
    return out * 0.1 / np.sqrt(np.mean(out[shape > 0.3] ** 2))


def cleaned(sound: np.ndarray, allowed: Cleanup = FOUND):
    both = np.repeat(sound[:, None], 2, axis=1).astype(np.float32)
    (verdict,) = judged(both, RATE, 0, [(0, sound.size)], allowed)
    out = treated(both, RATE, verdict.done, room_samples(both, verdict.done, 0))
    return out[:, 0].astype(np.float64), verdict


def noise_db(clean: np.ndarray, heard: np.ndarray) -> float:
    """How far all that is not the clean voice is below it, in dB."""
    return float(10 * np.log10(np.sum(clean**2) / np.sum((heard - clean) ** 2)))


def test_a_clean_voice_comes_out_as_it_went_in():
    clean = voice()
    quiet = clean + np.random.default_rng(2).standard_normal(clean.size) * 10 ** (-70 / 20)
    for sound in (clean, quiet):
        out, verdict = cleaned(sound)
        assert verdict.done == Treatment()
        assert np.array_equal(out, sound.astype(np.float32))


@pytest.mark.parametrize("mains", [50.0, 60.0])
def test_hum_is_found_at_either_mains_and_notched(mains: float):
    clean = voice()
    time = np.arange(clean.size) / RATE
    hum = sum(0.03 / k * np.sin(2 * np.pi * (mains + 0.04) * k * time + k) for k in (1, 2, 3))
    out, verdict = cleaned(clean + hum)
    lines = verdict.done.notches_hz
    assert np.allclose(sorted(lines)[:3], [mains, 2 * mains, 3 * mains], atol=0.4)
    assert verdict.before.hum_over_db > 20
    assert hum_level_db(out, RATE, lines) < verdict.before.hum_over_db - 20
    assert noise_db(clean, out) > noise_db(clean, clean + hum) + 8


def test_noise_goes_down_by_no_more_than_the_cap_and_the_voice_stays():
    clean = voice()
    room = sosfilt(butter(1, 1500, fs=RATE, output="sos"),
                   np.random.default_rng(3).standard_normal(clean.size))
    bad = clean + room / room.std() * 10 ** (-43 / 20)
    out, verdict = cleaned(bad)
    fell = verdict.before.room_lufs - verdict.after.room_lufs
    assert 5 < fell < verdict.done.denoise_db + 0.5 <= 12.5
    assert abs(verdict.after.voice_dbfs - verdict.before.voice_dbfs) < 1.0
    assert noise_db(clean, out) > noise_db(clean, bad) + 2


def test_flat_peaks_are_drawn_round_again():
    clean = voice()
    level = 0.6 * np.abs(clean).max()
    bad = np.clip(clean, -level, level)
    out, verdict = cleaned(bad)
    assert verdict.before.clipped >= 10
    assert verdict.after.clipped == 0
    assert noise_db(clean, out) > noise_db(clean, bad) + 6
    assert np.abs(out).max() <= 2 * level + 1e-6


def test_a_full_scale_tone_is_not_clipped():
    for hertz in (60, 100, 1000):
        assert not clipped_runs(np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE))


def test_clicks_are_found_and_replaced_and_a_beep_that_starts_at_once_is_none():
    clean = voice()
    bad = clean.copy()
    places = [50_000, 123_456, 200_001, 300_000]
    for at in places:
        bad[at: at + 3] += (0.5, -0.4, 0.2)
    found = clicks(bad, RATE)
    assert [any(a <= at < b for a, b in found) for at in places].count(True) >= 3
    assert len(found) <= len(places)
    out, _ = cleaned(bad)
    assert noise_db(clean, out) > noise_db(clean, bad) + 3
    beep = np.zeros(RATE)
    beep[20_000:30_000] = 0.5 * np.cos(2 * np.pi * 1000 * np.arange(10_000) / RATE)
    assert not clicks(beep, RATE)


def test_sibilants_above_the_voice_lose_no_more_than_the_cap():
    clean = voice()
    hiss = sosfilt(butter(4, [5500, 9000], "bandpass", fs=RATE, output="sos"),
                   np.random.default_rng(5).standard_normal(clean.size))
    esses = np.zeros(clean.size)
    for at in range(RATE // 2, clean.size - RATE, RATE // 2):
        esses[at: at + 9600] = hiss[at: at + 9600] * 0.6
    out, verdict = cleaned(clean + esses, Cleanup(deess_db=6))
    assert verdict.done.deess_db == 6
    fell = 10 * np.log10(np.mean((clean + esses)[24_000:33_600] ** 2)
                         / np.mean(out[24_000:33_600] ** 2))
    assert 2 < fell <= 6.2
    assert verdict.after.voice_dbfs == pytest.approx(verdict.before.voice_dbfs, abs=1.0)


def test_two_different_sides_are_treated_each_and_two_equal_ones_stay_equal():
    clean = voice(3)
    both = np.stack((clean, 0.5 * voice(3, 2)), axis=1).astype(np.float32)
    what = Treatment(highpass_hz=80)
    out = treated(both, RATE, what)
    assert out.shape == both.shape
    left = treated(np.repeat(both[:, :1], 2, axis=1), RATE, what)
    assert np.array_equal(left[:, 0], left[:, 1])
    assert np.array_equal(left[:, 0], out[:, 0])


def test_a_plug_in_is_held_to_its_length_and_its_bound(monkeypatch):
    sound = np.repeat(voice(1)[:, None], 2, axis=1).astype(np.float32)
    does = {"half": lambda x, rate, settings: x * np.float32(settings["gain"]),
            "short": lambda x, rate, settings: x[1:]}
    monkeypatch.setattr(processors, "processor", lambda name: does[name])
    softer = treated(sound, RATE, Treatment(external=(External("half", {"gain": 0.8}),)))
    assert np.allclose(softer, 0.8 * sound)
    loud = treated(sound, RATE, Treatment(external=(External("half", {"gain": 0.1}),)))
    assert np.array_equal(loud, sound)
    with pytest.raises(ToolError, match="short"):
        treated(sound, RATE, Treatment(external=(External("short"),)))


def test_a_plug_in_that_is_not_installed_is_named():
    with pytest.raises(InputError, match="no-such-thing"):
        processors.processor("no-such-thing")
