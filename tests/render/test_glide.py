"""A pan lands where its path says, to a pixel of the delivered picture, and never stutters."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from microfinish.core.deliver import PictureSpec
from microfinish.core.frame import PathKey, Raster
from microfinish.core.media import Picture
from microfinish.media.ffmpeg import run
from microfinish.render.picture import Files, segment_arguments
from microfinish.render.segment import Encode, Layer, Pick, Segment

FRAMES, EDGE = 30, 200
"""A picture that is black left of column 200 and white from there on."""


def _wide_edge(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"qp": "0"})
        stream.width, stream.height, stream.pix_fmt = 480, 270, "yuv420p"
        picture = np.zeros((270, 480, 3), np.uint8)
        picture[:, EDGE:] = 255
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.mark.media
def test_a_pan_moves_by_single_delivered_pixels(tmp_path: Path) -> None:
    _wide_edge(tmp_path / "edge.mp4")
    cube = tmp_path / "same.cube"
    cube.write_text("LUT_3D_SIZE 2\n" + "".join(
        f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1)))
    path = (PathKey(0, 120.0, 0), PathKey(FRAMES - 1, 135.0, 0))
    layer = Layer("m", Pick(0, FRAMES - 1, FRAMES, Fraction(1), Fraction(0)),
                  Picture("h264", 480, 270, Fraction(25), FRAMES, time_base=Fraction(1, 12800)),
                  "crop", 152, 270, path, "l")
    segment = Segment(Fraction(25), Raster(540, 960), FRAMES, (layer,))
    out = tmp_path / "out.mkv"
    run(segment_arguments(
        segment, [(Encode(PictureSpec("ffv1", "yuv420p", (), "none", 0)), str(out))],
        Files({"m": str(tmp_path / "edge.mp4")}, {"l": str(cube)}, {})))
    zoom = 540 / 152
    with av.open(str(out)) as container:
        edges = [_edge_of(frame) for frame in container.decode(video=0)]
    expected = [(EDGE - (120 + 15 * n / (FRAMES - 1))) * zoom for n in range(FRAMES)]
    assert len(edges) == FRAMES
    assert edges == pytest.approx(expected, abs=1.0)
    steps = -np.diff(edges)
    assert steps.max() <= 15 / (FRAMES - 1) * zoom + 1.1
    assert steps.min() >= 15 / (FRAMES - 1) * zoom - 1.1


def _edge_of(frame: av.VideoFrame) -> float:
    """Where a row crosses half white, between pixel edges."""
    row = np.frombuffer(bytes(frame.planes[0]), np.uint8).reshape(frame.height, -1)[
        frame.height // 2, :frame.width].astype(float)
    after = int(np.argmax(row > 125))
    return after - 0.5 + (125 - row[after - 1]) / (row[after] - row[after - 1])
