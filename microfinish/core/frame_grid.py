"""Frame grids: from the timestamps of a file's pictures to a nominal rate with whole frames.

A variable-rate file gets an exact grid too: frame n shows the picture with the greatest
timestamp at or before n / rate, counted from the first picture.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from microfinish.core.time import STANDARD_RATES

_NEAR = Fraction(1, 40)
"""A median frame duration within 2.5 % of a standard rate means that rate."""
_OFF_GRID = Fraction(1, 10)
"""Pictures farther than a tenth of a frame from the grid make a file variable."""


@dataclass(frozen=True, slots=True)
class FrameGrid:
    """`rate` is nominal, `measured` the mean rate of the pictures. `variable`: at least one
    picture is off the grid, missing or doubled. `worst` is the largest distance from the grid in
    frames."""

    rate: Fraction
    frames: int
    variable: bool
    measured: Fraction
    worst: Fraction


def frame_grid(pts: Sequence[int], time_base: Fraction, last_duration: int = 0,
               stated: Fraction | None = None) -> FrameGrid:
    """The grid of sorted timestamps. `last_duration` is in ticks, 0 where the file says none.

    `stated` is the container's own rate; it decides between rates that fit to the tick. Raises
    ValueError without timestamps.
    """
    if not pts:
        raise ValueError("a grid needs at least one picture")
    times = sorted(set(pts))
    if len(times) == 1:
        rate = _standard(stated) if stated else Fraction(25)
        return FrameGrid(rate, 1, False, rate, Fraction(0))
    steps = sorted(b - a for a, b in itertools.pairwise(times))
    median = steps[len(steps) // 2]
    measured = (len(times) - 1) / ((times[-1] - times[0]) * time_base)
    rate = _nominal(times, time_base, median, stated)
    per_frame = 1 / (rate * time_base)
    worst = max(abs(_distance(time - times[0], per_frame)) for time in times) / per_frame
    limit = max((1 + Fraction(1, 1000)) / per_frame, _OFF_GRID)
    last = round((times[-1] - times[0]) / per_frame)
    if worst <= limit and last + 1 == len(times):
        return FrameGrid(rate, last + 1, False, measured, worst)
    length = (times[-1] - times[0] + (last_duration or median)) / per_frame
    return FrameGrid(rate, max(1, round(length)), True, measured, worst)


def picture_at(pts: Sequence[int], time_base: Fraction, rate: Fraction, frame: int) -> int:
    """Which of the sorted timestamps `pts` frame `frame` of the grid shows: its index.

    A container rounds timestamps to its ticks, so a picture may be up to one tick (never more
    than a tenth of a frame) late and still be on time.
    """
    per_frame = 1 / (rate * time_base)
    slack = min(Fraction(1), per_frame * _OFF_GRID)
    position = pts[0] + frame * per_frame + slack
    return min(max(bisect_right(pts, position) - 1, 0), len(pts) - 1)


def _nominal(times: Sequence[int], time_base: Fraction, median: int,
             stated: Fraction | None) -> Fraction:
    """The standard rate near the median step on whose grid the pictures lie best."""
    guess = 1 / (median * time_base)
    # a step is known to one tick only: 16 or 17 ms at 60 frames per second in Matroska
    reach = max(_NEAR, Fraction(3, 2) / median)
    near = [rate for rate in STANDARD_RATES if abs(rate / guess - 1) <= reach]
    if not near:
        return guess
    distances = {rate: [abs(_distance(time - times[0], 1 / (rate * time_base)))
                        for time in times] for rate in near}
    named = _standard(stated) if stated else None
    if named in distances and max(distances[named]) <= 1:
        # a few pictures rounded to milliseconds fit several rates: the container knows its own
        return named
    fitting = [rate for rate in near
               if max(distances[rate]) <= max(Fraction(1), _OFF_GRID / (rate * time_base))]
    if not fitting:
        return min(near, key=lambda rate: abs(rate - guess))
    return min(fitting, key=lambda rate: (sum(distances[rate]), abs(rate - guess)))


def _distance(ticks: int, per_frame: Fraction) -> Fraction:
    """Ticks from the nearest whole frame."""
    return ticks - round(ticks / per_frame) * per_frame


def _standard(rate: Fraction) -> Fraction:
    """The nearest standard rate within 2.5 %, or the rate itself."""
    nearest = min(STANDARD_RATES, key=lambda standard: abs(standard - rate))
    return nearest if abs(nearest / rate - 1) <= _NEAR else rate
