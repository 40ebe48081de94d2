"""Linear timecode on a track is read to a fraction of a sample, forward and in reverse."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import soxr
from synth.timecode import ltc

from microfinish.core.time import parse_timecode
from microfinish.media.ltc import decode_ltc

NTSC24, NTSC30 = Fraction(24_000, 1001), Fraction(30_000, 1001)


@pytest.mark.parametrize("sample_rate", [48_000, 44_100])
@pytest.mark.parametrize(("rate", "drop"), [
    (NTSC24, False), (Fraction(24), False), (Fraction(25), False), (NTSC30, False),
    (NTSC30, True), (Fraction(30), False)])
def test_every_rate_is_told_from_its_neighbor(rate, drop, sample_rate):
    label = "09:58:59;20" if drop else "09:58:59:20"
    first = parse_timecode(label, rate, drop)
    found = decode_ltc(ltc(first, 60, rate, sample_rate, drop=drop, lead=1234.5), sample_rate)
    assert found is not None
    assert (found.rate, found.drop, found.reverse) == (rate, drop, False)
    assert found.agreed == found.decoded >= 58
    exact = Fraction(first) / rate - Fraction(12345, 10) / sample_rate
    assert abs(float(found.seconds_at(0, sample_rate) - exact)) * sample_rate < 0.2


def test_the_first_frame_is_where_its_first_edge_is():
    found = decode_ltc(ltc(90_000, 30, Fraction(25), 48_000, lead=777.25), 48_000)
    assert found is not None
    frames = (found.sample - Fraction(777.25)) * 25 / 48_000
    assert abs(float(frames) - round(frames)) * 1920 < 0.3
    assert found.frame == 90_000 + round(frames)


def test_a_track_played_backwards_counts_down():
    sound = ltc(1000, 50, Fraction(25), 48_000)
    found = decode_ltc(np.ascontiguousarray(sound[::-1]), 48_000)
    assert found is not None
    assert found.reverse
    # The first sample of the forward track is the beginning of frame 1000.
    assert abs(float(found.seconds_at(sound.size - 1, 48_000)) - 40) * 48_000 < 1.5


@pytest.mark.parametrize("snr_db", [20, 12])
def test_noise_is_outvoted(snr_db):
    sound = ltc(parse_timecode("01:00:00:00", Fraction(24)), 100, Fraction(24), 48_000, lead=500)
    noise = np.random.default_rng(3).standard_normal(sound.size) * 0.3 * 10 ** (-snr_db / 20)
    found = decode_ltc((sound + noise).astype(np.float32), 48_000)
    assert found is not None
    assert found.rate == 24
    assert abs(float(found.seconds_at(500, 48_000)) - 3600) < 10e-6


def test_changing_levels_polarity_and_offset_do_not_matter():
    sound = ltc(5_000, 75, Fraction(25), 48_000)
    time = np.arange(sound.size) / 48_000
    bent = -sound * (0.02 + 0.98 * np.sin(2 * np.pi * 0.7 * time) ** 2) + 0.2
    found = decode_ltc(bent.astype(np.float32), 48_000)
    assert found is not None
    assert abs(float(found.seconds_at(0, 48_000)) - 200) < 5e-6
    assert found.agreed >= 60


def test_a_track_with_gaps_still_has_one_clock():
    sound = ltc(250, 100, Fraction(25), 48_000)
    for begin in (20_000, 80_000, 140_000):
        sound[begin: begin + 9_000] = 0
    found = decode_ltc(sound, 48_000)
    assert found is not None
    assert abs(float(found.seconds_at(0, 48_000)) - 10) < 5e-6


def test_a_clock_that_runs_fifty_ppm_fast_is_still_that_rate():
    sound = soxr.resample(ltc(250, 100, NTSC24, 48_000), 1.0, 1 - 50e-6, "VHQ")
    found = decode_ltc(sound, 48_000)
    assert found is not None
    assert found.rate == NTSC24


def test_user_bits_are_read():
    found = decode_ltc(ltc(250, 20, Fraction(25), 48_000, user=0x20261120), 48_000)
    assert found is not None
    assert found.user_bits == "20261120"


def test_the_end_of_a_day_is_the_beginning_of_the_next():
    last = 24 * 3600 * 25 - 5
    found = decode_ltc(ltc(last, 40, Fraction(25), 48_000), 48_000)
    assert found is not None
    assert float(found.seconds_at(0, 48_000)) % 86_400 == pytest.approx(last / 25, abs=1e-5)


def test_other_sound_carries_no_timecode():
    rng = np.random.default_rng(1)
    time = np.arange(96_000) / 48_000
    for sound in (rng.standard_normal(96_000), np.sin(2 * np.pi * 1000 * time),
                  np.sign(np.sin(2 * np.pi * 2400 * time)), np.zeros(96_000), np.zeros(10)):
        assert decode_ltc(sound.astype(np.float32), 48_000) is None


