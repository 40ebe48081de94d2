"""Final Cut Pro 7 XML: every point of a clip, transitions, speeds, and a loss for all else."""

import os
import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from microfinish.core.conform import conform
from microfinish.core.edit import EditLine, EditList
from microfinish.core.errors import InputError, MicrofinishError
from microfinish.core.media import Media, MediaLog, Picture, Sound
from microfinish.core.sampling import source_frame
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline, Transition
from microfinish.interchange.fcp7 import read
from microfinish.interchange.fcp7_media import name_of_url
from microfinish.interchange.fcp7_write import write_fcp7

RATE = Fraction(25)
NTSC_24 = Fraction(24000, 1001)
CORPUS = Path(os.environ.get("MICROFINISH_TESTDATA", "")) / "interchange"
OTIO = CORPUS / "AcademySoftwareFoundation__OpenTimelineIO/tests/sample_data"
needs_corpus = pytest.mark.skipif("MICROFINISH_TESTDATA" not in os.environ,
                                  reason="MICROFINISH_TESTDATA is not set: no real lists here")


def rate_xml(timebase: int = 25, ntsc: str = "FALSE") -> str:
    return f"<rate><timebase>{timebase}</timebase><ntsc>{ntsc}</ntsc></rate>"


def clip(start: int, end: int, in_: int, out: int, more: str = "", rate: str = "",
         timecode: str = "") -> str:
    return (f"<clipitem><name>Rooftop</name>{rate or rate_xml()}<start>{start}</start>"
            f"<end>{end}</end><in>{in_}</in><out>{out}</out><file id='f1'>"
            f"<pathurl>file://localhost/D%3a/day%201/A001C003.mov</pathurl>{rate or rate_xml()}"
            f"{timecode}</file>{more}</clipitem>")


def transition(start: int, end: int, alignment: str = "center", name: str = "Cross Dissolve",
               ) -> str:
    return (f"<transitionitem><start>{start}</start><end>{end}</end><alignment>{alignment}"
            f"</alignment><effect><name>{name}</name></effect></transitionitem>")


def speed(percent: str, graph: str = "", variable: int = 0, reverse: str = "FALSE") -> str:
    def parameter(name: str, value: object, keys: str = "") -> str:
        return (f"<parameter><parameterid>{name}</parameterid><value>{value}</value>{keys}"
                "</parameter>")

    keys = "".join("<keyframe><when>{}</when><value>{}</value></keyframe>".format(*pair.split(">"))
                   for pair in graph.split())
    return ("<filter><effect><effectid>timeremap</effectid>"
            + parameter("variablespeed", variable) + parameter("speed", percent)
            + parameter("reverse", reverse) + (parameter("graphdict", 0, keys) if keys else "")
            + "</effect></filter>")


def xmeml(*items: str, rate: str = "", more: str = "", audio: str = "") -> bytes:
    return ("<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE xmeml>\n<xmeml version='5'>"
            f"<sequence id='s'><name>ep001</name>{rate or rate_xml()}{more}<media><video><track>"
            + "\n".join(items) + f"</track></video><audio>{audio}</audio></media></sequence>"
            "</xmeml>").encode()


def lines(*items: str, season: Fraction = RATE, **more: str) -> tuple[EditLine, ...]:
    return read(xmeml(*items, **more), "edit.xml", season).lines


def losses(edit: EditList) -> list[tuple[str, str]]:
    return [(loss.severity, loss.reason) for loss in edit.losses]


def test_a_clip_has_its_record_its_frames_and_its_file_name() -> None:
    line, = lines(clip(0, 63, 112, 175))
    assert (line.tracks, line.record, line.source_in) == (("V",), Span(0, 63), 112)
    assert line.names == ("A001C003.mov", "Rooftop")
    assert line.where is not None and line.where.line == 3


def test_the_file_s_timecode_makes_the_source_a_label() -> None:
    timecode = ("<timecode><string>01:00:00:00</string><frame>90000</frame>"
                f"<displayformat>NDF</displayformat>{rate_xml()}<reel><name>A001</name></reel>"
                "</timecode>")
    line, = lines(clip(0, 63, 112, 175, timecode=timecode))
    assert (line.source_in, line.reel, line.source_drop) == ("01:00:04:12", "A001", False)


