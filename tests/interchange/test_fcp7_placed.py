"""Final Cut Pro 7 XML: motion, crop, opacity, several tracks and nested sequences of several."""

from fractions import Fraction

import pytest

from microfinish.core.conform import conform
from microfinish.core.edit import EditLine, EditList
from microfinish.core.media import Media, MediaLog, Picture
from microfinish.core.relink import own_rate
from microfinish.core.sampling import source_frame
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Placement, RetimeKey, Timeline, Transition
from microfinish.interchange.fcp7 import read
from microfinish.interchange.fcp7_write import write_fcp7

RATE = Fraction(25)
TWENTY_FIVE = "<rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>"


def size(width: int, height: int) -> str:
    return (f"<samplecharacteristics><width>{width}</width><height>{height}</height>"
            "</samplecharacteristics>")


def effect(name: str, **values: object) -> str:
    parameters = "".join(f"<parameter><parameterid>{key}</parameterid><name>{key}</name>"
                         + (str(value) if "<" in str(value) else f"<value>{value}</value>")
                         + "</parameter>" for key, value in values.items())
    return f"<filter><effect><effectid>{name}</effectid>{parameters}</effect></filter>"


def point(horiz: float, vert: float) -> str:
    return f"<value><horiz>{horiz}</horiz><vert>{vert}</vert></value>"


def keys(*values: object) -> str:
    return "".join(f"<keyframe><when>{index}</when><value>{value}</value></keyframe>"
                   for index, value in enumerate(values))


def clip(name: str, start: int, end: int, more: str = "", of: tuple[int, int] = (1920, 1080),
         entry: int = 0) -> str:
    return (f"<clipitem><name>{name}</name>{TWENTY_FIVE}<start>{start}</start><end>{end}</end>"
            f"<in>{entry}</in><out>{entry + end - start}</out><file id='{name}'><pathurl>"
            f"file:///{name}.mov</pathurl>{TWENTY_FIVE}<media><video>{size(*of)}</video></media>"
            f"</file>{more}</clipitem>")


def sequence(*tracks: str, canvas: tuple[int, int] = (1080, 1920), name: str = "s") -> str:
    listed = "".join(f"<track>{track}</track>" for track in tracks)
    return (f"<sequence id='{name}'><name>{name}</name>{TWENTY_FIVE}<media><video><format>"
            f"{size(*canvas)}</format>{listed}</video></media></sequence>")


def edit(*tracks: str, canvas: tuple[int, int] = (1080, 1920)) -> EditList:
    return read(f"<xmeml version='5'>{sequence(*tracks, canvas=canvas)}</xmeml>".encode(),
                "edit.xml", RATE)


def only(more: str, of: tuple[int, int] = (1920, 1080)) -> EditLine:
    found, = (line for line in edit(clip("A", 0, 50), clip("B", 10, 30, more, of)).lines
              if line.tracks == ("V2",))
    return found


def test_scale_is_percent_of_the_picture_s_own_pixels() -> None:
    # a picture of 1920 pixels fits into 1080 at 56.25 percent: 28.125 is half of that
    assert only(effect("basic", scale=28.125)).placement == Placement(scale=0.5)
    assert only(effect("basic", scale=50), (540, 960)).placement == Placement(scale=0.25)


def test_a_picture_that_its_scale_just_fits_in_is_the_picture_itself() -> None:
    found = edit(clip("A", 0, 50, effect("basic", scale=93.8), (2048, 1080)),
                 canvas=(1920, 1080))
    assert [(line.tracks, line.placement) for line in found.lines] == [(("V",), None)]
    assert found.losses == ()


def test_center_is_a_fraction_of_the_frame_from_its_middle_y_down() -> None:
    line = only(effect("basic", scale=28.125, center=point(0.25, 0.125), rotation=10))
    assert line.placement == Placement(0.75, 0.625, 0.5, rotation_degrees=10)


def test_an_anchor_is_what_stays_at_the_center() -> None:
    line = only(effect("basic", scale=50, centerOffset=point(-0.5, -0.5)), (1080, 1920))
    assert line.placement == Placement(0.75, 0.75, 0.5)


def test_crop_and_opacity_are_percent() -> None:
    line = only(effect("crop", left=10, bottom=25) + effect("opacity", opacity=40))
    assert line.placement == Placement(crop=(0.1, 0, 0, 0.25), opacity=0.4)


def test_the_first_keyframe_of_a_motion_is_taken_and_said() -> None:
    found = edit(clip("A", 0, 50), clip("B", 0, 50, effect("basic", scale=keys(20, 40, 60))))
    assert [(loss.severity, "first of its 3" in loss.reason) for loss in found.losses] == [
        ("warning", True)]
    assert not edit(clip("A", 0, 50),
                    clip("B", 0, 50, effect("basic", scale=keys(20, 20)))).losses


def test_a_fade_by_opacity_keyframes_does_not_hide_the_clip() -> None:
    line = only(effect("opacity", opacity=keys(0, 80, 80, 0)))
    assert line.placement == Placement(opacity=0.8)


