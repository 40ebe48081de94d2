"""Each built-in rule finds its defect where it was put, and a clean file has none."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from defective_clips import TAGS, must, platform, timeline

from microfinish.core.finding import Finding
from microfinish.core.time import Span
from microfinish.core.timeline import Event, RetimeKey
from microfinish.rules import freeze
from microfinish.rules.rule import Evidence

pytestmark = pytest.mark.media
Check = Callable[..., tuple[Finding, ...]]


def only(findings: tuple[Finding, ...], rule: str) -> Finding:
    """The one finding, which must be of `rule`."""
    assert [f.rule for f in findings] == [rule], findings
    return findings[0]


def of(findings: tuple[Finding, ...], rule: str) -> list[Finding]:
    return [f for f in findings if f.rule == rule]


def test_a_clean_file_has_no_finding(check: Check) -> None:
    assert check() == ()


def test_an_edit_list_fails_where_the_platform_forbids_it(check: Check) -> None:
    found = check(mux=("-movflags", "+faststart"))
    listed = of(found, "C02")
    assert {f.message for f in listed} == {"the picture track has an edit list",
                                           "the sound track has an edit list"}
    assert {f.severity for f in listed} == {"error"}
    assert "the platform's page" in listed[0].source


def test_an_edit_list_only_warns_where_the_demand_is_hearsay(check: Check) -> None:
    found = check(platform(must("edit_list", False, "K")), mux=("-movflags", "+faststart"))
    assert {f.severity for f in of(found, "C02")} == {"warning"}


def test_a_delayed_picture_shows_when_edit_lists_are_ignored(check: Check) -> None:
    # Two B-frames put the first picture two frames late unless an edit list takes it back.
    skew = of(check(mux=("-movflags", "+faststart")), "C03")[0]
    assert (skew.measured, skew.at) == ("-80.0 ms", "01:00:00:00")
    assert "edit list ignored" in skew.message


def test_a_sound_100_ms_late_is_found_when_edit_lists_are_honored(check: Check) -> None:
    found = of(check(platform(), before_sound=("-itsoffset", "0.1"), mux=()), "C03")
    assert any("starts after" in f.message and abs(float(f.measured.split()[0]) - 100) < 22
               for f in found), found


def test_a_sound_that_ends_early_is_found(check: Check) -> None:
    late = only(check(sound_seconds=2.0), "C03")
    assert late.message.startswith("the sound ends before the picture")
    assert abs(float(late.measured.split()[0]) + 1000) < 22


def test_a_dropped_frame_is_found_where_it_is_missing(check: Check) -> None:
    found = check(picture="select='not(eq(n,30))'")
    off = of(found, "C05")[0]
    assert (off.at, off.shot) == ("01:00:01:05", "A@1")
    assert of(found, "C04")[0].measured == "74 frames"


def test_bt601_tags_are_found(check: Check) -> None:
    found = check(tags=TAGS.replace("bt709", "smpte170m"))
    assert {f.rule for f in found} == {"C07"}
    assert {f.measured for f in found} == {"smpte170m", "colr 6-6-6"}


def test_missing_tags_are_found(check: Check) -> None:
    found = check(tags=TAGS.replace("bt709", "unknown"))
    assert {f.rule for f in found} == {"C07"}
    assert "unknown" in {f.measured for f in found}


def test_a_full_range_file_is_found(check: Check) -> None:
    found = check(picture="scale=out_range=full", tags=TAGS.replace("range=tv", "range=pc"))
    assert {"pc", "colr 1-1-1 full range"} <= {f.measured for f in found}


def test_black_frames_are_found_at_their_frame(check: Check) -> None:
    hole = only(check(picture="drawbox=color=black:t=fill:enable='between(n,40,45)'"), "V01")
    assert (hole.severity, hole.at, hole.measured) == ("error", "01:00:01:15", "6 frames")


def test_two_black_frames_are_within_the_rule(check: Check) -> None:
    assert check(picture="drawbox=color=black:t=fill:enable='between(n,40,41)'") == ()


def test_a_file_without_any_picture_is_an_error(check: Check) -> None:
    hole = only(check(picture="drawbox=color=black:t=fill"), "V01")
    assert (hole.severity, hole.message) == ("error", "the whole picture is black")


def test_a_black_first_frame_warns_of_a_black_cover(check: Check) -> None:
    cover = only(check(picture="drawbox=color=black:t=fill:enable='lt(n,1)'"), "V01")
    assert (cover.severity, cover.at) == ("warning", "01:00:00:00")


def test_black_that_was_cut_in_is_no_finding(check: Check) -> None:
    line = timeline(Event("A@1", "V1", "media/a.mov", Span(0, 40), Span(0, 40)),
                    Event("black", "V1", "", Span(0, 6), Span(40, 46)),
                    Event("A@2", "V1", "media/a.mov", Span(46, 75), Span(46, 75)))
    assert check(line=line, picture="drawbox=color=black:t=fill:enable='between(n,40,45)'") == ()


HELD = "trim=end_frame=35,tpad=stop_mode=clone:stop=40"
"""Frame 34 stands for 41 frames: 34 to 74."""


def test_a_freeze_is_found_at_the_frame_it_begins(check: Check) -> None:
    still = only(check(picture=HELD), "V02")
    assert (still.severity, still.at) == ("warning", "01:00:01:09")
    assert still.measured == "41 frames (1.64 s)"


def test_a_key_frame_inside_a_freeze_does_not_hide_it(check: Check) -> None:
    still = only(check(picture=HELD, x264="open-gop=0:keyint=25:scenecut=0"), "V02")
    assert still.measured == "41 frames (1.64 s)"


def test_a_person_standing_still_before_a_wall_is_not_frozen(
        testdata: Path, gather: Callable[..., Evidence]) -> None:
    # Frames 258 to 361 of this file change by -67 dB on the mean, but the person lives.
    people = testdata / "footage/people/one-by-one-person-detection.mp4"
    line = timeline(Event("A@1", "V1", "media/a.mov", Span(0, 1394), Span(0, 1394)))
    evidence = gather(people, platform(), line)
    hits = [hit.frame for hit in freeze.check(evidence)]
    assert [frame for frame in hits if 250 <= frame < 362] == []


def test_a_hold_of_the_edit_is_no_freeze(check: Check) -> None:
    line = timeline(Event("A@1", "V1", "media/a.mov", Span(0, 34), Span(0, 34)),
                    Event("A@2", "V1", "media/a.mov", Span(34, 35), Span(34, 75), Fraction(0)))
    assert check(line=line, picture=HELD) == ()


def test_a_hole_in_the_sound_is_found_at_its_frame(check: Check) -> None:
    found = of(check(sound="volume=0:enable='between(t,1,2.2)'"), "A04")
    assert len(found) == 1
    assert found[0].at in ("01:00:01:00", "01:00:01:01")
    assert abs(float(found[0].measured.split()[0]) - 1.2) < 0.05


def test_silence_that_was_cut_in_is_no_finding(check: Check) -> None:
    whole = Event("A@1", "V1", "media/a.mov", Span(0, 75), Span(0, 75))
    quiet = Event("A@1", "A1", "", Span(0, 75), Span(20, 60))
    found = check(line=timeline(whole, quiet), sound="volume=0:enable='between(t,1,2.2)'")
    assert not of(found, "A04")


@pytest.mark.parametrize(("speed", "ramped"), [("2", False), ("0", False), ("1", True)])
def test_silence_under_a_changed_speed_is_the_mix_s_own(
    check: Check, speed: str, ramped: bool
) -> None:
    keys = (RetimeKey(Fraction(0), Fraction(20)), RetimeKey(Fraction(40), Fraction(90)))
    events = [Event("A@1", "V1", "media/a.mov", Span(0, 20), Span(0, 20)),
              Event("B@1", "V1", "media/a.mov", Span(20, 60), Span(20, 60), Fraction(speed),
                    retime=keys if ramped else ()),
              Event("C@1", "V1", "media/a.mov", Span(60, 75), Span(60, 75))]
    hole = "volume=0:enable='between(t,1,2.2)'"
    assert not of(check(line=timeline(*events), sound=hole), "A04")
    sounding = [Event("A@1", "A1", "media/a.wav", Span(0, 75), Span(0, 75))]
    assert of(check(line=timeline(*events, *sounding), sound=hole), "A04")


def test_a_loud_file_is_found_and_by_how_much(check: Check) -> None:
    loud = only(check(sound="volume=2dB"), "A01")
    assert (loud.severity, loud.message) == ("error", "the sound is too loud")
    assert abs(float(loud.measured.split()[0]) + 12.0) <= 0.1


def test_a_true_peak_over_the_ceiling_is_found_where_it_starts(check: Check) -> None:
    # +13.9 dB on -14.0 dBFS from 1.5 s on: the tone peaks at -0.1 dBTP.
    over = of(check(sound="volume=13.9dB:enable='gte(t,1.5)'"), "A02")[0]
    assert over.at in ("01:00:01:10", "01:00:01:12", "01:00:01:13")
    assert -0.4 <= float(over.measured.split()[0]) <= 0.6


def test_a_turned_file_is_found(check: Check) -> None:
    turned = only(check(before_picture=("-display_rotation", "90")), "C06")
    assert "turn" in turned.message


def test_the_wrong_size_and_stretched_pixels_are_found(check: Check) -> None:
    found = check(size="120x192", picture="setsar=4/3")
    assert {f.rule for f in found} == {"C06"}
    assert {f.measured for f in found} == {"120x192", "sample aspect 4/3"}


def test_an_index_at_the_end_fails_where_it_must_be_first(check: Check) -> None:
    last = only(check(mux=("-use_editlist", "0", "-movflags", "+negative_cts_offsets")), "C01")
    assert (last.measured, last.severity) == ("moov last", "error")


def test_an_open_group_is_found(check: Check) -> None:
    found = of(check(x264="open-gop=1:keyint=20:min-keyint=20:scenecut=0:b-adapt=0"), "C04")
    assert [f.message for f in found] == ["a group of pictures is open"]


def test_a_group_longer_than_ordered_is_found(check: Check) -> None:
    spec = platform(must("max_gop_seconds", 1))
    long = only(check(spec), "C04")
    assert (long.measured, long.severity) == ("2.00 s", "error")


def test_a_file_too_long_or_too_large_for_the_platform_is_found(check: Check) -> None:
    spec = platform(must("max_seconds", 2), must("max_bytes", 1000, "C"))
    found = {f.message: f.severity for f in check(spec)}
    assert found == {"the platform does not take this length": "error",
                     "the platform does not take this size": "warning"}


def test_a_file_of_another_revision_is_found(check: Check) -> None:
    line = timeline(Event("A@1", "V1", "media/a.mov", Span(0, 80), Span(0, 80)))
    found = check(line=line)
    assert [(f.measured, f.expected) for f in of(found, "C04")] == [("75 frames", "80 frames")]