@pytest.mark.parametrize(("timebase", "ntsc", "rate"), [
    (24, "TRUE", NTSC_24), (24, "FALSE", Fraction(24)), (30, "TRUE", Fraction(30000, 1001)),
    (60, "TRUE", Fraction(60000, 1001)), (25, "FALSE", RATE), (50, "FALSE", Fraction(50))])
def test_rates_are_exact(timebase: int, ntsc: str, rate: Fraction) -> None:
    own = rate_xml(timebase, ntsc)
    edit = read(xmeml(clip(0, 9, 0, 9, rate=own), rate=own), "edit.xml", rate)
    assert edit.rate == rate
    assert not edit.losses


def test_another_rate_than_the_season_s_is_said() -> None:
    edit = read(xmeml(clip(0, 9, 0, 9)), "edit.xml", Fraction(24))
    assert losses(edit) == [("warning", "the sequence runs at 25, the season at 24")]


def test_record_timecode_starts_where_the_sequence_says_and_its_first_gap_is_black() -> None:
    start = ("<timecode><string>10:00:00:00</string><frame>900000</frame>"
             "<displayformat>NDF</displayformat></timecode>")
    edit = read(xmeml(clip(14, 63, 0, 49), more=start), "edit.xml", RATE)
    assert [(line.black, line.record) for line in edit.lines] == [
        (True, Span(900_000, 900_014)), (False, Span(900_014, 900_063))]


def test_an_out_point_that_is_one_short_does_not_shorten_the_clip() -> None:
    edit = read(xmeml(clip(0, 63, 112, 174)), "edit.xml", RATE)
    assert edit.lines[0].record == Span(0, 63)
    assert not edit.losses


def test_an_out_point_that_says_something_else_is_reported() -> None:
    edit = read(xmeml(clip(0, 63, 112, 150)), "edit.xml", RATE)
    assert losses(edit)[0][0] == "warning"


def test_a_dissolve_belongs_to_the_incoming_clip_from_the_transition_s_start() -> None:
    out, into = lines(clip(0, -1, 0, 56), transition(44, 56), clip(-1, 100, 20, 76))
    assert (out.record, out.transition) == (Span(0, 44), None)
    assert (into.record, into.transition) == (Span(44, 100), Transition("dissolve", 12))
    assert (into.source_in, into.from_black) == (20, False)


def test_written_points_under_a_transition_keep_the_same_pictures() -> None:
    out, into = lines(clip(0, 50, 0, 50), transition(44, 56), clip(50, 100, 26, 76))
    assert (out.record, into.record, into.source_in) == (Span(0, 44), Span(44, 100), 20)


def test_a_fade_in_comes_from_black_and_a_fade_out_leads_to_it() -> None:
    head, tail = lines(transition(0, 10, "start-black"), clip(-1, -1, 5, 105),
                       transition(90, 100, "end-black"))
    assert (head.record, head.from_black) == (Span(0, 90), True)
    assert head.transition == Transition("dissolve", 10)
    assert (tail.black, tail.record, tail.transition) == (
        True, Span(90, 100), Transition("dissolve", 10))


@pytest.mark.parametrize(("name", "kind", "said"), [
    ("Dip to Black", "dip-black", []), ("Dip to White", "dip-white", []),
    ("Dip to Color", "dip-black", [("warning", "the color of Dip to Color is taken to be black")]),
    ("Additive Dissolve", "dissolve", [
        ("warning", "Additive Dissolve becomes a dissolve of the same length")])])
def test_a_dip_goes_through_its_color(name: str, kind: str, said: list[tuple[str, str]]) -> None:
    edit = read(xmeml(clip(0, -1, 0, 56), transition(44, 56, name=name), clip(-1, 100, 20, 76)),
                "edit.xml", RATE)
    assert edit.lines[1].transition == Transition(kind, 12)
    assert losses(edit) == said


def test_in_and_out_of_a_sped_up_clip_count_retimed_frames() -> None:
    line, = lines(clip(0, 50, 20, 70, speed("200")))
    assert (line.source_in, line.speed) == (40, 2)


def test_the_graph_says_the_first_frame_and_the_percent_the_speed() -> None:
    line, = lines(clip(0, 157, 20, 177, speed("500.012", "0>0 20>100 177>885 8442>42211")))
    assert (line.source_in, line.speed) == (100, Fraction("5.00012"))


