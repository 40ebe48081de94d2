"""Mixes and stems of a sound house, in old time, sound under the current cut, sample by sample."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from microfinish.core.cleanup import Cleanup
from microfinish.core.errors import InputError, ProblemsError
from microfinish.core.media import Media, MediaLog, Picture, Sound
from microfinish.core.mix import MixPlan, MixSheet
from microfinish.core.shots import with_shot_ids
from microfinish.core.sync import SyncTable
from microfinish.core.time import Span
from microfinish.core.timeline import Event, PictureLock, Revision, Timeline
from microfinish.documents.validate import load_text
from microfinish.media.mixdown import mixdown
from microfinish.media.wave import write_wave
from microfinish.pipeline.stage import Inputs
from microfinish.stages.mix import MixStage

FRAME, RATE = 1920, Fraction(25)
Sample = NDArray[np.float32]


def camera(name: str) -> Media:
    return Media(f"media/{name}.wav", name, 1, sounds=(Sound(0, "pcm_s24le", 48_000, 2, 10**6),),
                 picture=Picture("h264", 64, 64, RATE, 500))


LOG = MediaLog(tuple(map(camera, "abcx")))


def cut(*spans: tuple[str, int, int], previous: Timeline | None = None) -> Timeline:
    events, at = [], 0
    for name, start, end in spans:
        events.append(Event("", "V", f"media/{name}.wav", Span(start, end),
                            Span(at, at + end - start)))
        at += end - start
    return with_shot_ids(Timeline(RATE, tuple(events)), previous)


OLD = cut(("a", 0, 25), ("b", 0, 25), ("c", 0, 25))
NEW = (("a", 0, 25), ("x", 0, 10), ("b", 8, 25), ("c", 0, 25))


def noise(seed: int, frames: int, level: float = 0.2) -> Sample:
    """Steady noise that a 24-bit file holds exactly."""
    codes = np.rint(level * 2**23 * np.random.default_rng(seed).uniform(-1, 1, (frames * FRAME, 2)))
    return (codes / 2**23).astype(np.float32)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("media", "mix", "music"):
        (tmp_path / folder).mkdir()
    for number, name in enumerate("abcx"):
        write_wave(noise(number, 60, 0.05), tmp_path / "media" / f"{name}.wav")
    write_wave(noise(50, 75), tmp_path / "mix" / "old.wav")
    write_wave(noise(60, 60, 0.02), tmp_path / "music" / "theme.wav")
    return tmp_path


def planned(root: Path, sheet: str, *later: tuple[tuple[str, int, int], ...],
            told: list[object] | None = None) -> MixPlan:
    """The plan under the last of the cuts, with a `mix.yaml` in the time of the first."""
    cuts = [OLD]
    for spans in later:
        cuts.append(cut(*spans, previous=cuts[-1]))
    parsed = load_text(sheet, "episodes/ep001/mix.yaml", MixSheet)
    files = {each.file: each.file if (root / each.file).is_file() else "absent"
             for each in (*parsed.music, *parsed.effects, *parsed.printed)}
    digest = Inputs.of(sheet=parsed).digests()["sheet"]
    lock = PictureLock(tuple(
        Revision(number, "", "", "", "", timeline, human={"mix.yaml": digest})
        for number, timeline in enumerate(cuts, 1)))
    context = SimpleNamespace(
        episode="ep001", path=lambda relative: root / relative,
        emit=(told if told is not None else []).append,
        facts=SimpleNamespace(get=lambda kind, version, key, compute: compute()))
    return MixStage().run(Inputs.of(log=LOG, sync=SyncTable(()), lock=lock, sheet=parsed,
                                    files=files, cleanup=Cleanup(), conform="time"), context)


PRINTED = "printed: [{file: mix/old.wav, revision: 1}]"


def test_a_printed_mix_is_what_is_heard_and_nothing_else(root: Path) -> None:
    plan = planned(root, PRINTED + "\nmusic: [{file: music/theme.wav}]")
    made = mixdown(plan, root)
    assert np.array_equal(made.mix, noise(50, 75))
    assert np.array_equal(made.stems["PRINT"], made.mix)
    assert not made.stems["DX"].any() and not made.stems["MX"].any()


def test_after_a_recut_it_is_exact_outside_its_seams_and_dialogue_fills_the_gap(
    root: Path,
) -> None:
    plan = planned(root, PRINTED, NEW)
    heard, old = mixdown(plan, root).mix, noise(50, 75)
    fresh = np.concatenate([old[:25 * FRAME], noise(3, 60, 0.05)[:10 * FRAME],
                            old[33 * FRAME:75 * FRAME]])
    outside = np.ones(len(fresh), dtype=bool)
    for seam in plan.printed[0].seams:
        outside[seam.start:seam.end] = False
        assert seam.end - seam.start == 480  # steady noise: nothing is quiet anywhere
    for clip in plan.bus("DX").clips:  # production sound has crossfades of its own
        outside[clip.start:clip.start + clip.fade_in] = False
        outside[clip.end - clip.fade_out:clip.end] = False
    assert np.array_equal(heard[outside], fresh[outside])
    assert [(f.rule, f.severity, f.was, f.at) for f in plan.findings] == [
        ("mix.seam", "warning", "00:00:01:00", "00:00:01:00"),
        ("mix.seam", "warning", "00:00:01:08", "00:00:01:10"),
        ("mix.gap", "warning", "", "00:00:01:00")]


def test_a_seam_keeps_its_loudness(root: Path) -> None:
    plan = planned(root, PRINTED, (("a", 0, 25), ("b", 8, 25), ("c", 0, 25)))
    (seam,) = plan.printed[0].seams
    heard = mixdown(plan, root).mix.astype(np.float64)
    inside, around = heard[seam.start:seam.end], heard[seam.start - FRAME:seam.start]
    decibels = 10 * np.log10((inside ** 2).mean() / (around ** 2).mean())
    assert abs(decibels) < 0.7  # an equal-gain crossfade of two noises loses 1.8 dB


@pytest.mark.parametrize(("role", "bus"), [("dialogue", "DX"), ("music", "MX"),
                                           ("effects", "FX")])
def test_a_printed_stem_stands_for_its_own_stem_only(root: Path, role: str, bus: str) -> None:
    plan = planned(root, f"printed: [{{file: mix/old.wav, revision: 1, role: {role}}}]\n"
                         "music: [{file: music/theme.wav, duck: false}]")
    made = mixdown(plan, root)
    assert np.array_equal(made.stems[bus], noise(50, 75))
    assert made.stems["DX"].any() and made.stems["MX"].any()
    assert np.allclose(sum(made.stems.values()), made.mix, atol=1e-6)


def test_going_back_plays_the_file_whole_again(root: Path) -> None:
    plan = planned(root, PRINTED, NEW, (("a", 0, 25), ("b", 0, 25), ("c", 0, 25)))
    assert plan.printed[0].seams == () and plan.findings == ()
    assert np.array_equal(mixdown(plan, root).mix, noise(50, 75))


def test_a_print_of_the_new_revision_needs_no_seam(root: Path) -> None:
    write_wave(noise(51, 77), root / "mix" / "new.wav")
    plan = planned(root, "printed: [{file: mix/new.wav, revision: 2}]", NEW)
    assert plan.printed[0].seams == () and plan.findings == ()


def problem(root: Path, sheet: str, *later: tuple[tuple[str, int, int], ...]) -> tuple[str, str]:
    with pytest.raises(InputError) as caught:
        planned(root, sheet, *later)
    assert isinstance(caught.value, ProblemsError)
    (found,) = caught.value.problems
    assert found.where is not None and found.where.line == 1
    return found.message, found.hint


def test_a_file_of_another_length_is_refused_with_the_figures(root: Path) -> None:
    write_wave(noise(1, 125), root / "mix" / "long.wav")
    message, hint = problem(root, "printed: [{file: mix/long.wav, revision: 1}]")
    assert message == (
        "mix/long.wav is 00:00:05:00 long (240000 samples), revision 1 is 00:00:03:00 "
        "(144000 samples): 50 frames too long")
    assert "2-pop" in hint


def test_a_file_as_long_as_another_revision_is_told_so(root: Path) -> None:
    _, hint = problem(root, "printed: [{file: mix/old.wav, revision: 2}]", NEW)
    assert hint == "it is as long as revision 1: write revision: 1"


def test_a_file_at_another_rate_is_refused_with_the_figures(root: Path) -> None:
    write_wave(noise(1, 75), root / "mix" / "other.wav", rate=44_100)
    message, _ = problem(root, "printed: [{file: mix/other.wav, revision: 1}]")
    assert "is at 44100 Hz; printed sound must be at 48000 Hz" in message


@pytest.mark.parametrize(("sheet", "said"), [
    ("printed: [{file: mix/none.wav, revision: 1}]", "there is no file mix/none.wav"),
    ("printed: [{file: mix/old.wav, revision: 7}]", "is for revision 7, which the picture lock"),
    ("printed: [{file: mix/old.wav, revision: 1}, {file: mix/old.wav, revision: 1, role: music}]",
     "another printed file stands for the same sound"),
])
def test_what_cannot_be_is_said(root: Path, sheet: str, said: str) -> None:
    assert said in problem(root, sheet)[0]


def test_a_seam_that_a_person_took_is_no_decision_any_more(root: Path) -> None:
    trimmed = (("a", 0, 25), ("b", 8, 25), ("c", 0, 25))
    plan = planned(root, PRINTED, trimmed)
    (finding,) = plan.findings
    assert 'seams: {"00:00:01:00": 0}' in finding.fix
    taken = planned(root, 'printed: [{file: mix/old.wav, revision: 1, '
                          'seams: {"00:00:01:00": 0}}]', trimmed)
    assert [f.severity for f in taken.findings] == ["info"]


def test_a_cue_may_say_in_which_revision_its_time_counts(root: Path) -> None:
    later = (("a", 0, 25), ("x", 0, 10), ("b", 0, 25), ("c", 0, 25))
    sheet = ("revision: 1\neffects:\n  - {file: music/theme.wav, at: \"00:00:02:00\", "
             "out: \"00:00:00:05\"}\n  - {file: music/theme.wav, at: \"00:00:02:00\", "
             "out: \"00:00:00:05\", revision: 2}\n")
    plan = planned(root, sheet, later)
    assert [clip.start // FRAME for clip in plan.bus("FX").clips] == [50, 60]
    with pytest.raises(InputError, match="no revision 9"):
        planned(root, sheet.replace("revision: 2", "revision: 9"), later)


def test_quiet_is_measured_against_the_loud_parts(root: Path) -> None:
    from microfinish.media.printed import measure_print

    sound = noise(1, 40)
    sound[10 * FRAME:20 * FRAME] *= np.float32(0.003)  # room tone 50 dB down
    write_wave(sound, root / "mix" / "scene.wav")
    fact = measure_print(root / "mix" / "scene.wav")
    assert (fact["rate"], fact["samples"]) == (48_000, 40 * FRAME)
    assert fact["silent"] == [[10 * FRAME, 20 * FRAME]]
