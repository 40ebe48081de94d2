"""Printed sound on the bench: where it is quiet, and its stretches laid under the current cut."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from microfinish.core.errors import InputError
from microfinish.core.printed import PrintedPiece, PrintedStem
from microfinish.media.loudness import Samples
from microfinish.media.sound import read_all, stereo

PRINTED_VERSION = 1
_BLOCK = 240
_SHORTEST = 4
"""Blocks of 5 ms: a silence shorter than its crossfade is none."""
_UNDER_LOUD_DB, _LOUDEST_DB, _SOFTEST_DB = 32.0, -45.0, -75.0
"""Quiet is 32 dB under the loud parts (a room under its dialogue), at most -45 dBFS."""
_FLOOR = 1e-7


@dataclass(frozen=True, slots=True)
class Conformed:
    """`sound` is float32 (samples, 2); `rest` (samples,) is the share of the production sound
    that is heard beside it: 0 under the print, 1 in its gaps, equal-power between."""

    sound: Samples
    rest: Samples


def measure_print(path: Path) -> dict[str, object]:
    """Sample rate, length in samples and quiet stretches of a file, as a JSON-able fact."""
    samples, rate = read_all(path)
    if not samples.shape[0]:
        raise InputError(f"{path.name} holds no sound", hint="export it again")
    return {"rate": rate, "samples": int(samples.shape[0]), "silent": _silences(samples)}


def conformed(stem: PrintedStem, samples: int, root: Path) -> Conformed:
    """The print as the current cut plays it. Outside its seams, its very samples.

    Raises InputError where the file is gone.
    """
    whole = stereo(read_all(root / stem.source)[0])
    sound = np.zeros((samples, 2), dtype=np.float32)
    power = np.zeros(samples, dtype=np.float64)
    for piece in stem.pieces:
        start, end = max(0, piece.start), min(samples, piece.end)
        gain = _gain(piece)[start - piece.start: end - piece.start]
        taken = _taken(whole, piece.source_start + start - piece.start, end - start)
        sound[start:end] += taken * gain[:, None]
        power[start:end] += gain.astype(np.float64) ** 2
    rest = np.sqrt(np.clip(1 - power, 0, None))
    rest[power > 1 - _FLOOR * 10] = 0.0
    return Conformed(sound, rest.astype(np.float32))


def _taken(whole: Samples, start: int, length: int) -> Samples:
    out = np.zeros((length, 2), dtype=np.float32)
    low, high = max(0, start), min(whole.shape[0], start + length)
    if low < high:
        out[low - start: high - start] = whole[low:high]
    return out


def _gain(piece: PrintedPiece) -> Samples:
    gain = np.ones(piece.end - piece.start, dtype=np.float32)
    if piece.fade_in:
        gain[: piece.fade_in] *= _rise(piece.fade_in)
    if piece.fade_out:
        gain[gain.size - piece.fade_out:] *= _rise(piece.fade_out)[::-1]
    return gain


def _rise(samples: int) -> Samples:
    # taken between the samples: forwards and backwards, the squares sum to exactly 1
    return np.sin(np.pi / 2 * (np.arange(samples) + 0.5) / samples).astype(np.float32)


def _silences(samples: Samples) -> list[list[int]]:
    """Quiet stretches as [start, end] samples, of at least 20 ms."""
    count = samples.shape[0] // _BLOCK
    if not count:
        return []
    blocks = samples[: count * _BLOCK].reshape(count, -1).astype(np.float64)
    level = 10 * np.log10((blocks ** 2).mean(axis=1) + 1e-12)
    loud = float(np.percentile(level[level > -90], 90)) if (level > -90).any() else 0.0
    limit = min(_LOUDEST_DB, max(_SOFTEST_DB, loud - _UNDER_LOUD_DB))
    quiet = np.concatenate(([False], level < limit, [False]))
    edges = np.flatnonzero(quiet[1:] != quiet[:-1])
    found = [[int(start) * _BLOCK, int(end) * _BLOCK]
             for start, end in zip(edges[::2], edges[1::2], strict=True)
             if end - start >= _SHORTEST]
    if found and found[-1][1] == count * _BLOCK:
        found[-1][1] = int(samples.shape[0])
    return found
