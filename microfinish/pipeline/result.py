"""What a run leaves behind in words and numbers: per episode, and summed for the exit code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from microfinish.core.errors import MicrofinishError, ProblemsError

Outcome = Literal["done", "failed", "interrupted", "not started"]

DONE, FINDINGS, BUG, INTERRUPTED = 0, 1, 70, 130


@dataclass(frozen=True, slots=True)
class EpisodeResult:
    """How one episode went.

    `stage` is where it stopped (empty: before its first stage) and `log` the project-relative
    file that holds the traceback of a bug. `findings` counts what its checks call an error.
    """

    episode: str
    outcome: Outcome = "done"
    ran: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    rendered: int = 0
    reused: int = 0
    findings: int = 0
    stage: str = ""
    error: Exception | None = None
    log: str = ""
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        if self.outcome in ("interrupted", "not started"):
            return INTERRUPTED
        if self.error is None:
            return FINDINGS if self.findings else DONE
        return self.error.exit_code if isinstance(self.error, MicrofinishError) else BUG

    def report(self) -> dict[str, Any]:
        """The episode's part of `run --json`."""
        told: dict[str, Any] = {
            "episode": self.episode,
            "outcome": self.outcome,
            "ran": list(self.ran),
            "skipped": list(self.skipped),
            "rendered": self.rendered,
            "reused": self.reused,
            "findings": self.findings,
            "seconds": round(self.seconds, 3),
            "exit_code": self.exit_code,
        }
        if self.error is not None:
            told["error"] = {"stage": self.stage, **describe(self.error)}
        if self.log:
            told["log"] = self.log
        return told


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run went, episodes in the order they were asked for."""

    episodes: tuple[EpisodeResult, ...]
    seconds: float = 0.0

    @property
    def rendered(self) -> int:
        return sum(episode.rendered for episode in self.episodes)

    @property
    def reused(self) -> int:
        return sum(episode.reused for episode in self.episodes)

    @property
    def failed(self) -> tuple[EpisodeResult, ...]:
        return tuple(episode for episode in self.episodes if episode.outcome == "failed")

    @property
    def exit_code(self) -> int:
        return worst(episode.exit_code for episode in self.episodes)

    def report(self) -> dict[str, Any]:
        """What `run --json` ends with."""
        return {
            "rendered": self.rendered,
            "reused": self.reused,
            "episodes": [episode.report() for episode in self.episodes],
            "seconds": round(self.seconds, 3),
            "exit_code": self.exit_code,
        }


def worst(codes: Iterable[int]) -> int:
    """One exit code for many episodes: the highest.

    The codes are numbered by how little a repeated run would help: 130 interrupted, 70 bug,
    5 environment, 4 held, 3 tool, 2 input, 1 findings, 0 done.
    """
    return max(codes, default=DONE)


def describe(error: Exception) -> dict[str, Any]:
    """An error as plain data: its class, message, place, hint and all single problems."""
    told: dict[str, Any] = {"kind": type(error).__name__, "message": str(error)}
    if isinstance(error, MicrofinishError):
        told["where"] = str(error.where) if error.where else None
        told["hint"] = error.hint
        told["detail"] = list(error.detail)
    if isinstance(error, ProblemsError):
        told["problems"] = [
            {
                "message": problem.message,
                "where": str(problem.where) if problem.where else None,
                "hint": problem.hint,
                "severity": problem.severity,
            }
            for problem in error.problems
        ]
    return told
