"""Room tone: the quietest part of a clip, looped under the gaps of production dialogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from microfinish.core.cleanup import Treatment
from microfinish.core.mix import SAMPLE_RATE, Dip, MixClip

Gap = tuple[int, int]

OVERLAP_SAMPLES = 2_400
"""50 ms: how long a loop of room tone crosses into itself, and into what it fills."""
SHORTEST_GAP = 960
"""20 ms: a shorter hole is a seam."""
NO_DIP_DB = -40.0
"""Production sound that is turned down less than this is its own room tone."""


def gaps(clips: Sequence[MixClip], dips: Sequence[Dip], samples: int) -> tuple[Gap, ...]:
    """The stretches of a programme of `samples` in which no production sound is heard."""
    edges: list[tuple[int, int]] = []
    heard = sorted((clip.start, clip.end) for clip in clips)
    muted = sorted((dip.start, dip.end) for dip in dips if dip.gain_db <= NO_DIP_DB)
    reached = 0
    for start, end in (*heard, (samples, samples)):
        if start - reached >= SHORTEST_GAP:
            edges.append((reached, start))
        reached = max(reached, end)
    edges += muted
    merged: list[Gap] = []
    for start, end in sorted((max(0, a), min(samples, b)) for a, b in edges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return tuple(merged)


def filled(holes: Sequence[Gap], clips: Sequence[MixClip],
           rooms: Mapping[MixClip, tuple[int, int]], gain_db: float, samples: int
           ) -> tuple[MixClip, ...]:
    """Clips of room tone for every hole: of the clip it lies in, else before, else after it.

    `rooms` are (first sample, samples) of each clip's source. A hole whose neighbors have no room
    tone stays silent.
    """
    tones: list[MixClip] = []
    known = [clip for clip in sorted(clips, key=lambda c: c.start) if clip in rooms]
    for start, end in holes:
        beside = [clip for clip in known if clip.start <= start] or known
        if not beside:
            continue
        clip = beside[-1] if beside[0].start <= start else beside[0]
        tones += _looped(clip, rooms[clip], max(0, start - OVERLAP_SAMPLES),
                         min(samples, end + OVERLAP_SAMPLES), gain_db)
    return tuple(tones)


def _looped(clip: MixClip, room: tuple[int, int], start: int, end: int, gain_db: float
            ) -> list[MixClip]:
    """The room tone again and again from `start` to `end`, each crossing into the next."""
    pace = clip.sample_rate * clip.speed * (1 + Fraction(clip.drift_ppm) / 1_000_000)
    length = int(room[1] * SAMPLE_RATE / pace)
    overlap = min(OVERLAP_SAMPLES, length // 3)
    treatment = replace(clip.treatment, declip=False, declick=False, deess_db=0.0,
                        deess_above_dbfs=0.0) if clip.treatment != Treatment() else clip.treatment
    out: list[MixClip] = []
    at = start
    while at < end - (overlap if out else 0):
        until = min(end, at + length)
        out.append(replace(
            clip, source_start=Fraction(room[0]), start=at, end=until, even=True,
            gain_db=clip.gain_db + gain_db, fade_in=min(overlap, until - at),
            fade_out=min(overlap, until - at), treatment=treatment,
            label=f"room tone {clip.label}".rstrip()))
        at = until - overlap
    return out
