"""A key of grade.yaml or reframe.yaml finds the shot that shows the frame it names."""

from fractions import Fraction

import pytest

from microfinish.core.errors import InputError, ProblemsError, Where
from microfinish.core.media import Media, MediaLog, Picture
from microfinish.core.shot_key import follow_keys, resolve_key
from microfinish.core.time import Span
from microfinish.core.timeline import Event, PictureLock, Revision, Timeline

RATE = Fraction(25)
HOUR = 3600 * 25


def camera_file(name: str, reel: str = "", start: int | None = HOUR) -> Media:
    return Media(f"media/{name}.mov", name, 1, reel=reel, start_frame=start, timecode_rate=RATE,
                 picture=Picture("h264", 1920, 1080, RATE, 5000))


def event(shot: str, media: str, start: int, end: int, at: int, track: str = "V1") -> Event:
    return Event(shot, track, f"media/{media}.mov", Span(start, end), Span(at, at + end - start))


TIMELINE = Timeline(RATE, (
    event("s1", "A001C003", 100, 150, 0),
    event("s2", "B002C001", 0, 50, 50),
    event("s3", "A001C003", 300, 350, 100),
    event("a1", "A001C003", 0, 5000, 0, track="A1"),
))
LOCK = PictureLock((Revision(1, "", "", "", "", TIMELINE),))
LOG = MediaLog((camera_file("A001C003", reel="A001"), camera_file("B002C001", start=None)))


def test_a_shot_id_names_itself():
    assert resolve_key("s2", TIMELINE, LOG) == "s2"


@pytest.mark.parametrize("key", ["A001@01:00:04:00", "a001c003@01:00:05:24",
                                 "A001C003.mov@01:00:04:00"])
def test_reel_and_timecode_name_the_shot_that_holds_the_frame(key):
    assert resolve_key(key, TIMELINE, LOG) == "s1"


def test_the_out_point_belongs_to_no_shot():
    with pytest.raises(InputError) as caught:
        resolve_key("A001@01:00:06:00", TIMELINE, LOG)
    assert "s1 (01:00:04:00-01:00:06:00), s3 (01:00:12:00-01:00:14:00)" in caught.value.hint


def test_a_file_without_timecode_counts_from_zero():
    assert resolve_key("B002C001@00:00:01:00", TIMELINE, LOG) == "s2"


def test_a_frame_used_twice_asks_for_the_shot_id():
    twice = Timeline(RATE, (*TIMELINE.events, event("s4", "A001C003", 120, 130, 150)))
    with pytest.raises(InputError) as caught:
        resolve_key("A001@01:00:04:20", twice, LOG)
    assert "s1, s4" in caught.value.hint


def test_every_wrong_key_is_reported_with_its_place():
    keys = {"A009@01:00:00:00": Where("reframe.yaml", 2),
            "A001@01:00:04:99": Where("reframe.yaml", 3),
            "s1": None, "A001@01:00:04:10": Where("reframe.yaml", 5)}
    with pytest.raises(ProblemsError) as caught:
        follow_keys(keys, LOCK, LOG)
    messages = [(p.message, p.where.line if p.where else 0) for p in caught.value.problems]
    assert messages == [
        ("no shot of this episode comes from 'A009'", 2),
        ("timecode 01:00:04:99 does not exist at 25 fps", 3),
        ("A001@01:00:04:10 and s1 name the same shot", 5),
    ]


def test_resolved_keys_are_found_by_shot():
    assert follow_keys({"A001@01:00:04:10": None, "s2": None}, LOCK, LOG).shots == {
        "s1": "A001@01:00:04:10", "s2": "s2"}
