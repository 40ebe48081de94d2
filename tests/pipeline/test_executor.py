"""Work side by side: bounded, in order, stopped by a failure or by the user."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from microfinish.core.errors import Interrupted, ToolError
from microfinish.pipeline.executors.local import LocalExecutor
from microfinish.pipeline.interrupt import Interrupt


def silent(done: int, total: int) -> None:
    """Nobody watches."""


def never() -> bool:
    return False


class Gauge:
    """Counts how many pieces of work are in hand."""

    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.now = self.most = 0

    def __call__(self, item: Any) -> Any:
        with self.mutex:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.01)
        with self.mutex:
            self.now -= 1
        return item


def test_episodes_share_one_bound() -> None:
    executor, gauge = LocalExecutor(3), Gauge()

    def episode(n: int) -> None:
        with executor.slot():
            executor.map(gauge, range(8), label="shots", on_done=silent, cancelled=never)

    threads = [threading.Thread(target=episode, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert 1 < gauge.most <= 3


def test_work_may_ask_for_more_work_without_deadlock() -> None:
    executor = LocalExecutor(1)

    def outer(n: int) -> list[int]:
        return executor.map(
            lambda m: n * m, range(3), label="inner", on_done=silent, cancelled=never)

    with executor.slot():
        found = executor.map(outer, range(3), label="outer", on_done=silent, cancelled=never)
    assert found == [[0, 0, 0], [0, 1, 2], [0, 2, 4]]


def test_the_first_failure_stops_what_has_not_started() -> None:
    started = []

    def work(n: int) -> int:
        started.append(n)
        if n == 2:
            raise ToolError("shot 2 failed")
        time.sleep(0.01)
        return n

    with pytest.raises(ToolError, match="shot 2 failed"):
        LocalExecutor(2).map(work, range(100), label="shots", on_done=silent, cancelled=never)
    assert len(started) < 10


def test_ctrl_c_starts_nothing_new_and_says_what_is_kept() -> None:
    interrupt = Interrupt()

    def done(number: int, total: int) -> None:
        if number == 3:
            interrupt.cancel()

    with pytest.raises(Interrupted, match="run again to continue; 3 of 9 segments are kept"):
        LocalExecutor(1).map(
            lambda n: n, range(9), label="segments", on_done=done, cancelled=interrupt.cancelled)


def test_no_work_is_no_error() -> None:
    assert LocalExecutor(2).map(
        str, [], label="segments", on_done=silent, cancelled=never) == []
