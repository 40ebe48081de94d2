"""The media table: what an assistant editor reads off each file."""

import csv
import io
from dataclasses import replace
from fractions import Fraction

from microfinish.core.media import Media, Picture, Sound
from microfinish.core.media_sheet import COLUMNS, CSV_COLUMNS, sheet_csv, sheet_row

R25, R2997 = Fraction(25), Fraction(30000, 1001)
CAMERA = Media("media/A001C003.mov", "d", 10, "A001", 90_000, R25,
               picture=Picture("prores", 1920, 1080, R25, 250, bit_depth=10, code_range="tv",
                               matrix="bt709", primaries="bt709", transfer="bt709"),
               scene="12A", take="3")


def row(media: Media) -> dict[str, str]:
    return dict(zip(COLUMNS, sheet_row(media), strict=True))


def test_out_is_the_first_frame_that_is_not_in_the_file() -> None:
    found = row(CAMERA)
    assert (found["timecode in"], found["out"], found["frames"]) == (
        "01:00:00:00", "01:00:10:00", "250")
    assert (found["scene"], found["take"], found["color"]) == ("12A", "3", "10 bit tv, bt709")


def test_drop_frame_counts_past_a_minute_and_says_so() -> None:
    # 1800 frames of 29.97 drop-frame are one minute and two labels that do not exist
    assert CAMERA.picture
    media = replace(CAMERA, start_frame=0, timecode_rate=R2997, timecode_drop=True,
                    picture=replace(CAMERA.picture, rate=R2997, frames=1800))
    assert (row(media)["out"], row(media)["rate"]) == ("00:01:00;02", "29.97 DF")


def test_a_phone_file_is_named_variable_rotated_and_untagged() -> None:
    phone = Media("media/IMG_1.mov", "p", 1, picture=Picture(
        "hevc", 1920, 1080, Fraction(30), 60, variable=True, measured_rate=Fraction(2971, 100),
        rotation=90))
    found = row(phone)
    assert found["rate"] == "30 VFR (29.71 measured)"
    assert found["picture"] == "hevc 1920x1080 rotated 90"
    assert found["color"] == "8 bit, untagged"
    assert (found["timecode in"], found["out"]) == ("", "")


def test_one_unstated_color_tag_stands_out_beside_the_stated_ones() -> None:
    assert CAMERA.picture
    media = replace(CAMERA, picture=replace(CAMERA.picture, transfer="unknown"))
    assert row(media)["color"] == "10 bit tv, bt709/?/bt709"


def test_a_recorder_file_without_frame_rate_tells_the_time_of_day() -> None:
    sound = Sound(0, "pcm_s24le", 48_000, 2, 96_000, names=("Boom", "Lav 1"))
    media = Media("media/S1.wav", "s", 1, start_sample=3600 * 48_000 + 24, sounds=(sound,))
    found = row(media)
    assert (found["timecode in"], found["out"]) == ("01:00:00.000", "01:00:02.000")
    assert found["sound"] == "2 ch 48 kHz (Boom, Lav 1)"
    assert found["frames"] == found["rate"] == ""


def test_the_csv_holds_every_file_with_its_findings() -> None:
    text = sheet_csv((CAMERA,), {"media/A001C003.mov": ["warning: dark, and short"]})
    head, first = csv.reader(io.StringIO(text))
    assert tuple(head) == CSV_COLUMNS
    found = dict(zip(head, first, strict=True))
    assert (found["file"], found["digest"], found["findings"]) == (
        "media/A001C003.mov", "d", "warning: dark, and short")


def test_no_cell_of_the_csv_is_a_formula() -> None:
    text = sheet_csv((replace(CAMERA, scene='=HYPERLINK("x")'),), {})
    _, first = csv.reader(io.StringIO(text))
    assert """'=HYPERLINK("x")""" in first
