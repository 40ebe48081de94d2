"""How the camera moved: the scene's shift from frame to frame, measured on small grey frames.

Corners are tracked by pyramidal Lucas-Kanade and fitted by RANSAC, so that an actor who walks
through a still picture moves nothing (Shi & Tomasi 1994; Bouguet 2000; OpenCV).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from microfinish.core.media import Picture
from microfinish.media.sampled_frames import upright_greys

SHAKE_VERSION = 1
SIDE = 480
"""Longer side of the frames measured on: errors of a tenth of a pixel are 0.4 pixels of 1080p."""
_CORNERS, _FEWEST = 200, 12
Grey = NDArray[np.uint8]


def shake_fact(path: Path, picture: Picture, frames: list[int]) -> list[list[float]]:
    """[x, y] of the scene at each of the frames against the first, in upright source pixels.

    `frames` need not rise. Where two neighbors show nothing to hold on to, the camera is taken to
    have stood still between them. Raises ToolError where the file cannot be decoded.
    """
    wanted = sorted(set(frames))
    at = {wanted[0]: (0.0, 0.0)}
    x = y = 0.0
    for number, (dx, dy) in zip(wanted[1:], _steps(path, picture, wanted), strict=True):
        x, y = x + dx, y + dy
        at[number] = (x, y)
    first = at[frames[0]]
    return [[at[number][0] - first[0], at[number][1] - first[1]] for number in frames]


def _steps(path: Path, picture: Picture, frames: list[int]) -> Iterator[tuple[float, float]]:
    before: Grey | None = None
    for grey in upright_greys(path, picture, frames, SIDE):
        if before is not None:
            scale = max(picture.upright_size) / max(grey.shape)
            dx, dy = _shift(before, grey)
            yield dx * scale, dy * scale
        before = grey


def _shift(before: Grey, after: Grey) -> tuple[float, float]:
    """How far the scene moved between two frames, in their pixels; (0, 0) where it cannot tell."""
    corners: Any = cv2.goodFeaturesToTrack(before, _CORNERS, 0.01, 8)
    if corners is None or len(corners) < _FEWEST:
        return 0.0, 0.0
    moved, found, _ = cv2.calcOpticalFlowPyrLK(before, after, corners, np.empty_like(corners),
                                               winSize=(21, 21), maxLevel=3)
    seen = found.ravel() == 1
    if seen.sum() < _FEWEST:
        return 0.0, 0.0
    source, target = corners[seen], moved[seen]
    matrix, held = cv2.estimateAffinePartial2D(source, target, ransacReprojThreshold=1.0)
    if matrix is None or held.sum() < _FEWEST:
        return 0.0, 0.0
    height, width = before.shape
    middle = np.array([width / 2, height / 2, 1.0])
    x, y = matrix @ middle
    return float(x - middle[0]), float(y - middle[1])
