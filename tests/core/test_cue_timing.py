"""Cue times become the nearest frames, inside the picture, one set of texts at a time."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from microfinish.core.cue_timing import time_cues
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline
from microfinish.core.title import TimedText

NTSC = Fraction(24000, 1001)


def timeline(frames: int = 250, rate: Fraction = Fraction(25), start: int = 0) -> Timeline:
    return Timeline(rate, (Event("s", "V1", "", Span(0, frames), Span(0, frames)),),
                    start_frame=start)


def cue(start: str, end: str, text: str = "x", line: int = 1) -> TimedText:
    return TimedText(Fraction(start), Fraction(end), text, line)


def spans(*cues: TimedText, **edit) -> list[tuple[int, int]]:
    return [(c.span.start, c.span.end) for c in time_cues(cues, timeline(**edit)).cues]


def test_times_become_the_nearest_frames():
    assert spans(cue("1.019", "2.5")) == [(25, 63)]
    assert spans(cue("1.001", "2.002"), rate=NTSC) == [(24, 48)]


def test_a_file_that_counts_from_the_start_timecode_is_moved_back():
    assert spans(cue("3601", "3602"), start=3600 * 25) == [(25, 50)]
    assert spans(cue("3601", "3602"), start=3600 * 24, rate=NTSC) == [(24, 48)]


def test_a_file_that_counts_from_zero_stays_where_it_is():
    assert spans(cue("1", "2"), start=3600 * 25) == [(25, 50)]


def test_cues_outside_the_picture_are_left_out_and_named():
    timing = time_cues((cue("1", "2", line=2), cue("60", "61", line=6)), timeline())
    assert len(timing.cues) == 1
    assert [(n.kind, n.line) for n in timing.notes] == [("outside", 6)]


def test_the_last_cue_is_cut_at_the_end_of_the_picture():
    timing = time_cues((cue("9", "11", line=4),), timeline())
    assert timing.cues[0].span == Span(225, 250)
    assert "25 frames past the picture" in timing.notes[0].message


def test_a_few_frames_of_overlap_are_trimmed():
    timing = time_cues((cue("1", "2.08", "a", 2), cue("2", "3", "b", 6)), timeline())
    assert [(c.span, c.texts) for c in timing.cues] == [
        (Span(25, 50), ("a",)), (Span(50, 75), ("b",))]
    assert [(n.kind, n.line) for n in timing.notes] == [("trimmed", 2)]


def test_cues_meant_together_show_together():
    timing = time_cues((cue("1", "3", "a", 2), cue("2", "4", "b", 6)), timeline())
    assert [(c.span, c.texts) for c in timing.cues] == [
        (Span(25, 50), ("a",)), (Span(50, 75), ("a", "b")), (Span(75, 100), ("b",))]
    assert [(n.kind, n.line) for n in timing.notes] == [("stacked", 6)]


written = st.builds(lambda start, length, line: TimedText(
    Fraction(start, 1000), Fraction(start + length, 1000), f"t{line}", line),
    st.integers(0, 14000), st.integers(1, 4000), st.integers(1, 999))


@given(st.lists(written, max_size=12), st.sampled_from([Fraction(25), NTSC, Fraction(60)]))
def test_shown_spans_never_overlap_and_stay_inside_the_picture(cues, rate):
    shown = time_cues(cues, timeline(250, rate)).cues
    assert all(c.span.length > 0 and c.span.start >= 0 and c.span.end <= 250 for c in shown)
    assert all(a.span.end <= b.span.start for a, b in pairwise(shown))
