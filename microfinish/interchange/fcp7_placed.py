"""Final Cut Pro 7 motion: Basic Motion, crop and opacity filters as a place on the canvas.

Scale is percent of the picture's own pixels. Center and anchor are fractions of the sequence's
frame from its middle, y down, and rotation goes with the clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from microfinish.interchange.fcp7_speed import number
from microfinish.interchange.spot import Size, Spot, centered
from microfinish.interchange.xmltext import Element

Lose = Callable[[Element, str, str], None]
MOTION = frozenset({"basic", "crop", "opacity", "timeremap"})
"""Effects that are read; all others are named as losses."""
_SIDES = ("left", "top", "right", "bottom")
_NORMAL = frozenset({"", "normal", "none"})


def size_of(holder: Element | None) -> Size | None:
    """The width and height that a sequence's format or a file's picture states."""
    video = holder.first("media") if holder is not None else None
    video = video.first("video") if video is not None else None
    if video is None:
        return None
    form = video.first("format") or video
    stated = form.first("samplecharacteristics")
    width, height = (number(stated.value(tag)) for tag in ("width", "height")) if (
        stated is not None) else (None, None)
    if not width or not height or not (0 < width <= 10**6 and 0 < height <= 10**6):
        return None
    return float(width), float(height)


def spot_of(clip: Element, size: Size, canvas: Size, lose: Lose) -> Spot | None:
    """Where a clip's picture of that size lies; None where nothing is said about it."""
    effects = {effect.value("effectid").casefold(): effect for filter_ in clip.all("filter")
               if filter_.value("enabled").upper() != "FALSE"
               and (effect := filter_.first("effect")) is not None
               and effect.value("pproBypass").casefold() != "true"}
    mode = clip.value("compositemode").casefold()
    if mode not in _NORMAL:
        lose(clip, "warning", f"the composite mode {mode} is not reproduced")
    found = {name: _parameters(effects[name]) for name in ("basic", "crop", "opacity")
             if name in effects}
    if not found:
        return None
    spot = centered(size, canvas)
    if "basic" in found:
        spot = _moved(found["basic"], spot, canvas, lose)
    if "crop" in found:
        left, top, right, bottom = (min(max(_value(found["crop"].get(side), "", 0.0, lose) / 100,
                                            0.0), 1.0) for side in _SIDES)
        if left + right < 1 and top + bottom < 1:
            spot = replace(spot, crop=(left, top, right, bottom))
        else:
            lose(clip, "warning", "the crop leaves nothing of the picture; it is not used")
    if "opacity" in found:
        percent = _value(found["opacity"].get("opacity"), "", 100.0, lose, peak=True)
        spot = replace(spot, opacity=min(max(percent / 100, 0.0), 1.0))
    return spot


def _moved(given: dict[str, Element], spot: Spot, canvas: Size, lose: Lose) -> Spot:
    scale = _value(given.get("scale"), "", 100.0, lose) / 100
    if scale <= 0:
        lose(given["scale"], "warning", "a picture of no size; its size is left as it is")
        scale = spot.scale
    turn = _value(given.get("rotation"), "", 0.0, lose)
    x, y = (_value(given.get("center"), axis, 0.0, lose) for axis in ("horiz", "vert"))
    anchor_x, anchor_y = (_value(given.get("centeroffset"), axis, 0.0, lose)
                          for axis in ("horiz", "vert"))
    # the picture is scaled and turned about its anchor, which then lies at the center
    off_x, off_y = -anchor_x * canvas[0] * scale, -anchor_y * canvas[1] * scale
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    return replace(spot, scale=scale, degrees=turn,
                   x=canvas[0] * (0.5 + x) + off_x * cos - off_y * sin,
                   y=canvas[1] * (0.5 + y) + off_x * sin + off_y * cos)


def _parameters(effect: Element) -> dict[str, Element]:
    return {parameter.value("parameterid").casefold(): parameter
            for parameter in effect.all("parameter")}


def _value(parameter: Element | None, axis: str, default: float, lose: Lose,
           peak: bool = False) -> float:
    """A parameter's number, of its first keyframe where it is animated.

    With `peak` of its highest: an opacity that begins at 0 would leave nothing to be seen.
    """
    if parameter is None:
        return default
    path = ("value", axis) if axis else ("value",)
    keys = sorted(((when, key.value(*path)) for key in parameter.all("keyframe")
                   if (when := number(key.value("when"))) is not None), key=lambda key: key[0])
    text = keys[0][1] if keys else parameter.value(*path)
    if peak and keys:
        text = max((value for _, value in keys), key=lambda value: number(value) or 0)
    if len({value for _, value in keys}) > 1:
        lose(parameter, "warning", f"{parameter.value('name') or 'a value'} is animated; the "
                                   f"{'highest' if peak else 'first'} of its {len(keys)} "
                                   "keyframes is taken for the whole clip")
    found = number(text)
    return default if found is None or abs(found) > 10**6 else float(found)
