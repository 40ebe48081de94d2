"""What a shot's pictures say about its exposure and white: sampled, scene-linear, cautious."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from microfinish.media.sampled_frames import Rgb

Values = NDArray[np.float64]

SIDE = 160
_LUMA = np.array([0.2722287, 0.6740818, 0.0536895])
"""Luminance of ACEScg (AP1) light."""
_REACH, _BIN, _RADIUS = 1.0, 0.05, 0.12


class ColorFact(TypedDict):
    """`stops` is the log-average luminance against mid grey; `clipped` a share of pixels.

    `neutral` and `white` are log2 red/green and blue/green of the most common pale color and of
    the brightest unclipped pixels. Of the pale color: `share` of the pixels, `depth` in stops from
    its darkest to its lightest, `tiles` the share of a 4x4 grid it appears in, `unrest` how far it
    wanders between frames.
    """

    stops: float
    clipped: float
    neutral: list[float]
    white: list[float]
    share: float
    depth: float
    tiles: float
    unrest: float


def color_of(codes: Sequence[Rgb], lights: Sequence[Values]) -> ColorFact | None:
    """Measure frames given as code values and as scene-linear ACEScg. None where there is too
    little usable picture.

    Clipped pixels (a channel above 0.98 of the code range), black frames and pixels more than six
    stops below grey are left out: they say nothing about the light.
    """
    seen = [_usable(code, light) for code, light in zip(codes, lights, strict=True)]
    usable = [frame for frame in seen if frame[0].size >= 3 * 400]
    if not usable:
        return None
    light = np.concatenate([frame[0] for frame in usable])
    tile = np.concatenate([frame[1] for frame in usable])
    stops = np.log2(light @ _LUMA / 0.18)
    ratios = _ratios(light)
    center = _mode(ratios)
    near = _near(ratios, center)
    own = [_ratios(frame[0]) for frame in usable]
    means = np.array([each[_near(each, center)].mean(axis=0) for each in own
                      if _near(each, center).sum() >= 40])
    bright = stops >= np.quantile(stops, 0.98)
    depth = float(np.subtract(*np.quantile(stops[near], [0.95, 0.05]))) if near.any() else 0.0
    return ColorFact(
        stops=float(np.median([np.log2(frame[0] @ _LUMA / 0.18).mean() for frame in usable])),
        clipped=float(np.mean([frame[2] for frame in seen])),
        neutral=[float(value) for value in center],
        white=[float(value) for value in np.median(ratios[bright], axis=0)],
        share=float(near.mean()),
        depth=depth,
        tiles=float(np.mean([(tile[near] == k).sum() >= 0.002 * len(tile) for k in range(16)])),
        unrest=float(np.ptp(means, axis=0).max()) if len(means) > 1 else 0.0,
    )


def _usable(codes: Rgb, light: Values) -> tuple[Values, Values, float]:
    """(light of the usable pixels, their tile 0..15, share of clipped pixels) of one frame."""
    height, width = codes.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width]
    tile = (rows * 4 // height) * 4 + columns * 4 // width
    clipped = codes.max(axis=-1) > 0.98
    good = ~clipped & (light @ _LUMA > 0.18 * 2.0**-6) & (light.min(axis=-1) > 1e-5)
    return light[good], tile[good], float(clipped.mean())


def _ratios(light: Values) -> Values:
    return np.log2(light[:, [0, 2]] / light[:, 1:2])


def _near(ratios: Values, center: Values) -> NDArray[np.bool_]:
    return np.asarray(np.hypot(*(ratios - center).T) < _RADIUS, np.bool_)


def _mode(ratios: Values) -> Values:
    """The densest pale color: the fullest cell of a smoothed histogram, then mean shift."""
    edges = np.arange(-_REACH, _REACH + _BIN / 2, _BIN)
    counts, _, _ = np.histogram2d(ratios[:, 0], ratios[:, 1], bins=(edges, edges))
    padded = np.pad(counts, 1)
    n, m = counts.shape
    smooth = sum(padded[i:i + n, j:j + m] for i in range(3) for j in range(3))
    cell = np.unravel_index(int(np.argmax(smooth)), counts.shape)
    center: Values = np.array([edges[cell[0]], edges[cell[1]]]) + _BIN / 2
    for _ in range(5):
        near = _near(ratios, center)
        if not near.any():
            break
        center = ratios[near].mean(axis=0)
    return center
