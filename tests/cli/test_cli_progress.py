"""What a run says while it works, and how it guesses the time that is left."""

from __future__ import annotations

import sys

import pytest

from microfinish.cli.estimate import WEIGHTS, Estimate, spoken
from microfinish.cli.progress import Bars, Lines, display, words
from microfinish.cli.session import Session, is_terminal
from microfinish.core.errors import Interrupted, ToolError
from microfinish.pipeline.events import (
    EpisodeFailed,
    EpisodeFinished,
    EpisodeStarted,
    Event,
    Notice,
    Progress,
    StageFinished,
    StageSkipped,
    StageStarted,
)

CHAIN = ("log", "grade")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def run_of(episode: str) -> list[Event]:
    return [EpisodeStarted(episode), StageStarted(episode, "log"),
            StageFinished(episode, "log", True, 1.0), StageSkipped(episode, "grade"),
            EpisodeFinished(episode, ("log",), 1.0)]


def test_the_estimate_comes_from_the_work_that_was_done() -> None:
    clock = Clock()
    estimate = Estimate(("ep001", "ep002"), CHAIN, clock)
    assert estimate.seconds_left() is None
    for event in run_of("ep001"):
        estimate.take(event)
    clock.now += 6
    # ep001's log took 6 s for its weight; ep002 has that and one grade, of weight 1, to go.
    assert estimate.seconds_left() == pytest.approx(6 * (WEIGHTS["log"] + 1) / WEIGHTS["log"])
    for event in run_of("ep002"):
        estimate.take(event)
    assert estimate.done == estimate.total
    assert estimate.seconds_left() == 0


def test_work_in_hand_counts_by_its_progress_and_never_runs_backwards() -> None:
    estimate = Estimate(("ep001",), CHAIN, Clock())
    estimate.take(StageStarted("ep001", "log"))
    estimate.take(Progress("ep001", "hashing", 1, 2))
    half = estimate.done
    assert WEIGHTS["log"] * 0.4 < half < WEIGHTS["log"] * 0.6
    estimate.take(Progress("ep001", "probing", 0, 9))
    assert estimate.done == half


def test_baked_luts_are_not_a_rendered_master() -> None:
    estimate = Estimate(("ep001",), ("master",), Clock())
    estimate.take(StageStarted("ep001", "master"))
    estimate.take(Progress("ep001", "cubes", 1, 1))
    assert estimate.done < estimate.total / 10
    estimate.take(Progress("ep001", "segments", 4, 4))
    assert estimate.total / 2 < estimate.done < estimate.total


def test_a_failed_episode_is_no_work_any_more() -> None:
    estimate = Estimate(("ep001",), CHAIN, Clock())
    estimate.take(EpisodeFailed("ep001", ToolError("no"), "log"))
    assert estimate.done == estimate.total


@pytest.mark.parametrize(("seconds", "text"), [
    (0.2, "0 s"), (59.6, "1 min 00 s"), (61, "1 min 01 s"), (3660, "1 h 01 min")])
def test_durations_are_spoken(seconds: float, text: str) -> None:
    assert spoken(seconds) == text


@pytest.mark.parametrize(("event", "quiet", "normal", "talkative"), [
    (StageStarted("ep001", "log", ("never made",)), [], [], ["ep001  log runs: never made"]),
    (StageFinished("ep001", "log", True, 1.23), [], ["ep001  log          1.2 s"], None),
    (StageSkipped("ep001", "log"), [], [], ["ep001  log       up to date"]),
    (Notice("ep001", "warning", "short", "look"), [],
     ["warning: ep001: short", "hint: look"], None),
    (Notice("", "error", "bad"), ["error: bad"], ["error: bad"], None),
    (EpisodeFailed("ep001", ToolError("no", hint="do"), "log"),
     ["error: ep001: no", "hint: do"], ["error: ep001: no", "hint: do"], None),
    (EpisodeFailed("ep001", Interrupted("run again to continue; 41 of 63 segments are kept")),
     ["ep001: stopped; run again to continue; 41 of 63 segments are kept"],
     ["ep001: stopped; run again to continue; 41 of 63 segments are kept"], None),
])
def test_an_event_is_worth_these_lines(
    event: Event, quiet: list[str], normal: list[str], talkative: list[str] | None
) -> None:
    assert words(event, -1, None) == quiet
    assert words(event, 0, None) == normal
    assert words(event, 1, None) == (normal if talkative is None else talkative)


def test_without_a_terminal_progress_is_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = Clock()
    lines = Lines(Session(), ("ep001",), CHAIN, clock)
    lines(StageStarted("ep001", "log"))
    for number in range(100):
        clock.now += 0.3
        lines(Progress("ep001", "probing", number, 100, "files"))
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert said[0].startswith("ep001  probing 33 of 100 files  (all: ")
    assert "left)" in said[0]


def test_bars_are_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CI", raising=False)
    assert isinstance(display(Session(), ("ep001",), CHAIN), Bars)
    assert isinstance(display(Session(verbosity=-1), ("ep001",), CHAIN), Lines)
    monkeypatch.setenv("CI", "true")
    assert not is_terminal(sys.stderr)
    assert isinstance(display(Session(), ("ep001",), CHAIN), Lines)


def test_bars_survive_every_event(monkeypatch: pytest.MonkeyPatch) -> None:
    with Bars(Session(), ("ep001", "ep002"), CHAIN) as bars:
        for event in (*run_of("ep001"), EpisodeStarted("ep002"), StageStarted("ep002", "log"),
                      Progress("ep002", "segments", 1, 4), Progress("ep002", "segments", 0, 0),
                      Notice("ep002", "warning", "look"),
                      EpisodeFailed("ep002", ToolError("no"), "log")):
            bars(event)
    assert bars._estimate.done == bars._estimate.total


def test_hashing_the_media_has_its_own_bar_and_belongs_to_no_episode(
    capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Clock()
    lines = Lines(Session(), ("ep001",), CHAIN, clock)
    clock.now += 11
    lines(Progress("", "hashing", 12, 40))
    assert capsys.readouterr().err.startswith("hashing 12 of 40")
    with Bars(Session(), ("ep001",), CHAIN) as bars:
        bars(Progress("", "hashing", 12, 40))
        assert "" in bars._tasks
        bars(Progress("", "hashing", 40, 40))
        assert "" not in bars._tasks


def test_a_notice_names_its_episode_its_shot_and_a_few_of_many_files() -> None:
    shot = Notice("ep001", "info", "muted", about=("sh020 00:00:01:00",))
    assert words(shot, 0, None) == ["info: ep001 sh020 00:00:01:00: muted"]
    files = tuple(f"media/{letter}.mov" for letter in "ABCDE")
    assert words(Notice("", "info", "limited assumed", about=files), 0, None) == [
        "info: media/A.mov, B.mov and 3 more: limited assumed"]
    assert words(Notice("", "info", "limited assumed", about=files[:3]), 0, None) == [
        "info: media/A.mov, B.mov, C.mov: limited assumed"]
