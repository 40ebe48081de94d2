"""A shaken camera comes out steady: measured on pictures whose shake is known to the pixel."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from color_project import episode, run
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from microfinish.core.deliver import PictureSpec
from microfinish.core.frame import PathKey, Raster
from microfinish.core.media import Media, Picture
from microfinish.core.steady import MOST_MARGIN, TOLERANCE, shake, steadied
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline
from microfinish.core.vfx import Returns
from microfinish.media.ffmpeg import run as ffmpeg
from microfinish.media.probe import probe
from microfinish.media.shake import shake_fact
from microfinish.render.cutting import Decisions, Look, cut
from microfinish.render.picture import Files, segment_arguments
from microfinish.render.segment import Encode
from microfinish.stages.reframe import ReframeStage

RATE = Fraction(25)
FRAMES = 60
SIZE = (640, 360)


def wobble(frame: int) -> tuple[float, float]:
    """Hand shake of up to ten pixels, at three and five beats a second."""
    t = frame / 25
    return 7 * math.sin(2 * math.pi * 3 * t) + 3 * math.sin(31 * t), 5 * math.sin(34 * t + 1)


def _clip(path: Path, pan: float = 0.0) -> None:
    """A textured wall behind a window that shakes as `wobble` says, moving on by `pan` a frame."""
    random = np.random.default_rng(5)
    wall = cv2.GaussianBlur(random.uniform(0, 255, (460, 940)).astype(np.float32), (0, 0), 3)
    wall = (wall - wall.min()) / np.ptp(wall) * 255
    frames = []
    for frame in range(FRAMES):
        x, y = wobble(frame)
        shift = np.array([[1, 0, x - 50 - pan * frame], [0, 1, y - 50]], np.float32)
        frames.append(cv2.warpAffine(wall, shift, SIZE, flags=cv2.INTER_CUBIC))
    raw = np.clip(np.stack(frames), 0, 255).astype(np.uint8).tobytes()
    ffmpeg(["-f", "rawvideo", "-pixel_format", "gray", "-video_size", "640x360", "-framerate",
            "25", "-i", "pipe:0", "-c:v", "libx264", "-crf", "10", "-pix_fmt", "yuv420p",
            str(path)], stdin=raw)


@pytest.mark.media
def test_the_shake_is_measured_to_a_fraction_of_a_pixel(tmp_path: Path) -> None:
    _clip(tmp_path / "hand.mp4")
    picture = probe(tmp_path / "hand.mp4", "hand.mp4").media.picture
    assert picture is not None
    seen = np.array(shake_fact(tmp_path / "hand.mp4", picture, list(range(FRAMES))))
    truth = np.array([wobble(frame) for frame in range(FRAMES)])
    assert abs(seen - (truth - truth[0])).max() < 0.5


def test_a_steady_pan_is_no_shake() -> None:
    pan = [(2.0 * frame, 0.5 * frame) for frame in range(50)]
    assert all(abs(x) < 1e-9 and abs(y) < 1e-9 for x, y in shake(pan, RATE))


@given(st.lists(st.tuples(st.floats(-80, 80), st.floats(-80, 80)), min_size=3, max_size=80),
       st.floats(0, 1))
def test_no_shake_ever_moves_the_crop_out_of_the_picture(
        moves: list[tuple[float, float]], amount: float) -> None:
    path = steadied((PathKey(0, 218.0, 0.0),), (202, 360), (184, 328), SIZE, moves, amount)
    assert all(0 <= key.x <= 640 - 184 and 0 <= key.y <= 360 - 328 for key in path)
    assert [key.frame for key in path] == sorted({key.frame for key in path})


@given(st.lists(st.floats(-9, 9), min_size=3, max_size=120))
def test_thinned_paths_miss_none_of_their_points(moves: list[float]) -> None:
    from microfinish.core.crop_path import position

    path = steadied((PathKey(0, 218.0, 16.0),), (202, 360), (184, 328), SIZE,
                    [(x, 0.0) for x in moves], 1.0)
    for frame, x in enumerate(moves):
        assert abs(position(path, frame)[0] - (218 + 9 + x)) <= TOLERANCE + 1e-9


def _decided(root: Path, sheet: str, pan: float = 0.0):  # type: ignore[no-untyped-def]
    (root / "media").mkdir(parents=True)
    _clip(root / "media" / "hand.mp4", pan)
    media = replace(probe(root / "media" / "hand.mp4", "media/hand.mp4").media, digest="hand")
    event = Event("sh010", "V", media.path, Span(0, FRAMES), Span(0, FRAMES))
    made = episode(root, [media], [event], "raster: 216x384\n", vfx=Returns())
    (root / "episodes" / "ep001" / "reframe.yaml").write_text(sheet)
    return media, event, run(ReframeStage(), made).shots[0]


def _restless(root: Path, media: Media, event: Event, framing) -> NDArray[np.float64]:  # type: ignore[no-untyped-def]
    """How much the rendered picture still jumps from frame to frame, in its pixels."""
    cube = root / "same.cube"
    cube.write_text("LUT_3D_SIZE 2\n" + "".join(
        f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1)))
    placed = cut(Timeline(RATE, (event,)), Decisions(
        {media.path: media}, {"sh010": framing}, {"sh010": Look("l", "limited", "bt709")},
        Raster(216, 384)))
    out = root / "out.mkv"
    ffmpeg(segment_arguments(placed[0].segment, [(Encode(PictureSpec(
        "ffv1", "yuv420p", (), "none", 0)), str(out))],
        Files({media.digest: str(root / media.path)}, {"l": str(cube)}, {})))
    picture = probe(out, "out.mkv").media.picture
    assert isinstance(picture, Picture) and picture.frames == FRAMES
    return np.diff(np.array(shake_fact(out, picture, list(range(FRAMES)))), axis=0)


@pytest.mark.media
def test_a_stabilized_master_hardly_moves_where_the_camera_shook(tmp_path: Path) -> None:
    before = _restless(tmp_path / "a", *_decided(tmp_path / "a", "default: centre\n"))
    after = _restless(tmp_path / "b", *_decided(
        tmp_path / "b", "default: centre\nstabilize: 1\n"))
    assert np.abs(before).mean() > 1.5
    assert np.abs(after[5:-5]).mean() < 0.15 * np.abs(before[5:-5]).mean()


@pytest.mark.media
def test_the_crop_gives_up_no_more_than_it_says(tmp_path: Path) -> None:
    _, _, framing = _decided(tmp_path, "default: centre\nstabilize: 1\n")
    assert framing.height >= 360 * (1 - 2 * MOST_MARGIN) - 8  # widths stand in eights
    assert "steadied" in framing.reason


@pytest.mark.media
def test_a_shot_may_ask_for_itself_and_a_pan_stays_a_pan(tmp_path: Path) -> None:
    media, event, framing = _decided(tmp_path, "shots: {sh010: {stabilize: 1}}\n", pan=2.0)
    moved = _restless(tmp_path, media, event, framing)
    scale = 384 / framing.height
    assert moved[10:-10, 0].mean() == pytest.approx(-2.0 * scale, rel=0.1)
    assert moved[10:-10, 0].std() < 0.5
