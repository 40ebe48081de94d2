"""What sync promises, measured: precision, drift, refusals and processor time. Run by hand.

    python tests/bench/sync/run.py [--pairs 200]

Prints one row per promise. Recordings are synthetic speech in a room's noise; with
MICROFINISH_TESTDATA set, the BBC pair and recorder files are measured too. Takes two minutes.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import soxr
from scipy.signal import butter, sosfilt

from microfinish.core.time import format_timecode
from microfinish.media.bwf import read_bwf
from microfinish.media.sound import read_all
from microfinish.media.voice import listen
from microfinish.media.waveform_sync import find_offset, find_voice

RATE = 48_000
BAND = butter(2, [120, 4000], "bandpass", fs=RATE, output="sos")


def speech(seconds: float, seed: int, rate: int = RATE) -> np.ndarray:
    """Noise in the voice band under syllable-like levels, with pauses: nothing in it repeats."""
    rng = np.random.default_rng(seed)
    count = int(seconds * rate)
    knots = np.arange(0, seconds + 1, 0.09)
    level = np.interp(np.arange(count) / rate, knots, rng.random(knots.size) ** 3)
    sound = sosfilt(butter(2, [120, min(4000, rate * 0.45)], "bandpass", fs=rate, output="sos"),
                    rng.standard_normal(count).astype(np.float32))
    return (sound * level * 0.4).astype(np.float32)


def noisy(sound: np.ndarray, snr_db: float, seed: int) -> np.ndarray:
    """With noise of the voice band, where it hurts, at that ratio."""
    noise = sosfilt(BAND, np.random.default_rng(seed).standard_normal(sound.size))
    wanted = np.sqrt(np.mean(sound ** 2)) * 10 ** (-snr_db / 20)
    return (sound + noise * (wanted / np.sqrt(np.mean(noise ** 2)))).astype(np.float32)


def at_37_123(recording: np.ndarray, seconds: float = 30) -> tuple[str, str, bool]:
    start = round(37.123 * RATE)
    found = find_offset(noisy(recording[start: start + round(seconds * RATE)], 0, 5), recording)
    error = (float(found.seconds) - start / RATE) * 1000
    return (f"{error:+.4f} ms, confidence {found.confidence:.2f}", "±0.05 ms",
            found.accepted and abs(error) <= 0.05)


def drift(recording: np.ndarray, ppm: float, seconds: float) -> tuple[str, str, bool]:
    """A camera whose clock is slow by `ppm` against the recorder's."""
    camera = soxr.resample(recording[: round((seconds + 45) * RATE)], RATE * (1 + ppm * 1e-6),
                           RATE, "VHQ")[round(37.123 * RATE):][: round(seconds * RATE)]
    found = find_offset(noisy(camera, 0, 6), recording)
    start = float(found.seconds) - round(37.123 * RATE) / RATE * (1 + ppm * 1e-6)
    end = start + seconds * (found.drift_ppm - ppm) * 1e-6
    return (f"{found.drift_ppm:+.3f} ppm, {start * 1e3:+.4f} ms at start, {end * 1e3:+.4f} at end",
            f"{ppm:+g} ±0.5 ppm", found.accepted and abs(found.drift_ppm - ppm) <= 0.5)


def unrelated(pairs: int) -> tuple[str, str, bool]:
    accepted = 0
    worst = 0.0
    recorders = [listen(speech(600, 10_000 + seed, 8_000), 8_000) for seed in range(4)]
    for seed in range(pairs):
        seconds = (2, 5, 10, 30, 60)[seed % 5]
        found = find_voice(listen(speech(seconds, seed, 8_000), 8_000), recorders[seed % 4])
        accepted += found.accepted
        worst = max(worst, found.confidence)
    return f"{accepted} of {pairs} accepted, highest confidence {worst:.2f}", "0", accepted == 0


def cost(recording: np.ndarray) -> tuple[str, str, bool]:
    """Processor time per clip of one minute, recording heard once for ten clips."""
    clips = [noisy(recording[n * 40 * RATE: (n * 40 + 60) * RATE], 0, n) for n in range(10)]
    began = time.process_time()
    recorder = listen(recording, RATE)
    heard = time.process_time() - began
    right = 0
    for index, clip in enumerate(clips):
        right += abs(float(find_voice(listen(clip, RATE), recorder).seconds) - index * 40) < 1e-4
    spent = (time.process_time() - began) / len(clips)
    return (f"{spent:.2f} s per clip ({heard:.2f} s to hear the recording), {right}/10 right",
            "<= 1.5 s", spent <= 1.5 and right == 10)


def refusal_cost(recording: np.ndarray) -> tuple[str, str, bool]:
    recorder = listen(recording, RATE)
    find_voice(listen(speech(60, 77), RATE), recorder)
    began = time.process_time()
    found = find_voice(listen(speech(60, 78), RATE), recorder)
    spent = time.process_time() - began
    return f"{spent:.2f} s to refuse", "<= 1.5 s", spent <= 1.5 and not found.accepted


def bbc(folder: Path) -> tuple[str, str, bool]:
    (first, rate), (second, _) = (read_all(folder / f"bbc_timbl_{n}.mp3") for n in (1, 2))
    found = find_offset(second, first, rate)
    return (f"{float(found.seconds):.5f} s, confidence {found.confidence:.2f}", "12.254 ±0.001 s",
            found.accepted and abs(float(found.seconds) - 12.254) <= 0.001)


def recorder_timecode(path: Path, label: str) -> tuple[str, str, bool]:
    wave = read_bwf(path)
    assert wave is not None and wave.time_reference is not None and wave.timecode_rate
    frames = round(Fraction(wave.time_reference, wave.clock_rate or RATE) * wave.timecode_rate)
    shown = format_timecode(frames, wave.timecode_rate, wave.drop)
    return shown, label, shown == label


def main() -> int:
    pairs = int(sys.argv[sys.argv.index("--pairs") + 1]) if "--pairs" in sys.argv else 200
    recording = speech(600, 1)
    rows: list[tuple[str, Callable[[], tuple[str, str, bool]]]] = [
        ("37.123 s into 10 min, 30 s clip at 0 dB", lambda: at_37_123(recording)),
        ("the same, 10 s clip", lambda: at_37_123(recording, 10)),
        ("50 ppm over 60 s at 0 dB", lambda: drift(recording, 50, 60)),
        ("50 ppm over 10 min at 0 dB", lambda: drift(recording, 50, 550)),
        ("-120 ppm over 5 min at 0 dB", lambda: drift(recording, -120, 300)),
        (f"{pairs} unrelated pairs, 10 min each", lambda: unrelated(pairs)),
        ("processor time per minute's clip", lambda: cost(recording)),
        ("processor time of a refusal", lambda: refusal_cost(recording)),
    ]
    if data := os.environ.get("MICROFINISH_TESTDATA"):
        folder = Path(data) / "audio"
        rows += [("bbc_timbl_2 in bbc_timbl_1", lambda: bbc(folder))]
        rows += [(name, lambda name=name, label=label: recorder_timecode(folder / name, label))
                 for name, label in (("sd_A101_1.wav", "12:39:59:00"),
                                     ("sd_A101_2.wav", "12:40:04:00"),
                                     ("zoomF8_Tr1.wav", "22:40:10:00"))]
    passed = True
    print(f"{'what':<42}{'measured':<62}{'wanted':<18}ok")
    for name, measure in rows:
        measured, wanted, good = measure()
        passed &= good
        print(f"{name:<42}{measured:<62}{wanted:<18}{'yes' if good else 'NO'}", flush=True)
    return 0 if passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
