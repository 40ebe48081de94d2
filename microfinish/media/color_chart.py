"""A 24-patch color chart in a picture: found by its grid of squares, believed by its colors."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, TypedDict

import cv2
import numpy as np
from numpy.typing import NDArray

from microfinish.core.color_chart import CHART_PATCHES

Values = NDArray[np.float64]
Quads = list[NDArray[np.float64]]

CHART_VERSION = 1
LEAST_SQUARES, MOST_SQUARES = 10, 120
"""A picture with more squares of one size shows tiles or a window front."""
LARGEST_MISS = 0.30
"""Root mean square of log2 patch against published patch after one gain per channel: printed
charts in even light reach 0.05 to 0.15, a window front or a keyboard does not come below 0.6."""
_PUBLISHED = np.log2(np.array(CHART_PATCHES))


class ChartFact(TypedDict):
    """`patches` are 24 scene-linear ACEScg colors in the chart's own order, None where clipped or
    too dark; `miss` is the misfit in stops after one gain per channel; `corners` are the centers of
    the corner patches in shares of the picture."""

    patches: list[list[float] | None]
    miss: float
    corners: list[list[float]]


def chart_in(code: NDArray[np.float32], light: Values) -> ChartFact | None:
    """The chart in one frame, or None. It may lie turned by any angle and seen aslant.

    `code` and `light` are the frame's code values and its scene-linear ACEScg, both of shape
    (height, width, 3).
    """
    best: ChartFact | None = None
    for quads in _squares(code):
        grid = _grid(quads)
        if grid is None:
            continue
        for placed in _placements(*grid):
            fact = _read(placed, code, light)
            if fact is not None and (best is None or fact["miss"] < best["miss"]):
                best = fact
        if best is not None:
            break
    return best


def _squares(code: NDArray[np.float32]) -> Iterator[Quads]:
    """Sets of convex four-cornered outlines of like size, by several ways to threshold."""
    eight = np.round(np.clip(code, 0, 1) * 255).astype(np.uint8)
    planes = [cv2.cvtColor(eight, cv2.COLOR_RGB2GRAY), eight.max(axis=-1)]
    side = max(eight.shape[:2])
    for plane, part in product(planes, (24, 12, 48)):
        window = max(9, side // part) | 1
        marked = cv2.adaptiveThreshold(plane, 255, cv2.ADAPTIVE_THRESH_MEAN_C,
                                       cv2.THRESH_BINARY, window, 1)
        marked = cv2.erode(marked, np.ones((3, 3), np.uint8))
        outlines, _ = cv2.findContours(marked, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        quads: Quads = []
        for outline in outlines:
            area = cv2.contourArea(outline)
            if not 36 <= area <= plane.size / 20:
                continue
            corners = cv2.approxPolyDP(outline, 0.09 * cv2.arcLength(outline, True), True)
            hull = cv2.contourArea(cv2.convexHull(outline))
            if len(corners) == 4 and cv2.isContourConvex(corners) and area > 0.85 * hull:
                quads.append(corners.reshape(4, 2).astype(np.float64))
        like = _alike(quads) if len(quads) <= 4 * MOST_SQUARES else []
        if LEAST_SQUARES <= len(like) <= MOST_SQUARES:
            yield like


def _alike(quads: Quads) -> Quads:
    """The largest set of outlines of similar size, each place once."""
    if not quads:
        return []
    sizes = _sides(quads)
    near = np.abs(np.log(sizes[:, None] / sizes[None, :])) < 0.3
    chosen = [quads[i] for i in np.flatnonzero(near[int(near.sum(axis=1).argmax())])]
    if len(chosen) > 4 * MOST_SQUARES:
        return []
    middles = np.array([quad.mean(axis=0) for quad in chosen])
    reach = 0.5 * _sides(chosen)
    kept: list[int] = []
    for index, middle in enumerate(middles):
        away = np.hypot(*(middles[kept] - middle).T) if kept else np.array([np.inf])
        if (away > (reach[kept] if kept else 0.0)).all():
            kept.append(index)
    return [chosen[index] for index in kept]


def _sides(quads: Quads) -> Values:
    """The side of a square of each outline's area (half the cross product of the diagonals)."""
    corners = np.array(quads)
    one, other = corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]
    return np.asarray(np.abs(0.5 * (one[:, 0] * other[:, 1] - other[:, 0] * one[:, 1])) ** 0.5)


