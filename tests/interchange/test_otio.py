"""OpenTimelineIO: exact frames from floats, transitions, warps, losses, and a timeline back."""

import json
import random
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from real_lists import (
    CORPUS,
    HERE,
    RATE,
    bare,
    camera,
    first_rate,
    lists,
    media_for,
    needs_corpus,
)

from microfinish.core.cdl import Cdl
from microfinish.core.conform import conform
from microfinish.core.edit import EditLine, EditList
from microfinish.core.errors import InputError, MicrofinishError, ProblemsError
from microfinish.core.media import Media, MediaLog
from microfinish.core.sampling import source_frame
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline, Transition
from microfinish.interchange.edl import read as read_edl
from microfinish.interchange.edl_write import write_edl
from microfinish.interchange.otio_read import read
from microfinish.interchange.otio_write import write_otio

A, B = camera("A001C003.mov", 90_000), camera("B002C001.mov", None)
LOG = MediaLog((A, B))


def time(value: float, rate: float = 25) -> otio.opentime.RationalTime:
    return otio.opentime.RationalTime(value, rate)


def span(start: float, length: float, rate: float = 25) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(time(start, rate), time(length, rate))


def clip(start: float, length: float, known: float | None = 90_000, rate: float = 25,
         ) -> otio.schema.Clip:
    available = None if known is None else span(known, 5000, rate)
    return otio.schema.Clip("Rooftop", otio.schema.ExternalReference(
        "file:///Volumes/x/day%201/A001C003.mov", available), span(start, length, rate))


def gap(length: float) -> otio.schema.Gap:
    return otio.schema.Gap(source_range=span(0, length))


def fade(before: float, after: float) -> otio.schema.Transition:
    return otio.schema.Transition(transition_type="SMPTE_Dissolve", in_offset=time(before),
                                  out_offset=time(after))


def edit(*items: object, start: float | None = 0, kind: str = "Video",
         season: Fraction = RATE) -> EditList:
    timeline = otio.schema.Timeline(
        "ep001", global_start_time=None if start is None else time(start))
    timeline.tracks.append(otio.schema.Track("t", list(items), kind=kind))
    return read(timeline.to_json_string().encode(), "edit.otio", season)


def lines(*items: object, **more: object) -> tuple[EditLine, ...]:
    return edit(*items, **more).lines  # type: ignore[arg-type]


def test_a_clip_is_a_label_where_its_file_states_timecode() -> None:
    line, = lines(clip(90_112, 63), start=90_000)
    assert (line.source_in, line.record) == ("01:00:04:12", Span(90_000, 90_063))
    assert line.names == ("A001C003.mov", "Rooftop")


def test_a_clip_is_a_frame_where_its_file_starts_at_zero() -> None:
    line, = lines(clip(112, 63, known=0))
    assert line.source_in == 112


@pytest.mark.parametrize(("written", "exact"), [
    (23.976, Fraction(24000, 1001)), (23.976023976023978, Fraction(24000, 1001)),
    (29.97, Fraction(30000, 1001)), (59.94005994005994, Fraction(60000, 1001)), (25.0, RATE)])
def test_float_rates_become_the_exact_ones(written: float, exact: Fraction) -> None:
    made = otio.schema.Timeline("ep001", global_start_time=time(0, written))
    made.tracks.append(otio.schema.Track("t", [clip(0, 10, 0, written)], kind="Video"))
    found = read(made.to_json_string().encode(), "edit.otio", exact)
    assert (found.rate, found.lines[0].record, found.losses) == (exact, Span(0, 10), ())


def test_positions_are_summed_exactly_and_rounded_once() -> None:
    rate = 23.976
    found = lines(*(clip(0, 1, 0, rate) for _ in range(3000)), start=None,
                  season=Fraction(24000, 1001))
    assert found[-1].record == Span(2999, 3000)


def test_a_dissolve_belongs_to_the_incoming_clip_from_its_start() -> None:
    out, into = lines(clip(0, 50, 0), fade(4, 8), clip(100, 50, 0))
    assert out.record == Span(0, 46)
    assert (into.record, into.source_in, into.transition) == (
        Span(46, 100), 96, Transition("dissolve", 12))


