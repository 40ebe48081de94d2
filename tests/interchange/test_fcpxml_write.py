"""FCPXML out: what is written says the same edit when it is read again."""

import xml.etree.ElementTree as ET
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from microfinish.core.conform import conform
from microfinish.core.media import Media, MediaLog, Picture, Sound
from microfinish.core.relink import own_rate
from microfinish.core.sampling import source_frame, step_of
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Placement, RetimeKey, Timeline, Transition
from microfinish.interchange.fcpxml import read
from microfinish.interchange.fcpxml_write import write_fcpxml

RATES = (Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30),
         Fraction(50), Fraction(60000, 1001))
SPEEDS = (Fraction(1), Fraction(1), Fraction(1), Fraction(1, 2), Fraction(2), Fraction(-1),
          Fraction(-1, 2), Fraction(3, 7), Fraction(0))
FRAMES = 4000


def file(name: str, rate: Fraction, start: int | None = None, *, sound: bool = True,
         drop: bool = False) -> Media:
    return Media(f"media/day 1/{name}.mov", name, 1, start_frame=start, timecode_drop=drop,
                 timecode_rate=rate if start is not None else None,
                 picture=Picture("h264", 1920, 1080, rate, FRAMES),
                 sounds=(Sound(0, "pcm", 48000, 2, 48000 * 200),) if sound else ())


@st.composite
def timelines(draw: Any) -> tuple[Timeline, MediaLog, str]:
    """A timeline over three files of any rates, with dissolves, speeds, black, and sound."""
    rate = draw(st.sampled_from(RATES))
    log = MediaLog(tuple(
        file(f"A00{n}_é&<", draw(st.sampled_from(RATES)),
             draw(st.sampled_from([None, 0, 86_400, 108_000]))) for n in range(3)))
    rule = draw(st.sampled_from(["time", "frame"]))
    events: list[Event] = []
    position = 0
    for index in range(draw(st.integers(1, 7))):
        length = draw(st.integers(2, 60))
        before = events[-1] if events else None
        black = draw(st.integers(0, 5)) == 0 and (before is None or bool(before.media))
        # a fade to black is as long as its black, or shorter, as every dissolve
        mix = draw(st.integers(0, length)) if draw(st.booleans()) else 0
        if mix and index and not black and draw(st.integers(0, 3)) == 0 and before and before.media:
            events.append(Event("", "V", "", Span(0, 0), Span(position, position), name="gap"))
        if not index and (black or mix == 0):
            mix = 0
        elif not index:
            events.append(Event("", "V", "", Span(0, 0), Span(0, 0), name="gap"))
        record = Span(position, position + length)
        transition = Transition("dissolve", mix) if mix else None
        events.append(Event("", "V", "", Span(0, length), record, Fraction(1), transition, "gap")
                      if black else draw(clip(log, rate, rule, record, transition, "V")))
        position += length
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, max(0, position - 3)))
        record = Span(start, draw(st.integers(start + 1, position)))
        if not any(record.overlap(one.record) for one in events if one.track == "A1"):
            events.append(draw(clip(log, rate, rule, record, None, "A1")))
    drop = draw(st.booleans()) and rate == Fraction(30000, 1001)
    return (Timeline(rate, tuple(events), (), draw(st.sampled_from([0, 86_400])), drop), log, rule)


@st.composite
def clip(draw: Any, log: MediaLog, rate: Fraction, rule: str, record: Span,
         transition: Transition | None, track: str) -> Event:
    media = draw(st.sampled_from(log.media))
    speed = draw(st.sampled_from(SPEEDS))
    step = step_of(speed, own_rate(media, rate), rate, rule)
    count = max(1, round(record.length * abs(step)))
    start = draw(st.integers(700, 2000))
    return Event("", track, media.path, Span(start, start + (1 if speed == 0 else count)), record,
                 speed, transition, draw(st.sampled_from(["", "rooftop"])))


def meaning(timeline: Timeline, log: MediaLog, rule: str) -> list[Any]:
    """What is seen and heard, whatever the words: frames shown, mixes, where black begins."""
    found: list[Any] = []
    files = log.by_path()
    for event in sorted(timeline.events, key=lambda e: (e.track, e.record.start, e.record.length)):
        shown = [source_frame(event, files[event.media].picture.rate, timeline.rate, frame, rule)
                 for frame in event.record] if event.media else []
        found.append((event.track, event.media, event.record, event.transition, shown))
    return found


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(timelines())
def test_written_and_read_again_an_edit_means_the_same(
        case: tuple[Timeline, MediaLog, str]) -> None:
    timeline, log, rule = case
    text = write_fcpxml(timeline, log, "ep001", conform=rule, root="/show")
    edit = read(text.encode(), "edit.fcpxml", timeline.rate)
    again = conform(edit, log.media, rule)
    assert meaning(again, log, rule) == meaning(timeline, log, rule)
    assert (again.rate, again.start_frame, again.drop) == (
        timeline.rate, timeline.start_frame, timeline.drop)
    assert edit.title == "ep001"


