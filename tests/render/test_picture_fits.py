"""Whole pictures inside the frame: bars are black, the blurred surround is a dim copy, no more."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from synth.footage import make_clip

from microfinish.core.deliver import PictureSpec
from microfinish.core.frame import PathKey, Raster
from microfinish.core.media import Picture
from microfinish.media.ffmpeg import run
from microfinish.render.picture import Files, segment_arguments
from microfinish.render.segment import Encode, Layer, Pick, Segment

EXACT = PictureSpec("ffv1", "yuv420p", (), "none", 0)


def _render(folder: Path, fit: str) -> NDArray[np.uint8]:
    """Luma of the first frame of a 16:9 picture put whole into 216x384 by `fit`."""
    make_clip(folder / "wide.mp4", frames=6)
    with av.open(str(folder / "wide.mp4")) as container:
        base = Fraction(container.streams.video[0].time_base)
    cube = folder / "same.cube"
    cube.write_text("LUT_3D_SIZE 2\n" + "".join(
        f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1)))
    layer = Layer("m", Pick(1, 3, 3, Fraction(1), Fraction(0)),
                  Picture("h264", 320, 180, Fraction(25), 6, time_base=base), fit, 320, 180,
                  (PathKey(0, 0, 0),), "l")
    segment = Segment(Fraction(25), Raster(216, 384), 3, (layer,))
    out = folder / "out.mkv"
    run(segment_arguments(segment, [(Encode(EXACT), str(out))],
                          Files({"m": str(folder / "wide.mp4")}, {"l": str(cube)}, {})))
    with av.open(str(out)) as container:
        frame = next(container.decode(video=0))
    return np.frombuffer(bytes(frame.planes[0]), np.uint8).reshape(384, -1)[:, :216]


@pytest.mark.media
def test_bars_are_black_above_and_below_the_whole_picture(tmp_path: Path) -> None:
    luma = _render(tmp_path, "bars")
    assert int(luma[:130].max()) == 16 and int(luma[-130:].max()) == 16
    assert luma[140:240].mean() > 60


@pytest.mark.media
def test_the_blurred_surround_is_dimmer_than_the_picture_and_not_clipped(tmp_path: Path) -> None:
    luma = _render(tmp_path, "blur")
    surround, picture = luma[:120], luma[140:240]
    assert 16 < surround.mean() < 0.8 * picture.mean()
    assert int(surround.max()) < 200
