"""Runs a season: every episode down its chain, side by side, past failures, until Ctrl-C."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from queue import Empty, SimpleQueue

from microfinish.core.errors import InputError, MicrofinishError
from microfinish.pipeline.events import Event, Notice, Progress, RunFinished, RunStarted
from microfinish.pipeline.executors.local import LocalExecutor
from microfinish.pipeline.executors.protocol import Executor
from microfinish.pipeline.interrupt import Interrupt
from microfinish.pipeline.notices import ToldOnce
from microfinish.pipeline.plan import EVERYTHING, Selection
from microfinish.pipeline.registry import BUILT_IN, Maker, chains
from microfinish.pipeline.result import EpisodeResult, RunResult
from microfinish.pipeline.stage import Options
from microfinish.pipeline.walk import Bench, already_done, walk
from microfinish.project.project import Project

EPISODES_AT_ONCE = 4
"""Episodes in hand at the same time. Enough to fill the processors while one episode waits for
its last shot; few enough that the first episodes finish first and memory stays bounded."""


def run(
    project: Project,
    episodes: Iterable[str],
    selection: Selection = EVERYTHING,
    options: Options | None = None,
    emit: Callable[[Event], None] | None = None,
    *,
    table: Mapping[str, Maker] = BUILT_IN,
    executor: Executor | None = None,
    interrupt: Interrupt | None = None,
    command: str = "microfinish run",
) -> RunResult:
    """Bring the selected part of each episode up to date.

    A failing episode is told in the result and the others go on. `emit` gets all events, one at
    a time, from several threads. Raises InputError, before anything runs, for wrong season
    settings, an unknown episode, and a selection that fits no episode; KeyboardInterrupt on the
    second Ctrl-C; and, once the run has been stopped for it, whatever `emit` raised.
    """
    began = time.monotonic()
    names = tuple(dict.fromkeys(project.episode(name).name for name in episodes))
    options = options or Options()
    interrupt = interrupt or Interrupt()
    tell = _Listener(emit or _silence, interrupt)
    bench = Bench(
        project,
        chains(table),
        selection,
        options,
        executor or LocalExecutor(options.jobs),
        interrupt,
        tell,
        command,
    )
    project.settings  # noqa: B018  wrong season settings are one error, not one per episode
    _check_selection(bench, names)
    tell(RunStarted("", names))
    with (bench.interrupt.listening(),
          project.hashes.watched(lambda done, total: tell(Progress("", "hashing", done, total)),
                                 interrupt.check)):
        results = _all(bench, names)
    result = RunResult(tuple(results), time.monotonic() - began)
    tell(RunFinished(
        "",
        done=tuple(e.episode for e in result.episodes if e.outcome == "done"),
        failed=tuple(e.episode for e in result.failed),
        rendered=result.rendered,
        reused=result.reused,
        seconds=result.seconds,
        exit_code=result.exit_code,
    ))
    tell.check()
    return result


def _all(bench: Bench, names: tuple[str, ...]) -> list[EpisodeResult]:
    results: dict[str, EpisodeResult] = {}
    waiting: SimpleQueue[str] = SimpleQueue()
    for name in names:
        done = None if bench.interrupt.cancelled() else already_done(bench, name)
        if done:
            results[name] = done
        else:
            waiting.put(name)
    _work_off(bench, waiting, results)
    return [results.get(name) or EpisodeResult(name, "not started") for name in names]


def _work_off(
    bench: Bench, waiting: SimpleQueue[str], results: dict[str, EpisodeResult]
) -> None:
    """Walk the waiting episodes in a few threads, and listen for Ctrl-C meanwhile."""

    def serve() -> None:
        while not bench.interrupt.cancelled():
            try:
                name = waiting.get_nowait()
            except Empty:
                return
            results[name] = walk(bench, name)

    count = min(EPISODES_AT_ONCE, bench.executor.jobs, waiting.qsize())
    # Daemons: the second Ctrl-C must end the process without waiting for them.
    threads = [threading.Thread(target=serve, name=f"episode {n}", daemon=True)
               for n in range(count)]
    for thread in threads:
        thread.start()
    told = False
    for thread in threads:
        while thread.is_alive():
            # A timeout lets the main thread see signals, on Windows too.
            thread.join(timeout=0.1)
            if bench.interrupt.cancelled() and not told:
                told = True
                bench.emit(Notice("", "warning", "stopping; what is finished is kept",
                                  hint="Ctrl-C again stops at once"))


def _check_selection(bench: Bench, names: tuple[str, ...]) -> None:
    """One error instead of one per episode, where the chain or the selection fits none of them."""
    misfit: InputError | None = None
    for name in names:
        try:
            episode = bench.project.episode(name)
            episode.settings  # noqa: B018  read now, so that its errors are met here
        except MicrofinishError:
            continue  # this episode's own trouble, told when its turn comes
        try:
            bench.selection.of([stage.name for stage in bench.chain_of(episode.settings.stages)])
            return
        except InputError as error:
            misfit = misfit or error
    if misfit:
        raise misfit


class _Listener:
    """Hands events over one at a time, equal notices once.

    When `emit` fails the run is stopped and it is not called again: a closed pipe or a broken
    display is no failure of the stage that told something.
    """

    def __init__(self, emit: Callable[[Event], None], interrupt: Interrupt) -> None:
        self._emit = emit
        self._interrupt = interrupt
        self._mutex = threading.RLock()
        self._failure: Exception | None = None
        self._once = ToldOnce()

    def __call__(self, event: Event) -> None:
        with self._mutex:
            told = self._once.new_part(event) if isinstance(event, Notice) else event
            if self._failure or told is None:
                return
            try:
                self._emit(told)
            except Exception as error:  # somebody else's code; raised again by `check`
                self._failure = error
                self._interrupt.cancel()

    def check(self) -> None:
        """Raise what `emit` raised."""
        if self._failure:
            raise self._failure


def _silence(event: Event) -> None:
    """Take an event and tell nobody."""
