"""FCPXML pictures over pictures, and ramps of speed: where they lie, and what is said of them."""

from fractions import Fraction

import pytest

from microfinish.core.edit import EditLine, EditList
from microfinish.core.placement import covers
from microfinish.core.sampling import curve_frame
from microfinish.core.time import Span
from microfinish.core.timeline import Placement, Transition
from microfinish.interchange.readers import read_edit_list

RATE = Fraction(25)
RESOURCES = """
<format id="r1" frameDuration="1/25s" width="1080" height="1920"/>
<format id="wide" frameDuration="1/25s" width="1920" height="1080"/>
<asset id="a" name="A" src="a.mov" start="0s" duration="100s" hasVideo="1" format="r1"/>
<asset id="w" name="W" src="w.mov" start="0s" duration="100s" hasVideo="1" format="wide"/>
<effect id="x" name="Cross Dissolve"/>
"""


def read(spine: str, more: str = "") -> EditList:
    data = (f'<fcpxml version="1.11"><resources>{RESOURCES}{more}</resources><event>'
            f'<project name="p"><sequence format="r1" tcStart="0s"><spine>{spine}</spine>'
            "</sequence></project></event></fcpxml>")
    return read_edit_list(data.encode(), "episodes/p/edit.fcpxml", RATE)


def over(inner: str, ref: str = "a", more: str = "") -> EditList:
    """A two-second picture with a clip of one second connected over it."""
    return read(f'<asset-clip ref="a" offset="0s" duration="2s"><asset-clip ref="{ref}" lane="1" '
                f'offset="0s" duration="1s">{inner}</asset-clip></asset-clip>', more)


def upper(edit: EditList) -> EditLine:
    line, = (line for line in edit.lines if line.tracks == ("V2",))
    return line


def placed(edit: EditList) -> Placement:
    found = upper(edit).placement
    assert found is not None
    return found


def said(edit: EditList, word: str) -> list[str]:
    return [loss.severity for loss in edit.losses if word in loss.reason]


def test_a_small_picture_stands_on_its_own_track_and_hides_nothing() -> None:
    edit = over('<adjust-transform position="25 40" scale="0.3 0.3"/>')
    base, = (line for line in edit.lines if line.tracks == ("V",))
    assert base.record == Span(0, 50)
    assert upper(edit).record == Span(0, 25)
    # percent of the canvas' height of 1920, y up: 480 px to the right, 768 px up
    assert placed(edit) == Placement(round(0.5 + 480 / 1080, 9), 0.1, 0.3)
    assert edit.losses == ()
    assert edit.canvas == (1080, 1920)


def test_positions_are_percent_of_the_height_whatever_the_width() -> None:
    assert placed(over('<adjust-transform position="28.125 0" scale="0.5 0.5"/>')).x == 1.0


def test_rotation_is_against_the_clock_there_and_with_it_here() -> None:
    edit = over('<adjust-transform scale="0.5 0.5" rotation="30"/>')
    assert placed(edit).rotation_degrees == -30


def test_an_anchor_is_what_stays_at_the_position() -> None:
    # the lower left corner of a full picture, put into the middle at half its size
    edit = over('<adjust-transform scale="0.5 0.5" anchor="-28.125 -50"/>')
    assert (placed(edit).x, placed(edit).y) == (0.75, 0.25)


def test_opacity_lets_the_picture_below_through() -> None:
    assert placed(over('<adjust-blend amount="0.25"/>')) == Placement(opacity=0.25)
    assert said(over('<adjust-blend amount="0.5" mode="14"/>'), "blend mode") == ["warning"]


def test_a_trim_takes_off_percent_of_the_picture_s_own_height() -> None:
    edit = over('<adjust-crop mode="trim"><trim-rect left="16" top="10"/></adjust-crop>', "w")
    assert placed(edit).crop == pytest.approx((16 * 1080 / 1920 / 100, 0.1, 0, 0))


def test_a_crop_fills_the_frame_again_around_what_it_leaves() -> None:
    edit = over('<adjust-crop mode="crop"><crop-rect left="88.8888889" right="0"/></adjust-crop>',
                "w", "")
    found = placed(edit)
    # the right half of a wide picture, as wide as the canvas: twice the size, moved to the left
    assert found.scale == pytest.approx(2)
    assert found.x == pytest.approx(0)
    assert found.crop == pytest.approx((0.5, 0, 0, 0))


