"""What grade.yaml may say to the automatic correction, field by field."""

from __future__ import annotations

import pytest

from microfinish.core.color import Balance, CorrectChoice, GradeSheet, ShotCorrection
from microfinish.core.color_chain import technical_balance
from microfinish.documents.validate import load_text

FOUND = Balance(0.4, 600.0, 0.005)
APPLIED = ShotCorrection("s", FOUND, "a face", 0.9, "applied")
PROPOSED = ShotCorrection("s", FOUND, "a face", 0.4, "proposed")


def test_only_what_is_applied_reaches_the_picture_unasked() -> None:
    assert technical_balance(APPLIED, None) == FOUND
    assert technical_balance(PROPOSED, None) == Balance()
    assert technical_balance(None, None) == Balance()


def test_a_proposal_is_accepted_or_refused_in_one_word() -> None:
    assert technical_balance(PROPOSED, True) == FOUND
    assert technical_balance(APPLIED, False) == Balance()


@pytest.mark.parametrize(("text", "applied", "proposed"), [
    ("{exposure: false}", Balance(0, 600, 0.005), Balance()),
    ("{exposure: 0.2, tint: false}", Balance(0.2, 600, 0), Balance(0.2)),
    ("{temperature: true}", FOUND, Balance(0, 600)),
    ("{exposure: 1}", Balance(1, 600, 0.005), Balance(1)),
    ("{exposure: 0}", Balance(0, 600, 0.005), Balance()),
])
def test_every_field_is_locked_taken_or_given_by_itself(
        text: str, applied: Balance, proposed: Balance) -> None:
    sheet = load_text(f"shots:\n  s: {{correct: {text}}}\n", "grade.yaml", GradeSheet)
    choice = sheet.shots["s"].correct
    assert isinstance(choice, CorrectChoice)
    assert technical_balance(APPLIED, choice) == applied
    assert technical_balance(PROPOSED, choice) == proposed