def test_fades_start_in_black_and_end_in_black() -> None:
    into, out = lines(fade(0, 10), clip(5, 50, 0), fade(8, 0))
    assert (into.record, into.from_black, into.transition) == (
        Span(0, 42), True, Transition("dissolve", 10))
    assert (out.black, out.record, out.transition) == (
        True, Span(42, 50), Transition("dissolve", 8))


def test_a_leading_gap_is_black_and_a_gap_between_is_a_gap() -> None:
    found = lines(gap(10), clip(0, 10, 0), gap(5), clip(0, 10, 0))
    assert [(line.black, line.record) for line in found] == [
        (True, Span(0, 10)), (False, Span(10, 20)), (False, Span(25, 35))]


def test_a_warp_scales_what_lies_under_the_record() -> None:
    item = clip(100, 50, 0)
    item.effects.append(otio.schema.LinearTimeWarp(time_scalar=1 / 3))
    line, = lines(item)
    assert (line.record, line.source_in, line.speed) == (Span(0, 50), 100, Fraction(1, 3))


def test_what_is_not_taken_is_named_with_its_line() -> None:
    item = clip(0, 10, 0)
    item.effects.append(otio.schema.Effect("Glow", "Glow"))
    item.markers.append(otio.schema.Marker("here", span(0, 1)))
    off = clip(0, 10, 0)
    off.enabled = False
    found = edit(item, off)
    assert [(loss.severity, loss.reason) for loss in found.losses] == [
        ("warning", "not reproduced: Glow"),
        ("info", "a disabled clip is left out")]
    assert all(loss.line for loss in found.losses)


def test_a_nested_track_and_a_stack_of_layers_are_opened() -> None:
    inner = otio.schema.Track("n", [clip(0, 20, 0), clip(50, 20, 0)], kind="Video",
                              source_range=span(10, 20))
    layers = otio.schema.Stack("s", [
        otio.schema.Track("a", [clip(0, 20, 0)]), otio.schema.Track("b", [clip(30, 10, 0)]),
        otio.schema.Track("sound", [clip(0, 20, 0)], kind="Audio")])
    found = edit(inner, layers)
    assert [(line.record, line.source_in) for line in found.lines] == [
        (Span(0, 10), 10), (Span(10, 20), 50), (Span(20, 30), 30), (Span(30, 40), 10)]
    assert [loss.severity for loss in found.losses] == ["info"] * 3


def test_the_speed_of_a_nested_composition_is_that_of_its_clips() -> None:
    inner = otio.schema.Track("n", [clip(0, 20, 0), clip(50, 20, 0)], kind="Video",
                              source_range=span(10, 15))
    inner.effects.append(otio.schema.LinearTimeWarp(time_scalar=2.0))
    found = edit(inner)
    assert [(line.record, line.source_in, line.speed) for line in found.lines] == [
        (Span(0, 5), 10, 2), (Span(5, 15), 50, 2)]


def test_a_schema_from_the_future_is_refused_by_name() -> None:
    text = otio.schema.Timeline("x").to_json_string().replace("Timeline.1", "Timeline.9")
    with pytest.raises(InputError, match=r"Timeline\.9 is newer") as error:
        read(text.encode(), "edit.otio", RATE)
    assert error.value.where is not None and error.value.where.line
    assert "opentimelineio" in error.value.hint


def test_a_marker_from_the_future_costs_only_the_marker() -> None:
    item = clip(0, 10, 0)
    item.markers.append(otio.schema.Marker("here", span(0, 1)))
    timeline = otio.schema.Timeline("x", global_start_time=time(0))
    timeline.tracks.append(otio.schema.Track("t", [item], kind="Video"))
    text = re.sub(r"Marker\.\d+", "Marker.99", timeline.to_json_string())
    found = read(text.encode(), "edit.otio", RATE)
    assert len(found.lines) == 1
    assert "Marker.99 is newer" in found.losses[0].reason


@pytest.mark.parametrize(("data", "says"), [
    (b"{", "not JSON"), (b"[1]", "not OpenTimelineIO"), (b"\xff", "not UTF-8"),
    (b"[" * 500, "levels deep"),
    (otio.schema.Timeline("x").to_json_string().encode(), "no clips"),
    (otio.schema.Clip("x").to_json_string().encode(), "no timeline")])
