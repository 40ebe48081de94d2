"""One segment as one ffmpeg command: decode once, grade once, encode as often as needed.

The order inside is fixed: pick frames, turn upright, crop, LUT in gbrpf32le, scale, mix, titles,
encode; other pictures, each graded by itself, are laid over between mix and titles. Why float: on
integer formats lut3d truncates (-0.41 LSB); swscale's YUV is 3 code values off; zscale through
gbrpf32le is rounded correctly. All measured against OpenColorIO.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import ffmpeg

from microfinish.core.deliver import PictureSpec
from microfinish.core.frame import Raster
from microfinish.core.media import Picture
from microfinish.render.compositing import laid_over, rectangle, share_of
from microfinish.render.encoding import encoder_arguments
from microfinish.render.fitting import ZIMG_NAMES, crop, fitted, glides, split
from microfinish.render.picking import pick_frames, seek_seconds
from microfinish.render.segment import Encode, Layer, Segment
from microfinish.render.texturing import after_scale, before_lut

LUT_WIDTH_MULTIPLE = 8
"""FFmpeg 9.0.2's lut3d spoils the last columns of float pictures of any other width."""
_UPRIGHT = {90: ("transpose", "clock"), 270: ("transpose", "cclock")}
_MATRIX = {"bt709": "709", "smpte170m": "170m", "bt470bg": "470bg", "bt2020nc": "2020_ncl",
           "bt2020c": "2020_cl", "fcc": "fcc", "smpte240m": "240m", "gbr": "gbr"}



@dataclass(frozen=True, slots=True)
class Files:
    """Where a job's inputs are: media and cubes by digest, ASS files by script, the fonts."""

    media: Mapping[str, str]
    cubes: Mapping[str, str]
    scripts: Mapping[str, str]
    fonts: str = ""


def segment_arguments(
    segment: Segment, outputs: Sequence[tuple[Encode, str]], files: Files
) -> list[str]:
    """ffmpeg's arguments (without the program) that render `segment` into every output path."""
    rasters = {encode.spec.raster or segment.raster for encode, _ in outputs}
    largest = max(rasters, key=lambda raster: raster.width * raster.height)
    wanted = [(layer, largest) for layer in segment.layers]
    wanted += [(overlay.layer, Raster(*rectangle(overlay, segment, largest)[2:]))
               for overlay in segment.overlays]
    # the same picture twice, such as black beside black, is decoded once
    made = {want: iter(_copies(_layer(*want, segment, files), wanted.count(want)))
            for want in dict.fromkeys(wanted)}
    graded = [next(made[want]) for want in wanted]
    count = len(segment.layers)
    streams = _finish(graded[:count], graded[count:], segment,
                      [encode for encode, _ in outputs], files)
    targets = [
        ffmpeg.output(stream, path, **encoder_arguments(encode.spec, segment.rate))
        for stream, (encode, path) in zip(streams, outputs, strict=True)
    ]
    merged = ffmpeg.merge_outputs(*targets) if len(targets) > 1 else targets[0]
    return list(ffmpeg.compile(merged.overwrite_output()))[1:]


@dataclass(frozen=True, slots=True)
class _Graded:
    """A picture after its LUT, still to be scaled; `fit` says how it meets the raster."""

    stream: Any
    layer: Layer


def _layer(layer: Layer, largest: Raster, segment: Segment, files: Files) -> _Graded:
    if not layer.media:
        raster = segment.raster
        rate = f"{segment.rate.numerator}/{segment.rate.denominator}"
        black = ffmpeg.input(f"color=c={layer.color}:s={raster}:r={rate}", f="lavfi").video
        black = black.filter("trim", end_frame=segment.frames).filter("format", "gbrp")
        light = black.filter("zscale", **ZIMG_NAMES, matrixin="gbr", rangein="full",
                             matrix="gbr", range="full")
        return _Graded(light.filter("format", "gbrpf32le"), layer)
    picture = layer.picture
    assert picture is not None
    source = ffmpeg.input(
        files.media[layer.media], ss=_seconds(seek_seconds(layer.pick, picture)),
        copyts=None, an=None, noautorotate=None, threads=1, protocol_whitelist="file,pipe",
    ).video
    stream = pick_frames(source, layer.pick, picture, segment.rate)
    if picture.interlaced:
        stream = stream.filter("bwdif", mode="send_frame")
    stream = crop(_upright(stream, picture), layer, largest)
    if layer.texture.before_lut:
        stream = before_lut(stream, layer.texture, _MATRIX[layer.matrix], layer.code_range)
    first_scale = largest if _scales_first(layer, largest) else None
    stream = _to_light(stream, layer, first_scale)
    stream = stream.filter("lut3d", file=files.cubes[layer.lut], interp="tetrahedral")
    return _Graded(stream, layer)


