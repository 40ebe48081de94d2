"""The shipped cameras and looks: they validate, bake, and do what their comments say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from microfinish.core.color import CameraPreset, Chain, InputTransform, Look, LookGrade, LookPreset
from microfinish.core.color_chain import AUTOMATIC_CAMERAS, FALLBACK_CAMERA, input_transform
from microfinish.core.color_decode import Decode
from microfinish.core.settings import CameraRef
from microfinish.media import lut
from microfinish.project.presets import Presets

PRESETS = Presets()
CAMERAS = [info.name for info in PRESETS.list("cameras")]
LOOKS = [info.name for info in PRESETS.list("looks")]
SKIN = (0.33, 0.23, 0.17)
"""Scene-linear Rec.709 reflectance of a light skin patch (ColorChecker patch 2, rounded)."""


def _camera(name: str) -> CameraPreset:
    return PRESETS.resolve("cameras", name, CameraPreset).value


def _look(name: str) -> Look:
    found = PRESETS.resolve("looks", name, LookPreset).value
    return Look(1.0, LookGrade(found.cdl, found.contrast, found.pivot, found.tone, found.curve,
                               found.saturation))


def _shown(look: Look | None, light: tuple[float, float, float]) -> np.ndarray:
    given = InputTransform("scene", "ACEScct")
    import PyOpenColorIO as ocio

    from microfinish.media.ocio_chain import CONFIG
    config = ocio.Config.CreateFromBuiltinConfig(CONFIG)
    code = config.getProcessor("Linear Rec.709 (sRGB)", "ACEScct").getDefaultCPUProcessor(
        ).applyRGB(list(light))
    return lut.exact(Chain(given, look=look), np.array([code], np.float32))[0]


def test_the_cameras_that_are_promised_are_there() -> None:
    assert {"sony-slog3-sgamut3cine", "sony-slog3-sgamut3", "sony-slog2", "arri-logc3",
            "arri-logc4", "panasonic-vlog", "canon-clog2", "canon-clog3", "fujifilm-flog",
            "fujifilm-flog2", "nikon-nlog", "dji-dlog", "apple-log", "red-log3g10", "bmd-gen5",
            "davinci-intermediate", "canon-clog", "gopro-protune", "sony-slog2-sgamut3cine",
            "phone-rec709-full", "phone-rec709-limited", "display-ai", "phone-rec709",
            "phone-hlg", "phone-pq", "display-rec709",
            "srgb"} <= set(CAMERAS)
    assert {*AUTOMATIC_CAMERAS.values(), FALLBACK_CAMERA} <= set(CAMERAS)


@pytest.mark.parametrize("name", CAMERAS)
def test_every_camera_bakes_and_says_its_source(name: str) -> None:
    preset = _camera(name)
    given, _ = input_transform(preset, CameraRef(name), Decode("bt709", "limited"))
    codes = lut.bake(Chain(given, gamut_compression=preset.gamut_compression), size=33).values
    every = range(len(codes))
    grey = codes[every, every, every]
    assert preset.source
    assert (np.diff(grey, axis=0) >= -1e-6).all()
    assert np.ptp(grey, axis=1).max() < 0.002


@pytest.mark.parametrize("ei", [160, 400, 1600])
def test_logc3_has_its_curve_at_every_exposure_index(ei: int) -> None:
    """ARRI: mid grey is the same code (400/1023) at every index, highlights are not."""
    preset = _camera("arri-logc3")
    given, code_range = input_transform(preset, CameraRef("arri-logc3", ei), Decode("bt709", "tv"))
    grey = lut.exact(Chain(given), np.full((1, 3), 400 / 1023, np.float32))[0]
    assert code_range == "limited"
    assert grey == pytest.approx([0.383117] * 3, abs=0.004)


@pytest.mark.parametrize("name", LOOKS)
def test_every_look_keeps_greys_rising_and_skin_a_skin(name: str) -> None:
    look = _look(name)
    ramp = np.repeat(np.linspace(0.05, 1, 60, dtype=np.float32)[:, None], 3, axis=1)
    shown = lut.exact(Chain(InputTransform("scene", "ACEScct"), look=look), ramp)
    assert (np.diff(shown, axis=0) >= -1e-4).all()
    red, green, blue = _shown(look, SKIN)
    assert red > green > 0.75 * blue
    plain = _shown(None, SKIN).mean()
    assert 0.8 * plain < (red + green + blue) / 3 < 1.2 * plain


@pytest.mark.parametrize(("name", "cooler"), [("cool-isolation", True), ("warm-nostalgia", False)])
def test_looks_lean_the_way_their_names_say(name: str, cooler: bool) -> None:
    red, _, blue = _shown(_look(name), (0.18, 0.18, 0.18))
    assert (blue > red) == cooler


def test_strength_runs_from_nothing_to_the_whole_look() -> None:
    look = _look("neon-night")
    none, half, whole = (_shown(replace(look, strength=s), SKIN) for s in (0.0, 0.5, 1.0))
    assert none == pytest.approx(_shown(None, SKIN))
    assert np.abs(half - (none + whole) / 2).max() < 0.02
