"""Pictures over pictures: each in its rectangle, mixed by an exact share in 16 bits.

ffmpeg's `overlay` goes to 10 bits at most, and its alpha with it. Here the share is a plane of its
own for `maskedmerge`: 65535 is the upper picture alone, so a mix is right to the last bit of 16.
"""

from __future__ import annotations

from typing import Any

import ffmpeg

from microfinish.core.frame import Raster
from microfinish.render.segment import Fade, Overlay, Segment

_SEED = 16
"""The side of the picture that the share is worked out on, before it is spread."""


def rectangle(overlay: Overlay, segment: Segment, raster: Raster) -> tuple[int, int, int, int]:
    """(left, top, width, height) of an overlay on a delivered raster, in pixels."""
    across, down = raster.width / segment.raster.width, raster.height / segment.raster.height
    left, right = round(overlay.x * across), round((overlay.x + overlay.width) * across)
    top, bottom = round(overlay.y * down), round((overlay.y + overlay.height) * down)
    return left, top, max(1, right - left), max(1, bottom - top)


def laid_over(base: Any, picture: Any, share: Any, place: tuple[int, int, int, int],
              raster: Raster) -> Any:
    """`base` with a picture that fills the rectangle `place`, all in yuv444p16le."""
    left, top, width, height = place
    if (width, height) != (raster.width, raster.height):
        picture = picture.filter("pad", raster.width, raster.height, left, top, "black")
    return ffmpeg.filter([base, picture, share], "maskedmerge")


def share_of(overlay: Overlay, segment: Segment, raster: Raster, number: int) -> Any:
    """An upper picture's share at every pixel and frame: nothing outside its rectangle.

    `number` differs between all shares of one command: ffmpeg-python takes equal chains for one.
    """
    left, top, width, height = rectangle(overlay, segment, raster)
    rate = f"{segment.rate.numerator}/{segment.rate.denominator}"
    seed = ffmpeg.input(f"color=c=0x{number:06x}:s={_SEED}x{_SEED}:r={rate}", f="lavfi").video
    seed = seed.filter("trim", end_frame=segment.frames).filter("format", "gbrp16le")
    value = "*".join([f"65535*{overlay.opacity:.6f}", *map(_passed, overlay.fades)])
    seed = seed.filter("geq", **dict.fromkeys("rgb", f"round({value})"))
    spread = seed.filter("scale", width, height, flags="neighbor")
    if (width, height) != (raster.width, raster.height):
        spread = spread.filter("pad", raster.width, raster.height, left, top, "black")
    # the three planes of an RGB picture taken for luma and chroma: `pad` leaves true zeros in RGB
    return spread.filter("mergeplanes", map0s=0, map0p=0, map1s=0, map1p=1, map2s=0, map2p=2,
                         format="yuv444p16le").filter("setsar", "1")


def _passed(fade: Fade) -> str:
    passed = f"((N+{fade.start}+0.5)/{fade.frames})"
    return f"(1-{passed})" if fade.out else passed
