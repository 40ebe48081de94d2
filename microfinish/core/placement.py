"""Pictures over pictures: where a placed picture lies, on the editor's canvas and in the output.

The output may have another shape than the canvas. Then a placed picture keeps its width and the
place of its center relative to the frame, as far as it stays wholly inside the frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from microfinish.core.frame import Raster
from microfinish.core.timeline import Placement

_SAME_SHAPE = 0.01
"""1920x1080 beside 1080x608: shapes this much apart are one and the same, rounded."""
_HAIR = 1e-6


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions of what it lies on."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Inset:
    """A placed picture in the output: the `part` of the upright picture that is seen, in
    fractions of it, and its rectangle on the raster in pixels. `how` says it in words."""

    part: Box
    x: int
    y: int
    width: int
    height: int
    how: str


def covers(placement: Placement | None, aspect: float = 0.0, canvas: float = 0.0) -> bool:
    """Whether a picture fills the whole canvas and lets nothing through.

    `aspect` and `canvas` are width over height; where one is not known (0) they are taken to be
    of one shape.
    """
    if placement is None:
        return True
    if placement.opacity < 1 or placement.rotation_degrees % 180:
        return False
    box = _seen(placement, aspect or 1.0, canvas if aspect and canvas else aspect or 1.0)
    return (box.left <= _HAIR and box.top <= _HAIR
            and box.right >= 1 - _HAIR and box.bottom >= 1 - _HAIR)


def same_shape(canvas: tuple[int, int], raster: Raster) -> bool:
    """Whether an edit's canvas is known to have the output's shape."""
    if not all(canvas):
        return False
    return abs(canvas[0] * raster.height / (canvas[1] * raster.width) - 1) <= _SAME_SHAPE


def inset(placement: Placement, aspect: Fraction, canvas: tuple[int, int],
          raster: Raster) -> Inset | None:
    """Where an upright picture of shape `aspect` lies in the output; None if outside.

    A canvas of (0, 0) is taken to have the output's shape.
    """
    shape = raster.width / raster.height
    canvas_shape = canvas[0] / canvas[1] if all(canvas) else shape
    seen = _seen(placement, float(aspect), canvas_shape)
    if seen.width <= 0 or seen.height <= 0:
        return None
    left, top, right, bottom = placement.crop
    part = Box(left, top, 1 - left - right, 1 - top - bottom)
    if abs(canvas_shape / shape - 1) <= _SAME_SHAPE:
        return _clipped(seen, part, raster)
    # the canvas has another shape: width and center are kept, the height follows the picture
    tall = seen.width * shape * seen.height / (seen.width * canvas_shape)
    shrink = min(1.0, 1 / seen.width, 1 / tall)
    wide, tall = seen.width * shrink, tall * shrink
    x = min(max(seen.left + seen.width / 2, wide / 2), 1 - wide / 2)
    y = min(max(seen.top + seen.height / 2, tall / 2), 1 - tall / 2)
    found = _clipped(Box(x - wide / 2, y - tall / 2, wide, tall), part, raster)
    if found is None:
        return None
    how = (f"the edit's canvas of {canvas[0]}x{canvas[1]} has another shape: width and center "
           "kept, wholly inside the frame")
    return Inset(found.part, found.x, found.y, found.width, found.height, how)


def _seen(placement: Placement, aspect: float, canvas: float) -> Box:
    """The cropped picture on the canvas, in fractions of the canvas."""
    wide = placement.scale * min(1.0, aspect / canvas)
    tall = placement.scale * min(1.0, canvas / aspect)
    left, top, right, bottom = placement.crop
    return Box(placement.x - wide / 2 + left * wide, placement.y - tall / 2 + top * tall,
               wide * (1 - left - right), tall * (1 - top - bottom))


def _clipped(box: Box, part: Box, raster: Raster) -> Inset | None:
    """The rectangle in whole pixels inside the raster, with the part of the picture it shows."""
    x, right = (round(min(max(edge, 0.0), 1.0) * raster.width) for edge in (box.left, box.right))
    y, bottom = (round(min(max(edge, 0.0), 1.0) * raster.height)
                 for edge in (box.top, box.bottom))
    if right - x < 2 or bottom - y < 2:
        return None
    across, down = part.width / box.width, part.height / box.height
    cut_left, cut_top = max(0.0, -box.left), max(0.0, -box.top)
    cut_right, cut_bottom = max(0.0, box.right - 1), max(0.0, box.bottom - 1)
    seen = Box(part.left + cut_left * across, part.top + cut_top * down,
               part.width - (cut_left + cut_right) * across,
               part.height - (cut_top + cut_bottom) * down)
    return Inset(seen, x, y, right - x, bottom - y, "as the edit places it")
