"""From a mix plan to sound: stems and their sum, float32, every clip at its sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

import numpy as np
from scipy.signal import butter, iirnotch, oaconvolve, sosfilt, tf2sos

from microfinish.core.mix import (
    DIALOGUE,
    MUSIC,
    PRINT,
    PRINTED_BUS,
    Bus,
    Cleanup,
    MixClip,
    MixPlan,
)
from microfinish.media.dynamics import duck_curve, step_gain
from microfinish.media.loudness import Samples, step_energies
from microfinish.media.printed import conformed
from microfinish.media.sound import RATE, read_range, resampled, stereo

Read = Callable[[Path, int, int, int], Samples]
_PADDING = 256
_SINC_HALF = 32
_WHOLE = 1e-3


@dataclass(frozen=True, slots=True)
class Mix:
    """`stems` by bus name, ducked as they sound in the mix; they sum to `mix`. A printed mix is a
    stem of its own. `clean` are the same before ducking, for dubs. All float32 (samples, 2) at
    48 kHz, headroom unlimited."""

    stems: dict[str, Samples]
    mix: Samples
    clean: dict[str, Samples]


def mixdown(plan: MixPlan, root: Path, read: Read = read_range) -> Mix:
    """The plan's sound. `read(path, stream, start, length)` gives source samples at their rate.

    The same plan and files give the same samples. Raises InputError where a file is gone.
    """
    clean = {bus.name: np.zeros((plan.samples, 2), dtype=np.float32) for bus in plan.buses}
    held: dict[str, Samples] = {}  # cues that ask not to be ducked
    for bus in plan.buses:
        for clip in bus.clips:
            kept = bus.name == MUSIC and not clip.duck
            into = held.setdefault(bus.name, np.zeros_like(clean[bus.name])) if kept else (
                clean[bus.name])
            _place(clip, into, root, read)
    if DIALOGUE in clean:
        clean[DIALOGUE] = cleaned(clean[DIALOGUE], plan.cleanup)
    _lay_prints(plan, root, clean, held)
    stems = dict(clean)
    if plan.bus(MUSIC).clips and DIALOGUE in clean:
        stems[MUSIC] = _ducked(clean[MUSIC], clean[DIALOGUE], plan)
    for name, extra in held.items():
        stems[name], clean[name] = stems[name] + extra, clean[name] + extra
    total = np.zeros((plan.samples, 2), dtype=np.float32)
    for stem in stems.values():
        total += stem
    return Mix(stems, total, clean)


def _lay_prints(plan: MixPlan, root: Path, clean: dict[str, Samples],
                held: dict[str, Samples]) -> None:
    """Put printed sound in the place of its stem; what that would play fills its gaps. A printed
    music stem was ducked where it was mixed."""
    for stem in plan.printed:
        laid = conformed(stem, plan.samples, root)
        bus = PRINTED_BUS[stem.role]
        for buses in (clean, held):
            for name in buses if bus == PRINT else buses.keys() & {bus}:
                buses[name] = buses[name] * laid.rest[:, None]
        into = held if bus == MUSIC else clean
        into[bus] = into[bus] + laid.sound if bus in into else laid.sound


def render_bus(bus: Bus, samples: int, root: Path, read: Read = read_range) -> Samples:
    """One bus alone, without cleanup or ducking: float32 (samples, 2)."""
    out = np.zeros((samples, 2), dtype=np.float32)
    for clip in bus.clips:
        _place(clip, out, root, read)
    return out


def cleaned(dialogue: Samples, cleanup: Cleanup) -> Samples:
    """Dialogue without what is below the voice, and without hum where the preset names one."""
    sections = []
    if cleanup.highpass_hz:
        sections.append(butter(2, cleanup.highpass_hz, "highpass", fs=RATE, output="sos"))
    if cleanup.hum_hz:
        sections += [tf2sos(*iirnotch(cleanup.hum_hz * harmonic, 30.0, fs=RATE))
                     for harmonic in (1, 2, 3, 4)]
    if not sections:
        return dialogue
    signal = dialogue.astype(np.float64)
    signal[::2] += 1e-12  # keeps silence out of denormal numbers: -240 dB, at 24 kHz
    out: Samples = sosfilt(np.concatenate(sections), signal, axis=0).astype(np.float32)
    return out


def _ducked(music: Samples, dialogue: Samples, plan: MixPlan) -> Samples:
    curve = duck_curve(step_energies(dialogue), step_energies(music), plan.ducking)
    if not curve.any():
        return music
    out: Samples = music * step_gain(curve, music.shape[0])[:, None]
    return out


def _place(clip: MixClip, into: Samples, root: Path, read: Read) -> None:
    """Add a clip to a bus. What falls outside the programme is left out."""
    start, end = max(0, clip.start), min(into.shape[0], clip.end)
    if start >= end:
        return
    sound = clip_samples(clip, root, read)
    into[start:end] += sound[start - clip.start: end - clip.start]


def clip_samples(clip: MixClip, root: Path, read: Read = read_range) -> Samples:
    """The clip's own `length` samples, stereo at 48 kHz, with its gain and fades."""
    pace = clip.sample_rate * clip.speed * (1 + Fraction(clip.drift_ppm) / 1_000_000)
    per_sample = pace / RATE
    padding = _PADDING if pace == RATE else _PADDING * max(1, ceil(per_sample))
    first = floor(clip.source_start) - padding
    length = ceil(clip.length * per_sample) + 2 * padding + 1
    source = stereo(read(root / clip.source, clip.stream, first, length), clip.channels)
    at_rate = resampled(source, pace)
    position = (clip.source_start - first) / per_sample
    whole = floor(position)
    delayed = _advanced(at_rate, float(position - whole))
    out = np.zeros((clip.length, 2), dtype=np.float32)
    part = delayed[whole: whole + clip.length]
    out[: part.shape[0]] = part
    out *= _envelope(clip)[:, None]
    return out


def _envelope(clip: MixClip) -> Samples:
    gain = np.full(clip.length, 10 ** (clip.gain_db / 20), dtype=np.float32)
    if clip.fade_in:
        gain[: clip.fade_in] *= _rise(clip.fade_in)
    if clip.fade_out:
        gain[clip.length - clip.fade_out:] *= _rise(clip.fade_out)[::-1]
    return gain


def _rise(samples: int) -> Samples:
    # A raised cosine taken between the samples: forwards and backwards sum to exactly 1.
    rise = (1 - np.cos(np.pi * (np.arange(samples) + 0.5) / samples)) / 2
    return rise.astype(np.float32)


def _advanced(samples: Samples, fraction: float) -> Samples:
    """`samples` read `fraction` (0..1) of a sample later: a 64-tap Kaiser-windowed sinc."""
    if fraction < _WHOLE:
        return samples
    if fraction > 1 - _WHOLE:
        return np.concatenate((samples[1:], np.zeros((1, samples.shape[1]), np.float32)))
    taps = np.arange(-_SINC_HALF + 1, _SINC_HALF + 1) - fraction
    window = np.i0(9.0 * np.sqrt(np.maximum(0.0, 1 - (taps / _SINC_HALF) ** 2))) / np.i0(9.0)
    kernel = np.sinc(taps) * window
    kernel /= kernel.sum()
    moved = oaconvolve(samples, kernel[::-1, None].astype(np.float32), mode="full", axes=0)
    out: Samples = moved[_SINC_HALF: _SINC_HALF + samples.shape[0]].astype(np.float32)
    return out
