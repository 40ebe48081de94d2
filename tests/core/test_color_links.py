"""How shared things become one balance per set-up."""

from __future__ import annotations

import pytest

from microfinish.core.color import Balance
from microfinish.core.color_chart import CHART_PATCHES, chart_pairs
from microfinish.core.color_links import Link, bounded, is_intended, solve_links
from microfinish.core.color_solve import Pair, balance_between
from microfinish.core.color_white import inverse, white_balance_matrix

SKIN = (0.42, 0.28, 0.20)


def _seen(color, balance: Balance):
    """`color` as a camera records it that needs this balance."""
    rows = inverse(white_balance_matrix(balance))
    return tuple(sum(m * v for m, v in zip(row, color, strict=True)) / 2.0**balance.exposure
                 for row in rows)


def _link(first: str, second: str, fault: Balance, kind: str = "face", confidence: float = 0.9,
          colors=(SKIN,)) -> Link:
    pairs = tuple(Pair(color, _seen(color, fault)) for color in colors)
    return Link(first, second, kind, pairs, confidence, f"by {kind}")


@pytest.mark.parametrize("fault", [Balance(1.5, 1200, 0.01), Balance(-1.4, -1500, -0.012)])
def test_one_pair_of_skin_colors_tells_all_three_numbers(fault: Balance) -> None:
    found = balance_between([Pair(_seen(SKIN, fault), SKIN)])
    assert found.exposure == pytest.approx(fault.exposure, abs=1e-3)
    assert found.temperature == pytest.approx(fault.temperature, abs=1)
    assert found.tint == pytest.approx(fault.tint, abs=1e-4)


def test_a_few_wrong_patches_do_not_decide() -> None:
    fault = Balance(0.5, -600, 0.003)
    pairs = list(chart_pairs([_seen(patch, fault) for patch in CHART_PATCHES]))
    pairs[3] = Pair((0.9, 0.1, 0.9), pairs[3].there)
    found = balance_between(pairs)
    assert found.exposure == pytest.approx(0.5, abs=0.03)
    assert found.temperature == pytest.approx(-600, abs=60)


def test_the_set_decides_before_the_face() -> None:
    wall = _link("a", "b", Balance(0.4), "background", 0.9)
    face = _link("a", "b", Balance(-0.6), "face", 0.9)
    found = solve_links({"a": 100, "b": 50}, [face, wall], 0.6)
    assert found["b"].kind == "background"
    assert found["b"].balance.exposure == pytest.approx(0.4, abs=1e-3)


def test_a_set_up_is_reached_through_another() -> None:
    found = solve_links({"a": 9, "b": 5, "c": 5},
                        [_link("a", "b", Balance(0.4)), _link("b", "c", Balance(0.3))], 0.6, "a")
    assert found["c"].balance.exposure == pytest.approx(0.7, abs=1e-3)
    assert "through b" in found["c"].why


def test_the_odd_one_out_is_corrected_and_not_the_others() -> None:
    links = [_link("odd", "b", Balance(-1)), _link("odd", "c", Balance(-1)),
             _link("b", "c", Balance())]
    found = solve_links({"odd": 40, "b": 40, "c": 40}, links, 0.6)
    assert found["odd"].balance.exposure == pytest.approx(1, abs=0.01)
    assert found["b"].balance.exposure == pytest.approx(0, abs=0.01)


def test_weak_links_and_other_scenes_solve_nothing() -> None:
    assert not solve_links({"a": 1, "b": 1}, [_link("a", "b", Balance(1), confidence=0.3)], 0.6)
    assert not solve_links({"a": 1, "b": 1}, [_link("a", "z", Balance(1))], 0.6)


def test_a_gel_and_a_night_are_no_faults() -> None:
    assert is_intended(Balance(0, 0, 0.03), "face")
    assert is_intended(Balance(2.5, 0, 0), "background")
    assert not is_intended(Balance(1.5, 1500, 0.012), "face")
    assert bounded(Balance(1.8, 2600, 0.0212), "face") == Balance(1.75, 2535, 0.02)
