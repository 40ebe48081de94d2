"""Probing: facts of files made here with known truth, of recorder files, and of real oddities."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from synth.footage import make_clip, numbers_in

from microfinish.core.errors import InputError
from microfinish.core.frame_grid import picture_at
from microfinish.core.media import Media, Picture
from microfinish.media.bwf import read_bwf
from microfinish.media.ffmpeg import run
from microfinish.media.probe import probe, timestamps
from microfinish.media.thumbnails import thumbnail, upright

NTSC = Fraction(30000, 1001)


def picture(path: Path) -> Picture:
    found = probe(path, f"media/{path.name}", "d1")
    assert found.media.picture is not None, found.findings
    return found.media.picture


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(25), NTSC, Fraction(60)])
def test_a_constant_file_has_its_rate_and_frames(tmp_path: Path, rate: Fraction) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=30, rate=rate, size=(64, 48))
    found = picture(clip.path)
    assert (found.rate, found.frames, found.variable, found.start) == (rate, 30, False, 0)
    assert (found.width, found.height, found.codec, found.bit_depth) == (64, 48, "h264", 8)


@pytest.mark.parametrize("suffix", ["mkv", "mov"])
def test_containers_do_not_change_the_rate(tmp_path: Path, suffix: str) -> None:
    clip = make_clip(tmp_path / f"a.{suffix}", frames=48, rate=NTSC, size=(64, 48))
    found = picture(clip.path)
    assert (found.rate, found.frames, found.variable) == (NTSC, 48, False)


def test_a_variable_file_is_named_and_keeps_its_timestamps(tmp_path: Path) -> None:
    ticks = [0, 3000, 6000, 12000, 15000, 16800, 21000, 24000, 27000, 33000]
    clip = make_clip(tmp_path / "a.mp4", frames=10, rate=Fraction(30), size=(64, 48), pts=ticks,
                     time_base=Fraction(1, 90_000))
    found = picture(clip.path)
    assert (found.rate, found.variable) == (Fraction(30), True)
    times = timestamps(clip.path)
    assert [time * found.time_base for time in times] == [Fraction(t, 90_000) for t in ticks]
    shown = [picture_at(times, found.time_base, found.rate, n) for n in range(12)]
    assert shown == [0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 8, 9]


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_rotation_is_the_clockwise_turn_that_makes_it_upright(tmp_path: Path,
                                                              rotation: int) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=3, size=(96, 160), rotation=rotation)
    found = picture(clip.path)
    assert (found.rotation, found.mirrored) == (rotation, False)
    assert found.upright_size == (96, 160)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_mirrored_file_is_flipped_before_it_is_turned(tmp_path: Path, turn: int) -> None:
    """ffmpeg's own autorotation of the same file is the truth."""
    make_clip(tmp_path / "a.mp4", frames=1, size=(96, 64))
    flipped = tmp_path / "b.mp4"
    # the options' order on the command line does not matter: the flip is applied first
    run(["-y", "-display_rotation", str(-turn), "-display_hflip", "-i", str(tmp_path / "a.mp4"),
         "-c", "copy", str(flipped)])
    found = picture(flipped)
    assert found.mirrored
    with av.open(str(flipped)) as container:
        stored = next(container.decode(video=0)).to_ndarray(format="gray")
    out = run(["-i", str(flipped), "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-"])
    width, height = found.upright_size
    truth = np.frombuffer(out.stdout, np.uint8).reshape(height, width).astype(int)
    ours = upright(stored[:, :, None], found)[:, :, 0].astype(int)
    assert np.abs(ours - truth).mean() < 2


def test_an_edit_list_hides_pictures_from_the_count(tmp_path: Path) -> None:
    """Copying from the middle of a GOP leaves packets that are decoded but never shown."""
    clip = make_clip(tmp_path / "a.mp4", frames=50, size=(96, 64), gop=50)
    cut = tmp_path / "cut.mp4"
    run(["-y", "-ss", "1", "-i", str(clip.path), "-c", "copy", str(cut)])
    assert picture(cut).frames == len(numbers_in(cut))
    assert len(timestamps(cut)) == len(numbers_in(cut))


@pytest.mark.parametrize(("label", "rate", "frame"), [
    ("01:00:00:00", Fraction(25), 90_000), ("01:00:00;00", NTSC, 107_892),
    ("10:20:30:12", Fraction(24000, 1001), 893_532),
])
@pytest.mark.parametrize("suffix", ["mov", "mp4", "mkv"])
def test_the_start_timecode_is_a_frame_number(tmp_path: Path, label: str, rate: Fraction,
                                              frame: int, suffix: str) -> None:
    clip = make_clip(tmp_path / f"a.{suffix}", frames=5, rate=rate, size=(64, 48), timecode=label)
    media = probe(clip.path, "media/a.mov").media
    assert (media.start_frame, media.timecode_rate) == (frame, rate)
    assert media.timecode_drop == (";" in label)


