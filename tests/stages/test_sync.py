"""A camera file gets the recorder file that ran with it, exactly placed, or a reason why not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from microfinish.core.errors import ProblemsError
from microfinish.core.media import Media, MediaLog, Picture, Sound
from microfinish.core.sync import SyncEntry, SyncSheet, SyncTable
from microfinish.core.time import format_timecode
from microfinish.documents.validate import load_text
from microfinish.media.wave import write_wave
from microfinish.pipeline.stage import Inputs
from microfinish.project.store import Store
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


def synced(root: Path, *media: Media, measured: list[str] | None = None,
           sheet: SyncSheet | None = None) -> SyncTable:
    known: dict[str, object] = {}

    def get(kind, version, key, compute):
        if (kind, key) not in known:
            known[kind, key] = compute()
            if measured is not None and kind == "waveform-sync":
                measured.append(key)
        return known[kind, key]

    context = SimpleNamespace(path=lambda relative: root / relative,
                              facts=SimpleNamespace(get=get), store=Store(root / "store"),
                              map=lambda work, items, label: [work(item) for item in items])
    return SyncStage().run(Inputs.of(log=MediaLog(media), sync_yaml=sheet), context)


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


def test_a_timecode_track_places_what_states_no_timecode(tmp_path):
    """Camera and recorder both hear the same LTC box; neither has timecode or shared sound."""
    stereo = (Sound(0, "pcm_s24le", RATE, 2, 8 * RATE),)
    cam, rec = camera(sounds=stereo), recorder(seconds=20)
    save_two(tmp_path, cam, speech(8, 30), code(250_150, 8))
    save_two(tmp_path, rec, speech(20, 31), code(250_000, 20))
    (row,) = synced(tmp_path, cam, rec).matches
    assert row.method == "timecode"
    assert float(row.offset_samples) == pytest.approx(6 * RATE, abs=0.5)
    assert "LTC on track 2 of A001" in row.reason


def test_a_loud_timecode_track_is_not_compared(tmp_path):
    cam, rec = camera(start_frame=25 * 3600, timecode_rate=Fraction(25)), recorder()
    sound = speech(30, 33)
    save_two(tmp_path, rec, sound, code(90_000, 30, level=0.9))
    truth = 4 * RATE + 100
    save(tmp_path, cam, sound[truth: truth + 8 * RATE])
    rec = replace(rec, start_sample=RATE * 3596)
    (row,) = synced(tmp_path, cam, rec).matches
    assert row.method == "timecode+waveform"
    assert float(row.offset_samples) == pytest.approx(truth, abs=0.25)


def test_files_that_ran_together_check_each_other(tmp_path):
    sound = speech(40, 40)
    recs = [recorder("T001", 40), recorder("T002", 30)]
    cams = [camera("A001", 10), camera("B001", 12)]
    save(tmp_path, recs[0], sound)
    save(tmp_path, recs[1], sound[5 * RATE: 35 * RATE])
    save(tmp_path, cams[0], noisy(sound[10 * RATE: 20 * RATE], 1))
    save(tmp_path, cams[1], noisy(sound[12 * RATE + 5: 24 * RATE + 5], 2))
    first, second = synced(tmp_path, *cams, *recs).matches
    for row, begin in ((first, 10 * RATE), (second, 12 * RATE + 5)):
        lead = 0 if row.sound == "media/T001.wav" else 5 * RATE
        assert float(row.offset_samples) == pytest.approx(begin - lead, abs=0.25)
        assert "all pairs of its group agree within 0.0" in row.reason


def test_a_camera_far_from_the_boom_is_placed_through_another(tmp_path):
    """B001 shares no sound with the recorder, only with A001 (a slate, a shout)."""
    sound, own = speech(30, 50), speech(30, 51)
    rec, cams = recorder(), [camera("A001", 12), camera("B001", 8)]
    save(tmp_path, rec, sound)
    save(tmp_path, cams[0], sound[6 * RATE: 18 * RATE] + own[6 * RATE: 18 * RATE])
    save(tmp_path, cams[1], own[9 * RATE: 17 * RATE])
    _, row = synced(tmp_path, *cams, rec).matches
    assert (row.sound, row.method) == ("media/T001.wav", "waveform")
    assert float(row.offset_samples) == pytest.approx(9 * RATE, abs=0.5)
    assert "heard through another camera" in row.reason


def test_dropped_frames_are_found_and_named(tmp_path):
    cam, rec = camera(seconds=36), recorder(seconds=60)
    sound = speech(60, 60)
    save(tmp_path, rec, sound)
    lost = 3 * RATE // 25
    taken = sound[5 * RATE: 45 * RATE]
    taken = np.concatenate((taken[: 17 * RATE], taken[17 * RATE + lost:]))[: 36 * RATE]
    save(tmp_path, cam, taken)
    (row,) = synced(tmp_path, cam, rec).matches
    assert "the camera dropped 3 frames about 00:00:1" in row.reason
    early, late = row.at(Fraction(2)), row.at(Fraction(30))
    assert float(early[0]) == pytest.approx(5 * RATE, abs=0.5)
    assert float(late[0]) == pytest.approx(5 * RATE + lost, abs=0.5)
    assert float(row.segments[1].begin) == pytest.approx(17, abs=0.6)


def test_what_a_person_says_is_taken_as_it_is(tmp_path):
    cam, rec = camera(), recorder(start_sample=RATE * 3600, timecode_rate=Fraction(25))
    for offset, samples in (("12.254", Fraction("12.254") * RATE), (2, 2 * RATE),
                            ("01:00:03:05", Fraction(16, 5) * RATE)):
        sheet = SyncSheet({"a001": SyncEntry("T001", offset, 12.5)})
        (row,) = synced(tmp_path, cam, rec, sheet=sheet).matches
        assert (row.sound, row.offset_samples, row.drift_ppm, row.method) == (
            "media/T001.wav", samples, 12.5, "declared")
    sheet = SyncSheet({"A*": SyncEntry("none")})
    (row,) = synced(tmp_path, cam, rec, sheet=sheet).matches
    assert (row.sound, row.method) == ("", "declared")


def test_a_named_file_is_the_only_one_heard(tmp_path):
    cam, recs = camera(), [recorder("T001"), recorder("T002")]
    sound = speech(30, 70)
    for rec in recs:
        save(tmp_path, rec, sound)
    save(tmp_path, cam, sound[RATE: 9 * RATE])
    measured: list[str] = []
    sheet = SyncSheet({"A001": SyncEntry("T002.wav")})
    (row,) = synced(tmp_path, cam, *recs, measured=measured, sheet=sheet).matches
    assert row.sound == "media/T002.wav"
    assert len(measured) == 1


def test_mistakes_in_the_sheet_are_told_together(tmp_path):
    sheet = SyncSheet({"A002": SyncEntry("T001"), "A001": SyncEntry("T01", "1"),
                       "A00*": SyncEntry("T001", "99")})
    with pytest.raises(ProblemsError) as caught:
        synced(tmp_path, camera(), recorder(), sheet=sheet)
    told = " / ".join(f"{problem.message} ({problem.hint})" for problem in caught.value.problems)
    assert 'no camera file is called "A002" (did you mean A001?' in told
    assert 'no recorder file is called "T01" (did you mean T001?' in told
    assert "which lasts 30.000 s" in told


def test_the_sheet_is_read_from_text():
    text = 'cameras:\n  A001C003: {sound: none}\n  B*: {sound: T1.wav, offset: "12.254"}\n'
    sheet = load_text(text, "sync.yaml", SyncSheet)
    assert sheet.cameras["B*"].offset == "12.254"
    assert sheet.cameras["B*"].where.line == 3
    with pytest.raises(ProblemsError, match="ofset"):
        load_text("cameras:\n  A: {sound: none, ofset: 1}\n", "sync.yaml", SyncSheet)


def noisy(sound: np.ndarray, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(sound.size)
    return (sound + noise * np.sqrt(np.mean(sound ** 2)) * 0.5).astype(np.float32)


def save_two(root: Path, media: Media, left: np.ndarray, right: np.ndarray) -> None:
    (root / "media").mkdir(exist_ok=True)
    write_wave(np.stack([left, right[: left.size]], axis=1), root / media.path)


def code(first: int, seconds: int, level: float = 0.3) -> np.ndarray:
    """Linear timecode at 25 from a frame number on."""
    half = RATE // 25 // 160  # 12 samples: 25 fps at 48 kHz has whole half cells
    halves, sign = [], 1.0
    for frame in range(first, first + seconds * 25 + 1):
        label = format_timecode(frame, Fraction(25))
        hours, minutes, secs, frames = (int(part) for part in label.split(":"))
        bits = [0] * 64
        for value, units, tens, width in ((frames, 0, 8, 2), (secs, 16, 24, 3),
                                          (minutes, 32, 40, 3), (hours, 48, 56, 2)):
            for n in range(4):
                bits[units + n] = value % 10 >> n & 1
            for n in range(width):
                bits[tens + n] = value // 10 >> n & 1
        for bit in [*bits, 0, 0, *([1] * 12), 0, 1]:
            sign = -sign
            halves.append(sign)
            sign = -sign if bit else sign
            halves.append(sign)
    return (np.repeat(halves, half) * level).astype(np.float32)
