"""CMX3600: what each kind of line means, and that nothing is lost without a word."""

import contextlib
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microfinish.core.edit import EditLine, EditList
from microfinish.core.errors import InputError, ProblemsError
from microfinish.core.time import Span
from microfinish.core.timeline import Transition
from microfinish.interchange.edl_lines import decode, lines, tracks
from microfinish.interchange.readers import read_edit_list

RATE = Fraction(25)
CUT = "001  A001C003 V     C        01:00:04:12 01:00:07:00 01:00:00:00 01:00:02:13"


def read(text: str, rate: Fraction = RATE) -> EditList:
    return read_edit_list(text.encode(), "edit.edl", rate)


def only(text: str, rate: Fraction = RATE) -> EditLine:
    edit = read(text, rate)
    assert len(edit.lines) == 1
    return edit.lines[0]


def reasons(edit: EditList) -> list[tuple[int, str]]:
    return [(loss.line, loss.severity) for loss in edit.losses]


def test_a_cut_has_its_reel_source_and_record() -> None:
    line = only(f"TITLE: EP001\nFCM: NON-DROP FRAME\n{CUT}\n* FROM CLIP NAME: rooftop.mov\n")
    assert (line.reel, line.names, line.tracks) == ("A001C003", ("rooftop.mov",), ("V",))
    assert (line.source_in, line.source_out) == ("01:00:04:12", "01:00:07:00")
    assert line.record == Span(90_000, 90_063)
    assert line.where is not None and line.where.line == 3


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be",
                                      "cp1252"])
def test_every_line_end_and_encoding_reads_the_same(end: str, encoding: str) -> None:
    text = end.join(["TITLE: Café", CUT, "* FROM CLIP NAME: Dach müde", ""])
    edit = read_edit_list(text.encode(encoding), "edit.edl", RATE)
    assert edit.title == "Café"
    assert edit.lines[0].names == ("Dach müde",)
    assert edit.lines[0].where is not None and edit.lines[0].where.line == 2


@pytest.mark.parametrize("row", [
    "001\tA001C003\tV\tC\t\t01:00:04:12 01:00:07:00\t01:00:00:00 01:00:02:13",
    "000001 A001C003 V C 01:00:04:12 01:00:07:00 01:00:00:00 01:00:02:13   ",
    "  1   A001C003   V   C      01:00:04:12  01:00:07:00  01:00:00:00  01:00:02:13",
    "1234  A001C003  V     C        1:00:04:12 1:00:07:00 1:00:00:00 1:00:02:13",
])
def test_field_widths_do_not_matter(row: str) -> None:
    line = only(row)
    assert (line.reel, line.record) == ("A001C003", Span(90_000, 90_063))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_a_unicode_list_whose_title_has_no_latin_letter_is_not_empty(encoding: str) -> None:
    text = f"雨の屋上\r\n{CUT}\r\n* FROM CLIP NAME: 屋上.mov\r\n"
    for end in (b"", b"\0", b"\x1a\0"):
        line, = read_edit_list(text.encode(encoding) + end, "edit.edl", RATE).lines
        assert "屋上.mov" in line.names


def test_long_reels_and_reels_with_spaces_are_kept_whole() -> None:
    long = CUT.replace("A001C003", "B_0088C002_241125_144410_h1C2T_with_more_than_32_chars")
    assert only(long).reel == "B_0088C002_241125_144410_h1C2T_with_more_than_32_chars"
    assert only(CUT.replace("A001C003", "DAY 1 A")).reel == "DAY 1 A"


@pytest.mark.parametrize(("text", "expected"), [
    ("V", ("V",)), ("A", ("A1",)), ("A2", ("A2",)), ("AA", ("A1", "A2")), ("B", ("V", "A1")),
    ("AA/V", ("A1", "A2", "V")), ("A2/V", ("A2", "V")), ("V2", ("V2",)), ("NONE", ()),
    ("V1", ("V",)), ("A1A2", ("A1", "A2")),
])
def test_track_fields(text: str, expected: tuple[str, ...]) -> None:
    assert tracks(text) == expected


