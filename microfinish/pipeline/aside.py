"""Work beside the chain: with its context, its bars and its Ctrl-C, but no document at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from microfinish.core.errors import MicrofinishError
from microfinish.pipeline.events import EpisodeStarted, Event, Progress
from microfinish.pipeline.executors.local import LocalExecutor
from microfinish.pipeline.interrupt import Interrupt
from microfinish.pipeline.stage import Context, Options
from microfinish.project.episode import Episode

T = TypeVar("T")


def aside(episode: Episode, work: Callable[[Context], T], options: Options,
          emit: Callable[[Event], None]) -> T:
    """What `work` makes of its context, in as many threads as `options.jobs` says.

    Ctrl-C cancels it; what was put into the store is kept. Raises what `work` raises, and
    Interrupted after Ctrl-C.
    """
    project, interrupt, executor = episode.project, Interrupt(), LocalExecutor(options.jobs)

    def side_by_side(step: Callable[[Any], Any], items: Iterable[Any], label: str) -> list[Any]:
        return executor.map(
            step, items, label=label, cancelled=interrupt.cancelled,
            on_done=lambda done, total: emit(Progress(episode.name, label, done, total)))

    context = Context(episode.name, project.root, project.facts, project.store, options, emit,
                      interrupt.cancelled, None, side_by_side)
    emit(EpisodeStarted(episode.name))
    with interrupt.listening(), executor.slot():
        try:
            return work(context)
        except MicrofinishError:
            interrupt.check()
            raise
