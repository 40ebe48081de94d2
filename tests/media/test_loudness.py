"""The meter reads what EBU Tech 3341 and 3342 say it must, on signals made from their text."""

from __future__ import annotations

import os
import re
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import firwin, resample_poly

from microfinish.media.ffmpeg import ffmpeg_exe
from microfinish.media.loudness import (
    integrated,
    measure,
    short_term,
    step_energies,
    true_peak,
)

RATE = 48_000


def tone(*parts: tuple[float, float], hertz: float = 1000.0, channels: int = 2) -> np.ndarray:
    """A sine in phase on every channel; parts are (peak in dBFS, seconds)."""
    levels = np.concatenate([np.full(round(seconds * RATE), 10 ** (db / 20))
                             for db, seconds in parts])
    wave = levels * np.sin(2 * np.pi * hertz * np.arange(levels.size) / RATE)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


CASES = {
    "3341-1": [(-23, 20)],
    "3341-3": [(-36, 10), (-23, 60), (-36, 10)],
    "3341-4": [(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)],
    "3341-5": [(-26, 20), (-20, 20.1), (-26, 20)],
}


@pytest.mark.parametrize("case", CASES)
def test_gated_loudness_of_the_ebu_cases_is_minus_23(case):
    assert measure(tone(*CASES[case])).integrated_lufs == pytest.approx(-23.0, abs=0.05)


def test_a_steady_tone_reads_the_same_on_all_three_scales():
    for level in (-23, -33):  # cases 1 and 2
        reading = measure(tone((level, 20)))
        for value in (reading.integrated_lufs, reading.max_momentary_lufs,
                      reading.max_short_term_lufs):
            assert value == pytest.approx(level, abs=0.05)


def test_surround_channels_weigh_one_and_a_half_decibels_more():
    levels = (-28, -28, -24, -30, -30)
    sound = np.hstack([tone((level, 20), channels=1) for level in levels])
    assert measure(sound).integrated_lufs == pytest.approx(-23.0, abs=0.05)


def test_short_term_stays_put_on_case_9():
    energies = step_energies(tone(*[(-20, 1.34), (-30, 1.66)] * 5))
    assert short_term(energies) == pytest.approx(-23.0, abs=0.1)


def test_momentary_stays_put_on_case_12():
    energies = step_energies(tone(*[(-20, 0.18), (-30, 0.22)] * 25))
    momentary = np.lib.stride_tricks.sliding_window_view(energies, 40).mean(axis=1)
    assert -0.691 + 10 * np.log10(momentary) == pytest.approx(-23.0, abs=0.1)


def loudest(sound: np.ndarray, steps: int) -> float:
    windows = np.lib.stride_tricks.sliding_window_view(step_energies(sound), steps).mean(axis=1)
    return float(-0.691 + 10 * np.log10(windows.max()))


SHORT_TERM, MOMENTARY = 300, 40


@pytest.mark.parametrize("late", range(20))
def test_the_loudest_window_is_found_wherever_the_tone_starts_in_cases_10_and_13(late):
    assert loudest(tone((-120, late * 0.15), (-23, 3), (-120, 1)), SHORT_TERM) == (
        pytest.approx(-23.0, abs=0.05))
    assert loudest(tone((-120, late * 0.02), (-23, 0.4), (-120, 1)), MOMENTARY) == (
        pytest.approx(-23.0, abs=0.05))


@pytest.mark.parametrize(("seconds", "pause", "steps"), [(3, 0.15, SHORT_TERM),
                                                         (0.4, 0.02, MOMENTARY)])
def test_the_loudest_window_follows_rising_tones_in_cases_11_and_14(seconds, pause, steps):
    parts: list[tuple[float, float]] = []
    for number in range(20):
        parts += [(-120, number * pause), (-38 + number, seconds), (-120, 1)]
        if number % 4 == 3:  # what a live meter has shown by now
            heard = tone(*parts)
            assert loudest(heard, steps) == pytest.approx(-38 + number, abs=0.05)
    reading = measure(tone(*parts))
    shown = reading.max_short_term_lufs if steps == SHORT_TERM else reading.max_momentary_lufs
    assert shown == pytest.approx(-19.0, abs=0.05)


@pytest.mark.parametrize(("parts", "expected"), [
    ([(-20, 20), (-30, 20)], 10), ([(-20, 20), (-15, 20)], 5), ([(-40, 20), (-20, 20)], 20),
    ([(-50, 20), (-35, 20), (-20, 20), (-35, 20), (-50, 20)], 15),
])
def test_loudness_range_of_the_3342_cases(parts, expected):
    assert measure(tone(*parts)).range_lu == pytest.approx(expected, abs=0.5)


@pytest.mark.parametrize(("divisor", "level", "degrees", "expected"), [
    (4, 0.5, 0, -6.0), (4, 0.5, 45, -6.0), (6, 0.5, 60, -6.0), (8, 0.5, 67.5, -6.0),
    (4, 1.41, 45, 3.0),
])
def test_true_peak_of_tones_between_the_samples(divisor, level, degrees, expected):
    n = np.arange(RATE)
    fade = np.minimum(1, np.minimum(n, n[::-1]) / (RATE / 4))
    wave = level * fade * np.sin(2 * np.pi * n / divisor + np.deg2rad(degrees))
    peak, at = true_peak(np.repeat(wave[:, None], 2, axis=1).astype(np.float32))
    assert -0.4 <= peak - expected <= 0.2
    assert 0.24 <= at <= 0.76