def test_an_aud_line_adds_its_channels_to_the_event_above() -> None:
    assert only(f"{CUT}\nAUD  3    4\n").tracks == ("V", "A3", "A4")


def test_sound_repeated_after_a_b_event_duplicates_nothing() -> None:
    both = CUT.replace(" V  ", " B  ")
    sound = CUT.replace(" V  ", " A  ").replace("001 ", "002 ")
    edit = read(f"{both}\n{sound}\n")
    assert [line.tracks for line in edit.lines] == [("V", "A1")]
    assert reasons(edit) == [(2, "info")]


def test_fcm_drop_frame_counts_colons_as_drop_frame() -> None:
    """01:00:59:28 to 01:01:00:02 is two frames, not four."""
    rate = Fraction(30000, 1001)
    row = "001 A V C 01:00:59:28 01:01:00:02 01:00:59:28 01:01:00:02"
    line = only(f"FCM: DROP FRAME\n{row}", rate)
    assert line.record is not None and line.record.length == 2
    assert line.source_drop is True
    assert only(row, rate).record == Span(109_798, 109_802)


def test_fcm_may_change_between_events() -> None:
    rate = Fraction(30000, 1001)
    edit = read("FCM: DROP FRAME\n001 A V C 01:00:00:00 01:00:01:00 01:00:00:00 01:00:01:00\n"
                "FCM: NON-DROP FRAME\n"
                "002 A V C 01:00:00:00 01:00:01:00 01:00:10:00 01:00:11:00\n", rate)
    assert [line.record for line in edit.lines] == [Span(107_892, 107_922), Span(108_300, 108_330)]


def test_a_semicolon_means_drop_frame_without_any_fcm_line() -> None:
    row = "001 A V C 01;00;00;00 01;00;01;00 01:00:00;00 01:00:01;00"
    line = only(row, Fraction(30000, 1001))
    assert line.record == Span(107_892, 107_922)
    assert line.source_in == "01:00:00;00"


def test_fcm_drop_frame_at_25_counts_as_non_drop() -> None:
    assert only(f"FCM: DROP FRAME\n{CUT}").record == Span(90_000, 90_063)


def test_record_timecode_that_does_not_exist_is_refused_with_its_line() -> None:
    with pytest.raises(ProblemsError) as caught:
        read(f"TITLE: x\n{CUT.replace('01:00:02:13', '01:00:02:27')}\n")
    problem = caught.value.problems[0]
    assert problem.where is not None and (problem.where.file, problem.where.line) == ("edit.edl", 2)
    assert "01:00:02:27" in problem.message


@pytest.mark.parametrize(("m2", "speed"), [
    ("050.0", Fraction(2)), ("012.5", Fraction(1, 2)), ("-25.0", Fraction(-1)),
    ("-025.0", Fraction(-1)), ("000.0", Fraction(0)), ("031.7", Fraction(317, 250)),
    ("025.0", Fraction(1)),
])
def test_m2_is_frames_per_second_signed(m2: str, speed: Fraction) -> None:
    assert only(f"{CUT}\nM2   A001C003       {m2}                01:00:04:12\n").speed == speed


@pytest.mark.parametrize("m2", ["023.9", "024.0", "023.98"])
def test_m2_at_the_ntsc_rate_is_no_speed_change(m2: str) -> None:
    row = CUT.replace("01:00:02:13", "01:00:02:12")
    assert only(f"{row}\nM2 A001C003 {m2} 01:00:04:12\n", Fraction(24000, 1001)).speed == 1


def test_m2_is_found_after_comments() -> None:
    text = f"{CUT}\n* FROM CLIP NAME: x\n* hello\nM2   A001C003       -25.0      01:00:04:12\n"
    assert only(text).speed == -1


DISSOLVE = """\
001  A001 V     C        01:00:04:05 01:00:04:14 01:00:00:00 01:00:00:09
* FROM CLIP NAME: one
002  A001 V     C        01:00:04:14 01:00:04:14 01:00:00:09 01:00:00:09
002  B002 V     D    010 01:00:08:08 01:00:08:18 01:00:00:09 01:00:00:19
* FROM CLIP NAME: one
* TO CLIP NAME: two
M2   B002       050.0                01:00:08:08
"""


