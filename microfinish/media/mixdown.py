"""From a mix plan to sound: stems and their sum, float32, every clip at its sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

import numpy as np
from scipy.signal import oaconvolve

from microfinish.core.mix import (
    DIALOGUE,
    MUSIC,
    PRINT,
    PRINTED_BUS,
    STEM_OF,
    Bus,
    Dip,
    MixClip,
    MixPlan,
)
from microfinish.media.cleanup import HANDLE_SECONDS, treated
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
    clean = {STEM_OF.get(bus.name, bus.name): np.zeros((plan.samples, 2), dtype=np.float32)
             for bus in plan.buses}
    held: dict[str, Samples] = {}  # cues that ask not to be ducked
    for bus in plan.buses:
        for clip in bus.clips:
            kept = bus.name == MUSIC and not clip.duck
            stem = STEM_OF.get(bus.name, bus.name)
            into = held.setdefault(stem, np.zeros_like(clean[stem])) if kept else clean[stem]
            _place(clip, into, root, read)
        if bus.name == DIALOGUE:  # the first bus: what is spoken over it is laid after
            _dip(clean[DIALOGUE], plan.dips)
    _lay_prints(plan, root, clean, held)
    stems = dict(clean)
    if plan.bus(MUSIC).clips and DIALOGUE in clean:
        stems[MUSIC] = _ducked(clean[MUSIC], clean[DIALOGUE], plan)
    for name, extra in held.items():
        stems[name], clean[name] = stems[name] + extra, clean[name] + extra
    total = np.zeros((plan.samples, 2), dtype=np.float32)
    for sound in stems.values():
        total += sound
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
    """One bus alone, its clips cleaned, without dips or ducking: float32 (samples, 2)."""
    out = np.zeros((samples, 2), dtype=np.float32)
    for clip in bus.clips:
        _place(clip, out, root, read)
    return out


def _dip(dialogue: Samples, dips: tuple[Dip, ...]) -> None:
    """Take production dialogue down where it was spoken again; overlapping dips do not add up."""
    if not dips:
        return
    gain = np.ones(dialogue.shape[0], dtype=np.float32)
    for dip in dips:
        floor = np.float32(10 ** (dip.gain_db / 20) if dip.gain_db > -120 else 0.0)
        down = 1 - (1 - floor) * _rise(max(1, dip.fade))
        curve = np.concatenate((down, np.full(dip.end - dip.start, floor, np.float32), down[::-1]))
        first = dip.start - down.size
        place = slice(max(0, first), max(0, min(gain.size, first + curve.size)))
        gain[place] = np.minimum(gain[place], curve[place.start - first: place.stop - first])
    dialogue *= gain[:, None]


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
    what = clip.treatment
    if not what.sounds_same:
        padding += ceil(HANDLE_SECONDS * clip.sample_rate)
    first = floor(clip.source_start) - padding
    length = ceil(clip.length * per_sample) + 2 * padding + 1
    source = stereo(read(root / clip.source, clip.stream, first, length), clip.channels)
    if not what.sounds_same:
        start, count = what.room
        tone = stereo(read(root / clip.source, clip.stream, start, count), clip.channels)
        source = treated(source, clip.sample_rate, what, tone)
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
    gain_db = clip.gain_db + clip.treatment.level_db
    gain = np.full(clip.length, 10 ** (gain_db / 20), dtype=np.float32)
    shape = (lambda samples: np.sqrt(_rise(samples))) if clip.even else _rise
    if clip.fade_in:
        gain[: clip.fade_in] *= shape(clip.fade_in)
    if clip.fade_out:
        gain[clip.length - clip.fade_out:] *= shape(clip.fade_out)[::-1]
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
