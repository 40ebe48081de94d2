"""Wheels, curves, hue curves and vibrance against formulas written here, in ACEScct."""

from __future__ import annotations

import colorsys
from typing import Any

import numpy as np
import PyOpenColorIO as ocio
import pytest

from microfinish.core.color import Chain, InputTransform, Look, LookGrade
from microfinish.core.color_tools import Curves, HueCurves, ToneZones, Tools, tool_problems
from microfinish.media import lut
from microfinish.media.ocio_chain import CONFIG, fresh_config
from microfinish.media.ocio_grade import vibrance

ACESCCT = InputTransform("scene", "ACEScct")
BLACK, WHITE = (np.log2(np.array([2.0 ** -7.0, 1.0])) + 9.72) / 17.52
BLACK = 0.0729055341958355
LUMA = np.array([0.2126, 0.7152, 0.0722])


def _codes(count: int = 300, low: float = 0.15, high: float = 0.6) -> np.ndarray:
    return np.random.default_rng(4).uniform(low, high, (count, 3)).astype(np.float32)


def _shown(codes: np.ndarray) -> np.ndarray:
    """ACEScct codes through the output alone."""
    return lut.exact(Chain(ACESCCT), np.asarray(codes, np.float32))


def _graded(codes: np.ndarray, **tools: Any) -> np.ndarray:
    return lut.exact(Chain(ACESCCT, tools=Tools(**tools)), codes)


def test_black_and_white_of_the_wheels_are_those_of_acescct() -> None:
    to_code = ocio.Config.CreateFromBuiltinConfig(CONFIG).getProcessor(
        "ACEScg", "ACEScct").getDefaultCPUProcessor()
    assert to_code.applyRGB([0.0] * 3) == pytest.approx([BLACK] * 3, abs=1e-6)
    assert to_code.applyRGB([1.0] * 3) == pytest.approx([WHITE] * 3, abs=1e-6)


@pytest.mark.parametrize(("lift", "gamma", "gain"), [
    ((0.02, 0.0, -0.01), (1.0, 1.0, 1.0), (1.0, 1.0, 1.0)),
    ((0.0, 0.0, 0.0), (1.2, 1.0, 0.8), (1.0, 1.0, 1.0)),
    ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (1.1, 1.0, 0.9)),
    ((0.03, -0.02, 0.01), (1.1, 0.9, 1.05), (0.95, 1.05, 1.1)),
])
def test_lift_gamma_gain_are_the_video_wheels_of_opencolorio(
        lift: Any, gamma: Any, gain: Any) -> None:
    """GradingPrimary, video style: offset by lift, slope between the pivots, power between them."""
    codes = _codes(low=0.25)
    slope = (WHITE - BLACK) / (WHITE / np.array(gain) + np.array(lift) - BLACK)
    part = (codes + np.array(lift) - BLACK) * slope / (WHITE - BLACK)
    wanted = np.sign(part) * np.abs(part) ** (1 / np.array(gamma)) * (WHITE - BLACK) + BLACK
    assert _graded(codes, lift=lift, gamma=gamma, gain=gain) == pytest.approx(
        _shown(wanted), abs=3e-4)


def test_lift_holds_white_and_gain_holds_black() -> None:
    ends = np.array([[BLACK] * 3, [WHITE] * 3], np.float32)
    lifted, gained = _graded(ends, lift=(0.05,) * 3), _graded(ends, gain=(1.2,) * 3)
    plain = _shown(ends)
    assert lifted[1] == pytest.approx(plain[1], abs=1e-4)
    assert lifted[0, 0] > plain[0, 0] + 0.01
    assert gained[0] == pytest.approx(plain[0], abs=1e-4)
    assert gained[1, 0] > plain[1, 0] + 0.01


def test_curves_go_through_their_points_channel_by_channel() -> None:
    red, master = ((0.0, 0.0), (0.4, 0.45), (1.0, 1.0)), ((0.0, 0.0), (0.5, 0.5), (1.0, 1.0))
    codes = np.array([[0.4, 0.4, 0.4]], np.float32)
    moved = _graded(codes, curves=Curves(red=red, master=master))
    assert moved == pytest.approx(_shown(np.array([[0.45, 0.4, 0.4]])), abs=2e-4)