def test_sound_starts_relative_to_the_picture(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=25, size=(64, 48))
    late = tmp_path / "late.mov"
    run(["-y", "-i", str(clip.path), "-itsoffset", "0.25", "-f", "lavfi", "-i",
         "sine=frequency=440:sample_rate=48000:duration=0.5", "-map", "0:v", "-map", "1:a",
         "-c:v", "copy", "-c:a", "pcm_s24le", str(late)])
    sound = probe(late, "media/late.mov").media.sounds[0]
    assert (sound.sample_rate, sound.channels, sound.bit_depth) == (48_000, 1, 24)
    assert sound.start == Fraction(1, 4)
    assert sound.samples == 24_000


@pytest.mark.parametrize(("name", "reel"), [
    ("A001C003_240101_R1AB.mov", "A001"), ("B002_C001_0101AB.mxf", "B002"),
    ("IMG_1234.mov", "IMG_1234"), ("rooftop.mov", "rooftop"), ("A001C003.mov", "A001")])
def test_the_reel_comes_from_the_camera_file_name(tmp_path: Path, name: str, reel: str) -> None:
    (tmp_path / name).write_bytes(b"nothing")
    assert probe(tmp_path / name, f"media/day1/{name}").media.reel == reel


def test_a_reel_tag_wins_over_the_name(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "A001C003.mkv", frames=2, size=(64, 48),
                     metadata={"reel_name": "TAPE7"})
    assert probe(clip.path, "media/A001C003.mkv").media.reel == "TAPE7"


@pytest.mark.parametrize("content", [b"", b"hello", b"\0\0\0\x18ftypmp42" + b"\0" * 500,
                                     b"RIFF\x24\0\0\0WAVEfmt "])
def test_damaged_files_become_findings(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.mov"
    path.write_bytes(content)
    found = probe(path, "media/bad.mov", "d")
    assert [finding.rule for finding in found.findings] == ["log.damaged"]
    assert found.findings[0].file == "media/bad.mov"
    assert found.media.picture is None
    with pytest.raises(InputError):
        timestamps(path)


def test_a_truncated_file_says_how_many_pictures_it_lacks(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=50, size=(160, 96))
    fast = tmp_path / "fast.mp4"
    run(["-y", "-i", str(clip.path), "-c", "copy", "-movflags", "+faststart", str(fast)])
    fast.write_bytes(fast.read_bytes()[:-fast.stat().st_size // 3])
    found = probe(fast, "media/fast.mp4")
    assert any(finding.rule == "log.damaged" for finding in found.findings)


def test_a_still_is_one_frame(tmp_path: Path) -> None:
    path = tmp_path / "card.png"
    run(["-y", "-f", "lavfi", "-i", "color=red:size=64x48", "-frames:v", "1", str(path)])
    found = picture(path)
    assert (found.frames, found.width, found.variable) == (1, 64, False)


def wav(path: Path, reference: int | None, ixml: str = "", description: str = "") -> Path:
    """Ten milliseconds of silence with the chunks a recorder writes."""
    def chunk(name: bytes, body: bytes) -> bytes:
        return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1)

    chunks = b""
    if reference is not None:
        chunks += chunk(b"bext", description.encode().ljust(338, b"\0")
                        + struct.pack("<Q", reference) + b"\0" * 256)
    chunks += chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 48_000, 96_000, 2, 16))
    if ixml:
        chunks += chunk(b"iXML", ixml.encode())
    chunks += chunk(b"data", b"\0\0" * 480)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks)
    return path


IXML = """<?xml version="1.0" encoding="UTF-8"?><BWFXML><TAPE>S01</TAPE><SCENE>12A</SCENE>
<TAKE>3</TAKE><SPEED><TIMECODE_RATE>{rate}</TIMECODE_RATE><TIMECODE_FLAG>{flag}</TIMECODE_FLAG>
<TIMESTAMP_SAMPLE_RATE>48000</TIMESTAMP_SAMPLE_RATE></SPEED><TRACK_LIST><TRACK_COUNT>2
</TRACK_COUNT><TRACK><INTERLEAVE_INDEX>2</INTERLEAVE_INDEX><NAME>Lav</NAME></TRACK>
<TRACK><INTERLEAVE_INDEX>1</INTERLEAVE_INDEX><NAME>Boom</NAME></TRACK></TRACK_LIST></BWFXML>"""


def recorder(path: Path) -> Media:
    return probe(path, "media/r.wav").media


def test_a_recorder_file_has_its_names_and_timecode(tmp_path: Path) -> None:
    media = recorder(wav(tmp_path / "r.wav", 48_000 * 3600, IXML.format(rate="25/1", flag="NDF")))
    assert (media.start_sample, media.start_frame) == (172_800_000, 90_000)
    assert (media.reel, media.scene, media.take) == ("S01", "12A", "3")
    assert media.sounds[0].names == ("Boom", "Lav")
    assert media.picture is None


