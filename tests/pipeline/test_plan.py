"""A plan is a pure answer: which steps run, and why, in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microfinish.core.errors import InputError
from microfinish.documents.record import Header
from microfinish.pipeline.fingerprint import differences, words
from microfinish.pipeline.plan import Seen, Selection, Step, plan

NAMES = ["log", "lock", "grade", "mix", "master"]
NEEDS = {"lock": ("log",), "grade": ("lock",), "mix": ("lock",), "master": ("grade", "mix")}


def seen(name: str, made: bool = True, changed: bool = False, **more: object) -> Seen:
    header = Header(name, 1, {"settings": "old"}, "body") if made else None
    digests = {"settings": "new" if changed else "old"}
    return Seen(name, 1, NEEDS.get(name, ()), header, **{"digests": digests, **more})  # type: ignore[arg-type]


def states(steps: tuple[Step, ...]) -> dict[str, str]:
    return {step.stage: step.state for step in steps}


def chain(**special: Seen) -> list[Seen]:
    return [special.get(name) or seen(name) for name in NAMES]


def test_nothing_changed_means_nothing_runs() -> None:
    assert {"skip"} == set(states(plan("ep001", chain())).values())


def test_what_depends_on_a_changed_stage_may_run_and_the_rest_does_not() -> None:
    steps = plan("ep001", chain(grade=seen("grade", changed=True)))
    assert states(steps) == {
        "log": "skip", "lock": "skip", "grade": "run", "mix": "skip", "master": "may run"}
    assert [str(reason) for reason in steps[4].reasons] == ["grade will run first"]
    assert [str(reason) for reason in steps[2].reasons] == ["settings changed"]


def test_a_stage_never_made_runs_even_where_its_inputs_cannot_be_told_yet() -> None:
    not_yet = seen("lock", made=False, digests=None, error=InputError("no log"))
    steps = plan("ep001", chain(log=seen("log", made=False), lock=not_yet))
    assert {"log": "run", "lock": "run"}.items() <= states(steps).items()
    assert [str(r) for r in steps[1].reasons] == ["never made", "log will run first"]


def test_an_input_that_cannot_be_read_blocks_its_stage_and_what_follows() -> None:
    error = InputError("grade.yaml: unknown key")
    steps = plan("ep001", chain(grade=seen("grade", digests=None, error=error)))
    assert {"grade": "blocked", "mix": "skip", "master": "blocked"}.items() <= states(steps).items()
    assert error is steps[2].error
    assert [str(reason) for reason in steps[4].reasons] == ["grade cannot run"]


def test_a_refused_document_blocks_even_while_its_inputs_change() -> None:
    refused = InputError("documents/lock.yaml was edited by hand")
    steps = plan("ep001", chain(log=seen("log", changed=True), lock=seen("lock", refused=refused)))
    assert steps[1].state == "blocked"


def test_a_selection_cuts_the_chain_as_it_is_listed() -> None:
    assert Selection(last="lock").of(NAMES) == ("log", "lock")
    assert Selection(first="mix").of(NAMES) == ("mix", "master")
    assert Selection(only=("mix", "lock")).of(NAMES) == ("lock", "mix")
    with pytest.raises(InputError, match="nothing lies between"):
        Selection(first="mix", last="lock").of(NAMES)


def test_a_step_whose_ground_was_never_made_is_blocked_with_the_way_out() -> None:
    steps = plan("ep001", chain(lock=seen("lock", made=False)), Selection(only=("grade",)))
    assert [step.state for step in steps] == ["blocked"]
    assert steps[0].error is not None and "--to lock" in steps[0].error.hint


def test_input_names_are_told_as_an_editor_knows_them() -> None:
    reasons = differences(1, 1, {"lock": "a", "grade_yaml": "absent", "media/A001.mov": "x"},
                          {"lock": "b", "grade_yaml": "c"}, ("lock",))
    assert [str(reason) for reason in reasons] == [
        "grade.yaml is new", "documents/lock.yaml changed", "media/A001.mov is gone"]
    assert str(differences(1, 1, {"sheet": "a"}, {"sheet": "b"}, (), "reframe")[0]) == (
        "reframe.yaml changed")
    assert words("settings_look") == "settings.look"


hashes = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.text("01", max_size=2))


@given(hashes, hashes, st.integers(1, 2), st.integers(1, 2))
def test_a_document_holds_exactly_while_version_and_inputs_are_the_same(
    before: dict[str, str], now: dict[str, str], made_by: int, version: int
) -> None:
    same = (made_by, before) == (version, now)
    assert same == (differences(made_by, version, before, now) == ())
