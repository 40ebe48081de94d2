"""What a phone plays: loudness and peaks of the decoded master, flash and beep together."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from synth.footage import make_clip
from synth.project import ProjectFolder
from synth.sound import beep_times, beeps, ebur128, flash_times, lively, make_flash_clip

from microfinish.media.ffmpeg import run


@pytest.mark.media
@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001)])
def test_flash_and_beep_coincide_with_and_without_edit_lists(tmp_path: Path,
                                                             rate: Fraction) -> None:
    project = ProjectFolder.make(tmp_path, rate=f"{rate.numerator}/{rate.denominator}",
                                 platforms="tiktok, mezzanine-prores")
    flashes = [20, 47, 101]
    make_flash_clip(tmp_path / "media" / "A001C001.mov", rate=rate, frames=120, flashes=flashes,
                    sound=beeps(120 / float(rate), [f / rate for f in flashes]))
    project.write("episodes/ep001/edit.yaml",
                  "events:\n  - {media: A001C001, in: 5, out: 60}\n"
                  "  - {media: A001C001, in: 90, out: 118}\n")
    project.call("run", "--to", "master")
    expected = [15 / rate, 42 / rate, (55 + 11) / rate]
    for master in (project.master(), project.master("mezzanine-prores", extension="mov")):
        for honor in (True, False):
            seen, heard = flash_times(master, honor), beep_times(master, honor)
            assert list(map(float, seen)) == pytest.approx(list(map(float, expected)), abs=1e-4)
            assert [abs(float(h - s)) for h, s in zip(heard, seen, strict=True)] == pytest.approx(
                [0, 0, 0], abs=0.001)


@pytest.mark.media
@pytest.mark.parametrize("seed", [1, 2])
def test_the_decoded_master_is_at_its_loudness_and_under_its_peak(tmp_path: Path,
                                                                  seed: int) -> None:
    project = ProjectFolder.make(tmp_path, platforms="tiktok, youtube-shorts, mezzanine-prores")
    make_flash_clip(tmp_path / "media" / "A001C001.mov", rate=Fraction(25), frames=220,
                    flashes=[3], sound=lively(8.8, seed))
    project.write("episodes/ep001/edit.yaml",
                  "events:\n  - {media: A001C001, in: 10, out: 210}\n")
    project.call("run", "--to", "master")
    for name, extension in (("tiktok", "mp4"), ("youtube-shorts", "mp4"),
                            ("mezzanine-prores", "mov")):
        loudness, peak = ebur128(project.master(name, extension=extension))
        assert loudness == pytest.approx(-14.0, abs=0.2), name
        assert peak <= -1.0, name


@pytest.mark.media
def test_an_episode_without_any_sound_is_delivered_silent(tmp_path: Path) -> None:
    project = ProjectFolder.make(tmp_path)
    make_clip(tmp_path / "media" / "A001C001.mov", frames=60)
    project.write("episodes/ep001/edit.yaml", "events:\n  - {media: A001C001, in: 5, out: 55}\n")
    project.call("run", "--to", "master")
    samples = np.frombuffer(run(["-i", str(project.master()), "-f", "f32le", "-"]).stdout, "<f4")
    assert samples.size and float(np.abs(samples).max()) < 1e-4
