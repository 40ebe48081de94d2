"""A run does what is due, tells why, and leaves whole documents."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from microfinish.core.errors import EditedByHand, EnvironmentFault, HeldError, InputError, ToolError
from microfinish.pipeline.events import (
    Counted,
    EpisodeFailed,
    Notice,
    Progress,
    RunFinished,
    RunStarted,
)
from microfinish.pipeline.plan import Selection
from microfinish.pipeline.result import worst
from microfinish.pipeline.stage import Context, Options
from microfinish.project.holder import hold

ALL = ["script", "cast", "poster", "scenes", "movie"]


def test_a_first_run_runs_everything_and_says_it_was_never_made(season: Any) -> None:
    result = season.run()
    assert season.ran() == ALL
    assert season.why("script") == ("never made",)
    assert result.exit_code == 0
    assert list(result.episodes[0].ran) == ALL


def test_a_second_run_runs_nothing(season: Any) -> None:
    season.run()
    before = {kind: season.document(kind).stat().st_mtime_ns for kind in ALL}
    result = season.run()
    assert season.ran() == []
    assert ALL == season.skipped() == list(result.episodes[0].skipped)
    assert before == {kind: season.document(kind).stat().st_mtime_ns for kind in ALL}


def test_a_changed_input_reruns_exactly_the_stages_that_depend_on_it(season: Any) -> None:
    season.run()
    season.write("cast.txt", "somebody else")
    season.run()
    assert season.ran() == ["cast", "poster", "movie"]
    assert season.skipped() == ["script", "scenes"]
    assert season.why("cast") == ("cast.txt changed",)
    assert season.why("poster") == ("documents/cast.yaml changed",)


def test_a_rerun_that_decides_the_same_stops_early(season: Any) -> None:
    season.run()
    season.write("script.txt", "# a remark\nscript of 1\n")
    season.run()
    assert season.ran() == ["script"]
    assert season.unchanged() == ["script"]
    season.run()
    assert season.ran() == [], "the new hash was recorded"


def test_an_input_that_comes_or_goes_is_a_reason(season: Any) -> None:
    season.run()
    (season.root / "episodes/ep001/poster.txt").unlink()
    season.run()
    assert season.why("poster") == ("poster.txt is gone",)
    season.write("poster.txt", "poster of 1\n")
    season.run()
    assert season.why("poster") == ("poster.txt is new",)


def test_a_newer_stage_decides_again(season: Any) -> None:
    season.run()
    season.replace("scenes", version=2)
    season.run()
    assert season.ran() == ["scenes"]
    assert season.why("scenes") == ("stage version 1 -> 2",)


def test_a_missing_deliverable_is_made_again(season: Any) -> None:
    deliver = season.root / "deliver" / "ep001.mp4"

    class MovieStage(type(season.table["movie"]())):  # type: ignore[misc]
        def run(self, inputs: Any, ctx: Context) -> Any:
            ctx.path("deliver").mkdir(exist_ok=True)
            ctx.path("deliver/ep001.mp4").write_bytes(b"movie")
            return super().run(inputs, ctx)

        def missing(self, body: Any, episode: Any) -> tuple[str, ...]:
            assert "movie of 1" in body.words
            return () if deliver.is_file() else ("deliver/ep001.mp4",)

    season.table["movie"] = lambda: MovieStage("movie")
    season.run()
    season.run()
    assert season.ran() == []
    deliver.unlink()
    season.run()
    assert season.ran() == ["movie"]
    assert season.why("movie") == ("deliver/ep001.mp4 is missing",)


def test_a_document_edited_by_hand_is_refused(season: Any) -> None:
    season.run()
    document = season.document("cast")
    edited = document.read_text().replace("cast of 1", "cast of my own")
    document.write_text(edited)
    result = season.run()
    assert isinstance(result.episodes[0].error, EditedByHand)
    assert (result.exit_code, result.episodes[0].stage) == (2, "cast")
    assert edited == document.read_text()


def test_a_forced_stage_runs_and_what_depends_on_it_only_if_it_decides_anew(season: Any) -> None:
    season.run()
    season.run(selection=Selection(force=("script",)))
    assert season.ran() == ["script"]
    assert season.why("script") == ("forced",)
    season.run(selection=Selection(force=("all",)))
    assert season.ran() == ALL


@pytest.mark.parametrize(("selection", "expected"), [
    (Selection(last="cast"), ["script", "cast"]),
    (Selection(only=("script",)), ["script"]),
    (Selection(last="scenes", force=("cast",)), ["script", "cast", "poster", "scenes"]),
])
def test_a_selection_runs_its_part_of_the_chain(
    season: Any, selection: Selection, expected: list[str]
) -> None:
    season.run(selection=selection)
    assert expected == season.ran()


def test_a_stage_asked_for_before_what_it_builds_on_is_refused(season: Any) -> None:
    result = season.run(selection=Selection(first="poster"))
    error = result.episodes[0].error
    assert isinstance(error, InputError)
    assert str(error) == "poster builds on cast, which was never made"
    assert "--to cast" in error.hint


def test_a_selection_uses_stale_documents_as_they_are_and_says_so(season: Any) -> None:
    season.run()
    season.write("cast.txt", "somebody else")
    season.write("poster.txt", "another poster")
    season.run(selection=Selection(only=("poster",)))
    assert season.ran() == ["poster"]
    notices = [event.message for event in season.of(Notice)]
    assert notices == ["poster builds on cast, which is out of date: cast.txt changed"]


def test_an_unknown_stage_in_a_selection_is_one_error_for_the_whole_season(make: Any) -> None:
    season = make(3)
    with pytest.raises(InputError, match='no stage "casting"') as caught:
        season.run(selection=Selection(only=("casting",)))
    assert "did you mean cast?" in caught.value.hint
    assert season.events == []


def test_a_failing_episode_does_not_stop_the_season(make: Any) -> None:
    season = make(3)

    def work(ctx: Context) -> None:
        if ctx.episode == "ep002":
            raise ToolError("ffmpeg failed")

    season.replace("cast", work=work)
    result = season.run()
    assert [e.outcome for e in result.episodes] == ["done", "failed", "done"]
    assert result.exit_code == 3
    failure = season.of(EpisodeFailed)[0]
    assert (
        failure.episode, failure.stage, str(failure.error)) == ("ep002", "cast", "ffmpeg failed")
    assert not season.document("cast", "ep002").exists()
    assert season.ran("ep002")[:1] == ["script"]
    finished = season.of(RunFinished)[0]
    assert (finished.failed, finished.exit_code) == (("ep002",), 3)
    assert season.of(RunStarted)[0].episodes == ("ep001", "ep002", "ep003")


def test_a_bug_is_told_with_its_traceback_kept(season: Any) -> None:
    def work(ctx: Context) -> None:
        raise KeyError("reel")

    season.replace("cast", work=work)
    result = season.run()
    assert result.exit_code == 70
    log = season.root / result.episodes[0].log
    assert ".microfinish/logs" in result.episodes[0].log
    text = log.read_text()
    assert "KeyError: 'reel'" in text and "stage: cast" in text and "in work" in text


def test_a_full_disk_is_a_fault_of_the_machine(season: Any) -> None:
    def work(ctx: Context) -> None:
        raise OSError(28, "No space left on device", "x.mp4")

    season.replace("cast", work=work)
    result = season.run()
    assert isinstance(result.episodes[0].error, EnvironmentFault)
    assert result.exit_code == 5


def test_reading_an_undeclared_input_is_a_bug_that_names_it(season: Any) -> None:
    class Careless(type(season.table["poster"]())):  # type: ignore[misc]
        def run(self, inputs: Any, ctx: Context) -> Any:
            return inputs["script"]

    season.table["poster"] = lambda: Careless("poster")
    result = season.run()
    assert result.exit_code == 70
    assert "'script' is not declared" in str(result.episodes[0].error)


def test_a_stage_that_returns_the_wrong_thing_writes_nothing(season: Any) -> None:
    class Careless(type(season.table["cast"]())):  # type: ignore[misc]
        def run(self, inputs: Any, ctx: Context) -> Any:
            return {"words": []}

    season.table["cast"] = lambda: Careless("cast")
    assert season.run().exit_code == 70
    assert not season.document("cast").exists()


def test_the_previous_decision_is_handed_to_a_rerun(season: Any) -> None:
    previous: list[Any] = []
    season.replace("cast", work=lambda ctx: previous.append(ctx.previous))
    season.run()
    season.write("cast.txt", "somebody else")
    season.run()
    assert None is previous[0]
    assert previous[1].words == ("cast of 1", "script of 1")


def test_rendered_and_reused_segments_are_summed_over_the_season(make: Any) -> None:
    season = make(2)

    def work(ctx: Context) -> None:
        ctx.emit(Counted(ctx.episode, "rendered", 3))
        ctx.emit(Counted(ctx.episode, "reused"))

    season.replace("movie", work=work)
    report = season.run().report()
    assert (report["rendered"], report["reused"]) == (6, 2)
    assert [e["episode"] for e in report["episodes"]] == ["ep001", "ep002"]
    report = season.run().report()
    assert (report["rendered"], report["reused"]) == (0, 0)


def test_work_side_by_side_tells_its_progress_and_keeps_its_order(season: Any) -> None:
    answers: list[Any] = []
    season.replace(
        "cast", work=lambda ctx: answers.append(ctx.map(lambda n: n * n, range(20), "squares"))
    )
    season.run(options=Options(jobs=4))
    assert [n * n for n in range(20)] == answers[0]
    assert list(range(1, 21)) == [event.done for event in season.of(Progress)]


def test_an_episode_held_by_somebody_else_fails_alone_and_names_the_holder(make: Any) -> None:
    season = make(2)
    release, held = threading.Event(), threading.Event()

    def holder() -> None:
        with hold(season.project().layout, "ep001", "microfinish grade ep001"):
            held.set()
            release.wait(10)

    thread = threading.Thread(target=holder)
    thread.start()
    held.wait(10)
    try:
        result = season.run()
    finally:
        release.set()
        thread.join()
    assert [e.outcome for e in result.episodes] == ["failed", "done"]
    assert isinstance(result.episodes[0].error, HeldError)
    assert "microfinish grade ep001" in str(result.episodes[0].error)
    assert result.exit_code == 4


def test_an_episode_with_nothing_to_do_need_not_be_held(season: Any) -> None:
    season.run()
    with hold(season.project().layout, "ep001", "microfinish grade ep001"):
        assert season.run().exit_code == 0


def test_the_exit_code_of_a_season_is_its_worst_one() -> None:
    assert worst([]) == 0
    assert worst([0, 1, 4, 2]) == 4
    assert worst([70, 130, 5]) == 130


def test_the_documents_of_a_moved_project_still_hold(season: Any, tmp_path: Path) -> None:
    season.run()
    moved = season.root.rename(tmp_path / "elsewhere")
    season.root = moved
    season.run()
    assert season.ran() == []
