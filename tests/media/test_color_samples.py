"""Sampled frames: exact code values, the right picture, the right way up."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from microfinish.core.color_decode import Decode
from microfinish.core.errors import ToolError
from microfinish.core.media import Picture
from microfinish.media.sampled_frames import sample_frames, yuv_to_rgb

RATE = Fraction(25)
CORNERS = ((235, 128, 128), (81, 90, 240), (145, 54, 34), (41, 240, 110))
"""Full-level white, red, green, blue of BT.601 in 8-bit limited YCbCr (BT.601-7)."""


def _clip(path: Path, frames: int = 30) -> Picture:
    """Quarters of white, red, green, blue; the top left one darkens by 4 codes per frame."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 32, "yuv444p"
        for number in range(frames):
            frame = av.VideoFrame(64, 32, "yuv444p")
            for index, plane in enumerate(frame.planes):
                rows = np.zeros((32, plane.line_size), np.uint8)
                for corner, color in enumerate(CORNERS):
                    y, x = corner // 2 * 16, corner % 2 * 32
                    rows[y:y + 16, x:x + 32] = color[index]
                if index == 0:
                    rows[:16, :32] -= 4 * number
                plane.update(rows.tobytes())
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return Picture("ffv1", 64, 32, RATE, frames, matrix="smpte170m", code_range="limited",
                   pixel_format="yuv444p")


def _corner_means(rgb: np.ndarray) -> np.ndarray:
    height, width = rgb.shape[:2]
    return np.array([rgb[y:y + height // 4, x:x + width // 4].mean(axis=(0, 1))
                     for y in (2, height * 5 // 8) for x in (2, width * 5 // 8)])


def test_limited_yuv_becomes_exact_code_values(tmp_path: Path) -> None:
    picture = _clip(tmp_path / "a.mkv")
    (frame,) = sample_frames(tmp_path / "a.mkv", picture, [0])
    assert frame.dtype == np.float32
    # 8-bit rounding of the YCbCr triple is all that is left
    assert _corner_means(frame) == pytest.approx(
        np.array([[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]), abs=0.006)


def test_the_frames_asked_for_come_in_the_order_asked_for(tmp_path: Path) -> None:
    picture = _clip(tmp_path / "a.mkv")
    found = sample_frames(tmp_path / "a.mkv", picture, [17, 3, 29, 99])
    shown = [frame[4, 4, 0] for frame in found]
    assert shown == pytest.approx([1 - 4 * n / 219 for n in (17, 3, 29, 29)], abs=0.003)


@pytest.mark.parametrize(("rotation", "first"), [
    (0, [1, 1, 1]), (90, [0, 1, 0]), (180, [0, 0, 1]), (270, [1, 0, 0])])
def test_pictures_come_upright(tmp_path: Path, rotation: int, first: list[int]) -> None:
    """Turned clockwise by 90 degrees, the bottom left corner comes to the top left."""
    from dataclasses import replace

    picture = replace(_clip(tmp_path / "a.mkv", 1), rotation=rotation)
    (frame,) = sample_frames(tmp_path / "a.mkv", picture, [0], max_side=64)
    assert frame.shape[:2] == ((64, 32) if rotation % 180 else (32, 64))
    assert _corner_means(frame)[0] == pytest.approx(first, abs=0.01)


def test_ten_bit_full_range_and_bt2020() -> None:
    luma, blue, red = (np.full((1, 1), value, np.float32) for value in (512, 512, 800))
    (rgb,) = yuv_to_rgb(luma, blue, red, 10, Decode("bt2020nc", "full"))[0]
    shift = 288 / 1023
    assert rgb[0] == pytest.approx(512 / 1023 + 1.4746 * shift, abs=1e-5)
    assert rgb[1] == pytest.approx(512 / 1023 - 0.571353 * shift, abs=1e-5)


def test_a_file_that_is_no_picture_is_a_tool_error(tmp_path: Path) -> None:
    (tmp_path / "a.mov").write_bytes(b"not a movie")
    with pytest.raises(ToolError):
        sample_frames(tmp_path / "a.mov", Picture("x", 2, 2, RATE, 1), [0])
