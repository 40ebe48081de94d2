"""What is left when a run is stopped, killed, or meets another one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from word_stages import CHAIN, Season

from microfinish.documents.record import read_header

REPOSITORY = Path(__file__).resolve().parents[2]
posix_only = pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(season: Season) -> Iterator[Start]:
    children: list[subprocess.Popen[str]] = []

    def begin(*deed: str) -> subprocess.Popen[str]:
        script = Path(__file__).with_name("run_words.py")
        children.append(subprocess.Popen(
            [sys.executable, str(script), str(season.root), *deed],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        ))
        return children[-1]

    yield begin
    for child in children:
        child.kill()
        child.communicate()


def documents(season: Season) -> dict[str, bytes]:
    return {kind: season.document(kind).read_bytes()
            for kind in CHAIN if season.document(kind).exists()}


def read_until(child: subprocess.Popen[str], text: str) -> None:
    assert child.stdout
    for line in child.stdout:
        if text in line:
            return
    raise AssertionError(f"the run ended without {text!r}: {child.communicate()[1]}")


@posix_only
@pytest.mark.parametrize("nth", [1, 2, 5])
def test_a_killed_run_leaves_the_old_document_or_the_new_one_and_never_half(
    season: Season, start: Start, nth: int
) -> None:
    season.run()
    old = documents(season)
    season.write("script.txt", "another script\n")
    assert start("kill-at-rename", str(nth)).wait(30) == -signal.SIGKILL
    left = documents(season)
    changed = [kind for kind in CHAIN if left[kind] != old[kind]]
    assert len(changed) == nth - 1
    for kind in CHAIN:
        read_header(season.document(kind), kind)

    result = season.run()
    assert result.exit_code == 0
    again = documents(season)
    for kind in CHAIN:
        season.document(kind).unlink()
    season.run()
    assert documents(season) == again, "the same as an undisturbed run"


@posix_only
def test_a_stage_killed_at_work_leaves_no_document_and_its_hold_is_taken_over(
    season: Season, start: Start
) -> None:
    child = start("deaf-in", "cast")
    read_until(child, "waiting")
    child.kill()
    child.wait(10)
    assert list(documents(season)) == ["script"]
    result = season.run()
    assert result.exit_code == 0
    assert list(documents(season)) == list(CHAIN)
    assert any("took over" in event.message for event in season.notices())


def test_of_two_runs_on_one_episode_one_works_and_the_other_names_it(
    season: Season, start: Start
) -> None:
    first = start("wait-in", "cast")
    read_until(first, "waiting")
    second = start()
    told, _ = second.communicate(timeout=30)
    assert second.returncode == 4
    assert "microfinish run words" in told and str(first.pid) in told


@posix_only
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_ctrl_c_keeps_what_is_finished_and_says_so(
    season: Season, start: Start, number: Any
) -> None:
    child = start("shots-in", "cast")
    read_until(child, "3 of 100")
    child.send_signal(number)
    told, _ = child.communicate(timeout=30)
    assert child.returncode == 130
    kept = re.search(r"interrupted run again to continue; (\d+) of 100 shots are kept", told)
    assert kept, told
    assert len(list(season.root.glob("shot*"))) == int(kept[1]) < 100
    assert list(documents(season)) == ["script"]
    assert season.run().exit_code == 0
    assert season.ran() == list(CHAIN[1:])


@posix_only
def test_the_second_ctrl_c_ends_a_run_that_does_not_listen(season: Season, start: Start) -> None:
    child = start("deaf-in", "cast")
    read_until(child, "waiting")
    child.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.5)
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=10)
    assert child.returncode != 0
    assert "KeyboardInterrupt" in errors
