"""The boxes of a file are read as ISO/IEC 14496-12 lays them out; the files here are hand-made."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import pytest

from microfinish.core.errors import ToolError
from microfinish.media.mp4_boxes import Boxes, ColorTag, Edit, read_boxes

IDENTITY = (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
QUARTER_TURN = (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)


def box(kind: str, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind.encode("latin-1")) + body


def table(kind: str, *rows: bytes, version: int = 0) -> bytes:
    return box(kind, struct.pack(">B3xI", version, len(rows)), *rows)


def picture_track(*, edits: bytes = b"", matrix: tuple[int, ...] = IDENTITY,
                  colr: bytes = b"", times: tuple[tuple[int, int], ...] = ((4, 1000),),
                  offsets: tuple[tuple[int, int], ...] = ()) -> bytes:
    entry = box("avc1", bytes(78), colr)
    header = box("tkhd", struct.pack(">B3x", 0), bytes(36),
                 struct.pack(">9iII", *matrix, 1080 << 16, 1920 << 16))
    samples = [box("stsd", struct.pack(">II", 0, 1), entry),
               table("stts", *(struct.pack(">II", *row) for row in times)),
               box("stsz", struct.pack(">III4I", 0, 0, 4, 40, 10, 10, 20)),
               table("stss", struct.pack(">I", 1), struct.pack(">I", 4))]
    if offsets:
        samples.append(table("ctts", *(struct.pack(">Ii", *row) for row in offsets), version=1))
    media = box("mdia", box("mdhd", struct.pack(">B3xIIIIHH", 0, 0, 0, 25000, 4000, 0, 0)),
                box("hdlr", struct.pack(">II4s", 0, 0, b"vide"), bytes(13)),
                box("minf", box("hdlr", struct.pack(">II4s", 0, 0, b"url "), bytes(13)),
                    box("stbl", *samples)))
    return box("trak", header, edits, media)


def movie(*tracks: bytes) -> bytes:
    head = box("mvhd", struct.pack(">B3xIIII", 0, 0, 0, 600, 96), bytes(80))
    return box("moov", head, *tracks)


FTYP = box("ftyp", b"isom", bytes(4), b"isom", b"mp41")


def read(tmp_path: Path, *parts: bytes) -> Boxes:
    path = tmp_path / "file.mp4"
    path.write_bytes(b"".join(parts))
    return read_boxes(path)


def test_an_index_before_the_media_is_a_fast_start(tmp_path: Path) -> None:
    first = read(tmp_path, FTYP, movie(picture_track()), box("mdat", bytes(80)))
    last = read(tmp_path, FTYP, box("mdat", bytes(80)), movie(picture_track()))
    assert (first.faststart, last.faststart) == (True, False)
    assert (first.brand, first.compatible, first.order) == (
        "isom", ("isom", "mp41"), ("ftyp", "moov", "mdat"))


def test_no_edit_list_and_an_empty_one_are_different(tmp_path: Path) -> None:
    none = read(tmp_path, FTYP, movie(picture_track()))
    empty = read(tmp_path, FTYP, movie(picture_track(edits=box("edts", table("elst")))))
    assert none.tracks[0].edits is None
    assert empty.tracks[0].edits == ()


@pytest.mark.parametrize("version", [0, 1])
def test_an_empty_edit_delays_a_player_that_honors_it(tmp_path: Path, version: int) -> None:
    layout = ">QqI" if version else ">IiI"
    rows = (struct.pack(layout, 60, -1, 0x10000), struct.pack(layout, 96, 2000, 0x10000))
    edits = box("edts", table("elst", *rows, version=version))
    boxes = read(tmp_path, FTYP, movie(picture_track(edits=edits, offsets=((4, 2000),))))
    track = boxes.tracks[0]
    assert track.edits == (Edit(60, -1, Fraction(1)), Edit(96, 2000, Fraction(1)))
    # 60 of 600 movie ticks of nothing, then media from tick 2000, which is the first sample.
    assert track.shown(boxes.timescale) == (Fraction(1, 10), Fraction(1, 10) + Fraction(4, 25))
    assert (track.start, track.end) == (Fraction(2, 25), Fraction(6, 25))


def test_negative_composition_offsets_are_signed(tmp_path: Path) -> None:
    offsets = ((1, 0), (1, 2000), (1, -1000), (1, -1000))
    track = read(tmp_path, FTYP, movie(picture_track(offsets=offsets))).tracks[0]
    assert track.presentation_times() == (0, 3000, 1000, 2000)
    assert track.start == 0


def test_sizes_key_frames_and_the_timescale_are_read(tmp_path: Path) -> None:
    track = read(tmp_path, FTYP, movie(picture_track())).tracks[0]
    assert (track.handler, track.codec, track.timescale) == ("vide", "avc1", 25000)
    assert (track.samples, track.sizes, track.sync_samples) == (4, (40, 10, 10, 20), (0, 3))
    assert (track.width, track.height) == (1080, 1920)


def test_pcm_has_one_size_for_all_samples(tmp_path: Path) -> None:
    sized = movie(box("trak", box("mdia", box("minf", box("stbl", box(
        "stsz", struct.pack(">III", 0, 6, 4_000_000)))))))
    track = read(tmp_path, FTYP, sized).tracks[0]
    assert (track.samples, track.sample_bytes, track.sizes) == (4_000_000, 6, ())


def test_a_turned_picture_is_not_upright(tmp_path: Path) -> None:
    turned = read(tmp_path, FTYP, movie(picture_track(matrix=QUARTER_TURN))).tracks[0]
    assert not turned.is_upright
    assert read(tmp_path, FTYP, movie(picture_track())).tracks[0].is_upright


@pytest.mark.parametrize(("kind", "range_", "full"), [
    ("nclx", b"\x80", True), ("nclx", b"\x00", False), ("nclc", b"", None)])
def test_color_tags_of_mp4_and_mov_are_read(tmp_path: Path, kind: str, range_: bytes,
                                            full: bool | None) -> None:
    colr = box("colr", kind.encode(), struct.pack(">HHH", 9, 18, 9), range_)
    track = read(tmp_path, FTYP, movie(picture_track(colr=colr))).tracks[0]
    assert track.color == ColorTag(kind, 9, 18, 9, full)


def test_a_box_with_a_64_bit_length_is_skipped(tmp_path: Path) -> None:
    large = struct.pack(">I4sQ", 1, b"mdat", 16 + 100) + bytes(100)
    boxes = read(tmp_path, FTYP, large, movie(picture_track()))
    assert (boxes.order, boxes.faststart) == (("ftyp", "mdat", "moov"), False)


def test_bytes_after_the_last_box_are_counted(tmp_path: Path) -> None:
    assert read(tmp_path, FTYP, movie(picture_track()), b"junk!").trailing_bytes == 5


@pytest.mark.parametrize("content", [
    b"", b"no mp4 at all, just text", FTYP, FTYP + movie(picture_track())[:-30],
    FTYP + struct.pack(">I4s", 3, b"free"), FTYP + box("moov", struct.pack(">I4s", 99, b"trak"))])
def test_what_is_no_whole_mp4_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ToolError, match=r"file\.mp4 is not a sound MP4 file"):
        read(tmp_path, content)


def test_real_camera_and_phone_files_are_read(testdata: Path) -> None:
    footage = testdata / "footage"
    phone = read_boxes(footage / "phone" / "sample_edit_list.mp4")
    picture = phone.track("vide")
    assert picture is not None
    assert picture.edits == (Edit(1529, 273, Fraction(1)),)
    assert picture.color == ColorTag("nclc", 9, 18, 9, None)
    with pytest.raises(ToolError, match="claims 99421 bytes"):
        read_boxes(footage / "oddities" / "sample_mdat_too_long.mp4")
