"""The contract tests catch a stage that breaks the contract, each in its own way."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from microfinish.pipeline.stage import Context, Inputs
from microfinish.project.episode import Episode
from microfinish.testing import check_stage, sample_episode


@dataclass(frozen=True, slots=True)
class Answer:
    text: str


class HonestStage:
    """Keeps the contract; the cheats below change one thing each."""

    name = "answer"
    version = 1
    after: tuple[str, ...] = ()
    body: Any = Answer

    def inputs(self, episode: Episode) -> Inputs:
        return Inputs.of(settings_title=episode.settings.title)

    def run(self, inputs: Inputs, ctx: Context) -> Any:
        return Answer(inputs["settings_title"])

    def missing(self, body: Answer, episode: Episode) -> tuple[str, ...]:
        return ()


class Fickle(HonestStage):
    counter = itertools.count()

    def run(self, inputs: Inputs, ctx: Context) -> Any:
        return Answer(str(next(self.counter)))


class Restless(HonestStage):
    def run(self, inputs: Inputs, ctx: Context) -> Any:
        return Answer(ctx.previous.text + "!" if ctx.previous else "first")


class Peeping(HonestStage):
    def run(self, inputs: Inputs, ctx: Context) -> Any:
        return Answer(ctx.path("episodes/ep001/grade.yaml").read_text())


class Undeclared(HonestStage):
    def run(self, inputs: Inputs, ctx: Context) -> Any:
        return Answer(inputs["lock"])


class Writing(HonestStage):
    def run(self, inputs: Inputs, ctx: Context) -> Any:
        ctx.path("notes.txt").write_text("mine")
        return Answer("written")


class Deaf(HonestStage):
    def run(self, inputs: Inputs, ctx: Context) -> Any:
        if ctx.cancelled():
            threading.Event().wait()
        return Answer("late")


class Lossy(HonestStage):
    def run(self, inputs: Inputs, ctx: Context) -> Any:
        return Answer(b"bytes")  # type: ignore[arg-type]


class Absolute(HonestStage):
    def missing(self, body: Answer, episode: Episode) -> tuple[str, ...]:
        return (str(episode.project.root / "deliver/x.mp4"),)


def episode(root: Path) -> Episode:
    return sample_episode(root, files={"episodes/ep001/grade.yaml": "look: neon\n"})


def test_an_honest_stage_passes(tmp_path: Path) -> None:
    check_stage(HonestStage(), episode, tmp_path)


@pytest.mark.parametrize(("stage", "complaint"), [
    (Fickle(), "equal inputs, another decision"),
    (Restless(), "never settles"),
    (Peeping(), "reads episodes/ep001/grade.yaml while it runs"),
    (Undeclared(), "'lock' is not declared"),
    (Writing(), "wrote notes.txt"),
    (Absolute(), "project-relative"),
])
def test_a_cheat_is_caught_and_told_what_to_do(
    stage: HonestStage, complaint: str, tmp_path: Path
) -> None:
    with pytest.raises((AssertionError, KeyError), match=complaint):
        check_stage(stage, episode, tmp_path)


def test_a_body_that_is_no_noun_is_caught(tmp_path: Path) -> None:
    with pytest.raises((AssertionError, TypeError)):
        check_stage(Lossy(), episode, tmp_path)


def test_a_deaf_stage_is_caught(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("microfinish.testing.CANCEL_SECONDS", 0.2)
    with pytest.raises(AssertionError, match="still runs"):
        check_stage(Deaf(), episode, tmp_path)
