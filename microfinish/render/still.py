"""One picture through a shot's texture, outside any segment: what stills show."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import ffmpeg

from microfinish.core.frame import Raster
from microfinish.render.fitting import ZIMG_NAMES
from microfinish.render.segment import Layer
from microfinish.render.texturing import after_scale, before_lut

_RATE = Fraction(25)


def still_before_arguments(raster: Raster, layer: Layer) -> list[str]:
    """ffmpeg's arguments: rgb48le code values on stdin to rgb48le on stdout, before the LUT.

    Tools that look at earlier frames see this one alone.
    """
    stream = _source(raster).filter("format", "gbrp16le")
    return _compiled(before_lut(stream, layer.texture, "gbr", "full"), "rgb48le")


def still_after_arguments(raster: Raster, layer: Layer) -> list[str]:
    """The same for a graded picture of the whole raster; rgb24 comes out."""
    stream = _source(raster).filter("format", "gbrp16le").filter(
        "zscale", **ZIMG_NAMES, matrixin="gbr", rangein="full", matrix="709", range="limited")
    stream = after_scale(stream.filter("format", "yuv444p16le"), layer, raster, _RATE)
    stream = stream.filter("zscale", **ZIMG_NAMES, matrixin="709", rangein="limited",
                           matrix="gbr", range="full").filter("format", "gbrp")
    return _compiled(stream, "rgb24")


def _source(raster: Raster) -> Any:
    return ffmpeg.input("pipe:0", f="rawvideo", pix_fmt="rgb48le", s=str(raster),
                        r=str(_RATE)).video


def _compiled(stream: Any, pixels: str) -> list[str]:
    target = ffmpeg.output(stream, "pipe:1", f="rawvideo", pix_fmt=pixels, **{"frames:v": 1})
    return list(ffmpeg.compile(target))[1:]
