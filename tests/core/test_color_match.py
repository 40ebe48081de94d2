"""When a correction is applied, proposed, or refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from microfinish.core.color import Balance
from microfinish.core.color_match import MAX_TINT, Measured, propose, scenes_by_cutting
from microfinish.core.color_white import MIRED_PER_KELVIN, inverse, white_balance_matrix

GREY = Measured("a1", "12", "12/A", 0.0, 0.0, (0.0, 0.0), (0.0, 0.0), 0.5, 3.0, 0.8, 0.0)


def _cast(shot: Measured, temperature: float, tint: float = 0.0) -> Measured:
    """`shot` as a camera sees it that needs this balance to be neutral."""
    from math import log2

    r, g, b = (sum(row) for row in inverse(white_balance_matrix(Balance(0, temperature, tint))))
    ratios = (log2(r / g), log2(b / g))
    return replace(shot, neutral=ratios, white=ratios)


B = replace(GREY, shot="b1", group="12/B")


def test_a_camera_that_is_off_is_matched_to_the_neutral_one() -> None:
    first, second = propose([GREY, _cast(B, 600, 0.004)], "apply", 0.6)
    assert (first.state, first.balance) == ("abstained", Balance())
    assert second.state == "applied"
    assert second.balance.temperature == pytest.approx(600, abs=2)
    assert second.balance.tint == pytest.approx(0.004, abs=2e-4)
    assert "12/A" in second.evidence


def test_propose_writes_and_does_not_apply() -> None:
    assert propose([GREY, _cast(B, 600)], "propose", 0.6)[1].state == "proposed"


def test_all_shots_of_a_set_up_share_one_solution() -> None:
    shots = [GREY, _cast(B, 500), _cast(replace(B, shot="b2"), 560)]
    _, one, two = propose(shots, "apply", 0.6)
    assert one.balance == two.balance
    assert (one.shot, two.shot) == ("b1", "b2")


@pytest.mark.parametrize("worse", [
    {"share": 0.01}, {"depth": 0.2}, {"tiles": 0.05}, {"unrest": 0.3}, {"clipped": 0.6},
])
def test_without_evidence_it_abstains(worse: dict[str, float]) -> None:
    found = propose([GREY, replace(_cast(B, 600), **worse)], "apply", 0.6)[1]
    assert (found.state, found.balance) == ("abstained", Balance())


def test_a_beige_wall_is_no_grey_wall() -> None:
    """The highlights disagree with the most common pale color."""
    beige = replace(_cast(B, -900), white=(0.0, 0.0))
    assert propose([GREY, beige], "apply", 0.6)[1].state == "abstained"


def test_a_lone_set_up_is_proposed_and_never_applied() -> None:
    assert propose([_cast(B, 600)], "apply", 0.6)[0].state == "proposed"


def test_other_scenes_are_no_reference() -> None:
    night = _cast(replace(B, scene="13"), 600)
    assert propose([GREY, night], "apply", 0.6)[1].state == "proposed"


def test_light_that_was_meant_is_left_alone() -> None:
    gel = _cast(B, 0, 0.035)
    assert propose([GREY, gel], "apply", 0.6)[1].state == "abstained"


def test_what_is_applied_stays_inside_the_bounds() -> None:
    for temperature in (-3300, 3300):
        found = propose([GREY, _cast(B, temperature)], "apply", 0.6)[1]
        assert abs(found.balance.temperature) * MIRED_PER_KELVIN <= 60.1
        assert abs(found.balance.tint) <= MAX_TINT


def test_averages_alone_never_move_exposure() -> None:
    dark = propose([replace(GREY, stops=-3.5)], "apply", 0.6)[0]
    assert dark.state == "proposed"
    assert dark.balance.exposure == 1.0
    assert dark.confidence < 0.6
    assert propose([replace(GREY, stops=-1.4)], "apply", 0.6)[0].state == "abstained"


def test_shot_and_reverse_shot_are_a_scene() -> None:
    cut = [("a1", "A"), ("b1", "B"), ("a2", "A"), ("a9", "A"), ("b9", "B")]
    scenes = scenes_by_cutting(cut)
    assert scenes["a1"] == scenes["b1"] == scenes["a2"]
    assert len({scenes["a1"], scenes["a9"], scenes["b9"]}) == 3
