"""The 23 ways in which conform goes wrong elsewhere, each as a claim that it does not here.

Those of the picture and the sound are asked of one small master at 29.97 with an upright and a
turned camera, a variable-rate phone, a dissolve and a slow motion.
"""

import shutil
import threading
import time
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest
from real_lists import CORPUS, camera, needs_corpus
from synth.footage import make_clip, numbers_in
from synth.project import ProjectFolder

from microfinish.core.conform import conform
from microfinish.core.edit import EditList
from microfinish.core.errors import InputError, Interrupted, ProblemsError
from microfinish.core.media import Picture
from microfinish.core.sampling import source_frame
from microfinish.core.time import (
    Span,
    format_timecode,
    parse_rate,
    parse_timecode,
    sample_position,
    snap_rate,
)
from microfinish.core.timeline import Transition
from microfinish.documents.atomic import write_text
from microfinish.interchange.readers import read_edit_list
from microfinish.media.ffmpeg import run

pytestmark = pytest.mark.media
NTSC, FILM, RATE = Fraction(30000, 1001), Fraction(24000, 1001), Fraction(25)
KEPT = [n for n in range(60) if n % 7 not in (3, 4)]
"""Pictures of the phone: two of seven grid positions have none."""


def edl(*rows: str, rate: Fraction = RATE, head: str = "") -> EditList:
    return read_edit_list(("TITLE: X\n" + head + "\n".join(rows) + "\n").encode(), "e.edl", rate)


def row(number: int, source: str, record: str, reel: str = "A001", track: str = "V",
        kind: str = "C") -> str:
    return f"{number:03}  {reel}  {track}  {kind}  {source}  {record}"


def fcpxml(spine: str, start: str = "0s", asset: str = "0s", version: str = "1.11") -> EditList:
    return read_edit_list((
        f'<fcpxml version="{version}"><resources>'
        '<format id="r1" frameDuration="1001/30000s" width="1080" height="1920"/>'
        f'<asset id="a" name="A" src="a.mov" start="{asset}" duration="1000s" hasVideo="1" '
        'hasAudio="1" format="r1"/></resources><event><project name="e">'
        f'<sequence format="r1" tcStart="{start}" tcFormat="DF"><spine>{spine}</spine></sequence>'
        "</project></event></fcpxml>").encode(), "episodes/e/edit.fcpxml", NTSC)


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> ProjectFolder:
    """A finished episode of 75 frames: A to 20, turned B with a dissolve to 35, slow A, phone."""
    project = ProjectFolder.make(tmp_path_factory.mktemp("it's 100 % 雨"), rate="29.97")
    media = project.root / "media"
    make_clip(media / "A001C001.mov", frames=60, rate=NTSC, timecode="01:00:00:00")
    make_clip(media / "B001C001.mov", frames=60, rate=NTSC, first_number=1000, size=(180, 320),
              rotation=90, timecode="02:00:00:00")
    make_clip(media / "V001C001.mp4", frames=len(KEPT), rate=NTSC, first_number=2000,
              pts=[round(n / NTSC * 90000) for n in KEPT], time_base=Fraction(1, 90000))
    record = [f"01:00:{n // 30:02}:{n % 30:02}" for n in range(100)]
    project.write("episodes/ep001/edit.edl", "\n".join((
        "TITLE: X", "FCM: NON-DROP FRAME",
        row(1, "01:00:00:10 01:00:01:00", f"{record[0]} {record[20]}"),
        "* FROM CLIP NAME: A001C001.mov",
        row(2, "01:00:01:00 01:00:01:00", f"{record[20]} {record[20]}"),
        row(2, "02:00:00:20 02:00:01:05", f"{record[20]} {record[35]}", "B001", kind="D 010"),
        row(3, "01:00:01:10 01:00:01:20", f"{record[35]} {record[55]}"),
        "M2   A001       015.0                01:00:01:10",
        row(4, "00:00:00:12 00:00:01:02", f"{record[55]} {record[75]}", "V001"),
        "* FROM CLIP NAME: V001C001.mp4", "")))
    project.call("run", "--to", "master")
    return project


