"""FCPXML transform, crop, conform and opacity: where a clip's picture lies in its container.

Positions and crops are percent of a height (Apple: FCPXML Reference, adjust-transform and
adjust-crop), y up and rotation against the clock.
"""

from __future__ import annotations

import math
from dataclasses import replace

from microfinish.interchange.fcpxml_said import Losses
from microfinish.interchange.spot import Sides, Size, Spot, centered, fitted
from microfinish.interchange.xmltext import Element

_LARGEST = 1e6
_RECTS = {"trim": "trim-rect", "crop": "crop-rect", "pan": "pan-rect"}


def spot_of(element: Element, size: Size, canvas: Size, losses: Losses) -> Spot:
    """Where the picture of a clip, of that size, lies in a container of the canvas' size."""
    spot = centered(size, canvas)
    conform = _enabled(element, "adjust-conform")
    if conform is not None and conform.get("type", "fit") in ("fill", "none"):
        spot = replace(spot, scale=1.0 if conform.get("type") == "none"
                       else fitted(size, canvas, fill=True))
    spot = _cropped(element, spot, canvas, losses)
    spot = _transformed(element, spot, canvas, losses)
    blend = _enabled(element, "adjust-blend")
    if blend is not None:
        if blend.get("mode", "0") not in ("0", "normal"):
            losses.add(blend, "warning", "the blend mode is not reproduced; the picture is laid "
                                         "over with its opacity")
        opacity = _numbers(_value(blend, "amount", "1", losses, peak=True), 1, 1.0)[0]
        spot = replace(spot, opacity=min(max(opacity, 0.0), 1.0))
    return spot


def transformed(element: Element) -> bool:
    """Whether a clip says anything about where its picture lies."""
    return any(_enabled(element, tag) for tag in (
        "adjust-conform", "adjust-crop", "adjust-transform", "adjust-blend"))


def _enabled(element: Element, tag: str) -> Element | None:
    found = element.first(tag)
    return found if found is not None and found.get("enabled") != "0" else None


def _cropped(element: Element, spot: Spot, canvas: Size, losses: Losses) -> Spot:
    adjust = _enabled(element, "adjust-crop")
    if adjust is None:
        return spot
    mode = adjust.get("mode", "trim")
    rects = adjust.all(_RECTS.get(mode, "trim-rect"))
    if not rects:
        return spot
    if mode == "pan":
        losses.add(adjust, "warning", "the Ken Burns move is not reproduced; its first frame "
                                      "stands still")
    crop = _sides(rects[0], spot.size, losses)
    if crop[0] + crop[2] >= 1 or crop[1] + crop[3] >= 1:
        losses.add(adjust, "warning", "the crop leaves nothing of the picture; it is not used")
        return spot
    spot = replace(spot, crop=crop)
    if mode == "trim":
        return spot
    # what a crop leaves fills the frame again
    width, height = (spot.size[0] * (1 - crop[0] - crop[2]),
                     spot.size[1] * (1 - crop[1] - crop[3]))
    scale = fitted((width, height), canvas)
    return replace(spot, scale=scale,
                   x=canvas[0] / 2 - (crop[0] - crop[2]) / 2 * spot.size[0] * scale,
                   y=canvas[1] / 2 - (crop[1] - crop[3]) / 2 * spot.size[1] * scale)


def _sides(rect: Element, size: Size, losses: Losses) -> Sides:
    per_width, per_height = size[1] / size[0] / 100, 0.01
    left, top, right, bottom = (
        max(0.0, _numbers(_value(rect, name, "0", losses), 1, 0.0)[0]) * unit
        for name, unit in (("left", per_width), ("top", per_height), ("right", per_width),
                           ("bottom", per_height)))
    return left, top, right, bottom


def _transformed(element: Element, spot: Spot, canvas: Size, losses: Losses) -> Spot:
    adjust = _enabled(element, "adjust-transform")
    if adjust is None:
        return spot
    x, y = _numbers(_value(adjust, "position", "0 0", losses), 2, 0.0)
    across, down = _numbers(_value(adjust, "scale", "1 1", losses), 2, 1.0)
    turn = 0.0 - _numbers(_value(adjust, "rotation", "0", losses), 1, 0.0)[0]
    anchor_x, anchor_y = _numbers(_value(adjust, "anchor", "0 0", losses), 2, 0.0)
    if min(across, down) < 0:
        losses.add(adjust, "warning", "the picture is mirrored in the edit; it is not here")
    across, down = abs(across), abs(down)
    scale = math.sqrt(across * down)
    if not scale:
        losses.add(adjust, "warning", "a picture of no size; its size is left as it is")
        scale = 1.0
    elif abs(across - down) > 0.001 * scale:
        losses.add(adjust, "warning", f"the picture is stretched to {across:g} by {down:g}; it is "
                                      f"scaled to {scale:.4g} both ways")
    percent = canvas[1] / 100
    # the picture is scaled and turned about its anchor, which then lies at the position
    off_x = (spot.x - canvas[0] / 2 - anchor_x * percent) * scale
    off_y = (spot.y - canvas[1] / 2 + anchor_y * percent) * scale
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    return replace(spot, scale=spot.scale * scale, degrees=turn,
                   x=canvas[0] / 2 + x * percent + off_x * cos - off_y * sin,
                   y=canvas[1] / 2 - y * percent + off_x * sin + off_y * cos)


def _value(adjust: Element, name: str, default: str, losses: Losses, peak: bool = False) -> str:
    """An attribute's value, or the first keyframe of the parameter that animates it."""
    for param in adjust.all("param"):
        if param.get("name").casefold() != name:
            continue
        # Final Cut writes position as two parameters X and Y inside one
        parts = param.all("param") or [param]
        given = adjust.get(name) or default
        values = [_key(part, said, losses, peak) for part, said in zip(
            parts, given.split() if len(parts) > 1 else [given], strict=False)]
        return " ".join(values)
    return adjust.get(name) or default


def _key(param: Element, given: str, losses: Losses, peak: bool) -> str:
    """The first keyframe's value, with `peak` the highest: an opacity may begin at nothing."""
    keys = [key.get("value") for animation in param.all("keyframeAnimation")
            for key in animation.all("keyframe")]
    if not keys:
        return param.get("value") or given
    if len(set(keys)) > 1:
        losses.add(param, "warning", f"{param.get('name') or 'the value'} is animated; the "
                                     f"{'highest' if peak else 'first'} of its {len(keys)} "
                                     "keyframes is taken for the whole clip")
    return max(keys, key=lambda key: _numbers(key, 1, 0.0)) if peak else keys[0]


def _numbers(text: str, count: int, default: float) -> tuple[float, ...]:
    """`count` plain numbers; the default for each that is none."""
    found = []
    for part in (*text.split()[:count], *[""] * count)[:count]:
        try:
            number = float(part)
        except ValueError:
            number = default
        found.append(number if abs(number) < _LARGEST else default)
    return tuple(found)
