"""What stands over a picture goes where that picture goes, and says so where it cannot."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from microfinish.core.cue_timing import time_cues
from microfinish.core.follow import Carrier, carrier_for, doubt_of, written_in
from microfinish.core.shots import with_shot_ids
from microfinish.core.time import Span
from microfinish.core.timeline import Event, PictureLock, Revision, Timeline
from microfinish.core.title import TimedText


def cut(*spans: tuple[str, int, int], previous: Timeline | None = None) -> Timeline:
    events, at = [], 0
    for media, start, end in spans:
        events.append(Event("", "V", media, Span(start, end), Span(at, at + end - start)))
        at += end - start
    return with_shot_ids(Timeline(Fraction(25), tuple(events)), previous)


OLD = cut(("a", 0, 50), ("b", 0, 50), ("c", 0, 50), ("", 0, 10), ("d", 0, 50))


def revision(number: int, timeline: Timeline, human: dict[str, str] | None = None,
             used_before: dict[str, str] | None = None) -> Revision:
    return Revision(number, "", "", "", "", timeline, human=human or {},
                    used_before=used_before or {})


def carrier(*spans: tuple[str, int, int], old: Timeline = OLD) -> Carrier:
    return Carrier(revision(1, old), revision(2, cut(*spans, previous=old)))


SWAPPED = (("b", 0, 50), ("a", 0, 50), ("c", 0, 50), ("", 0, 10), ("d", 0, 50))
TRIMMED = (("a", 0, 50), ("b", 20, 50), ("c", 0, 50), ("", 0, 10), ("d", 0, 50))
INSERTED = (("a", 0, 50), ("x", 0, 30), ("b", 0, 50), ("c", 0, 50), ("", 0, 10), ("d", 0, 50))
DELETED = (("a", 0, 50), ("c", 0, 50), ("", 0, 10), ("d", 0, 50))


@pytest.mark.parametrize(("new", "old_span", "new_span"), [
    (SWAPPED, Span(10, 40), Span(60, 90)),
    (SWAPPED, Span(60, 90), Span(10, 40)),
    (SWAPPED, Span(100, 150), Span(100, 150)),
    (TRIMMED, Span(80, 130), Span(60, 110)),
    (TRIMMED, Span(152, 158), Span(132, 138)),  # black after c follows c
    (INSERTED, Span(50, 150), Span(80, 180)),
])
def test_a_stretch_of_kept_picture_moves_with_it(
    new: tuple[tuple[str, int, int], ...], old_span: Span, new_span: Span
) -> None:
    found = carrier(*new).carry(old_span)
    assert found.whole
    assert found.longest == new_span
    assert found.start == new_span.start


def test_what_stood_over_a_shot_that_is_gone_is_parked() -> None:
    found = carrier(*DELETED).carry(Span(50, 100))
    assert found.parked and found.longest is None and found.start is None


def test_a_stretch_that_a_trim_shortened_closes_up() -> None:
    found = carrier(*TRIMMED).carry(Span(40, 90))
    assert not found.whole
    assert (found.longest, found.start) == (Span(40, 70), 40)


def test_a_stretch_that_an_insert_parted_goes_with_its_longer_part() -> None:
    found = carrier(*INSERTED).carry(Span(40, 90))
    assert found.longest == Span(80, 120)
    assert found.start == 40


def test_a_start_that_fell_out_is_none_and_the_first_frame_left_is_told() -> None:
    found = carrier(*TRIMMED).carry(Span(60, 90))
    assert (found.start, found.first_left) == (None, 50)


def test_a_file_is_written_in_the_time_of_the_first_revision_it_was_in_force_under() -> None:
    name = "subtitles/en.srt"
    second = cut(*TRIMMED, previous=OLD)
    kept = PictureLock((revision(1, OLD, {name: "x"}), revision(2, second, {name: "x"})))
    assert written_in(kept, name, "x").revision == 1
    assert written_in(kept, name, "written since").revision == 2
    assert carrier_for(kept, name, "written since") is None
    after_the_first_lock = PictureLock((
        revision(1, OLD), revision(2, second, {name: "x"}, {name: "x"})))
    assert written_in(after_the_first_lock, name, "x").revision == 1
    with_the_new_cut = PictureLock((revision(1, OLD), revision(2, second, {name: "x"})))
    assert written_in(with_the_new_cut, name, "x").revision == 2


def test_going_back_brings_times_back() -> None:
    second = cut(*TRIMMED, previous=OLD)
    lock = PictureLock((revision(1, OLD, {"a": "x"}), revision(2, second, {"a": "y"}),
                        revision(3, OLD)))
    assert carrier_for(lock, "a", "x") is None
    back = carrier_for(lock, "a", "y")
    assert back and back.carry(Span(60, 70)).longest == Span(80, 90)


def test_a_file_that_changed_after_the_relock_is_said_to_be_in_the_new_time() -> None:
    second = cut(*TRIMMED, previous=OLD)
    lock = PictureLock((revision(1, OLD, {"a": "x"}), revision(2, second, {"a": "x"})))
    assert doubt_of(lock, "a", "x") == ""
    assert doubt_of(lock, "another file", "y") == ""
    assert doubt_of(lock, "a", "y") == (
        "a changed after revision 2 was locked: all its times count in that cut now, and no "
        "longer in revision 1's")
    settled = PictureLock((*lock.revisions, revision(3, second, {"a": "y"}, {"a": "y"})))
    assert doubt_of(settled, "a", "y") == ""


def test_times_are_kept_where_the_frame_rate_changed_and_that_is_said() -> None:
    faster = replace(OLD, rate=Fraction(30))
    lock = PictureLock((revision(1, OLD, {"a": "x"}), revision(2, faster, {"a": "x"})))
    assert carrier_for(lock, "a", "x") is None
    assert "the frame rate changed since revision 1" in doubt_of(lock, "a", "x")


def text(start: int, end: int, line: int) -> TimedText:
    return TimedText(Fraction(start, 25), Fraction(end, 25), f"cue {line}", line)


def test_cues_are_timed_in_the_cut_they_were_written_for() -> None:
    cues = (text(10, 40, 2), text(55, 65, 6), text(60, 90, 10), text(165, 205, 14))
    way = carrier(*TRIMMED)
    timing = time_cues(cues, way.new.timeline, carrier=way)
    assert [(cue.span, cue.lines) for cue in timing.cues] == [
        (Span(10, 40), (2,)), (Span(50, 70), (10,)), (Span(145, 185), (14,))]
    parked, recut = timing.notes
    assert (parked.kind, parked.line, parked.at) == ("parked", 6, "00:00:02:05")
    assert (recut.kind, recut.line) == ("recut", 10)
    assert "00:00:02:10-00:00:03:15 is 00:00:02:00-00:00:02:20 now" in recut.message
    assert recut.fix
