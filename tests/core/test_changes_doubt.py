"""Doubt is said: where neither frames nor order tell shots apart, the change list names both."""

from dataclasses import replace
from fractions import Fraction

from microfinish.core.change_words import sentences
from microfinish.core.changes import changes
from microfinish.core.shots import with_shot_ids
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline


def cut(*spans: tuple[str, int, int], sound: tuple[tuple[str, int, int], ...] = ()) -> Timeline:
    """`sound` events are (media, source in, record in), 40 frames long."""
    events, at = [], 0
    for media, start, end in spans:
        events.append(Event("", "V", media, Span(start, end), Span(at, at + end - start)))
        at += end - start
    events += [Event("", "A1", media, Span(start, start + 40), Span(at, at + 40))
               for media, start, at in sound]
    return Timeline(Fraction(25), tuple(events))


def doubts(before: Timeline, after: Timeline) -> dict[str, tuple[str, ...]]:
    return {change.shot: change.could_be
            for change in changes(with_shot_ids(before), after) if change.could_be}


def kinds(before: Timeline, after: Timeline, sound: bool = False) -> list[tuple[str, ...]]:
    return [change.kinds for change in changes(before, after) if change.sound == sound]


def test_one_of_two_twins_is_gone_and_nobody_can_say_which() -> None:
    before = cut(("a", 0, 50), ("b", 0, 40), ("a", 0, 50), ("c", 0, 30))
    after = cut(("a", 0, 50), ("c", 0, 30))
    assert doubts(before, after) == {"sh010": ("sh030",)}


def test_order_tells_twins_apart_where_a_neighbor_stayed() -> None:
    before = cut(("a", 0, 50), ("b", 0, 40), ("a", 0, 50), ("c", 0, 30))
    after = cut(("b", 0, 40), ("a", 0, 50), ("c", 0, 30))
    assert doubts(before, after) == {}
    assert [event.shot for event in with_shot_ids(after, with_shot_ids(before)).picture()] == [
        "sh020", "sh030", "sh040"]


def test_one_new_take_for_two_slots_alike_is_said() -> None:
    before = cut(("a", 0, 50), ("x1", 0, 40), ("y1", 0, 40), ("c", 0, 30))
    after = cut(("a", 0, 50), ("z1", 0, 40), ("c", 0, 30))
    assert doubts(before, after) == {"sh020": ("sh030",)}


def test_two_new_takes_for_one_slot_alike_are_said() -> None:
    before = cut(("a", 0, 50), ("x1", 0, 40), ("c", 0, 30))
    after = cut(("a", 0, 50), ("y1", 0, 40), ("z1", 0, 40), ("c", 0, 30))
    assert doubts(before, after) == {"sh040": ("sh020",)}


def test_equal_halves_are_said() -> None:
    before = cut(("a", 0, 80), ("b", 0, 40))
    after = cut(("a", 0, 40), ("b", 0, 40), ("a", 40, 80))
    assert doubts(before, after) == {"sh030": ("sh010",)}
    said = sentences(with_shot_ids(before), with_shot_ids(after, with_shot_ids(before)))
    assert any("it could be sh010 as well" in line for line in said)


def test_a_slip_beyond_its_own_length_stays_the_same_shot_in_its_slot() -> None:
    before = cut(("a", 0, 50), ("b", 100, 140), ("c", 0, 30))
    assert kinds(before, cut(("a", 0, 50), ("b", 300, 340), ("c", 0, 30)))[1] == ("slipped",)
    assert kinds(before, cut(("a", 0, 50), ("b", 300, 330), ("c", 0, 30)))[1] == ("replaced",)


def test_a_third_of_the_speed_is_the_same_in_a_sheet_and_in_an_edl() -> None:
    event = Event("", "V", "a", Span(0, 10), Span(0, 30), Fraction(1, 3))
    sheet = Timeline(Fraction(25), (event,))
    edl = Timeline(Fraction(25), (replace(event, speed=Fraction("8.3") / 25),))
    assert kinds(sheet, edl) == [("unchanged",)]


def test_sound_that_is_pushed_along_with_its_picture_is_unchanged() -> None:
    before = cut(("a", 0, 50), ("b", 0, 40), sound=(("ra", 0, 0), ("rb", 0, 50)))
    after = cut(("a", 0, 45), ("b", 0, 40), sound=(("ra", 0, 0), ("rb", 0, 45)))
    assert kinds(before, after, sound=True) == [("unchanged",), ("unchanged",)]


def test_sound_that_leaves_its_picture_has_moved() -> None:
    before = cut(("a", 0, 50), ("b", 0, 40), sound=(("ra", 0, 0), ("rb", 0, 50)))
    after = cut(("a", 0, 50), ("b", 0, 40), sound=(("ra", 0, 0), ("rb", 0, 47)))
    assert kinds(before, after, sound=True) == [("unchanged",), ("moved",)]
    assert sentences(before, after)[0].startswith("only the sound")
