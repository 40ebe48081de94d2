"""A few small pictures of a file, upright and in exact RGB code values, for analysis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from microfinish.core.color_decode import LUMA_WEIGHTS, Decode, decode_of
from microfinish.core.errors import ToolError
from microfinish.core.media import Picture

Rgb = NDArray[np.float32]

_PLANAR = {f"yuv{kind}p{depth}": (kind, bits) for kind in ("420", "422", "444")
           for depth, bits in (("", 8), ("10le", 10), ("12le", 12), ("16le", 16))}
_PLANAR |= {f"yuvj{kind}p": (kind, 8) for kind in ("420", "422", "444")}
_NEAREST_PLANAR = {"nv12": "yuv420p", "nv21": "yuv420p", "p010le": "yuv420p10le",
                   "yuva420p": "yuv420p", "yuva444p10le": "yuv444p10le", "yuvj440p": "yuvj444p",
                   "yuyv422": "yuv422p", "uyvy422": "yuv422p", "yuva444p12le": "yuv444p12le"}
SEEK_AHEAD_SECONDS = 2
"""In a file without an index, farther ahead than this a seek is likely to be cheaper."""
SEEK_BACK_LIMIT = 600
"""Give up a search after this many decoded pictures: a file with one keyframe per 20 s at 30."""


def sample_frames(
    path: Path, picture: Picture, frames: Sequence[int], max_side: int = 256,
    decode: Decode | None = None, about: bool = False,
) -> list[Rgb]:
    """The given frames as float32 RGB, shape (height, width, 3), code values 0..1, upright.

    Frames are those of `Picture`: frame n is the picture with the greatest timestamp at or
    before n / rate after the start. They come back in the order asked for, scaled down (area
    average) so that the longer side is at most `max_side`; the sample aspect is not applied.
    `about`: a frame that no other is predicted from may give way to the one before it; such frames
    are not decoded then, half of the work in a long GOP.
    `decode` overrides the matrix and range that the tags say. YUV becomes RGB here, not in
    swscale, whose matrix and range handling is off by up to 3.6 ten-bit codes.

    Raises ToolError where the file cannot be decoded; a frame past the end is the last one.
    """
    how = decode or decode_of(picture)
    wanted = sorted(set(frames))
    found: dict[int, Rgb] = {}
    try:
        with av.open(str(path), options={"protocol_whitelist": "file,pipe"}) as container:
            reader = _Reader(container, picture, about)
            for number in wanted:
                found[number] = _upright(_small_rgb(reader.frame_at(number), how, max_side),
                                         picture)
    except (av.FFmpegError, IndexError, StopIteration, OSError) as error:
        raise _undecodable(path, error) from error
    return [found[number] for number in frames]


def upright_greys(path: Path, picture: Picture, frames: Sequence[int],
                  max_side: int) -> Iterator[NDArray[np.uint8]]:
    """The given frames, in rising order, as 8-bit luma codes: shape (height, width), upright.

    For measuring motion, one frame after the other. Raises ToolError as `sample_frames` does.
    """
    try:
        with av.open(str(path), options={"protocol_whitelist": "file,pipe"}) as container:
            reader = _Reader(container, picture)
            for number in frames:
                frame = reader.frame_at(number)
                scale = min(1.0, max_side / max(frame.width, frame.height))
                small = frame.reformat(max(2, round(frame.width * scale)),
                                       max(2, round(frame.height * scale)), "gray",
                                       interpolation="AREA")
                yield _turned(small.to_ndarray(), picture)
    except (av.FFmpegError, IndexError, StopIteration, OSError) as error:
        raise _undecodable(path, error) from error


class _Reader:
    """Decodes the picture on screen at rising frame numbers, by timestamps.

    It goes on decoding where it is unless a key frame lies between there and the goal: a file
    with one key frame per shot is then decoded once, not once per sample.
    """

    def __init__(self, container: Any, picture: Picture, about: bool = False) -> None:
        self._container = container
        self._stream = container.streams.video[0]
        self._stream.thread_type = "AUTO"
        if about:
            self._stream.codec_context.skip_frame = "NONREF"
        self._picture = picture
        self._tick = Fraction(self._stream.time_base)
        self._keys = sorted(entry.timestamp for entry in self._stream.index_entries
                            if entry.is_keyframe)
        self._pictures: Iterator[Any] = iter(())
        self._shown: Any = None
        self._next: Any = None

    def frame_at(self, number: int) -> Any:
        """The picture with the greatest timestamp at or before frame `number`'s time."""
        at = self._picture.start + number / self._picture.rate
        # Containers round timestamps to their tick: a picture one tick late is still this frame.
        target = int(at / self._tick) + 1
        if self._should_seek(target):
            self._seek(max(target, 0))
        best = self._advance(target)
        if best is None:  # the seek landed behind the last picture
            self._seek(0)
            best = self._advance(target)
        if best is None:
            raise StopIteration("no picture in the file")
        return best

    def _should_seek(self, target: int) -> bool:
        here = self._shown.pts if self._shown is not None else None
        if here is None or target < here:
            return True
        if self._keys:
            return any(bool(here < key <= target) for key in self._keys)
        return bool((target - here) * self._tick > SEEK_AHEAD_SECONDS)

    def _seek(self, target: int) -> None:
        self._container.seek(target, stream=self._stream, backward=True, any_frame=False)
        self._pictures = _pictures(self._container, self._stream)
        self._shown = self._next = None

    def _advance(self, target: int) -> Any:
        for _ in range(SEEK_BACK_LIMIT):
            if self._next is None:
                self._next = next(self._pictures, None)
            if self._next is None or (self._shown is not None and self._next.pts is not None
                                      and self._next.pts > target):
                break
            self._shown, self._next = self._next, None
        return self._shown


