"""From a mix to the encoded soundtrack: loud as asked, measured on what a viewer decodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf, isinf
from pathlib import Path

import numpy as np
from scipy.ndimage import maximum_filter1d

from microfinish.core.deliver import SoundSpec
from microfinish.core.errors import ToolError
from microfinish.core.finding import Finding
from microfinish.media.aac import PRIMING, decode_adts, encode_adts, trim_adts
from microfinish.media.aac_mend import mend
from microfinish.media.dialogue_level import ENOUGH_SPEECH, DialogueLevel, dialogue_level
from microfinish.media.dynamics import glue_curve, grid_power
from microfinish.media.limiter import GRID, Curve, apply_curve, grid_peaks, limit_curve
from microfinish.media.loudness import (
    Energies,
    Loudness,
    Samples,
    integrated,
    measure,
    step_energies,
)
from microfinish.media.wave import write_wave

Level = Callable[[Energies], float]
"""The loudness in LUFS that is brought to the target, of `step_energies`."""

MAX_PASSES = 4
STEADY_AFTER = 2
"""Passes with the two-loop coder; where it keeps overshooting, the steadier one takes over."""
MAX_GAIN_DB = 30.0
_ENOUGH_LU = (0.08, 0.08, 0.1)
"""How near a pass must come; the last one may use all of the platform's tolerance."""
HEAD_SAMPLES = 2 * PRIMING
"""The first AAC frame overshoots by up to 2 dB when sound starts at once. The encoder never sees
the first 1024 samples; the next 1024 come in on a slope."""
_CODEC_EFFECT = {"aac": ((160, 0.12, 0.8), (256, 0.09, 0.6), (10_000, 0.08, 0.4)),
                 "pcm_s24le": ((10_000, 0.0, 0.3),)}
"""Up to a bit rate: the loudness in LU that AAC takes, and the reserve in dB under the true-peak
limit: the middle of what 100 episodes of speech, music and effects lost (tests/bench/sound), of
which 0.06 LU to either side is left. Only the first guess: the loop measures. PCM has a
reserve because meters differ by their filters: ffmpeg's reads clicks up to 0.2 dB higher."""
_AIR_DB = 0.05
_RELIEF_DB = 0.3
"""A frame that overshot by a hair overshoots by half a decibel when its neighbors change."""
_STEPS_PER_ENERGY = 480 // GRID
_AT_THE_STOP_DB = 0.05


@dataclass(frozen=True, slots=True)
class Soundtrack:
    """An encoded soundtrack and what it measures once decoded.

    `path` is ADTS for AAC (to be muxed by stream copy without an edit list) or WAV for PCM.
    """

    path: Path
    integrated_lufs: float
    true_peak_dbtp: float
    passes: int
    gain_db: float
    limiter_gain_reduction_db: float
    glue_gain_reduction_db: float
    loudness: Loudness
    findings: tuple[Finding, ...] = field(default=())
    dialogue: DialogueLevel | None = None


@dataclass(frozen=True, slots=True)
class _Take:
    """One pass of the loop: what was asked for, and what came back."""

    gain_db: float
    ceiling_dbtp: float
    reduction_db: float
    glue_db: float
    reading: Loudness
    lufs: float
    mended: bool = False

    def row(self, number: int) -> str:
        way = " (mended)" if self.mended else ""
        return (f"pass {number}{way}: gain {self.gain_db:+.2f} dB, "
                f"ceiling {self.ceiling_dbtp:.2f} dBTP, limiter {self.reduction_db:.1f} dB -> "
                f"{self.lufs:.2f} LUFS, "
                f"{self.reading.true_peak_dbtp:.2f} dBTP at "
                f"{self.reading.true_peak_at_seconds:.3f} s")


