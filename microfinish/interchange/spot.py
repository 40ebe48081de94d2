"""Where a picture lies, through any number of containers: positions in pixels, composed exactly as
the editor's program does, and at the end a placement on the canvas."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from microfinish.core.placement import covers
from microfinish.core.timeline import Placement

Size = tuple[float, float]
"""Width and height in square pixels."""
Sides = tuple[float, float, float, float]
"""Left, top, right, bottom."""

WHOLE: Sides = (0.0, 0.0, 0.0, 0.0)
FULL_FRAME = ("how large and where it is framed is not taken over, since it covers the whole "
              "frame; frame the shot in reframe.yaml")
"""What is said of a placed picture that fills the canvas: reframe decides about those."""
_NEARLY = 0.001
"""Of the canvas: editors' programs round scales to a tenth of a percent."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A picture of `size` pixels in a container: its center lies at `x`, `y` of the container, a
    pixel of it is `scale` of the container's, turned clockwise. `crop` are fractions taken off."""

    size: Size
    x: float
    y: float
    scale: float
    degrees: float = 0.0
    crop: Sides = WHOLE
    opacity: float = 1.0

    def inside(self, outer: Spot) -> tuple[Spot, bool]:
        """This spot in the container of `outer`, whose picture is this one's container.

        False where the outer crop does not run along this picture's sides and is left out.
        """
        across, down = self.x - outer.size[0] / 2, self.y - outer.size[1] / 2
        turn = math.radians(outer.degrees)
        moved = replace(
            self, scale=self.scale * outer.scale, degrees=self.degrees + outer.degrees,
            opacity=self.opacity * outer.opacity,
            x=outer.x + outer.scale * (across * math.cos(turn) - down * math.sin(turn)),
            y=outer.y + outer.scale * (across * math.sin(turn) + down * math.cos(turn)))
        if self.degrees % 360:
            return moved, outer.crop == WHOLE
        return replace(moved, crop=_cut(self, outer)), True


def _cut(inner: Spot, outer: Spot) -> Sides:
    """What a container's edges and crop leave of an upright picture in it."""
    width, height = inner.size[0] * inner.scale, inner.size[1] * inner.scale
    left, top = inner.x - width / 2, inner.y - height / 2
    window = (outer.crop[0] * outer.size[0], outer.crop[1] * outer.size[1],
              (1 - outer.crop[2]) * outer.size[0], (1 - outer.crop[3]) * outer.size[1])
    found = ((window[0] - left) / width, (window[1] - top) / height,
             (left + width - window[2]) / width, (top + height - window[3]) / height)
    a, b, c, d = (round(max(own, cut), 9) for own, cut in zip(inner.crop, found, strict=True))
    return a, b, c, d


def fitted(size: Size, canvas: Size, fill: bool = False) -> float:
    """The scale at which a picture just fits into the canvas, or just fills it."""
    ratios = canvas[0] / size[0], canvas[1] / size[1]
    return max(ratios) if fill else min(ratios)


def centered(size: Size, canvas: Size) -> Spot:
    """A picture fitted into the middle of the canvas."""
    return Spot(size, canvas[0] / 2, canvas[1] / 2, fitted(size, canvas))


def placement_of(spot: Spot, canvas: Size) -> Placement | None:
    """The placement of a spot on the canvas; None for a picture that is just fitted into it."""
    found = Placement(
        round(spot.x / canvas[0], 9), round(spot.y / canvas[1], 9),
        round(spot.scale / fitted(spot.size, canvas), 9), spot.crop, round(spot.degrees, 6),
        round(spot.opacity, 6))
    return None if _plain(found) else found


def _plain(placement: Placement) -> bool:
    """Whether a placement changes nothing that can be seen."""
    turned = abs((placement.rotation_degrees + 180) % 360 - 180)
    return (max(abs(placement.x - 0.5), abs(placement.y - 0.5), abs(placement.scale - 1),
                1 - placement.opacity, *placement.crop) <= _NEARLY and turned <= 0.01)


def hides(spot: Spot | None, canvas: Size) -> bool:
    """Whether a picture leaves nothing to be seen of what lies below it."""
    return spot is None or covers(placement_of(spot, canvas), spot.size[0] / spot.size[1],
                                  canvas[0] / canvas[1])
