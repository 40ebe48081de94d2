"""A printed mix follows the picture: cut where it is quiet, and said where it is not."""

from __future__ import annotations

from fractions import Fraction

import pytest

from microfinish.core.printed import PrintedStem
from microfinish.core.printed_conform import (
    CUT_HALF,
    QUIET_HALF,
    WINDOW_SAMPLES,
    PrintedFile,
    Stretch,
    conformed,
    stretches,
)
from microfinish.core.shots import with_shot_ids
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline

FRAME = 1920
Cut = tuple[tuple[str, int, int], ...]


def cut(*spans: tuple[str, int, int], previous: Timeline | None = None,
        rate: Fraction = Fraction(25)) -> Timeline:
    events, at = [], 0
    for media, start, end in spans:
        events.append(Event("", "V", media, Span(start, end), Span(at, at + end - start)))
        at += end - start
    return with_shot_ids(Timeline(rate, tuple(events)), previous)


OLD = cut(("a", 0, 50), ("b", 0, 50), ("c", 0, 50))
TRIMMED: Cut = (("a", 0, 50), ("b", 20, 50), ("c", 0, 50))
SWAPPED: Cut = (("b", 0, 50), ("a", 0, 50), ("c", 0, 50))


def laid(*spans: tuple[str, int, int], loud: tuple[tuple[float, float], ...] = (),
         asked: dict[int, int] | None = None, old: Timeline = OLD) -> PrintedStem:
    """The print of the old cut under a new one; `loud` are its stretches in frames that sound."""
    edges = [0, *(round(edge * FRAME) for span in loud for edge in span), old.frames * FRAME]
    silent = tuple(Span(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True)
                   if end > start)
    file = PrintedFile("mix/ep001.wav", "d", 48_000, old.frames * FRAME, silent)
    return conformed(file, "mix", 1, old, cut(*spans, previous=old, rate=old.rate), asked)


def test_an_unchanged_cut_plays_the_file_whole() -> None:
    stem = laid(("a", 0, 50), ("b", 0, 50), ("c", 0, 50))
    assert [(p.source_start, p.start, p.end, p.fade_in, p.fade_out) for p in stem.pieces] == [
        (0, 0, 150 * FRAME, 0, 0)]
    assert stem.seams == () and stem.gaps == ()


def test_what_only_ripples_is_not_cut() -> None:
    stem = laid(*TRIMMED)
    assert len(stem.pieces) == 2
    assert [seam.at for seam in stem.seams] == [50 * FRAME]
    (seam,) = stem.seams
    assert (seam.kind, seam.program, seam.out, seam.in_) == ("silence", False, 50, 70)
    assert (seam.start, seam.end) == (50 * FRAME - QUIET_HALF, 50 * FRAME + QUIET_HALF)


def test_a_word_that_runs_over_the_cut_ends_whole() -> None:
    stem = laid(*TRIMMED, loud=((40, 53),))  # 3 frames into what was trimmed off
    (seam,) = stem.seams
    assert (seam.kind, seam.program) == ("moved", False)
    assert stem.pieces[0].end == 53 * FRAME + 2 * QUIET_HALF
    assert stem.pieces[1].start == 53 * FRAME
    assert stem.pieces[1].source_start == 73 * FRAME


def test_a_word_that_began_before_the_cut_begins_whole() -> None:
    stem = laid(*TRIMMED, loud=((67, 90),))
    (seam,) = stem.seams
    assert (seam.kind, seam.program) == ("moved", False)
    assert stem.pieces[0].end == 47 * FRAME
    assert stem.pieces[1].source_start == 67 * FRAME - 2 * QUIET_HALF


@pytest.mark.parametrize("loud", [
    ((40, 90),),               # sounding on both sides
    ((40, 53), (70, 90)),      # the end of a word would cover the first word of the next shot
    ((40, 50 + 11),),          # quiet too far away
])
def test_a_cut_in_program_stays_at_the_picture_cut_and_is_marked(
    loud: tuple[tuple[float, float], ...]
) -> None:
    assert 11 * FRAME > WINDOW_SAMPLES
    stem = laid(*TRIMMED, loud=loud)
    (seam,) = stem.seams
    assert (seam.kind, seam.program) == ("cut", True)
    assert (seam.start, seam.end) == (50 * FRAME - CUT_HALF, 50 * FRAME + CUT_HALF)


