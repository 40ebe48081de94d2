"""The grading tools as OpenColorIO transforms, all of them over ACEScct code values.

Lift, gamma and gain are GradingPrimary in its video style, tone is GradingTone in its log style,
curves are GradingRGBCurve, hue curves GradingHueCurve in its log style (OpenColorIO 2.5 or later).
Nothing is made for what is neutral.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import PyOpenColorIO as ocio
from numpy.typing import NDArray

from microfinish.core.cdl import Cdl, Triple
from microfinish.core.color_tools import (
    ONES,
    ZEROS,
    Curves,
    HueCurves,
    ToneZones,
    Tools,
)
from microfinish.core.errors import InputError

Rgb = NDArray[np.float32]
BLACK, WHITE = 0.0729055341958355, 0.5547945205479452
"""ACEScct of scene-linear 0 and 1 (Academy S-2016-001)."""
_VIBRANCE_KNEE = 0.1
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def cdl(cdl: Cdl) -> list[ocio.Transform]:
    """ASC CDL without the clamps (OpenColorIO's default style): ACEScct holds light above 1."""
    if cdl.is_identity:
        return []
    return [ocio.CDLTransform(slope=cdl.slope, offset=cdl.offset, power=cdl.power,
                              sat=cdl.saturation)]


def contrast(contrast: float, pivot: float) -> list[ocio.Transform]:
    if contrast == 1.0:
        return []
    shift = pivot * (1.0 - contrast)
    return [ocio.MatrixTransform([contrast, 0, 0, 0, 0, contrast, 0, 0, 0, 0, contrast, 0,
                                  0, 0, 0, 1], [shift, shift, shift, 0])]


def saturation(saturation: float) -> list[ocio.Transform]:
    if saturation == 1.0:
        return []
    return [ocio.CDLTransform(slope=ONES, offset=(0, 0, 0), power=ONES, sat=saturation)]


def wheels(lift: Triple, gamma: Triple, gain: Triple) -> list[ocio.Transform]:
    """Lift, gamma and gain per channel about ACEScct black and white."""
    if (lift, gamma, gain) == (ZEROS, ONES, ONES):
        return []
    value = ocio.GradingPrimary(ocio.GRADING_VIDEO)
    value.lift = ocio.GradingRGBM(*lift, 0.0)
    value.gamma = ocio.GradingRGBM(*gamma, 1.0)
    value.gain = ocio.GradingRGBM(*gain, 1.0)
    value.pivotBlack, value.pivotWhite = BLACK, WHITE
    return [ocio.GradingPrimaryTransform(value, ocio.GRADING_VIDEO)]


def tone(tone: ToneZones) -> list[ocio.Transform]:
    if tone == ToneZones():
        return []
    value = ocio.GradingTone(ocio.GRADING_LOG)
    for zone in ("blacks", "shadows", "midtones", "highlights", "whites"):
        red, green, blue = getattr(tone, zone)
        default = getattr(value, zone)
        setattr(value, zone, ocio.GradingRGBMSW(red, green, blue, 1.0, default.start,
                                                default.width))
    return [ocio.GradingToneTransform(value, ocio.GRADING_LOG)]


def curves(given: Curves) -> list[ocio.Transform]:
    """A curve per channel, and one for all of them after it; B-splines through the points."""
    if given == Curves():
        return []
    value = ocio.GradingRGBCurve(ocio.GRADING_LOG)
    for name in ("red", "green", "blue", "master"):
        points = getattr(given, name)
        if points:
            setattr(value, name, ocio.GradingBSplineCurve(
                [number for point in points for number in point]))
    return [ocio.GradingRGBCurveTransform(value, ocio.GRADING_LOG)]


def hue_curves(given: HueCurves) -> list[ocio.Transform]:
    """Curves over hue, luma and saturation. Raises InputError for points that make no curve."""
    if given == HueCurves():
        return []
    value = ocio.GradingHueCurve(ocio.GRADING_LOG)
    if given.hue_hue:
        value.hue_hue = ocio.GradingBSplineCurve(
            _around(given.hue_hue, lambda hue, turn: hue + turn / 360), ocio.HUE_HUE)
    if given.hue_sat:
        value.hue_sat = ocio.GradingBSplineCurve(_around(given.hue_sat), ocio.HUE_SAT)
    if given.hue_lum:
        value.hue_lum = ocio.GradingBSplineCurve(_around(given.hue_lum), ocio.HUE_LUM)
    if given.lum_sat:
        value.lum_sat = ocio.GradingBSplineCurve(_flat(given.lum_sat), ocio.LUM_SAT)
    if given.sat_sat:
        value.sat_sat = ocio.GradingBSplineCurve(_flat(given.sat_sat), ocio.SAT_SAT)
    try:
        return [ocio.GradingHueCurveTransform(value, ocio.GRADING_LOG)]
    except ocio.Exception as error:
        raise InputError(f"hues: {error}", hint="fewer points, further apart") from error


def vibrance(amount: float, rgb: Rgb) -> Rgb:
    """Saturation that fades where color is strong: half of it acts at an ACEScct spread of 0.1.

    The spread is the largest channel less the smallest; 0.1 is what skin in daylight has.
    """
    spread = rgb.max(axis=-1, keepdims=True) - rgb.min(axis=-1, keepdims=True)
    luma = (rgb @ _LUMA)[..., None]
    gain = 1.0 + amount / (1.0 + (spread / _VIBRANCE_KNEE) ** 2)
    return np.ascontiguousarray(luma + gain * (rgb - luma), np.float32)


def before_saturation(tools: Tools) -> list[ocio.Transform]:
    """What of a shot's or look's tools comes between contrast and saturation."""
    return [*wheels(tools.lift, tools.gamma, tools.gain), *tone(tools.tone),
            *curves(tools.curves), *hue_curves(tools.hues)]


def _around(points: tuple[tuple[float, float], ...],
            value_of: Callable[[float, float], float] = lambda _, value: value) -> list[float]:
    """Points over hue, in OpenColorIO's order: its wheel begins at magenta, 60 degrees earlier."""
    placed = sorted(((hue + 60) % 360 / 360, value) for hue, value in points)
    if len(placed) == 1:
        placed = sorted([placed[0], ((placed[0][0] + 0.5) % 1, placed[0][1])])
    return [number for hue, value in placed for number in (hue, value_of(hue, value))]


def _flat(points: tuple[tuple[float, float], ...]) -> list[float]:
    return [number for point in points for number in point]
