"""What a run tells while it works: frozen events, one stream, read by the terminal and by CI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from microfinish.core.errors import Where

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `episode` is empty where it concerns the whole run."""

    episode: str


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    """The first event of every run: the episodes it is about, in order."""

    episodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EpisodeStarted(Event):
    """The episode is held by this run and its chain is being walked."""


@dataclass(frozen=True, slots=True)
class StageStarted(Event):
    """A stage is about to decide; `reasons` say in words why it must."""

    stage: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StageSkipped(Event):
    """A stage's document still holds; `reason` says why nothing was done."""

    stage: str
    reason: str = "up to date"


@dataclass(frozen=True, slots=True)
class StageFinished(Event):
    """A stage decided. `changed` is False where its document reads the same as before."""

    stage: str
    changed: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Progress(Event):
    """Work in hand: `done` of `total` `unit`s of `label`. The hashing of the media, which all
    episodes share, belongs to none of them."""

    label: str
    done: float
    total: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Counted(Event):
    """`n` picture segments were rendered, or taken from the store as they are."""

    kind: Literal["rendered", "reused"]
    n: int = 1


@dataclass(frozen=True, slots=True)
class Notice(Event):
    """Something the user should read, without stopping the run.

    A run tells it once, however often it is emitted. What concerns files that episodes share has
    an empty `episode`. `about` names the files, or the shots (`sh020 00:00:01:00`), that the
    message is true of.
    """

    severity: Severity
    message: str
    hint: str = ""
    where: Where | None = None
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EpisodeFinished(Event):
    """The asked part of the episode's chain is up to date."""

    ran: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class EpisodeFailed(Event):
    """The episode stopped at `stage` (empty: before its first stage) with `error`."""

    error: Exception
    stage: str = ""
    log: str = ""
    """Project-relative file with the traceback, for a bug in microfinish or a plug-in."""


@dataclass(frozen=True, slots=True)
class RunFinished(Event):
    """The last event of every run."""

    done: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    rendered: int = 0
    reused: int = 0
    seconds: float = 0.0
    exit_code: int = 0
