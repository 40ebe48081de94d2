"""Probing: what a media file is, from its headers, all of its packets and its first picture.

Everything is measured on what the decoder will really show: packets that an edit list discards
do not count, and the display matrix and color tags are those of the decoded picture.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.sidedata.sidedata import Type as SideData

from microfinish.core.errors import InputError
from microfinish.core.finding import Finding
from microfinish.core.frame_grid import frame_grid
from microfinish.core.media import Media, Picture, Sound
from microfinish.core.time import parse_timecode
from microfinish.media.bwf import BroadcastWave, read_bwf
from microfinish.media.color_tags import MATRICES, PRIMARIES, RANGES, TRANSFERS, tag
from microfinish.media.identity import kept_tags, reel_of, slate_of, start_label

_OPEN = {"protocol_whitelist": "file,pipe"}
_STILL_FORMATS = ("image2", "_pipe")


@dataclass(frozen=True, slots=True)
class Probed:
    """The facts of one file. A file that cannot be used has neither picture nor sound, and says
    in `findings` why."""

    media: Media
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Packets:
    """What the packets of one stream say, in its time base."""

    times: list[int] = field(default_factory=list)
    end: int = 0
    last_duration: int = 0
    seen: int = 0
    corrupt: int = 0


def probe(path: Path, shown: str, digest: str = "") -> Probed:
    """The facts of the file at `path`, named `shown` (relative to the project).

    Never raises for a damaged file: it becomes a finding. Raises OSError where the file cannot
    be read at all.
    """
    size = path.stat().st_size
    bwf = read_bwf(path)
    empty = Media(shown, digest, size, reel=reel_of(shown, {}, bwf))
    try:
        with _opened(path) as container:
            return _probe(container, path, empty, bwf)
    except (av.error.FFmpegError, ValueError, OverflowError) as error:
        return Probed(empty, (_damage(shown, f"cannot be opened: {_words(error)}"),))


def timestamps(path: Path) -> tuple[int, ...]:
    """Sorted timestamps of the pictures that are shown, in the stream's time base.

    Raises InputError where the file has no readable picture.
    """
    try:
        with _opened(path) as container:
            stream = _picture_stream(container)
            packets, _ = _demux(container, [stream] if stream else [])
            times = [time for found in packets.values() for time in found.times]
    except (av.error.FFmpegError, ValueError) as error:
        raise InputError(f"{path.name}: {_words(error)}") from None
    if not times:
        raise InputError(f"{path.name} holds no picture")
    return tuple(sorted(set(times)))


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    # the file: prefix keeps names such as `concat:x` or `http:x` from being read as protocols
    with av.open(f"file:{path}", container_options=_OPEN, metadata_errors="replace") as container:
        yield container


def _probe(container: Any, path: Path, media: Media, bwf: BroadcastWave | None) -> Probed:
    shown = media.path
    stream = _picture_stream(container)
    # what looks like sound by chance has no rate
    sounds = [s for s in container.streams.audio if s.codec_context and s.codec_context.name
              and s.codec_context.sample_rate]
    packets, fault = _demux(container, [*([stream] if stream else []), *sounds])
    findings = [_damage(shown, f"breaks off: {fault}")] if fault else []
    still = container.format.name.startswith(_STILL_FORMATS[0]) or (
        container.format.name.endswith(_STILL_FORMATS[1]))
    picture = None
    if stream is not None:
        picture, found = _picture(path, stream, packets[stream.index], shown, still)
        findings += found
    for unknown in container.streams.audio:
        if unknown not in sounds:
            findings.append(_damage(
                shown, f"sound stream {unknown.index} has no known codec or rate"))
    origin = picture.start if picture else Fraction(0)
    heard = tuple(_sound(s, packets[s.index], origin, bwf, number)
                  for number, s in enumerate(sounds))
    if picture is None and not heard and not findings:
        findings.append(_damage(shown, "holds neither picture nor sound"))
    tags = _all_tags(container)
    media = _identified(media, picture, heard, tags, bwf)
    return Probed(media, tuple(findings))


def _picture_stream(container: Any) -> Any | None:
    """The first picture stream that is no cover art: what ffmpeg calls 0:v:0."""
    for stream in container.streams.video:
        if not int(stream.disposition) & 0x400 and stream.codec_context is not None:
            return stream
    return None


def _demux(container: Any, streams: list[Any]) -> tuple[dict[int, _Packets], str]:
    """The packets of the streams in one pass, and what broke it off, if anything did."""
    found = {stream.index: _Packets() for stream in streams}
    if not streams:
        return found, ""
    try:
        for packet in container.demux(streams):
            if packet.size:
                _count(found[packet.stream.index], packet)
    except (av.error.FFmpegError, ValueError) as error:
        return found, _words(error)
    return found, ""


def _count(found: _Packets, packet: Any) -> None:
    found.seen += 1
    found.corrupt += bool(packet.is_corrupt)
    time = packet.pts if packet.pts is not None else packet.dts
    if packet.is_discard or time is None:
        return
    found.times.append(time)
    duration = packet.duration or 0
    if time + duration >= found.end:
        found.end, found.last_duration = time + duration, duration


def _picture(path: Path, stream: Any, packets: _Packets, shown: str,
             still: bool) -> tuple[Picture | None, list[Finding]]:
    frame, fault = _first_frame(path)
    findings = []
    if frame is None:
        return None, [_damage(shown, f"no picture can be decoded: {fault or 'no frames'}")]
    base = stream.time_base or Fraction(1, 90000)
    times = packets.times or [0]
    if still:
        times = times[:1]
    if packets.corrupt:
        findings.append(_damage(shown, f"{packets.corrupt} packets are marked as damaged"))
    if stream.frames and packets.seen < stream.frames:
        findings.append(_damage(shown, f"the header promises {stream.frames} pictures, the file "
                                       f"holds {packets.seen}"))
    grid = frame_grid(times, base, packets.last_duration, stream.average_rate)
    rotation, mirrored, odd = _orientation(frame)
    if odd:
        findings.append(Finding("log.rotation", "warning", "the display matrix is no quarter "
                                "turn; the nearest one is used", shown))
    context = stream.codec_context
    return Picture(
        codec=context.name, width=frame.width, height=frame.height, rate=grid.rate,
        frames=grid.frames, variable=grid.variable, measured_rate=grid.measured,
        start=min(times) * base, time_base=base,
        sample_aspect=_aspect(stream.sample_aspect_ratio or context.sample_aspect_ratio),
        rotation=rotation, mirrored=mirrored, pixel_format=frame.format.name,
        bit_depth=max(part.bits for part in frame.format.components),
        code_range=_code_range(frame, context),
        matrix=tag(MATRICES, frame.colorspace, context.colorspace),
        primaries=tag(PRIMARIES, frame.color_primaries, context.color_primaries),
        transfer=tag(TRANSFERS, frame.color_trc, context.color_trc),
        interlaced=bool(frame.interlaced_frame)), findings


def _first_frame(path: Path) -> tuple[Any | None, str]:
    fault = ""
    with _opened(path) as container:
        stream = _picture_stream(container)
        try:
            for frame in container.decode(stream):
                return frame, ""
        except (av.error.FFmpegError, ValueError) as error:
            fault = _words(error)
    return None, fault


def _orientation(frame: Any) -> tuple[int, bool, bool]:
    """(clockwise turn, mirrored before it, not a quarter turn) from the display matrix.

    The matrix maps stored x, y to shown a*x + c*y, b*x + d*y with y downward; a clockwise turn
    by t has a = d = cos t, b = -c = sin t, and a left-right flip before it negates a and b.
    """
    data = frame.side_data.get(SideData.DISPLAYMATRIX)
    if data is None or data.buffer_size < 36:
        return 0, False, False
    a, b, _, c, d, *_ = struct.unpack("<9i", bytes(data)[:36])
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    degrees = math.degrees(math.atan2(b - c, a + d))
    turn = round(degrees / 90) * 90
    return turn % 360, mirrored, abs(degrees - turn) > 1


def _code_range(frame: Any, context: Any) -> str:
    if frame.format.name.startswith("yuvj"):
        return "pc"
    return tag(RANGES, frame.color_range, context.color_range)


def _aspect(value: Any) -> Fraction:
    return Fraction(value) if value and value > 0 else Fraction(1)


def _sound(stream: Any, packets: _Packets, origin: Fraction, bwf: BroadcastWave | None,
           number: int) -> Sound:
    context, base = stream.codec_context, stream.time_base
    # start_time leaves out what the decoder skips as priming; packets do not
    first = stream.start_time if stream.start_time is not None else min(packets.times, default=0)
    rate = context.sample_rate
    samples = max(0, round((packets.end - first) * base * rate)) if packets.times else 0
    return Sound(
        index=stream.index, codec=context.name, sample_rate=rate, channels=context.channels,
        samples=samples, start=first * base - origin, bit_depth=_bit_depth(context),
        names=bwf.names if bwf and number == 0 else ())


def _bit_depth(context: Any) -> int:
    """Bits of a PCM sample; 0 for coded sound, which has none."""
    digits = "".join(char for char in context.name.partition("_")[2] if char.isdigit())
    if context.name.startswith("pcm_") and digits:
        return int(digits)
    return int(context.format.bits) if context.name in ("flac", "alac") else 0


def _all_tags(container: Any) -> dict[str, str]:
    """Tags of the file and its streams in lower case; the file's win, then the first stream's."""
    tags: dict[str, str] = {}
    for source in (container, *container.streams):
        for key, value in source.metadata.items():
            tags.setdefault(key.lower(), value)
    return tags


def _identified(media: Media, picture: Picture | None, sounds: tuple[Sound, ...],
                tags: dict[str, str], bwf: BroadcastWave | None) -> Media:
    """The media with reel, start timecode, scene and take."""
    frame, rate, drop, source, sample = None, None, False, "none", None
    label = start_label(tags)
    if picture is not None and label:
        try:
            drop = any(mark in label for mark in ";,")
            frame, rate, source = parse_timecode(label, picture.rate), picture.rate, "tag"
        except InputError:
            frame, drop = None, False
    if bwf is not None and bwf.time_reference is not None and sounds:
        sample = bwf.time_reference
        rate, drop = bwf.timecode_rate, bwf.drop
        clock = bwf.clock_rate or sounds[0].sample_rate
        if rate is not None:
            frame, source = round(Fraction(sample, clock) * rate), "bwf"
    scene, take = slate_of(media.path, tags, bwf)
    return Media(
        path=media.path, digest=media.digest, size_bytes=media.size_bytes,
        reel=reel_of(media.path, tags, bwf), start_frame=frame, timecode_rate=rate,
        timecode_drop=drop, timecode_source=source, start_sample=sample, picture=picture,
        sounds=sounds, scene=scene, take=take, tags=kept_tags(tags, bwf))


def _damage(shown: str, message: str) -> Finding:
    return Finding("log.damaged", "error", f"{shown} {message}", shown,
                   fix="copy the file again from the card; if it is damaged there too, replace it")


def _words(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
