"""How a picture meets the raster: cropped along a path, or whole, over bars or a blurred copy.

A crop of 4:2:0 pictures moves in steps of two source pixels, which after an upscale is a visible
stutter. A gliding crop is therefore cut twice: a little too wide before the LUT, on even pixels,
and exactly, in delivered pixels, after the upscale.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

import ffmpeg

from microfinish.core.frame import PathKey, Raster
from microfinish.core.media import Picture
from microfinish.render.segment import Layer

ZIMG_NAMES = {"primariesin": "709", "transferin": "709", "primaries": "709", "transfer": "709"}
"""Equal on both sides they mean "leave the light alone"; zscale fails without the input pair."""

GLIDE_MARGIN = 8
"""Source pixels by which a gliding crop is first cut too wide: the LUT wants widths in eights."""


def split(stream: Any, count: int) -> list[Any]:
    """`count` copies of a stream."""
    if count == 1:
        return [stream]
    parts = stream.filter_multi_output("split", count)
    return [parts[i] for i in range(count)]


def glides(layer: Layer, raster: Raster) -> bool:
    """A moving crop that is enlarged, with room beside it to be cut too wide at first."""
    if layer.fit != "crop" or layer.picture is None or len(layer.path) < 2:
        return False
    width, height = layer.picture.upright_size
    return (layer.width < raster.width and layer.width + GLIDE_MARGIN <= width
            and (layer.height + GLIDE_MARGIN <= height or not _moves(layer.path, "y")))


def crop(stream: Any, layer: Layer, raster: Raster) -> Any:
    """The crop before the LUT; `raster` is the largest one the layer is delivered on."""
    assert layer.picture is not None
    if layer.fit != "crop" or (layer.width, layer.height) == layer.picture.upright_size:
        return stream
    width, height, x, y = layer.width, layer.height, *(
        path_expression(layer.path, axis) for axis in ("x", "y"))
    if glides(layer, raster):
        width, height = _wide_size(layer)
        x, y = _coarse(layer, "x"), _coarse(layer, "y")
    return stream.filter("crop", w=width, h=height, x=x, y=y)


def path_expression(path: tuple[PathKey, ...], axis: str) -> str:
    """The crop corner over frame number n as an ffmpeg expression: straight lines between keys.

    Asked by halves: ffmpeg refuses expressions that are nested a hundred deep, and a steadied
    path has hundreds of keys.
    """
    def value(key: PathKey) -> float:
        return key.x if axis == "x" else key.y

    def line(a: PathKey, b: PathKey) -> str:
        slope = (value(b) - value(a)) / (b.frame - a.frame)
        return f"{value(a):.4f}" if not slope else f"{value(a):.4f}+{slope:.8f}*(n-{a.frame})"

    lines = [*(line(a, b) for a, b in pairwise(path)), f"{value(path[-1]):.4f}"]

    def between(first: int, last: int) -> str:
        if first == last:
            return lines[first]
        half = (first + last) // 2
        return (f"if(lt(n,{path[half + 1].frame}),{between(first, half)},"
                f"{between(half + 1, last)})")

    return between(0, len(lines) - 1)


def _moves(path: tuple[PathKey, ...], axis: str) -> bool:
    return len({key.x if axis == "x" else key.y for key in path}) > 1


def _wide_size(layer: Layer) -> tuple[int, int]:
    """The first, too wide cut of a gliding crop, in source pixels."""
    return (layer.width + (GLIDE_MARGIN if _moves(layer.path, "x") else 0),
            layer.height + (GLIDE_MARGIN if _moves(layer.path, "y") else 0))


def _coarse(layer: Layer, axis: str) -> str:
    """The first cut's corner: on even pixels, at or before the path, inside the picture."""
    assert layer.picture is not None
    size = layer.picture.upright_size[0 if axis == "x" else 1]
    room = size - _wide_size(layer)[0 if axis == "x" else 1]
    return f"min({room // 2 * 2},2*floor(({path_expression(layer.path, axis)})/2))"


def _glide(stream: Any, layer: Layer, raster: Raster) -> Any:
    """The second cut: what is left of the path after the first, in delivered pixels."""
    wide, high = _wide_size(layer)
    across, down = Fraction(raster.width, layer.width), Fraction(raster.height, layer.height)
    enlarged = _wide(stream, Raster(math.ceil(wide * across), math.ceil(high * down)))
    corners = {}
    for axis, zoom in (("x", across), ("y", down)):
        rest = f"({path_expression(layer.path, axis)}-{_coarse(layer, axis)})"
        corners[axis] = f"round({rest}*{float(zoom):.8f})"
    return enlarged.filter("crop", w=raster.width, h=raster.height, **corners)


def fitted(stream: Any, layer: Layer, raster: Raster) -> Any:
    """A graded layer on the full raster in yuv444p16le, the one format xfade and pad both take."""
    if glides(layer, raster):
        return _glide(stream, layer, raster)
    if layer.fit == "crop" or layer.picture is None:
        return _wide(stream, raster)
    width, height = _fit_size(layer.picture, raster)
    if layer.fit == "bars":
        return _wide(stream, Raster(width, height)).filter(
            "pad", raster.width, raster.height, "(ow-iw)/2", "(oh-ih)/2", "black")
    front, back = split(stream, 2)
    return ffmpeg.filter(
        [_blurred(back, layer.picture, raster).filter("format", "yuv444p10le"),
         _wide(front, Raster(width, height)).filter("format", "yuv444p10le")],
        "overlay", x="(W-w)/2", y="(H-h)/2", format="yuv444p10",
    ).filter("format", "yuv444p16le")


def _blurred(stream: Any, picture: Picture, raster: Raster) -> Any:
    """The picture filling the raster, blurred and dimmed, to stand behind itself."""
    width, height = picture.upright_size
    aspect = Fraction(width, height) * picture.upright_aspect
    goal = Fraction(raster.width, raster.height)
    across = goal / aspect if aspect > goal else Fraction(1)
    down = aspect / goal if aspect < goal else Fraction(1)
    stream = stream.filter("crop", math.floor(width * across), math.floor(height * down))
    small = Raster(raster.width // 4 // 8 * 8, raster.height // 4 // 8 * 8)
    stream = _wide(stream, small).filter("gblur", sigma=small.width / 24)
    return stream.filter("zscale", w=raster.width, h=raster.height, filter="bicubic").filter(
        "lutyuv", y="(val-minval)*0.6+minval")


def _wide(stream: Any, raster: Raster) -> Any:
    return stream.filter(
        "zscale", w=raster.width, h=raster.height, filter="lanczos", **ZIMG_NAMES,
        matrixin="gbr", rangein="full", matrix="709", range="limited",
    ).filter("format", "yuv444p16le").filter("setsar", "1")


def _fit_size(picture: Picture, raster: Raster) -> tuple[int, int]:
    """The whole picture inside the raster, in even pixels."""
    width, height = picture.upright_size
    shown = Fraction(width) * picture.upright_aspect
    scale = min(Fraction(raster.width) / shown, Fraction(raster.height, height))
    return int(shown * scale) // 2 * 2, int(height * scale) // 2 * 2
