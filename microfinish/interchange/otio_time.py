"""OpenTimelineIO's floats as exact numbers: rates, positions in seconds, speeds."""

from __future__ import annotations

import math
from fractions import Fraction

import opentimelineio as otio

from microfinish.core.errors import InputError
from microfinish.core.time import parse_rate

_LARGEST = 1e12


def rate_of(time: otio.opentime.RationalTime) -> Fraction:
    """The exact rate behind a float. Raises InputError for what is no rate."""
    if not math.isfinite(time.rate) or time.rate <= 0:
        raise InputError(f"{time.rate!r} is not a frame rate")
    return parse_rate(float(time.rate))


def frames_of(time: otio.opentime.RationalTime) -> Fraction:
    """The position in frames of its own rate. Raises InputError for no number."""
    if not math.isfinite(time.value) or abs(time.value) > _LARGEST:
        raise InputError(f"{time.value!r} is not a frame")
    nearest = round(time.value)
    # sums of floats end a hair beside the frame that was meant
    return Fraction(nearest) if abs(time.value - nearest) < 1e-6 else Fraction(time.value)


def seconds_of(time: otio.opentime.RationalTime) -> Fraction:
    """The position in seconds, exact."""
    return frames_of(time) / rate_of(time)


def speed_of(scalar: float) -> Fraction:
    """A time warp's scalar: the small fraction that it prints as, else its decimals."""
    if not math.isfinite(scalar) or abs(scalar) > 1000:
        raise InputError(f"{scalar!r} is not a speed")
    near = Fraction(scalar).limit_denominator(1000)
    return near if abs(float(near) - scalar) < 1e-9 else Fraction(scalar).limit_denominator(10**9)


def rational(frames: Fraction | int, rate: Fraction) -> otio.opentime.RationalTime:
    """A position for OpenTimelineIO."""
    return otio.opentime.RationalTime(float(frames), float(rate))


def span(start: Fraction | int, start_rate: Fraction, length: Fraction | int,
         rate: Fraction) -> otio.opentime.TimeRange:
    """A range for OpenTimelineIO; start and duration may count at different rates."""
    return otio.opentime.TimeRange(rational(start, start_rate), rational(length, rate))