def test_a_two_line_dissolve_is_one_event_with_the_incoming_names() -> None:
    first, second = read(DISSOLVE).lines
    assert (first.names, first.transition, first.speed) == (("one",), None, 1)
    assert (second.reel, second.names, second.record) == ("B002", ("two",), Span(90_009, 90_019))
    assert second.transition == Transition("dissolve", 10)
    assert second.speed == 2


def test_m2_of_the_outgoing_side_does_not_retime_the_incoming_one() -> None:
    outgoing = DISSOLVE.replace("M2   B002", "M2   A001").replace("01:00:08:08\n", "01:00:04:14\n")
    edit = read(outgoing)
    assert edit.lines[1].speed == 1
    assert [loss.severity for loss in edit.losses] == ["info"]


def test_a_fade_from_black_is_a_dissolve_after_a_black_side() -> None:
    line = only("001 BL V C 00:00:00:00 00:00:00:00 01:00:00:00 01:00:00:00\n"
                "001 A1 V D 012 01:00:00:00 01:00:02:00 01:00:00:00 01:00:02:00\n")
    assert (line.reel, line.transition) == ("A1", Transition("dissolve", 12))


def test_a_wipe_becomes_a_dissolve_and_says_so() -> None:
    edit = read(DISSOLVE.replace("D    010", "W001 010"))
    assert edit.lines[1].transition == Transition("dissolve", 10)
    assert reasons(edit) == [(4, "warning")]


def test_a_key_is_left_out_and_says_so() -> None:
    edit = read(f"{CUT}\n002 LOGO V K 000 01:00:00:00 01:00:01:00 01:00:00:00 01:00:01:00\n")
    assert len(edit.lines) == 1
    assert reasons(edit) == [(2, "error")]


def test_black_events_need_no_media() -> None:
    assert only(CUT.replace("A001C003", "BL")).black


@pytest.mark.parametrize("sop", [
    "*ASC_SOP (0.9 1.0 1.1)(-0.01 0 2e-2)(1.2 1.1 1.0)",
    "* ASC_SOP: (0.9 1.0 1.1) (-0.01 0.0 0.02) (1.2 1.1 1.0)",
    "*ASC_SOP(0.9,1.0,1.1)(-0.01,0,.02)(1.2,1.1,1.0)",
])
def test_asc_cdl_is_read_in_every_spelling(sop: str) -> None:
    cdl = only(f"{CUT}\n{sop}\n*ASC_SAT 0.8\n").cdl
    assert cdl is not None
    assert cdl.slope == (0.9, 1.0, 1.1)
    assert cdl.offset == (-0.01, 0.0, 0.02)
    assert cdl.power == (1.2, 1.1, 1.0)
    assert cdl.saturation == 0.8


def test_a_cdl_that_the_standard_forbids_is_not_applied() -> None:
    edit = read(f"{CUT}\n*ASC_SOP (1 1 1)(0 0 0)(1 0 1)\n")
    assert edit.lines[0].cdl is None
    assert reasons(edit) == [(2, "warning")]


def test_every_line_that_means_nothing_here_is_a_loss_with_its_number() -> None:
    edit = read(f"{CUT}\n* AVX2 EFFECT, RESIZE\n* LOC: where? RED fix\nwhat is this\n"
                "002  A V C 01:00:00:00 nonsense\n* a remark\n")
    assert reasons(edit) == [(2, "warning"), (3, "info"), (4, "warning"), (5, "error"), (6, "info")]


def test_locators_are_markers_at_their_record_timecode() -> None:
    edit = read(f"{CUT}\n*LOC: 1:00:01:00  YELLOW  DRA_001\n"
                "* LOC: 01:00:02:14 RED     ANIM FIX \n"
                "* LOC: 01:00:03:00\n* LOC: 01:00:04:00 her name, again\n"
                "* LOC: 01:00:04:99 RED x\n")
    hour = 3600 * 25
    assert [(mark.frame - hour, mark.color, mark.text) for mark in edit.marks] == [
        (25, "yellow", "DRA_001"), (64, "red", "ANIM FIX"), (75, "", ""),
        (100, "", "her name, again")]
    assert reasons(edit) == [(6, "warning")]


