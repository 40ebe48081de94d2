"""How far a run is and how long it still takes, learnt from the run's own events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from microfinish.pipeline.events import (
    EpisodeFailed,
    EpisodeFinished,
    Event,
    Progress,
    StageFinished,
    StageSkipped,
    StageStarted,
)

WEIGHTS = {"log": 3.0, "sync": 2.0, "correct": 2.0, "reframe": 3.0, "mix": 3.0, "master": 30.0,
           "qc": 4.0}
"""Rough shares of a cold run's time, so that the bar does not jump; others count 1."""


_SPANS = {"cubes": (0.0, 0.05), "segments": (0.05, 0.9)}
_SPAN = (0.0, 0.9)
"""Which part of its stage a label stands for. Baking the LUTs of `master` takes a moment, its
segments take the time; and no label is ever quite the whole stage."""


class Estimate:
    """The weighted steps of a run: what is done, what was fresh, what is left."""

    def __init__(
        self,
        episodes: Iterable[str],
        stages: Iterable[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._left = {(episode, stage): WEIGHTS.get(stage, 1.0)
                      for episode in episodes for stage in tuple(stages)}
        self.total = sum(self._left.values())
        self._worked = 0.0
        self._in_hand: dict[str, tuple[str, float]] = {}
        self._clock = clock
        self._began = clock()

    def take(self, event: Event) -> None:
        """Learn from one event."""
        if isinstance(event, StageStarted):
            self._in_hand[event.episode] = (event.stage, 0.0)
        elif isinstance(event, Progress) and event.episode in self._in_hand and event.total > 0:
            stage, before = self._in_hand[event.episode]
            start, end = _SPANS.get(event.label, _SPAN)
            reached = start + (end - start) * min(1, event.done / event.total)
            # A stage with several labels starts each at zero; its bar never runs backwards.
            self._in_hand[event.episode] = (stage, max(before, reached))
        elif isinstance(event, StageFinished):
            self._in_hand.pop(event.episode, None)
            self._worked += self._left.pop((event.episode, event.stage), 0.0)
        elif isinstance(event, StageSkipped):
            self._left.pop((event.episode, event.stage), None)
        elif isinstance(event, EpisodeFailed | EpisodeFinished):
            self._in_hand.pop(event.episode, None)
            for key in [key for key in self._left if key[0] == event.episode]:
                del self._left[key]

    @property
    def done(self) -> float:
        """Weight that needs no more work, of `total`."""
        return self.total - self._remaining()

    def seconds_left(self) -> float | None:
        """The estimate; None until there is something to judge by."""
        worked = self._worked + self._partial()
        elapsed = self._clock() - self._began
        if worked < 1e-6 or elapsed < 2:
            return None
        return elapsed * self._remaining() / worked

    def _partial(self) -> float:
        return sum(self._left.get((episode, stage), 0.0) * fraction
                   for episode, (stage, fraction) in self._in_hand.items())

    def _remaining(self) -> float:
        return sum(self._left.values()) - self._partial()


def spoken(seconds: float) -> str:
    """A duration for people: `8 s`, `3 min 20 s`, `1 h 05 min`.

    >>> spoken(8.4), spoken(200), spoken(3900)
    ('8 s', '3 min 20 s', '1 h 05 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
