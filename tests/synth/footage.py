"""Footage with known truth: every frame carries its own number as blocks a machine can read.

The blocks stand in a square of 0.4 x the picture's height around its center, 4 columns by 5 rows,
so that they survive a 9:16 center crop of 16:9, a scale, a log curve and an encoder. Cells 0 and
19 are white and black for reference, 14 cells hold the number (least significant first), 4 hold
the number modulo 13 as a check.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

COLUMNS, ROWS = 4, 5
SIDE = 0.4
BITS = 14


@dataclass(frozen=True)
class Clip:
    """What a generated file holds: one number per picture, shown at `times` (seconds)."""

    path: Path
    rate: Fraction
    numbers: tuple[int, ...]
    times: tuple[Fraction, ...]


def draw_number(width: int, height: int, number: int, low: int = 24, high: int = 232
                ) -> NDArray[np.uint8]:
    """An upright gray picture (height, width) holding `number`, over a slow gradient."""
    across = np.linspace(70, 150, width)[None, :]
    down = np.linspace(0, 40, height)[:, None]
    picture = np.clip(across + down, 0, 255).astype(np.uint8)
    cells = [1, *(number >> bit & 1 for bit in range(BITS)),
             *(number % 13 >> bit & 1 for bit in range(4)), 0]
    cell = SIDE * height / COLUMNS
    left, top = (width - SIDE * height) / 2, (height - cell * ROWS) / 2
    for index, on in enumerate(cells):
        row, column = divmod(index, COLUMNS)
        y, x = round(top + row * cell), round(left + column * cell)
        picture[y:round(top + (row + 1) * cell), x:round(left + (column + 1) * cell)] = (
            high if on else low)
    return picture


def read_number(gray: NDArray[np.generic]) -> int | None:
    """The number in an upright picture of any size; None where the blocks do not check."""
    height, width = gray.shape
    cell = SIDE * height / COLUMNS
    left, top = (width - SIDE * height) / 2, (height - cell * ROWS) / 2
    values = []
    for index in range(COLUMNS * ROWS):
        row, column = divmod(index, COLUMNS)
        y, x = top + (row + 0.5) * cell, left + (column + 0.5) * cell
        reach = max(1, int(cell / 4))
        values.append(float(gray[int(y) - reach:int(y) + reach,
                                 int(x) - reach:int(x) + reach].mean()))
    middle = (values[0] + values[-1]) / 2
    if values[0] - values[-1] < 20:
        return None
    bits = [value > middle for value in values]
    number = sum(bit << n for n, bit in enumerate(bits[1:1 + BITS]))
    check = sum(bit << n for n, bit in enumerate(bits[1 + BITS:5 + BITS]))
    return number if number % 13 == check else None


def make_clip(
    path: Path,
    *,
    frames: int,
    rate: Fraction = Fraction(25),
    size: tuple[int, int] = (320, 180),
    first_number: int = 0,
    pts: Sequence[int] | None = None,
    time_base: Fraction | None = None,
    rotation: int = 0,
    timecode: str = "",
    gop: int = 12,
    b_frames: int = 2,
    metadata: dict[str, str] | None = None,
) -> Clip:
    """An H.264 file of `frames` numbered pictures, `size` upright.

    `pts` (in `time_base`) makes it variable-rate. `rotation` stores the picture turned, with a
    display matrix that turns it `rotation` degrees clockwise for viewing.
    """
    width, height = size
    time_base = time_base or 1 / rate
    ticks = list(pts) if pts is not None else [round(n / rate / time_base) for n in range(frames)]
    with av.open(str(path), "w", options={"video_track_timescale": str(
            rate.numerator * 1000 if rate.denominator == 1 else rate.numerator)}) as container:
        container.metadata.update(metadata or {})
        if timecode:
            container.metadata["timecode"] = timecode
        stream = container.add_stream("libx264", rate=rate, options={
            "crf": "10", "preset": "veryfast", "x264-params": "threads=1"})
        turned = rotation % 180 == 90
        stream.width, stream.height = (height, width) if turned else (width, height)
        stream.pix_fmt = "yuv420p"
        stream.gop_size = gop
        stream.max_b_frames = b_frames
        stream.codec_context.time_base = time_base
        stream.time_base = time_base
        for index in range(frames):
            gray = draw_number(width, height, first_number + index)
            stored = np.rot90(gray, k=rotation // 90) if rotation else gray
            rgb = np.repeat(np.ascontiguousarray(stored)[:, :, None], 3, axis=2)
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            frame.pts, frame.time_base = ticks[index], time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    if rotation:
        _turn(path, rotation)
    return Clip(path, rate, tuple(range(first_number, first_number + frames)),
                tuple(tick * time_base for tick in ticks))


def _turn(path: Path, rotation: int) -> None:
    from microfinish.media.ffmpeg import run

    turned = path.with_name("turned-" + path.name)
    # ffmpeg's -display_rotation counts counterclockwise.
    run(["-y", "-display_rotation", str(-rotation), "-i", str(path), "-map", "0", "-c", "copy",
         str(turned)])
    turned.replace(path)


def numbers_in(path: Path) -> list[int | None]:
    """The number on every decoded frame of a file, in presentation order, as a player shows it."""
    numbers = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            numbers.append(read_number(frame.to_ndarray(format="gray")))
    return numbers
