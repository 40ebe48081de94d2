"""Slots: what came and what went between the same two neighbors stands in the same place."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import PurePosixPath

from microfinish.core.change_family import Families
from microfinish.core.timeline import Event

_ALIKE = 0.5
"""A new take may be half or twice as long and still fill the slot of the old one."""
SAME_LENGTH = 1.5
"""The likeness of two events of one length, whatever their files are called."""


def slots(old: Sequence[Event], new: Sequence[Event], found: Families,
          anchors: Sequence[int]) -> None:
    """Pair what is left over between consecutive `anchors` (new indices that kept their order).

    Adds to `found.pairs`. In order, never crossing; the most alike in length win.
    """
    olds = {**found.pairs, **found.parent}
    gone = [o for o in range(len(old)) if o not in found.pairs.values() and o not in found.into]
    came = [n for n in range(len(new)) if n not in olds]
    if not gone or not came:
        return
    edges = [(-1, -1), *((n, olds[n]) for n in anchors), (len(new), len(old))]
    for (from_new, from_old), (to_new, to_old) in pairwise(edges):
        inside_old = [o for o in gone if from_old < o < to_old]
        inside_new = [n for n in came if from_new < n < to_new]
        if inside_old and inside_new:
            pairs = _aligned(old, new, inside_old, inside_new)
            found.pairs.update(pairs)
            _note_equals(old, new, (inside_old, inside_new), pairs, found)


def _note_equals(old: Sequence[Event], new: Sequence[Event], inside: tuple[list[int], list[int]],
                 pairs: dict[int, int], found: Families) -> None:
    """Remember where a slot that stays empty would have fit a new shot as well, or a new shot
    that fills none would have fit a slot that is taken."""
    olds, news = inside
    empty = [o for o in olds if o not in pairs.values()]
    for n, o in pairs.items():
        alike = likeness(old[o], new[n])
        for other in empty:
            if likeness(old[other], new[n]) == alike:
                found.unsure.setdefault(n, set()).add(other)
        for other in news:
            if other not in pairs and likeness(old[o], new[other]) == alike:
                found.unsure.setdefault(other, set()).add(o)


def _aligned(old: Sequence[Event], new: Sequence[Event], olds: list[int],
             news: list[int]) -> dict[int, int]:
    """The alignment with the greatest total likeness; of equal ones that of the earliest shots."""
    rows, columns = len(olds), len(news)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for r in range(rows - 1, -1, -1):
        for c in range(columns - 1, -1, -1):
            best[r][c] = max(best[r + 1][c], best[r][c + 1],
                             best[r + 1][c + 1] + likeness(old[olds[r]], new[news[c]]))
    found, r, c = {}, 0, 0
    while r < rows and c < columns:
        alike = likeness(old[olds[r]], new[news[c]])
        if alike and best[r][c] == best[r + 1][c + 1] + alike:
            found[news[c]] = olds[r]
            r, c = r + 1, c + 1
        elif best[r][c] == best[r + 1][c]:
            r += 1
        else:
            c += 1
    return found


def likeness(old: Event, new: Event) -> float:
    """0: not the same slot. Up to 1 by length, more for the same length and a related file."""
    ratio = (min(old.record.length, new.record.length)
             / max(1, old.record.length, new.record.length))
    same_media = old.media == new.media
    if ratio < _ALIKE and not (same_media and old.source.overlap(new.source)):
        return 0.0
    return ratio + (0.5 if ratio == 1 else 0.0) + 0.3 * _related(old.media, new.media)


def _related(one: str, other: str) -> float:
    """How much of two files' names agrees from the start: takes of one setup are named alike."""
    first, second = PurePosixPath(one).stem, PurePosixPath(other).stem
    same = 0
    for a, b in zip(first, second, strict=False):
        if a != b:
            break
        same += 1
    return same / max(1, len(first), len(second))