def test_a_straight_curve_is_a_straight_line() -> None:
    codes = _codes()
    moved = _graded(codes, curves=Curves(master=((0.0, 0.1), (1.0, 0.9))))
    assert moved == pytest.approx(_shown(0.1 + 0.8 * codes), abs=5e-5)


def test_one_factor_at_every_hue_is_saturation() -> None:
    codes = _codes()
    luma = (codes @ LUMA)[:, None]
    moved = _graded(codes, hues=HueCurves(hue_sat=((20.0, 1.3), (200.0, 1.3))))
    assert moved == pytest.approx(_shown(luma + 1.3 * (codes - luma)), abs=2e-4)


def _turned(codes: np.ndarray, degrees: float) -> np.ndarray:
    """The hexagonal hue turned, luma and the saturation of OpenColorIO's HSY kept.

    Saturation there is a weighted distance from luma, so the turned color is scaled to it.
    """
    config = fresh_config()
    forward = ocio.FixedFunctionTransform(ocio.FIXED_FUNCTION_RGB_TO_HSY_LOG)
    hsy = config.getProcessor(forward).getDefaultCPUProcessor()
    out = []
    for rgb in codes:
        hue, light, full = colorsys.rgb_to_hls(*map(float, rgb))
        pure = np.array(colorsys.hls_to_rgb((hue + degrees / 360) % 1, light, full))
        luma, wanted = float(rgb @ LUMA), hsy.applyRGB(list(map(float, rgb)))[1]
        colored = pure - pure @ LUMA
        low, high = 0.0, 8.0
        for _ in range(50):
            middle = (low + high) / 2
            found = hsy.applyRGB(list(luma + middle * colored))[1]
            low, high = (middle, high) if found < wanted else (low, middle)
        out.append(luma + low * colored)
    return np.array(out)


def test_a_hue_turns_by_its_degrees_and_keeps_luma() -> None:
    codes = _codes(40)
    moved = _graded(codes, hues=HueCurves(hue_hue=((0.0, 12.0), (180.0, 12.0))))
    assert moved == pytest.approx(_shown(_turned(codes, 12.0)), abs=1e-3)


@pytest.mark.parametrize(("hue", "color"), [
    (0, (0.5, 0.3, 0.3)), (60, (0.5, 0.5, 0.3)), (120, (0.3, 0.5, 0.3)), (180, (0.3, 0.5, 0.5)),
    (240, (0.3, 0.3, 0.5)), (300, (0.5, 0.3, 0.5))])
def test_hues_are_where_a_color_wheel_has_them(hue: float, color: Any) -> None:
    """A curve that greys out one hue greys out that color and leaves the opposite one alone."""
    wheel = tuple(((hue + turn) % 360, 0.0 if turn == 0 else 1.0) for turn in (0, 40, 180, 320))
    gone = _graded(np.array([color], np.float32), hues=HueCurves(hue_sat=wheel))[0]
    opposite = np.array([tuple(0.8 - part for part in color)], np.float32)
    kept = _graded(opposite, hues=HueCurves(hue_sat=wheel))
    assert np.ptp(gone) < 0.002
    assert kept == pytest.approx(_shown(opposite), abs=2e-4)


def test_hue_lum_brightens_its_hue_and_leaves_greys() -> None:
    codes = np.array([[0.5, 0.3, 0.3], [0.4, 0.4, 0.4]], np.float32)
    moved = _graded(codes, hues=HueCurves(hue_lum=((0.0, 1.5), (90.0, 1.0), (270.0, 1.0))))
    assert moved[0].mean() > _shown(codes)[0].mean() + 0.02
    assert moved[1] == pytest.approx(_shown(codes)[1], abs=2e-4)


def test_lum_sat_and_sat_sat_take_color_where_they_say() -> None:
    dark, light = np.array([[0.2, 0.15, 0.15]]), np.array([[0.6, 0.5, 0.5]])
    codes = np.concatenate([dark, light]).astype(np.float32)
    no_dark = _graded(codes, hues=HueCurves(lum_sat=((0.0, 0.0), (0.3, 0.0), (0.4, 1.0), (1, 1))))
    assert np.ptp(no_dark[0]) < 0.002
    assert no_dark[1] == pytest.approx(_shown(codes)[1], abs=1e-3)
    half = _graded(codes, hues=HueCurves(sat_sat=((0.0, 0.0), (1.0, 0.5))))
    assert (np.ptp(half, axis=1) < 0.7 * np.ptp(_shown(codes), axis=1)).all()


