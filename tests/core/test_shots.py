"""Shot ids and changes: a shot keeps its name through re-cuts, and every change is said."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from microfinish.core.change_words import sentences
from microfinish.core.changes import bare_cut, changes
from microfinish.core.errors import Where
from microfinish.core.shots import with_shot_ids
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline, Transition

R25 = Fraction(25)


def cut(*spans: tuple[str, int, int], sound: tuple[tuple[str, int, int], ...] = ()) -> Timeline:
    events, at = [], 0
    for media, start, end in spans:
        events.append(Event("", "V", media, Span(start, end), Span(at, at + end - start)))
        at += end - start
    for media, start, end in sound:
        events.append(Event("", "A1", media, Span(start, end), Span(0, end - start)))
    return Timeline(R25, tuple(events), start_frame=90_000)


def ids(timeline: Timeline) -> list[str]:
    return [event.shot for event in timeline.picture()]


FIRST = with_shot_ids(cut(("a", 0, 100), ("b", 0, 100), ("c", 50, 150)))


def test_first_ids_leave_room_between_them() -> None:
    assert ids(FIRST) == ["sh010", "sh020", "sh030"]


def test_black_and_sound_have_no_id() -> None:
    timeline = with_shot_ids(cut(("a", 0, 10), ("", 0, 5), ("b", 0, 10), sound=(("r", 0, 25),)))
    assert [event.shot for event in timeline.events] == ["sh010", "", "sh020", ""]


def test_an_unchanged_edit_keeps_every_id() -> None:
    assert with_shot_ids(cut(("a", 0, 100), ("b", 0, 100), ("c", 50, 150)), FIRST) == FIRST


def test_trimming_and_moving_keep_the_id() -> None:
    again = with_shot_ids(cut(("c", 50, 140), ("a", 10, 100), ("b", 0, 100)), FIRST)
    assert ids(again) == ["sh030", "sh010", "sh020"]


def test_a_new_shot_gets_the_next_free_number() -> None:
    again = with_shot_ids(cut(("a", 0, 100), ("x", 0, 50), ("b", 0, 100), ("c", 50, 150)), FIRST)
    assert ids(again) == ["sh010", "sh040", "sh020", "sh030"]


def test_the_longer_part_of_a_split_shot_keeps_the_id() -> None:
    again = with_shot_ids(cut(("a", 0, 30), ("b", 0, 100), ("a", 40, 100)), FIRST)
    assert ids(again) == ["sh040", "sh020", "sh010"]


def test_the_first_of_equal_halves_keeps_the_id_and_the_other_names_its_parent() -> None:
    again = with_shot_ids(cut(("a", 0, 40), ("b", 0, 100), ("a", 60, 100)), FIRST)
    assert ids(again) == ["sh010", "sh020", "sh040"]
    assert [event.parent for event in again.picture()] == ["", "", "sh010"]


def test_a_new_take_in_the_same_slot_keeps_the_id() -> None:
    again = with_shot_ids(cut(("a", 0, 100), ("b_take2", 30, 130), ("c", 50, 150)), FIRST)
    assert ids(again) == ["sh010", "sh020", "sh030"]


def test_a_shot_that_comes_back_after_two_revisions_is_itself_again() -> None:
    without = with_shot_ids(cut(("a", 0, 100), ("c", 50, 150)), FIRST)
    back = with_shot_ids(cut(("c", 50, 150), ("x", 0, 9), ("a", 0, 100), ("b", 5, 100)), without,
                         retired=(FIRST,))
    assert ids(back) == ["sh030", "sh040", "sh010", "sh020"]


def test_a_shot_used_twice_keeps_both_ids_in_order() -> None:
    twice = with_shot_ids(cut(("a", 0, 50), ("b", 0, 50), ("a", 0, 50)))
    again = with_shot_ids(cut(("x", 0, 9), ("a", 0, 50), ("b", 0, 50), ("a", 0, 50)), twice)
    assert ids(again) == ["sh040", "sh010", "sh020", "sh030"]


def test_numbers_of_deleted_shots_are_never_given_again() -> None:
    shorter = with_shot_ids(cut(("a", 0, 100)), FIRST)
    again = with_shot_ids(cut(("a", 0, 100), ("x", 0, 9)), shorter, taken=ids(FIRST))
    assert ids(again) == ["sh010", "sh040"]


SPANS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50), st.integers(51, 99)),
                 min_size=1, max_size=8)


@given(SPANS, SPANS)
def test_ids_are_unique_whatever_the_re_cut(
    old: list[tuple[str, int, int]], new: list[tuple[str, int, int]]
) -> None:
    before = with_shot_ids(cut(*old))
    after = with_shot_ids(cut(*new), before)
    assert len(set(ids(after))) == len(new)


def kinds(before: Timeline, after: Timeline) -> dict[str, tuple[str, ...]]:
    return {change.shot: change.kinds for change in changes(before, with_shot_ids(after, before))}


def test_each_kind_of_change_is_named() -> None:
    assert kinds(FIRST, cut(("a", 0, 90), ("b", 0, 100), ("c", 60, 160))) == {
        "sh010": ("trimmed",), "sh020": ("unchanged",), "sh030": ("slipped",)}
    assert kinds(FIRST, cut(("a", 0, 100), ("b", 0, 100))) == {
        "sh010": ("unchanged",), "sh020": ("unchanged",), "sh030": ("deleted",)}
    assert kinds(FIRST, cut(("a", 0, 100), ("x", 0, 100), ("c", 50, 150))) == {
        "sh010": ("unchanged",), "sh020": ("replaced",), "sh030": ("unchanged",)}


def test_speed_and_dissolve_changes_are_named() -> None:
    events = list(cut(("a", 0, 100), ("b", 0, 100), ("c", 50, 150)).events)
    events[0] = replace(events[0], speed=Fraction(-1))
    events[1] = replace(events[1], transition=Transition("dissolve", 8))
    assert kinds(FIRST, Timeline(R25, tuple(events), start_frame=90_000)) == {
        "sh010": ("retimed",), "sh020": ("transition",), "sh030": ("unchanged",)}


def test_sentences_say_where_and_how_much() -> None:
    after = with_shot_ids(cut(("a", 0, 90), ("b", 0, 100), ("c", 50, 150), ("x", 0, 5)), FIRST)
    assert sentences(FIRST, after) == (
        "sh010 trimmed (tail -10 source frames; now 90 frames, was 100 frames)",
        "sh040 inserted at 01:00:11:15: x, 5 frames",
    )


def test_a_change_of_sound_only_is_said_as_such() -> None:
    with_sound = with_shot_ids(cut(("a", 0, 100), ("b", 0, 100), ("c", 50, 150),
                                   sound=(("r", 0, 9),)), FIRST)
    said = sentences(FIRST, with_sound)
    assert said[0] == "only the sound tracks of the edit changed; every picture is the same"
    assert "sound on A1 inserted" in said[1]


def test_places_and_names_are_no_part_of_the_cut() -> None:
    moved = replace(FIRST, events=tuple(replace(event, where=Where("edit.edl", 99), name="new")
                                        for event in FIRST.events))
    assert bare_cut(moved) == bare_cut(FIRST)
    assert sentences(FIRST, moved) == ()
