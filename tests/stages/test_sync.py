"""A camera file gets the recorder file that ran with it, exactly placed, or a reason why not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from microfinish.core.media import Media, MediaLog, Picture, Sound
from microfinish.core.sync import SyncTable
from microfinish.media.wave import write_wave
from microfinish.pipeline.stage import Inputs
from microfinish.stages.sync import SyncStage, timecode_offset

RATE = 48_000
FILM = Fraction(24_000, 1001)


def camera(name: str = "A001", seconds: int = 8, sound: bool = True, **changes) -> Media:
    sounds = (Sound(0, "pcm_s24le", RATE, 2, seconds * RATE),) if sound else ()
    return replace(Media(f"media/{name}.wav", f"digest-{name}", 1, sounds=sounds,
                         picture=Picture("h264", 64, 64, Fraction(25), seconds * 25)), **changes)


def recorder(name: str = "T001", seconds: int = 30, **changes) -> Media:
    return replace(Media(f"media/{name}.wav", f"digest-{name}", 1,
                         sounds=(Sound(0, "pcm_s24le", RATE, 2, seconds * RATE),)), **changes)


def speech(seconds: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    n = int(seconds * RATE)
    band = butter(2, [120, 4000], "bandpass", fs=RATE, output="sos")
    knots = np.arange(0, seconds + 1, 0.09)
    level = np.interp(np.arange(n) / RATE, knots, rng.random(knots.size) ** 3)
    return (sosfilt(band, rng.standard_normal(n)) * level * 0.4).astype(np.float32)


def save(root: Path, media: Media, sound: np.ndarray) -> None:
    (root / "media").mkdir(exist_ok=True)
    write_wave(np.repeat(sound[:, None], 2, axis=1), root / media.path)


def synced(root: Path, *media: Media, measured: list[str] | None = None) -> SyncTable:
    known: dict[str, object] = {}

    def get(kind, version, key, compute):
        if key not in known:
            known[key] = compute()
            if measured is not None:
                measured.append(key)
        return known[key]

    context = SimpleNamespace(path=lambda relative: root / relative,
                              facts=SimpleNamespace(get=get),
                              map=lambda work, items, label: [work(item) for item in items])
    return SyncStage().run(Inputs.of(log=MediaLog(media)), context)


def test_timecode_is_exact_at_23_976_over_a_whole_day():
    # 12:39:59:00 labels frame 1 094 376, which starts 2 190 940 752 samples after midnight.
    cam = camera(start_frame=1_094_376, timecode_rate=FILM)
    rec = recorder(start_sample=2_190_940_752 - RATE)
    assert timecode_offset(cam, rec) == 1


def test_files_that_did_not_run_together_have_no_offset():
    cam = camera(start_frame=25 * 3600, timecode_rate=Fraction(25))
    assert timecode_offset(cam, recorder(start_sample=RATE * 7200)) is None
    assert timecode_offset(cam, recorder()) is None


def test_a_camera_without_sound_is_placed_by_timecode_alone(tmp_path):
    cam = camera(sound=False, start_frame=25 * 3600 + 25, timecode_rate=Fraction(25))
    (row,) = synced(tmp_path, cam, recorder(start_sample=RATE * 3600 - 123)).matches
    assert (row.sound, row.offset_samples, row.method) == (
        "media/T001.wav", RATE + 123, "timecode")


def test_the_waveform_refines_what_timecode_says(tmp_path):
    cam = camera(start_frame=25 * 3600, timecode_rate=Fraction(25))
    rec = recorder(start_sample=RATE * 3590)
    sound = speech(30, 1)
    save(tmp_path, rec, sound)
    truth = 10 * RATE + 3_211  # the jam is 67 ms off
    save(tmp_path, cam, sound[truth: truth + 8 * RATE])
    (row,) = synced(tmp_path, cam, rec).matches
    assert row.method == "timecode+waveform"
    assert float(row.offset_samples) == pytest.approx(truth, abs=0.25)
    assert "+66.9 ms" in row.reason


def test_without_timecode_every_recorder_file_is_heard(tmp_path):
    cam, right, wrong = camera(), recorder("T002"), recorder("T001")
    sound = speech(30, 2)
    save(tmp_path, wrong, speech(30, 3))
    save(tmp_path, right, sound)
    save(tmp_path, cam, sound[5 * RATE + 77: 13 * RATE + 77])
    (row,) = synced(tmp_path, cam, wrong, right).matches
    assert (row.sound, row.method) == ("media/T002.wav", "waveform")
    assert float(row.offset_samples) == pytest.approx(5 * RATE + 77, abs=0.25)


def test_sound_that_starts_after_the_picture_is_counted_from_the_picture(tmp_path):
    late = (Sound(0, "pcm_s24le", RATE, 2, 8 * RATE, start=Fraction(1, 10)),)
    cam, rec = camera(sounds=late), recorder()
    sound = speech(30, 4)
    save(tmp_path, rec, sound)
    save(tmp_path, cam, sound[6 * RATE: 14 * RATE])
    (row,) = synced(tmp_path, cam, rec).matches
    assert float(row.offset_samples) == pytest.approx(6 * RATE - 4800, abs=0.25)


def test_no_match_says_why_and_names_the_nearest(tmp_path):
    cam, rec = camera(), recorder()
    save(tmp_path, rec, speech(30, 5))
    save(tmp_path, cam, speech(8, 6))
    (row,) = synced(tmp_path, cam, rec).matches
    assert (row.sound, row.method) == ("", "none")
    assert "media/T001.wav" in row.reason
    assert "no clear match" in row.reason


def test_only_camera_files_get_rows(tmp_path):
    assert synced(tmp_path, recorder()).matches == ()
    (row,) = synced(tmp_path, camera()).matches
    assert row.reason == "there are no recorder files"


def test_a_pair_is_measured_once(tmp_path):
    cam, rec = camera(), recorder()
    sound = speech(30, 8)
    save(tmp_path, rec, sound)
    save(tmp_path, cam, sound[: 8 * RATE])
    measured: list[str] = []
    synced(tmp_path, cam, rec, measured=measured)
    assert len(measured) == 1
    assert cam.digest in measured[0]
    assert rec.digest in measured[0]
