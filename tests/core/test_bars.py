"""Music of a length: whole bars are left out or played again, and its ends stay."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest

from microfinish.core.bars import Bars, fitted, looped

BARS = Bars(Fraction(1, 2), Fraction(2))  # 120 bpm in four, the first bar half a second in


def total(pieces) -> Fraction:
    return sum((end - start for start, end in pieces), Fraction(0))


@pytest.mark.parametrize("wanted", [9, 15, 21, 40, 55, 100])
def test_music_comes_within_half_a_bar_of_its_length_on_bar_lines(wanted: int):
    begin, until = Fraction(0), Fraction(41)
    pieces = fitted(begin, until, Fraction(wanted), BARS)
    assert abs(total(pieces) - wanted) <= 1
    assert (pieces[0][0], pieces[-1][1]) == (begin, until)
    for (_, end), (start, _) in pairwise(pieces):
        assert (end - BARS.at) % 2 == 0 and (start - BARS.at) % 2 == 0


def test_music_that_fits_is_played_as_it_is():
    assert fitted(Fraction(0), Fraction(41), Fraction(41), BARS) == ((0, 41),)


@pytest.mark.parametrize("bars", [BARS, None])
@pytest.mark.parametrize("wanted", [3, 41, 42, 130])
def test_a_loop_lasts_exactly_as_long_as_asked(bars: Bars | None, wanted: int):
    pieces = looped(Fraction(0), Fraction(41), Fraction(wanted), bars)
    assert total(pieces) == wanted
    assert all(end > start for start, end in pieces)
