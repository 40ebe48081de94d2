"""CMX3600 out: untouched bytes stay, and a timeline keeps every frame through a list."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from real_lists import DAY, bare, camera, first_rate, lists, media_for, needs_corpus

from microfinish.core.cdl import Cdl
from microfinish.core.conform import conform
from microfinish.core.errors import ProblemsError
from microfinish.core.media import Media, MediaLog
from microfinish.core.sampling import source_frame
from microfinish.core.time import Span, format_timecode
from microfinish.core.timeline import Event, Timeline, Transition
from microfinish.interchange.edl import read
from microfinish.interchange.edl_write import read_text, write_edl

RATE = Fraction(25)


A, B = camera("A001C003.mov", 90_000), camera("B002C001.mov", 180_000)
LOG = MediaLog((A, B))


def timeline(*events: Event, rate: Fraction = RATE, start: int = 90_000,
             drop: bool = False) -> Timeline:
    return Timeline(rate, events, start_frame=start, drop=drop)


def reread(made: Timeline, log: MediaLog = LOG) -> Timeline:
    return conform(read(write_edl(made, log, "ep001").encode(), "edit.edl", made.rate), log.media)


def cut(media: Media, source: tuple[int, int], record: tuple[int, int], **more: object) -> Event:
    return replace(Event("", "V", media.path, Span(*source), Span(*record)), **more)


def test_a_cut_is_written_in_the_columns_that_everybody_reads() -> None:
    text = write_edl(timeline(cut(A, (112, 175), (0, 63))), LOG, "ep001")
    assert text.splitlines() == [
        "TITLE: ep001", "FCM: NON-DROP FRAME", "",
        "001  A001C003 V     C        01:00:04:12 01:00:07:00 01:00:00:00 01:00:02:13",
        "* FROM CLIP NAME: A001C003.mov",
        "* SOURCE FILE: media/A001C003.mov"]


def test_a_dissolve_is_two_lines_of_which_the_first_has_no_length() -> None:
    made = timeline(cut(A, (0, 50), (0, 50)),
                    cut(B, (10, 60), (50, 100), transition=Transition("dissolve", 12)))
    rows = [row for row in write_edl(made, LOG, "x").splitlines() if row.startswith("002")]
    assert rows == [
        "002  A001C003 V     C        01:00:02:00 01:00:02:00 01:00:02:00 01:00:02:00",
        "002  B002C001 V     D    012 02:00:00:10 02:00:02:10 01:00:02:00 01:00:04:00"]
    assert bare(reread(made)) == bare(made)


@pytest.mark.parametrize("speed", [Fraction(1, 2), Fraction(2), Fraction(-1), Fraction(-2),
                                   Fraction(1, 3), Fraction(-1, 3), Fraction(5, 7), Fraction(0)])
def test_every_frame_of_a_retimed_event_is_the_same_after_the_list(speed: Fraction) -> None:
    source = Span(100, 100 + max(1, round(90 * abs(speed))))
    made = timeline(cut(A, (0, 10), (0, 10)),
                    cut(A, (source.start, source.end), (10, 100), speed=speed))
    again = reread(made)
    assert [source_frame(again.events[1], RATE, RATE, n) for n in range(10, 100)] == \
        [source_frame(made.events[1], RATE, RATE, n) for n in range(10, 100)]


def test_fades_and_black_come_back_as_they_were() -> None:
    made = timeline(
        Event("", "V", "", Span(0, 0), Span(0, 0)),
        cut(A, (0, 50), (0, 50), transition=Transition("dissolve", 10)),
        Event("", "V", "", Span(0, 20), Span(50, 70), transition=Transition("dissolve", 8)),
        cut(B, (0, 30), (70, 100)),
        Event("", "V", "", Span(0, 25), Span(100, 125)))
    assert bare(reread(made)) == bare(made)
    assert reread(made).frames == 125


def test_sound_on_its_channels_is_kept_and_equal_channels_share_a_line() -> None:
    made = timeline(
        cut(A, (0, 50), (0, 50)), *(cut(A, (0, 60), (0, 60), track=t) for t in ("A1", "A2")),
        *(cut(B, (5, 45), (60, 100), track=t) for t in ("A1", "A3", "A4")))
    text = write_edl(made, LOG, "x")
    assert " AA " in text and "AUD  3  4" in text
    assert sorted(bare(reread(made)), key=repr) == sorted(bare(made), key=repr)


def test_a_cdl_keeps_every_digit() -> None:
    cdl = Cdl((1.02, 1.0, 0.98), (-1e-05, 0.0, 0.0123456789), (1.0, 1.1, 0.9), 1.05)
    made = timeline(cut(A, (0, 50), (0, 50), cdl=cdl))
    assert "e-" not in write_edl(made, LOG, "x")
    assert reread(made).events[0].cdl == cdl


def test_drop_frame_is_said_and_printed() -> None:
    ntsc = Fraction(30000, 1001)
    media = camera("C001.mov", 107_892, rate=ntsc, timecode_drop=True)
    made = timeline(cut(media, (0, 1800), (0, 1800)), rate=ntsc, start=107_892, drop=True)
    text = write_edl(made, MediaLog((media,)), "x")
    assert "FCM: DROP FRAME" in text
    assert "01:00:00;00 01:01:00;02 01:00:00;00 01:01:00;02" in text
    again = reread(made, MediaLog((media,)))
    assert bare(again) == bare(made) and again.start_frame == 107_892 and again.drop


def test_media_of_another_rate_and_without_timecode_keep_their_frames() -> None:
    phone = camera("IMG_1.MOV", None, rate=Fraction(60), reel="")
    made = timeline(cut(phone, (120, 240), (0, 50)))
    assert bare(reread(made, MediaLog((phone,)))) == bare(made)


def test_long_reels_stand_in_full() -> None:
    media = camera("A001C003_260101_R1AB_with_a_long_tail.mov")
    text = write_edl(timeline(cut(media, (0, 9), (0, 9))), MediaLog((media,)), "x")
    assert "001  A001C003_260101_R1AB_with_a_long_tail V     C  " in text


def test_a_line_feed_in_a_name_breaks_no_line() -> None:
    made = timeline(cut(A, (0, 9), (0, 9), name="one\n002  X V C"))
    assert "* FROM CLIP NAME: one 002 X V C" in write_edl(made, LOG, "a\nb")


@given(st.binary(max_size=400))
def test_any_bytes_come_back(data: bytes) -> None:
    assert read_text(data).data() == data


def test_one_line_can_be_changed_and_all_others_stay() -> None:
    data = "TITLE: Café\r\n001  A V C 01:00:00:00 01:00:01:00 01:00:00:00 01:00:01:00  \r\n\r\n"
    changed = read_text(b"\xef\xbb\xbf" + data.encode()).with_text(1, "TITLE: New")
    assert changed.data() == b"\xef\xbb\xbf" + data.replace("Café", "New").encode()


@needs_corpus
@pytest.mark.parametrize("path", lists(), ids=lambda path: path.name)
def test_a_real_list_read_and_written_is_the_same_bytes(path: Path) -> None:
    assert read_text(path.read_bytes()).data() == path.read_bytes()


@needs_corpus
@pytest.mark.parametrize("path", lists(), ids=lambda path: path.name)
def test_a_real_list_keeps_every_timecode_through_our_timeline(path: Path) -> None:
    edit = first_rate(path)
    log = media_for(edit)
    try:
        made = conform(edit, log.media)
    except ProblemsError as error:
        pytest.skip(f"cannot be conformed as it is: {error.message}")
    again = reread(made, log)
    assert bare(again) == bare(made)
    assert (again.start_frame, again.frames) == (made.start_frame, made.frames)


def test_the_label_of_a_start_after_midnight_wraps() -> None:
    made = timeline(cut(A, (0, 50), (0, 50)), start=DAY * 25 - 10)
    assert f" {format_timecode(DAY * 25 - 10, RATE)} 00:00:01:15" in write_edl(made, LOG, "x")
    assert reread(made).start_frame == DAY * 25 - 10
