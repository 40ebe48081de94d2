"""How loud the dialogue is, told from the dialogue stem: no classifier has to guess who speaks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from microfinish.media.dynamics import gaps_lu, speech_windows
from microfinish.media.loudness import Energies, Samples, lufs_of, step_energies

BLOCK_STEPS = 40
"""400 ms in steps of 10 ms: the gating block of BS.1770."""
ENOUGH_SPEECH = 0.15
"""Below this share of dialogue, its loudness says little about an episode (Netflix uses the same
share to fall back on programme loudness)."""


@dataclass(frozen=True, slots=True)
class DialogueLevel:
    """`lufs` is the programme's loudness while somebody speaks (-inf: nobody does), `share` the
    part of the blocks above the absolute gate that are speech (0..1)."""

    lufs: float
    share: float


@dataclass(frozen=True, slots=True)
class Separation:
    """Dialogue against music where both sound: `share` (0..1) of the `windows` of 400 ms in which
    the dialogue is as far above the music as asked, `lowest_lu` what 95 % of them reach."""

    share: float
    windows: int
    lowest_lu: float


def dialogue_level(programme: Energies, dialogue: Energies) -> DialogueLevel:
    """The loudness of `programme` in the blocks in which the dialogue stem is active.

    Both are `step_energies` of the same stretch of time. As EBU R 128 s4 and dialogue gated meters
    have it, with the stem in place of a detector; gated at -70 LUFS and -10 LU as any programme.
    """
    steps = min(programme.size, dialogue.size)
    speaks = speech_windows(dialogue[:steps])
    blocks = np.lib.stride_tricks.sliding_window_view(programme[:steps], BLOCK_STEPS)[::10] if (
        steps >= BLOCK_STEPS) else np.zeros((0, BLOCK_STEPS))
    spoken = np.lib.stride_tricks.sliding_window_view(speaks, BLOCK_STEPS)[::10].mean(axis=1) if (
        steps >= BLOCK_STEPS) else np.zeros(0)
    energy: NDArray[np.float64] = blocks.mean(axis=1)
    audible = energy > 10 ** ((-70.0 + 0.691) / 10)
    talk = energy[audible & (spoken >= 0.5)]
    if not talk.size:
        return DialogueLevel(-np.inf, 0.0)
    gated = talk[talk > talk.mean() / 10.0]
    return DialogueLevel(lufs_of(float(gated.mean())), talk.size / int(audible.sum()))


def separation(dialogue: Samples, music: Samples, wanted_lu: float) -> Separation:
    """Dialogue against music as they sound in the mix, float32 (n, 2) each.

    A window counts where all of it is speech. Levels are of the 3 s around it, taken over its
    speech alone: what an ear compares, and not one soft syllable.
    """
    spoken, played = step_energies(dialogue), step_energies(music)
    speech = speech_windows(spoken)
    gaps = gaps_lu(spoken, played, speech)
    whole = np.convolve(speech, np.ones(BLOCK_STEPS), "same") > BLOCK_STEPS - 0.5
    heard = gaps[whole & np.isfinite(gaps)][::10]
    if not heard.size:
        return Separation(1.0, 0, np.inf)
    return Separation(float(np.mean(heard >= wanted_lu - 0.1)), int(heard.size),
                      float(np.percentile(heard, 5)))
