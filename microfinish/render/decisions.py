"""What the renderer needs to know about a timeline's pictures, by media path and by shot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from microfinish.core.frame import Framing, Raster
from microfinish.core.media import Media
from microfinish.core.texture import NO_TEXTURE, Texture


@dataclass(frozen=True, slots=True)
class Look:
    """What grading decided for one shot, as the renderer needs it."""

    lut: str
    code_range: str
    matrix: str
    texture: Texture = NO_TEXTURE


@dataclass(frozen=True, slots=True)
class Decisions:
    """All that the picture of a timeline depends on, by media path and by shot."""

    media: Mapping[str, Media]
    framings: Mapping[str, Framing]
    looks: Mapping[str, Look]
    raster: Raster
    conform: str = "time"
