"""FCPXML time: rational seconds such as `1001/30000s`, exact in and exact out."""

from __future__ import annotations

import re
from fractions import Fraction

from microfinish.core.errors import InputError, Where
from microfinish.core.time import snap_rate
from microfinish.interchange.xmltext import Element

_TIME = re.compile(r"\s*([-+]?\d{1,24})(?:\.(\d{1,12}))?(?:\s*/\s*(\d{1,12}))?\s*s?\s*\Z")
_LONGEST = 10**7
"""Seconds. No edit is four months long; beyond that a number is damaged."""

NEARLY = Fraction(1, 50)
"""Frames. Final Cut Pro rounds source times to the sequence's timescale, so that a source in may
lie a few thousandths of a frame before the frame that it means."""


def seconds(text: str) -> Fraction:
    """The exact value of a time. Raises ValueError for what is none."""
    match = _TIME.match(text)
    if not match or (match[2] and match[3]):
        raise ValueError(text)
    value = Fraction(f"{match[1]}.{match[2]}") if match[2] else Fraction(int(match[1]))
    if match[3]:
        if int(match[3]) == 0:
            raise ValueError(text)
        value /= int(match[3])
    if abs(value) > _LONGEST:
        raise ValueError(text)
    return value


def time_of(element: Element, name: str, file: str) -> Fraction | None:
    """An element's time attribute, or None where it has none. Raises InputError."""
    text = element.get(name)
    if not text:
        return None
    try:
        return seconds(text)
    except ValueError:
        raise InputError(f"{name}={text!r} of <{element.tag}> is not a time",
                         where=Where(file, element.line, element.column),
                         hint='FCPXML writes times as "1001/30000s" or "5s"') from None


def rate_of(frame_duration: str) -> Fraction | None:
    """The frame rate of a format's frameDuration: 25 of `100/2500s`; None where it has none."""
    try:
        duration = seconds(frame_duration)
    except ValueError:
        return None
    if duration <= 0 or not Fraction(1, 1000) <= duration <= 10:
        return None
    return snap_rate(1 / duration)


def written(time: Fraction) -> str:
    """A time as FCPXML writes it."""
    if time.denominator == 1:
        return f"{time.numerator}s"
    return f"{time.numerator}/{time.denominator}s"


def frame_shown(time: Fraction, rate: Fraction) -> int:
    """The frame on screen at `time`; a time a hair before a frame means that frame."""
    return (time * rate + NEARLY).__floor__()


def frame_before(time: Fraction, rate: Fraction) -> int:
    """The frame that ends at `time`: the first one shown by what plays backward from there."""
    return (time * rate - NEARLY).__ceil__() - 1


def nearest_frame(time: Fraction, rate: Fraction) -> int:
    """The frame border nearest to `time`; half a frame goes up, so that spans keep touching."""
    return (time * rate + Fraction(1, 2)).__floor__()
