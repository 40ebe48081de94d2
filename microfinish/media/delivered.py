"""Measure a delivered file: one decode of the picture, one of the sound, plain numbers out.

The picture is read as 72 x 128 luma samples taken without averaging, so that grain keeps its
size: a locked-off shot moves, a held frame does not. Sound goes through ffmpeg's own BS.1770
meter, which is another tool than the one that made the mix.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from microfinish.core.errors import ToolError
from microfinish.core.measured import PEAK_BLOCK_MS, PictureFacts, SoundFacts, Streams
from microfinish.media.ffmpeg import run

VERSION = 2
"""Raise when the same file would now measure differently."""

_BLACK_QUANTILE = 0.98
_WIDTH, _HEIGHT = 72, 128
_METER = re.compile(r"(pts_time:|lavfi\.r128\.I=|lavfi\.r128\.true_peak=)(\S+)")
_SUMMARY_PEAK = re.compile(r"Peak:\s+(-?[\d.]+|-inf) dBFS")
_SUMMARY_LOUDNESS = re.compile(r"\bI:\s+(-?[\d.]+) LUFS")
_FLOOR_DB = -144.0

Cancelled = Callable[[], bool] | None


def read_streams(path: Path) -> Streams:
    """The streams of a delivered file, from its headers, its packets and its first frame.

    Raises ToolError where there is no picture that decodes.
    """
    try:
        with av.open(str(path), options={"protocol_whitelist": "file"}) as container:
            video = container.streams.video[0]
            keys = tuple(_is_idr(bytes(packet)) for packet in container.demux(video)
                         if packet.is_keyframe and packet.size)
            container.seek(0)
            frame = next(container.decode(video))
            audio = container.streams.audio[0] if container.streams.audio else None
            context = video.codec_context
            return Streams(
                codec=context.name, profile=str(context.profile or ""),
                width=context.width, height=context.height,
                sample_aspect=Fraction(video.sample_aspect_ratio or 1) or Fraction(1),
                pixel_format=str(context.pix_fmt).replace("yuvj", "yuv"),
                interlaced=bool(frame.interlaced_frame),
                matrix=_name(_MATRIX, frame.colorspace),
                primaries=_name(_PRIMARIES, frame.color_primaries),
                transfer=_name(_TRANSFER, frame.color_trc),
                code_range=_name(_RANGE, frame.color_range),
                sound_codec=audio.codec_context.name if audio else "",
                sample_rate=audio.codec_context.sample_rate if audio else 0,
                channels=audio.codec_context.channels if audio else 0,
                key_units=keys if context.name == "h264" else (),
            )
    except (av.error.FFmpegError, IndexError, StopIteration) as error:
        raise ToolError(f"{path.name} has no picture that decodes: {error}",
                        hint="render it again") from error


def measure_picture(path: Path, pixel_format: str, cancelled: Cancelled = None) -> PictureFacts:
    """Decode every frame once. `pixel_format` is the stream's; planar YUV only."""
    depth = _bit_depth(pixel_format)
    gray = "gray" if depth == 8 else f"gray{depth}le"
    output = run(
        ["-loglevel", "error", "-i", str(path), "-map", "0:v:0", "-vf",
         f"extractplanes=y,scale={_WIDTH}:{_HEIGHT}:flags=neighbor,format={gray}",
         "-fps_mode", "passthrough", "-f", "rawvideo", "pipe:1"],
        cancelled=cancelled, what=f"decoding {path.name}",
    )
    codes = np.frombuffer(output.stdout, np.uint8 if depth == 8 else np.dtype("<u2"))
    frames = codes[:len(codes) // (_WIDTH * _HEIGHT) * _WIDTH * _HEIGHT]
    return _per_frame(frames.reshape(-1, _WIDTH * _HEIGHT), depth, _lines(output.stderr))


def measure_sound(path: Path, cancelled: Cancelled = None) -> SoundFacts:
    """Decode the first sound stream once: loudness, true peak, and the peak of every 10 ms."""
    output = run(
        ["-loglevel", "info", "-nostats", "-i", str(path), "-map", "0:a:0", "-af",
         "ebur128=peak=true:metadata=1:framelog=quiet,ametadata=print,"
         "aformat=sample_fmts=flt:channel_layouts=stereo|mono", "-f", "f32le", "pipe:1"],
        cancelled=cancelled, what=f"decoding the sound of {path.name}",
    )
    rate, channels = _sound_form(path)
    samples = np.frombuffer(output.stdout, "<f4")
    samples = samples[:len(samples) // channels * channels].reshape(-1, channels)
    loudness, rises = _meter(output.stderr)
    return SoundFacts(
        samples=len(samples), sample_rate=rate, integrated_lufs=loudness,
        true_peak_dbtp=rises[-1][1] if rises else _FLOOR_DB, true_peaks=rises,
        block_peaks_dbfs=_block_peaks(samples, rate),
    )


def _per_frame(
    frames: NDArray[Any], depth: int, errors: tuple[str, ...]
) -> PictureFacts:
    black, white = 16 << (depth - 8), 235 << (depth - 8)
    near, mean, change, local = [], [], [], []
    before = None
    for codes in frames:
        luma = (codes.astype(np.float32) - black) / (white - black)
        moved = np.zeros(1, np.float32) if before is None else np.abs(luma - before)
        most = max(1, moved.size // 100)
        near.append(round(float(np.quantile(luma, _BLACK_QUANTILE)), 5))
        mean.append(round(float(luma.mean()), 5))
        change.append(round(float(moved.mean()), 6))
        local.append(round(float(np.partition(moved, -most)[-most:].mean()), 5))
        before = luma
    return PictureFacts(tuple(near), tuple(mean), tuple(change), tuple(local), errors)


def _meter(log: str) -> tuple[float, tuple[tuple[float, float], ...]]:
    """Integrated loudness and the rises of the running true peak, from the meter's log."""
    seconds, loudness, highest = 0.0, -70.0, 0.0
    rises: list[tuple[float, float]] = []
    for key, value in _METER.findall(log):
        if key == "pts_time:":
            seconds = float(value)
        elif key == "lavfi.r128.I=":
            loudness = float(value)
        elif float(value) > highest:
            highest = float(value)
            rises.append((round(seconds, 3), round(20 * math.log10(highest), 2)))
    # The meter tags whole blocks of 100 ms; only its summary has heard what comes after the last.
    peak = _SUMMARY_PEAK.search(log)
    if peak and peak[1] != "-inf" and float(peak[1]) > (rises[-1][1] if rises else -99) + 0.1:
        rises.append((round(seconds, 3), float(peak[1])))
    summary = _SUMMARY_LOUDNESS.search(log)
    if summary and abs(float(summary[1]) - loudness) > 0.1:
        loudness = float(summary[1])
    return loudness, tuple(rises)


def _block_peaks(samples: NDArray[np.float32], rate: int) -> tuple[float, ...]:
    size = rate * PEAK_BLOCK_MS // 1000
    if not size or not len(samples):
        return ()
    loudest = np.abs(samples).max(axis=1)
    padded = np.pad(loudest, (0, -len(loudest) % size)).reshape(-1, size).max(axis=1)
    decibels = 20 * np.log10(np.maximum(padded, 10 ** (_FLOOR_DB / 20)))
    return tuple(float(value) for value in np.round(decibels, 1))


def _sound_form(path: Path) -> tuple[int, int]:
    with av.open(str(path), options={"protocol_whitelist": "file"}) as container:
        context = container.streams.audio[0].codec_context
        return context.sample_rate, context.channels


def _is_idr(packet: bytes) -> bool:
    """Whether an H.264 access unit with 4-byte NAL lengths holds an IDR slice (type 5)."""
    position = 0
    while position + 5 <= len(packet):
        length = int.from_bytes(packet[position:position + 4], "big")
        if packet[position + 4] & 0x1F == 5:
            return True
        position += 4 + length
    return False


def _bit_depth(pixel_format: str) -> int:
    found = re.search(r"p(\d+)(?:le|be)$", pixel_format)
    return int(found[1]) if found else 8


def _lines(stderr: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in stderr.splitlines() if line.strip())[:20]


def _name(table: dict[int, str], value: int) -> str:
    return table.get(int(value), "unknown" if int(value) in (0, 2) else str(int(value)))


# Code points of ITU-T H.273, in ffmpeg's names.
_PRIMARIES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020", 12: "smpte432"}
_TRANSFER = {1: "bt709", 6: "smpte170m", 13: "iec61966-2-1", 16: "smpte2084", 18: "arib-std-b67"}
_MATRIX = {0: "gbr", 1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020nc"}
_RANGE = {1: "tv", 2: "pc"}
