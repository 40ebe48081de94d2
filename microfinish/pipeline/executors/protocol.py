"""What a run asks of the place where its work is carried out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Executor(Protocol):
    """Carries out at most `jobs` pieces of work at any moment, however many episodes ask."""

    jobs: int

    def slot(self) -> AbstractContextManager[None]:
        """Count the caller's own work as one of `jobs` while the block lasts."""
        ...

    def map(
        self,
        work: Callable[[Any], Any],
        items: Iterable[Any],
        *,
        label: str,
        on_done: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> list[Any]:
        """`[work(item) for item in items]`, side by side; results are in the order of `items`.

        `on_done(done, total)` is called after each item. The first failure stops what has not
        started and is raised. When `cancelled()` turns true nothing new starts, and Interrupted
        says how many are kept.
        """
        ...
