"""Waveform, vectorscope and histogram of a picture, drawn as a colorist knows them.

They read 8-bit Rec.709 code values as a screen gets them, so 0 is black and 255 the white of the
delivered file (64 and 940 in ten-bit legal range).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
_Floats = NDArray[np.float64]

_KR, _KB = 0.2126, 0.0722
"""Luma weights of ITU-R BT.709."""
_GRATICULE = np.array([58, 58, 58], np.uint8)
SKIN_DEGREES = 123.0
"""Where skin of every shade lies on a vectorscope: the +I axis of NTSC, 123 degrees from Cb."""
_BARS = ((191, 0, 0), (191, 191, 0), (0, 191, 0), (0, 191, 191), (0, 0, 191), (191, 0, 191))
"""The colors of 75 % bars: their places are the boxes of a vectorscope."""


def waveform(picture: Pixels, width: int, height: int) -> Pixels:
    """An RGB parade: for each channel its values by column; shape (height, width, 3).

    Lines stand at 0, 25, 50, 75 and 100 % of the code range.
    """
    scope = np.zeros((height, width, 3), np.uint8)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        scope[round((1 - share) * (height - 1)), :] = _GRATICULE
    third = width // 3
    for channel in range(3):
        trace = _trace(picture[..., channel], third - 4, height)
        color = np.full(3, 0.25)
        color[channel] = 1.0
        area = scope[:, channel * third + 2:channel * third + 2 + trace.shape[1]]
        _add(area, trace, color)
    return scope


def vectorscope(picture: Pixels, side: int) -> Pixels:
    """Chroma: Cb to the right, Cr upwards, in the colors they have; shape (side, side, 3).

    The boxes are 75 % color bars, the line is where skin lies.
    """
    scope = np.zeros((side, side, 3), np.uint8)
    _circle(scope)
    _line(scope, SKIN_DEGREES)
    for bar in _BARS:
        _box(scope, *_place(*_chroma(np.array(bar, np.float64)[None]), side))
    pixels = picture.reshape(-1, 3).astype(np.float64)
    across, down = _place(*_chroma(pixels), side)
    counts = np.zeros((side, side))
    colors = np.zeros((side, side, 3))
    np.add.at(counts, (down, across), 1.0)
    np.add.at(colors, (down, across), pixels / 255)
    hit = counts > 0
    mean = colors[hit] / counts[hit][:, None]
    bright = mean / np.maximum(mean.max(axis=1, keepdims=True), 1e-3)
    level = _brightness(counts)[hit][:, None]
    scope[hit] = np.rint(255 * bright * level).astype(np.uint8)
    return scope


def histogram(picture: Pixels, width: int, height: int) -> Pixels:
    """How often each code value occurs, the three channels over each other; (height, width, 3)."""
    scope = np.zeros((height, width, 3), np.uint8)
    bins = np.linspace(0, 256, width + 1)
    counts = [np.histogram(picture[..., channel], bins)[0].astype(np.float64)
              for channel in range(3)]
    top = max(float(np.quantile(np.stack(counts), 0.995)), 1.0)
    rows = np.arange(height)[::-1, None]
    for channel, count in enumerate(counts):
        filled = rows < np.minimum(count / top, 1.0)[None, :] * height
        scope[..., channel][filled] = 200
    return scope


def luma(picture: Pixels) -> _Floats:
    """Y' of BT.709, 0..255."""
    red, green, blue = (picture[..., channel].astype(np.float64) for channel in range(3))
    return np.asarray(_KR * red + (1 - _KR - _KB) * green + _KB * blue)


def _chroma(pixels: _Floats) -> tuple[_Floats, _Floats]:
    """(Cb, Cr) in -0.5..0.5 of RGB rows 0..255."""
    y = _KR * pixels[:, 0] + (1 - _KR - _KB) * pixels[:, 1] + _KB * pixels[:, 2]
    return (np.asarray((pixels[:, 2] - y) / (2 * (1 - _KB)) / 255),
            np.asarray((pixels[:, 0] - y) / (2 * (1 - _KR)) / 255))


def _place(cb: _Floats, cr: _Floats, side: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    across = np.clip(np.rint((0.5 + cb * 0.96) * (side - 1)), 0, side - 1).astype(np.intp)
    down = np.clip(np.rint((0.5 - cr * 0.96) * (side - 1)), 0, side - 1).astype(np.intp)
    return across, down


def _trace(channel: Pixels, width: int, height: int) -> _Floats:
    columns = np.minimum(np.arange(channel.shape[1]) * width // channel.shape[1], width - 1)
    rows = np.rint((255 - channel.astype(np.float64)) / 255 * (height - 1)).astype(np.intp)
    counts = np.zeros((height, width))
    np.add.at(counts, (rows, np.broadcast_to(columns, rows.shape)), 1.0)
    return _brightness(counts)


def _brightness(counts: _Floats) -> _Floats:
    """How bright a trace is where that many pixels fall: single ones show, crowds do not clip."""
    top = max(float(counts.max()), 1.0)
    return np.asarray(np.where(counts > 0, 0.4 + 0.6 * np.sqrt(counts / top), 0.0))


def _add(area: Pixels, trace: _Floats, color: _Floats) -> None:
    lit = np.rint(255 * trace[..., None] * color).astype(np.int32)
    area[:] = np.minimum(area.astype(np.int32) + lit, 255).astype(np.uint8)


def _circle(scope: Pixels) -> None:
    side = scope.shape[0]
    angle = np.linspace(0, 2 * np.pi, side * 8)
    radius = 0.48 * (side - 1)
    middle = (side - 1) / 2
    scope[np.rint(middle + radius * np.sin(angle)).astype(int),
          np.rint(middle + radius * np.cos(angle)).astype(int)] = _GRATICULE


def _line(scope: Pixels, degrees: float) -> None:
    side = scope.shape[0]
    along = np.linspace(0, 0.48 * (side - 1), side)
    middle, angle = (side - 1) / 2, np.deg2rad(degrees)
    scope[np.rint(middle - along * np.sin(angle)).astype(int),
          np.rint(middle + along * np.cos(angle)).astype(int)] = _GRATICULE * 2


def _box(scope: Pixels, across: NDArray[np.intp], down: NDArray[np.intp]) -> None:
    half = max(2, scope.shape[0] // 50)
    left, top = int(across[0]) - half, int(down[0]) - half
    right, bottom = left + 2 * half, top + 2 * half
    for row in (top, bottom):
        scope[row, left:right + 1] = _GRATICULE * 2
    for column in (left, right):
        scope[top:bottom + 1, column] = _GRATICULE * 2
