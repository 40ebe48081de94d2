"""A recorder that is off by a fraction of a frame, and of a sample, is in its place in the master.

The picture stays on whole frames; what is left over is a shift of the sound.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from synth.footage import make_clip
from synth.project import ProjectFolder
from synth.sound import lively, make_flash_clip

from microfinish.media.sound import read_all
from microfinish.media.wave import write_wave

pytestmark = pytest.mark.media

RATE = 48_000
SECONDS = 12.0


def shifted(sound: np.ndarray, samples: float) -> np.ndarray:
    """`sound` later by a fraction of samples: its spectrum turned, exact for periodic sound."""
    spectrum = np.fft.rfft(sound.astype(np.float64))
    turns = np.fft.rfftfreq(sound.size) * samples
    return np.fft.irfft(spectrum * np.exp(-2j * np.pi * turns), sound.size).astype(np.float32)


def lag(heard: np.ndarray, truth: np.ndarray) -> float:
    """By how many samples `heard` is late against `truth`: the cross-correlation's peak, to a
    hundredth of a sample by a parabola on 16 times finer steps."""
    size = 1 << (heard.size + truth.size).bit_length()
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(truth, size))
    fine = np.fft.irfft(spectrum, size * 16)
    peak = int(np.argmax(np.abs(fine)))
    place = peak if peak < fine.size // 2 else peak - fine.size
    return place / 16


def delivered(project: ProjectFolder) -> np.ndarray:
    """The sound of the uncompressed master, one channel."""
    project.call("run", "--to", "master")
    return read_all(project.master("mezzanine-prores", extension="mov"), 0)[0][:, 0]


@pytest.mark.parametrize("late", [711.0, 1919.37])
def test_what_the_waveforms_find_is_applied_to_the_sample(tmp_path: Path, late: float) -> None:
    project = ProjectFolder.make(tmp_path, platforms="mezzanine-prores")
    sound = lively(SECONDS, 7)
    make_flash_clip(tmp_path / "media/A001C001.mov", rate=Fraction(25), frames=200, flashes=[3],
                    sound=sound[: 8 * RATE] * 0.7)
    # the recorder began 2 s and a fraction of a frame before the camera
    begun = np.concatenate((np.zeros(2 * RATE, np.float32), sound[:-2 * RATE]))
    write_wave(shifted(begun, late)[:, None], tmp_path / "media/T01.wav")
    project.write("episodes/ep001/edit.yaml", "events: [{media: A001C001, in: 13, out: 163}]\n")
    project.write("episodes/ep001/mix.yaml", "dialogue: {source: recorder}\n")
    heard = delivered(project)
    (match,) = project.json("show", "ep001", "sync")["matches"]
    assert match["sound"] == "media/T01.wav"
    truth = sound[13 * 1920: 163 * 1920]
    assert heard.size == truth.size
    found = lag(heard, truth)
    print(f"lag in the master: {found:+.3f} samples")
    assert abs(found) <= 0.25


@pytest.mark.parametrize(("rate", "written"), [("25", "25/1"), ("24000/1001", "24000/1001")])
def test_a_time_reference_between_two_frames_is_applied_to_the_sample(
    tmp_path: Path, rate: str, written: str
) -> None:
    """No waveform to compare: the camera is silent, timecode alone places the sound."""
    fps = Fraction(rate)
    project = ProjectFolder.make(tmp_path, rate=rate, platforms="mezzanine-prores")
    make_clip(tmp_path / "media/A001C001.mov", frames=200, rate=fps, timecode="10:00:00:00")
    camera_start = Fraction(10 * 3600 * round(fps)) / fps
    early = 1777  # samples: less than a frame
    reference = round(camera_start * RATE) - 2 * RATE - early
    sound = lively(SECONDS, 9)
    ixml = (f"<BWFXML><SPEED><TIMECODE_RATE>{written}</TIMECODE_RATE><TIMECODE_FLAG>NDF"
            "</TIMECODE_FLAG></SPEED></BWFXML>").encode()
    bext = struct.pack("<256s32s32s10s8sQH254x", b"", b"", b"", b"", b"", reference, 1)
    write_wave(sound[:, None], tmp_path / "media/T01.wav", RATE,
               ((b"bext", bext), (b"iXML", ixml)))
    project.write("episodes/ep001/edit.yaml", "events: [{media: A001C001, in: 13, out: 133}]\n")
    project.write("episodes/ep001/mix.yaml", "dialogue: {source: recorder}\n")
    heard = delivered(project)
    begin = float((13 / fps + camera_start) * RATE - reference)
    truth = shifted(sound, -(begin - int(begin)))[int(begin): int(begin) + heard.size]
    found = lag(heard, truth)
    print(f"lag in the master: {found:+.3f} samples")
    assert abs(found) <= 0.25
