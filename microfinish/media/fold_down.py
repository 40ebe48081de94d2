"""What is left of a stereo mix on one loudspeaker: phones add left and right."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np

from microfinish.media.dynamics import stretches
from microfinish.media.loudness import Samples, integrated, step_energies

MAX_LOSS_LU = 3.0
LEAST_CORRELATION = -0.3
LONGEST_SECONDS = 0.5
_WINDOW = 4_800
_AUDIBLE = 1e-6


@dataclass(frozen=True, slots=True)
class FoldDown:
    """`loss_lu` is what the sum of both channels is quieter than they are; `out_of_phase` are the
    stretches in seconds in which left and right mostly cancel."""

    loss_lu: float
    out_of_phase: tuple[tuple[float, float], ...]

    @property
    def sound(self) -> bool:
        """Whether a phone's loudspeaker plays what the headphones do."""
        return self.loss_lu <= MAX_LOSS_LU and not self.out_of_phase


def fold_down(mix: Samples, rate: int = 48_000) -> FoldDown:
    """Compare `mix`, float32 (n, 2), with its mono sum, and left with right every 100 ms."""
    mono = mix.mean(axis=1, keepdims=True)
    both, one = (integrated(step_energies(sound, rate))
                 for sound in (mix, np.repeat(mono, 2, axis=1)))
    loss = both - one if isfinite(both) and isfinite(one) else (np.inf if isfinite(both) else 0.0)
    count = mix.shape[0] // _WINDOW
    blocks = mix[: count * _WINDOW].reshape(count, _WINDOW, 2).astype(np.float64)
    left, right = (np.einsum("ij,ij->i", blocks[:, :, c], blocks[:, :, c]) for c in (0, 1))
    cross = np.einsum("ij,ij->i", blocks[:, :, 0], blocks[:, :, 1])
    audible = np.minimum(left, right) / _WINDOW > _AUDIBLE
    against = audible & (cross < LEAST_CORRELATION * np.sqrt(left * right))
    step = _WINDOW / rate
    return FoldDown(float(loss), tuple(
        (start * step, end * step) for start, end in stretches(against)
        if (end - start) * step > LONGEST_SECONDS))