def test_source_frames_beside_a_speed_are_noticed_by_their_length() -> None:
    line, = lines(clip(0, 50, 40, 140, speed("200")))
    assert (line.source_in, line.speed) == (40, 2)


def test_backward_shows_the_graph_s_frame_first() -> None:
    line, = lines(clip(0, 6, 15299, 15305, speed("100", "0>37127 15299>21828 15305>21822", 0,
                                                 "TRUE")))
    assert (line.source_in, line.source_out, line.speed) == (21828, 21827, -1)


def test_variable_speed_has_a_key_at_every_keyframe() -> None:
    edit = read(xmeml(clip(0, 40, 0, 40, speed("100", "0>0 10>10 30>50 40>50", 1))), "e.xml", RATE)
    line, = edit.lines
    assert (line.record, line.source_in, line.speed) == (Span(0, 40), 0, 1)
    assert [(key.record, key.source) for key in line.retime] == [
        (0, 0), (10, 10), (30, 50), (40, 50)]
    assert edit.losses == ()


def test_a_file_of_another_rate_counts_its_own_frames() -> None:
    item = clip(0, 100, 0, 50, rate=rate_xml(15)).replace(
        f"mov</pathurl>{rate_xml(15)}", f"mov</pathurl>{rate_xml(30)}").replace("<in>0", "<in>10")
    line, = lines(item.replace("<out>50", "<out>60"), rate=rate_xml(30), season=Fraction(30))
    assert line.source_in == 20


def test_what_is_switched_off_leaves_a_gap_and_a_word() -> None:
    edit = read(xmeml(clip(0, 10, 0, 10), clip(10, 20, 0, 10, "<enabled>FALSE</enabled>")),
                "edit.xml", RATE)
    assert len(edit.lines) == 1
    assert losses(edit) == [("info", "a disabled clip is left out")]


def test_a_nested_sequence_of_one_track_is_opened() -> None:
    inner = ("<sequence id='n'><name>nest</name>" + rate_xml() + "<media><video><track>"
             + clip(0, 30, 100, 130) + clip(30, 60, 200, 230) + "</track></video></media>"
             "</sequence>")
    edit = read(xmeml(f"<clipitem><name>n</name>{rate_xml()}<start>0</start><end>40</end>"
                      f"<in>10</in><out>50</out>{inner}</clipitem>"), "edit.xml", RATE)
    assert [(line.record, line.source_in) for line in edit.lines] == [
        (Span(0, 20), 110), (Span(20, 40), 200)]


def test_generators_and_filters_are_losses_with_their_line() -> None:
    generator = ("<generatoritem><name>Bars</name><start>0</start><end>10</end>"
                 "<effect><effectid>Bars</effectid></effect></generatoritem>")
    blur = ("<filter><effect><name>Gaussian Blur</name><effectid>blur</effectid></effect>"
            "</filter>")
    edit = read(xmeml(generator, clip(10, 20, 0, 10, blur)), "edit.xml", RATE)
    assert [(loss.severity, loss.line) for loss in edit.losses] == [("error", 3), ("warning", 4)]
    assert "Gaussian Blur" in edit.losses[1].reason


@pytest.mark.parametrize(("url", "name"), [
    ("file://localhost/D%3a/media/A%20b.mov", "A b.mov"),
    ("file://localhost/Volumes/x/Cafe%CC%81.mov", "Caf\u00e9.mov"),
    ("file:///C|/a/b.mov", "b.mov"), ("C:\\a\\b.mov", "b.mov"), ("", "")])
def test_the_name_in_a_url_is_the_file_s(url: str, name: str) -> None:
    assert name_of_url(url) == name


@pytest.mark.parametrize(("data", "says"), [
    (b"<fcpxml/>", "no Final Cut Pro 7 XML"), (b"<xmeml/>", "no sequence"),
    (b"<xmeml><sequence><name>a</name></sequence></xmeml>", "no frame rate"),
    (b"<xmeml><sequence><name>a</name></sequence><sequence><name>b</name></sequence></xmeml>",
     "2 sequences: a, b"), (xmeml(), "no clips"), (b"<xmeml", "well-formed")])
def test_what_is_no_edit_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read(data, "edit.xml", RATE)


# out and back