def test_vibrance_lifts_quiet_colors_and_spares_strong_ones() -> None:
    codes = _codes()
    luma = (codes @ LUMA)[:, None]
    spread = np.ptp(codes, axis=1)[:, None]
    wanted = luma + (1 + 0.6 / (1 + (spread / 0.1) ** 2)) * (codes - luma)
    assert vibrance(0.6, codes) == pytest.approx(wanted, abs=1e-6)
    assert _graded(codes, vibrance=0.6) == pytest.approx(_shown(wanted), abs=1e-5)


def test_log_wheels_work_in_their_zone_and_keep_greys_rising() -> None:
    ramp = np.repeat(np.linspace(0.05, 0.8, 200, dtype=np.float32)[:, None], 3, axis=1)
    plain = _shown(ramp)
    shadows = _graded(ramp, tone=ToneZones(shadows=(1.1, 1.0, 1.0)))
    highlights = _graded(ramp, tone=ToneZones(highlights=(1.1, 1.0, 1.0)))
    assert shadows[40:60, 0].mean() > plain[40:60, 0].mean() + 0.003
    assert shadows[190:] == pytest.approx(plain[190:], abs=2e-3)
    assert highlights[150:170, 0].mean() > plain[150:170, 0].mean() + 0.003
    assert highlights[:30] == pytest.approx(plain[:30], abs=2e-3)
    for shown in (shadows, highlights):
        assert (np.diff(shown, axis=0) >= -1e-5).all()
        assert shown[:, 1:] == pytest.approx(plain[:, 1:], abs=0.03)


def test_a_look_and_a_shot_have_the_same_tools() -> None:
    tools = Tools(lift=(0.01, 0, 0), curves=Curves(blue=((0, 0.02), (1, 1))),
                  hues=HueCurves(hue_sat=((20.0, 1.2), (180.0, 0.8))), vibrance=0.3)
    codes = _codes()
    as_look = Chain(ACESCCT, look=Look(1.0, LookGrade(tools=tools)))
    assert lut.exact(as_look, codes) == pytest.approx(
        lut.exact(Chain(ACESCCT, tools=tools), codes), abs=1e-6)


def test_tools_that_are_not_used_change_neither_key_nor_picture() -> None:
    plain, used = Chain(ACESCCT), Chain(ACESCCT, tools=Tools())
    assert lut.cube_key(plain) == lut.cube_key(used)
    assert "tools" not in lut._told(plain)
    keys = {lut.cube_key(Chain(ACESCCT, tools=tools)) for tools in (
        Tools(lift=(0.01, 0, 0)), Tools(gain=(1.01, 1, 1)), Tools(vibrance=0.01),
        Tools(hues=HueCurves(hue_sat=((0, 1.1), (180, 1)))),
        Tools(curves=Curves(red=((0, 0), (1, 1)))))}
    assert len(keys | {lut.cube_key(plain)}) == 6


@pytest.mark.parametrize(("curves", "hues", "key"), [
    (Curves(red=((0, 0),)), None, "curves.red"),
    (Curves(master=((0, 0), (0.5, 0.6), (0.4, 0.7))), None, "curves.master"),
    (Curves(blue=((0, 0.5), (1, 0.2))), None, "curves.blue"),
    (None, HueCurves(hue_sat=((0, 1), (360, 1.2))), "hues.hue_sat"),
    (None, HueCurves(hue_hue=((0, 50), (20, -50))), "hues.hue_hue"),
    (None, HueCurves(sat_sat=((0, 0.5), (1, 0.2))), "hues.sat_sat"),
    (None, HueCurves(lum_sat=((0, 1),)), "hues.lum_sat"),
])
def test_points_that_make_no_curve_are_named(curves: Any, hues: Any, key: str) -> None:
    assert [name for name, _, _ in tool_problems(curves, hues)] == [key]
