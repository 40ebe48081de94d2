"""VFX returns: what a name says, and where a return lies in its camera file."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microfinish.core.media import Media, Picture
from microfinish.core.time import Span
from microfinish.core.timeline import Event, RetimeKey, Timeline
from microfinish.core.vfx import Placed, Pulled, Return, Returns, place, with_returns
from microfinish.core.vfx_names import ReturnName, return_name

PLATE = "media/A001C002.mov"
PULL = Pulled(1, PLATE, Span(20, 50), Span(8, 62))
MEDIA = Media("vfx/sh020_v001.mov", "d", 1, picture=Picture("prores", 320, 180, Fraction(25), 54))


def at(frames: int, need: Span = PULL.used, timecode: int | None = None,
       written: int | None = None, before: Return | None = None,
       pulled: tuple[Pulled, ...] = (PULL,)) -> Placed:
    return place(frames, PLATE, (need,), pulled, timecode, written, before)


@pytest.mark.parametrize(("name", "expected"), [
    ("sh050_v003.mov", ReturnName("sh050", 3)),
    ("ep001_sh050_comp_v12.mov", ReturnName("sh050", 12, "ep001")),
    ("vfx/ROOF_EP001_SH050_comp_final_V0012.mxf", ReturnName("sh050", 12, "ROOF_EP001")),
    ("sh1010.v2.mov", ReturnName("sh1010", 2)),
    ("show-ep001-sh050-v1.mov", ReturnName("sh050", 1, "show-ep001")),
    ("sh050.mov", None), ("v003.mov", None), ("A001C003.mov", None), ("push050_v1.mov", None),
])
def test_a_name_says_shot_version_and_what_stands_before(
    name: str, expected: ReturnName | None
) -> None:
    assert return_name(name) == expected


def test_an_episode_is_named_between_separators_only() -> None:
    name = return_name("ROOF_EP001_sh050_v1.mov")
    assert name is not None
    assert name.names("ep001") and not name.names("ep00") and not name.names("p001")


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 20))
def test_a_return_as_long_as_a_pull_begins_where_the_pull_begins(
    head: int, length: int, tail: int
) -> None:
    used = Span(40, 40 + length)
    span = Span(used.start - head, used.end + tail)
    placed = at(span.length, used, pulled=(Pulled(1, PLATE, used, span),))
    assert not placed.refused
    assert placed.offset == span.start


@given(st.integers(0, 100), st.integers(1, 60), st.integers(1, 100))
def test_what_a_return_lacks_is_counted_at_both_ends(start: int, length: int, frames: int) -> None:
    need = Span(start, start + length)
    placed = at(frames, need, written=30)
    lacking = sum(not 30 <= frame < 30 + frames for frame in need)
    overlapping = need.overlap(Span(30, 30 + frames)) is not None
    if overlapping:
        assert placed.lacking == lacking
    assert bool(placed.refused) == bool(lacking)


def test_a_timecode_that_lies_elsewhere_gives_way_to_the_length() -> None:
    assert at(54, timecode=-180_000).offset == 8


def test_a_timecode_against_the_length_is_refused() -> None:
    assert at(54, timecode=15).refused == "its timecode and its length mean different frames"


def test_a_new_take_in_the_slot_does_not_get_the_old_take_s_effect() -> None:
    before = Return("sh020", 1, "media/old.mov", 8, "its length", "", MEDIA)
    assert at(54, before=before).refused == (
        f"was made for media/old.mov, and the shot now shows {PLATE}")


def test_a_return_keeps_its_place_when_the_cut_changes() -> None:
    before = Return("sh020", 1, PLATE, 8, "its length", "", MEDIA)
    later = Pulled(2, PLATE, Span(10, 40), Span(0, 54))
    assert at(54, Span(10, 40), before=before, pulled=(later,)).offset == 8


def test_only_the_picture_of_the_shot_is_replaced_and_its_speed_stays() -> None:
    key = RetimeKey(Fraction(0), Fraction(25)), RetimeKey(Fraction(20), Fraction(45))
    picture = Event("sh020", "V", PLATE, Span(20, 50), Span(0, 30), Fraction(-1))
    ramped = replace(picture, speed=Fraction(1), retime=key)
    sound = Event("", "A1", PLATE, Span(20, 50), Span(0, 30))
    returns = Returns((Return("sh020", 1, PLATE, 8, "", "", MEDIA),))
    new, bent, heard = with_returns(
        Timeline(Fraction(25), (picture, ramped, sound)), returns).events
    assert (new.media, new.source, new.speed) == (MEDIA.path, Span(12, 42), Fraction(-1))
    assert [point.source for point in bent.retime] == [17, 37]
    assert heard == sound
