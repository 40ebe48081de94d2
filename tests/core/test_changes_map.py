"""The time map: every frame of the new cut that the old one showed, and from where."""

from fractions import Fraction

import pytest
from bench.lock.generate import pair

from microfinish.core.change_map import time_map
from microfinish.core.changes import changes
from microfinish.core.sampling import sampled
from microfinish.core.shots import with_shot_ids
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline


def cut(*spans: tuple[str, int, int]) -> Timeline:
    events, at = [], 0
    for media, start, end in spans:
        events.append(Event("", "V", media, Span(start, end), Span(at, at + end - start)))
        at += end - start
    return with_shot_ids(Timeline(Fraction(25), tuple(events)))


def shown(timeline: Timeline, frame: int) -> tuple[str, int]:
    event = next(e for e in timeline.picture() if frame in e.record)
    return event.media, sampled(event.source, event.speed, frame - event.record.start)


def test_a_trim_cuts_one_piece_out_and_the_rest_stays_whole() -> None:
    before = cut(("a", 0, 50), ("b", 0, 40), ("c", 0, 30), ("d", 0, 20))
    after = cut(("a", 0, 50), ("b", 10, 40), ("c", 0, 30), ("d", 0, 20))
    assert [(piece.old, piece.new) for piece in time_map(changes(before, after))] == [
        (Span(0, 50), Span(0, 50)), (Span(60, 140), Span(50, 130))]


def test_frames_that_the_old_cut_never_showed_are_open() -> None:
    before = cut(("a", 10, 50), ("b", 0, 40))
    after = cut(("a", 0, 55), ("b", 0, 40))
    assert [(piece.old, piece.new) for piece in time_map(changes(before, after))] == [
        (None, Span(0, 10)), (Span(0, 40), Span(10, 50)), (None, Span(50, 55)),
        (Span(40, 80), Span(55, 95))]


@pytest.mark.parametrize("seed", range(300, 330))
def test_every_piece_shows_the_frames_of_the_old_cut(seed: int) -> None:
    sample, _ = pair(seed)
    before = with_shot_ids(sample.before)
    pieces = time_map(changes(before, sample.after))
    covered = 0
    for piece in pieces:
        covered += piece.new.length
        if piece.old is None:
            continue
        assert piece.old.length == piece.new.length
        for old, new in zip(piece.old, piece.new, strict=True):
            assert shown(before, old) == shown(sample.after, new)
    assert covered == sum(e.record.length for e in sample.after.picture() if e.media)
