"""Texture as ffmpeg filters: on camera code values before the LUT, on delivered pixels after it.

Everything runs in 16 bits. `vignette` and `noise` of ffmpeg know 8 bits alone, so a vignette is
a mask that mixes with black, and grain a noisy grey that is added by weight.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any
from zlib import crc32

import ffmpeg

from microfinish.core.frame import Raster
from microfinish.core.texture import Texture
from microfinish.render.fitting import ZIMG_NAMES, split
from microfinish.render.segment import Layer

_DEFLICKER_FRAMES = 12
"""About half a second: long enough for mains flicker that beats, short enough for a real fade."""
_HALATION_START = 0.75
"""Display code value of green above which light glows: brighter than skin, darker than a lamp."""
_GRAIN_STRENGTH = 28
"""Of ffmpeg's noise: about 12 eight-bit steps (one sigma) in the mid tones of 1080p."""
_GRAIN_SHARE = 0.5
"""How much of that noise the most grain is."""
_FINE = 1080
"""Grain and glow are made for this width and scale with the raster."""


def before_lut(stream: Any, texture: Texture, matrix: str, code_range: str) -> Any:
    """Deflicker, denoise and deband a picture whose zscale matrix and range are given.

    Comes out as yuv444p12le of the same matrix and range; RGB comes out as gbrp12le. Twelve bits,
    since deflicker (FFmpeg 9.0.2) turns some pictures of more than ten black.
    """
    rgb = matrix == "gbr"
    same = {**ZIMG_NAMES, "chromalin": "left", "filter": "spline36"}
    if rgb:
        stream = stream.filter("zscale", **same, matrixin="gbr", rangein="full", matrix="709",
                               range="full")
    else:
        stream = stream.filter("zscale", **same, matrixin=matrix, rangein=code_range,
                               matrix=matrix, range=code_range)
    stream = stream.filter("format", "yuv444p12le")
    if texture.deflicker:
        stream = _deflickered(stream, texture.deflicker)
    if texture.denoise:
        stream = stream.filter(
            "hqdn3d", luma_spatial=12 * texture.denoise, chroma_spatial=10 * texture.denoise,
            luma_tmp=18 * texture.denoise, chroma_tmp=14 * texture.denoise)
    if texture.deband:
        threshold = 0.004 + 0.016 * texture.deband
        stream = stream.filter("deband", **{f"{n}thr": threshold for n in "123"}, range=16,
                               blur=1)
    if rgb:
        stream = stream.filter("zscale", **same, matrixin="709", rangein="full", matrix="gbr",
                               range="full").filter("format", "gbrp12le")
    return stream


def _deflickered(stream: Any, amount: float) -> Any:
    even = {"size": _DEFLICKER_FRAMES, "mode": "am"}
    if amount == 1.0:
        return stream.filter("deflicker", **even)
    kept, evened = split(stream, 2)
    return ffmpeg.filter([evened.filter("deflicker", **even), kept], "blend",
                         all_mode="normal", all_opacity=amount)


def after_scale(stream: Any, layer: Layer, raster: Raster, rate: Fraction) -> Any:
    """Sharpen, halation, vignette and grain on a yuv444p16le picture of the whole raster."""
    texture = layer.texture
    if texture.sharpen:
        stream = stream.filter("cas", strength=texture.sharpen, planes=1)
    if texture.halation:
        stream = _glowing(stream, texture.halation, raster)
    if texture.vignette:
        stream = _darkened(stream, texture.vignette, raster, rate)
    if texture.grain:
        stream = _grained(stream, texture.grain, _noise(raster, rate, grain_seed(layer)))
    return stream.filter("setsar", "1") if texture.after_scale else stream


def grain_seed(layer: Layer) -> int:
    """From the picture alone: a shot keeps its grain wherever it stands, and no two share one."""
    return crc32(f"{layer.media} {layer.pick.first} {layer.pick.phase}".encode()) & 0x7FFFFFFF


