"""Each command does what its help says, on a season of text."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from microfinish import __version__
from microfinish.cli.table import COMMANDS
from microfinish.core.deliver import Master, Masters
from microfinish.documents import record

DESIGN = ["new", "status", "plan", "run", "explain", "show", "diff", "watch", "export", "seal",
          "check", "presets", "stages", "schema", "doctor", "cache", "unlock", "log", "sync",
          "assemble", "lock", "vfx", "correct", "grade", "reframe", "title", "mix", "master", "qc"]


def test_every_command_of_the_design_is_in_the_help(typed: Any) -> None:
    answer = typed("--help")
    listed = {line.split()[0] for line in answer.out.splitlines() if line.startswith("  ")
              and line.strip()}
    assert answer.code == 0
    assert set() == set(DESIGN) - listed
    assert set(DESIGN) == set(COMMANDS)


@pytest.mark.parametrize("name", [*COMMANDS, "presets list", "presets show", "presets preview",
                                  "cache prune"])
def test_each_command_explains_itself(typed: Any, name: str) -> None:
    answer = typed(*name.split(), "--help")
    assert answer.code == 0
    assert answer.out.startswith(f"Usage: microfinish {name}")
    assert len(answer.out.splitlines()) > 4


@pytest.mark.parametrize(("words", "says"), [
    (["gade"], 'there is no command "gade"\nhint: did you mean grade?'),
    (["run", "--jobs", "many"], "valid integer"),
    (["run", "--bad"], "no such option: --bad"),
    (["show", "ep001"], "missing argument"),
    (["-C"], "-C needs a folder"),
    (["-C", "no/such/folder", "status"], "there is no folder no/such/folder"),
    (["qc", "--format", "xml"], "'--format'"),
    ([], "Usage: microfinish"),
])
def test_a_line_that_makes_no_sense_exits_with_2(typed: Any, words: list[str], says: str) -> None:
    answer = typed(*words)
    assert answer.code == 2
    assert says in answer.err
    assert answer.out == ""


def test_the_version_can_be_asked_anywhere_in_the_beginning(typed: Any) -> None:
    assert typed("-v", "--version").out == f"microfinish {__version__}\n"


def test_outside_a_project_one_learns_how_to_begin(typed: Any, tmp_path: Path) -> None:
    answer = typed("status", "-C", str(tmp_path))
    assert answer.code == 2
    assert "microfinish new" in answer.err


def test_a_run_does_what_is_due_and_then_nothing(show: Any) -> None:
    first = show.type("run", "--json")
    assert first.code == 0
    assert {k: first.json[k] for k in ("microfinish", "schema", "rendered", "reused")} == {
        "microfinish": __version__, "schema": 1, "rendered": 12, "reused": 0}
    assert [e["episode"] for e in first.json["episodes"]] == ["ep001", "ep002"]
    second = show.type("run")
    assert (second.code, second.out) == (0, "")
    assert second.err == "nothing to do: 2 episodes up to date\n"


def test_the_options_of_every_command_may_stand_behind_it(show: Any) -> None:
    assert show.type("run", "-q").err == ""
    show.write("episodes/ep001/grade.txt", "new")
    assert "grade runs: grade.txt changed" in show.type("run", "-v").err


def test_a_batch_goes_on_past_a_failed_episode_and_names_it_at_the_end(show: Any) -> None:
    show.write("episodes/ep001/grade.txt", "FAIL")
    answer = show.type("run")
    assert answer.code == 3
    assert ("error: ep001: ffmpeg failed (exit 187)\nhint: look at the camera file\n"
            in answer.err)
    assert answer.err.endswith("failed: 1 of 2: ep001 (grade)\n")
    assert (show.root / "episodes/ep002/documents/qc.yaml").is_file()


def test_a_bug_in_a_stage_is_70_with_its_log_and_without_a_traceback(show: Any) -> None:
    show.write("episodes/ep001/grade.txt", "BUG")
    answer = show.type("run")
    assert answer.code == 70
    assert "Traceback" not in answer.err
    log = next(line for line in answer.err.splitlines() if line.startswith("log: "))
    assert "KeyError" in (show.root / log.removeprefix("log: ")).read_text()


def test_a_bug_in_the_command_line_is_70_with_its_log(
    show: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("microfinish.pipeline.explain.explain_all", broken)
    answer = show.type("status")
    assert answer.code == 70
    assert "Traceback" not in answer.err
    log = next(line for line in answer.err.splitlines() if line.startswith("log: "))
    assert "ZeroDivisionError" in (show.root / log.removeprefix("log: ")).read_text()


def test_findings_of_qc_make_1_and_are_counted(show: Any) -> None:
    show.write("episodes/ep002/qc.txt", "ERROR ERROR")
    answer = show.type("run")
    assert answer.code == 1
    assert "2 errors found in ep002: `microfinish show ep002 qc` lists them" in answer.err


def test_qc_prints_the_findings_and_exits_with_1(show: Any) -> None:
    show.write("episodes/ep002/qc.txt", "ERROR")
    answer = show.type("qc", "ep002")
    assert answer.code == 1
    assert "black for 12 frames" in answer.out
    plain = show.type("qc", "--format", "json").json
    assert [len(e["findings"]) for e in plain["episodes"]] == [0, 1]
    assert plain["exit_code"] == 1


def test_a_stage_command_brings_what_it_builds_on_and_nothing_else(show: Any) -> None:
    answer = show.type("grade", "ep001")
    assert answer.code == 0
    assert "grade builds on log, which was out of date and ran too" in answer.err
    documents = {path.name for path in (show.root / "episodes/ep001/documents").iterdir()}
    assert documents == {"log.yaml", "grade.yaml"}
    assert not (show.root / "episodes/ep002/documents").exists()


def test_only_leaves_earlier_stages_as_they_are(show: Any) -> None:
    answer = show.type("run", "ep001", "--only", "grade")
    assert answer.code == 2
    assert "grade builds on log" in answer.err
    show.type("run")
    show.write("episodes/ep001/log.txt", "new")
    show.write("episodes/ep001/grade.txt", "new")
    answer = show.type("run", "ep001", "--only", "grade")
    assert answer.code == 0
    assert "warning: " in answer.err
    assert "log, which is out of date" in answer.err


def test_only_does_not_go_with_to(show: Any) -> None:
    assert show.type("run", "--only", "grade", "--to", "qc").code == 2


def test_a_dry_run_shows_the_plan_and_does_nothing(show: Any) -> None:
    answer = show.type("run", "-n")
    assert answer.code == 0
    assert "never made" in answer.out
    assert not (show.root / "episodes/ep001/documents").exists()


def test_plan_is_0_unless_it_is_asked_to_check(show: Any) -> None:
    assert show.type("plan").code == 0
    assert show.type("plan", "--check").code == 1
    assert show.type("plan", "--json").json["due"] == 8
    show.type("run")
    assert show.type("plan", "--check").code == 0


def test_explain_lists_every_step_with_its_reasons(show: Any) -> None:
    show.type("run")
    show.write("episodes/ep001/grade.txt", "new")
    answer = show.type("explain", "ep001", "--json").json
    (episode,) = answer["episodes"]
    steps = {step["stage"]: step for step in episode["steps"]}
    assert [step["stage"] for step in episode["steps"]] == ["log", "sync", "grade", "qc"]
    assert [r["text"] for r in steps["grade"]["reasons"]] == ["grade.txt changed"]
    assert steps["log"] == {"stage": "log", "state": "skip", "reasons": []}
    assert "nothing changed" in show.type("explain", "ep001").out


def test_status_has_a_line_per_episode(show: Any) -> None:
    show.type("run", "ep001")
    answer = show.type("status")
    assert answer.code == 0
    rows = [line.split() for line in answer.out.splitlines()]
    assert rows[0] == ["episode", "log", "sync", "grade", "qc"]
    assert rows[1] == ["ep001", "ok", "ok", "ok", "ok"]
    assert rows[2][:3] == ["ep002", "due", "due"]
    states = {e["episode"]: e["state"] for e in show.type("status", "--json").json["episodes"]}
    assert states == {"ep001": "done", "ep002": "due"}


def test_show_prints_the_document_and_says_when_it_is_old(show: Any) -> None:
    missing = show.type("show", "ep001", "sync")
    assert missing.code == 2
    assert "ep001 has no sync document yet\nhint: `microfinish sync ep001` makes it" in missing.err
    show.type("run")
    show.write("episodes/ep001/qc.txt", "ERROR")
    answer = show.type("show", "ep001", "qc", "--json")
    assert answer.json["checked"] == ["tiktok.mp4"]
    assert answer.err == "note: qc is out of date: qc.txt changed\n"


def test_an_unknown_stage_is_answered_with_the_nearest(show: Any) -> None:
    assert "did you mean grade?" in show.type("show", "ep001", "grad").err
    assert "did you mean grade?" in show.type("run", "--to", "grad").err


def test_stages_lists_the_chain_of_the_project(show: Any) -> None:
    answer = show.type("stages", "--json").json
    assert [(s["stage"], s["after"]) for s in answer["stages"]] == [
        ("log", []), ("sync", ["log"]), ("grade", ["log"]), ("qc", ["grade"])]


def _held_elsewhere(show: Any, name: str) -> None:
    show.write(f".microfinish/locks/{name}",
               '{"host": "farm-7", "pid": 4, "started": 1, "command": "microfinish run", '
               '"since": "2026-11-20T17:44:00+00:00", "token": "t"}')


def test_unlock_releases_an_episode(show: Any) -> None:
    assert show.type("unlock", "ep001").err == "nobody held ep001\n"
    _held_elsewhere(show, "ep001.lock")
    held = show.type("run", "ep001")
    assert held.code == 4
    assert "microfinish unlock ep001" in held.err
    assert show.type("unlock", "ep001").err == "ep001 is released\n"
    assert show.type("run", "ep001").code == 0


def test_unlock_releases_what_a_preview_on_another_machine_held(show: Any) -> None:
    _held_elsewhere(show, "ep001.preview.lock")
    assert show.type("unlock", "ep001").err == "ep001 is released\n"
    assert show.type("unlock", "ep001").err == "nobody held ep001\n"


def test_pruning_the_cache_keeps_what_the_masters_are_joined_of(show: Any) -> None:
    master = Master("tiktok", "en", "deliver/ep001/tiktok.mp4", "d" * 32, 9, 50, -14.0, -1.5,
                    ("aa00old",))
    record.write(show.root / "episodes/ep001/documents/master.yaml", "master", 1, {},
                 Masters(1, (master,)))
    for number, name in enumerate(("aa/00old", "bb/00new")):
        show.write(f".microfinish/store/{name}.mp4", "x" * 1000)
        os.utime(show.root / f".microfinish/store/{name}.mp4", (number, number))
    told = show.type("cache", "prune", "--max-size", "10").err
    assert told.startswith("1.0 KB freed\n1.0 KB stay")
    assert (show.root / ".microfinish/store/aa/00old.mp4").exists()


def test_the_cache_can_be_measured_pruned_and_emptied(show: Any) -> None:
    for number, name in enumerate(("aa/old", "bb/new")):
        show.write(f".microfinish/store/{name}.mp4", "x" * 1000)
        os.utime(show.root / f".microfinish/store/{name}.mp4", (number, number))
    assert show.type("cache", "--json").json["files"] == 2
    assert show.type("cache", "prune", "--max-size", "1K").err == "1.0 KB freed\n"
    assert not (show.root / ".microfinish/store/aa/old.mp4").exists()
    assert (show.root / ".microfinish/store/bb/new.mp4").exists()
    assert show.type("cache", "clear").code == 0
    assert not (show.root / ".microfinish/store/bb/new.mp4").exists()
    assert show.type("cache", "prune", "--max-size", "big").code == 2
