"""Segments tile the episode exactly, and know nothing of where they stand in it."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microfinish.core.frame import Framing, PathKey, Raster
from microfinish.core.media import Media, Picture
from microfinish.core.sampling import source_frame
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline, Transition
from microfinish.render.cutting import LONGEST_REVERSE_FRAMES, Decisions, Look, cut

RATE = Fraction(25)
MEDIA_RATE = Fraction(24000, 1001)
SPEEDS = [Fraction(1), Fraction(1, 2), Fraction(-1), Fraction(3, 2), Fraction(0), Fraction(-2, 3)]


def _timeline(shots: list[tuple[int, Fraction, int]]) -> Timeline:
    """Events of (length, speed, dissolve) one after the other."""
    events, now = [], 0
    for number, (length, speed, dissolve) in enumerate(shots):
        source = Span(500, 500 + max(1, math.ceil(length * abs(speed))))
        transition = Transition("dissolve", min(dissolve, length)) if dissolve and number else None
        events.append(Event(f"sh{number}", "V", "media/a.mov", source, Span(now, now + length),
                            speed, transition))
        now += length
    return Timeline(RATE, tuple(events))


def _decisions(timeline: Timeline, path: tuple[PathKey, ...] = (PathKey(0, 8, 0),)) -> Decisions:
    media = Media("media/a.mov", "d1", 1, picture=Picture("h264", 1920, 1080, MEDIA_RATE, 5000))
    shots = [event.shot for event in timeline.events]
    return Decisions({"media/a.mov": media},
                     {shot: Framing(shot, "crop", 608, 1080, path) for shot in shots},
                     {shot: Look("lut", "limited", "bt709") for shot in shots}, Raster(1080, 1920))


SHOTS = st.lists(st.tuples(st.integers(1, 900), st.sampled_from(SPEEDS), st.integers(0, 30)),
                 min_size=1, max_size=12)


@given(SHOTS)
@settings(max_examples=80, deadline=None)
def test_segments_tile_the_episode_without_gap_or_overlap(
        shots: list[tuple[int, Fraction, int]]) -> None:
    timeline = _timeline(shots)
    placed = cut(timeline, _decisions(timeline))
    borders = [piece.span.start for piece in placed] + [timeline.frames]
    assert borders[0] == 0
    assert [piece.span.end for piece in placed] == borders[1:]
    assert all(piece.segment.frames == piece.span.length > 0 for piece in placed)


@given(SHOTS)
@settings(max_examples=80, deadline=None)
def test_every_pick_shows_the_frames_that_sampling_defines(
        shots: list[tuple[int, Fraction, int]]) -> None:
    timeline = _timeline(shots)
    events = {event.shot: event for event in timeline.events}
    for piece in cut(timeline, _decisions(timeline)):
        pick, event = piece.segment.layers[-1].pick, events[piece.shot]
        for i in (0, pick.count // 2, pick.count - 1):
            walked = math.floor(pick.phase + i * abs(pick.step))
            shown = pick.last - walked if pick.step < 0 else pick.first + walked
            assert shown == source_frame(event, MEDIA_RATE, RATE, piece.span.start + i)
            assert pick.first <= shown <= pick.last


def test_a_shot_that_moves_keeps_its_segment() -> None:
    before = _timeline([(40, Fraction(1), 0), (30, Fraction(1), 0)])
    after = _timeline([(40, Fraction(1), 0), (17, Fraction(1, 2), 0), (30, Fraction(1), 0)])
    old = [piece.segment for piece in cut(before, _decisions(before))]
    new = [piece.segment for piece in cut(after, _decisions(after))]
    assert old[1] in new


def test_reverse_never_holds_more_than_its_limit_in_memory() -> None:
    timeline = _timeline([(500, Fraction(-1), 0)])
    pieces = cut(timeline, _decisions(timeline))
    assert max(piece.segment.frames for piece in pieces) <= LONGEST_REVERSE_FRAMES


def test_a_dissolve_is_one_segment_of_two_layers_symmetric_in_time() -> None:
    timeline = _timeline([(40, Fraction(1), 0), (40, Fraction(1), 12)])
    dissolve = cut(timeline, _decisions(timeline))[1].segment
    assert (dissolve.frames, dissolve.mix_start, dissolve.mix_frames) == (12, 0, 12)
    assert [layer.pick.first for layer in dissolve.layers] == [
        source_frame(timeline.events[0], MEDIA_RATE, RATE, 40), 500]


def test_a_pan_is_continuous_across_the_pieces_of_a_long_shot() -> None:
    timeline = _timeline([(700, Fraction(1), 0)])
    path = (PathKey(0, 0, 0), PathKey(699, 699, 0))
    pieces = cut(timeline, _decisions(timeline, path))
    assert len(pieces) > 1
    ends = [(piece.segment.layers[0].path[0].x, piece.segment.layers[0].path[-1].x)
            for piece in pieces]
    for (first, last), piece in zip(ends, pieces, strict=True):
        assert (first, last) == pytest.approx((piece.span.start, piece.span.end - 1))