def test_a_wide_picture_scaled_to_fill_the_frame_is_the_picture_itself() -> None:
    edit = over('<adjust-conform type="fill"/>', "w")
    assert [line.tracks for line in edit.lines] == [("V",), ("V",)]
    assert said(edit, "reframe.yaml") == ["warning"]
    assert covers(edit.lines[0].placement, 16 / 9, 9 / 16)


def test_a_wide_picture_of_one_and_a_half_size_leaves_the_frame_open() -> None:
    edit = read('<asset-clip ref="w" offset="0s" duration="1s">'
                '<adjust-transform scale="1.5 1.5"/></asset-clip>')
    assert [line.black for line in edit.lines if line.tracks == ("V",)] == [True]
    assert placed(edit) == Placement(scale=1.5)


def test_the_first_keyframe_of_a_moving_picture_is_taken_and_said() -> None:
    keys = ('<keyframeAnimation><keyframe time="0s" value="{}"/><keyframe time="1s" value="{}"/>'
            "</keyframeAnimation>")
    edit = over('<adjust-transform><param name="scale">' + keys.format("0.5 0.5", "1 1")
                + "</param></adjust-transform>")
    assert placed(edit).scale == 0.5
    assert said(edit, "animated") == ["warning"]
    still = over('<adjust-transform><param name="scale">' + keys.format("0.5 0.5", "0.5 0.5")
                 + "</param></adjust-transform>")
    assert placed(still).scale == 0.5
    assert still.losses == ()
    halves = over('<adjust-transform scale="0.5 0.5" position="1 2"><param name="position">'
                  '<param name="X" key="1">' + keys.format("28.125", "0") + '</param>'
                  '<param name="Y" key="2" value="25"/></param></adjust-transform>')
    assert (placed(halves).x, placed(halves).y) == (1.0, 0.25)


def test_a_clip_inside_a_placed_compound_clip_goes_along() -> None:
    compound = ('<media id="m"><sequence format="r1" duration="10s"><spine>'
                '<asset-clip ref="a" offset="0s" duration="10s">'
                '<adjust-transform position="0 25" scale="0.5 0.5"/></asset-clip>'
                "</spine></sequence></media>")
    edit = read('<asset-clip ref="a" offset="0s" duration="2s"><ref-clip ref="m" lane="1" '
                'offset="0s" duration="1s"><adjust-transform position="0 -25" scale="0.5 0.5"/>'
                "</ref-clip></asset-clip>", compound)
    # 480 px up in a frame of half size, whose middle lies 480 px below the canvas' middle
    assert placed(edit) == Placement(0.5, 0.5 + 0.25 - 0.125, 0.25)


def test_a_frame_cuts_off_what_reaches_out_of_it() -> None:
    compound = ('<media id="m"><sequence format="r1" duration="10s"><spine>'
                '<asset-clip ref="a" offset="0s" duration="10s">'
                '<adjust-transform scale="2 2"/></asset-clip></spine></sequence></media>')
    edit = read('<asset-clip ref="a" offset="0s" duration="2s"><ref-clip ref="m" lane="1" '
                'offset="0s" duration="1s"><adjust-transform scale="0.5 0.5"/></ref-clip>'
                "</asset-clip>", compound)
    assert placed(edit) == Placement(scale=1.0, crop=(0.25, 0.25, 0.25, 0.25))


def test_what_is_connected_to_a_placed_clip_stays_where_it_is() -> None:
    edit = read('<asset-clip ref="a" offset="0s" duration="2s"><adjust-transform scale="0.5 0.5"/>'
                '<asset-clip ref="w" lane="1" offset="0s" duration="1s"/></asset-clip>')
    assert [line.names[0] for line in edit.lines if line.tracks == ("V",)] == ["w.mov", "gap"]
    assert upper(edit).record == Span(25, 50)


def test_a_full_picture_above_hides_a_placed_one_and_says_so() -> None:
    edit = read('<asset-clip ref="a" offset="0s" duration="2s"><asset-clip ref="w" lane="1" '
                'offset="0s" duration="2s"><adjust-transform scale="0.5 0.5"/></asset-clip>'
                '<asset-clip ref="a" lane="2" offset="1s" duration="1s"/></asset-clip>')
    assert upper(edit).record == Span(0, 25)
    assert said(edit, "a clip above covers it for 25 of its 50") == ["info"]


