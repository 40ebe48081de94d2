"""Several picture tracks: what is seen is the topmost clip, and what is covered is said."""

from dataclasses import replace
from fractions import Fraction

import pytest

from microfinish.core.edit import EditLine
from microfinish.core.time import Span
from microfinish.core.timeline import Transition
from microfinish.interchange.topmost import topmost, trimmed

RATE = Fraction(25)


def line(track: str, start: int, end: int, source: int | str = 0, **more: object) -> EditLine:
    return replace(EditLine(track + str(start), (track,), names=("a.mov",), source_in=source,
                            record=Span(start, end), source_rate=RATE), **more)


def seen(*lines: EditLine) -> tuple[list[tuple[str, Span | None, object]], list[str]]:
    said: list[str] = []
    found = topmost(lines, RATE, lambda item, severity, reason: said.append(
        f"{item.number} {severity} {reason}"))
    return [(item.number, item.record, item.source_in) for item in found], said


def test_one_track_is_left_as_it_is() -> None:
    lines = [line("V", 0, 10), line("V", 5, 20), line("A1", 0, 20)]
    assert topmost(lines, RATE, lambda *_: None) == lines


def test_the_upper_clip_cuts_the_lower_in_two_and_its_source_goes_on() -> None:
    found, said = seen(line("V", 0, 100, 1000), line("V2", 30, 50, 7), line("A1", 0, 100))
    assert found == [("V0", Span(0, 30), 1000), ("V230", Span(30, 50), 7),
                     ("V0", Span(50, 100), 1050), ("A10", Span(0, 100), 0)]
    assert said == ["V0 info seen for 80 of its 100 frames; a clip above covers the rest"]


def test_what_is_covered_wholly_is_gone_and_named() -> None:
    found, said = seen(line("V", 10, 20), line("V3", 0, 40))
    assert found == [("V30", Span(0, 40), 0)]
    assert said == ["V10 info a clip above covers it wholly; it is not used"]


def test_a_fade_in_of_an_upper_clip_is_a_dissolve_from_the_lower() -> None:
    fade = Transition("dissolve", 10)
    found = topmost([line("V", 0, 100), line("V2", 30, 50, transition=fade, from_black=True)],
                    RATE, lambda *_: None)
    assert [(item.transition, item.from_black) for item in found] == [
        (None, False), (fade, False), (None, False)]


def test_a_fade_out_of_an_upper_clip_reveals_the_lower() -> None:
    fade = Transition("dissolve", 10)
    end = line("V2", 50, 60, transition=fade, black=True)
    found = topmost([line("V", 0, 100, 0), line("V2", 30, 50, 7), end], RATE, lambda *_: None)
    assert [(item.black, item.record, item.transition) for item in found] == [
        (False, Span(0, 30), None), (False, Span(30, 50), None), (False, Span(50, 100), fade)]


def test_a_fade_out_over_nothing_stays_black() -> None:
    end = line("V2", 50, 60, transition=Transition("dissolve", 10), black=True)
    found = topmost([line("V", 0, 30), line("V2", 30, 50), end], RATE, lambda *_: None)
    assert (found[-1].black, found[-1].record, found[-1].tracks) == (True, Span(50, 60), ("V",))


def test_a_transition_whose_start_is_covered_becomes_a_cut_and_is_said() -> None:
    _, said = seen(line("V", 0, 50), line("V", 50, 100, transition=Transition("dissolve", 20)),
                   line("V2", 40, 60))
    assert "V50 warning its transition is partly covered; it is a cut" in said


@pytest.mark.parametrize(("speed", "out", "source", "expected"), [
    (Fraction(1), None, 100, 110), (Fraction(1, 2), None, 100, 105), (Fraction(2), None, 100, 120),
    (Fraction(0), None, 100, 100),
    # written out before in: 100 is shown first, 10 frames later 90
    (Fraction(-1), 99, 100, 90),
    # a range 100..200 played from 199: after 10 frames of head and 20 of tail 120..190 is left
    (Fraction(-1), None, 100, 120)])
def test_a_trimmed_head_moves_the_source(speed: Fraction, out: int | None, source: int,
                                         expected: int) -> None:
    whole = line("V", 0, 100, source, speed=speed, source_out=out)
    assert trimmed(whole, Span(10, 80), RATE).source_in == expected


def test_labels_move_in_their_own_counting() -> None:
    ntsc = Fraction(30000, 1001)
    whole = line("V", 0, 100, "01:00:59;28", source_drop=True, source_rate=ntsc)
    assert trimmed(whole, Span(4, 100), ntsc).source_in == "01:01:00;04"
