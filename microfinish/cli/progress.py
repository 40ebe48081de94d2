"""What one sees while a run works: two kinds of bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from microfinish.cli.errors import colored, error_lines, problem_lines
from microfinish.cli.estimate import Estimate, spoken
from microfinish.cli.session import Session, is_terminal, tell, wants_color
from microfinish.core.errors import Interrupted, MicrofinishError, Problem
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

if TYPE_CHECKING:
    from rich.progress import TaskID

_LINE_EVERY_SECONDS = 10.0


class Display(AbstractContextManager["Display"], Protocol):
    """Takes the events of a run, from any thread."""

    def __call__(self, event: Event) -> None: ...


def display(session: Session, episodes: Sequence[str], stages: Sequence[str]) -> Display:
    """The display that suits the terminal and what the user asked for."""
    if session.verbosity >= 0 and is_terminal(sys.stderr):
        return Bars(session, episodes, stages)
    return Lines(session, episodes, stages)


def words(event: Event, verbosity: int, root: Path | None) -> list[str]:
    """The lines an event is worth at a verbosity; pure."""
    if isinstance(event, EpisodeFailed):
        return _failure(event, root)
    if isinstance(event, Notice):
        return _notice(event, verbosity, root)
    if verbosity < 0:
        return []
    if isinstance(event, StageStarted) and verbosity >= 1:
        why = f": {', '.join(event.reasons)}" if event.reasons else ""
        return [f"{event.episode}  {event.stage} runs{why}"]
    if isinstance(event, StageFinished) and (verbosity >= 1 or event.changed):
        what = "" if event.changed else "  (same as before)"
        return [f"{event.episode}  {event.stage:<9} {event.seconds:6.1f} s{what}"]
    if isinstance(event, StageSkipped) and verbosity >= 1:
        return [f"{event.episode}  {event.stage:<9} {event.reason}"]
    return []


def _failure(event: EpisodeFailed, root: Path | None) -> list[str]:
    error = event.error
    if isinstance(error, Interrupted):
        return [f"{event.episode}: stopped; {error.message}"]
    if not isinstance(error, MicrofinishError):
        error = MicrofinishError(f"a bug in {event.stage or 'microfinish'}: "
                                 f"{type(error).__name__}: {error}",
                                 hint="please report it with the log")
    return list(error_lines(error, episode=event.episode, root=root, log=event.log))


def _notice(event: Notice, verbosity: int, root: Path | None) -> list[str]:
    needed = {"error": -1, "warning": 0}.get(event.severity, 0)
    if verbosity < needed:
        return []
    place = " ".join(filter(None, (event.episode, _few(event.about))))
    message = f"{place}: {event.message}" if place else event.message
    problem = Problem(message, event.where, event.hint, severity=event.severity)
    return list(problem_lines(problem, root))


def _few(names: Sequence[str], most: int = 3) -> str:
    """Some of many files or shots, later files without the folder they share with the first."""
    if not names:
        return ""
    shown = names[:most if len(names) <= most else most - 1]
    folder = shown[0].rpartition("/")[0] + "/"
    rest = [name.removeprefix(folder) for name in shown[1:]]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return ", ".join((shown[0], *rest)) + more


class Lines:
    """Plain lines on stderr: what finished, and now and then how far the work in hand is."""

    def __init__(
        self,
        session: Session,
        episodes: Sequence[str],
        stages: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._estimate = Estimate(episodes, stages, clock)
        self._clock = clock
        self._spoke = clock()
        self._mutex = threading.Lock()

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *failure: object) -> None:
        return None

    def __call__(self, event: Event) -> None:
        with self._mutex:
            self._estimate.take(event)
            for line in words(event, self._session.verbosity, self._session.root):
                _say(line)
                self._spoke = self._clock()
            if (isinstance(event, Progress) and self._session.verbosity >= 0
                    and self._clock() - self._spoke >= _LINE_EVERY_SECONDS):
                self._spoke = self._clock()
                _say(self._how_far(event))

    def _how_far(self, event: Progress) -> str:
        percent = 100 * self._estimate.done / self._estimate.total if self._estimate.total else 0
        left = self._estimate.seconds_left()
        rest = f", about {spoken(left)} left" if left is not None else ""
        here = f"{_title(event.episode, event.label)} {_count(event)}"
        if not self._estimate.total:
            return here
        return (f"{here}  "
                f"(all: {percent:.0f} %{rest})")


class Bars:
    """A bar for the season and one for each work in hand; lines scroll above them."""

    def __init__(self, session: Session, episodes: Sequence[str], stages: Sequence[str]) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self._session = session
        self._estimate = Estimate(episodes, stages)
        self._episodes = len(episodes)
        self._ended = 0
        self._console = Console(stderr=True, highlight=False,
                                no_color=not wants_color(sys.stderr))
        self._bars = Progress(
            TextColumn("{task.description}"), BarColumn(bar_width=28),
            TextColumn("{task.percentage:>3.0f} %"), TextColumn("{task.fields[note]}"),
            console=self._console, transient=True, expand=False,
        )
        self._season = self._bars.add_task(self._season_title(), total=self._estimate.total or 1,
                                           note="")
        self._tasks: dict[str, TaskID] = {}
        self._mutex = threading.Lock()

    def __enter__(self) -> Bars:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def __call__(self, event: Event) -> None:
        with self._mutex:
            self._estimate.take(event)
            self._draw(event)
            for line in words(event, self._session.verbosity, self._session.root):
                text = colored(line) if wants_color(sys.stderr) else line
                self._console.out(text, highlight=False)

    def _draw(self, event: Event) -> None:
        if isinstance(event, StageStarted | EpisodeStarted):
            label = event.stage if isinstance(event, StageStarted) else ""
            self._bars.reset(self._in_hand(event.episode, label), total=None, note="")
        elif isinstance(event, Progress):
            task = self._in_hand(event.episode, event.label)
            self._bars.update(task, completed=event.done, total=event.total or 1,
                              description=_title(event.episode, event.label), note=_count(event))
            if not event.episode and event.done >= event.total:
                self._bars.remove_task(self._tasks.pop(""))
        elif isinstance(event, EpisodeFinished | EpisodeFailed):
            self._ended += 1
            task_id = self._tasks.pop(event.episode, None)
            if task_id is not None:
                self._bars.remove_task(task_id)
        left = self._estimate.seconds_left()
        self._bars.update(self._season, completed=self._estimate.done,
                          description=self._season_title(),
                          note=f"about {spoken(left)} left" if left is not None else "")

    def _in_hand(self, episode: str, label: str) -> TaskID:
        if episode not in self._tasks:
            self._tasks[episode] = self._bars.add_task(_title(episode, label), total=None, note="")
        elif label:
            self._bars.update(self._tasks[episode], description=_title(episode, label))
        return self._tasks[episode]

    def _season_title(self) -> str:
        return f"season  {self._ended} of {self._episodes}"


def _title(episode: str, label: str) -> str:
    return f"{episode}  {label}" if episode else label


def _count(event: Progress) -> str:
    unit = f" {event.unit}" if event.unit else ""
    return f"{event.done:g} of {event.total:g}{unit}"


def _say(line: str) -> None:
    tell(colored(line) if wants_color(sys.stderr) else line)
