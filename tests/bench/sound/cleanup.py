"""A noisy, hummy, clipped, clicking production track, before and after cleanup, held to the clean
voice that it was made of; and what is done to that clean voice.

    python tests/bench/sound/cleanup.py [SPEECH.wav ...]

Speech comes from espeak-ng where it is installed, or from the files given.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.signal import butter, resample_poly, sosfilt

from microfinish.core.cleanup import Cleanup
from microfinish.media.cleanup import judged, room_samples, treated
from microfinish.media.cleanup_noise import hum_level_db
from microfinish.media.sound import read_all, read_stereo, stereo
from microfinish.media.wave import write_wave

RATE = 48_000
ALL = Cleanup("all", hum=True, declip=True, declick=True, denoise_db=12, deess_db=6)
TEXT = ("I told you not to come back here. You said she was gone! Listen to me, just this once. "
        "The ship leaves at six, and somebody in this house has the other key. Who is it? ")


def spoken(voice: str, pitch: int) -> np.ndarray:
    """espeak-ng's voice at 48 kHz, RMS -23 dBFS while it speaks: float64 (n,)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-p", str(pitch), "-s", "150", "-g", "6",
                        "-w", str(path), TEXT * 2], check=True)
        said, rate = read_all(path)
    sound = resample_poly(said[:, 0].astype(np.float64), RATE, rate)
    loud = np.abs(sound) > 0.05 * np.abs(sound).max()
    return sound * 10 ** (-20 / 20) / np.sqrt(np.mean(sound[loud] ** 2))


def damaged(voice: np.ndarray, seed: int, noise_db: float, hum: float, clip: bool, click: bool
            ) -> np.ndarray:
    """The voice with room noise at `noise_db` (dBFS), hum and its harmonics, clicks, and flat
    peaks at 60 % of the highest."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(voice.size) / RATE
    room = sosfilt(butter(1, 1500, fs=RATE, output="sos"), rng.standard_normal(voice.size))
    out = voice + room / np.std(room) * 10 ** (noise_db / 20)
    for k, level in ((1, 0.01), (2, 0.006), (3, 0.008), (4, 0.002)) if hum else ():
        out += level * np.sin(2 * np.pi * hum * k * time_s + k)
    if click:
        for at in rng.integers(RATE, voice.size - RATE, 20):
            out[at: at + 3] += np.array([0.5, -0.4, 0.2]) * rng.choice((-1, 1))
    if clip:
        level = 0.6 * np.abs(out).max()
        out = np.clip(out, -level, level)
    return out


def snr(clean: np.ndarray, heard: np.ndarray) -> float:
    """The part of `heard` that is the clean voice over all else, in dB (scale invariant)."""
    share = float(np.dot(clean, heard) / np.dot(clean, clean)) * clean
    return 10 * np.log10(np.sum(share ** 2) / (np.sum((heard - share) ** 2) + 1e-20))


def cleaned(sound: np.ndarray, allowed: Cleanup) -> tuple[np.ndarray, object]:
    """The whole track as one clip."""
    both = np.repeat(sound[:, None], 2, axis=1).astype(np.float32)
    (verdict,) = judged(both, RATE, 0, [(0, sound.size)], allowed)
    out = treated(both, RATE, verdict.done, room_samples(both, verdict.done, 0))
    return out[:, 0].astype(np.float64), verdict


def afftdn(sound: np.ndarray, depth_db: float) -> np.ndarray:
    """ffmpeg's denoiser, told to track the noise, for comparison."""
    from microfinish.media.ffmpeg import ffmpeg_exe

    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "in.wav", Path(folder) / "out.wav"
        write_wave(np.repeat(sound[:, None], 2, axis=1).astype(np.float32), source, RATE)
        subprocess.run([ffmpeg_exe(), "-v", "error", "-i", str(source), "-af",
                        f"afftdn=nr={depth_db}:tn=1", "-c:a", "pcm_f32le", str(out)], check=True)
        heard = read_all(out)[0][: sound.size, 0].astype(np.float64)
    spectrum = np.fft.irfft(np.fft.rfft(heard) * np.conj(np.fft.rfft(sound)))
    return np.roll(heard, -int(np.argmax(spectrum)))  # it delays what it filters


def main() -> None:
    voices = {Path(name).stem: stereo(read_stereo(Path(name)))[: 30 * RATE, 0].astype(np.float64)
              for name in sys.argv[1:]}
    voices = voices or {"en, low": spoken("en", 30), "en+f3": spoken("en+f3", 60)}
    print(f"{'voice':10}{'damage':26}{'SNR in':>8}{'out':>7}{'room':>9}{'after':>8}{'hum':>7}"
          f"{'after':>7}{'clicks':>8}{'after':>6}{'flat':>6}{'after':>6}{'voice':>7}{'CPU s':>7}")
    for name, voice in voices.items():
        for label, noise, hum, clip, click in (
                ("clean", -90, 0, False, False), ("noise -45", -45, 0, False, False),
                ("noise -38", -38, 0, False, False), ("hum 50", -75, 50, False, False),
                ("hum 60", -75, 60, False, False), ("clipped", -75, 0, True, False),
                ("clicks", -75, 0, False, True), ("all of it", -45, 50, True, True)):
            bad = damaged(voice, 1, noise, hum, clip, click) if label != "clean" else voice
            begun = time.process_time()
            good, verdict = cleaned(bad, ALL)
            cost = time.process_time() - begun
            same = np.array_equal(good, bad.astype(np.float32))
            before, after, done = verdict.before, verdict.after, verdict.done
            loss = (after.voice_dbfs or 0) - (before.voice_dbfs or 0)
            lines = done.notches_hz or (50.0, 60.0, 100.0)
            print(f"{name:10.9}{label + (' (untouched)' if same else ''):26}"
                  f"{min(99, snr(voice, bad)):8.1f}{min(99, snr(voice, good)):7.1f}"
                  f"{before.room_lufs or -99:9.1f}{after.room_lufs or -99:8.1f}"
                  f"{hum_level_db(bad, RATE, lines) or 0:7.1f}"
                  f"{hum_level_db(good, RATE, lines) or 0:7.1f}"
                  f"{before.clicks:8}{after.clicks:6}{before.clipped:6}{after.clipped:6}"
                  f"{loss:+7.2f}{cost:7.2f}")
            if label.startswith("noise"):
                other = afftdn(bad, done.denoise_db or 12)
                print(f"{'':10}{'  afftdn, same depth':26}{'':8}{snr(voice, other):7.1f}")
    budget(next(iter(voices.values())))


def budget(voice: np.ndarray) -> None:
    """CPU of 90 s of one take in 30 clips: measured, and treated as a mixdown does."""
    take = np.resize(voice, 90 * RATE)
    for label, sound in (("clean", take), ("all of it", damaged(take, 1, -45, 50, True, True))):
        both = np.repeat(sound[:, None], 2, axis=1).astype(np.float32)
        clips = [(k * 3 * RATE, (k + 1) * 3 * RATE) for k in range(30)]
        begun = time.process_time()
        verdicts = judged(both, RATE, 0, clips, ALL)
        measured = time.process_time()
        for (start, end), verdict in zip(clips, verdicts, strict=True):
            tone = room_samples(both, verdict.done, 0)
            treated(both[max(0, start - RATE // 2): end + RATE // 2], RATE, verdict.done, tone)
        print(f"90 s in 30 clips, {label}: measured once in {measured - begun:.2f} s of CPU, "
              f"treated in {time.process_time() - measured:.2f} s")


if __name__ == "__main__":
    main()