def camera(name: str, start: int | None = 0, rate: Fraction = RATE, frames: int = 100_000,
           **more: object) -> Media:
    return replace(Media(f"media/day 1/{name}", f"d-{name}", 1, reel=name.partition(".")[0],
                         start_frame=start, timecode_rate=rate,
                         picture=Picture("h264", 320, 180, rate, frames),
                         sounds=(Sound(1, "pcm", 48000, 2, frames * 2000),)), **more)


A, B = camera("A001C003.mov", 90_000), camera("B & C<2>.mov", None)
SLOW = camera("IMG_1.MOV", 0, Fraction(60))
LOG = MediaLog((A, B, SLOW))


def reread(made: Timeline, log: MediaLog = LOG) -> Timeline:
    return conform(read(write_fcp7(made, log, "ep001").encode(), "edit.xml", made.rate),
                   log.media)


def bare(made: Timeline) -> list[tuple[object, ...]]:
    return [(e.track, e.media, e.source, e.record, e.speed, e.transition)
            for e in made.events if e.record.length]


def cut(media: Media, source: tuple[int, int], record: tuple[int, int], **more: object) -> Event:
    return replace(Event("", "V", media.path, Span(*source), Span(*record)), **more)


def test_a_timeline_comes_back_from_its_xml() -> None:
    fade = Transition("dissolve", 10)
    made = Timeline(RATE, (
        Event("", "V", "", Span(0, 20), Span(0, 20), name="gap"),
        cut(A, (0, 50), (20, 70), transition=fade),
        *(cut(A, (0, 60), (20, 80), track=t) for t in ("A1", "A2")),
        cut(B, (7, 57), (70, 120), transition=fade),
        cut(SLOW, (10, 130), (120, 170)),
        Event("", "V", "", Span(0, 30), Span(170, 200)),
        cut(A, (500, 510), (200, 210)),
        Event("", "V", "", Span(0, 8), Span(210, 218), transition=Transition("dissolve", 8)),
    ), start_frame=90_000)
    again = reread(made)
    assert bare(again) == bare(made)
    assert (again.start_frame, again.frames) == (90_000, made.frames)


@pytest.mark.parametrize("speed", [Fraction(1, 2), Fraction(2), Fraction(-1), Fraction(-2),
                                   Fraction(1, 3), Fraction(-1, 3), Fraction(5, 7), Fraction(0)])
@pytest.mark.parametrize("media", [A, SLOW])
def test_every_frame_of_a_retimed_event_is_the_same(speed: Fraction, media: Media) -> None:
    rate = media.picture.rate if media.picture else RATE
    count = max(1, round(90 * abs(speed) * rate / RATE))
    made = Timeline(RATE, (cut(A, (0, 10), (0, 10)),
                           cut(media, (100, 100 + count), (10, 100), speed=speed)))
    again = reread(made)
    assert [source_frame(again.events[1], rate, RATE, n) for n in range(10, 100)] == \
        [source_frame(made.events[1], rate, RATE, n) for n in range(10, 100)]


def test_drop_frame_comes_back() -> None:
    ntsc = Fraction(30000, 1001)
    media = camera("C.mov", 107_892, ntsc, timecode_drop=True)
    made = Timeline(ntsc, (cut(media, (0, 1800), (0, 1800)),), start_frame=107_892, drop=True)
    again = reread(made, MediaLog((media,)))
    assert bare(again) == bare(made) and again.start_frame == 107_892 and again.drop


# real files

@needs_corpus
@pytest.mark.parametrize(("name", "events", "checked"), [
    # by hand from the text: line of the clipitem, track, source in, record, seen from above
    ("premiere_example.xml", {"V": 9, "A1": 2, "A7": 2}, [
        # 49 lies on track 1 from 536; track 2 covers it until its fade-out begins at 538
        (49, ("V",), 2, Span(538, 636)), (262, ("V",), 0, Span(322, 538)),
        (755, ("V",), "00:00:04:13", Span(956, 1152)), (868, ("V",), 6, Span(1152, 1246)),
        (1478, ("A7",), 34, Span(956, 1164)), (1528, ("A7",), 18, Span(1164, 1246))]),
    ("hiero_xml_export.xml", {"V": 3}, [(34, ("V",), "12:44:37:23", Span(86_414, 87_469))]),
    ("empty_name_tags.xml", {"V": 34, "A1": 33, "A2": 33}, [
        (79, ("V",), "01:23:49:21", Span(15, 90)), (3556, ("V",), "00:00:42:01", Span(90, 222)),
        (3448, ("V",), "01:26:07:01", Span(3307, 3517))]),
    ("premiere_generators.xml", {"V": 6}, []),
])
def test_a_real_export_has_these_events(
    name: str, events: dict[str, int], checked: list[tuple[int, tuple[str, ...], object, Span]],
) -> None:
    edit = read((OTIO / name).read_bytes(), name, RATE)
    for track, count in events.items():
        assert sum(track in line.tracks for line in edit.lines) == count
    found = {(line.where.line, line.tracks): (line.source_in, line.record)
             for line in edit.lines if line.where}
    assert {(line, tracks): found[line, tracks] for line, tracks, *_ in checked} == {
        (line, tracks): (source, record) for line, tracks, source, record in checked}


