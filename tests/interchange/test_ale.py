"""Avid Log Exchange: the logger's words read with their line, matched to media, and written."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from real_lists import camera, lists, needs_corpus

from microfinish.core.errors import InputError, MicrofinishError
from microfinish.core.media import MediaLog
from microfinish.interchange.ale import Ale, described, matches, read_ale, write_ale

TEXT = ("Heading\nFIELD_DELIM\tTABS\nFPS\t25\n\nColumn\nName\tTape\tScene\tTake\tStart\tNotes\n\n"
        "Data\nA001C003\tA001\t12A\t3\t01:00:00:00\ttwo\nA001C004\t\t12B\t1\t01:10:00:00\t\n")


def ale(text: str = TEXT) -> Ale:
    return read_ale(text.encode(), "day1.ale")


def test_every_row_has_its_columns_and_its_line() -> None:
    found = ale()
    assert found.rate == 25
    assert [(row.first("scene"), row.first("take"), row.first("reel"), row.where.line)
            for row in found.rows] == [("12A", "3", "A001", 9), ("12B", "1", "", 10)]
    assert found.rows[1].values.keys() == {"Name", "Scene", "Take", "Start"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_reads_the_same(encoding: str, end: str) -> None:
    text = TEXT.replace("two", "Café").replace("\n", end)
    assert read_ale(text.encode(encoding), "x.ale").rows[0].values["Notes"] == "Café"


def test_a_row_with_too_many_fields_is_said() -> None:
    found = ale(TEXT.replace("\ttwo", "\ttwo\tthree"))
    assert [(loss.line, loss.severity) for loss in found.losses] == [(9, "warning")]


def test_a_row_belongs_to_the_file_of_its_name_and_timecode() -> None:
    row = ale().rows[0]
    media = camera("A001C003.mov", 90_000)
    assert matches(row, media)
    assert not matches(row, camera("A001C003.mov", 90_025))
    assert not matches(row, camera("A001C009.mov", 90_000))
    assert matches(row, replace(media, start_frame=None))


def test_a_log_says_scene_and_take_of_its_files_and_what_fits_none() -> None:
    media = camera("A001C003.mov", 90_000, reel="", scene="old", tags={"Notes": "own"})
    other = camera("B.mov")
    (first, second), findings = described((media, other), [("media/day1.ale", ale())])
    assert (first.scene, first.take, first.reel, first.tags) == ("12A", "3", "A001",
                                                                  {"Notes": "own"})
    assert second == other
    assert [(found.severity, found.message) for found in findings] == [
        ("info", "media/day1.ale: 1 of 2 rows fit no file in media/: A001C004")]


def test_rows_that_contradict_each_other_are_said() -> None:
    row = "A001C003\tA001\t13\t1\t01:00:00:00\t\n"
    (media,), findings = described((camera("A001C003.mov", 90_000),), [("x.ale", ale(TEXT + row))])
    assert media.scene == "12A"
    assert "lines 9, 11 are all about media/A001C003.mov" in findings[0].message


def test_a_log_of_thousands_of_rows_costs_no_minutes() -> None:
    rows = "".join(f"C{n:05}\t\t1\t{n}\t\t\n" for n in range(3000))
    media = tuple(camera(f"C{n:05}.mov", None) for n in range(3000))
    found, findings = described(media, [("x.ale", ale(TEXT.partition("A001C003")[0] + rows))])
    assert [item.take for item in found] == [str(n) for n in range(3000)]
    assert not findings


@pytest.mark.parametrize(("text", "says"), [
    ("hello", "no ALE"), ("", "no `Column`"), ("Heading\nColumn\nName\n", "no `Data`"),
    ("Heading\nFPS\tmany\nColumn\nName\nData\n", "not a frame rate"),
    ("Heading\nColumn\n\nData\nx\n", "no columns")])
def test_what_is_no_ale_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        ale(text)


def test_a_media_log_comes_back_from_its_ale() -> None:
    media = camera("A001C003.mov", 90_000, frames=63, scene="12A", take="3",
                   tags={"Lens": "35\tmm", "Notes": "a\nb"})
    drop = camera("C.mov", 107_892, 1800, Fraction(30000, 1001), timecode_drop=True, reel="")
    found = read_ale(write_ale(MediaLog((media, drop)), Fraction(25)).encode(), "x.ale")
    assert found.rate == 25
    assert found.rows[0].values == {
        "Name": "A001C003", "Tracks": "VA1-2", "Start": "01:00:00:00", "End": "01:00:02:13",
        "Duration": "00:00:02:13", "Tape": "A001C003", "Scene": "12A", "Take": "3", "FPS": "25",
        "Source File": "A001C003.mov", "Lens": "35 mm", "Notes": "a b"}
    assert found.rows[1].values["End"] == "01:01:00;02"
    assert found.rows[1].values["FPS"] == "29.970"
    assert matches(found.rows[0], media) and matches(found.rows[1], drop)


@needs_corpus
def test_the_real_files_have_these_rows() -> None:
    found = {path.name: read_ale(path.read_bytes(), path.name) for path in lists("ale")}
    # by hand from the text
    assert {name: (len(one.rows), one.rate) for name, one in found.items()} == {
        "sample.ale": (4, 24), "sample2.ale": (2, Fraction(24000, 1001)),
        "sample3.ale": (4, Fraction(24000, 1001)), "sample_cdl.ale": (4, Fraction(24000, 1001)),
        "sampleUHD.ale": (1, Fraction(24000, 1001))}
    second = found["sample2.ale"].rows[1]
    assert (second.first("scene"), second.first("take"), second.first("reel")) == (
        "19A", "2xa", "3NY004")
    assert second.values["Original_Start"] == "04:00:46:16"
    assert found["sampleUHD.ale"].rows[0].first("name") == "A118_C029_1102JR_001.R3D"
    assert found["sample3.ale"].rows[2].values["ASC_SAT"] == "0.9"


def test_a_broken_file_is_refused_or_read_and_never_a_crash() -> None:
    dice = random.Random(17)
    for _ in range(400):
        data = bytearray(TEXT.encode())
        for _ in range(dice.randint(1, 6)):
            at = dice.randrange(len(data))
            if dice.random() < 0.5:
                data[at] = dice.randrange(256)
            else:
                data[at:at + dice.randint(0, 20)] = dice.choice((b"", b"\t\t", b"Data\n", b"\0"))
        try:
            read_ale(bytes(data), "x.ale")
        except MicrofinishError:
            continue
