"""Texture: what a cube cannot do to a picture, because it looks beside a pixel or at its place."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated

from microfinish.core.limits import Ge, Le

Amount = Annotated[float, Ge(0), Le(1)]
"""0 is off, 1 the most that is still of use."""


@dataclass(frozen=True, slots=True)
class Texture:
    """How much of each tool a shot gets; all 0 leaves the picture alone.

    Before the LUT, on the camera's code values: `deflicker` evens the brightness of frames over
    half a second, `denoise` takes noise out in space and time, `deband` breaks the steps of
    8-bit skies. After it, on the delivered raster: `sharpen` (contrast adaptive, luma alone),
    `halation` (a red glow around lights), `vignette`, `grain` (gaussian, strongest in the mid
    tones, the same at every render).
    """

    deflicker: Amount = 0.0
    denoise: Amount = 0.0
    deband: Amount = 0.0
    sharpen: Amount = 0.0
    halation: Amount = 0.0
    vignette: Amount = 0.0
    grain: Amount = 0.0

    @property
    def before_lut(self) -> bool:
        return bool(self.deflicker or self.denoise or self.deband)

    @property
    def after_scale(self) -> bool:
        return bool(self.sharpen or self.halation or self.vignette or self.grain)

    @property
    def looks_back(self) -> bool:
        """Whether a frame's result depends on its neighbors: such a shot renders in one piece."""
        return bool(self.deflicker or self.denoise)


NO_TEXTURE = Texture()
TOOLS = tuple(field.name for field in fields(Texture))