def _grid(quads: Quads) -> tuple[Values, set[tuple[int, int]]] | None:
    """(homography from grid places to the picture, places that squares were found at)."""
    centers = np.array([quad.mean(axis=0) for quad in quads])
    size = float(np.median(_sides(quads)))
    edge = np.median([_first_edge(quad) for quad in quads], axis=0)
    across = edge / np.hypot(*edge)
    down = np.array([-across[1], across[0]])
    steps = [np.hypot(*(b - a)) for a in centers for b in centers
             if 0.9 * size < np.hypot(*(b - a)) < 1.8 * size]
    if len(steps) < LEAST_SQUARES:
        return None
    step = float(np.median([value for value in steps if value < 1.25 * min(steps)]))
    places: dict[int, tuple[int, int]] = {}
    start = int(np.argmin(np.hypot(*(centers - np.median(centers, axis=0)).T)))
    places[start], waiting = (0, 0), [start]
    while waiting:
        index = waiting.pop()
        for other in range(len(centers)):
            if other in places:
                continue
            offset = (centers[other] - centers[index]) / step
            moved = np.array([offset @ across, offset @ down])
            whole = np.rint(moved)
            if np.abs(whole).sum() == 1 and np.abs(moved - whole).max() < 0.3:
                places[other] = (places[index][0] + int(whole[0]),
                                 places[index][1] + int(whole[1]))
                waiting.append(other)
    if len(places) < LEAST_SQUARES:
        return None
    indices = list(places)
    matrix, mask = cv2.findHomography(np.array([places[i] for i in indices], np.float64),
                                      centers[indices], cv2.RANSAC, 0.2 * step)
    if matrix is None or mask is None or int(mask.sum()) < LEAST_SQUARES:
        return None
    return np.asarray(matrix, np.float64), {
        places[i] for i, good in zip(indices, mask.ravel(), strict=True) if good}


def _first_edge(quad: Values) -> Values:
    """The edge of a square that points most nearly to the right, whatever corner comes first."""
    edges = [quad[(k + 1) % 4] - quad[k] for k in range(4)]
    return np.asarray(max(edges, key=lambda edge: edge[0] - 0.1 * abs(edge[1])), np.float64)


def _placements(matrix: Values, places: set[tuple[int, int]]) -> Iterator[Values]:
    """Centers of the 24 patches, shape (4, 6, 2), for every way the chart may lie on the grid."""
    columns = [place[0] for place in places]
    rows = [place[1] for place in places]
    for wide, high in ((6, 4), (4, 6)):
        if max(columns) - min(columns) >= wide or max(rows) - min(rows) >= high:
            continue
        for left in range(max(columns) - wide + 1, min(columns) + 1):
            for top in range(max(rows) - high + 1, min(rows) + 1):
                grid = np.array([[(left + x, top + y) for x in range(wide)] for y in range(high)],
                                np.float64)
                points = cv2.perspectiveTransform(grid.reshape(-1, 1, 2), matrix)
                centers = points.reshape(high, wide, 2)
                for turn in ((0, 2) if wide == 6 else (1, 3)):
                    yield np.rot90(centers, turn)


def _read(centers: Values, code: NDArray[np.float32], light: Values) -> ChartFact | None:
    """The patch colors at these centers, if they are a chart's."""
    height, width = code.shape[:2]
    flat = centers.reshape(24, 2)
    if flat.min() < 2 or (flat[:, 0] > width - 3).any() or (flat[:, 1] > height - 3).any():
        return None
    steps = np.hypot(*np.diff(centers, axis=1).reshape(-1, 2).T)
    reach = max(1, int(0.22 * float(np.median(steps))))
    patches: list[list[float] | None] = []
    for x, y in np.rint(flat).astype(int):
        window = np.s_[max(0, y - reach):y + reach + 1, max(0, x - reach):x + reach + 1]
        color = np.median(light[window].reshape(-1, 3), axis=0)
        clipped = float(np.median(code[window].max(axis=-1))) > 0.97
        patches.append(None if clipped or color.min() < 1e-4
                       else [round(float(value), 6) for value in color])
    miss = _miss(patches)
    if miss > LARGEST_MISS:
        return None
    corners: Any = (centers[[0, 0, -1, -1], [0, -1, -1, 0]] / [width, height]).round(4).tolist()
    return ChartFact(patches=patches, miss=round(miss, 3), corners=corners)


def _miss(patches: list[list[float] | None]) -> float:
    """Root mean square in stops after the best gain per channel; infinite for too few patches."""
    seen = [index for index, patch in enumerate(patches) if patch is not None]
    if len(seen) < 16:
        return float("inf")
    off = np.log2(np.array([patches[index] for index in seen], np.float64)) - _PUBLISHED[seen]
    return float(np.sqrt(((off - np.median(off, axis=0)) ** 2).mean()))