def test_a_file_without_events_is_refused() -> None:
    with pytest.raises(InputError, match="no events"):
        read("TITLE: nothing\n")


def test_an_unsupported_extension_names_what_is_supported() -> None:
    with pytest.raises(InputError) as caught:
        read_edit_list(b"", "episodes/ep001/edit.prproj", RATE)
    assert ".edl" in caught.value.hint and "edit.yaml" in caught.value.hint


@given(st.binary(max_size=400))
def test_no_bytes_at_all_cause_anything_but_an_input_error(data: bytes) -> None:
    with contextlib.suppress(InputError):
        read_edit_list(data, "edit.edl", RATE)


@given(st.text(max_size=400))
def test_every_line_is_kept_with_its_number(text: str) -> None:
    found = lines(text)
    assert [line.number for line in found] == [*range(1, len(found) + 1)]
    rows = text.rstrip("\x1a").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert [line.text for line in found] == rows


def test_undefined_windows_bytes_do_not_stop_reading() -> None:
    assert decode(b"caf\xe9 \x81")[0] == "café \x81"


# Real lists, read by hand


def real(testdata: Path, name: str, rate: Fraction) -> EditList:
    path = next((testdata / "interchange").rglob(name))
    return read_edit_list(path.read_bytes(), name, rate)


def test_every_real_list_reads_at_its_rate(testdata: Path) -> None:
    found = sorted((testdata / "interchange").rglob("*.edl"))
    assert found
    for path in found:
        rate = Fraction(25) if path.name in ("test_24psf.edl", "25fps.edl",
                                             "timecode_mismatch.edl") else Fraction(24)
        edit = read_edit_list(path.read_bytes(), path.name, rate)
        assert edit.lines, path.name


def test_resolve_writes_m2_with_equal_lengths(testdata: Path) -> None:
    third = real(testdata, "ISSUE_14_conform_edl_issue_01.edl", Fraction(24)).lines[2]
    assert third.speed == Fraction(317, 240)
    assert third.record is not None and third.record.length == 25


def test_the_548_event_list_holds_17_speeds(testdata: Path) -> None:
    edit = real(testdata, "speed_effects.edl", Fraction(24))
    assert len(edit.lines) == 548
    assert sum(line.speed != 1 for line in edit.lines) == 17


def test_tab_separated_events_are_all_read(testdata: Path) -> None:
    assert len(real(testdata, "mixed_tabs_test.edl", Fraction(24)).lines) == 9


def test_real_dissolves_are_read_as_printed(testdata: Path) -> None:
    edit = real(testdata, "dissolve_test_4.edl", Fraction(24))
    assert [(line.reel, line.transition.frames if line.transition else 0, line.record.length)
            for line in edit.lines if line.record] == [
        ("ABC0000.", 0, 30), ("ABC0010.", 0, 51), ("ABC0020.", 35, 81), ("ABC0030.", 64, 84),
        ("ABC0040.", 0, 96), ("ABC0050.", 0, 135)]


def test_a_fade_from_black_after_a_shot_is_marked() -> None:
    edit = read(f"{CUT}\n002 BL V C 00:00:00:00 00:00:00:00 01:00:02:13 01:00:02:13\n"
                "002 B1 V D 012 01:00:00:00 01:00:02:00 01:00:02:13 01:00:04:13\n")
    assert [line.from_black for line in edit.lines] == [False, True]
    assert not edit.losses


def test_a_dissolve_out_of_a_clip_that_is_not_there_is_said() -> None:
    edit = read("001 A1 V C 00:00:01:00 00:00:01:00 01:00:00:00 01:00:00:00\n"
                "001 B1 V D 012 01:00:00:00 01:00:02:00 01:00:00:00 01:00:02:00\n")
    assert reasons(edit) == [(1, "error")]