@pytest.mark.parametrize("offset", range(4))
def test_true_peak_of_one_loud_period_at_every_sampling_phase(offset):
    # Cases 20-23: fs/6 at 0.5 with one period of fs/4 at 1.0, made at 4x, decimated at 4 phases.
    n = np.arange(4 * RATE)
    fade = np.minimum(1, np.minimum(n, n[::-1]) / RATE)
    wave = 0.5 * fade * np.sin(2 * np.pi * n / 24)
    middle = 2 * RATE // 24 * 24
    wave[middle: middle + 16] = np.sin(2 * np.pi * np.arange(16) / 16)
    limited = np.convolve(wave, firwin(511, 0.245), mode="same")
    peak, _ = true_peak(np.repeat(limited[offset::4, None], 2, axis=1).astype(np.float32))
    assert -0.4 <= peak <= 0.2


def test_a_peak_is_reported_where_it_is():
    sound = tone((-20, 4))
    sound[3 * RATE + 4800] = 0.9
    peak, at = true_peak(sound)
    assert at == pytest.approx(3.1, abs=1e-4)
    assert peak >= 20 * np.log10(0.9) - 0.01


def test_silence_reads_minus_infinity_and_nothing_breaks():
    reading = measure(np.zeros((RATE, 2), np.float32))
    assert reading.integrated_lufs == -np.inf
    assert reading.true_peak_dbtp == -np.inf
    assert reading.range_lu == 0.0
    assert measure(np.zeros((0, 2), np.float32)).integrated_lufs == -np.inf


def test_gain_moves_loudness_by_itself():
    rng = np.random.default_rng(5)
    sound = (rng.standard_normal((10 * RATE, 2)) * 0.05).astype(np.float32)
    before, after = (integrated(step_energies(s)) for s in (sound, sound * np.float32(0.5)))
    assert before - after == pytest.approx(6.0206, abs=0.001)


def test_another_rate_reads_the_same_loudness():
    noise = np.random.default_rng(2).standard_normal(12 * RATE) * 0.1
    at_48 = np.convolve(noise, firwin(255, 12_000, fs=RATE), mode="same")[:, None]
    at_44 = resample_poly(at_48, 147, 160)
    readings = [integrated(step_energies(s.astype(np.float32), r))
                for s, r in ((at_48, RATE), (at_44, 44_100))]
    assert readings[1] == pytest.approx(readings[0], abs=0.05)


REAL = ("bbc_timbl_1.mp3", "bbc_timbl_2.mp3", "pyln_piano.wav", "bbc_r4_excerpt.ogg",
        "ffn_test.mp4", "zoomF8_Tr1.wav", "zoomF8_Tr2.wav", "zoomF8_Tr3.wav",
        "sd_A101_1.wav", "sd_A101_2.wav",
        "itu_1770-2_Comp_AbsGateTest.wav", "itu_1770-2_Comp_RelGateTest.wav")


@pytest.mark.media
@pytest.mark.parametrize("name", REAL)
def test_real_sound_reads_as_in_ffmpeg(name, tmp_path):
    folder = os.environ.get("MICROFINISH_TESTDATA")
    if not folder:
        pytest.skip("MICROFINISH_TESTDATA is not set: real recordings are not in the repository")
    path = Path(folder) / "audio" / name
    common = [ffmpeg_exe(), "-hide_banner", "-nostdin", "-i", str(path)]
    shape = ["-af", "aresample=48000:resampler=soxr,aformat=channel_layouts=stereo"]
    raw = subprocess.run([*common, *shape, "-f", "f32le", "pipe:1"], capture_output=True).stdout
    sound = np.frombuffer(raw, np.float32).reshape(-1, 2)
    wav = tmp_path / "sound.f32"
    wav.write_bytes(raw)
    log = subprocess.run(
        [ffmpeg_exe(), "-hide_banner", "-nostdin", "-f", "f32le", "-ar", "48000",
         "-ch_layout", "stereo", "-i", str(wav), "-af",
         "ebur128=peak=true:metadata=1,ametadata=print:file=-", "-f", "null", "-"],
        capture_output=True, text=True)
    exact = re.findall(r"lavfi\.r128\.I=(-?[\d.]+)", log.stdout)
    summary = re.search(r"Peak:\s+(-?[\d.]+) dBFS", log.stderr)
    reading = measure(sound)
    # ffmpeg's meter stops at its absolute gate: the two recorder files hold nothing but hiss
    assert max(-70.0, reading.integrated_lufs) == pytest.approx(float(exact[-1]), abs=0.05)
    assert summary and reading.true_peak_dbtp == pytest.approx(float(summary[1]), abs=0.4)


def test_steps_are_counted_once():
    energies = step_energies(tone((-23, 1.005)))
    assert energies.size == 100
    assert all(b == pytest.approx(a, rel=0.2) for a, b in pairwise(energies[5:]))
