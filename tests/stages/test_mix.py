"""The plan says for every sample where it comes from, and everything wrong is said at once."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from microfinish.core.cleanup import Cleanup
from microfinish.core.errors import ProblemsError
from microfinish.core.media import Media, MediaLog, Picture, Sound
from microfinish.core.mix import MixPlan, MixSheet
from microfinish.core.sync import Match, SyncTable
from microfinish.core.time import Span
from microfinish.core.timeline import Event, PictureLock, Revision, Timeline, Transition
from microfinish.documents.validate import load_text
from microfinish.media.wave import write_wave
from microfinish.pipeline.stage import Inputs
from microfinish.project.project import Project
from microfinish.stages.mix import MixStage

RATE = 48_000
PAL = Fraction(25)


def camera(
    name: str, rate: Fraction = PAL, sounds: int = 1, start: Fraction = Fraction(0)
) -> Media:
    streams = (Sound(0, "pcm_s24le", RATE, 2, 60 * RATE, start=start),) * sounds
    return Media(f"media/{name}.mov", f"digest-{name}", 1, sounds=streams,
                 picture=Picture("h264", 64, 64, rate, int(60 * rate)))


RECORDER = Media("media/T1.wav", "digest-T1", 1,
                 sounds=(Sound(0, "pcm_s24le", RATE, 2, 90 * RATE),))
LOG = MediaLog((camera("A"), camera("B"), camera("MUTE", sounds=0), RECORDER))
NO_SYNC = SyncTable(())
SYNC = SyncTable((Match("media/A.mov", "media/T1.wav", Fraction(1_000_001, 3), RATE, 50.0,
                        "waveform", 1.0),))


def event(name: str, source: int, record: tuple[int, int], track: str = "V1", **changes) -> Event:
    length = record[1] - record[0]
    return replace(Event(f"{name}@{source}", track, f"media/{name}.mov",
                         Span(source, source + length), Span(*record)), **changes)


def planned(*events: Event, sheet: str = "{}", sync: SyncTable = NO_SYNC, rate: Fraction = PAL,
            root: Path = Path("/nowhere"), files: dict[str, str] | None = None,
            log: MediaLog = LOG, start: int = 0, conform: str = "time") -> MixPlan:
    timeline = Timeline(rate, events, start_frame=start)
    lock = PictureLock((Revision(1, "d", "", "", "", timeline),))
    inputs = Inputs.of(log=log, sync=sync, lock=lock, files=files or {}, cleanup=Cleanup(),
                       sheet=load_text(sheet, "mix.yaml", MixSheet), conform=conform)
    context = SimpleNamespace(
        episode="ep001", path=lambda relative: root / relative, emit=lambda event: None,
        facts=SimpleNamespace(get=lambda kind, version, key, compute: compute()))
    return MixStage().run(inputs, context)


def test_camera_sound_follows_the_picture_to_the_sample():
    plan = planned(event("A", 100, (0, 50)))
    (clip,) = plan.bus("DX").clips
    assert (clip.start, clip.end, clip.source_start) == (0, 96_000, 192_000)
    assert (clip.fade_in, clip.fade_out) == (240, 240)
    assert (plan.frames, plan.samples) == (50, 96_000)


def test_samples_are_cumulative_at_29_97():
    ntsc = Fraction(30_000, 1001)
    log = MediaLog((camera("A", ntsc),))
    plan = planned(*(event("A", 10 * k, (k, k + 1)) for k in range(1798)), rate=ntsc, log=log)
    assert plan.samples == 2_879_677  # 2 879 676.8, rounded once
    for k, clip in enumerate(plan.bus("DX").clips):
        middle = clip.start + (120 if k else 0)
        exact = Fraction(k) * RATE / ntsc
        assert abs(middle - exact) <= Fraction(1, 2)
        # and the source is exactly as far from its frame as the sample is from its frame
        shift = (clip.source_start + (120 if k else 0)) - Fraction(10 * k) * RATE / ntsc
        assert shift == middle - exact


def test_a_synced_recorder_file_replaces_the_camera_sound():
    plan = planned(event("A", 100, (0, 50)), event("B", 0, (50, 75)), sync=SYNC)
    first, second = plan.bus("DX").clips
    assert (first.source, first.drift_ppm) == ("media/T1.wav", 50.0)
    exact = Fraction(1_000_001, 3) + 4 * RATE * (1 + Fraction(50, 10**6))
    assert float(first.source_start) == pytest.approx(float(exact), abs=1e-3)
    assert second.source == "media/B.mov"


def test_the_sheet_can_ask_for_camera_sound():
    plan = planned(event("A", 100, (0, 50)), sync=SYNC, sheet="dialogue: {source: camera}")
    assert plan.bus("DX").clips[0].source == "media/A.mov"


def test_sound_that_starts_late_in_its_file_is_found_at_its_place():
    log = MediaLog((camera("A", start=Fraction(1, 100)),))
    (clip,) = planned(event("A", 100, (0, 50)), log=log).bus("DX").clips
    assert clip.source_start == 4 * RATE - 480


def test_a_cut_is_a_five_millisecond_crossfade_around_the_border():
    first, second = planned(event("A", 100, (0, 50)), event("B", 40, (50, 75))).bus("DX").clips
    assert (first.end, second.start) == (96_120, 95_880)
    assert (first.fade_out, second.fade_in) == (240, 240)
    assert second.source_start == 40 * 1920 - 120


def test_a_dissolve_crossfades_sound_over_the_same_frames():
    first, second = planned(
        event("A", 100, (0, 50)),
        event("B", 40, (50, 75), transition=Transition("dissolve", 10))).bus("DX").clips
    assert (first.end, first.fade_out) == (96_000 + 19_200, 19_200)
    assert (second.start, second.fade_in) == (96_000, 19_200)


def test_the_edits_own_audio_events_win_and_stereo_pairs_count_once():
    plan = planned(event("A", 100, (0, 50)), event("B", 30, (0, 50), "A1"),
                   event("B", 30, (0, 50), "A2"))
    (clip,) = plan.bus("DX").clips
    assert clip.source == "media/B.mov"


def test_retimed_shots_are_muted_and_silent_media_are_named():
    plan = planned(event("A", 100, (0, 50), speed=Fraction(1, 2)), event("MUTE", 0, (50, 60)))
    assert plan.bus("DX").clips == ()
    assert "muted, its speed is 1/2" in plan.notices[0]
    assert "has no sound" in plan.notices[1]


@pytest.mark.parametrize(("conform", "speed"), [("time", 1), ("frame", Fraction(25, 24))])
def test_sound_is_pulled_up_only_where_every_frame_is_kept(conform, speed):
    log = MediaLog((camera("A", Fraction(24)),))
    (clip,) = planned(event("A", 48, (0, 25)), log=log, conform=conform).bus("DX").clips
    assert (clip.speed, clip.source_start) == (speed, 2 * RATE)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    (tmp_path / "music").mkdir()
    write_wave(np.zeros((3 * RATE, 2), np.float32), tmp_path / "music" / "theme.wav")
    (tmp_path / "music" / "broken.wav").write_bytes(b"not sound")
    return tmp_path


FILES = {"music/theme.wav": "d1", "music/broken.wav": "d2", "music/gone.wav": "absent"}


def test_a_cue_lands_on_its_timecode_with_its_fades(music):
    sheet = 'music: [{file: music/theme.wav, at: "00:00:01:00", gain_db: -6, fade_out: 12, ' \
            'in: "00:00:00:05", out: "00:00:02:00"}]'
    plan = planned(event("A", 0, (0, 250)), sheet=sheet, root=music, files=FILES)
    (clip,) = plan.bus("MX").clips
    assert (clip.start, clip.end) == (RATE, RATE + 86_400)
    assert (clip.source_start, clip.gain_db) == (9600, -6.0)
    assert (clip.fade_in, clip.fade_out) == (240, 23_040)
    assert clip.duck


def test_a_cue_may_use_the_timelines_own_labels_and_ends_with_the_episode(music):
    sheet = 'effects: [{file: music/theme.wav, at: "01:00:01:00"}]'
    plan = planned(event("A", 0, (0, 50)), sheet=sheet, root=music, files=FILES, start=25 * 3600)
    (clip,) = plan.bus("FX").clips
    assert (clip.start, clip.end) == (RATE, 2 * RATE)
    assert not clip.duck


def test_every_problem_of_the_sheet_is_said_at_once_with_its_line(music):
    sheet = """music:
  - {file: music/gone.wav}
  - {file: music/theme.wav, at: "00:00:20:00"}
  - {file: music/theme.wav, at: "00:00:00:99"}
  - {file: music/theme.wav, in: "00:00:05:00"}
