"""Files that ran together are placed by all their pairs; one that contradicts them is refused."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest

from microfinish.media.sync_graph import Pair, place_together

STARTS = {"T1": 0.0, "T2": 3.25, "A": 10.5, "B": 12.125, "C": 60.0}
"""Where each file begins on a common clock."""


def pair(one: str, other: str, error: float = 0.0, confidence: float = 1.0,
         drift_ppm: float = 0.0) -> Pair:
    seconds = Fraction(STARTS[one] - STARTS[other] + error)
    return Pair(one, other, seconds, drift_ppm, 0.0, 30.0, confidence)


def test_pairs_that_agree_are_exact():
    pairs = [pair(*names) for names in combinations(["A", "B", "T1", "T2"], 2)]
    placed = place_together(pairs, ["T1"])
    assert placed.refused == ()
    assert max(placed.residuals) < 1e-9
    seconds, drift = placed.offset("B", "T2")
    assert float(seconds) == pytest.approx(12.125 - 3.25, abs=1e-6)
    assert drift == pytest.approx(0, abs=1e-6)


def test_one_wrong_pair_among_many_is_refused():
    pairs = [pair(*names) for names in combinations(["A", "B", "T1", "T2"], 2)]
    pairs[2] = pair("A", "T2", error=4.0)
    placed = place_together(pairs, ["T1"])
    assert placed.refused == (2,)
    assert float(placed.offset("A", "T2")[0]) == pytest.approx(7.25, abs=1e-6)


def test_of_three_that_cannot_all_be_right_the_least_sure_goes():
    pairs = [pair("A", "T1", error=2.0, confidence=0.55), pair("B", "T1"), pair("A", "B")]
    placed = place_together(pairs, ["T1"])
    assert placed.refused == (0,)
    assert float(placed.offset("A", "T1")[0]) == pytest.approx(10.5, abs=1e-6)


def test_small_disagreements_are_shared_and_told():
    pairs = [pair("A", "T1", error=0.003), pair("B", "T1"), pair("A", "B")]
    placed = place_together(pairs, ["T1"])
    assert placed.refused == ()
    assert max(placed.residuals) == pytest.approx(0.001, abs=1e-5)
    assert abs(placed.offset("A", "T1")[1]) < 5


def test_clocks_keep_their_drift():
    seconds = STARTS["A"] * (1 + 50e-6)
    pairs = [Pair("A", "T1", Fraction(seconds), 50.0, 0.0, 60.0, 1.0)]
    found, drift = place_together(pairs, ["T1"]).offset("A", "T1")
    assert float(found) == pytest.approx(seconds, abs=1e-6)
    assert drift == pytest.approx(50.0, abs=0.01)


def test_pairs_too_short_for_a_drift_do_not_deny_it():
    """A and B are 38 ppm slow against T1, and heard together for four seconds only."""
    pace = 1 + 38e-6
    pairs = [Pair(name, "T1", Fraction(STARTS[name] * pace), 38.0, 0.0, 30.0, 1.0)
             for name in ("A", "B")]
    pairs += [Pair("A", "B", Fraction(STARTS["A"] - STARTS["B"]), 0.0, 2.0, 6.0, 1.0)]
    placed = place_together(pairs, ["T1"])
    for name in ("A", "B"):
        found, drift = placed.offset(name, "T1")
        assert drift == pytest.approx(38.0, abs=0.1)
        assert float(found) == pytest.approx(STARTS[name] * pace, abs=5e-6)


def test_what_nothing_joins_has_no_offset():
    placed = place_together([pair("A", "T1"), pair("B", "C")], ["T1"])
    assert placed.offset("A", "B") is None
    assert placed.checked == frozenset()