def shown() -> list[int | None]:
    """The number that every frame of the episode must show; None inside the dissolve."""
    found: list[int | None] = [10 + i for i in range(20)]
    found += [None] * 10 + [1030 + i for i in range(5)] + [40 + i // 2 for i in range(20)]
    return found + [2000 + max(k for k, n in enumerate(KEPT) if n <= 12 + i) for i in range(20)]


def test_01_rates_snap_to_their_standard_and_what_is_far_from_one_is_kept() -> None:
    for text, exact in (("23.976", FILM), ("23.98", FILM), ("29.97", NTSC),
                        ("59.94", Fraction(60000, 1001))):
        assert parse_rate(text) == exact
    assert snap_rate(Fraction(87169000, 2905633)) == 30
    assert snap_rate(Fraction("29.9702")) == NTSC
    odd = Fraction("29.5")
    assert snap_rate(odd) == odd


def test_02_drop_frame_by_mark_or_by_fcm_and_only_where_it_exists() -> None:
    assert parse_timecode("01:00:00;00", NTSC) == 107_892
    assert parse_timecode("01:00:00;00", Fraction(60000, 1001)) == 215_784
    with pytest.raises(InputError):
        parse_timecode("01:01:00;00", NTSC)
    edit = edl("FCM: DROP FRAME", row(1, "01:00:59:28 01:01:00:02", "01:00:59:28 01:01:00:02"),
               "FCM: NON-DROP FRAME", row(2, "01:02:00:00 01:02:01:00", "01:01:00:02 01:01:01:02"),
               rate=NTSC)
    assert [line.record.length for line in edit.lines if line.record] == [2, 30]
    assert edl("FCM: DROP FRAME", row(1, "01:00:59:23 01:01:00:02", "01:00:59:23 01:01:00:02")
               ).lines[0].record == Span(91_498, 91_502)


def test_03_a_23976_clock_runs_long_and_other_rates_conform_by_the_rule_asked_for() -> None:
    assert parse_timecode("02:00:00:00", FILM) == 172_800
    assert Fraction(172_800) / FILM == Fraction("7207.2")
    media = camera("A001.mov", 0, rate=FILM)
    edit = edl(row(1, "00:00:00:00 00:00:40:00", "01:00:00:00 01:00:40:00"), rate=Fraction(24))
    by_time, by_frame = (conform(edit, [media], rule) for rule in ("time", "frame"))
    assert source_frame(by_time.events[0], FILM, Fraction(24), 900, "time") == 899
    assert source_frame(by_frame.events[0], FILM, Fraction(24), 900, "frame") == 900
    assert any("time is kept" in loss.reason for loss in by_time.losses)


def test_04_out_points_are_the_first_frame_not_shown() -> None:
    line, = edl(row(1, "01:00:00:00 01:00:02:00", "01:00:00:00 01:00:02:00")).lines
    assert line.record == Span(90_000, 90_050)
    short = read_edit_list(
        b"<xmeml><sequence><rate><timebase>25</timebase></rate><media><video><track><clipitem>"
        b"<rate><timebase>25</timebase></rate><start>0</start><end>50</end><in>10</in>"
        b"<out>59</out></clipitem></track></video></media></sequence></xmeml>", "e.xml", RATE)
    assert short.lines[0].record == Span(0, 50)


def test_05_the_record_start_never_leaks_into_an_offset() -> None:
    for hour in ("01", "10"):
        edit = edl(row(1, "01:00:00:00 01:00:02:00", f"{hour}:00:00:00 {hour}:00:02:00"))
        made = conform(edit, [camera("A001.mov", 90_000)])
        assert (made.events[0].record, made.events[0].source) == (Span(0, 50), Span(0, 50))
        assert made.start_frame == int(hour) * 90_000
    story = fcpxml('<asset-clip ref="a" offset="3600s" duration="1001/1000s"/>', start="3600s")
    assert story.lines[0].record == Span(107_892, 107_922)


def test_06_source_timecode_is_counted_from_the_file_s_own_start() -> None:
    edit = edl(row(1, "01:00:10:00 01:00:12:00", "01:00:00:00 01:00:02:00"))
    for start in (0, 90_000, 90_240):
        made = conform(edit, [camera("A001.mov", start)])
        assert made.events[0].source.start == 90_250 - start
    with pytest.raises(ProblemsError):
        conform(edit, [camera("A001.mov", 90_300)])


def test_07_reels_of_two_folders_are_asked_about_and_midnight_goes_on() -> None:
    edit = edl(row(1, "00:00:01:00 00:00:02:00", "01:00:00:00 01:00:01:00", "A001_C00"))
    night = camera("A001_C003.mov", 24 * 90_000 - 25, 100, reel="A001_C003")
    assert conform(edit, [night]).events[0].source == Span(50, 75)
    twins = [replace(camera("A001_C00.mov", 0), path=f"media/{day}/A001_C00.mov",
                     digest=f"d{day}") for day in (1, 2)]
    with pytest.raises(ProblemsError) as caught:
        conform(edit, twins)
    assert all(f"media/{day}/A001_C00.mov" in caught.value.problems[0].hint for day in (1, 2))
    for reel in ("AX", "BL"):
        line, = edl(row(1, "00:00:00:00 00:00:01:00", "01:00:00:00 01:00:01:00", reel)).lines
        assert (line.black, line.names_a_reel) == (reel == "BL", reel == "BL")


@needs_corpus
def test_08_m2_says_how_much_source_is_used_whatever_the_source_out_prints() -> None:
    path = next(CORPUS.rglob("ISSUE_14_conform_edl_issue_01.edl"))
    line = read_edit_list(path.read_bytes(), path.name, Fraction(24)).lines[2]
    assert line.speed == Fraction("31.7") / 24
    for fps, speed in (("-025.0", -1), ("000.0", 0), ("012.5", Fraction(1, 2))):
        edit = edl(row(1, "01:00:00:00 01:00:02:00", "01:00:00:00 01:00:02:00"),
                   "* FROM CLIP NAME: HER NAME", f"M2   A001   {fps}   01:00:00:00")
        assert edit.lines[0].speed == speed
    event = conform(edl(row(1, "01:00:00:00 01:00:02:00", "01:00:00:00 01:00:02:00"),
                        "M2   A001   -025.0   01:00:00:00"), [camera("A001.mov", 90_000)]).events[0]
    assert source_frame(event, RATE, RATE, 0) == 49


def test_09_a_dissolve_is_two_lines_one_event_and_needs_its_handle() -> None:
    rows = (row(1, "01:00:00:00 01:00:01:00", "01:00:00:00 01:00:01:00"),
            row(2, "01:00:01:00 01:00:01:00", "01:00:01:00 01:00:01:00"),
            row(2, "02:00:00:00 02:00:02:00", "01:00:01:00 01:00:03:00", "B002", kind="D 012"))
    edit = edl(*rows)
    assert edit.lines[1].transition == Transition("dissolve", 12)
    assert edit.lines[1].record == Span(90_025, 90_075)
    with pytest.raises(ProblemsError, match="lacks 12 frames of handle"):
        conform(edit, [camera("A001.mov", 90_000, 25), camera("B002.mov", 180_000)])
    story = fcpxml('<asset-clip ref="a" offset="0s" duration="1001/500s"/>'
                   '<transition offset="9009/6000s" duration="1001/1000s"/>'
                   '<asset-clip ref="a" offset="1001/500s" start="10s" duration="1001/500s"/>')
    cut = [line for line in story.lines if line.tracks == ("V",)][1]
    assert (cut.record, cut.transition) == (Span(45, 120), Transition("dissolve", 30))


def test_10_channels_are_added_and_the_picture_is_never_doubled() -> None:
    tc = "01:00:00:00 01:00:01:00", "01:00:00:00 01:00:01:00"
    edit = edl(row(1, *tc, track="B"), row(2, *tc, track="AA/V"), row(3, *tc, track="NONE"),
               "AUD  3    4")
    assert [line.tracks for line in edit.lines] == [("V", "A1"), ("A2",), ("A3", "A4")]


def test_11_a_phone_s_frames_are_found_by_their_time(season: ProjectFolder) -> None:
    assert numbers_in(season.master())[55:] == shown()[55:]


def test_12_a_turned_picture_is_cropped_as_it_is_seen(season: ProjectFolder) -> None:
    assert Picture("h264", 320, 180, RATE, 1, rotation=90).upright_size == (180, 320)
    assert numbers_in(season.master())[30:35] == shown()[30:35]
    with av.open(str(season.master())) as made:
        video = made.streams.video[0]
        assert video.width < video.height


def test_13_a_color_tag_is_no_camera_and_what_is_decided_is_written(season: ProjectFolder) -> None:
    shots = season.json("show", "ep001", "grade")
    assert "input" in str(shots) or "camera" in str(shots)
    with av.open(str(season.master())) as made:
        context = made.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace,
                context.color_range) == (1, 1, 1, 1)