@needs_corpus
def test_real_transitions_keep_their_length_and_side() -> None:
    edit = read((OTIO / "premiere_example.xml").read_bytes(), "e.xml", Fraction(30))
    assert [(line.tracks, line.black, line.transition) for line in edit.lines
            if line.transition] == [
        (("V",), False, Transition("dissolve", 19)), (("V",), False, Transition("dissolve", 25))]


def test_a_broken_file_is_refused_or_read_and_never_a_crash() -> None:
    dice = random.Random(7)
    whole = xmeml(clip(0, -1, 0, 56), transition(44, 56), clip(-1, 100, 20, 76, speed(
        "50", "0>0 20>10 80>40", 1)), clip(100, 150, 5, 55, "<enabled>TRUE</enabled>"))
    sources = [whole]
    if "MICROFINISH_TESTDATA" in os.environ:
        sources.append((OTIO / "hiero_xml_export.xml").read_bytes())
    for number in range(600):
        data = bytearray(sources[number % len(sources)])
        for _ in range(dice.randint(1, 6)):
            at = dice.randrange(len(data))
            choice = dice.randrange(4)
            if choice == 0:
                data[at] = dice.randrange(256)
            elif choice == 1:
                del data[at:at + dice.randint(1, 40)]
            elif choice == 2:
                data[at:at] = dice.choice((b"-1", b"9" * 30, b"<file/>", b"TRUE", b"0.5", b"\0"))
            else:
                data[at:at] = data[max(0, at - 60):at]
        try:
            read(bytes(data), "edit.xml", RATE)
        except MicrofinishError:
            continue


def test_changed_numbers_are_refused_or_read_and_never_a_crash() -> None:
    dice = random.Random(8)
    whole = xmeml(clip(0, -1, 0, 56), transition(44, 56), clip(-1, 100, 20, 76, speed(
        "50", "0>0 20>10 80>40", 1)), clip(100, 150, 5, 55, speed("-100"))).decode()
    parts = whole.split(">")
    for _ in range(600):
        changed = list(parts)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(changed))
            if changed[at][:1].isdigit() or changed[at][:1] == "-":
                tag = changed[at].partition("<")[2]
                changed[at] = f"{dice.choice((-1, 0, 1, 1e9, 44, '', 'x', 0.25))}<{tag}"
        try:
            read(">".join(changed).encode(), "edit.xml", RATE)
        except MicrofinishError:
            continue


def test_frames_shown_one_by_one_stay_so_in_a_format_that_counts_time() -> None:
    film = camera("F.mov", 0, Fraction(24))
    log = MediaLog((film,))
    made = Timeline(RATE, (cut(film, (10, 60), (0, 50)),))
    text = write_fcp7(made, log, "x", conform="frame")
    for rule in ("frame", "time"):
        again = conform(read(text.encode(), "edit.xml", RATE), log.media, rule)
        step = Fraction(1) if rule == "frame" else Fraction(24, 25)
        assert abs(again.events[0].speed * step - 1) < Fraction(1, 10**9)
        assert again.events[0].source == Span(10, 60)


def test_a_transcode_without_timecode_is_counted_from_the_start_that_the_list_states() -> None:
    text = write_fcp7(Timeline(RATE, (cut(A, (10, 60), (0, 50)),)), LOG, "x")
    bare_file = replace(A, start_frame=None, timecode_rate=None)
    again = conform(read(text.encode(), "edit.xml", RATE), (bare_file,))
    assert again.events[0].source == Span(10, 60)
