"""The same set in two pictures: registered by key points, compared pixel by pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import cv2
import numpy as np
from numpy.typing import NDArray

from microfinish.media.color_people import tones_of

Values = NDArray[np.float64]

SIDE = 160
_CELLS = 8
LEAST_INLIERS, LEAST_RATIO, LEAST_OVERLAP = 24, 0.25, 0.08
LEAST_LIKENESS = 0.6
"""Correlation of the two registered brightness pictures: a wrong registration stays below 0.4."""


class RegisteredFact(TypedDict):
    """Colors of the same places in two pictures, and how well they were found.

    `pairs` holds (red, green, blue) of the first and of the second, scene-linear ACEScg;
    `agree` is the share of the overlap that one gain per channel explains, `uneven` the scatter
    of that gain over the picture in stops, `slope` its change per stop of brightness.
    """

    pairs: list[list[list[float]]]
    inliers: int
    overlap: float
    alike: float
    agree: float
    uneven: float
    slope: float


@dataclass(frozen=True, slots=True)
class View:
    """A frame prepared for registration: key points with descriptors, small light, what is bad."""

    points: Values
    descriptors: NDArray[np.uint8] | None
    light: Values
    usable: NDArray[np.bool_]


def view_of(code: NDArray[np.float32], light: Values) -> View:
    """`code` (height, width, 3) camera code values, `light` the same in scene-linear ACEScg."""
    gray = cv2.cvtColor(np.clip(code, 0, 1).astype(np.float32), cv2.COLOR_RGB2GRAY)
    low, high = np.quantile(gray, [0.005, 0.995])
    eight = np.round(np.clip((gray - low) / max(float(high - low), 1e-3), 0, 1) * 255)
    contrasted = cv2.createCLAHE(clipLimit=3.0, tileGridSize=(8, 8)).apply(
        eight.astype(np.uint8))
    # Ten levels instead of eight: the other angle is often nearer or farther.
    found = cv2.ORB.create(nfeatures=900, scaleFactor=1.2, nlevels=10, fastThreshold=8)
    keys, descriptors = found.detectAndCompute(contrasted, None)
    height, width = gray.shape
    scale = SIDE / max(height, width)
    points = np.array([key.pt for key in keys], np.float64).reshape(-1, 2) * scale
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(light.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    top = cv2.resize(code.max(axis=-1), size, interpolation=cv2.INTER_AREA)
    small64 = np.asarray(small, np.float64)
    stops = tones_of(small64)[..., 0]
    usable = (top < 0.97) & (stops > -5.5) & (small64.min(axis=-1) > 1e-4)
    return View(points, descriptors, small64, usable)


def register(one: View, other: View) -> RegisteredFact | None:
    """Colors of what both pictures show of the same set; None where they cannot be laid over
    each other with certainty."""
    found = _homography(one, other)
    if found is None:
        return None
    matrix, inliers = found
    height, width = one.light.shape[:2]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpPerspective(other.light, matrix, (width, height), flags=flags)
    inside = cv2.warpPerspective(other.usable.astype(np.float32), matrix, (width, height),
                                 flags=flags) > 0.999
    both = np.asarray(inside & one.usable, np.bool_)
    overlap = float(both.mean())
    if overlap < LEAST_OVERLAP:
        return None
    a, b = tones_of(one.light), tones_of(np.asarray(warped, np.float64))
    alike = float(np.corrcoef(a[..., 0][both], b[..., 0][both])[0, 1])
    if not alike >= LEAST_LIKENESS:
        return None
    return _compared(one.light, np.asarray(warped, np.float64), a, b, both, inliers, overlap, alike)


def _homography(one: View, other: View) -> tuple[Values, int] | None:
    if one.descriptors is None or other.descriptors is None or (
            min(len(one.points), len(other.points)) < LEAST_INLIERS):
        return None
    matches: Sequence[Any] = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(
        one.descriptors, other.descriptors, k=2)
    good = [pair[0] for pair in matches
            if len(pair) == 2 and pair[0].distance < 0.85 * pair[1].distance]
    if len(good) < LEAST_INLIERS:
        return None
    here = np.array([one.points[match.queryIdx] for match in good])
    there = np.array([other.points[match.trainIdx] for match in good])
    # Seeded: the same pictures must give the same answer in every run and thread.
    cv2.setRNGSeed(7)
    matrix, mask = cv2.findHomography(here, there, cv2.USAC_MAGSAC, 1.2, maxIters=4000,
                                      confidence=0.999)
    if matrix is None or mask is None:
        return None
    inliers = int(mask.sum())
    if inliers < LEAST_INLIERS or inliers < LEAST_RATIO * len(good) or not _is_sane(matrix):
        return None
    return np.asarray(matrix, np.float64), inliers


def _is_sane(matrix: Values) -> bool:
    """A picture of the same wall is neither mirrored nor folded nor a tenth of the size."""
    area = float(np.linalg.det(matrix[:2, :2]))
    return bool(0.08 < area < 12 and np.abs(matrix[2, :2]).max() * SIDE < 0.6)


def _compared(one: Values, other: Values, a: Values, b: Values, both: NDArray[np.bool_],
              inliers: int, overlap: float, alike: float) -> RegisteredFact | None:
    # Edges are where a registration half a pixel off compares two different things.
    edge = np.hypot(cv2.Sobel(a[..., 0], cv2.CV_64F, 1, 0), cv2.Sobel(a[..., 0], cv2.CV_64F, 0, 1))
    both = both & (edge < np.quantile(edge[both], 0.7))
    change = b - a
    center = np.median(change[both], axis=0)
    off = np.abs(change - center)
    near = both & (off[..., 0] < 0.4) & (off[..., 1:].max(axis=-1) < 0.25)
    if near.sum() < 200:
        return None
    rows, columns = np.mgrid[0:both.shape[0], 0:both.shape[1]]
    cell = (rows * _CELLS // both.shape[0]) * _CELLS + columns * _CELLS // both.shape[1]
    pairs, gains = [], []
    for number in range(_CELLS * _CELLS):
        here = near & (cell == number)
        if here.sum() >= 12:
            pairs.append([[float(v) for v in np.round(np.median(picture[here], axis=0), 6)]
                          for picture in (one, other)])
            gains.append(np.median(change[here], axis=0))
    if len(pairs) < 5:
        return None
    tone = a[..., 0][near]
    slope = float(np.polyfit(tone, change[..., 0][near], 1)[0]) if np.ptp(tone) > 1 else 0.0
    spread = np.array(gains) - np.median(gains, axis=0)
    return RegisteredFact(
        pairs=pairs, inliers=inliers, overlap=round(overlap, 3), alike=round(alike, 3),
        agree=round(float(near.sum() / both.sum()), 3),
        uneven=round(float(1.4826 * np.median(np.abs(spread), axis=0).max()), 3),
        slope=round(slope, 3))
