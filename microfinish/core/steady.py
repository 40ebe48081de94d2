"""Steady: a crop that moves against the shake of the camera, so that the picture stands still.

Only translation is taken out, as a crop path can; turning and rolling shutter stay.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from microfinish.core.crop_path import Size, position
from microfinish.core.frame import PathKey

Motion = Sequence[tuple[float, float]]
"""Where the scene stands at each frame against the first, in upright source pixels."""

INTENDED_SECONDS = Fraction(3, 4)
"""Slower than this is a move that was meant (one sigma of the smoothing)."""
MOST_MARGIN = 0.06
"""Share of the crop given up on each side, at most: an enlargement by 1.14."""
TOLERANCE = 0.25
"""Source pixels by which a straight line between keys may miss the path: no eye sees it."""


def shake(motion: Motion, rate: Fraction) -> tuple[tuple[float, float], ...]:
    """What of the motion is shake: its distance from the same motion smoothed over time.

    The ends are mirrored around their values, so that a pan does not bend there.
    """
    sigma = float(INTENDED_SECONDS * rate)
    reach = min(len(motion) - 1, math.ceil(3 * sigma))
    if reach < 1:
        return tuple((0.0, 0.0) for _ in motion)
    weights = [math.exp(-0.5 * (k / sigma) ** 2) for k in range(-reach, reach + 1)]
    total = sum(weights)
    axes = []
    for axis in (0, 1):
        line = [point[axis] for point in motion]
        padded = ([2 * line[0] - value for value in line[reach:0:-1]] + line
                  + [2 * line[-1] - value for value in line[-2:-reach - 2:-1]])
        axes.append([line[i] - sum(w * v for w, v in zip(weights, padded[i:], strict=False)) / total
                     for i in range(len(line))])
    return tuple(zip(*axes, strict=True))


def margin(wobble: Motion, crop: Size) -> float:
    """The share of the crop to give up on each side so that it can follow the whole shake."""
    x, y = (max((abs(point[axis]) for point in wobble), default=0.0) for axis in (0, 1))
    return min(MOST_MARGIN, max(x / crop[0], y / crop[1]))


def steadied(path: Sequence[PathKey], before: Size, crop: Size, picture: Size, wobble: Motion,
             amount: float) -> tuple[PathKey, ...]:
    """The path of the smaller `crop` that holds the scene still, from the path of the crop it was
    `before`. Never leaves the picture. One key a frame, thinned to where the path bends.
    """
    keys = []
    for frame, (x, y) in enumerate(wobble):
        left, top = position(path, frame)
        left += (before[0] - crop[0]) / 2 + amount * x
        top += (before[1] - crop[1]) / 2 + amount * y
        keys.append(PathKey(frame, _inside(left, picture[0] - crop[0]),
                            _inside(top, picture[1] - crop[1])))
    return tuple(_thinned(keys))


def _inside(value: float, room: int) -> float:
    return min(max(value, 0.0), float(max(room, 0)))


def _thinned(keys: list[PathKey]) -> list[PathKey]:
    """The keys between which straight lines miss none by more than `TOLERANCE` (Douglas-Peucker,
    1973, by distance at the same frame)."""
    if len(keys) < 3:
        return keys
    kept = {0, len(keys) - 1}
    spans = [(0, len(keys) - 1)]
    while spans:
        a, b = spans.pop()
        worst, far = TOLERANCE, -1
        first, last = keys[a], keys[b]
        for i in range(a + 1, b):
            share = (keys[i].frame - first.frame) / (last.frame - first.frame)
            miss = max(abs(keys[i].x - first.x - share * (last.x - first.x)),
                       abs(keys[i].y - first.y - share * (last.y - first.y)))
            if miss > worst:
                worst, far = miss, i
        if far > 0:
            kept.add(far)
            spans += [(a, far), (far, b)]
    return [keys[i] for i in sorted(kept)]
