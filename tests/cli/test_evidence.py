"""What was found, and by what evidence, can be read per event."""

from fractions import Fraction

from microfinish.cli.show import timeline_answer
from microfinish.cli.tables import timeline_tables
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Evidence, Timeline

EVENT = Event("sh010", "V", "media/a.mov", Span(0, 10), Span(0, 10),
              evidence=Evidence(166, ("file", "timecode", "span")))


def test_show_assemble_names_the_points_and_the_evidence_of_each_event() -> None:
    timeline = Timeline(Fraction(25), (EVENT,))
    assert timeline_answer(timeline)["events"][0]["evidence"] == {
        "score": 166, "by": ["file", "timecode", "span"]}
    drawn = next(timeline_tables(timeline))
    assert drawn.columns[-1] == "found by"
    assert drawn.rows[0][-1] == "166: file, timecode, span"


def test_how_media_were_found_is_no_part_of_the_cut() -> None:
    other = Event("sh010", "V", "media/a.mov", Span(0, 10), Span(0, 10))
    assert other == EVENT
    assert "found by" not in next(timeline_tables(Timeline(Fraction(25), (other,)))).columns
