"""Markers, ADR and foley spots stay at the picture they are about, or are parked."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from microfinish.core.errors import ProblemsError, Where
from microfinish.core.follow import carrier_between
from microfinish.core.follow_cues import Spotting
from microfinish.core.markers import MarkerLine, MarkerSheet, Placed, as_marks, place_markers
from microfinish.core.media import Media, MediaLog, Picture
from microfinish.core.shots import with_shot_ids
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Mark, PictureLock, Revision, Timeline
from microfinish.interchange.edl import read as read_edl
from microfinish.interchange.edl_write import write_edl

RATE = Fraction(25)
HOUR = 3600 * 25
LOG = MediaLog(tuple(
    Media(f"media/{name}.mov", name, 1, reel=f"R{name}", start_frame=HOUR, timecode_rate=RATE,
          picture=Picture("h264", 64, 64, RATE, 500)) for name in "abcx"))


def cut(*spans: tuple[str, int, int], previous: Timeline | None = None,
        marks: tuple[Mark, ...] = ()) -> Timeline:
    events, at = [], 0
    for name, start, end in spans:
        events.append(Event("", "V", f"media/{name}.mov", Span(start, end),
                            Span(at, at + end - start)))
        at += end - start
    return replace(with_shot_ids(Timeline(RATE, tuple(events), start_frame=HOUR), previous),
                   marks=marks)


OLD = cut(("a", 100, 150), ("b", 0, 50), ("c", 0, 50))
NEW = (("a", 100, 150), ("x", 0, 30), ("b", 20, 50), ("c", 0, 50))


def placed(*lines: MarkerLine, old: Timeline = OLD, new: Timeline | None = None) -> Placed:
    lock = PictureLock((Revision(1, "", "", "", "", old), Revision(
        2, "", "", "", "", new or cut(*NEW, previous=old))))
    return place_markers(MarkerSheet(lines), Spotting(
        lock, LOG, carrier_between(lock.revisions[0], lock.current)))


@pytest.mark.parametrize(("at", "frame", "shot", "offset"), [
    ("01:00:00:10", 10, "sh010", 10),
    ("01:00:03:00", 85, "sh020", 5),
    ("00:00:03:00", 85, "sh020", 5),
    ("sh030+00:00:00:05", 115, "sh030", 5),
    ("sh020+00:00:01:00", 85, "sh020", 5),
    ("Rb@01:00:01:00", 85, "sh020", 5),
])
def test_a_marker_goes_where_its_frame_went(at: str, frame: int, shot: str, offset: int) -> None:
    (marker,) = placed(MarkerLine(at, "look", "note")).markers
    assert (marker.frame, marker.shot, marker.offset) == (frame, shot, offset)


def test_a_marker_whose_frame_fell_out_is_parked_with_its_old_place() -> None:
    found = placed(MarkerLine("01:00:02:05", "her line", "adr", where=Where("markers.yaml", 3)))
    (marker,), (finding,) = found.markers, found.findings
    assert (marker.parked, marker.was, marker.text) == (True, "01:00:02:05", "her line")
    assert (finding.rule, finding.severity, finding.file, finding.was) == (
        "markers.parked", "info", "markers.yaml:3", "01:00:02:05")
    assert 'adr "her line" is not shown' in finding.message


def test_a_spot_that_a_new_shot_parts_is_a_decision_with_both_timecodes() -> None:
    (finding,) = placed(MarkerLine("01:00:01:15", "her line", "adr", frames=60)).findings
    assert (finding.rule, finding.severity, finding.was, finding.at) == (
        "markers.recut", "warning", "01:00:01:15", "01:00:01:15")
    assert 'at: "01:00:01:15", revision: 2' in finding.fix


def test_locators_of_the_edit_list_are_those_of_the_newest_list_that_has_any() -> None:
    marks = (Mark(60, "gone"), Mark(90, "stays", "red"))
    carried = placed(old=replace(OLD, marks=marks)).markers
    assert [(m.text, m.frame, m.color) for m in carried] == [
        ("stays", 100, "red"), ("gone", None, "")]
    own = cut(*NEW, previous=OLD, marks=(Mark(3, "new list"),))
    (marker,) = placed(old=replace(OLD, marks=marks), new=own).markers
    assert (marker.text, marker.frame) == ("new list", 3)


def test_every_wrong_place_is_said_at_once() -> None:
    with pytest.raises(ProblemsError) as caught:
        placed(MarkerLine("sh099", where=Where("markers.yaml", 2)),
               MarkerLine("soon", where=Where("markers.yaml", 3)))
    assert [p.where.line for p in caught.value.problems if p.where] == [2, 3]


def test_markers_survive_an_edl_and_come_back() -> None:
    found = placed(MarkerLine("01:00:00:10", "the train", "adr"),
                   MarkerLine("01:00:03:00", "end of act", color="green"),
                   MarkerLine("01:00:02:05", "gone"))
    timeline = replace(cut(*NEW, previous=OLD), marks=as_marks(found))
    text = write_edl(timeline, LOG, "ep001")
    assert "* LOC: 01:00:00:10 RED     ADR: the train" in text
    back = read_edl(text.encode(), "edit.edl", RATE)
    assert [(m.frame - HOUR, m.text, m.color) for m in back.marks] == [
        (10, "ADR: the train", "red"), (85, "end of act", "green")]
