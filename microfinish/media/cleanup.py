"""Cleanup of dialogue: measures what a clip suffers from, does what was decided, measures again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import log10
from typing import Any

import numpy as np
from scipy.signal import butter, sosfilt

from microfinish.core.cleanup import ROOM_MARGIN_DB, Cleanup, Figures, Treatment, proposed
from microfinish.media.cleanup_damage import clicks, clipped_runs, declicked, declipped
from microfinish.media.cleanup_noise import (
    MAINS,
    denoised,
    hum_level_db,
    hum_lines,
    notched,
    room_tone,
)
from microfinish.media.cleanup_sibilance import SIBILANT_HZ, VOICE_HZ, band_steps, deessed
from microfinish.media.dynamics import Flags, speech_windows
from microfinish.media.interpolation import Signal
from microfinish.media.loudness import Energies, Samples, step_energies

CLEANUP_VERSION = 1
"""Raise when the same sound would now be measured or treated otherwise."""
HANDLE_SECONDS = 0.5
"""What is treated beside a clip, so that its filters have settled where it starts."""
AROUND_SECONDS = 6.0
"""How far beside a clip room tone and hum are looked for in its file."""

Room = tuple[int, int]
Processor = Callable[[Samples, int, dict[str, Any]], Samples]


@dataclass(frozen=True, slots=True)
class Judged:
    """A clip as measured, what is to be done, and what it then measures."""

    before: Figures
    after: Figures
    done: Treatment
    room: Room | None
    notes: tuple[str, ...] = ()


def judged(sound: Samples, rate: int, first: int, clips: Sequence[tuple[int, int]],
           allowed: Cleanup) -> list[Judged]:
    """What is to be done to each of `clips`, (start, end) in samples of one file.

    `sound` is float32 (n, 2), the stretch of that file from sample `first` that holds them all
    and some seconds around them; hum is looked for in all of it.
    """
    mono = _mono(sound)
    mains = (allowed.hum_hz,) if allowed.hum_hz else MAINS if allowed.hum else ()
    lines, over = hum_lines(mono, rate, allowed.hum_over_db, mains) if mains else ((), 0.0)
    # noise is judged without the hum, which has its own tool
    bare = notched(mono, rate, lines) if lines else mono
    energies = step_energies(bare[:, None].astype(np.float32), rate)
    heard = [_heard(sound, mono, bare, energies, slice(max(0, start - first), max(0, end - first)),
                    rate, first, over or None, allowed) for start, end in clips]
    wanted = [proposed(clip.bare, lines, clip.samples, allowed) for clip in heard]
    # one take, one depth: or its room would be heard to change at every cut
    deepest = max((what.denoise_db for what in wanted), default=0.0)
    for index, clip in enumerate(heard):
        if deepest and clip.samples and (clip.bare.snr_db or 0.0) >= ROOM_MARGIN_DB:
            wanted[index] = replace(wanted[index], denoise_db=deepest, room=clip.samples)
    return [_judged(sound, rate, first, clip, what, allowed)
            for clip, what in zip(heard, wanted, strict=True)]


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a clip measures as it is, and (`bare`) without hum; `room` in 10 ms steps of the
    stretch, `samples` the same in samples of the file."""

    part: slice
    before: Figures
    bare: Figures
    room: Room | None
    samples: Room | None
    spoken: Flags