effects:
  - {file: music/broken.wav}
"""
    with pytest.raises(ProblemsError) as caught:
        planned(event("A", 0, (0, 50)), sheet=sheet, root=music, files=FILES)
    problems = caught.value.problems
    assert sorted(p.where.line for p in problems) == [2, 3, 4, 5, 7]
    assert all(p.hint for p in problems)


def test_inputs_name_every_file_and_never_leave_the_project(tmp_path):
    (tmp_path / "microfinish.yaml").write_text("title: T\n", encoding="utf-8")
    folder = tmp_path / "episodes" / "ep001"
    folder.mkdir(parents=True)
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "a.wav").write_bytes(b"x")
    (folder / "mix.yaml").write_text(
        "dialogue: {cleanup: indoor}\nmusic: [{file: music/a.wav}, {file: ../secret.wav}]\n",
        encoding="utf-8")
    inputs = MixStage().inputs(Project.open(tmp_path).episode("ep001"))
    assert inputs["files"]["../secret.wav"] == "absent"
    assert inputs["files"]["music/a.wav"] != "absent"
    assert inputs["cleanup"].highpass_hz == 80
    before = inputs.digests()
    (tmp_path / "music" / "a.wav").write_bytes(b"yz")
    after = MixStage().inputs(Project.open(tmp_path).episode("ep001")).digests()
    assert {name for name in before if before[name] != after[name]} == {"files"}


def test_cues_of_an_unchanged_sheet_go_where_their_picture_went(music):
    text = """effects:
  - {file: music/theme.wav, at: "00:00:00:10", out: "00:00:00:20"}
  - {file: music/theme.wav, at: "00:00:02:10", out: "00:00:00:20"}
