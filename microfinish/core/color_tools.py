"""The grading tools of a shot or a look beyond its CDL: wheels, curves, hue curves, vibrance.

All work on ACEScct code values. What is neutral changes nothing, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Annotated

from microfinish.core.cdl import Triple
from microfinish.core.limits import Ge, Gt, Le

ZEROS: Triple = (0.0, 0.0, 0.0)
ONES: Triple = (1.0, 1.0, 1.0)

_Lift = Annotated[float, Ge(-0.15), Le(0.15)]
_Gamma = Annotated[float, Ge(0.2), Le(5)]
_Gain = Annotated[float, Ge(0.5), Le(2)]
Lift = _Lift | tuple[_Lift, _Lift, _Lift]
Gamma = _Gamma | tuple[_Gamma, _Gamma, _Gamma]
Gain = _Gain | tuple[_Gain, _Gain, _Gain]
Vibrance = Annotated[float, Ge(-1), Le(1)]
Degrees = Annotated[float, Ge(0), Le(360)]
Turn = Annotated[float, Ge(-60), Le(60)]
Factor = Annotated[float, Ge(0), Le(4)]
Code = Annotated[float, Ge(-0.5), Le(1.5)]
Zone = Annotated[float, Gt(0.1), Le(1.9)]
Zones = tuple[Zone, Zone, Zone]
Points = tuple[tuple[Code, Code], ...]
HueTurns = tuple[tuple[Degrees, Turn], ...]
HueFactors = tuple[tuple[Degrees, Factor], ...]
Factors = tuple[tuple[Code, Factor], ...]


@dataclass(frozen=True, slots=True)
class ToneZones:
    """Color per tonal zone in ACEScct: 1 is neutral, (0.97, 1, 1.05) cools, useful 0.8 to 1.2.

    These are the log wheels of a color desk, with blacks and whites beside the usual three.
    """

    blacks: Zones = ONES
    shadows: Zones = ONES
    midtones: Zones = ONES
    highlights: Zones = ONES
    whites: Zones = ONES


@dataclass(frozen=True, slots=True)
class Curves:
    """Curves through (in, out) control points, rising in both; `master` counts for all channels.

    Mid grey is 0.4136, scene white (reflectance 1) 0.555, black 0.073.
    """

    master: Points = ()
    red: Points = ()
    green: Points = ()
    blue: Points = ()


@dataclass(frozen=True, slots=True)
class HueCurves:
    """What happens to colors by hue, brightness or saturation; the points are the whole curve.

    Hues are in degrees as on a color wheel: red 0, yellow 60, green 120, cyan 180, blue 240,
    magenta 300; skin lies near 20. `hue_hue` turns a hue by degrees; `hue_sat`, `lum_sat` are
    factors of saturation by hue and by luma (an ACEScct code); `hue_lum` brightens (above 1) or
    darkens a hue; `sat_sat` gives saturation out for saturation in (0 is grey, 1 a strong color).
    """

    hue_hue: HueTurns = ()
    hue_sat: HueFactors = ()
    hue_lum: HueFactors = ()
    lum_sat: Factors = ()
    sat_sat: tuple[tuple[Factor, Factor], ...] = ()


EVEN_TONE, NO_CURVES, NO_HUES = ToneZones(), Curves(), HueCurves()


@dataclass(frozen=True, slots=True)
class Tools:
    """The tools of one shot or look, in the order in which they work.

    Lift holds white, gain holds black, gamma holds both; black and white are ACEScct 0.0729 and
    0.5548. `vibrance` is a saturation that spares what is saturated already.
    """

    lift: Triple = ZEROS
    gamma: Triple = ONES
    gain: Triple = ONES
    tone: ToneZones = EVEN_TONE
    curves: Curves = NO_CURVES
    hues: HueCurves = NO_HUES
    vibrance: float = 0.0


NO_TOOLS = Tools()


def used_tools(tools: Tools) -> list[str]:
    """The names of the tools that change the picture."""
    return [field.name for field in fields(tools)
            if getattr(tools, field.name) != getattr(NO_TOOLS, field.name)]


def triple(value: float | Triple) -> Triple:
    """One number for all three channels, or three."""
    return (value, value, value) if isinstance(value, int | float) else value


def tool_problems(curves: Curves | None, hues: HueCurves | None) -> Iterator[tuple[str, str, str]]:
    """(key, message, hint) for control points that make no curve."""
    for name, points in _points("curves", curves):
        if len(points) < 2:
            yield (f"curves.{name}", "a curve needs at least two points",
                   "[[0, 0], [1, 1]] is neutral")
        elif not all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(points)):
            yield (f"curves.{name}", "the points of a curve must rise",
                   "each point lies right of the one before it and not below it")
    for name, points in _points("hues", hues):
        if name in ("lum_sat", "sat_sat"):
            if len(points) < 2 or not all(a[0] < b[0] for a, b in pairwise(points)):
                yield (f"hues.{name}", "at least two points, from left to right, make this curve",
                       "[[0, 1], [1, 1]] is neutral" if name == "lum_sat" else
                       "[[0, 0], [1, 1]] is neutral")
            elif name == "sat_sat" and not all(a[1] <= b[1] for a, b in pairwise(points)):
                yield f"hues.{name}", "saturation out must rise with saturation in", ""
        elif len({hue % 360 for hue, _ in points}) < len(points):
            yield f"hues.{name}", "two points stand at the same hue", ""
        elif name == "hue_hue" and not _turns_on(points):
            yield (f"hues.{name}", "hues would change places",
                   "neighboring points must not turn past each other")


def _turns_on(points: tuple[tuple[float, float], ...]) -> bool:
    wheel = sorted((hue % 360, turn) for hue, turn in points)
    wheel.append((wheel[0][0] + 360, wheel[0][1]))
    return all(a[0] + a[1] < b[0] + b[1] for a, b in pairwise(wheel))


def _points(
    kind: str, noun: Curves | HueCurves | None
) -> Iterator[tuple[str, tuple[tuple[float, float], ...]]]:
    if noun is None:
        return
    for field in fields(noun):
        found = getattr(noun, field.name)
        if found:
            yield field.name, found
