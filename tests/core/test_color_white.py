"""White balance as one matrix: direction, exactness, limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microfinish.core.color import Balance
from microfinish.core.color_white import (
    balance_of_neutral,
    inverse,
    multiply,
    white_balance_matrix,
)

LUMA = (0.2722287, 0.6740818, 0.0536895)


def _neutral(balance: Balance) -> tuple[float, float, float]:
    r, g, b = (sum(row) for row in white_balance_matrix(balance))
    return r, g, b


def test_no_balance_is_the_exact_identity() -> None:
    assert white_balance_matrix(Balance()) == ((1, 0, 0), (0, 1, 0), (0, 0, 1))


def test_positive_temperature_warms_and_positive_tint_is_magenta() -> None:
    warm, magenta = _neutral(Balance(temperature=500)), _neutral(Balance(tint=0.01))
    assert warm[0] > warm[1] > warm[2]
    assert magenta[0] > magenta[1] < magenta[2]


@given(st.floats(-2500, 2500), st.floats(-0.02, 0.02))
def test_a_neutral_keeps_its_luminance(temperature: float, tint: float) -> None:
    rgb = _neutral(Balance(0.0, temperature, tint))
    assert sum(a * b for a, b in zip(LUMA, rgb, strict=True)) == pytest.approx(1.0, abs=1e-6)


@given(st.floats(-2400, 2400), st.floats(-0.02, 0.02))
def test_the_balance_of_a_cast_takes_the_cast_away(temperature: float, tint: float) -> None:
    wanted = Balance(0.0, temperature, tint)
    r, g, b = (sum(row) for row in inverse(white_balance_matrix(wanted)))
    found = balance_of_neutral((r, g, b))
    assert found.temperature == pytest.approx(temperature, abs=0.1)
    assert found.tint == pytest.approx(tint, abs=1e-5)


def test_inverse_and_multiply_are_each_others_proof() -> None:
    matrix = white_balance_matrix(Balance(0.0, 800.0, -0.01))
    product = multiply(matrix, inverse(matrix))
    for i, row in enumerate(product):
        assert row == pytest.approx([1.0 if i == j else 0.0 for j in range(3)], abs=1e-12)


def test_a_color_without_blue_has_no_balance() -> None:
    with pytest.raises(ValueError, match="positive"):
        balance_of_neutral((1.0, 1.0, 0.0))