def _scales_first(layer: Layer, raster: Raster) -> bool:
    """Downscaling goes before the LUT (fewer pixels to grade), upscaling after it."""
    if layer.fit != "crop":
        return False
    larger = layer.width * layer.height > raster.width * raster.height
    return larger or layer.width % LUT_WIDTH_MULTIPLE != 0


def _upright(stream: Any, picture: Picture) -> Any:
    if picture.mirrored:
        stream = stream.filter("hflip")
    if picture.rotation == 180:
        stream = stream.filter("hflip").filter("vflip")
    elif picture.rotation in _UPRIGHT:
        name, direction = _UPRIGHT[picture.rotation]
        stream = stream.filter(name, dir=direction)
    if picture.rotation or picture.mirrored:
        # We turned it; a matrix left on the frames would make players turn it again.
        stream = stream.filter("sidedata", mode="delete", type="DISPLAYMATRIX")
    return stream


def _to_light(stream: Any, layer: Layer, raster: Raster | None) -> Any:
    size = {"w": raster.width, "h": raster.height} if raster else {}
    rgb = layer.matrix == "gbr"
    if rgb and not layer.texture.before_lut:
        stream = stream.filter("format", "gbrp" if layer.picture is None
                               or layer.picture.bit_depth <= 8 else "gbrp16le")
    return stream.filter(
        "zscale", **size, **ZIMG_NAMES, matrixin=_MATRIX[layer.matrix],
        rangein="full" if rgb else layer.code_range, chromalin="left",
        matrix="gbr", range="full", filter="lanczos" if raster else "spline36",
    ).filter("setsar", "1").filter("format", "gbrpf32le")


def _finish(graded: list[_Graded], over: list[_Graded], segment: Segment, encodes: list[Encode],
            files: Files) -> list[Any]:
    """Scaled, mixed, dithered and titled: one stream per encode, shared as far as they agree."""
    pixels = [_pixels(encode.spec, segment.raster) for encode in encodes]
    unique = list(dict.fromkeys(pixels))
    copies = [_copies(layer, len(unique)) for layer in graded]
    copies_over = [_copies(layer, len(unique)) for layer in over]
    dithered = {
        key: _dithered([layer[n] for layer in copies],
                       [layer[n] for layer in copies_over], segment, key, n)
        for n, key in enumerate(unique)
    }
    shared = {key: iter(split(stream, pixels.count(key))) for key, stream in dithered.items()}
    return [_titled(next(shared[key]), encode.titles, files)
            for key, encode in zip(pixels, encodes, strict=True)]


def _copies(graded: _Graded, count: int) -> list[_Graded]:
    return [_Graded(stream, graded.layer) for stream in split(graded.stream, count)]


def _pixels(spec: PictureSpec, raster: Raster) -> tuple[Raster, str, str]:
    return spec.raster or raster, spec.pixel_format, spec.dither


def _dithered(graded: list[_Graded], over: list[_Graded], segment: Segment,
              key: tuple[Raster, str, str], number: int) -> Any:
    raster, pixel_format, dither = key
    to_pixels = {"matrix": "709", "range": "limited", "chromal": "left", "dither": dither}
    if (len(graded) == 1 and not over and graded[0].layer.fit == "crop"
            and not glides(graded[0].layer, raster)
            and not graded[0].layer.texture.after_scale):
        stream = graded[0].stream.filter(
            "zscale", w=raster.width, h=raster.height, filter="lanczos", **ZIMG_NAMES,
            matrixin="gbr", rangein="full", **to_pixels)
        return stream.filter("format", pixel_format).filter("setsar", "1")
    scaled = [after_scale(fitted(each.stream, each.layer, raster), each.layer, raster,
                          segment.rate) for each in graded]
    stream = scaled[0]
    if len(scaled) == 2:
        length = Fraction(segment.mix_frames) / segment.rate
        offset = -(Fraction(segment.mix_start) + Fraction(1, 2)) / segment.rate
        # xfade counts in its inputs' ticks: half a frame must be a whole number of them
        ticks = [each.filter("settb", expr=f"1/{2 * segment.rate.numerator}") for each in scaled]
        stream = ffmpeg.filter(ticks, "xfade", transition="fade",
                               duration=_seconds(length), offset=_seconds(offset))
    for n, (each, overlay) in enumerate(zip(over, segment.overlays, strict=True)):
        place = rectangle(overlay, segment, raster)
        share = share_of(overlay, segment, raster, number * len(over) + n)
        picture = fitted(each.stream, each.layer, Raster(*place[2:]))
        stream = laid_over(stream, picture, share, place, raster)
    stream = stream.filter("zscale", **ZIMG_NAMES, matrixin="709", rangein="limited",
                           chromalin="left", **to_pixels)
    return stream.filter("format", pixel_format).filter("setsar", "1")


def _titled(stream: Any, script: str, files: Files) -> Any:
    if not script:
        return stream
    options = {"fontsdir": files.fonts} if files.fonts else {}
    return stream.filter("ass", filename=files.scripts[script], **options)


def _seconds(value: Fraction) -> str:
    return f"{float(value):.6f}"