def test_what_is_no_edit_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read(data, "edit.otio", RATE)


# out and back

def reread(made: Timeline, log: MediaLog = LOG) -> Timeline:
    return conform(read(write_otio(made, log, "ep001").encode(), "edit.otio", made.rate),
                   log.media)


def shown(made: Timeline) -> list[tuple[object, ...]]:
    return [row for row in bare(made) if row[3] and row[3].length]  # type: ignore[attr-defined]


def cut(media: Media, source: tuple[int, int], record: tuple[int, int], **more: object) -> Event:
    return replace(Event("", "V", media.path, Span(*source), Span(*record)), **more)


def test_a_timeline_comes_back_from_its_otio() -> None:
    dissolve = Transition("dissolve", 10)
    cdl = Cdl((1.02, 1, 0.98), (0.0, 0.01, 0.0), (1.0, 1.1, 1.0), 1.05)
    made = Timeline(RATE, (
        Event("", "V", "", Span(0, 20), Span(0, 20), name="gap"),
        cut(A, (0, 50), (20, 70), transition=dissolve, cdl=cdl),
        *(cut(A, (0, 60), (20, 80), track=track) for track in ("A1", "A3")),
        cut(B, (7, 57), (70, 120), transition=dissolve),
        Event("", "V", "", Span(0, 30), Span(120, 150)),
        cut(A, (500, 510), (150, 160)),
        Event("", "V", "", Span(0, 8), Span(160, 168), transition=Transition("dissolve", 8)),
    ), start_frame=90_000)
    again = reread(made)
    assert shown(again) == shown(made)
    assert (again.start_frame, again.frames) == (90_000, made.frames)


@pytest.mark.parametrize("speed", [Fraction(1, 2), Fraction(2), Fraction(-1), Fraction(-2),
                                   Fraction(1, 3), Fraction(-1, 3), Fraction(5, 7), Fraction(0)])
@pytest.mark.parametrize("rate", [RATE, Fraction(60), Fraction(24000, 1001)])
def test_every_frame_of_a_retimed_event_is_the_same(speed: Fraction, rate: Fraction) -> None:
    media = camera("C.mov", 86_400, rate=rate)
    count = max(1, round(90 * abs(speed) * rate / RATE))
    made = Timeline(RATE, (cut(A, (0, 10), (0, 10)),
                           cut(media, (100, 100 + count), (10, 100), speed=speed)))
    again = reread(made, MediaLog((A, media)))
    assert [source_frame(again.events[1], rate, RATE, n) for n in range(10, 100)] == \
        [source_frame(made.events[1], rate, RATE, n) for n in range(10, 100)]


@needs_corpus
@pytest.mark.parametrize("path", lists(), ids=lambda path: path.name)
def test_a_real_edl_keeps_every_timecode_through_otio(path: Path) -> None:
    edl = first_rate(path)
    log = media_for(edl)
    try:
        made = conform(edl, log.media)
    except ProblemsError as error:
        pytest.skip(f"cannot be conformed as it is: {error.message}")
    through = reread(made, log)
    again = conform(read_edl(write_edl(through, log, "x").encode(), "edit.edl", made.rate),
                    log.media)
    assert shown(again) == shown(made)
    assert (again.start_frame, again.frames) == (made.start_frame, made.frames)


# real files

REFUSED = {"gaps.otio": "no clips"}


@needs_corpus
@pytest.mark.parametrize("path", lists("otio"), ids=lambda path: path.name)
def test_a_real_file_is_read_or_refused_in_words(path: Path) -> None:
    if path.name in REFUSED:
        with pytest.raises(InputError, match=REFUSED[path.name]):
            read(path.read_bytes(), path.name, Fraction(24))
        return
    found = read(path.read_bytes(), path.name, Fraction(24))
    assert found.lines
    assert all(line.record and line.record.length > 0 for line in found.lines)


