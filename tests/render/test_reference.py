"""The burnt lines of a reference picture name the frame that is shown, worked out here by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from microfinish.core.frame import Raster
from microfinish.core.media import Media, Picture
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline, Transition
from microfinish.render.reference import burnt_lines, reference_text

RATE = Fraction(25)
A = Media("media/A001C001.mov", "a", 1, "A001", 900_000, RATE,
          picture=Picture("h264", 320, 180, RATE, 500))
FAST = Media("media/B001_{x}.mov", "b", 1, "B001", 1_800_000, Fraction(50),
             picture=Picture("h264", 320, 180, Fraction(50), 500))
MEDIA = {media.path: media for media in (A, FAST)}
TIMELINE = Timeline(RATE, (
    Event("sh010", "V", A.path, Span(10, 30), Span(0, 20)),
    Event("sh020", "V", FAST.path, Span(100, 140), Span(20, 40),
          transition=Transition("dissolve", 4)),
    Event("sh030", "V", A.path, Span(100, 110), Span(40, 60), Fraction(1, 2)),
    Event("sh040", "V", A.path, Span(200, 210), Span(60, 70), Fraction(-1)),
    Event("", "V", "", Span(0, 5), Span(70, 75)),
), start_frame=90_000)


@pytest.mark.parametrize(("frame", "source", "record"), [
    (0, ("sh010", "A001C001", "SRC 10:00:00:10"), "REC 01:00:00:00"),
    (19, ("sh010", "A001C001", "SRC 10:00:01:04"), "REC 01:00:00:19"),
    # both sides of the dissolve; the outgoing clip runs on
    (21, ("sh020", "A001C001", "SRC 10:00:01:06", "B001_{x}", "SRC 10:00:02:02"),
     "REC 01:00:00:21"),
    (24, ("sh020", "B001_{x}", "SRC 10:00:02:08"), "REC 01:00:00:24"),
    (43, ("sh030", "A001C001", "SRC 10:00:04:01"), "REC 01:00:01:18"),
    (60, ("sh040", "A001C001", "SRC 10:00:08:09"), "REC 01:00:02:10"),
    (72, ("no id", "black"), "REC 01:00:02:22"),
])
def test_each_frame_is_named(frame: int, source: tuple[str, ...], record: str) -> None:
    burnt = burnt_lines(TIMELINE, MEDIA, "time", frame)
    assert (burnt.source, burnt.record) == (source, record)


def test_names_with_braces_are_text_and_no_commands() -> None:
    script = reference_text(TIMELINE, MEDIA, "time", Raster(540, 960), Span(30, 31))
    assert r"B001_\{x\}" in script


def test_a_script_depends_on_its_frames_alone() -> None:
    """A re-cut after it leaves a segment of the reference picture as it is."""
    longer = Timeline(RATE, TIMELINE.events[:3], start_frame=90_000)
    arguments = (MEDIA, "time", Raster(540, 960), Span(0, 20))
    assert reference_text(longer, *arguments) == reference_text(TIMELINE, *arguments)