def test_14_sound_is_cut_at_samples_that_never_drift() -> None:
    edges = [sample_position(frame, NTSC, 48_000) for frame in range(30_001)]
    assert [b - a for a, b in pairwise(edges[:6])] == [
        1602, 1601, 1602, 1601, 1602]
    assert edges[30_000] == 1001 * 48_000


def test_15_the_sound_is_encoded_once_and_starts_with_the_picture(season: ProjectFolder) -> None:
    with av.open(str(season.master())) as made:
        video, audio = made.streams.video[0], made.streams.audio[0]
        assert (video.start_time, audio.start_time) == (0, 0)
        lengths = [stream.duration * stream.time_base for stream in (video, audio)]
        assert abs(lengths[0] - lengths[1]) < Fraction(1024, 48_000)


def test_16_joined_pieces_have_every_frame_of_every_shot(season: ProjectFolder) -> None:
    found = numbers_in(season.master())
    assert len(found) == 75
    assert [(want, got) for want, got in zip(shown(), found, strict=True)
            if want is not None and want != got] == []


def test_17_an_in_point_inside_a_long_gop_is_that_frame(season: ProjectFolder) -> None:
    # 12 pictures per group with two B frames: frames 10 and 40 begin none
    found = numbers_in(season.master())
    assert (found[0], found[35]) == (10, 40)


