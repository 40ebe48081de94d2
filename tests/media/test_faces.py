"""Faces are found where they are, in the file's own frames; empty pictures have none."""

import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from microfinish.core.face_track import main_face
from microfinish.core.media import Picture
from microfinish.media.faces import HaarDetector, find_faces


def footage(name: str) -> tuple[Path, Picture]:
    folder = os.environ.get("MICROFINISH_TESTDATA")
    if not folder:
        pytest.skip("MICROFINISH_TESTDATA is not set")
    path = Path(folder) / "footage" / name
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        rate = Fraction(stream.average_rate or 25)
        return path, Picture("h264", stream.width, stream.height, rate, stream.frames)


def test_a_picture_without_a_face_has_none():
    ramp = np.tile(np.linspace(0, 255, 320, dtype=np.uint8), (180, 1))
    noise = np.random.default_rng(7).integers(0, 255, (180, 320), dtype=np.uint8)
    assert HaarDetector().detect(ramp) == ()
    assert HaarDetector().detect(noise) == ()


@pytest.mark.parametrize(("name", "middle", "eyes"), [
    # Read off the frames by eye, in shares of the picture.
    ("faces/s32.mp4", (0.40, 0.55), (0.36, 0.60)),
    ("faces/d6.mp4", (0.45, 0.55), (0.42, 0.54)),
])
def test_a_real_face_is_found_in_every_sample_near_where_it_is(name, middle, eyes):
    path, picture = footage(name)
    frames = [picture.frames * i // 4 for i in range(4)]
    track = main_face(find_faces(path, picture, frames))
    assert track is not None and len(track.seen) == 4
    for _, face in track.seen:
        assert middle[0] <= face.middle[0] <= middle[1]
        assert eyes[0] <= face.eyes[1] <= eyes[1]
