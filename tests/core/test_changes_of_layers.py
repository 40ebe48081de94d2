"""A re-cut of ramps and of pictures over pictures is told as what it is."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from microfinish.core.change_map import time_map
from microfinish.core.change_words import sentences
from microfinish.core.changes import bare_cut, changes
from microfinish.core.sampling import curve_span, moved_keys
from microfinish.core.shots import with_shot_ids
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Placement, RetimeKey, Timeline

F = Fraction
RATE = F(25)
CORNER = Placement(0.7, 0.3, 0.4)
RAMP = tuple(RetimeKey(F(r), F(s)) for r, s in ((0, 100), (20, 130), (40, 140), (60, 200)))


def base(start: int, length: int, source: int = 0, media: str = "media/b.mov") -> Event:
    return Event("", "V", media, Span(source, source + length), Span(start, start + length))


def ramp(start: int, head: int = 0, length: int = 60,
         keys: tuple[RetimeKey, ...] = RAMP) -> Event:
    own = moved_keys(keys, head)
    return Event("", "V", "media/a.mov", curve_span(own, length), Span(start, start + length),
                 retime=own)


def over(start: int, length: int = 20, place: Placement = CORNER,
         track: str = "V2", source: int = 50) -> Event:
    return Event("", track, "media/c.mov", Span(source, source + length),
                 Span(start, start + length), placement=place)


def cut(*events: Event, previous: Timeline | None = None) -> Timeline:
    return with_shot_ids(Timeline(RATE, events), previous)


def kinds(before: Timeline, after: Timeline) -> list[tuple[str, tuple[str, ...]]]:
    return [(change.shot, change.kinds) for change in changes(before, after)]


def test_a_new_curve_is_retimed() -> None:
    before = cut(ramp(0), base(60, 40))
    other = (*RAMP[:2], RetimeKey(F(40), F(150)), RAMP[3])
    after = cut(ramp(0, keys=other), base(60, 40), previous=before)
    assert kinds(before, after) == [("sh010", ("retimed",)), ("sh020", ("unchanged",))]
    assert "variable speed of 4 points" in sentences(before, after)[0]


def test_a_constant_speed_made_a_ramp_is_retimed() -> None:
    plain = Event("", "V", "media/a.mov", Span(100, 160), Span(0, 60))
    before = cut(plain, base(60, 40))
    after = cut(ramp(0), base(60, 40), previous=before)
    (shot, told), _ = kinds(before, after)
    assert shot == "sh010" and "retimed" in told


def test_a_trim_of_a_ramp_stays_a_trim_and_ripples() -> None:
    before = cut(ramp(0), base(60, 40))
    after = cut(ramp(0, head=12, length=41), base(41, 40), previous=before)
    assert kinds(before, after) == [("sh010", ("trimmed",)), ("sh020", ("unchanged",))]


def test_the_same_ramp_written_with_other_points_is_unchanged() -> None:
    before = cut(ramp(0), base(60, 40))
    more = (*RAMP[:1], RetimeKey(F(10), F(115)), *RAMP[1:])
    after = cut(ramp(0, keys=more), base(60, 40), previous=before)
    assert {told for _, told in kinds(before, after)} == {("unchanged",)}


def test_old_times_follow_through_a_trimmed_ramp() -> None:
    before = cut(ramp(0), base(60, 40))
    after = cut(ramp(0, head=12, length=41), base(41, 40), previous=before)
    pieces = [(piece.new, piece.old) for piece in time_map(changes(before, after))]
    assert pieces == [(Span(0, 41), Span(12, 53)), (Span(41, 81), Span(60, 100))]


def test_a_picture_over_another_is_a_shot_and_keeps_its_id() -> None:
    before = cut(base(0, 100), over(30))
    assert [event.shot for event in before.events] == ["sh010", "sh020"]
    after = cut(base(0, 100), base(100, 50, 300), over(30, length=15), previous=before)
    assert [event.shot for event in after.overlays()] == ["sh020"]
    assert ("sh020", ("trimmed",)) in kinds(before, after)


def test_another_place_size_or_opacity_is_told_as_placed() -> None:
    before = cut(base(0, 100), over(30))
    for place in (Placement(0.2, 0.3, 0.4), Placement(0.7, 0.3, 0.5),
                  Placement(0.7, 0.3, 0.4, opacity=0.5)):
        after = cut(base(0, 100), over(30, place=place), previous=before)
        assert kinds(before, after) == [("sh010", ("unchanged",)), ("sh020", ("placed",))]
        assert "placed otherwise over the picture (40% at 0.70, 0.30, now" in sentences(
            before, after)[0]


def test_a_picture_over_another_is_pushed_along_with_it() -> None:
    before = cut(base(0, 50, 500), base(50, 50), over(60))
    after = cut(base(0, 40, 500), base(40, 50), over(50), previous=before)
    assert ("sh030", ("unchanged",)) in kinds(before, after)


def test_a_picture_that_slid_over_its_base_moved() -> None:
    before = cut(base(0, 100), over(30))
    after = cut(base(0, 100), over(40), previous=before)
    assert ("sh020", ("moved",)) in kinds(before, after)


def test_a_new_role_of_a_sound_is_told_as_rerouted() -> None:
    sound = Event("", "A1", "media/s.wav", Span(0, 100), Span(0, 100), role="dialogue")
    before = cut(base(0, 100), sound)
    after = cut(base(0, 100), replace(sound, role="music"), previous=before)
    assert [change.kinds for change in changes(before, after)] == [("unchanged",), ("rerouted",)]


def test_cuts_without_layers_and_ramps_have_the_form_they_had() -> None:
    """Locks that were made before hold a digest of it."""
    event = base(0, 40)
    assert bare_cut(Timeline(RATE, (event,))) == (RATE, 0, False, ((
        "V", "media/b.mov", Span(0, 40), Span(0, 40), F(1), None, None),))