def test_a_person_decides_a_seam_and_it_is_no_longer_marked() -> None:
    (seam,) = laid(*TRIMMED, loud=((40, 90),), asked={50: -2}).seams
    assert (seam.kind, seam.program) == ("asked", False)
    assert seam.start == 48 * FRAME - CUT_HALF


def test_pieces_meet_and_their_fades_are_equally_long() -> None:
    stem = laid(*SWAPPED, loud=((45, 50), (98, 120)))
    for left, right in zip(stem.pieces, stem.pieces[1:], strict=False):
        assert left.fade_out == right.fade_in == left.end - right.start
    assert [seam.at // FRAME for seam in stem.seams] == [50, 100]
    assert stem.pieces[0].start == 0 and stem.pieces[-1].end == 150 * FRAME


def test_a_new_shot_is_a_gap_with_its_name() -> None:
    stem = laid(("a", 0, 50), ("x", 0, 30), ("b", 0, 50), ("c", 0, 50), loud=((10, 90),))
    ((start, end, shots),) = [(gap.start, gap.end, gap.shots) for gap in stem.gaps]
    assert (start, end) == (50 * FRAME, 80 * FRAME) and len(shots) == 1
    assert [(seam.kind, seam.program) for seam in stem.seams] == [("gap", True), ("gap", True)]


def test_a_retimed_shot_is_a_gap_since_nothing_printed_fits_it() -> None:
    slow = Timeline(OLD.rate, (
        OLD.events[0], Event("sh020", "V", "b", Span(0, 50), Span(50, 150), Fraction(1, 2))))
    assert [stretch.old for stretch in stretches(OLD, slow)] == [Span(0, 50), None]


def test_a_repeat_of_a_shot_is_a_new_shot_and_so_a_gap() -> None:
    stem = laid(("a", 0, 50), ("b", 0, 50), ("a", 0, 50), ("c", 0, 50))
    assert [(gap.start // FRAME, gap.end // FRAME) for gap in stem.gaps] == [(100, 150)]


def test_black_plays_on_as_long_as_the_old_black_lasts() -> None:
    old = cut(("a", 0, 50), ("", 0, 10), ("b", 0, 50))
    same = stretches(old, cut(("a", 10, 50), ("", 0, 10), ("b", 0, 50), previous=old))
    assert same == (Stretch(Span(0, 100), Span(10, 110)),)
    longer = stretches(old, cut(("a", 0, 50), ("", 0, 25), ("b", 0, 50), previous=old))
    assert [(s.new, s.old) for s in longer] == [
        (Span(0, 60), Span(0, 60)), (Span(60, 65), None), (Span(65, 125), Span(50, 110))]
    shorter = stretches(old, cut(("a", 0, 50), ("", 0, 4), ("b", 0, 50), previous=old))
    assert [(s.new, s.old) for s in shorter] == [
        (Span(0, 54), Span(0, 54)), (Span(54, 104), Span(60, 110))]


def test_an_episode_that_ends_earlier_says_whether_sound_is_cut_off() -> None:
    quiet = laid(("a", 0, 50), ("b", 0, 50))
    assert quiet.seams == ()
    cut_off = laid(("a", 0, 50), ("b", 0, 50), loud=((90, 120),))
    assert [(seam.kind, seam.program, seam.at) for seam in cut_off.seams] == [
        ("edge", True, 100 * FRAME)]
    assert cut_off.pieces[-1].fade_out


def test_at_29_97_pieces_stay_within_a_sample_of_their_frames() -> None:
    rate = Fraction(30_000, 1001)
    old = cut(("a", 0, 333), ("b", 0, 334), ("c", 0, 335), rate=rate)
    stem = laid(("a", 0, 333), ("b", 7, 334), ("c", 0, 335), old=old)
    second = stem.pieces[1]
    middle = second.start + second.fade_in // 2
    assert abs(middle - 333 * 48_000 / rate) <= 1
    assert abs(second.source_start + second.fade_in // 2 - 340 * 48_000 / rate) <= 1