def test_18_the_clock_holds_1001_and_no_day_or_program_is_written(season: ProjectFolder) -> None:
    with av.open(str(season.master())) as made:
        video = made.streams.video[0]
        assert video.average_rate == NTSC
        assert (1 / video.time_base / NTSC).denominator == 1
        times = sorted(packet.pts for packet in made.demux(video) if packet.pts is not None)
        assert {b - a for a, b in pairwise(times)} == {
            int(1 / video.time_base / NTSC)}
        assert not {key for key in made.metadata if "date" in key or "creation" in key}


def test_19_the_same_edit_gives_the_same_bytes_again(season: ProjectFolder) -> None:
    first = season.master().read_bytes()
    shutil.rmtree(season.root / ".microfinish/store")
    season.master().unlink()
    season.call("run", "--to", "master", "-j", "1")
    assert len(first) > 10_000
    assert season.master().read_bytes() == first


def test_20_text_of_every_encoding_and_no_entity_is_expanded() -> None:
    text = ("TITLE: été\r\n001\tA001\tV\tC\t01:00:00:00 01:00:01:00 01:00:00:00 01:00:01:00  \r\n"
            "*FROM CLIP NAME:  été 1.mov\r\n*ASC_SOP(1.0 1 1e0)(-0.1 0 0)(1 1 1)\r\n")
    for encoding in ("cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-16-be"):
        line, = read_edit_list(text.encode(encoding), "e.edl", RATE).lines
        assert line.names == ("été 1.mov",)
        assert line.cdl is not None and line.cdl.saturation == 1
    bomb = ('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
            "<{0}>&b;</{0}>")
    for root, name in (("fcpxml", "e.fcpxml"), ("xmeml", "e.xml")):
        with pytest.raises(InputError, match="entity a"):
            read_edit_list(bomb.format(root).encode(), name, RATE)
    away = f'<!DOCTYPE fcpxml SYSTEM "file:///{Path(__file__).as_posix()}"><fcpxml>&x;</fcpxml>'
    with pytest.raises(InputError):
        read_edit_list(away.encode(), "e.fcpxml", RATE)


def test_21_fcpxml_time_is_the_parent_s_and_every_version_is_read() -> None:
    for version in ("1.8", "1.9", "1.10", "1.11", "1.12", "1.13"):
        edit = fcpxml('<gap offset="0s" start="3600s" duration="1001/100s">'
                      '<asset-clip ref="a" lane="1" offset="3601001/1000s" duration="1001/1000s" '
                      'start="7200s" srcEnable="video"/></gap>', asset="7200s", version=version)
        line, = (line for line in edit.lines if not line.black)
        assert line.record == Span(30, 60)
        assert line.source_in == format_timecode(round(7200 * NTSC), NTSC)
        assert edit.losses == ()


def test_22_a_child_that_hangs_is_stopped_and_its_noise_blocks_nobody() -> None:
    stopped = threading.Event()
    threading.Timer(1.0, stopped.set).start()
    begun = time.monotonic()
    with pytest.raises(Interrupted):
        run(["-hide_banner", "-loglevel", "debug", "-f", "lavfi", "-re", "-i",
             "testsrc=duration=600", "-f", "null", "-"], cancelled=stopped.is_set)
    assert time.monotonic() - begun < 30


def test_23_a_touched_file_is_not_a_changed_one(season: ProjectFolder) -> None:
    season.call("run", "--to", "master")
    clip = season.root / "media/A001C001.mov"
    clip.write_bytes(clip.read_bytes())
    again: Any = season.json("run", "--to", "master")
    assert again["rendered"] == 0
    path = season.root / "x.txt"
    write_text(path, "one")
    write_text(path, "two")
    assert path.read_text() == "two"
    assert [found.name for found in season.root.glob("x*")] == ["x.txt"]