def _glowing(stream: Any, amount: float, raster: Raster) -> Any:
    """Light that passed the film, was thrown back, and came through the red layer again."""
    small = Raster(raster.width // 4, raster.height // 4)
    stream = stream.filter("zscale", **ZIMG_NAMES, matrixin="709", rangein="limited",
                           matrix="gbr", range="full").filter("format", "gbrp16le")
    sharp, light = split(stream, 2)
    above = f"maxval*clip((val/maxval-{_HALATION_START})/{1 - _HALATION_START:.2f},0,1)"
    light = light.filter("zscale", w=small.width, h=small.height, filter="bilinear")
    light = light.filter("format", "gbrp16le").filter("lutrgb", **dict.fromkeys("rgb", above))
    light = light.filter("colorchannelmixer", rr=0, rg=1, gg=0.32, bg=0.1, bb=0)
    light = light.filter("gblur", sigma=max(0.5, 9 * small.width * 4 / _FINE))
    light = light.filter("zscale", w=raster.width, h=raster.height, filter="bicubic")
    # First the sharp one, which opacity mixes towards. `screen` overflows on 16-bit pictures.
    glowing = ffmpeg.filter([sharp, light.filter("format", "gbrp16le")], "blend",
                            all_mode="addition", all_opacity=amount)
    return glowing.filter("zscale", **ZIMG_NAMES, matrixin="gbr", rangein="full", matrix="709",
                          range="limited").filter("format", "yuv444p16le")


def _darkened(stream: Any, amount: float, raster: Raster, rate: Fraction) -> Any:
    """A vignette: mixed with black by a still mask, which falls to the corners in a smooth step."""
    small = Raster(max(2, raster.width // 8), max(2, raster.height // 8))
    times = f"r={rate.numerator}/{rate.denominator}"
    distance = "hypot((X+0.5)/W*2-1,(Y+0.5)/H*2-1)/1.4143"
    step = f"clip(({distance}-0.3)/0.7,0,1)"
    value = f"65535*{amount:.6f}*{step}*{step}*(3-2*{step})"
    mask = ffmpeg.input(f"color=c=black:s={small}:{times}", f="lavfi").video
    mask = mask.filter("trim", end_frame=1).filter("format", "gbrp16le")
    mask = mask.filter("geq", **dict.fromkeys("rgb", value))
    mask = mask.filter("zscale", w=raster.width, h=raster.height, filter="bicubic")
    mask = _as_planes(mask.filter("format", "gbrp16le"))
    black = ffmpeg.input(f"color=c=black:s={raster}:{times}", f="lavfi").video
    black = black.filter("trim", end_frame=1).filter("format", "yuv444p16le")
    return ffmpeg.filter([stream, black, mask], "maskedmerge")


def _as_planes(rgb: Any) -> Any:
    """Three shares, kept as RGB, for the three planes of a yuv444p16le picture."""
    return rgb.filter("mergeplanes", map0s=0, map0p=0, map1s=0, map1p=1, map2s=0, map2p=2,
                      format="yuv444p16le").filter("setsar", "1")


def _grained(stream: Any, amount: float, noise: Any) -> Any:
    """The noise added to luma, weighted by 4 v (1 - v): most in the mid tones, none in black and
    white.

    Not ffmpeg's soft light, which turns a mid grey over 64 into 96, nor `overlay`, which lifts
    blacks by the noise's own size.
    """
    colored, weighed = split(stream, 2)
    planes = colored.filter_multi_output("extractplanes", "y+u+v")
    clean, under = split(planes[0], 2)
    noisy = ffmpeg.filter([noise, under], "blend", all_mode="linearlight", shortest=1)
    share = "clip((val/256-16)/219,0,1)"
    most = f"{4 * _GRAIN_SHARE * amount:.6f}*65535"
    weight = weighed.filter("lutyuv", y=f"{most}*{share}*(1-{share})")
    weight = weight.filter("extractplanes", "y")
    luma = ffmpeg.filter([clean, noisy, weight], "maskedmerge")
    return ffmpeg.filter([luma, planes[1], planes[2]], "mergeplanes", map1s=1, map2s=2,
                         format="yuv444p16le")


def _noise(raster: Raster, rate: Fraction, seed: int) -> Any:
    """Noise around mid grey for every frame, soft as grain and not square as pixels.

    ffmpeg's noise is a third of a step too dark on average: one noise and the negative of another
    are averaged, and the error with them.
    """
    source = f"color=c=gray:s={raster}:r={rate.numerator}/{rate.denominator}"
    grey = ffmpeg.input(source, f="lavfi").video.filter("format", "gray")
    up, down = (each.filter("noise", all_seed=seed ^ mark, allf="t",
                            alls=_GRAIN_STRENGTH)
                for each, mark in zip(split(grey, 2), (0, 0x5A5A5A), strict=True))
    both = ffmpeg.filter([up.filter("format", "gray16le"),
                          down.filter("negate").filter("format", "gray16le")], "blend",
                         all_mode="average")
    return both.filter("gblur", sigma=max(0.3, 0.7 * raster.width / _FINE))