def test_23976_timecode_is_not_samples_over_48000(tmp_path: Path) -> None:
    """01:00:00:00 at 23.976 is 86400 frames, 3603.6 seconds after midnight."""
    at = int(Fraction(86_400) * 1001 / 24_000 * 48_000)
    media = recorder(wav(tmp_path / "r.wav", at, IXML.format(rate="24000/1001", flag="NDF")))
    assert media.start_frame == 86_400


def test_drop_frame_recorders_count_real_frames(tmp_path: Path) -> None:
    at = round(Fraction(107_892) / NTSC * 48_000)
    media = recorder(wav(tmp_path / "r.wav", at, IXML.format(rate="30000/1001", flag="DF")))
    assert (media.start_frame, media.timecode_drop) == (107_892, True)


@pytest.mark.parametrize("description", ["sSPEED=023.976-ND\r\nsTAKE=1\r\nsTRK1=Boom\r\n",
                                         "SPEED=23.976ND\r\nTAKE=1\r\nTR1=Boom\r\n"])
def test_without_ixml_the_description_states_the_rate(tmp_path: Path, description: str) -> None:
    found = read_bwf(wav(tmp_path / "r.wav", 1, description=description))
    assert found is not None
    assert (found.timecode_rate, found.take, found.names) == (
        Fraction(24000, 1001), "1", ("Boom",))


def test_a_reference_without_rate_stays_in_samples(tmp_path: Path) -> None:
    media = recorder(wav(tmp_path / "r.wav", 12_345))
    assert (media.start_sample, media.start_frame) == (12_345, None)


@pytest.mark.parametrize("ixml", ["<broken", "<!DOCTYPE x [<!ENTITY a 'b'>]><BWFXML/>", "<A/>"])
def test_bad_ixml_is_ignored(tmp_path: Path, ixml: str) -> None:
    assert recorder(wav(tmp_path / "r.wav", 7, ixml)).start_sample == 7


def test_a_thumbnail_is_upright(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=12, size=(180, 320), rotation=90)
    found = picture(clip.path)
    data = thumbnail(clip.path, found)
    assert data is not None
    (tmp_path / "t.jpg").write_bytes(data)
    assert numbers_in(tmp_path / "t.jpg") == [0]


# Real files


@pytest.mark.parametrize(("name", "expected"), [
    ("phone/h265_with_metadata_track.mp4", (90, False, 3, False, "pc")),
    ("phone/sample_edit_list.mp4", (90, False, 77, False, "tv")),
    ("phone/pixel7_videoOnly_cleaned.mp4", (180, False, 36, True, "pc")),
    ("phone/hdr10-video-with-sdr-container.mp4", (0, False, 31, True, "tv")),
    ("oddities/internal_emulator_transformer_output_270_rotated.mp4", (270, False, 149, False,
                                                                      "tv")),
    ("oddities/sample_rotate_and_reflect.mp4", (270, True, 30, False, "unknown")),
    ("oddities/fire2.mp4", (180, False, 24, True, "unknown")),
])
def test_real_phone_files(testdata: Path, name: str,
                          expected: tuple[int, bool, int, bool, str]) -> None:
    found = picture(testdata / "footage" / name)
    assert (found.rotation, found.mirrored, found.frames, found.variable,
            found.code_range) == expected


def test_hlg_and_pq_are_told_by_the_decoded_picture(testdata: Path) -> None:
    hlg = picture(testdata / "footage/phone/hlg10-color-test.mp4")
    assert (hlg.transfer, hlg.primaries, hlg.matrix, hlg.bit_depth) == (
        "arib-std-b67", "bt2020", "bt2020nc", 10)
    assert picture(testdata / "footage/phone/hdr10-video-with-sdr-container.mp4").transfer == (
        "smpte2084")


def test_no_real_file_causes_a_traceback(testdata: Path) -> None:
    for path in sorted((testdata / "footage").rglob("*.*")):
        found = probe(path, path.name)
        assert found.media.picture or found.media.sounds or found.findings


@pytest.mark.parametrize(("name", "label", "names"), [
    ("sd_A101_1.wav", (1_094_376, Fraction(24000, 1001)), ("MKH516 A", "Boom")),
    ("sd_A101_2.wav", (1_094_496, Fraction(24000, 1001)), ("MKH516 A", "Boom")),
    ("zoomF8_Tr1.wav", (2_040_250, Fraction(25)), ("BOOM",)),
])
def test_real_recorder_files(testdata: Path, name: str, label: tuple[int, Fraction],
                             names: tuple[str, ...]) -> None:
    """12:39:59:00, 12:40:04:00 and 22:40:10:00 by hand from the time reference."""
    media = recorder(testdata / "audio" / name)
    assert (media.start_frame, media.timecode_rate) == label
    assert media.sounds[0].names == names
