"""The soundtrack of a preview: as loud as a master's within half a decibel, for one encode."""

from __future__ import annotations

from math import isinf
from pathlib import Path

from microfinish.core.deliver import SoundSpec
from microfinish.media.aac import PRIMING, encode_adts, trim_adts
from microfinish.media.limiter import apply_curve, grid_peaks, limit_curve
from microfinish.media.loudness import Samples, measure
from microfinish.media.soundtrack import MAX_GAIN_DB, Soundtrack, soundtrack
from microfinish.media.wave import write_wave


def rough_soundtrack(mix: Samples, spec: SoundSpec, scratch: Path,
                     name: str = "sound") -> Soundtrack:
    """`mix` as loud as the spec asks by one gain and a limiter, encoded once, for a preview.

    Nothing is decoded: loudness is that of the mix under the gain, true peak that of the limiter,
    and both may be off by half a decibel.
    """
    loudness = measure(mix)
    if isinf(loudness.integrated_lufs):
        return soundtrack(mix, spec, scratch, name)
    gain = min(MAX_GAIN_DB, spec.target_lufs - loudness.integrated_lufs)
    limited = limit_curve(grid_peaks(mix) * 10 ** (gain / 20), spec.max_true_peak_dbtp)
    sound = apply_curve(mix, gain + limited)
    if spec.codec == "aac":
        path = scratch / f"{name}.aac"
        encode_adts(sound[PRIMING:], spec.bitrate_kbps, path, steady=True)
        trim_adts(path, sound.shape[0])
    else:
        path = scratch / f"{name}.wav"
        write_wave(sound, path)
    peak = min(spec.max_true_peak_dbtp, loudness.true_peak_dbtp + gain)
    return Soundtrack(path, loudness.integrated_lufs + gain, peak, 1, gain,
                      float(-limited.min()), 0.0, loudness)
