"""Markers come out of every list at the frame that they were set on, and go into every list."""

from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio
import pytest

from microfinish.core.edit import EditList
from microfinish.core.media import Media, MediaLog, Picture
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Mark, Timeline, Transition
from microfinish.interchange.edl_write import write_edl
from microfinish.interchange.fcp7_write import write_fcp7
from microfinish.interchange.fcpxml_write import write_fcpxml
from microfinish.interchange.otio_write import write_otio
from microfinish.interchange.readers import read_edit_list

RATE = Fraction(25)
HOUR = 90_000
FILE = Media("media/A001C001.mov", "A001C001", 1, start_frame=HOUR, timecode_rate=RATE,
             picture=Picture("prores", 1920, 1080, RATE, 4000))
MARKS = (Mark(0, "first frame"), Mark(24, "before the cut"), Mark(25, "on the cut"),
         Mark(60, "in the fast one"), Mark(109, "in the last frame"))


def timeline(marks: tuple[Mark, ...], rate: Fraction = RATE, start: int = HOUR) -> Timeline:
    def event(source: int, begin: int, end: int, speed: int = 1, mix: int = 0) -> Event:
        length = (end - begin) * speed
        return Event("", "V", FILE.path, Span(source, source + length), Span(begin, end),
                     Fraction(speed), Transition("dissolve", mix) if mix else None)

    events = (event(100, 0, 25), event(500, 25, 50, mix=10), event(900, 50, 80, speed=2),
              Event("", "V", "", Span(0, 10), Span(80, 90), name="gap"), event(40, 90, 110))
    return Timeline(rate, events, (), start, marks=marks)


WRITERS = {".edl": write_edl, ".fcpxml": write_fcpxml, ".xml": write_fcp7, ".otio": write_otio}


@pytest.mark.parametrize("rate", [RATE, Fraction(24000, 1001), Fraction(30000, 1001)])
@pytest.mark.parametrize("extension", WRITERS)
def test_markers_come_back_from_every_format_at_their_frame(extension: str,
                                                            rate: Fraction) -> None:
    made = timeline(MARKS, rate)
    text = WRITERS[extension](made, MediaLog((FILE,)), "ep001")  # type: ignore[operator]
    edit = read_edit_list(text.encode(), f"edit{extension}", rate)
    assert [(mark.frame - HOUR, mark.text) for mark in edit.marks] == [
        (mark.frame, mark.text) for mark in MARKS]


def test_a_list_without_markers_is_written_as_before() -> None:
    for write in WRITERS.values():
        text = write(timeline(()), MediaLog((FILE,)), "ep001")  # type: ignore[operator]
        assert "marker" not in text.replace('"markers": []', "").casefold()


def fcp7(clips: str, more: str = "") -> EditList:
    rate = "<rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>"
    head = "<timecode><string>01:00:00:00</string><frame>90000</frame></timecode>"
    return read_edit_list(
        f"<xmeml version='5'><sequence><name>x</name>{rate}{head}<media><video><track>{clips}"
        f"</track></video></media>{more}</sequence></xmeml>".encode(), "edit.xml", RATE)


def item(start: int, end: int, first: int, more: str) -> str:
    return (f"<clipitem><name>A</name><rate><timebase>25</timebase></rate><start>{start}</start>"
            f"<end>{end}</end><in>{first}</in><out>{first + end - start}</out>"
            f"<file><pathurl>A001C001.mov</pathurl></file>{more}</clipitem>")


def marker(at: int, name: str, comment: str = "") -> str:
    return (f"<marker><name>{name}</name><comment>{comment}</comment><in>{at}</in><out>-1</out>"
            "</marker>")


def test_a_marker_on_a_clip_of_final_cut_7_lies_where_its_frame_is_seen() -> None:
    edit = fcp7(item(10, 60, 200, marker(215, "here", "too dark") + marker(199, "cut off")),
                marker(7, "of the sequence"))
    assert [(mark.frame - HOUR, mark.text) for mark in edit.marks] == [
        (7, "of the sequence"), (25, "here - too dark")]
    lost, = (loss for loss in edit.losses if "marker" in loss.reason)
    assert lost.severity == "info" and "cut off" in lost.text


