"""log: a camera that states no timecode takes it from its sound track, and an edit finds it so."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from synth.project import ProjectFolder
from synth.timecode import ltc

from microfinish.core.media import Media
from microfinish.core.time import format_timecode, parse_timecode
from microfinish.pipeline.stage import Context, Options
from microfinish.project.project import Project
from microfinish.stages.log import LogStage

RATE = 48_000


def logged(root: Path) -> Media:
    project = Project.open(root)
    stage = LogStage()
    context = Context("ep001", root, project.facts, project.store, Options(), lambda event: None,
                      lambda: False, None)
    (media,) = stage.run(stage.inputs(project.episode("ep001")), context).media
    return media


def camera(path: Path, rate: Fraction, frames: int, track: np.ndarray) -> None:
    """Pictures at `rate`, PCM sound, and no timecode tag."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=rate)
        picture.width, picture.height, picture.pix_fmt = 64, 36, "yuv420p"
        sound = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
        for number in range(frames):
            image = np.full((36, 64, 3), number % 200, np.uint8)
            container.mux(picture.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(picture.encode(None))
        pcm = (np.clip(track, -1, 1) * 32767).astype(np.int16)[None, :]
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.sample_rate = RATE
        container.mux(sound.encode(frame))
        container.mux(sound.encode(None))


@pytest.mark.parametrize(("rate", "code", "drop", "label"), [
    (Fraction(25), Fraction(25), False, "10:00:04:00"),
    (Fraction(30_000, 1001), Fraction(30_000, 1001), True, "10:00:04;00"),
    (Fraction(24_000, 1001), Fraction(24), False, "10:00:04:00"),
    (Fraction(50), Fraction(25), False, "10:00:04:00"),
])
def test_a_timecode_track_gives_the_file_its_start(
    tmp_path: Path, rate: Fraction, code: Fraction, drop: bool, label: str
) -> None:
    ProjectFolder.make(tmp_path)
    first = parse_timecode("10:00:04;00" if drop else "10:00:04:00", code, drop)
    camera(tmp_path / "media/A001.mov", rate, 60, ltc(first, 50, code, RATE, drop=drop))
    media = logged(tmp_path)
    assert media.timecode_source == "ltc"
    assert media.timecode_rate == rate
    assert media.start_frame is not None
    assert format_timecode(media.start_frame, rate, media.timecode_drop) == label


def test_an_edit_by_that_timecode_is_relinked_to_the_frame(tmp_path: Path) -> None:
    project = ProjectFolder.make(tmp_path)
    camera(tmp_path / "media/A001.mov", Fraction(25), 60,
           ltc(900_100, 55, Fraction(25), RATE))
    project.write("episodes/ep001/edit.edl", "TITLE: E\nFCM: NON-DROP FRAME\n\n"
                  "001  A001     V     C        10:00:04:10 10:00:05:00 01:00:00:00 01:00:00:15\n")
    project.call("run", "--to", "assemble")
    (event,) = project.json("show", "ep001", "assemble")["events"]
    assert (event["source_in"], event["source_out"]) == (10, 25)


def test_sound_without_code_leaves_the_file_without_timecode(tmp_path: Path) -> None:
    ProjectFolder.make(tmp_path)
    noise = np.random.default_rng(1).standard_normal(RATE).astype(np.float32) * 0.1
    camera(tmp_path / "media/A001.mov", Fraction(25), 25, noise)
    media = logged(tmp_path)
    assert (media.start_frame, media.timecode_source) == (None, "none")
