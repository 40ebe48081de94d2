"""Order: which shots of a re-cut still stand in their old order, and which were moved."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

_AROUND = 4


def in_order(keys: Sequence[tuple[int, int]], frames: Sequence[int]) -> tuple[int, ...]:
    """The indices of the largest set of elements whose keys increase; the rest was moved.

    As few elements as possible count as moved: a long shot that passes two short ones was moved
    itself. Among equals, those are steady that are as far along as the shots around them: where
    two shots changed places around a third, the third stayed. Then as few `frames` as possible
    moved: of two neighbors that changed places, the shorter one did.
    """
    rank = {key: place for place, key in enumerate(sorted(set(keys)), 1)}
    # a binary indexed tree of the best chain that ends at or below a rank: n log n
    nothing = (0, 0, 0, -1)
    tree = [nothing] * (len(rank) + 1)
    back: list[int] = []
    top = nothing
    astray = _astray([index - rank[key] for index, key in enumerate(keys)])
    for index, key in enumerate(keys):
        best, place = nothing, rank[key] - 1
        while place:
            best, place = max(best, tree[place], key=_longest), place & (place - 1)
        back.append(best[3])
        chain = (best[0] + 1, best[1] - astray[index], best[2] + frames[index], index)
        top, place = max(top, chain, key=_longest), rank[key]
        while place < len(tree):
            tree[place] = max(tree[place], chain, key=_longest)
            place += place & -place
    at = top[3]
    found = []
    while at >= 0:
        found.append(at)
        at = back[at]
    return tuple(reversed(found))


def _longest(chain: tuple[int, int, int, int]) -> tuple[int, int, int]:
    return chain[:3]


def _astray(shifts: Sequence[int]) -> list[int]:
    """How far each shift is from the middle one of those around it."""
    around = [sorted(shifts[max(0, index - _AROUND):index + _AROUND + 1])
              for index in range(len(shifts))]
    return [abs(shift - near[len(near) // 2]) for shift, near in zip(shifts, around, strict=True)]


def moves(olds: Sequence[int]) -> int:
    """How few elements must move to bring `olds` (all different) into rising order."""
    tails: list[int] = []
    for old in olds:
        at = bisect_left(tails, old)
        tails[at:at + 1] = [old]
    return len(olds) - len(tails)
