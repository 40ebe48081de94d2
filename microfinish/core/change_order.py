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
    rank = {key: place for place, key in enumerate(sorted(set(keys)), 1)}
    # a binary indexed tree of the best chain that ends at or below a rank: n log n
    tree: list[tuple[int, int, int]] = [(0, 0, -1)] * (len(rank) + 1)
    back: list[int] = []
    top = (0, 0, -1)
    for index, key in enumerate(keys):
        best, place = (0, 0, -1), rank[key] - 1
        while place:
            best, place = max(best, tree[place], key=_longest), place & (place - 1)
        back.append(best[2])
        chain = (best[0] + 1, best[1] + frames[index], index)
        top, place = max(top, chain, key=_longest), rank[key]
        while place < len(tree):
            tree[place] = max(tree[place], chain, key=_longest)
            place += place & -place
    at = top[2]
    found = []
    while at >= 0:
        found.append(at)
        at = back[at]
    return tuple(reversed(found))


def _longest(chain: tuple[int, int, int]) -> tuple[int, int]:
    return chain[:2]


def moves(olds: Sequence[int]) -> int:
    """How few elements must move to bring `olds` (all different) into rising order."""
    tails: list[int] = []
    for old in olds:
        at = bisect_left(tails, old)
        tails[at:at + 1] = [old]
    return len(olds) - len(tails)
