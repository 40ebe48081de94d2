"""A chart drawn into a picture is found, read, and nothing else is taken for one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from microfinish.core.color_chart import CHART_PATCHES
from microfinish.media.color_chart import chart_in


def _scene(angle: float, gains: tuple[float, float, float]) -> np.ndarray:
    rng = np.random.default_rng(5)
    picture = cv2.GaussianBlur(rng.uniform(0.02, 0.5, (270, 480, 3)), (0, 0), 9) * 0.6
    chart = np.full((300, 430, 3), 0.03)
    for index, patch in enumerate(CHART_PATCHES):
        y, x = divmod(index, 6)
        chart[14 + y * 70:74 + y * 70, 10 + x * 70:70 + x * 70] = patch
    turn = cv2.getRotationMatrix2D((215, 150), angle, 0.42)
    turn[:, 2] += [240 - 215, 135 - 150]
    lying = cv2.warpAffine(chart, turn, (480, 270), flags=cv2.INTER_AREA)
    inside = cv2.warpAffine(np.ones(chart.shape[:2]), turn, (480, 270))[..., None]
    light = picture * (1 - inside) + lying * inside
    return np.maximum(light * gains, 1e-4) * rng.normal(1, 0.01, light.shape)


def _codes(light: np.ndarray) -> np.ndarray:
    return np.clip(np.log2(light / 0.18 + 0.01) / 14 + 0.55, 0, 1).astype(np.float32)


@pytest.mark.parametrize("angle", [0.0, 14.0, -20.0, 180.0])
def test_a_chart_is_found_and_says_what_the_camera_did(angle: float) -> None:
    gains = (1.3, 1.0, 0.7)
    light = _scene(angle, gains)
    found = chart_in(_codes(light), light)
    assert found is not None
    greys = np.array([found["patches"][index] for index in range(18, 23)])
    wanted = np.array(CHART_PATCHES[18:23]) * gains
    assert np.abs(np.log2(greys / wanted)).max() < 0.12


def test_a_picture_without_a_chart_has_none() -> None:
    rng = np.random.default_rng(7)
    squares = np.full((270, 480, 3), 0.03)
    for y in range(4):
        for x in range(6):  # a wall of tiles of any color is no chart
            squares[40 + 45 * y:78 + 45 * y, 90 + 45 * x:128 + 45 * x] = rng.uniform(0.05, 0.7, 3)
    assert chart_in(_codes(squares), squares) is None