"""
    sheet = load_text(text, "mix.yaml", MixSheet)
    entries = {"log": LOG, "sync": NO_SYNC, "files": FILES, "cleanup": Cleanup(), "sheet": sheet,
               "conform": "time"}
    human = {"mix.yaml": Inputs.of(sheet=sheet).digests()["sheet"]}
    first = Timeline(PAL, (event("A", 100, (0, 50)), event("B", 0, (50, 100))))
    second = Timeline(PAL, (event("B", 0, (0, 50)), event("MUTE", 0, (50, 75))))
    told = []
    context = SimpleNamespace(
        episode="ep001", path=lambda relative: music / relative, emit=told.append,
        facts=SimpleNamespace(get=lambda kind, version, key, compute: compute()))

    def starts(*revisions: Revision) -> list[int]:
        plan = MixStage().run(Inputs.of(lock=PictureLock(revisions), **entries), context)
        notices.extend(plan.notices)
        return [clip.start // 1920 for clip in plan.bus("FX").clips]

    notices: list[str] = []
    one = Revision(1, "d", "", "", "", first, human=human)
    assert starts(one) == [10, 60]
    assert not notices
    assert starts(one, Revision(2, "d", "", "", "", second, human=human)) == [10]
    (parked,) = [notice for notice in notices if "parked" in notice]
    assert "theme.wav" in parked and "00:00:00:10 in revision 1" in parked
    assert [(n.severity, n.where.line) for n in told if "parked" in n.message] == [("info", 2)]
