"""Ctrl-C: the first one lets the work in hand end and keeps it, the second one kills."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from microfinish.core.errors import Interrupted


class Interrupt:
    """The cancel flag of one run. Once set it stays set."""

    def __init__(self) -> None:
        self._flag = threading.Event()

    def cancel(self) -> None:
        """Start no new work; what runs may finish, or stop at its next look at `cancelled`."""
        self._flag.set()

    def cancelled(self) -> bool:
        return self._flag.is_set()

    def check(self) -> None:
        """Raise Interrupted once the run was cancelled."""
        if self._flag.is_set():
            raise Interrupted("run again to continue; every finished step is kept")

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl-C and a polite kill (SIGTERM) as `cancel`, a second one as KeyboardInterrupt.

        Only the main thread can; in any other thread nothing is installed.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        signals = (signal.SIGINT, signal.SIGTERM)
        before = [(number, signal.signal(number, self._on_signal)) for number in signals]
        try:
            yield
        finally:
            for number, handler in before:
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._flag.is_set():
            raise KeyboardInterrupt
        self.cancel()
