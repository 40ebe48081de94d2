"""The whole range that grade.yaml allows gives a matrix."""

from microfinish.core.color import Balance
from microfinish.core.color_white import white_balance_matrix


def test_temperatures_past_the_ends_of_the_daylight_locus_still_have_a_matrix() -> None:
    for temperature in range(-4000, 4001, 250):
        for tint in (-0.05, 0.0, 0.05):
            rows = white_balance_matrix(Balance(0.0, float(temperature), tint))
            assert all(-20 < value < 20 for row in rows for value in row)
