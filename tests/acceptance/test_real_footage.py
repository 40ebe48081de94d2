"""Real phone and camera files come out upright and in their own colors."""

from __future__ import annotations

import shutil
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from synth.project import ProjectFolder

from microfinish.media.ffmpeg import run

FRAMES = 3
CLIPS = {
    "phone/portrait_4k60.mp4": 6.0,                    # rotated HEVC, 4K, 60 fps
    "phone/hlg10-color-test.mp4": None,                # HLG, tone-mapped
    "phone/hdr10-video-with-sdr-container.mp4": None,  # PQ in a container that says SDR
    "phone/mv_with_2_top_shots.mp4": None,             # rotated, full range, variable rate
    "phone/sample_edit_list.mp4": None,                # HLG with an edit list
    "people/asl_book.mkv": 6.0,                        # full range
    "faces/d13.mp4": 6.0,
    "oddities/sample_rotate_and_reflect.mp4": 6.0,
    "oddities/bt601.mp4": 6.0,
}
"""Clip and the largest mean difference from ffmpeg's own picture, of 255. None where only the
shape can be compared: tone-mapped from HDR, or another picture of a variable rate."""


@pytest.mark.media
def test_real_files_come_out_upright_and_in_their_own_colors(tmp_path: Path,
                                                             testdata: Path) -> None:
    project = ProjectFolder.make(tmp_path)
    events = "events:\n"
    for name in CLIPS:
        shutil.copy(testdata / "footage" / name, tmp_path / "media")
        events += f"  - {{media: {Path(name).name}, in: 1, out: {1 + FRAMES}}}\n"
    project.write("episodes/ep001/edit.yaml", events)
    project.write("episodes/ep001/reframe.yaml", "default: centre\n")
    # Timelines and files differ in rate: play frames, so that the same ones can be compared.
    project.write("episodes/ep001/episode.yaml", "conform: frame\n")
    project.call("run", "--to", "master")
    with av.open(str(project.master())) as container:
        shown = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(shown) == FRAMES * len(CLIPS)
    for number, (name, limit) in enumerate(CLIPS.items()):
        ours = shown[number * FRAMES].astype(np.float64)
        theirs = _as_ffmpeg_shows_it(testdata / "footage" / name)
        upright = _alike(ours, theirs)
        for turn in (1, 2, 3):
            turned = cv2.resize(np.ascontiguousarray(np.rot90(theirs, turn)), (216, 384))
            assert upright > _alike(ours, turned) + 0.1, f"{name} is turned"
        assert upright > (0.4 if "top_shots" in name else 0.98), f"{name} is framed otherwise"
        if limit is not None:
            assert float(np.abs(ours - theirs).mean()) < limit, name


def _as_ffmpeg_shows_it(path: Path) -> NDArray[np.float64]:
    """The second frame, turned by ffmpeg itself, center-cropped to 9:16."""
    raw = run(["-i", str(path), "-vf", "trim=start_frame=1,scale='2*trunc(iw*sar/2)':ih",
               "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "-"]).stdout
    picture = cv2.cvtColor(cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR),
                           cv2.COLOR_BGR2RGB)
    height, width = picture.shape[:2]
    wide, high = min(width, height * 9 / 16), min(height, width * 16 / 9)
    left, top = int((width - wide) / 2), int((height - high) / 2)
    cut = picture[top:top + int(high), left:left + int(wide)]
    return cv2.resize(cut, (216, 384), interpolation=cv2.INTER_AREA).astype(np.float64)


def _alike(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Correlation of the two pictures' gray shapes, 1 for the same picture."""
    a, b = (cv2.GaussianBlur(picture.mean(axis=2), (0, 0), 4) for picture in (one, other))
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])
