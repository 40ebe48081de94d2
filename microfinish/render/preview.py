"""The picture of a preview: half a master's size, encoded fast, joined and burnt in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import ffmpeg

from microfinish.core.deliver import PictureSpec
from microfinish.core.frame import Raster
from microfinish.render.encoding import encoder_arguments, frame_ticks, timescale
from microfinish.render.picture import LUT_WIDTH_MULTIPLE

CUBE_POINTS = 33
"""Four times faster to bake than a master's cube; natural colors stay within 1.2 dE00."""
_X264 = "stitchable=1:open-gop=0"


def preview_raster(raster: Raster) -> Raster:
    """About half the size in each direction, of the same shape where whole pixels allow it.

    Small pictures stay as they are. The width is a multiple of what lut3d can do in place.
    """
    if raster.width * raster.height <= 360 * 640:
        return raster
    step = LUT_WIDTH_MULTIPLE
    half = raster.width // 2 // step * step
    for width in range(half, max(step, half * 4 // 5), -step):
        height = Fraction(width * raster.height, raster.width)
        if height.denominator == 1 and height % 2 == 0:
            return Raster(width, int(height))
    return Raster(half, round(half * raster.height / raster.width / 2) * 2)


def piece_spec(raster: Raster) -> PictureSpec:
    """A piece as it is kept: clean, near lossless for its size, so that burning costs nothing."""
    return PictureSpec("libx264", "yuv420p", (
        ("preset", "ultrafast"), ("crf", "16"), ("x264-params", _X264)),
        dither="none", raster=preview_raster(raster))


def shrink_arguments(source: str, target: str, spec: PictureSpec, rate: Fraction) -> list[str]:
    """ffmpeg's arguments that make a small piece of a rendered one, frame by frame."""
    assert spec.raster is not None
    picture = ffmpeg.input(source, threads=1).video.filter(
        "settb", f"1/{timescale(rate)}").filter("setpts", f"N*{frame_ticks(rate)}").filter(
        "scale", spec.raster.width, spec.raster.height, flags="bicubic")
    made = ffmpeg.output(picture, target, **encoder_arguments(spec, rate))
    return list(ffmpeg.compile(made.overwrite_output()))[1:]


def preview_arguments(listing: str, sound: str, target: str, rate: Fraction,
                      scripts: Sequence[str], fonts: str, title: str) -> list[str]:
    """ffmpeg's arguments that join the pieces of a concat list, burn ASS scripts and mux sound.

    The concat demuxer adds up durations in microseconds: frames are counted anew.
    """
    picture = ffmpeg.input(listing, f="concat", safe=0).video
    picture = picture.filter("settb", f"1/{timescale(rate)}").filter(
        "setpts", f"N*{frame_ticks(rate)}")
    for script in scripts:
        picture = picture.filter("ass", filename=script, fontsdir=fonts)
    spec = PictureSpec("libx264", "yuv420p", (("preset", "ultrafast"), ("crf", "23")))
    arguments = {**encoder_arguments(spec, rate), "threads": 0}
    streams = [picture]
    if sound:
        streams.append(ffmpeg.input(sound).audio)
        del arguments["an"]
        arguments |= {"acodec": "copy"}
    joined = ffmpeg.output(*streams, target, **arguments, f="mp4", movflags="+faststart",
                           metadata=f"title={title}")
    return list(ffmpeg.compile(joined.overwrite_output()))[1:]