def _pictures(container: Any, stream: Any) -> Iterator[Any]:
    """Decoded pictures; a damaged packet ends the search but keeps what was seen before it."""
    seen = False
    try:
        for frame in container.decode(stream):
            seen = True
            yield frame
    except av.FFmpegError:
        if not seen:
            raise


def _small_rgb(frame: Any, how: Decode, max_side: int) -> Rgb:
    """One decoded frame as small RGB code values, not yet upright."""
    scale = min(1.0, max_side / max(frame.width, frame.height))
    size = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
    if how.matrix == "gbr" or frame.format.name.startswith(("gray", "pal")):
        rgb = frame.to_ndarray(format="rgb48le").astype(np.float32) / 65535.0
        return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.float32)
    name = frame.format.name
    if name not in _PLANAR:
        name = _NEAREST_PLANAR.get(name, "yuv444p16le")
        frame = frame.reformat(format=name)
    _, bits = _PLANAR[name]
    planes = [cv2.resize(_plane(frame.planes[i], bits), size, interpolation=cv2.INTER_AREA)
              for i in range(3)]
    return yuv_to_rgb(planes[0], planes[1], planes[2], bits, how)


def _plane(plane: Any, bits: int) -> NDArray[np.float32]:
    raw = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height]
    samples = raw if bits == 8 else raw.view("<u2")
    return np.asarray(samples[:, : plane.width], np.float32)


def yuv_to_rgb(
    luma: NDArray[np.float32], blue: NDArray[np.float32], red: NDArray[np.float32],
    bits: int, how: Decode,
) -> Rgb:
    """YUV codes of `bits` to RGB 0..1 by ITU-T H.273; what leaves 0..1 is clipped."""
    unit = float(1 << (bits - 8))
    if how.code_range == "full":
        top = float((1 << bits) - 1)
        y, chroma_span = luma / top, top
    else:
        y, chroma_span = (luma - 16 * unit) / (219 * unit), 224 * unit
    cb = (blue - 128 * unit) / chroma_span
    cr = (red - 128 * unit) / chroma_span
    kr, kb = LUMA_WEIGHTS.get(how.matrix, LUMA_WEIGHTS["bt709"])
    r = y + 2 * (1 - kr) * cr
    b = y + 2 * (1 - kb) * cb
    g = (y - kr * r - kb * b) / (1 - kr - kb)
    return np.asarray(np.clip(np.stack([r, g, b], axis=-1), 0.0, 1.0), np.float32)


def _upright(rgb: Rgb, picture: Picture) -> Rgb:
    upright: Rgb = _turned(rgb, picture)
    return upright


def _turned(stored: Any, picture: Picture) -> Any:
    turns = (picture.rotation // 90) % 4
    stored = stored[:, ::-1] if picture.mirrored else stored  # first, as the renderer does
    return np.ascontiguousarray(np.rot90(stored, k=-turns))  # rot90 is counter-clockwise


def _undecodable(path: Path, error: Exception) -> ToolError:
    return ToolError(f"{path.name}: no picture could be decoded ({error})",
                     hint="play the file; if it is damaged, copy it from the card again")
