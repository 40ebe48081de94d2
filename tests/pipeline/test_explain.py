"""Asking what is due runs nothing, and names every reason."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from word_stages import CHAIN, TextStage

from microfinish.core.finding import Finding, Findings
from microfinish.pipeline.events import Event, StageStarted
from microfinish.pipeline.explain import explain, explain_all
from microfinish.pipeline.plan import Selection
from microfinish.pipeline.stage import Inputs


def test_a_changed_file_is_named_and_what_follows_may_run(season: Any) -> None:
    season.run()
    season.write("cast.txt", "somebody else")
    before = {kind: season.document(kind).read_bytes() for kind in CHAIN}
    steps = explain(season.project(), "ep001", table=season.table)
    assert [(s.stage, s.state, [str(r) for r in s.reasons]) for s in steps] == [
        ("script", "skip", []),
        ("cast", "run", ["cast.txt changed"]),
        ("poster", "may run", ["cast will run first"]),
        ("scenes", "skip", []),
        ("movie", "may run", ["cast will run first"]),
    ]
    assert before == {kind: season.document(kind).read_bytes() for kind in CHAIN}


def test_a_new_season_is_explained_without_hashing_its_media(season: Any) -> None:
    class ExpensiveStage(TextStage):
        def inputs(self, episode: Any) -> Inputs:
            raise AssertionError("inputs are not needed to know that it was never made")

    season.table.update({name: partial(ExpensiveStage, name) for name in CHAIN})
    steps = explain(season.project(), "ep001", table=season.table)
    assert {step.state for step in steps} == {"run"}


def test_an_episode_that_cannot_be_opened_is_one_blocked_step_among_the_others(make: Any) -> None:
    season = make(2)
    season.write("episode.yaml", "raster: tall\n", "ep002")
    steps = explain_all(season.project(), ["ep001", "ep002"], table=season.table)
    assert len(steps["ep001"]) == len(CHAIN)
    assert [step.state for step in steps["ep002"]] == ["blocked"]
    assert steps["ep002"][0].error is not None
    result = season.run()
    assert [episode.outcome for episode in result.episodes] == ["done", "failed"]
    assert result.exit_code == 2


def test_errors_found_by_a_check_are_work_due_even_where_nothing_ran(season: Any) -> None:
    class CheckStage(TextStage):
        body = Findings  # type: ignore[assignment]

        def run(self, inputs: Inputs, ctx: Any) -> Any:
            text = inputs["script.txt"]
            found = [Finding("black", s, s) for s in ("error", "warning") if s in text]
            return Findings(("x.mp4",), tuple(found))

    season.table["script"] = partial(CheckStage, "script")
    only = Selection(only=("script",))
    season.write("script.txt", "an error and a warning")
    assert season.run(selection=only).exit_code == 1
    result = season.run(selection=only)
    assert (result.exit_code, result.episodes[0].findings, result.episodes[0].ran) == (1, 1, ())
    season.write("script.txt", "a warning")
    assert season.run(selection=only).exit_code == 0


def test_a_listener_that_fails_stops_the_run_without_blaming_a_stage(season: Any) -> None:
    def broken(event: Event) -> None:
        season.events.append(event)
        if isinstance(event, StageStarted):
            raise BrokenPipeError("nobody reads any more")

    with pytest.raises(BrokenPipeError):
        season.run(emit=broken)
    assert not season.document("movie").exists()
