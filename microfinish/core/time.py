"""Exact time: rates are fractions, frames are integers, ends are exclusive.

Drop-frame is a way to print a frame number, never a way to count (SMPTE ST 12-1): two labels
per minute are skipped at 29.97, four at 59.94, except in every tenth minute.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from microfinish.core.errors import InputError

_NTSC = {f"{nominal * 1000 / 1001:.{digits}f}": Fraction(nominal * 1000, 1001)
         for nominal in (24, 30, 48, 60, 120) for digits in (2, 3, 4, 5, 6)}
STANDARD_RATES: tuple[Fraction, ...] = tuple(sorted(
    {Fraction(n) for n in (8, 10, 12, 15, 16, 18, 20, 24, 25, 30, 48, 50, 60, 100, 120, 240)}
    | {Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120)}
))
SNAP_TOLERANCE = Fraction(200, 1_000_000)
"""Farther than 200 ppm from a standard rate, a measured rate is itself (NTSC is 1000 ppm off)."""

_TIMECODE = re.compile(r"^(\d{1,2}):(\d{2}):(\d{2})([:;.,])(\d{2,3})$")
SECONDS_PER_DAY = 86_400


def parse_rate(text: str | int | float | Fraction) -> Fraction:
    """A frame rate from `25`, `23.976`, `29.97`, `24000/1001`; NTSC decimals mean n/1001 exactly.

    Raises InputError for anything that is not a positive number up to 1000.
    """
    try:
        if isinstance(text, float):
            text = repr(text)
        exact = _NTSC.get(text.strip()) if isinstance(text, str) else None
        rate = exact if exact is not None else Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise InputError(f"{text!r} is not a frame rate",
                         hint='write a number or a fraction: "25", "29.97", "24000/1001"') from None
    if not 0 < rate <= 1000:
        raise InputError(f"{text!r} is not a frame rate", hint="rates lie between 0 and 1000")
    return snap_rate(rate)


def snap_rate(measured: Fraction) -> Fraction:
    """The standard rate within 200 ppm of `measured`, or `measured` itself."""
    nearest = min(STANDARD_RATES, key=lambda standard: abs(standard - measured))
    return nearest if abs(nearest / measured - 1) <= SNAP_TOLERANCE else measured


def nominal_fps(rate: Fraction) -> int:
    """The integer count that timecode labels use: 24 for 24000/1001, 30 for 29.97."""
    return max(1, round(rate))


def allows_drop_frame(rate: Fraction) -> bool:
    """Drop-frame labels exist only at 30000/1001 and its double and quadruple."""
    return rate in (Fraction(30000, 1001), Fraction(60000, 1001), Fraction(120000, 1001))


def parse_timecode(text: str, rate: Fraction, drop: bool | None = None) -> int:
    """The frame number of an `HH:MM:SS:FF` label, counted from 00:00:00:00.

    `;` or `,` before the frames means drop-frame, `:` non-drop; `drop` overrides the separator,
    as an EDL's FCM line does. Raises InputError for a label that does not exist at this rate.
    """
    match = _TIMECODE.match(text.strip())
    if not match:
        raise InputError(f"{text!r} is not a timecode", hint="write HH:MM:SS:FF")
    hours, minutes, seconds, frames = (int(match[i]) for i in (1, 2, 3, 5))
    dropping = match[4] in ";," if drop is None else drop
    fps = nominal_fps(rate)
    if minutes > 59 or seconds > 59 or frames >= fps or hours > 23:
        raise InputError(f"timecode {text} does not exist at {format_rate(rate)} fps",
                         hint=f"hours 0-23, minutes and seconds 0-59, frames 0-{fps - 1}")
    number = ((hours * 60 + minutes) * 60 + seconds) * fps + frames
    if not dropping:
        return number
    if not allows_drop_frame(rate):
        raise InputError(f"drop-frame timecode {text} at {format_rate(rate)} fps",
                         hint="drop-frame exists only at 29.97, 59.94 and 119.88")
    per_minute = fps // 15
    if seconds == 0 and frames < per_minute and minutes % 10:
        raise InputError(f"timecode {text} does not exist: drop-frame skips this label",
                         hint=f"the first label of that minute is "
                              f"{hours:02}:{minutes:02}:00;{per_minute:02}")
    whole_minutes = hours * 60 + minutes
    return number - per_minute * (whole_minutes - whole_minutes // 10)


def format_timecode(frame: int, rate: Fraction, drop: bool = False) -> str:
    """The label of a frame number; wraps at 24 hours. Drop-frame prints `;` before the frames.

    `drop` counts only at rates that have drop-frame labels; others print as non-drop.
    """
    fps = nominal_fps(rate)
    drop = drop and allows_drop_frame(rate)
    if drop:
        per_minute = fps // 15
        per_ten = fps * 600 - per_minute * 9
        frame %= per_ten * 144
        tens, rest = divmod(frame, per_ten)
        first_minute = fps * 60
        skipped = 0 if rest < first_minute else (
            1 + (rest - first_minute) // (first_minute - per_minute))
        frame += per_minute * (tens * 9 + skipped)
    frame %= fps * SECONDS_PER_DAY
    seconds, frames = divmod(frame, fps)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    width = 3 if fps > 100 else 2
    return f"{hour:02}:{minute:02}:{second:02}{';' if drop else ':'}{frames:0{width}}"


def format_rate(rate: Fraction) -> str:
    """`25`, `23.976`, `29.97`: for people. Documents carry the fraction."""
    return str(rate.numerator) if rate.denominator == 1 else f"{float(rate):.3f}".rstrip("0")


def sample_position(frame: int, rate: Fraction, sample_rate: int) -> int:
    """The sample at which a frame starts, rounded once from the absolute position."""
    return round(Fraction(frame) * sample_rate / rate)


def frame_time(frame: int, rate: Fraction) -> Fraction:
    """Seconds from frame 0 to the start of `frame`."""
    return Fraction(frame) / rate


def frame_at(seconds: Fraction, rate: Fraction) -> int:
    """The frame on screen at `seconds`."""
    return (seconds * rate).__floor__()


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Frames from `start` up to, not including, `end`."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"span ends at {self.end} before it starts at {self.start}")

    @property
    def length(self) -> int:
        return self.end - self.start

    def __contains__(self, frame: int) -> bool:
        return self.start <= frame < self.end

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.start, self.end))

    def shifted(self, frames: int) -> Span:
        return Span(self.start + frames, self.end + frames)

    def overlap(self, other: Span) -> Span | None:
        """The frames both spans hold, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Span(start, end) if start < end else None
