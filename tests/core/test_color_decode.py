"""Matrix and range of a file: its tags, or a rule that is said aloud."""

from __future__ import annotations

from fractions import Fraction

import pytest

from microfinish.core.color_decode import decode_of
from microfinish.core.media import Picture


def _picture(width: int = 1920, height: int = 1080, **tags: str) -> Picture:
    return Picture("h264", width, height, Fraction(25), 10, **tags)


def test_tags_are_believed() -> None:
    found = decode_of(_picture(matrix="bt2020nc", code_range="limited"))
    assert (found.matrix, found.code_range, found.notices) == ("bt2020nc", "limited", ())


@pytest.mark.parametrize(("size", "matrix"), [
    ((1920, 1080), "bt709"), ((1280, 720), "bt709"), ((720, 1280), "bt709"),
    ((720, 576), "smpte170m"), ((320, 180), "smpte170m"),
])
def test_untagged_files_go_by_their_size_and_say_so(size: tuple[int, int], matrix: str) -> None:
    found = decode_of(_picture(*size))
    assert (found.matrix, found.code_range) == (matrix, "limited")
    assert len(found.notices) == 2


def test_a_full_range_pixel_format_is_full_range() -> None:
    assert decode_of(_picture(pixel_format="yuvj420p", matrix="bt709")).code_range == "full"


def test_rgb_has_no_yuv_matrix() -> None:
    found = decode_of(_picture(pixel_format="gbrp10le"))
    assert (found.matrix, found.code_range, found.notices) == ("gbr", "full", ())


@pytest.mark.parametrize(("tag", "wanted"), [("tv", "limited"), ("pc", "full")])
def test_ranges_are_known_by_ffmpegs_names_too(tag: str, wanted: str) -> None:
    found = decode_of(_picture(matrix="bt709", code_range=tag))
    assert (found.code_range, found.notices) == (wanted, ())
