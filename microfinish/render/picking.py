"""Frame selection as ffmpeg filters: exact integer positions, never frame-rate guesses.

Every decoded picture gets an integer output position from its own timestamp; `fps` then repeats
or drops. Timestamps are kept (`-copyts`), so a seek that lands early only decodes a little more
and can never shift a frame.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import groupby
from typing import Any

from microfinish.core.media import Picture
from microfinish.render.segment import Pick

SEEK_MARGIN_SECONDS = Fraction(1, 20)


def seek_seconds(pick: Pick, picture: Picture) -> Fraction:
    """Where to start decoding so that the first picked frame's picture is surely decoded.

    With a variable rate the picture on screen may have begun before the frame's own time, so
    half a second is decoded in advance; phones never hold a picture longer while recording.
    """
    at = picture.start + Fraction(pick.first) / picture.rate
    margin = Fraction(1, 2) if picture.variable else Fraction(1, 2) / picture.rate
    return max(Fraction(0), at - max(margin, min(SEEK_MARGIN_SECONDS, 1 / picture.rate)))


def pick_frames(stream: Any, pick: Pick, picture: Picture, rate: Fraction) -> Any:
    """`stream` reduced to exactly the frames of `pick`, at constant `rate` from timestamp 0."""
    if pick.offsets:
        return _by_table(stream, pick, picture, rate)
    if pick.step < 0:
        run = pick.last - pick.first + 1
        forward = Pick(pick.first, pick.last, run, Fraction(1), Fraction(0))
        grid = _on_grid(stream, forward, picture, picture.rate).filter("reverse")
        unit = _unit(Fraction(1) / picture.rate, rate)
        position = f"ceil((N*{_integers(-pick.step, pick.phase)[0]}-{_phase(pick)})"
        position += f"/{_integers(-pick.step, pick.phase)[1]})"
        grid = grid.filter("settb", expr=_ratio(unit))
        grid = grid.filter("setpts", f"{_ticks(rate, unit)}*max(0,{position})")
        return _fill(grid, rate, pick.count, -pick.step)
    return _on_grid(stream, pick, picture, rate)


def _by_table(stream: Any, pick: Pick, picture: Picture, rate: Fraction) -> Any:
    """A variable speed, one way: every source frame lands where the first output frame stands
    that shows it or, of those passed over, a later one."""
    if pick.step < 0:
        run = pick.last - pick.first + 1
        forward = Pick(pick.first, pick.last, run, Fraction(1), Fraction(0))
        stream = _on_grid(stream, forward, picture, picture.rate).filter("reverse")
        unit, number = _unit(Fraction(1) / picture.rate, rate), "N"
    else:
        unit = _unit(picture.time_base, rate)
        number = _frame_number(pick, picture, unit)
    runs = [(offset, len(list(same))) for offset, same in groupby(pick.offsets)]
    position = "+".join(f"{times}*gt(ld(0),{offset})" if times > 1 else f"gt(ld(0),{offset})"
                        for offset, times in runs)
    stream = stream.filter("settb", expr=_ratio(unit))
    stream = stream.filter("setpts", f"st(0,{number})*0+{_ticks(rate, unit)}*({position})")
    return _filled(stream, rate, pick.count, runs[-1][1])


def _on_grid(stream: Any, pick: Pick, picture: Picture, rate: Fraction) -> Any:
    """Forward selection: source frame `first` lands on 0, later ones where the step puts them."""
    unit = _unit(picture.time_base, rate)
    frame = _frame_number(pick, picture, unit)
    if pick.step == 0:
        position = f"if(lte({frame},0),0,{pick.count + 1})"
    else:
        scale, divisor = _integers(pick.step, pick.phase)
        position = f"max(0,ceil(({frame}*{scale}-{_phase(pick)})/{divisor}))"
    stream = stream.filter("settb", expr=_ratio(unit))
    stream = stream.filter("setpts", f"{_ticks(rate, unit)}*{position}")
    return _fill(stream, rate, pick.count, pick.step)


def _frame_number(pick: Pick, picture: Picture, unit: Fraction) -> str:
    """The expression for a picture's frame number, counted from the pick's first."""
    start = picture.start / unit
    per_unit = picture.rate * unit
    elapsed = f"(PTS-{_whole(start)})*{per_unit.numerator}/{per_unit.denominator}"
    if picture.variable:
        jitter = float(late_frames(picture))
        return f"(ceil({elapsed}-{jitter:.6f})-{pick.first})"
    return f"(round({elapsed})-{pick.first})"


def late_frames(picture: Picture) -> Fraction:
    """How late a picture may be and still count as on time: one tick, at most a tenth of a frame,
    as in `core.frame_grid.picture_at`."""
    return min(picture.time_base * picture.rate, Fraction(1, 10))


def _fill(stream: Any, rate: Fraction, count: int, step: Fraction) -> Any:
    # The last picture of a file may have to stand for several output frames (slow motion, a
    # freeze, a variable rate), but no further: a file that ends early must come out short.
    return _filled(stream, rate, count, count if step == 0 else math.ceil(1 / step) + 1)


def _filled(stream: Any, rate: Fraction, count: int, repeats: int) -> Any:
    stream = stream.filter("fps", fps=_ratio(rate), start_time=0, round="near")
    stream = stream.filter("tpad", stop=repeats, stop_mode="clone")
    return stream.filter("trim", end_frame=count).filter("setpts", "PTS-STARTPTS")


def _integers(step: Fraction, phase: Fraction) -> tuple[int, int]:
    """(scale, divisor) so that (frame - phase) / step == (frame * scale - phase') / divisor."""
    common = math.lcm(step.denominator, phase.denominator)
    return common, int(step * common)


def _phase(pick: Pick) -> int:
    common = math.lcm(pick.step.denominator, pick.phase.denominator)
    return int(pick.phase * common)


def _unit(time_base: Fraction, rate: Fraction) -> Fraction:
    """A time base in which both the stream's ticks and whole output frames are integers."""
    return Fraction(1, math.lcm(time_base.denominator, rate.numerator))


def _ticks(rate: Fraction, unit: Fraction) -> int:
    return int(1 / rate / unit)


def _whole(value: Fraction) -> int:
    return round(value)


def _ratio(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"
