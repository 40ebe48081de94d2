"""What a format cannot say is said when it is written; what can be kept of it is kept."""

from fractions import Fraction

from real_lists import RATE, camera

from microfinish.core.conform import conform
from microfinish.core.media import MediaLog
from microfinish.core.sampling import source_frame
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Placement, RetimeKey, Timeline, Transition
from microfinish.interchange.edl import read as read_edl
from microfinish.interchange.edl_write import write_edl
from microfinish.interchange.fcp7 import read as read_fcp7
from microfinish.interchange.fcp7_write import write_fcp7
from microfinish.interchange.otio_read import read as read_otio
from microfinish.interchange.otio_write import write_otio
from microfinish.interchange.unsaid import unsaid

A = camera("A001C003.mov", 90_000)
LOG = MediaLog((A,))
RAMP = tuple(RetimeKey(Fraction(record), Fraction(source)) for record, source in (
    (0, 10), (20, 30), (50, 110)))
MADE = Timeline(RATE, (
    Event("sh010", "V", A.path, Span(10, 110), Span(0, 50), retime=RAMP),
    Event("sh020", "V", A.path, Span(300, 350), Span(50, 100),
          transition=Transition("dip-black", 12)),
    Event("sh030", "V2", A.path, Span(5, 45), Span(20, 60), placement=Placement(scale=0.4)),
    Event("sh010", "A1", A.path, Span(0, 50), Span(0, 50), role="dialogue"),
))


def test_each_format_names_what_it_has_no_words_for() -> None:
    words = {target: " | ".join(unsaid(MADE, target))
             for target in ("edl", "fcpxml", "fcp7", "otio")}
    assert "sh030: lies over" in words["edl"]
    assert "sh010: has a variable speed" in words["edl"]
    assert "sh010: has a variable speed" in words["otio"]
    assert "sh020: comes in through a color" in words["edl"]
    assert "sh020: comes in through a color" in words["fcpxml"]
    assert "no sound roles: dialogue" in words["fcp7"]
    assert "sh030" not in words["fcpxml"] + words["fcp7"]
    assert unsaid(Timeline(RATE, MADE.events[1:1]), "edl") == ()


def test_an_edl_says_the_average_of_a_variable_speed_and_no_upper_picture() -> None:
    edit = read_edl(write_edl(MADE, LOG, "ep001").encode(), "edit.edl", RATE)
    events = conform(edit, LOG.media).events
    assert [event.track for event in events] == ["V", "A1", "V"]
    assert events[0].speed == 2
    assert source_frame(events[0], RATE, RATE, 0) == 10


def test_dips_come_back_from_the_formats_that_have_them() -> None:
    for edit in (read_fcp7(write_fcp7(MADE, LOG, "ep001").encode(), "edit.xml", RATE),
                 read_otio(write_otio(MADE, LOG, "ep001").encode(), "edit.otio", RATE)):
        assert [line.transition for line in edit.lines if line.transition] == [
            Transition("dip-black", 12)]
