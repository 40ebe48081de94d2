"""Camera and media reports as CSV become clips, whoever wrote them; what is not used is said."""

from __future__ import annotations

from fractions import Fraction

import pytest

from microfinish.core.errors import InputError
from microfinish.core.media import Media, Picture
from microfinish.interchange.ale import described
from microfinish.interchange.camera_csv import COLUMNS, read_camera_csv

RATE = Fraction(25)


def clip(name: str, start: int | None = 90_000, reel: str = "") -> Media:
    return Media(f"media/{name}", name, 1, reel or name.partition(".")[0], start,
                 RATE if start is not None else None,
                 picture=Picture("h264", 320, 180, RATE, 100))


def test_a_resolve_metadata_export_in_utf_16() -> None:
    text = ("File Name,Clip Directory,Duration TC,Shot Frame Rate,Start TC,Scene,Take,Tag,"
            "Camera #,Lens Type,ISO,Keywords\r\n"
            'A001C003.mov,/Volumes/X,00:00:04:00,25.000,01:00:00:00,12A,3,1,A,"Signature 40, T1.8",'
            "800,roof\r\n")
    found = read_camera_csv(text.encode("utf-16"), "r.csv")
    assert found.rate == 25
    (media,), findings = described([clip("A001C003.mov")], [("r.csv", found)])
    assert (media.scene, media.take) == ("12A", "3")
    assert media.tags == {"Camera": "A", "Lens": "Signature 40, T1.8", "ISO": "800",
                          "Circled": "1"}
    assert [(item.rule, item.severity) for item in findings] == [("log.sheet", "info")]
    assert "3 columns are not used" in findings[0].message


def test_an_arri_report_by_frame_gives_each_clip_once_with_its_first_timecode() -> None:
    rows = "".join(f"A001C003_261120_R1AB;01:00:00:{frame:02};35.0;800\n" for frame in range(20))
    found = read_camera_csv(("Camera Clip Name;Master TC;Lens Focal Length;Exposure Index\n"
                             + rows).encode(), "ame.csv")
    (row,) = found.rows
    assert row.values == {"Name": "A001C003_261120_R1AB", "Start": "01:00:00:00",
                          "Focal Length": "35.0", "ISO": "800"}


def test_a_silverstack_list_with_lines_above_its_header() -> None:
    text = ("Report of day 1\n\nName,Reel,TC Start,Scene,Shot,Take,Camera,Lens,White Balance\n"
            "A001C003,A001,01:00:00:00,7,B,2,A,MP 32,5600\n")
    found = read_camera_csv(text.encode(), "s.csv")
    (media,), _ = described([clip("A001C003.mxf", reel="A001")], [("s.csv", found)])
    assert (media.scene, media.take, media.tags["Shot"], media.tags["Lens"]) == (
        "7", "2", "B", "MP 32")


def test_a_reel_alone_names_no_clip_and_with_a_timecode_it_does() -> None:
    one, two = clip("x1.mov", 90_000, "A001"), clip("x2.mov", 90_250, "A001")
    bare = read_camera_csv(b"Reel,Scene\nA001,9\n", "r.csv")
    assert [media.scene for media in described([one, two], [("r.csv", bare)])[0]] == ["", ""]
    timed = read_camera_csv(b"Reel,Start TC,Scene\nA001,01:00:10:00,9\n", "r.csv")
    assert [media.scene for media in described([one, two], [("r.csv", timed)])[0]] == ["", "9"]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "Scene,Take\n1,2\n", "Price;Sum\n1;2\n"])
def test_a_csv_about_something_else_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(InputError) as caught:
        read_camera_csv(text.encode(), "budget.csv")
    assert "File Name" in caught.value.hint


def test_every_name_of_a_column_means_one_column() -> None:
    names = [name for known in COLUMNS.values() for name in known]
    assert len(names) == len(set(names))
    assert all(name == name.casefold().strip() for name in names)
