"""Pictures over pictures, dips and gaps in a finished master, measured in code values."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from synth.footage import make_clip, read_number
from synth.project import ProjectFolder

pytestmark = pytest.mark.media
ONE = 4
"""One code value of 8 bits, in the 10 bits that are read here."""


def flat(path: Path, rgb: tuple[int, int, int], frames: int = 60) -> None:
    """A ProRes of one color, 320x180 at 25."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("prores_ks", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv422p10le"
        for index in range(frames):
            picture = np.full((180, 320, 3), rgb, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def planes(project: ProjectFolder) -> list[tuple[NDArray[np.int64], ...]]:
    """Luma and both chroma planes of the mezzanine's frames: 10 bits, chroma at full width."""
    found = []
    with av.open(str(project.master("mezzanine-prores", extension="mov"))) as container:
        for frame in container.decode(video=0):
            frame = frame.reformat(format="yuv422p10le")
            parts = []
            for plane in frame.planes:
                data = np.frombuffer(plane, np.uint16).reshape(plane.height, -1)
                data = data[:, :plane.width].astype(np.int64)
                parts.append(data if plane.width == frame.width else data.repeat(2, axis=1))
            found.append(tuple(parts))
    return found


def at(frame: tuple[NDArray[np.int64], ...], x: float, y: float) -> NDArray[np.float64]:
    """The mean Y, Cb, Cr of a small square around a place of the frame."""
    height, width = frame[0].shape
    row, column = round(y * height), round(x * width)
    return np.array([part[row - 3:row + 4, column - 4:column + 4].mean() for part in frame])


def make(tmp_path: Path, edit: str, extra: str = "") -> ProjectFolder:
    project = ProjectFolder.make(tmp_path, platforms="mezzanine-prores", extra=extra)
    flat(tmp_path / "media/RED.mov", (180, 50, 40))
    flat(tmp_path / "media/BLUE.mov", (30, 60, 200))
    project.write("episodes/ep001/edit.yaml", edit)
    project.call("run", "--to", "master")
    return project


def close(found: NDArray[np.float64], wanted: NDArray[np.float64]) -> bool:
    return bool(np.abs(found - wanted).max() <= ONE)


@pytest.mark.parametrize("opacity", [1.0, 0.75, 0.5, 0.1])
def test_a_picture_of_known_opacity_gives_the_mixed_code_value(
        tmp_path: Path, opacity: float) -> None:
    frames = planes(make(tmp_path, f"""
events:
  - {{media: RED, in: 0, out: 6}}
  - {{media: BLUE, in: 0, out: 6}}
  - {{media: RED, in: 0, out: 6}}
  - {{black: 12, track: V2}}
  - {{media: BLUE, in: 0, out: 6, track: V2, place: {{x: 0.5, y: 0.25, scale: 0.5,
      opacity: {opacity}}}}}
"""))
    red, blue = at(frames[3], 0.5, 0.5), at(frames[9], 0.5, 0.5)
    assert np.abs(red - blue).max() > 100
    inside, outside = at(frames[15], 0.5, 0.25), at(frames[15], 0.5, 0.75)
    assert close(inside, red + (blue - red) * opacity)
    assert close(outside, red)


def test_a_picture_fills_its_rectangle_to_the_pixel(tmp_path: Path) -> None:
    frames = planes(make(tmp_path, """
events:
  - {media: RED, in: 0, out: 6}
  - {media: BLUE, in: 0, out: 6, track: V2, place: {x: 0.5, y: 0.25, scale: 0.5,
      crop: [0.25, 0, 0.25, 0]}}
"""))
    # the sheet has no canvas, so the frame's own shape: 216x384. A 16:9 picture fitted into it is
    # 216x121.5; half of it, cropped to its middle, is 54x61 around (108, 96)
    luma = frames[2][0]
    split = (luma[192, 108] + luma[96, 108]) // 2
    darker = luma < split if luma[96, 108] < luma[192, 108] else luma > split
    rows, columns = np.where(darker)
    assert (columns.min(), columns.max() + 1) == (81, 135)
    assert (rows.min(), rows.max() + 1) in ((65, 126), (66, 126), (66, 127))


def test_a_dissolve_of_an_upper_picture_fades_it_in_and_out(tmp_path: Path) -> None:
    frames = planes(make(tmp_path, """
events:
  - {media: RED, in: 0, out: 30}
  - {media: BLUE, in: 0, out: 10}
  - {black: 5, track: V2}
  - {media: BLUE, in: 0, out: 15, track: V2, dissolve: 5, place: {y: 0.25, scale: 0.5}}
  - {black: 4, dissolve: 4, track: V2}
"""))
    red, blue = at(frames[2], 0.5, 0.5), at(frames[35], 0.5, 0.5)
    shares = [0.0] * 5 + [(i + 0.5) / 5 for i in range(5)] + [1.0] * 10
    shares += [1 - (i + 0.5) / 4 for i in range(4)] + [0.0] * 6
    for frame, share in zip(frames, shares, strict=False):
        assert close(at(frame, 0.5, 0.25), red + (blue - red) * share)


def test_a_dissolve_between_upper_pictures_in_one_place_never_shows_the_base(
        tmp_path: Path) -> None:
    frames = planes(make(tmp_path, """
events:
  - {black: 20}
  - {media: RED, in: 0, out: 10, track: V2, place: {y: 0.25, scale: 0.5}}
  - {media: BLUE, in: 0, out: 10, track: V2, dissolve: 6, place: {y: 0.25, scale: 0.5}}
"""))
    red, blue = at(frames[4], 0.5, 0.25), at(frames[18], 0.5, 0.25)
    for i in range(6):
        assert close(at(frames[10 + i], 0.5, 0.25), red + (blue - red) * (i + 0.5) / 6)


def test_the_base_dissolves_under_an_upper_picture(tmp_path: Path) -> None:
    frames = planes(make(tmp_path, """
events:
  - {media: RED, in: 0, out: 10}
  - {media: BLUE, in: 0, out: 10, dissolve: 8}
  - {black: 3, track: V2}
  - {media: BLUE, in: 0, out: 12, track: V2, place: {y: 0.25, scale: 0.5}}
"""))
    red, blue = at(frames[1], 0.5, 0.75), at(frames[19], 0.5, 0.75)
    for i in range(8):
        assert close(at(frames[10 + i], 0.5, 0.75), red + (blue - red) * (i + 0.5) / 8)
        wanted = blue if 10 + i < 15 else red + (blue - red) * (i + 0.5) / 8
        assert close(at(frames[10 + i], 0.5, 0.25), wanted)


@pytest.mark.parametrize(("color", "luma"), [("black", 64), ("white", 940)])
@pytest.mark.parametrize("length", [8, 7])
def test_a_dip_stands_on_its_color_in_the_middle(
        tmp_path: Path, color: str, luma: int, length: int) -> None:
    frames = planes(make(tmp_path, f"""
events:
  - {{media: RED, in: 0, out: 10}}
  - {{media: BLUE, in: 0, out: 20, dissolve: {length}, through: {color}}}
"""))
    red, blue = at(frames[1], 0.5, 0.5), at(frames[25], 0.5, 0.5)
    plain = np.array([luma, 512, 512])
    for i in range(length):
        passed = (i + 0.5) / length * 2
        wanted = red + (plain - red) * passed if passed < 1 else (
            plain + (blue - plain) * (passed - 1))
        assert close(at(frames[10 + i], 0.5, 0.5), wanted), i


def test_an_upper_picture_is_a_shot_with_its_own_grade(tmp_path: Path) -> None:
    edit = """
events:
  - {media: RED, in: 0, out: 6}
  - {media: RED, in: 10, out: 16, track: V2, place: {y: 0.25, scale: 0.5}}
"""
    plain = planes(make(tmp_path / "plain", edit))
    project = ProjectFolder.make(tmp_path / "graded", platforms="mezzanine-prores")
    flat(project.root / "media/RED.mov", (180, 50, 40))
    project.write("episodes/ep001/edit.yaml", edit)
    project.write("episodes/ep001/grade.yaml", "shots:\n  sh020: {exposure: -1.0}\n")
    project.call("run", "--to", "master")
    graded = planes(project)
    assert close(at(graded[2], 0.5, 0.75), at(plain[2], 0.5, 0.75))
    assert at(graded[2], 0.5, 0.25)[0] < at(plain[2], 0.5, 0.25)[0] - 60


def test_a_ramp_over_a_ramp_shows_the_frames_of_both(tmp_path: Path) -> None:
    project = ProjectFolder.make(tmp_path, platforms="mezzanine-prores")
    make_clip(tmp_path / "media/A.mov", frames=60)
    make_clip(tmp_path / "media/B.mov", frames=60, first_number=500)
    project.write("episodes/ep001/edit.yaml", """
events:
  - {media: A, in: 0, retime: [{record: 0, source: 0}, {record: 12, source: 24},
                               {record: 24, source: 12}]}
  - {media: B, in: 5, track: V2, place: {y: 0.15, scale: 1.3}, retime: [
      {record: 0, source: 0}, {record: 8, source: 16}, {record: 24, source: 20}]}
""")
    project.call("run", "--to", "master")
    frames = planes(project)
    under = [2 * i for i in range(12)] + [23 - i for i in range(12)]
    over = [5 + 2 * i for i in range(8)] + [21 + i // 4 for i in range(16)]
    for number, (luma, *_) in enumerate(frames):
        height = luma.shape[0]
        # 1.3 times 216x121.5 is 281x158, its middle at (108, 57.6): what is inside is 216x137
        assert read_number(luma[round(0.15 * height) - 79:][:158]) in (None, 500 + over[number])
    assert len(frames) == len(under)


def test_a_gap_between_pictures_is_black(tmp_path: Path) -> None:
    frames = planes(make(tmp_path, """
events:
  - {media: RED, in: 0, out: 5}
  - {black: 5}
  - {media: RED, in: 0, out: 5}
  - {black: 12, track: V2}
  - {media: BLUE, in: 0, out: 8, track: V2, place: {y: 0.25, scale: 0.5}}
"""))
    assert len(frames) == 20  # the upper picture outlasts the base: black beneath it
    for number in (6, 17):
        assert np.abs(at(frames[number], 0.5, 0.75) - [64, 512, 512]).max() <= 1
    assert at(frames[17], 0.5, 0.25)[1] > 600
