"""Thumbnails: one small upright picture of a media file, for people to tell files apart."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from microfinish.core.media import Picture

LONG_SIDE = 320
_JPEG_QUALITY = 85


def thumbnail(path: Path, picture: Picture, long_side: int = LONG_SIDE) -> bytes | None:
    """A JPEG of the key frame nearest before a third of the file, upright, with square pixels.

    The code values are shown as they are: a log picture looks flat. None where no picture can
    be decoded.
    """
    frame = _frame(path, picture)
    if frame is None:
        return None
    width, height = _size(picture, frame.width, frame.height, long_side)
    image = frame.reformat(width=width, height=height, format="bgr24").to_ndarray()
    done, data = cv2.imencode(".jpg", upright(image, picture),
                              [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return bytes(data) if done else None


def upright(image: np.ndarray[Any, Any], picture: Picture) -> np.ndarray[Any, Any]:
    """A stored picture (rows, columns, channels) flipped, then turned, as its file asks."""
    stored = np.fliplr(image) if picture.mirrored else image
    return np.ascontiguousarray(np.rot90(stored, -(picture.rotation // 90)))


def _frame(path: Path, picture: Picture) -> Any | None:
    with suppress(av.error.FFmpegError, ValueError), \
            av.open(f"file:{path}", container_options={"protocol_whitelist": "file,pipe"}) as media:
        stream = next(s for s in media.streams.video if not int(s.disposition) & 0x400)
        if picture.frames > 1:
            third = picture.start + Fraction(picture.frames, 3) / picture.rate
            with suppress(av.error.FFmpegError):
                media.seek(int(third / stream.time_base), stream=stream)
        return next(iter(media.decode(stream)), None)
    return None


def _size(picture: Picture, width: int, height: int, long_side: int) -> tuple[int, int]:
    """Stored width and height of the thumbnail, before it is turned; both even."""
    shown = Fraction(width) * picture.sample_aspect
    scale = min(Fraction(1), Fraction(long_side) / max(shown, Fraction(height)))
    return max(2, round(shown * scale / 2) * 2), max(2, round(height * scale / 2) * 2)
