"""An edit's own framing is kept where it was made for the output's shape; insets are placed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from stages.test_reframe import RATE, face, framings, timeline

from microfinish.core.errors import ProblemsError
from microfinish.core.frame import PathKey, ReframeSheet, ShotReframe
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Placement, Timeline

__all__ = ["face"]

FILLED = 1920 / 1080 * 16 / 9  # a 16:9 picture that fills a 9:16 canvas


def edited(placement: Placement, canvas: tuple[int, int]) -> Timeline:
    edit = timeline("WIDE")
    return replace(edit, canvas=canvas, events=(replace(edit.events[0], placement=placement),))


def test_a_shot_that_the_editor_moved_on_a_vertical_canvas_keeps_that_crop(face) -> None:
    (shot,) = framings(edited(Placement(x=0.8, scale=FILLED), (1080, 1920)))
    # the picture's middle stands at 0.8 of a frame that is 607.5 pixels of it wide
    assert shot.reason == "as the edit frames it"
    assert (shot.fit, shot.height) == ("crop", 1080)
    middle = shot.path[0].x + shot.width / 2
    assert middle == pytest.approx(960 - 0.3 * 607.5, abs=2)
    assert shot.width == pytest.approx(607.5, abs=2)


def test_a_punch_in_on_a_vertical_canvas_is_kept(face) -> None:
    (shot,) = framings(edited(Placement(scale=FILLED * 1.25), (1080, 1920)))
    assert (shot.width, shot.height) == (pytest.approx(486, abs=2), 864)


def test_a_crop_made_for_a_wide_canvas_says_nothing_about_a_tall_frame(face) -> None:
    (shot,) = framings(edited(Placement(scale=1.3), (1920, 1080)))
    assert shot.reason != "as the edit frames it"


def test_reframe_yaml_wins_over_the_edit(face) -> None:
    sheet = ReframeSheet(shots={"s0": ShotReframe(point=(0.5, 0.5))})
    (shot,) = framings(edited(Placement(x=0.8, scale=FILLED), (1080, 1920)), sheet)
    assert shot.path == (PathKey(0, 656.0, 0.0),)


def test_an_upper_picture_is_placed_as_the_edit_says_and_not_otherwise(face) -> None:
    over = Event("s9", "V2", "media/PHONE.mov", Span(0, 20), Span(5, 25),
                 placement=Placement(x=0.75, y=0.25, scale=0.25))
    edit = timeline("WIDE")
    edit = Timeline(RATE, (*edit.events, over), canvas=(1080, 1920))
    _, inset = framings(edit)
    assert (inset.shot, inset.fit, inset.inset) == ("s9", "inset", (675, 240, 270, 480))
    with pytest.raises(ProblemsError, match="lies over another picture"):
        framings(edit, ReframeSheet(shots={"s9": ShotReframe(point=(0.5, 0.5))}))
