"""What the edit itself holds or dips to black is no finding."""

from __future__ import annotations

from fractions import Fraction

from microfinish.core.time import Span
from microfinish.core.timeline import Event, RetimeKey, Timeline, Transition
from microfinish.rules.black import declared_black
from microfinish.rules.freeze import _held_by_the_curve


def test_a_dip_to_black_is_declared() -> None:
    events = (Event("a", "V", "media/a.mov", Span(0, 20), Span(0, 20)),
              Event("b", "V", "media/b.mov", Span(0, 20), Span(20, 40),
                    transition=Transition("dip-black", 8)))
    assert declared_black(Timeline(Fraction(25), events)) == set(range(20, 28))


def test_a_freeze_inside_a_ramp_is_held_by_the_edit() -> None:
    keys = tuple(RetimeKey(Fraction(r), Fraction(s)) for r, s in ((0, 0), (10, 10), (40, 10),
                                                                  (50, 20)))
    event = Event("a", "V", "media/a.mov", Span(0, 20), Span(100, 150), retime=keys)
    assert set(_held_by_the_curve(event)) == set(range(111, 141))
