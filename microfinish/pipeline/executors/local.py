"""Threads of this machine: all episodes of a run share one bound on the work in hand."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from microfinish.core.errors import Interrupted


class LocalExecutor:
    """Threads are enough: the work is ffmpeg processes and libraries that let go of the GIL.

    `jobs` 0 means one per processor. Work may itself call `map`; whoever waits for its own map
    lends its slot to it, so nesting neither deadlocks nor exceeds the bound.
    """

    def __init__(self, jobs: int = 0) -> None:
        self.jobs = jobs if jobs > 0 else os.cpu_count() or 1
        self._slots = _Slots(self.jobs)
        self._thread = threading.local()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for one of the `jobs` slots and hold it while the block lasts."""
        self._slots.acquire()
        self._thread.holds = True
        try:
            yield
        finally:
            self._thread.holds = False
            self._slots.release()

    def map(
        self,
        work: Callable[[Any], Any],
        items: Iterable[Any],
        *,
        label: str,
        on_done: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> list[Any]:
        """See `Executor.map`. Items that run when another fails are waited for, and kept."""
        batch = _Batch(work, tuple(items), on_done, cancelled)
        workers = [
            threading.Thread(target=self._serve, args=(batch,), name=f"{label} {n}", daemon=True)
            for n in range(min(self.jobs, batch.total))
        ]
        with self._lent():
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        return batch.outcome(label)

    def _serve(self, batch: _Batch) -> None:
        while batch.waiting():
            with self.slot():
                batch.carry_out_next()

    @contextmanager
    def _lent(self) -> Iterator[None]:
        if not getattr(self._thread, "holds", False):
            yield
            return
        self._slots.release()
        try:
            yield
        finally:
            self._slots.acquire()


class _Slots:
    """A semaphore that serves first come, first: a threading.Semaphore lets the thread that gives
    a slot back take it again, and one episode starves another."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    def acquire(self) -> None:
        with self._mutex:
            if self._free:
                self._free -= 1
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def release(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


class _Batch:
    """The items of one `map`, taken one by one by several threads."""

    def __init__(
        self,
        work: Callable[[Any], Any],
        items: Sequence[Any],
        on_done: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self.total = len(items)
        self._work = work
        self._items = items
        self._on_done = on_done
        self._cancelled = cancelled
        self._mutex = threading.Lock()
        self._next = 0
        self._results: dict[int, Any] = {}
        self._failures: dict[int, BaseException] = {}

    def waiting(self) -> bool:
        """Whether another item should be started."""
        return self._next < self.total and not self._failures and not self._cancelled()

    def carry_out_next(self) -> None:
        with self._mutex:
            # Asked again: it may have changed while this thread waited for its slot.
            if not self.waiting():
                return
            index = self._next
            self._next += 1
        try:
            result = self._work(self._items[index])
            with self._mutex:
                self._results[index] = result
                self._on_done(len(self._results), self.total)
        except BaseException as error:  # carried over to the thread that called map
            with self._mutex:
                self._failures[index] = error

    def outcome(self, label: str) -> list[Any]:
        done = len(self._results)
        if self._cancelled() and done < self.total:
            raise Interrupted(f"run again to continue; {done} of {self.total} {label} are kept")
        if self._failures:
            raise self._failures[min(self._failures)]
        return [self._results[index] for index in range(self.total)]
