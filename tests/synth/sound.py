"""Footage with a flash and a beep that coincide, and lively sound of a known kind."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

from microfinish.media.ffmpeg import run

SAMPLE_RATE = 48000
BEEP_HZ, BEEP_SECONDS = 1000, 0.08


def beeps(seconds: float, at: list[Fraction], level: float = 0.5) -> NDArray[np.float32]:
    """Mono: near-silence with a 1 kHz beep that starts exactly at each time."""
    sound = np.random.default_rng(7).normal(0, 1e-5, int(seconds * SAMPLE_RATE))
    length = int(BEEP_SECONDS * SAMPLE_RATE)
    tone = level * np.cos(2 * np.pi * BEEP_HZ * np.arange(length) / SAMPLE_RATE)
    for time in at:
        start = round(time * SAMPLE_RATE)
        sound[start:start + length] += tone[: max(0, sound.size - start)]
    return sound.astype(np.float32)


def lively(seconds: float, seed: int = 1) -> NDArray[np.float32]:
    """Mono: syllable-shaped noise in the band of voices with hard transients, like a scene."""
    random = np.random.default_rng(seed)
    count = int(seconds * SAMPLE_RATE)
    voice = butter(2, (180, 3500), "bandpass", fs=SAMPLE_RATE, output="sos")
    noise = sosfilt(voice, random.normal(0, 1, count))
    noise /= np.abs(noise).max()
    time = np.arange(count) / SAMPLE_RATE
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * time)
                        + 0.3 * np.sin(2 * np.pi * 0.37 * time), 0, 1)
    sound = 0.25 * noise * syllables
    for start in range(SAMPLE_RATE // 2, count - 2400, int(0.71 * SAMPLE_RATE)):
        sound[start:start + 1200] += 0.7 * random.normal(0, 0.3, 1200) * np.exp(
            -np.arange(1200) / 200)
    return np.clip(sound, -0.95, 0.95).astype(np.float32)


def make_flash_clip(path: Path, *, rate: Fraction, frames: int, flashes: list[int],
                    sound: NDArray[np.float32], size: tuple[int, int] = (108, 192)) -> None:
    """H.264 with PCM sound: black, white for two frames from each flash, `sound` from time 0."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=rate, options={"crf": "18",
                                                                    "preset": "veryfast"})
        video.width, video.height = size
        video.pix_fmt = "yuv420p"
        audio = container.add_stream("pcm_s24le", rate=SAMPLE_RATE, layout="mono")
        lit = {f + extra for f in flashes for extra in (0, 1)}
        for number in range(frames):
            picture = np.full((size[1], size[0], 3), 235 if number in lit else 16, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, 1 / rate
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        samples = (sound.astype(np.float64) * (2**31 - 1)).astype(np.int32)[None, :]
        block = av.AudioFrame.from_ndarray(samples, format="s32", layout="mono")
        block.sample_rate, block.pts, block.time_base = SAMPLE_RATE, 0, Fraction(1, SAMPLE_RATE)
        container.mux(audio.encode(block))
        container.mux(audio.encode(None))


def flash_times(path: Path, honor_edit_lists: bool = True) -> list[Fraction]:
    """When the picture turns white, as a player that honors (or ignores) edit lists shows it."""
    times, bright = [], False
    with av.open(str(path), options=_options(honor_edit_lists)) as container:
        for frame in container.decode(video=0):
            now = frame.to_ndarray(format="gray").mean() > 128
            if now and not bright:
                times.append(Fraction(frame.pts) * Fraction(frame.time_base))
            bright = now
    return times


def beep_times(path: Path, honor_edit_lists: bool = True) -> list[Fraction]:
    """When each beep starts, found by its first strong half wave against its later level."""
    blocks, start = [], None
    mono = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    with av.open(str(path), options=_options(honor_edit_lists)) as container:
        for frame in container.decode(audio=0):
            if start is None:
                start = Fraction(frame.pts) * Fraction(frame.time_base)
            blocks += [block.to_ndarray()[0] for block in mono.resample(frame)]
    sound = np.concatenate(blocks).astype(np.float64)
    return [(start or Fraction(0)) + Fraction(onset, SAMPLE_RATE) for onset in onsets(sound)]


def onsets(sound: NDArray[np.float64]) -> list[int]:
    """Samples where a 1 kHz tone starts, to a few samples: where a 10 ms window matched to the
    tone is half full, against the level that this very tone reaches."""
    window = SAMPLE_RATE // 100
    tone = np.exp(-2j * np.pi * BEEP_HZ * np.arange(window) / SAMPLE_RATE)
    energy = np.abs(fftconvolve(sound, tone[::-1].conj(), "valid")) / window
    loud = energy > energy.max() / 4
    starts = np.flatnonzero(loud[1:] & ~loud[:-1]) + 1
    found = []
    for start in starts:
        plateau = np.median(energy[start + window:start + 4 * window])
        half = start - window + int(np.argmax(energy[start - window:start + window] > plateau / 2))
        found.append(half + window // 2)
    return found


def _options(honor_edit_lists: bool) -> dict[str, str]:
    return {} if honor_edit_lists else {"ignore_editlist": "1"}


def ebur128(path: Path) -> tuple[float, float]:
    """(integrated LUFS, true peak dBTP) by ffmpeg's meter, which did not make the master."""
    report = run(["-loglevel", "info", "-i", str(path), "-map", "0:a", "-af",
                  "ebur128=peak=true:framelog=quiet", "-f", "null", "-"]).stderr
    summary = report[report.rindex("Summary:"):]
    loudness = re.search(r"I:\s+(-?[\d.]+) LUFS", summary)
    peak = re.search(r"Peak:\s+(-?[\d.]+) dBFS", summary)
    assert loudness and peak, summary
    return float(loudness[1]), float(peak[1])
