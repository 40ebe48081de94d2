"""Order: which shots of a re-cut still stand in their old order, and which were moved."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


def in_order(keys: Sequence[tuple[int, int]], frames: Sequence[int]) -> tuple[int, ...]:
    """The indices of the largest set of elements whose keys increase; the rest was moved.

    As few elements as possible count as moved; among equals, as few `frames` as possible. So a
    long shot that passes two short ones was moved itself, and of two neighbors that changed
    places the shorter one was.
    """
    best: list[tuple[int, int]] = []
    back: list[int] = []
    for index, key in enumerate(keys):
        top, link = (0, 0), -1
        for before in range(index):
            if keys[before] < key and best[before] > top:
                top, link = best[before], before
        best.append((top[0] + 1, top[1] + frames[index]))
        back.append(link)
    at = max(range(len(keys)), key=lambda index: best[index], default=-1)
    found = []
    while at >= 0:
        found.append(at)
        at = back[at]
    return tuple(reversed(found))


def moves(olds: Sequence[int]) -> int:
    """How few elements must move to bring `olds` (all different) into rising order."""
    tails: list[int] = []
    for old in olds:
        at = bisect_left(tails, old)
        tails[at:at + 1] = [old]
    return len(olds) - len(tails)