def test_an_upper_clip_without_motion_hides_and_one_with_it_does_not() -> None:
    found = edit(clip("A", 0, 50), clip("B", 10, 20),
                 clip("C", 15, 40, effect("basic", scale=10)))
    assert [(line.names[0], line.tracks[0], line.record) for line in found.lines] == [
        ("A.mov", "V", Span(0, 10)), ("B.mov", "V", Span(10, 20)), ("A.mov", "V", Span(20, 50)),
        ("C.mov", "V3", Span(15, 40))]


def test_a_clip_of_another_shape_between_fit_and_fill_keeps_what_is_seen_beside_it() -> None:
    # 4:3 in 16:9 fits at 100 percent and fills at 133
    for scale, track in ((110, "V2"), (134, "V")):
        found = edit(clip("A", 0, 50), clip("B", 10, 30, effect("basic", scale=scale),
                                            (1440, 1080)), canvas=(1920, 1080))
        upper, = (line for line in found.lines if line.names[0] == "B.mov")
        base = [line.record for line in found.lines if line.names[0] == "A.mov"]
        assert upper.tracks == (track,)
        assert base == ([Span(0, 50)] if track == "V2" else [Span(0, 10), Span(30, 50)])


def test_a_nested_sequence_of_several_tracks_is_laid_into_its_place() -> None:
    inner = sequence(clip("B", 0, 50), clip("C", 0, 50, effect("basic", scale=28.125)), name="n")
    nest = (f"<clipitem>{TWENTY_FIVE}<start>10</start><end>30</end><in>5</in><out>25</out>"
            f"{inner}</clipitem>")
    found = edit(clip("A", 0, 50), nest, clip("D", 0, 50, effect("opacity", opacity=50)))
    assert [(line.names[0], line.tracks[0], line.record, line.source_in)
            for line in found.lines] == [
        ("A.mov", "V", Span(0, 10), 0), ("B.mov", "V", Span(10, 30), 5),
        ("A.mov", "V", Span(30, 50), 30), ("C.mov", "V3", Span(10, 30), 5),
        ("D.mov", "V4", Span(0, 50), 0)]


def test_a_nested_sequence_that_is_placed_takes_its_clips_along() -> None:
    inner = sequence(clip("B", 0, 50, effect("basic", scale=28.125, center=point(0, 0.25))),
                     name="n")
    nest = (f"<clipitem>{TWENTY_FIVE}<start>0</start><end>20</end><in>0</in><out>20</out>{inner}"
            + effect("basic", scale=50, center=point(0.25, 0)) + "</clipitem>")
    found = edit(clip("A", 0, 50), nest)
    line, = (line for line in found.lines if line.tracks == ("V2",))
    assert line.placement == Placement(0.75, 0.5 + 0.125, 0.25)


def test_ramps_and_places_come_back() -> None:
    base = Media("media/A.mov", "a", 1, picture=Picture("h264", 1920, 1080, RATE, 4000))
    top = Media("media/B.mov", "b", 1,
                picture=Picture("h264", 1280, 720, Fraction(30000, 1001), 4000))
    curve = tuple(RetimeKey(Fraction(record), Fraction(source)) for record, source in (
        (0, 10), (20, 30), (35, 75), (50, 60)))
    timeline = Timeline(RATE, (
        Event("", "V", base.path, Span(10, 90), Span(0, 50), retime=curve),
        Event("", "V", base.path, Span(300, 350), Span(50, 100),
              transition=Transition("dissolve", 12)),
        Event("", "V2", top.path, Span(5, 55), Span(20, 60), retime=(
            RetimeKey(Fraction(0), Fraction(5)), RetimeKey(Fraction(40), Fraction(55))),
            placement=Placement(0.25, 0.75, 0.4, (0.1, 0.2, 0.0, 0.05), 15.0, 0.5)),
    ), canvas=(1080, 1350))
    log = MediaLog((base, top))
    found = read(write_fcp7(timeline, log, "ep001").encode(), "edit.xml", RATE)
    again = conform(found, log.media)
    assert found.canvas == (1080, 1350)
    for old, new in zip(timeline.events, sorted(again.events, key=lambda e: (
            e.track, e.record.start)), strict=True):
        assert (old.track, old.media, old.record, old.transition) == (
            new.track, new.media, new.record, new.transition)
        rate = own_rate(log.by_path()[old.media], RATE)
        assert [source_frame(old, rate, RATE, frame) for frame in old.record] == [
            source_frame(new, rate, RATE, frame) for frame in old.record]
        if old.placement:
            assert new.placement is not None
            for name in ("x", "y", "scale", "crop", "rotation_degrees", "opacity"):
                assert getattr(new.placement, name) == pytest.approx(getattr(old.placement, name))


def test_an_element_that_is_not_known_is_named_with_its_line() -> None:
    found = edit(clip("A", 0, 50, "\n<subclipinfo><startoffset>7</startoffset></subclipinfo>"))
    assert [(loss.line, loss.severity, loss.text) for loss in found.losses] == [
        (2, "warning", "<subclipinfo>")]
