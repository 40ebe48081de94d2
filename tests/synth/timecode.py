"""Linear timecode as sound, made from the standard's table."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import soxr

from microfinish.core.time import format_timecode

OVER = 8


def ltc_bits(label: str, drop: bool, user: int = 0) -> list[int]:
    """The 80 bits of a label, after SMPTE ST 12-1 table 2."""
    hours, minutes, seconds, frames = (int(part) for part in label.replace(";", ":").split(":"))
    bits = [0] * 64

    def put(value: int, at: int, count: int) -> None:
        for n in range(count):
            bits[at + n] = value >> n & 1

    for value, units, tens, width in ((frames, 0, 8, 2), (seconds, 16, 24, 3),
                                      (minutes, 32, 40, 3), (hours, 48, 56, 2)):
        put(value % 10, units, 4)
        put(value // 10, tens, width)
    for group in range(8):
        put(user >> (4 * group) & 15, 4 + 8 * group, 4)
    bits[10] = int(drop)
    return [*bits, 0, 0, *([1] * 12), 0, 1]


def ltc(first: int, count: int, rate: Fraction, sample_rate: int, *, drop: bool = False,
        lead: float = 0.0, user: int = 0) -> np.ndarray:
    """`count` frames from frame number `first` on, after `lead` samples of silence.

    Edges are placed at 8 times the sample rate, then filtered down.
    """
    cell = Fraction(sample_rate * OVER) / rate / 80
    edges: list[Fraction] = []
    at = Fraction(lead) * OVER
    for frame in range(first, first + count):
        for bit in ltc_bits(format_timecode(frame, rate, drop), drop, user):
            edges.append(at)
            if bit:
                edges.append(at + cell / 2)
            at += cell
    edges.append(at)
    wave = np.zeros(int(at) + OVER * sample_rate // 10, dtype=np.float32)
    sign = 1.0
    for begin, end in pairwise(edges):
        wave[round(begin):round(end)] = sign
        sign = -sign
    return soxr.resample(wave, sample_rate * OVER, sample_rate, "VHQ") * np.float32(0.3)
