"""The M&E: whether it is free of the original's words, and whether it holds what a dub needs."""

from __future__ import annotations

from math import inf, log10

import numpy as np
from scipy.fft import irfft as inverse
from scipy.fft import next_fast_len, rfft

from microfinish.media.dynamics import speech_windows, stretches
from microfinish.media.loudness import Samples, step_energies

MOST_LEAK_DB = -40.0
_LAGS = 960
_CHANCE = 1.4
_EMPTY = 10 ** ((-60.0 + 0.691) / 10)
_BRIDGE_SECONDS = 0.3


def leak_db(music_and_effects: Samples, dialogue: Samples) -> float:
    """How loud the dialogue is in the M&E, in dB against itself; -inf where it is not.

    The share of `dialogue` that best explains `music_and_effects`, float32 (n, 2) each, within
    20 ms to either side. Unrelated sound agrees by chance, too: what does not stand out from the
    agreement at other times is none.
    """
    spoken, rest = (np.diff(sound.mean(axis=1, dtype=np.float64), prepend=0.0)
                    for sound in (dialogue, music_and_effects))
    energy = float(spoken @ spoken)
    if energy == 0.0 or not rest.any():
        return -inf
    size = next_fast_len(2 * spoken.size)
    agreement = np.abs(inverse(rfft(rest, size) * np.conj(rfft(spoken, size)), size)) / energy
    near = max(float(agreement[: _LAGS + 1].max()), float(agreement[-_LAGS:].max()))
    elsewhere = agreement[4 * _LAGS: max(4 * _LAGS + 1, spoken.size // 2)]
    chance = float(elsewhere.max())
    return 20 * log10(near) if near > _CHANCE * chance and near > 0 else -inf


def empty_under_speech(music_and_effects: Samples, dialogue: Samples) -> float:
    """Seconds of speech under which the M&E is silent (below -60 LUFS): nothing would be heard
    there behind another language."""
    speech = speech_windows(step_energies(dialogue))
    level = step_energies(music_and_effects)[: speech.size]
    silent = speech & (np.convolve(level, np.ones(40) / 40, "same") < _EMPTY)
    return sum((end - start) / 100 for start, end in stretches(silent)
               if (end - start) / 100 > _BRIDGE_SECONDS)
