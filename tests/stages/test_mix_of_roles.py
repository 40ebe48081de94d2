"""Roles to stems, split edits to the frame, and no sound under a variable speed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from stages.test_mix import NO_SYNC, RATE, SYNC, camera, event, planned

from microfinish.core.dialogue import bus_of
from microfinish.core.media import Media, MediaLog, Sound
from microfinish.core.timeline import RetimeKey

SONG = Media("media/song.wav", "digest-song", 1,
             sounds=(Sound(0, "pcm_s24le", RATE, 2, 90 * RATE),))
LOG = MediaLog((camera("A"), camera("B"), SONG, Media(
    "media/T1.wav", "digest-T1", 1, sounds=(Sound(0, "pcm_s24le", RATE, 2, 90 * RATE),))))


def song(record: tuple[int, int], role: str, track: str = "A3"):
    return replace(event("A", 0, record, track), media="media/song.wav", role=role)


@pytest.mark.parametrize(("role", "bus"), [
    ("", "DX"), ("dialogue", "DX"), ("dialogue.boom", "DX"), ("Music", "MX"), ("music.score", "MX"),
    ("Music-1", "MX"), ("effects", "FX"), ("Effects.foley", "FX"), ("SFX", "FX"),
    ("Narration", "DX"), ("musical director", "DX")])
def test_a_role_decides_the_stem(role: str, bus: str) -> None:
    assert bus_of(role) == bus


def test_music_and_effects_of_the_edit_go_to_their_own_stems() -> None:
    plan = planned(event("A", 0, (0, 50)), event("A", 0, (0, 50), "A1", role="dialogue"),
                   song((0, 50), "music"), song((10, 20), "effects.foley", "A4"), log=LOG)
    assert [clip.source for clip in plan.bus("DX").clips] == ["media/A.mov"]
    assert [clip.source for clip in plan.bus("MX").clips] == ["media/song.wav"]
    fx, = plan.bus("FX").clips
    assert (fx.start, fx.end) == (10 * 1920, 20 * 1920)


def test_a_recorder_does_not_replace_what_was_laid_as_effects() -> None:
    laid = event("A", 100, (0, 50), "A2", role="effects")
    plan = planned(event("A", 100, (0, 50)), laid, log=LOG, sync=SYNC)
    assert [clip.source for clip in plan.bus("FX").clips] == ["media/A.mov"]
    assert plan.bus("DX").clips == ()


def test_an_edit_with_music_alone_brings_no_camera_sound_back() -> None:
    plan = planned(event("A", 0, (0, 50)), song((0, 50), "music"), log=LOG, sync=NO_SYNC)
    assert plan.bus("DX").clips == ()


def test_a_j_cut_and_an_l_cut_sound_where_the_edit_says() -> None:
    # B is heard 10 frames before it is seen (J), A's picture ends at 50; C's word runs on (L)
    plan = planned(event("A", 100, (0, 50)), event("B", 40, (50, 90)), event("A", 300, (90, 120)),
                   event("A", 100, (0, 40), "A1"), event("B", 30, (40, 105), "A1"),
                   event("A", 315, (105, 120), "A1"), log=LOG)
    first, second, third = plan.bus("DX").clips
    half = 120  # cuts are crossfaded over 5 ms
    assert (first.end - half, second.start + half) == (40 * 1920, 40 * 1920)
    assert second.source_start + half == 30 * 1920
    assert (second.end - half, third.start + half) == (105 * 1920, 105 * 1920)


def test_sound_under_a_variable_speed_is_silent_and_named() -> None:
    keys = tuple(RetimeKey(Fraction(r), Fraction(s)) for r, s in ((0, 0), (20, 10), (50, 60)))
    plan = planned(event("A", 0, (0, 50), retime=keys), event("B", 0, (50, 75)), log=LOG)
    assert [clip.source for clip in plan.bus("DX").clips] == ["media/B.mov"]
    assert any("muted, its speed varies" in notice for notice in plan.notices)