def test_two_placed_pictures_stand_on_two_tracks_in_their_order() -> None:
    small = '<adjust-transform scale="0.5 0.5"/>'
    edit = read('<asset-clip ref="a" offset="0s" duration="2s"><asset-clip ref="a" lane="2" '
                f'offset="0s" duration="2s">{small}</asset-clip><asset-clip ref="w" lane="1" '
                f'offset="0s" duration="2s">{small}</asset-clip></asset-clip>')
    assert [(line.tracks[0], line.names[0]) for line in edit.lines] == [
        ("V", "a.mov"), ("V2", "w.mov"), ("V3", "a.mov")]


def test_a_placed_picture_fades_in_and_out_over_what_is_below() -> None:
    mix = '<transition offset="{}" duration="{}"><filter-video ref="x"/></transition>'
    edit = read('<asset-clip ref="a" offset="0s" duration="4s"><spine lane="1" offset="1s">'
                + mix.format("0s", "10/25s") + '<asset-clip ref="w" offset="5/25s" '
                'duration="40/25s"><adjust-transform scale="0.5 0.5"/></asset-clip>'
                + mix.format("35/25s", "10/25s") + "</spine></asset-clip>")
    lines = [line for line in edit.lines if line.tracks == ("V2",)]
    assert [(line.black, line.record, line.transition) for line in lines] == [
        (False, Span(25, 60), Transition("dissolve", 10)),
        (True, Span(60, 70), Transition("dissolve", 10))]


def test_a_ramp_is_taken_frame_by_frame_and_said() -> None:
    edit = read('<asset-clip ref="a" offset="0s" duration="8s" start="0s"><timeMap>'
                '<timept time="0s" value="0s" interp="linear"/>'
                '<timept time="4s" value="4s" interp="smooth2" inTime="1s" outTime="1s"/>'
                '<timept time="8s" value="16s" interp="linear"/></timeMap></asset-clip>')
    line, = (line for line in edit.lines if line.tracks == ("V",))
    assert said(edit, "frame by frame") == ["info"]
    shown = [curve_frame(line.retime, index) for index in range(200)]
    # straight before and behind the ramp, exact to the frame
    assert shown[:75] == list(range(75))
    assert shown[125:] == [175 + 3 * index for index in range(75)]
    # in between the speed rises from 1 to 3 evenly: by 2 per 50 frames
    for index in range(50):
        position = 75 + index + Fraction(1, 2) * Fraction(2, 50) * index * index
        assert abs(curve_frame(line.retime, 75 + index) - position) <= 1


def test_a_ramp_nested_in_a_faster_clip_is_both() -> None:
    compound = ('<media id="m"><sequence format="r1" duration="6s"><spine>'
                '<asset-clip ref="a" offset="0s" duration="6s"><timeMap>'
                '<timept time="0s" value="0s" interp="linear"/>'
                '<timept time="2s" value="4s" interp="linear"/>'
                '<timept time="6s" value="6s" interp="linear"/></timeMap></asset-clip>'
                "</spine></sequence></media>")
    edit = read('<ref-clip ref="m" offset="0s" duration="3s"><timeMap>'
                '<timept time="0s" value="0s" interp="linear"/>'
                '<timept time="3s" value="6s" interp="linear"/></timeMap></ref-clip>', compound)
    line, = (line for line in edit.lines if line.tracks == ("V",))
    assert [(key.record, key.source) for key in line.retime] == [(0, 0), (25, 100), (75, 150)]


def test_a_covered_head_of_a_ramp_keeps_every_frame_behind_it() -> None:
    ramp = ('<timeMap><timept time="0s" value="0s" interp="linear"/>'
            '<timept time="2s" value="4s" interp="linear"/>'
            '<timept time="6s" value="6s" interp="linear"/></timeMap>')
    edit = read(f'<asset-clip ref="a" offset="0s" duration="6s" start="0s">{ramp}'
                '<asset-clip ref="w" lane="1" offset="0s" duration="1s"/></asset-clip>')
    line = next(line for line in edit.lines if line.names[0] == "a.mov")
    assert line.record == Span(25, 150)
    assert isinstance(line.source_in, int)
    for index in range(125):
        at = 25 + index
        expected = 2 * at if at < 50 else 100 + (at - 50) // 2
        assert line.source_in + curve_frame(line.retime, index) == expected
