"""Episodes of sound with known ingredients, each from a seed: speech, music, effects, room.

Speech is spoken by espeak-ng where it is installed, and by the BBC recordings of
MICROFINISH_TESTDATA where that is set; else it is noise in the voice band with pauses.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.signal import butter, sosfilt

from microfinish.core.mix import Bus, MixClip, MixPlan
from microfinish.media.loudness import integrated, step_energies
from microfinish.media.sound import read_stereo

RATE = 48_000
LINES = (
    "You signed it. You signed it before you had even read the first page.",
    "I waited for you at the station until the last train had gone.",
    "Do not touch that! Tell me who sent you, and tell me now.",
    "She smiled, took the ring off, and put it between the two glasses.",
    "Nobody in this family has ever said sorry, and I will not be the first.",
    "Listen. There is a second will, and your name is not in it.",
)
VOICES = ("en+m3", "en+f2", "en-us+m7", "en+f4", "es", "en-us+f5")
LEVELS = {"hot": (-12.0, 9.0), "even": (-24.0, 3.0), "quiet": (-38.0, 2.0), "uneven": (-27.0, 10.0)}
"""Loudness of the spoken lines in LUFS, and how far single ones stray from it."""


def band(sound: np.ndarray, low: float, high: float) -> np.ndarray:
    return sosfilt(butter(2, [low, high], "bandpass", fs=RATE, output="sos"), sound)


@lru_cache(maxsize=1)
def lines() -> tuple[np.ndarray, ...]:
    """Spoken lines, mono float32, each at -20 LUFS."""
    found: list[np.ndarray] = []
    if shutil.which("espeak-ng"):
        with tempfile.TemporaryDirectory() as folder:
            for number, voice in enumerate(VOICES):
                path = Path(folder) / f"{number}.wav"
                subprocess.run(["espeak-ng", "-v", voice, "-s", str(140 + 15 * number), "-w",
                                str(path), LINES[number]], check=True)
                found.append(read_stereo(path)[:, 0])
    if folder := os.environ.get("MICROFINISH_TESTDATA"):
        talk = read_stereo(Path(folder) / "audio" / "bbc_timbl_1.mp3")[:, 0]
        found += [talk[k * 6 * RATE: (k + 1) * 6 * RATE] for k in range(7)]
    if not found:
        found = [babble(5.0, seed) for seed in range(6)]
    return tuple(at_loudness(faded(line), -20.0) for line in found)


def babble(seconds: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    n = np.arange(round(seconds * RATE))
    level = np.interp(n / RATE, np.arange(0, seconds + 1, 0.09), rng.random(
        np.arange(0, seconds + 1, 0.09).size) ** 3)
    return (band(rng.standard_normal(n.size), 120, 4000) * level).astype(np.float32)


def at_loudness(sound: np.ndarray, lufs: float) -> np.ndarray:
    now = integrated(step_energies(np.stack([sound, sound], axis=1).astype(np.float32)))
    return (sound * 10 ** ((lufs - now) / 20)).astype(np.float32)


def faded(sound: np.ndarray) -> np.ndarray:
    out = sound.copy()
    ramp = np.linspace(0, 1, 480)
    out[:480] *= ramp
    out[-480:] *= ramp[::-1]
    return out


def dialogue(seconds: float, rng: np.random.Generator, kind: str) -> np.ndarray:
    """Lines one after the other with pauses, and the room's hiss under all of them."""
    out = np.zeros(round(seconds * RATE), np.float32)
    base, spread = LEVELS[kind]
    at = round(rng.uniform(0.0, 1.5) * RATE)
    while at < out.size - RATE:
        line = lines()[rng.integers(len(lines()))]
        line = line * np.float32(10 ** ((base + 20 + rng.uniform(-spread, spread) / 2) / 20))
        if kind == "hot":
            line = np.tanh(2.5 * line).astype(np.float32)
        part = line[: out.size - at]
        out[at: at + part.size] += part
        at += line.size + round(rng.choice([0.2, 0.6, 1.5, 4.0]) * RATE)
    return out + (rng.standard_normal(out.size) * 10 ** ((base - 38) / 20)).astype(np.float32)


