"""Encoder settings and containers as ffmpeg options."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from microfinish.core.deliver import PictureSpec

BITEXACT = {"fflags": "+bitexact", "flags:v": "+bitexact", "map_metadata": "-1"}
BT709_TAGS = {"color_range": "tv", "colorspace": "bt709", "color_primaries": "bt709",
              "color_trc": "bt709", "chroma_sample_location": "left"}
SEGMENT_EXTENSION = {"libx264": "mp4", "libx265": "mp4"}
"""Intra codecs go into MOV. Matroska rounds timestamps to milliseconds, and a join shows it."""


def segment_suffix(spec: PictureSpec) -> str:
    return "." + SEGMENT_EXTENSION.get(spec.encoder, "mov")


def timescale(rate: Fraction) -> int:
    """Ticks per second in which every frame of `rate` is a whole number of ticks."""
    return rate.numerator * 1000 if rate.denominator == 1 else rate.numerator


def frame_ticks(rate: Fraction) -> int:
    """Ticks of one frame in `timescale(rate)`."""
    return int(timescale(rate) / rate)


def encoder_arguments(spec: PictureSpec, rate: Fraction) -> dict[str, Any]:
    """Output options for one segment: one thread, so that any machine makes the same bytes.

    x264's output differs between 1, 2, 8 and 16 threads; parallelism comes from segments.
    """
    arguments: dict[str, Any] = {
        "vcodec": spec.encoder,
        "pix_fmt": spec.pixel_format,
        "threads": 1,
        "fps_mode": "passthrough",
        "video_track_timescale": timescale(rate),
        "movie_timescale": timescale(rate),
        "an": None,
        **BT709_TAGS,
        **BITEXACT,
    }
    if spec.gop_seconds > 0:
        arguments["g"] = round(spec.gop_seconds * rate)
    arguments.update(dict(spec.options))
    return arguments
