"""Which source frame is on screen: the claims the renderer and the relinker rely on."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microfinish.core.errors import InputError
from microfinish.core.sampling import (
    consumed,
    sampled,
    source_frame,
    source_needed,
    source_span,
    step_of,
)
from microfinish.core.time import Span
from microfinish.core.timeline import Event

RATES = st.sampled_from([Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001),
                         Fraction(30), Fraction(50), Fraction(60000, 1001), Fraction(60)])
SPEEDS = st.fractions(min_value=Fraction(1, 8), max_value=8, max_denominator=100)


def event(source: Span, length: int, speed: Fraction = Fraction(1), at: int = 0) -> Event:
    return Event("sh010", "V", "a.mov", source, Span(at, at + length), speed)


def shown(item: Event, media: Fraction, timeline: Fraction, conform: str = "time") -> list[int]:
    return [source_frame(item, media, timeline, n, conform) for n in item.record]


def test_at_equal_rates_each_record_frame_shows_the_next_source_frame() -> None:
    assert shown(event(Span(100, 105), 5, at=40), Fraction(25), Fraction(25)) == [*range(100, 105)]


def test_half_speed_shows_each_frame_twice() -> None:
    slow = event(Span(10, 13), 6, Fraction(1, 2))
    assert shown(slow, Fraction(25), Fraction(25)) == [10, 10, 11, 11, 12, 12]


def test_reverse_plays_from_the_last_frame_down_to_the_first() -> None:
    back = event(Span(10, 14), 4, Fraction(-1))
    assert shown(back, Fraction(25), Fraction(25)) == [13, 12, 11, 10]


def test_speed_zero_holds_the_first_frame() -> None:
    assert shown(event(Span(7, 8), 3, Fraction(0)), Fraction(25), Fraction(25)) == [7, 7, 7]


def test_thirty_frame_media_in_a_24_frame_timeline_keeps_its_duration() -> None:
    frames = shown(event(Span(0, 30), 24), Fraction(30), Fraction(24))
    assert frames == [0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13, 15, 16, 17, 18, 20, 21, 22, 23,
                      25, 26, 27, 28]


def test_conform_by_frame_shows_every_frame_once() -> None:
    frames = shown(event(Span(0, 24), 24), Fraction(24000, 1001), Fraction(24), "frame")
    assert frames == [*range(24)]


def test_an_outgoing_dissolve_runs_on_into_its_handle() -> None:
    assert source_frame(event(Span(10, 20), 10), Fraction(25), Fraction(25), 14) == 24


def test_an_unknown_conform_rule_is_refused() -> None:
    with pytest.raises(InputError, match="conform rule 'frames'"):
        step_of(Fraction(1), Fraction(25), Fraction(25), "frames")


@given(RATES, RATES, SPEEDS, st.integers(1, 3000), st.integers(0, 10**6))
def test_forward_frames_never_go_back_and_stay_within_one_frame_of_exact_time(
    media: Fraction, timeline: Fraction, speed: Fraction, length: int, first: int
) -> None:
    step = step_of(speed, media, timeline)
    frames = [sampled(Span(first, first + 1), step, i) for i in range(length)]
    assert frames == sorted(frames)
    exact = first + (length - 1) * step
    assert exact - 1 < frames[-1] <= exact


@given(RATES, RATES, SPEEDS, st.integers(1, 500), st.integers(5000, 10**6))
def test_a_reversed_span_shows_the_mirror_image_of_the_forward_one(
    media: Fraction, timeline: Fraction, speed: Fraction, length: int, first: int
) -> None:
    step = step_of(speed, media, timeline)
    span = source_span(first, length, step)
    forward = [sampled(span, step, i) for i in range(length)]
    backward = [sampled(span, -step, i) for i in range(length)]
    assert [f + b for f, b in zip(forward, backward, strict=True)] == (
        [span.start + span.end - 1] * length)


@given(RATES, RATES, st.one_of(SPEEDS, SPEEDS.map(lambda s: -s), st.just(Fraction(0))),
       st.integers(1, 500), st.integers(0, 100))
def test_the_needed_source_holds_exactly_the_shown_frames(
    media: Fraction, timeline: Fraction, speed: Fraction, length: int, handle: int
) -> None:
    step = step_of(speed, media, timeline)
    item = event(source_span(10_000, length, step), length, speed)
    frames = {source_frame(item, media, timeline, n) for n in range(length + handle)}
    needed = source_needed(item, media, timeline, length + handle)
    assert (min(frames), max(frames) + 1) == (needed.start, needed.end)


@given(st.integers(0, 1000), SPEEDS)
def test_consumed_frames_round_only_once(length: int, step: Fraction) -> None:
    assert consumed(length, step) <= length * step + 1
