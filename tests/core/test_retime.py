"""Variable speed: one convention for both ways, exact between frames, checked over the curve."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microfinish.core.conform import conform
from microfinish.core.edit import EditLine, EditList
from microfinish.core.errors import ProblemsError
from microfinish.core.media import Media, Picture
from microfinish.core.sampling import curve_frame, moved_keys, sampled, source_needed
from microfinish.core.time import Span
from microfinish.core.timeline import Event, RetimeKey, Timeline

F = Fraction
RATE = F(25)


def keys(*points: tuple[object, object]) -> tuple[RetimeKey, ...]:
    return tuple(RetimeKey(F(record), F(source)) for record, source in points)  # type: ignore[arg-type]


def media(frames: int = 100, rate: Fraction = RATE) -> Media:
    picture = Picture("h264", 1920, 1080, rate, frames)
    return Media("media/a.mov", "d", 1, picture=picture, start_frame=0)


def timeline_of(*points: tuple[object, object], source_in: int = 0, frames: int = 100,
                **more: object) -> Timeline:
    line = EditLine("1", ("V",), "a", source_in=source_in, retime=keys(*points),
                    **more)  # type: ignore[arg-type]
    return conform(EditList("edit.yaml", RATE, (line,)), [media(frames)])


SPEEDS = st.fractions(min_value=-4, max_value=4, max_denominator=12)


@given(SPEEDS, st.integers(1, 60))
def test_a_straight_curve_shows_what_the_constant_speed_shows(speed: Fraction, length: int) -> None:
    source = Span(1000, 1500)
    start = F(source.end if speed < 0 else source.start)
    curve = keys((0, start), (length, start + speed * length))
    for index in range(-3, length + 10):
        assert curve_frame(curve, index) == sampled(source, speed, index)


def test_a_ramp_into_reverse_turns_on_the_frame_it_reached() -> None:
    curve = keys((0, 0), (3, 3), (6, 0))
    assert [curve_frame(curve, i) for i in range(6)] == [0, 1, 2, 2, 1, 0]


def test_a_ramp_into_a_freeze_holds_the_frame_it_reached() -> None:
    curve = keys((0, 0), (2, F(9, 2)), (5, F(9, 2)))
    assert [curve_frame(curve, i) for i in range(6)] == [0, 2, 4, 4, 4, 4]


def test_a_jump_shows_the_later_position_from_its_own_frame_on() -> None:
    curve = keys((0, 0), (2, 2), (2, 50), (4, 52))
    assert [curve_frame(curve, i) for i in range(4)] == [0, 1, 50, 51]


@given(st.integers(0, 20), st.integers(0, 30))
def test_a_curve_entered_later_shows_the_same_frames(head: int, index: int) -> None:
    curve = keys((0, 0), (F(7, 2), 12), (9, F(9, 4)), (20, 30))
    assert curve_frame(moved_keys(curve, head), index) == curve_frame(curve, index + head)


def test_conform_keeps_the_curve_in_the_medias_own_frames() -> None:
    event, = timeline_of((0, 0), (10, 20), (20, 10), source_in=30).events
    assert event.retime == keys((0, 30), (10, 50), (20, 40))
    assert (event.record, event.source, event.speed) == (Span(0, 20), Span(30, 50), F(1))


def test_source_positions_in_another_rate_are_the_same_times() -> None:
    line = EditLine("1", ("V",), "a", source_in=0, retime=keys((0, 0), (50, 60)),
                    source_rate=F(30))
    event, = conform(EditList("edit.fcpxml", RATE, (line,)), [media(200, F(24))]).events
    assert event.retime[-1].source == 48


def test_handles_are_needed_along_the_curve() -> None:
    event = Event("", "V", "media/a.mov", Span(0, 20), Span(0, 20),
                  retime=keys((0, 0), (10, 20), (20, 0)))
    assert source_needed(event, RATE, RATE, 20) == Span(0, 20)
    # backward beyond its out: frames before the file's first
    assert source_needed(event, RATE, RATE, 22) == Span(-3, 20)


def test_media_shorter_than_a_curve_reaches_are_said() -> None:
    with pytest.raises(ProblemsError) as error:
        timeline_of((0, 0), (10, 120), (20, 10))
    # record frame 10 falls from position 120 and shows 119; the file ends with 99
    assert "is 20 frames short" in error.value.problems[0].message


@pytest.mark.parametrize("points", [((0, 0),), ((5, 0), (0, 5)), ((3, 0), (3, 5))])
def test_points_that_are_no_curve_are_refused(points: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ProblemsError):
        timeline_of(*points, record=Span(0, 5))
