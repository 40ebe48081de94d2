"""Faces in sampled frames: OpenCV's Haar cascades behind a small protocol."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from microfinish.core.face_track import Face
from microfinish.core.media import Picture
from microfinish.media.sampled_frames import sample_frames

Gray = NDArray[np.uint8]

FACES_VERSION = 1
"""Counts up when the same frames would now give other faces."""
MAX_SIDE = 640
_SMALLEST = 0.06
"""Smallest face looked for, as a share of the shorter side: smaller ones carry no close-up."""

_own = threading.local()


class Detector(Protocol):
    """Finds faces in one upright picture: 8-bit gray, shape (height, width)."""

    def detect(self, gray: Gray) -> tuple[Face, ...]:
        """Faces in shares of the picture, the surest first."""
        ...


class HaarDetector:
    """Frontal faces, else profiles to either side, by OpenCV 4's boosted cascades.

    The score is the cascade's confidence squeezed into 0..1; profiles count half, since
    hair and foliage fool that cascade more often. Without `profiles` a picture that has no
    frontal face costs a third.
    """

    def __init__(self, profiles: bool = True) -> None:
        self._profiles = profiles
        self._frontal = _cascade("haarcascade_frontalface_alt2.xml")
        self._profile = _cascade("haarcascade_profileface.xml")

    def detect(self, gray: Gray) -> tuple[Face, ...]:
        # Log pictures are flat: local contrast brings the features of the cascade back.
        contrasted = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(8, 8)).apply(gray)
        faces = list(self._found(self._frontal, contrasted, 1.0))
        if self._profiles and not faces:
            faces = [*self._found(self._profile, contrasted, 0.5),
                     *(_mirrored(face) for face in
                       self._found(self._profile, cv2.flip(contrasted, 1), 0.5))]
        return tuple(sorted(faces, key=lambda face: -face.score))

    @staticmethod
    def _found(cascade: Any, gray: Gray, weight: float) -> Iterator[Face]:
        height, width = gray.shape
        smallest = max(24, round(min(gray.shape) * _SMALLEST))
        boxes, _, levels = cascade.detectMultiScale3(
            gray, scaleFactor=1.1, minNeighbors=4, minSize=(smallest, smallest),
            outputRejectLevels=True)
        for (x, y, w, h), level in zip(boxes, np.ravel(levels), strict=True):
            score = weight / (1 + float(np.exp(-float(level) / 2)))
            yield Face(round(float(x) / width, 5), round(float(y) / height, 5),
                       round(float(w) / width, 5), round(float(h) / height, 5), round(score, 3))


def find_faces(
    path: Path, picture: Picture, frames: Sequence[int], detector: Detector | None = None
) -> list[tuple[Face, ...]]:
    """The faces in each of the given frames of a file, in order. Raises ToolError."""
    chosen = detector or default_detector()
    found = []
    for rgb in sample_frames(path, picture, frames, max_side=MAX_SIDE):
        gray = cv2.cvtColor(np.clip(rgb, 0, 1).astype(np.float32), cv2.COLOR_RGB2GRAY)
        found.append(chosen.detect(np.round(gray * 255).astype(np.uint8)))
    return found


def faces_fact(path: Path, picture: Picture, frames: Sequence[int]) -> list[list[dict[str, float]]]:
    """`find_faces` as plain data, for the cache of facts."""
    return [[asdict(face) for face in faces] for faces in find_faces(path, picture, frames)]


def default_detector(profiles: bool = True) -> Detector:
    """The detector in use: one per thread, since a cascade keeps scratch memory."""
    name = "detector" if profiles else "frontal"
    if not hasattr(_own, name):
        setattr(_own, name, HaarDetector(profiles))
    detector: Detector = getattr(_own, name)
    return detector


def _cascade(name: str) -> Any:
    return cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / name))


def _mirrored(face: Face) -> Face:
    return Face(round(1 - face.x - face.width, 5), face.y, face.width, face.height, face.score)

