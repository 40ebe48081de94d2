"""Crop geometry: how large the crop is, where it stands, and how it follows a face.

Pure arithmetic on upright stored pixels. Whatever goes in, every crop lies inside the picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from microfinish.core.frame import PathKey, Raster

Size = tuple[int, int]

LUT_STEP = 8
"""FFmpeg 9's lut3d corrupts rows whose width is not a multiple of 8 (see docs on color)."""
ASPECT_TOLERANCE = Fraction(1, 400)
"""A stretch of 0.25 % is not visible: a face 400 px wide grows by one pixel."""
STILL_SHARE = 0.16
"""A subject that stays within this share of the crop's width around a point needs no pan."""
PEAK_SPEED = 1.0
"""Fastest pan, in crop widths per second. A walking actor crosses 0.7 of the crop a second:
slower pans cut the face at the edges (seen on footage), faster ones judder at 24 fps."""
EASE_STEPS = 8
EYE_LINE = Fraction(1, 3)


@dataclass(frozen=True, slots=True)
class Sighting:
    """The subject's middle at a frame counted from the shot's first record frame, in pixels."""

    frame: int
    x: float
    y: float


def crop_size(picture: Size, pixel_aspect: Fraction, raster: Raster) -> Size:
    """The largest crop of `picture` that fills `raster`: (width, height), both even.

    The width is a multiple of 8 and the aspect right within 0.25 %, except where the picture is
    too small for both. A picture that has the raster's aspect is taken whole.
    """
    wanted = Fraction(raster.width, raster.height) / pixel_aspect
    width, height = picture
    if abs(Fraction(width, height) / wanted - 1) <= ASPECT_TOLERANCE:
        return width - width % 2, height - height % 2
    ideal = min(Fraction(width), height * wanted)
    steps = range(-(-ideal // LUT_STEP) * LUT_STEP, 0, -LUT_STEP)
    widths = [step for step in steps if step <= width][:4] or [max(2, int(ideal) // 2 * 2)]
    sizes = [(w, h) for w in widths for h in _even_heights(w / wanted, height)]
    return min(sizes, key=lambda size: _cost(size, wanted, ideal * ideal / wanted))


def box_crop(box: tuple[float, float], picture: Size, pixel_aspect: Fraction,
             raster: Raster) -> Size:
    """The smallest crop of the delivered aspect that holds a box of that width and height.

    Never larger than `crop_size`: a box wider or higher than that is cut.
    """
    largest = crop_size(picture, pixel_aspect, raster)
    wanted = float(Fraction(raster.width, raster.height) / pixel_aspect)
    width = LUT_STEP * -(-max(box[0], box[1] * wanted) // LUT_STEP)
    height = 2 * round(width / wanted / 2)
    if width >= largest[0] or height >= largest[1]:
        return largest
    return int(width), max(2, int(height))


def _even_heights(exact: Fraction, limit: int) -> set[int]:
    below = int(exact) // 2 * 2
    return {max(2, min(h, limit - limit % 2)) for h in (below, below + 2)}


def _cost(size: Size, wanted: Fraction, ideal_area: Fraction) -> Fraction:
    """Lost area, with aspect errors above the tolerance weighing ten times their size."""
    error = abs(Fraction(size[0], size[1]) / wanted - 1)
    lost = max(Fraction(0), 1 - Fraction(size[0] * size[1]) / ideal_area)
    return lost + 10 * max(Fraction(0), error - ASPECT_TOLERANCE)


def corner(middle: tuple[float, float], crop: Size, picture: Size) -> tuple[float, float]:
    """The top left corner of a crop around `middle` (pixels), moved inside the picture; even."""
    return (_inside(middle[0] - crop[0] / 2, picture[0] - crop[0]),
            _inside(middle[1] - crop[1] / 2, picture[1] - crop[1]))


def _inside(position: float, freedom: int) -> float:
    # Even, so that 4:2:0 chroma stays in place.
    return float(min(2 * round(max(position, 0.0) / 2), max(0, freedom) // 2 * 2))


def hold(middle: tuple[float, float], crop: Size, picture: Size) -> tuple[PathKey, ...]:
    """A crop that stands still around `middle`."""
    return (PathKey(0, *corner(middle, crop, picture)),)


def centre(crop: Size, picture: Size) -> tuple[PathKey, ...]:
    """A crop that stands still in the middle of the picture."""
    return hold((picture[0] / 2, picture[1] / 2), crop, picture)


def through(points: Sequence[Sighting], crop: Size, picture: Size) -> tuple[PathKey, ...]:
    """A crop that passes through every point, on straight lines, in frame order."""
    return tuple(PathKey(p.frame, *corner((p.x, p.y), crop, picture))
                 for p in sorted(points, key=lambda p: p.frame))


def follow(
    sightings: Sequence[Sighting], crop: Size, picture: Size, frames: int, rate: Fraction
) -> tuple[PathKey, ...]:
    """The calmest crop that keeps the subject: one position, else one eased pan.

    The subject's y is its eye line, placed a third down the crop where there is room above and
    below. `frames` is the shot's record length. A pan is chosen only where standing still would
    leave the middle of the crop and the pan halves that; its peak speed is bounded.
    """
    xs = [s.x for s in sightings]
    eye_y = median(s.y for s in sightings)
    middle_y = eye_y + crop[1] * float(Fraction(1, 2) - EYE_LINE)
    off_still, still_x = min((_typical(abs(x - at) for x in xs), at)
                             for at in ((min(xs) + max(xs)) / 2, median(xs)))
    if off_still > STILL_SHARE * crop[0] and len(xs) >= 4 and frames > 1:
        pan = _pan(sightings, crop, frames, rate)
        if _typical(abs(pan.x_at(s.frame) - s.x) for s in sightings) <= off_still / 2:
            return pan.path(middle_y, crop, picture)
    return hold((still_x, middle_y), crop, picture)


def _typical(distances: Iterable[float]) -> float:
    """The 80th percentile: one stray detection in five must not start a pan."""
    ordered = sorted(distances)
    return ordered[min(len(ordered) - 1, int(0.8 * len(ordered)))]


@dataclass(frozen=True, slots=True)
class _Pan:
    start: float
    end: float
    x_from: float
    x_to: float

    def x_at(self, frame: float) -> float:
        t = min(max((frame - self.start) / max(self.end - self.start, 1e-9), 0.0), 1.0)
        return self.x_from + (self.x_to - self.x_from) * t * t * (3 - 2 * t)

    def path(self, middle_y: float, crop: Size, picture: Size) -> tuple[PathKey, ...]:
        steps = [self.start + (self.end - self.start) * i / EASE_STEPS
                 for i in range(EASE_STEPS + 1)]
        keys = {round(at): PathKey(round(at), *corner((self.x_at(round(at)), middle_y),
                                                      crop, picture)) for at in steps}
        first = PathKey(0, *corner((self.x_from, middle_y), crop, picture))
        return tuple(sorted({0: first, **keys}.values(), key=lambda key: key.frame))


def _pan(sightings: Sequence[Sighting], crop: Size, frames: int, rate: Fraction) -> _Pan:
    """One smoothstep from where the subject begins to where it ends, as early as it moves."""
    ordered = sorted(sightings, key=lambda s: s.frame)
    third = max(2, len(ordered) // 4)
    x_from = median(s.x for s in ordered[:third])
    x_to = median(s.x for s in ordered[-third:])
    # A smoothstep peaks at 1.5 times its mean speed.
    fastest = PEAK_SPEED * crop[0] / float(rate) / 1.5
    longest = max(1, frames - 1)
    if abs(x_to - x_from) > fastest * longest:
        spare = (abs(x_to - x_from) - fastest * longest) / 2
        sign = 1 if x_to > x_from else -1
        x_from, x_to = x_from + sign * spare, x_to - sign * spare
    shortest = min(float(longest), abs(x_to - x_from) / fastest)
    candidates = [_Pan(start, start + length, x_from, x_to)
                  for length in _lengths(shortest, longest)
                  for start in _starts(longest - length)]
    return min(candidates, key=lambda pan: (
        sum((pan.x_at(s.frame) - s.x) ** 2 for s in ordered), pan.start - pan.end))


def _lengths(shortest: float, longest: float) -> list[float]:
    return [shortest + (longest - shortest) * i / 6 for i in range(7)]


def _starts(room: float) -> list[float]:
    return [room * i / 8 for i in range(9)]


def position(path: Sequence[PathKey], frame: float) -> tuple[float, float]:
    """The crop's corner at a frame: straight between keys, still before the first and after the
    last."""
    earlier = [key for key in path if key.frame <= frame]
    later = [key for key in path if key.frame > frame]
    if not earlier:
        return path[0].x, path[0].y
    if not later:
        return earlier[-1].x, earlier[-1].y
    a, b = earlier[-1], later[0]
    t = (frame - a.frame) / (b.frame - a.frame)
    return a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t