def test_a_marker_inside_a_nested_sequence_goes_to_the_outer_frame() -> None:
    inside = (f"<sequence id='n'><rate><timebase>25</timebase></rate><media><video><track>"
              f"{item(0, 100, 300, marker(330, 'inner'))}</track></video></media></sequence>")
    nested = (f"<clipitem><name>nest</name><rate><timebase>25</timebase></rate><start>50</start>"
              f"<end>90</end><in>20</in><out>60</out>{inside}</clipitem>")
    edit = fcp7(nested)
    assert [(mark.frame - HOUR, mark.text) for mark in edit.marks] == [(60, "inner")]


def fcpxml(spine: str) -> EditList:
    return read_edit_list((
        '<fcpxml version="1.11"><resources><format id="r1" frameDuration="1/25s"/>'
        '<asset id="a" name="A" src="A.mov" start="3600s" duration="100s" hasVideo="1" '
        'format="r1"/></resources><project name="x"><sequence format="r1" tcStart="3600s">'
        f"<spine>{spine}</spine></sequence></project></fcpxml>").encode(), "edit.fcpxml", RATE)


def test_a_marker_of_fcpxml_counts_in_its_clip_s_own_time() -> None:
    edit = fcpxml(
        '<asset-clip ref="a" offset="3600s" start="3610s" duration="2s">'
        '<marker start="3611s" duration="1/25s" value="one" note="look"/>'
        '<chapter-marker start="3650s" duration="1/25s" value="never seen"/></asset-clip>'
        '<gap offset="3602s" start="3600s" duration="1s">'
        '<marker start="90001/25s" duration="1/25s" value="two"/></gap>'
        '<clip offset="3603s" start="0s" duration="2s"><video ref="a" offset="0s" start="3600s" '
        'duration="9s"/><marker start="1s" duration="1/25s" value="three"/></clip>')
    assert [(mark.frame - HOUR, mark.text) for mark in edit.marks] == [
        (25, "one - look"), (51, "two"), (100, "three")]
    lost, = (loss for loss in edit.losses if "marker" in loss.reason)
    assert lost.severity == "info" and "never seen" in lost.text


def test_a_marker_on_a_sped_up_clip_of_fcpxml_lies_where_the_editor_set_it() -> None:
    edit = fcpxml(
        '<asset-clip ref="a" offset="3600s" start="3600s" duration="4s"><timeMap>'
        '<timept time="3600s" value="3600s"/><timept time="3650s" value="3700s"/></timeMap>'
        '<marker start="3601s" duration="1/25s" value="fast"/></asset-clip>')
    assert [(mark.frame - HOUR, mark.text) for mark in edit.marks] == [(25, "fast")]


def test_a_marker_on_a_clip_of_opentimelineio_counts_the_source() -> None:
    def span(start: int, length: int) -> otio.opentime.TimeRange:
        return otio.opentime.TimeRange(otio.opentime.RationalTime(start, 25),
                                       otio.opentime.RationalTime(length, 25))

    made = otio.schema.Timeline("x", global_start_time=otio.opentime.RationalTime(HOUR, 25))
    clip = otio.schema.Clip("A", otio.schema.ExternalReference("A.mov", span(HOUR, 4000)),
                            span(HOUR + 100, 50))
    clip.markers.append(otio.schema.Marker("seen", span(HOUR + 130, 1), color="RED"))
    clip.markers.append(otio.schema.Marker("hidden", span(HOUR + 10, 1), color="RED"))
    track = otio.schema.Track("V1", [otio.schema.Gap(source_range=span(0, 10)), clip])
    track.markers.append(otio.schema.Marker("of the track", span(3, 1)))
    made.tracks.append(track)
    made.tracks.markers.append(otio.schema.Marker("by timecode", span(HOUR + 5, 1)))
    edit = read_edit_list(made.to_json_string().encode(), "edit.otio", RATE)
    assert [(mark.frame - HOUR, mark.text) for mark in edit.marks] == [
        (3, "of the track"), (5, "by timecode"), (40, "seen")]
    assert edit.marks[2].color == "RED"
    assert [loss.severity for loss in edit.losses if "marker" in loss.reason] == ["info"]
