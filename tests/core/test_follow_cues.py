"""A sound cue starts at the picture that it was spotted on, however the cut moves it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from microfinish.core.errors import InputError, Where
from microfinish.core.follow import Carrier
from microfinish.core.follow_cues import Spotting, shot_frame
from microfinish.core.media import Media, MediaLog, Picture
from microfinish.core.mix import CueSheet
from microfinish.core.shot_key import NoSuchShotError, follow_keys
from microfinish.core.shots import with_shot_ids
from microfinish.core.time import Span
from microfinish.core.timeline import Event, PictureLock, Revision, Timeline

RATE = Fraction(25)
HOUR = 3600 * 25
WHERE = Where("mix.yaml", 3)
LOG = MediaLog(tuple(
    Media(f"media/{name}.mov", name, 1, reel=f"R{name}", start_frame=HOUR, timecode_rate=RATE,
          picture=Picture("h264", 64, 64, RATE, 500)) for name in "abcx"))


def cut(*spans: tuple[str, int, int], previous: Timeline | None = None,
        retired: tuple[Timeline, ...] = ()) -> Timeline:
    events, at = [], 0
    for name, start, end in spans:
        events.append(Event("", "V", f"media/{name}.mov", Span(start, end),
                            Span(at, at + end - start)))
        at += end - start
    return with_shot_ids(Timeline(RATE, tuple(events)), previous, retired=retired)


OLD = cut(("a", 100, 150), ("b", 0, 50), ("c", 0, 50))


def locked(*cuts: Timeline) -> PictureLock:
    return PictureLock(tuple(Revision(number, "", "", "", "", timeline)
                             for number, timeline in enumerate(cuts, 1)))


def placed(at: str, *spans: tuple[str, int, int], frames: int = 10, music: bool = False
           ) -> tuple[int | None, str, str]:
    """(frame, severity, message) of a cue of the old cut in a new one."""
    lock = locked(OLD, cut(*spans, previous=OLD))
    spotting = Spotting(lock, LOG, Carrier(*lock.revisions))
    frame, note = spotting.place(CueSheet("sfx/door.wav", at, where=WHERE), frames, music)
    return frame, note.severity if note else "", note.message if note else ""


SWAPPED = (("b", 0, 50), ("a", 100, 150), ("c", 0, 50))
TRIMMED = (("a", 100, 150), ("b", 20, 50), ("c", 0, 50))


def test_an_effect_goes_where_its_source_frame_went() -> None:
    assert placed("00:00:00:10", *SWAPPED) == (60, "", "")
    assert placed("00:00:02:10", *SWAPPED) == (10, "", "")
    assert placed("00:00:04:10", *TRIMMED) == (90, "", "")


def test_an_effect_whose_picture_fell_out_is_parked() -> None:
    frame, severity, message = placed("00:00:02:05", *TRIMMED)
    assert (frame, severity) == (None, "info")
    assert message == ("parked: sfx/door.wav is not heard: its picture, at 00:00:02:05 in revision "
                       "1, is not in revision 2")


def test_an_effect_that_lost_its_start_is_parked_with_a_warning() -> None:
    frame, severity, _ = placed("00:00:02:15", *TRIMMED)
    assert (frame, severity) == (None, "warning")


def test_music_that_lost_its_start_begins_with_the_first_picture_left() -> None:
    frame, severity, message = placed("00:00:02:15", *TRIMMED, frames=60, music=True)
    assert (frame, severity) == (50, "warning")
    assert "00:00:02:15 in revision 1 and starts at 00:00:02:00 now" in message


def test_music_is_reported_only_where_the_cut_changed_under_it() -> None:
    assert placed("00:00:00:00", *TRIMMED, frames=50, music=True) == (0, "", "")
    frame, severity, message = placed("00:00:00:00", *TRIMMED, frames=51, music=True)
    assert (frame, severity) == (0, "warning")
    assert "50 of its 51 frames follow on each other" in message


@pytest.mark.parametrize(("at", "frame"), [
    ("sh020", 50), ("sh020+00:00:01:00", 75), ("Ra@01:00:04:10", 10), ("b.mov@01:00:00:05", 55)])
def test_a_cue_may_be_placed_by_shot(at: str, frame: int) -> None:
    assert shot_frame(at, OLD, LOG) == frame


def test_a_cue_placed_by_its_source_frame_finds_it_in_a_retimed_shot() -> None:
    slow = Timeline(RATE, (Event("s", "V", "media/a.mov", Span(100, 110), Span(0, 20),
                                 Fraction(1, 2)),))
    back = Timeline(RATE, (Event("s", "V", "media/a.mov", Span(100, 120), Span(0, 20),
                                 Fraction(-1)),))
    assert shot_frame("Ra@01:00:04:04", slow, LOG) == 8
    assert shot_frame("Ra@01:00:04:04", back, LOG) == 15


@pytest.mark.parametrize(("at", "message"), [
    ("sh090", "no shot 'sh090'"), ("soon", "no shot 'soon'"), ("sh020+00:00:02:00", "ends before"),
    ("Ra@02:00:00:00", "no shot shows"), ("sh020+1", "is not a timecode"),
    ("Q@01:00:00:00", "comes from 'Q'")])
def test_a_place_that_never_was_is_an_error_with_its_line(at: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Spotting(locked(OLD), LOG).place(CueSheet("a.wav", at, where=WHERE), 10, False)
    assert message in caught.value.message
    assert caught.value.where == WHERE
    assert caught.value.hint


def test_a_cue_placed_by_a_shot_that_left_the_cut_is_parked_until_it_comes_back() -> None:
    without = cut(("a", 100, 150), ("c", 0, 50), previous=OLD)
    lock = locked(OLD, without)
    for at in ("sh020+00:00:01:00", "Rb@01:00:00:05"):
        cue = CueSheet("a.wav", at, where=WHERE)
        frame, note = Spotting(lock, LOG).place(cue, 10, False)
        assert frame is None and note is not None
        assert (note.severity, note.where) == ("info", WHERE)
        assert f"parked: {at} is not in revision 2" in note.message
        assert Spotting(locked(OLD, without, OLD), LOG).place(cue, 10, False)[1] is None


def keyed(*keys: str, lock: PictureLock, written: int = 0) -> tuple[dict[str, str], set[str]]:
    found = follow_keys(dict.fromkeys(keys), lock, LOG, lock.revisions[written - 1])
    return found.shots, set(found.parked)


def test_a_key_is_parked_only_if_an_earlier_revision_had_its_shot() -> None:
    lock = locked(OLD, cut(("a", 100, 150), ("c", 0, 50), previous=OLD))
    assert keyed("sh010", "sh020", "Rb@01:00:00:06", lock=lock) == (
        {"sh010": "sh010"}, {"sh020", "Rb@01:00:00:06"})
    (finding,) = follow_keys({"sh020": WHERE}, lock, LOG).findings("grade", {"sh020": WHERE})
    assert (finding.rule, finding.was, finding.file) == (
        "grade.parked", "00:00:02:00", "mix.yaml:3")
    with pytest.raises(InputError, match="no shot 'sh099'"):
        keyed("sh099", lock=lock)
    with pytest.raises(NoSuchShotError):
        shot_frame("sh099", OLD, LOG)


def test_a_key_keeps_its_shot_when_a_trim_takes_out_the_frame_it_names() -> None:
    lock = locked(OLD, cut(*TRIMMED, previous=OLD))
    for written in (1, 2):  # also in a file that was saved again since
        assert keyed("Rb@01:00:00:05", lock=lock, written=written) == (
            {"sh020": "Rb@01:00:00:05"}, set())


def test_a_key_keeps_its_shot_when_the_frame_it_names_shows_twice() -> None:
    twice = cut(("a", 100, 150), ("x", 0, 9), ("a", 100, 150), ("b", 0, 50), ("c", 0, 50),
                previous=OLD)
    lock = locked(OLD, twice)
    assert keyed("Ra@01:00:04:10", lock=lock, written=1)[0] == {"sh010": "Ra@01:00:04:10"}
    with pytest.raises(InputError, match="used by 2 shots"):
        keyed("Ra@01:00:04:10", lock=locked(twice))


def test_both_parts_of_a_split_shot_keep_its_key() -> None:
    split = cut(("a", 100, 130), ("x", 0, 9), ("a", 130, 150), ("b", 0, 50), ("c", 0, 50),
                previous=OLD)
    found, _ = keyed("sh010", lock=locked(OLD, split), written=1)
    (part,) = [event.shot for event in split.picture() if event.parent == "sh010"]
    assert found == {"sh010": "sh010", part: "sh010"}
    own, _ = keyed("sh010", part, lock=locked(OLD, split))
    assert own == {"sh010": "sh010", part: part}


def test_a_cue_placed_inside_a_shot_stays_at_its_frame_when_the_head_is_trimmed() -> None:
    assert placed("sh020+00:00:01:00", *TRIMMED) == (55, "", "")
    assert placed("sh020", *TRIMMED) == (50, "", "")  # the shot's first frame, whatever that is
    frame, severity, message = placed("sh020+00:00:00:05", *TRIMMED)
    assert (frame, severity) == (None, "info")
    assert "parked: sfx/door.wav is not heard" in message
