"""Faces and sets against their usual color."""

from __future__ import annotations

import pytest

from microfinish.core.color_difference import delta_e2000, lab_of_rec709
from microfinish.core.continuity import Seen, continuity

BOX = (0.4, 0.2, 0.2, 0.3)


@pytest.mark.parametrize(("one", "other", "expected"), [
    # Sharma, Wu, Dalal 2005, table 1
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, -1.1848, -84.8006), (50, 0, -82.7485), 1.0000),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
])
def test_ciede2000_is_the_published_one(one, other, expected) -> None:
    assert delta_e2000(one, other) == pytest.approx(expected, abs=1e-4)


def test_white_is_white() -> None:
    assert lab_of_rec709((1.0, 1.0, 1.0)) == pytest.approx((100, 0, 0), abs=0.02)


def _faces(*lightness: float) -> list[Seen]:
    return [Seen("face 1", f"ep{number:03}", "sh010", (value, 14.0, 18.0), 0, BOX)
            for number, value in enumerate(lightness, 1)]


def test_the_one_dark_episode_is_named() -> None:
    found = continuity(_faces(60, 61, 59.5, 60.5, 48, 60))
    assert [each.seen.episode for each in found.outliers] == ["ep005"]
    assert found.outliers[0].words == "darker"
    assert found.outliers[0].delta_e > 8


def test_small_differences_are_no_outliers() -> None:
    assert not continuity(_faces(60, 62, 58, 61, 59)).outliers


def test_of_two_that_differ_both_are_named() -> None:
    assert len(continuity(_faces(60, 50)).outliers) == 2
    assert not continuity(_faces(60, 61)).outliers