def test_times_lie_on_frames_and_transitions_around_their_cut() -> None:
    media = file("A001", Fraction(25), 90_000)
    timeline = Timeline(Fraction(25), (
        Event("", "V", media.path, Span(100, 150), Span(0, 50)),
        Event("", "V", media.path, Span(300, 350), Span(50, 100),
              transition=Transition("dissolve", 12))), start_frame=90_000)
    root = ET.fromstring(write_fcpxml(timeline, MediaLog((media,)), "ep001", root="C:\\show"))
    assert root.get("version") == "1.10"
    spine = root.find(".//spine")
    assert spine is not None
    told = [(e.tag, e.get("offset"), e.get("start"), e.get("duration")) for e in spine]
    assert told == [("asset-clip", "3600s", "3604s", "56/25s"),
                    ("transition", "3602s", None, "12/25s"),
                    ("asset-clip", "90056/25s", "90306/25s", "44/25s")]
    source = root.find(".//media-rep")
    assert source is not None
    assert source.get("src") == "file:///C:/show/media/day%201/A001.mov"


def test_picture_with_its_own_sound_is_one_clip() -> None:
    media = file("A001", Fraction(25))
    events = tuple(Event("", track, media.path, Span(0, 50), Span(0, 50)) for track in ("V", "A1"))
    root = ET.fromstring(write_fcpxml(Timeline(Fraction(25), events), MediaLog((media,)), "t"))
    clips = list(root.iter("asset-clip"))
    assert len(clips) == 1 and clips[0].get("srcEnable") is None


def test_a_crossfade_of_sound_comes_back() -> None:
    media = file("A001", Fraction(25))
    mix = Transition("dissolve", 9)
    timeline = Timeline(Fraction(25), (
        Event("", "V", media.path, Span(0, 50), Span(0, 50)),
        Event("", "A1", media.path, Span(500, 520), Span(0, 20)),
        Event("", "A1", media.path, Span(900, 930), Span(20, 50), transition=mix)))
    log = MediaLog((media,))
    again = conform(read(write_fcpxml(timeline, log, "t").encode(), "e.fcpxml", Fraction(25)),
                    log.media)
    assert meaning(again, log, "time") == meaning(timeline, log, "time")


def test_a_still_stays_a_still_of_any_length() -> None:
    still = Media("media/card.png", "card", 1, picture=Picture("png", 1080, 1920, Fraction(25), 1))
    timeline = Timeline(Fraction(25), (
        Event("", "V", still.path, Span(0, 1), Span(0, 75), Fraction(0)),))
    edit = read(write_fcpxml(timeline, MediaLog((still,)), "t").encode(), "e.fcpxml", Fraction(25))
    assert conform(edit, (still,)).events[0].record == Span(0, 75)
    assert conform(edit, (still,)).events[0].speed == 0


def test_ramps_places_and_roles_come_back() -> None:
    rate, base, top = Fraction(25), file("A001", Fraction(25), 90_000), file("B", Fraction(24000,
                                                                                          1001))
    ramp = tuple(RetimeKey(Fraction(record), Fraction(source)) for record, source in (
        (0, 10), (20, 30), (35, 75), (50, 60)))
    timeline = Timeline(rate, (
        Event("", "V", base.path, Span(10, 90), Span(0, 50), retime=ramp),
        Event("", "V", base.path, Span(300, 350), Span(50, 100),
              transition=Transition("dissolve", 12)),
        Event("", "V2", top.path, Span(5, 53), Span(20, 70), placement=Placement(
            0.25, 0.75, 0.4, (0.1, 0.2, 0.0, 0.05), 15.0, 0.5)),
        Event("", "V3", top.path, Span(5, 25), Span(30, 50), placement=Placement(opacity=0.5)),
        Event("", "A1", base.path, Span(0, 50), Span(0, 50), role="dialogue"),
        Event("", "A2", top.path, Span(0, 48), Span(0, 50), role="music.score"),
    ), canvas=(1080, 1350))
    log = MediaLog((base, top))
    edit = read(write_fcpxml(timeline, log, "ep001").encode(), "edit.fcpxml", rate)
    assert edit.canvas == (1080, 1350)
    again = conform(edit, log.media)
    for old, new in zip(timeline.events, sorted(again.events, key=lambda e: (
            e.track.replace("V", "0"), e.record.start)), strict=True):
        assert (old.track, old.media, old.record, old.transition, old.role) == (
            new.track, new.media, new.record, new.transition, new.role)
        assert [source_frame(old, own_rate(log.by_path()[old.media], rate), rate, frame)
                for frame in old.record] == [
            source_frame(new, own_rate(log.by_path()[new.media], rate), rate, frame)
            for frame in old.record]
        if old.placement:
            assert new.placement is not None
            for name in ("x", "y", "scale", "crop", "rotation_degrees", "opacity"):
                assert getattr(new.placement, name) == pytest.approx(getattr(old.placement, name))