class _Press:
    """The mix, analysed once: finds the gain that lands on a loudness without touching a sample.

    Glue and limiter are gain curves, so the outcome's loudness follows from the K-weighted
    energies under the curve; only the final curve is applied to the sound.
    """

    def __init__(self, mix: Samples, target_lufs: float, level: Level) -> None:
        self.mix = mix
        self.level = level
        self.target_lufs = target_lufs
        self.peaks = grid_peaks(mix)
        self.extra_db = np.zeros(self.peaks.size)
        self.power = grid_power(mix)
        self.energies: Energies = step_energies(mix)

    def relieve(self, heard: Samples, limit_dbtp: float) -> None:
        """Ask the limiter for more wherever `heard`, the decoded sound, is over the limit.

        An AAC frame overshoots by itself: turning down that frame and its neighbors is enough,
        where a lower ceiling would cost the whole mix its loudness.
        """
        peaks = grid_peaks(heard)[: self.peaks.size]
        over = 20 * np.log10(np.maximum(peaks, 1e-9)) - limit_dbtp
        more = np.where(over > -_AIR_DB, over * 1.2 + _RELIEF_DB, 0.0)
        more = np.pad(more, (0, self.peaks.size - more.size))
        self.extra_db -= maximum_filter1d(np.maximum(more, 0.0), 2 * PRIMING // GRID + 1)

    def curve(self, gain_db: float, ceiling_dbtp: float) -> tuple[Curve, Curve, Curve]:
        """(whole gain curve, glue part, limiter part) in dB at the control step borders."""
        glue = glue_curve(self.power, gain_db, self.target_lufs, self.peaks.size)
        before = gain_db + np.maximum(glue[:-1], glue[1:])
        limited = limit_curve(self.peaks * 10 ** (before / 20), ceiling_dbtp, self.extra_db)
        return gain_db + glue + limited, glue, limited

    def predicted_lufs(self, gain_db: float, ceiling_dbtp: float) -> float:
        whole, _, _ = self.curve(gain_db, ceiling_dbtp)
        middle = 10 ** ((whole[:-1] + whole[1:]) / 20)
        steps = self.energies.size
        squares = middle[: steps * _STEPS_PER_ENERGY].reshape(steps, _STEPS_PER_ENERGY)
        return self.level(self.energies * squares.mean(axis=1))

    def gain_for(self, lufs: float, ceiling_dbtp: float) -> float:
        """The gain in dB (at most MAX_GAIN_DB) whose outcome is predicted at `lufs`."""
        gain = min(MAX_GAIN_DB, lufs - self.level(self.energies))
        slope = 0.7  # a limited decibel is worth less than one at the output
        error = lufs - self.predicted_lufs(gain, ceiling_dbtp)
        for _ in range(8):
            step = float(np.clip(gain + error / slope, -60.0, MAX_GAIN_DB)) - gain
            if abs(error) < 0.01 or step == 0.0:
                break
            gain += step
            left = lufs - self.predicted_lufs(gain, ceiling_dbtp)
            slope = float(np.clip((error - left) / step, 0.15, 1.0))
            error = left
        return gain if abs(error) < 0.05 else self._searched(lufs, ceiling_dbtp)

    def _searched(self, lufs: float, ceiling_dbtp: float) -> float:
        """The gain nearest to `lufs` by looking everywhere: with a few sparse sounds, the gates
        make loudness jump, and fall where limiting takes the only sounds that count."""
        start = float(np.clip(lufs - self.level(self.energies) - 6.0, -60.0, MAX_GAIN_DB))
        low, high = start, MAX_GAIN_DB
        for step in (1.0, 0.1, 0.02):
            gains = np.append(np.arange(low, high, step), high)
            errors = [abs(lufs - self.predicted_lufs(float(g), ceiling_dbtp)) for g in gains]
            best = float(gains[int(np.argmin(errors))])
            low, high = max(start, best - step), min(MAX_GAIN_DB, best + step)
        return best


def soundtrack(mix: Samples, spec: SoundSpec, scratch: Path, name: str = "sound",
               dialogue: Energies | None = None) -> Soundtrack:
    """Encode `mix`, float32 (n, 2) at 48 kHz, so that its decoded loudness is the spec's.

    At most four passes of gain, glue, limiting, encoding, decoding and measuring. Where only a
    few AAC frames overshoot, a pass encodes those alone (`aac_mend`).
    `dialogue` are the `step_energies` of the dialogue stem, where there is one. Writes
    `scratch/<name>.aac` or `.wav`: exactly n samples (AAC: whole frames that cover n).
    A mix too quiet to reach the target with 30 dB of gain is delivered as loud as it gets, with
    a warning finding. Raises ToolError, with a table of the passes, when the target is not met.
    """
    played = step_energies(mix)
    if isinf(integrated(played)):
        return _silent(mix, spec, scratch, name)
    headed = _slope_in(mix) if spec.codec == "aac" else mix
    level = _level(spec, played, dialogue)
    press = _Press(headed, spec.target_lufs, level)
    loss, reserve = next((loss, reserve) for below, loss, reserve in _CODEC_EFFECT[spec.codec]
                         if spec.bitrate_kbps < below)
    ceiling, aim = spec.max_true_peak_dbtp - reserve, spec.target_lufs + loss
    takes: list[_Take] = []
    path, sound, mending = scratch / name, headed, False
    for number in range(1, MAX_PASSES + 1):
        steady = number > STEADY_AFTER
        gain = takes[-1].gain_db if mending else (
            _between(takes, spec.target_lufs) or press.gain_for(aim, ceiling))
        whole, glue, limited = press.curve(gain, ceiling)
        before, sound = sound, apply_curve(headed, whole)
        mended = mending and mend(path, before, sound, spec.bitrate_kbps, scratch, steady=steady)
        if mended:
            heard = decode_adts(path)
        else:
            path, heard = _encode(sound, spec, scratch, name, steady=steady)
        reading = measure(heard)
        take = _Take(gain, ceiling, float(-limited.min()), float(-glue.min()), reading,
                     level(reading.energies), mended)
        takes.append(take)
        error = spec.target_lufs - take.lufs
        over = take.reading.true_peak_dbtp - spec.max_true_peak_dbtp
        capped = gain >= MAX_GAIN_DB - _AT_THE_STOP_DB and error > 0
        enough = _ENOUGH_LU[number - 1] if number < MAX_PASSES else spec.tolerance_lu
        loud_enough = abs(error) <= enough or capped
        if over <= 0 and loud_enough:
            return _result(path, takes, spec, capped, dialogue)
        aim += error
        if over > 0:
            press.relieve(heard, spec.max_true_peak_dbtp)
        mending = loud_enough and spec.codec == "aac"
        if over > 0 and not mending:
            # Every whole encode moves the encoder's rate control, and with it the overshoot of
            # frames far away: a little less for all as well.
            ceiling -= min(0.3, over / 2 + _AIR_DB)
    raise ToolError(
        f"the soundtrack does not reach {spec.target_lufs:g} LUFS at "
        f"{spec.max_true_peak_dbtp:g} dBTP after the encode",
        hint="its peaks leave no room: take out rumble (dialogue: {cleanup: indoor}), lower the "
             "loudest effects in mix.yaml, or choose a quieter loudness target",
        detail=tuple(take.row(number) for number, take in enumerate(takes, 1)),
    )


def _between(takes: list[_Take], target_lufs: float) -> float | None:
    """The gain between two passes that missed on either side. Where a passage lies right at the
    relative gate, loudness jumps as it falls out, and corrections by the error swing for ever."""
    if len(takes) < 2:
        return None
    (one, first), (other, second) = ((take.gain_db, take.lufs - target_lufs)
                                     for take in takes[-2:])
    if first * second >= 0 or one == other or takes[-1].mended:
        return None
    return one + (other - one) * first / (first - second)


def _encode(
    sound: Samples, spec: SoundSpec, scratch: Path, name: str, steady: bool = False
) -> tuple[Path, Samples]:
    """(the file, what it decodes to): encoded as the spec says."""
    if spec.codec == "aac":
        path = scratch / f"{name}.aac"
        encode_adts(sound[PRIMING:], spec.bitrate_kbps, path, steady=steady)
        trim_adts(path, sound.shape[0])
        return path, decode_adts(path)
    path = scratch / f"{name}.wav"
    return path, write_wave(sound, path)


def _slope_in(mix: Samples) -> Samples:
    headed = mix.copy()
    slope = np.zeros(min(HEAD_SAMPLES, mix.shape[0]), dtype=np.float32)
    rise = (1 - np.cos(np.linspace(0, np.pi, HEAD_SAMPLES - PRIMING))) / 2
    slope[PRIMING:] = rise[: max(0, slope.size - PRIMING)]
    headed[: slope.size] *= slope[:, None]
    return headed


def _level(spec: SoundSpec, played: Energies, dialogue: Energies | None) -> Level:
    """What is brought to the target: the whole programme, or its dialogue where enough is said."""
    if spec.anchor == "dialogue" and dialogue is not None and (
            dialogue_level(played, dialogue).share >= ENOUGH_SPEECH):
        return lambda energies: dialogue_level(energies, dialogue).lufs
    return integrated


def _result(path: Path, takes: list[_Take], spec: SoundSpec, capped: bool,
            dialogue: Energies | None) -> Soundtrack:
    take = takes[-1]
    spoken = None if dialogue is None else dialogue_level(take.reading.energies, dialogue)
    findings = []
    if capped:
        quiet = take.reduction_db < 6.0
        findings.append(Finding(
            "sound-level", "warning",
            "the mix is too quiet to reach the loudness target" if quiet else
            "the mix cannot reach the loudness target: its peaks or its rumble leave no room",
            measured=f"{take.lufs:.1f} LUFS",
            expected=f"{spec.target_lufs:g} LUFS",
            fix=f"raise the sources in mix.yaml: the gain stops at {MAX_GAIN_DB:g} dB" if quiet else
            "take out rumble (dialogue: {cleanup: indoor}), lower the loudest effects"))
    if take.reduction_db > 4.0:
        findings.append(Finding(
            "sound-limiting", "info", "the limiter works hard on this mix",
            measured=f"{take.reduction_db:.1f} dB", expected="at most 4 dB",
            fix="tame the loudest peaks in mix.yaml"))
    return Soundtrack(
        path=path, integrated_lufs=take.reading.integrated_lufs,
        true_peak_dbtp=take.reading.true_peak_dbtp, passes=len(takes), gain_db=take.gain_db,
        limiter_gain_reduction_db=take.reduction_db, glue_gain_reduction_db=take.glue_db,
        loudness=take.reading, findings=tuple(findings), dialogue=spoken)


def _silent(mix: Samples, spec: SoundSpec, scratch: Path, name: str) -> Soundtrack:
    path, heard = _encode(mix, spec, scratch, name)
    reading = measure(heard)
    warning = Finding("sound-level", "warning", "the episode is silent",
                      measured="silence", expected=f"{spec.target_lufs:g} LUFS",
                      fix="sync a recorder file, or add music in mix.yaml")
    return Soundtrack(path, -inf, reading.true_peak_dbtp, 1, 0.0, 0.0, 0.0, reading, (warning,))