def music(seconds: float, rng: np.random.Generator) -> np.ndarray:
    """A chord that changes each bar, a bass, and (mostly) kick, snare and hats: (n, 2)."""
    n = np.arange(round(seconds * RATE))
    t = n / RATE
    bpm = rng.uniform(70, 140)
    beat = 60 / bpm
    left, right = np.zeros(n.size), np.zeros(n.size)
    for bar in range(int(seconds / (4 * beat)) + 1):
        where = (t >= bar * 4 * beat) & (t < (bar + 1) * 4 * beat)
        root = 110 * 2 ** (rng.integers(0, 12) / 12)
        for step in (0, 3 + rng.integers(0, 2), 7, 12):
            hertz = root * 2 ** (step / 12)
            side = rng.uniform(0.3, 0.7)
            wave = sum(np.sin(2 * np.pi * hertz * k * t[where] + rng.uniform(0, 6)) / k ** 1.5
                       for k in range(1, 7))
            left[where] += side * wave * 0.1
            right[where] += (1 - side) * wave * 0.1
        left[where] += 0.12 * np.sin(2 * np.pi * root / 2 * t[where])
        right[where] += 0.12 * np.sin(2 * np.pi * root / 2 * t[where])
    if rng.random() < 0.7:
        hit = np.zeros(n.size)
        for number in range(int(seconds / beat * 2)):
            start = round(number * beat / 2 * RATE)
            k = np.arange(min(9600, n.size - start))
            if number % 4 == 0:
                hit[start: start + k.size] += 0.8 * np.exp(-k / 1500) * np.sin(
                    2 * np.pi * (50 + 80 * np.exp(-k / 600)) * k / RATE)
            elif number % 4 == 2:
                hit[start: start + k.size] += rng.standard_normal(k.size) * np.exp(-k / 900) * 0.4
            hit[start: start + k.size] += rng.standard_normal(k.size) * np.exp(-k / 200) * 0.1
        left, right = left + hit, right + hit
    drive = rng.choice([1.0, 1.0, 3.0])
    return np.tanh(drive * np.stack([left, right], axis=1)).astype(np.float32)


def effects(seconds: float, rng: np.random.Generator) -> np.ndarray:
    """Doors, slaps, glass and whooshes at random places: (n, 2)."""
    out = np.zeros((round(seconds * RATE), 2), np.float32)
    for _ in range(rng.integers(1, 2 + round(seconds / 5))):
        k = np.arange(RATE)
        noise = rng.standard_normal(k.size)
        sound = {
            "door": lambda k=k, x=noise: band(x, 60, 900) * np.exp(-k / 3000) * 2.0,
            "slap": lambda k=k, x=noise: band(x, 800, 6000) * np.exp(-k / 500) * 1.5,
            "glass": lambda k=k, x=noise: band(x, 3000, 14000) * np.exp(-k / 2500),
            "whoosh": lambda k=k, x=noise: band(x, 200, 3000) * np.hanning(k.size),
        }[rng.choice(["door", "slap", "glass", "whoosh"])]()
        start = int(rng.integers(0, out.shape[0] - k.size))
        pan = rng.uniform(0.2, 0.8)
        level = 10 ** (rng.uniform(-24, 0) / 20)
        out[start: start + k.size] += (sound[:, None] * level * np.array([1 - pan, pan])).astype(
            np.float32)
    return out


def episode(seed: int, seconds: float) -> tuple[MixPlan, dict[str, np.ndarray], str]:
    """(a plan, the sound its clips name, what kind it is)."""
    rng = np.random.default_rng(seed)
    kind = tuple(LEVELS)[seed % len(LEVELS)]
    base = LEVELS[kind][0]
    spoken = dialogue(seconds, rng, kind)
    score = music(seconds, rng)
    over = base + rng.uniform(-14, 0) - integrated(step_energies(score))
    score *= np.float32(10 ** (over / 20))
    hits = effects(seconds, rng) * np.float32(10 ** ((base + 20) / 20))
    sounds = {"dx": spoken[:, None], "mx": score, "fx": hits}
    samples = spoken.size
    buses = tuple(Bus(name.upper(), (MixClip(name, name, 0, RATE, Fraction(0), 0, samples),))
                  for name in sounds)
    return MixPlan(Fraction(25), samples * 25 // RATE, samples, buses), sounds, kind


def reader(sounds: dict[str, np.ndarray]):
    """What `mixdown` reads clips with."""
    def read(path: Path, stream: int, start: int, length: int) -> np.ndarray:
        whole = sounds[path.name]
        out = np.zeros((length, whole.shape[1]), np.float32)
        low, high = max(0, start), min(start + length, whole.shape[0])
        if low < high:
            out[low - start: high - start] = whole[low:high]
        return out
    return read
