"""A still of a shot as it will be mastered and as the camera gave it: for the eye."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from microfinish.core.color import Chain, ShotGrade
from microfinish.core.color_decode import Decode
from microfinish.core.crop_path import position
from microfinish.core.frame import Framing, Raster
from microfinish.core.media import Picture
from microfinish.core.texture import NO_TEXTURE, Texture
from microfinish.media.ffmpeg import run
from microfinish.media.lut import exact
from microfinish.media.ocio_chain import ResolveLut, Rgb
from microfinish.media.sampled_frames import sample_frames
from microfinish.render.segment import Layer, Pick
from microfinish.render.still import still_after_arguments, still_before_arguments

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Still:
    """Two pictures of shape (height, width, 3), 8-bit RGB as a Rec.709 screen shows them.

    `before` is the camera's picture through its input and output transform alone, `after` the
    whole chain of the shot.
    """

    before: Pixels
    after: Pixels


def ungraded(chain: Chain) -> Chain:
    """The chain with nothing between camera and screen."""
    return Chain(chain.input, gamut_compression=chain.gamut_compression, output=chain.output,
                 own=chain.own)


def codes_of(path: Path, picture: Picture, frame: int, grade: ShotGrade,
             framing: Framing | None, offset: int, height: int) -> Rgb:
    """The framed code values of one source frame, float32 RGB 0..1, `height` pixels high.

    `offset` is the record frame of the shot that shows it: the crop path is read there. Without
    a crop the whole picture is shown. Raises ToolError where the file cannot be decoded.
    """
    turned = picture.rotation % 180 != 0
    width, tall = ((picture.height, picture.width) if turned
                   else (picture.width, picture.height))
    cropped = framing is not None and framing.fit == "crop" and framing.height > 0
    shown = framing.height if framing is not None and cropped else tall
    scale = min(1.0, height / shown)
    rgb = sample_frames(path, picture, [frame], max(1, round(max(width, tall) * scale)),
                        Decode(grade.matrix, grade.code_range))[0]
    if framing is not None and cropped:
        x, y = position(framing.path, offset)
        across, down = rgb.shape[1] / width, rgb.shape[0] / tall
        left, top = round(x * across), round(y * down)
        rgb = rgb[top:top + max(1, round(framing.height * down)),
                  left:left + max(1, round(framing.width * across))]
    aspect = float(picture.sample_aspect)
    if aspect != 1.0 and not turned:
        size = (max(1, round(rgb.shape[1] * aspect)), rgb.shape[0])
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.float32)
    return np.ascontiguousarray(rgb)


def still_of(codes: Rgb, chain: Chain, resolve_lut: ResolveLut | None = None,
             texture: Texture = NO_TEXTURE) -> Still:
    """Before and after of framed code values, through the exact chain, no cube between.

    Texture goes through the renderer's own filters; flicker is not seen in one frame. Raises
    InputError where a look's LUT cannot be read.
    """
    before = screen(exact(ungraded(chain), codes))
    layer = Layer("still", Pick(0, 0, 1, Fraction(1), Fraction(0)), texture=texture)
    if texture.before_lut:
        codes = _filtered(still_before_arguments, codes, layer)
    graded = exact(chain, codes, resolve_lut)
    if not texture.after_scale:
        return Still(before, screen(graded))
    return Still(before, screen(_filtered(still_after_arguments, graded, layer)))


def _filtered(arguments: Callable[[Raster, Layer], list[str]], rgb: Rgb, layer: Layer) -> Rgb:
    height, width = rgb.shape[:2]
    raw = np.rint(np.clip(rgb, 0, 1) * 65535).astype("<u2").tobytes()
    out = run(arguments(Raster(width, height), layer), stdin=raw).stdout
    deep = len(out) == len(raw)
    pixels = np.frombuffer(out, "<u2" if deep else np.uint8).reshape(height, width, 3)
    return np.asarray(pixels / (65535 if deep else 255), np.float32)




def screen(rgb: Rgb) -> Pixels:
    """Code values 0..1 as 8-bit pixels."""
    return np.asarray(np.rint(np.clip(rgb, 0.0, 1.0) * 255), np.uint8)