@needs_corpus
@pytest.mark.parametrize(("name", "events"), [
    # by hand from the text: track, source, record, transition frames, line
    ("transition.otio", [("V", 3, Span(0, 3), 0, 29), ("V", 2, Span(3, 7), 0, 69),
                         ("V", 0, Span(7, 13), 5, 125),
                         ("V", "00:00:04:04", Span(13, 19), 0, 165)]),
    ("premiere_example.otio", [("V", 0, Span(322, 538), 0, 682),
                               ("V", 2, Span(538, 636), 19, 259),
                               ("V", 6, Span(1152, 1246), 25, 1228)]),
    ("effects.otio", [("V", 0, Span(86900, 87216), 0, 2447)]),
    ("nested_example.otio", [("V", "00:00:15:13", Span(238, 269), 0, 42)]),
])
def test_a_real_file_has_these_events(name: str, events: list[tuple[object, ...]]) -> None:
    path = CORPUS / "AcademySoftwareFoundation__OpenTimelineIO/tests/sample_data" / name
    found = [(line.tracks[0], line.source_in, line.record,
              line.transition.frames if line.transition else 0,
              line.where.line if line.where else 0)
             for line in read(path.read_bytes(), name, Fraction(24)).lines]
    for wanted in events:
        assert any(row[:4] == wanted[:4] and wanted[4] in (None, row[4]) for row in found), wanted


@needs_corpus
def test_several_tracks_are_seen_as_opentimelineio_s_own_flattened_file_says() -> None:
    folder = CORPUS / "AcademySoftwareFoundation__OpenTimelineIO/tests/sample_data"
    many, flat = (read((folder / name).read_bytes(), name, Fraction(24))
                  for name in ("multitrack.otio", "preflattened.otio"))
    assert [(line.names, line.source_in, line.record) for line in many.lines] == [
        (line.names, line.source_in, line.record) for line in flat.lines]


def test_a_broken_file_is_refused_or_read_and_never_a_crash() -> None:
    dice = random.Random(11)
    item = clip(0, 50, 0)
    item.effects.append(otio.schema.LinearTimeWarp(time_scalar=2.0))
    made = otio.schema.Timeline("ep001", global_start_time=time(0))
    made.tracks.append(otio.schema.Track("t", [item, fade(4, 8), clip(100, 50, 0), gap(5)],
                                         kind="Video"))
    sources = [made.to_json_string().encode()]
    if HERE:
        sources += [path.read_bytes() for path in lists("otio") if path.stat().st_size < 9000]
    words = [b"-1", b"1e309", b"NaN", b"null", b'"x"', b"[]", b"{}", b"99999999999999999999",
             b'"OTIO_SCHEMA": "Nothing.1",', b"0.5", b"true"]
    for number in range(700):
        data = bytearray(sources[number % len(sources)])
        for _ in range(dice.randint(1, 5)):
            values = [match.span() for match in re.finditer(rb"-?\d+\.\d+|null|true", data)]
            at = dice.randrange(len(data))
            choice = dice.randrange(4)
            if choice == 0 and values:
                start, end = dice.choice(values)
                data[start:end] = dice.choice(words)
            elif choice == 1:
                data[at] = dice.randrange(256)
            elif choice == 2:
                del data[at:at + dice.randint(1, 40)]
            else:
                data[at:at] = dice.choice(words)
        try:
            read(bytes(data), "edit.otio", RATE)
        except MicrofinishError:
            continue


def test_changed_values_are_refused_or_read_and_never_a_crash() -> None:
    dice = random.Random(12)
    made = otio.schema.Timeline("ep001", global_start_time=time(0))
    made.tracks.append(otio.schema.Track("t", [clip(0, 50, 0), fade(4, 8), clip(100, 50, 0)],
                                         kind="Video"))
    for _ in range(400):
        tree = json.loads(made.to_json_string())
        for _ in range(dice.randint(1, 3)):
            here = tree
            for _ in range(dice.randint(1, 9)):
                keys = list(here) if isinstance(here, dict) else list(range(len(here)))
                if not keys:
                    break
                key = dice.choice(keys)
                if isinstance(here[key], (dict, list)) and here[key] and dice.random() < 0.8:
                    here = here[key]
                    continue
                here[key] = dice.choice([None, -1.0, 0.0, 1e18, "x", [], {}, True, 7])
                break
        try:
            read(json.dumps(tree).encode(), "edit.otio", RATE)
        except MicrofinishError:
            continue
