"""Scopes show where code values really lie."""

from __future__ import annotations

import numpy as np
import pytest

from microfinish.report.scopes import histogram, vectorscope, waveform


def _flat(red: int, green: int, blue: int) -> np.ndarray:
    return np.full((32, 48, 3), (red, green, blue), np.uint8)


@pytest.mark.parametrize("value", [0, 64, 128, 255])
def test_a_flat_grey_is_one_line_of_the_waveform_at_its_height(value: int) -> None:
    scope = waveform(_flat(value, value, value), 300, 256)
    lit = np.flatnonzero(scope[:, 50].max(axis=1) > 80)
    assert lit.tolist() == [255 - value]


def test_each_channel_has_its_own_third_of_the_parade() -> None:
    scope = waveform(_flat(200, 100, 50), 300, 256)
    for third, value in enumerate((200, 100, 50)):
        column = scope[:, third * 100 + 50]
        assert np.flatnonzero(column.max(axis=1) > 80).tolist() == [255 - value]
        assert int(column[255 - value].argmax()) == third


def test_a_brighter_right_half_stands_right_in_the_waveform() -> None:
    picture = _flat(40, 40, 40)
    picture[:, 24:] = 220
    scope = waveform(picture, 300, 256)
    assert scope[255 - 40, 20].max() > 80 > scope[255 - 40, 80].max()
    assert scope[255 - 220, 80].max() > 80 > scope[255 - 220, 20].max()


def _spot(picture: np.ndarray) -> tuple[float, float]:
    """(right, up) of the trace from the middle, -0.5..0.5, without the graticule."""
    scope = vectorscope(picture, 401).astype(int)
    empty = vectorscope(np.zeros((0, 0, 3), np.uint8).reshape(0, 1, 3), 401).astype(int)
    rows, columns = np.nonzero(np.abs(scope - empty).max(axis=2) > 60)
    return float(columns.mean() / 400 - 0.5), float(0.5 - rows.mean() / 400)


def test_grey_is_the_middle_of_the_vectorscope() -> None:
    assert _spot(_flat(128, 128, 128)) == pytest.approx((0, 0), abs=0.002)


@pytest.mark.parametrize(("bar", "cb", "cr"), [
    # 75 % bars by ITU-R BT.709: Cb = (B - Y) / 1.8556, Cr = (R - Y) / 1.5748
    ((191, 0, 0), -0.0859, 0.3745), ((0, 0, 191), 0.3745, -0.0343), ((0, 191, 0), -0.2887, -0.3402),
])
def test_a_color_bar_stands_where_bt709_says(bar: tuple[int, int, int], cb: float,
                                             cr: float) -> None:
    assert _spot(_flat(*bar)) == pytest.approx((0.96 * cb, 0.96 * cr), abs=0.004)


def test_a_histogram_counts_each_channel_at_its_value() -> None:
    scope = histogram(_flat(64, 128, 192), 256, 100)
    for channel, value in enumerate((64, 128, 192)):
        filled = np.flatnonzero(scope[..., channel].any(axis=0))
        assert filled.tolist() == [value]