def _heard(sound: Samples, mono: Signal, bare: Signal, energies: Energies, part: slice, rate: int,
           first: int, over: float | None, allowed: Cleanup) -> _Heard:
    room = _room_beside(energies, part, rate)
    width = rate // 100
    spoken = speech_windows(energies[part.start // width: max(part.start, part.stop) // width])
    tone = slice(room[0] * width, room[1] * width) if room else slice(0, 0)
    before = _figures(sound[part], mono[part], rate, mono[tone] if room else None, over, allowed,
                      spoken)
    alone = before if bare is mono else _figures(
        sound[part], bare[part], rate, bare[tone] if room else None, over, Cleanup(), spoken)
    alone = replace(alone, clipped=before.clipped, clicks=before.clicks)
    samples = (first + tone.start, tone.stop - tone.start) if room else None
    return _Heard(part, before, alone, room, samples, spoken)


def _judged(sound: Samples, rate: int, first: int, clip: _Heard, wanted: Treatment,
            allowed: Cleanup) -> Judged:
    before, samples, spoken, part, room = (
        clip.before, clip.samples, clip.spoken, clip.part, clip.room)
    notes: tuple[str, ...] = ()
    if wanted.sounds_same:
        return Judged(before, before, wanted, samples, notes)
    while True:
        after = _after(sound, part, rate, first, room, wanted, spoken)
        loss = (clip.bare.voice_dbfs - after.voice_dbfs
                if clip.bare.voice_dbfs is not None and after.voice_dbfs is not None else 0.0)
        if loss <= allowed.max_loss_db or not (wanted.denoise_db or wanted.deess_db):
            return Judged(before, after, wanted, samples, notes)
        if wanted.denoise_db > 2:
            wanted = replace(wanted, denoise_db=round(wanted.denoise_db / 2, 1))
            notes = (f"denoise held to {wanted.denoise_db:g} dB: more took {loss:.1f} dB off the "
                     "voice",)
        else:
            wanted = replace(wanted, denoise_db=0.0, room=(0, 0), deess_db=0.0)
            notes = (f"not denoised: it took {loss:.1f} dB off the voice",)


def _after(sound: Samples, part: slice, rate: int, first: int, room: Room | None,
           wanted: Treatment, spoken: Flags) -> Figures:
    handle = round(HANDLE_SECONDS * rate)
    begin = max(0, part.start - handle)
    tone = room_samples(sound, wanted, first)
    clean = treated(sound[begin: part.stop + handle], rate, replace(wanted, level_db=0.0), tone)
    clip = clean[part.start - begin: part.start - begin + part.stop - part.start]
    quiet: Signal | None = None
    width = rate // 100
    if room and begin <= room[0] * width and room[1] * width <= begin + clean.shape[0]:
        quiet = _mono(clean)[room[0] * width - begin: room[1] * width - begin]
    elif room:
        low = max(0, room[0] * width - handle)
        both = treated(sound[low: room[1] * width + handle], rate, wanted, tone)
        quiet = _mono(both)[room[0] * width - low: room[1] * width - low]
    over = hum_level_db(_mono(clean), rate, wanted.notches_hz)
    return _figures(clip, _mono(clip), rate, quiet, over,
                    Cleanup(declip=wanted.declip, declick=wanted.declick), spoken)


def treated(sound: Samples, rate: int, what: Treatment, room: Samples | None = None) -> Samples:
    """`sound` (n, 2) with all that `what` asks for but its gain: same length, same place.

    `room` is the room tone that `what.room` names. Two equal channels are treated as one.
    """
    if what.sounds_same or not sound.size:
        return sound
    same = np.array_equal(sound[:, 0], sound[:, 1])
    channels = [_treated(sound[:, k].astype(np.float64), rate, what,
                         None if room is None else room[:, k].astype(np.float64))
                for k in range(1 if same else 2)]
    out = np.stack(channels * 2 if same else channels, axis=1).astype(np.float32)
    for tool in what.external:
        from microfinish.media.processors import processed

        out = processed(out, rate, tool)
    return out


def _treated(signal: Signal, rate: int, what: Treatment, room: Signal | None) -> Signal:
    if what.declip:  # before any filter, which would round the flat tops off
        signal = declipped(signal)
    signal = _without_tone(signal, rate, what)
    if what.denoise_db and room is not None and room.size:
        signal = denoised(signal, _without_tone(room, rate, what), rate, what.denoise_db)
    if what.deess_db:
        signal = deessed(signal, rate, what.deess_above_dbfs, what.deess_db)
    return signal


def _without_tone(signal: Signal, rate: int, what: Treatment) -> Signal:
    if what.declick:
        signal = declicked(signal, rate)
    if what.highpass_hz:
        section = butter(2, what.highpass_hz, "highpass", fs=rate, output="sos")
        signal = signal.copy()
        signal[::2] += 1e-12  # keeps silence out of denormal numbers
        signal = sosfilt(section, signal)
    return notched(signal, rate, what.notches_hz) if what.notches_hz else signal


def room_samples(sound: Samples, what: Treatment, first: int) -> Samples | None:
    """The room tone that a treatment names, out of a stretch that starts at sample `first`."""
    start, length = what.room
    return sound[max(0, start - first): max(0, start - first + length)] if length else None


def _figures(sound: Samples, mono: Signal, rate: int, room: Signal | None, hum_over: float | None,
             allowed: Cleanup, spoken: Flags) -> Figures:
    """`spoken` are the 10 ms steps whose voice is compared before and after."""
    energies = step_energies(mono[:, None].astype(np.float32), rate)
    speech = speech_windows(energies)
    seconds = float(speech.sum()) / 100
    sides = [sound[:, k].astype(np.float64)
             for k in range(1 if np.array_equal(sound[:, 0], sound[:, 1]) else 2)]
    voice, sibilance = _balance(mono, rate, spoken)
    room_energy = None if room is None else float(
        np.mean(step_energies(room[:, None].astype(np.float32), rate)[2:]))
    return Figures(
        speech_lufs=_lufs(float(energies[speech].mean())) if seconds else None,
        speech_seconds=seconds,
        room_lufs=None if room_energy is None else _lufs(room_energy),
        hum_over_db=None if hum_over is None else round(hum_over, 1),
        clipped=sum(len(clipped_runs(side)) for side in sides) if allowed.declip else 0,
        clicks=sum(len(clicks(side, rate)) for side in sides) if allowed.declick else 0,
        voice_dbfs=voice, sibilance_db=sibilance,
    )


def _balance(mono: Signal, rate: int, speech: Flags) -> tuple[float | None, float | None]:
    """(voice band RMS in dBFS, the loudest sibilants over it in dB)."""
    voice, sharp = (band_steps(mono, rate, band) for band in (VOICE_HZ, SIBILANT_HZ))
    spoken = np.repeat(speech, 2)[: voice.size]
    if spoken.sum() < 40 or not voice[: spoken.size][spoken].any():
        return None, None
    level = float(voice[: spoken.size][spoken].mean())
    loudest = float(np.percentile(sharp[: spoken.size][spoken], 95))
    return (round(10 * log10(level + 1e-14), 2),
            round(10 * log10((loudest + 1e-14) / (level + 1e-14)), 2))


def _room_beside(energies: Energies, part: slice, rate: int) -> Room | None:
    """10 ms steps of the room tone nearest in kind: in the clip, else around it."""
    inside = slice(part.start * 100 // rate, part.stop * 100 // rate)
    reach = round(AROUND_SECONDS * 100)
    wide = slice(max(0, inside.start - reach), min(energies.size, inside.stop + reach))
    speech = speech_windows(energies[wide])
    loud = float(energies[wide][speech].mean()) if speech.any() else None
    found: list[tuple[float, int, int]] = []
    for where in (inside, wide):
        tone = room_tone(energies[where], loud)
        if tone:
            begin, end = tone[0] + where.start, tone[1] + where.start
            found.append((float(energies[begin:end].mean()), begin, end))
    if not found:
        return None
    # what stands around a clip counts only where it is clearly quieter than what is inside
    best = found[0] if found[0][0] < 2 * found[-1][0] else found[-1]
    return best[1], best[2]


def _mono(sound: Samples) -> Signal:
    mono: Signal = sound.mean(axis=1, dtype=np.float64)
    return mono


def _lufs(energy: float) -> float:
    # both sides play a mono voice: 3 dB more than its one channel measures
    return round(-0.691 + 10 * log10(2 * energy + 1e-14), 2)
