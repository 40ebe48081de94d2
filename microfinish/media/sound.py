"""Sound out of files: any stream, any stretch of it, as float32 samples at its place."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import soxr

from microfinish.core.errors import InputError
from microfinish.media.loudness import Samples

RATE = 48_000
_OPEN = {"protocol_whitelist": "file,pipe"}
_SEEKABLE = ("pcm_", "flac", "aac", "alac")
_PREROLL_SECONDS = 0.5


def read_range(path: Path, stream: int, start: int, length: int) -> Samples:
    """`length` samples from sample `start` of an audio stream at its own rate: (length, channels).

    `stream` counts the file's audio streams from 0. Sample 0 is the stream's first one. Outside
    the stream there is silence. Raises InputError where there is no such stream or it cannot be
    decoded at all; a stretch that does not decode is silence.
    """
    with _open(path) as container:
        audio = _stream(container, path, stream)
        channels = audio.codec_context.channels or 1
        out = np.zeros((length, channels), dtype=np.float32)
        if length <= 0 or start + length <= 0:
            return out
        for position, block in _blocks(container, audio, max(0, start)):
            if position >= start + length:
                break
            low, high = max(position, start), min(position + block.shape[0], start + length)
            if low < high:
                out[low - start: high - start] = block[low - position: high - position]
        return out


def read_all(path: Path, stream: int = 0) -> tuple[Samples, int]:
    """(every sample of an audio stream, float32 (n, channels), and its sample rate)."""
    with _open(path) as container:
        audio = _stream(container, path, stream)
        channels, rate = audio.codec_context.channels or 1, int(audio.rate)
        parts: list[Samples] = []
        done = 0
        for position, block in _blocks(container, audio, 0):
            if position > done:  # a hole in the timestamps is silence, not an early sound
                parts.append(np.zeros((position - done, channels), dtype=np.float32))
                done = position
            fresh = block[max(0, done - position):]
            parts.append(fresh)
            done += fresh.shape[0]
        whole = np.concatenate(parts) if parts else np.zeros((0, channels), dtype=np.float32)
        return whole, rate


def blocks(path: Path, stream: int = 0) -> Iterator[tuple[int, Samples]]:
    """(position in samples, float32 (n, channels)) of each decoded piece: for files of any size."""
    with _open(path) as container:
        yield from _blocks(container, _stream(container, path, stream), 0)


def read_stereo(path: Path, stream: int = 0) -> Samples:
    """Every sample of an audio stream as stereo at 48 kHz, resampled once."""
    samples, rate = read_all(path, stream)
    return resampled(stereo(samples), Fraction(rate))


def describe(path: Path) -> tuple[int, int, int]:
    """(sample rate, channels, samples) of a file's first sound stream, counted by decoding it."""
    samples, rate = read_all(path)
    if not samples.shape[0]:
        raise InputError(f"{path.name} holds no sound", hint="export it again")
    return rate, samples.shape[1], samples.shape[0]


def stereo(samples: Samples, channels: tuple[int, ...] = ()) -> Samples:
    """Two channels of `samples`: (n, 2). One channel goes to both sides at its level.

    `channels` picks source channels, from 0; two picked are left and right, more are averaged.
    Without a pick, three to four channels are recorder tracks, of which the first is taken, and
    more are surround, folded down by ITU-R BS.775 (no LFE).
    """
    count = samples.shape[1]
    picked = tuple(c for c in channels if c < count)
    if picked:
        samples, count = samples[:, list(picked)], len(picked)
        if count > 2:
            samples, count = samples.mean(axis=1, keepdims=True), 1
    if count == 2:
        return samples
    if count < 5:
        return np.repeat(samples[:, :1], 2, axis=1)
    surround = (3, 4) if count == 5 else (4, 5)
    side = np.float32(0.5 ** 0.5)
    return np.stack([samples[:, ear] + side * (samples[:, 2] + samples[:, surround[ear]])
                     for ear in (0, 1)], axis=1).astype(np.float32)


def resampled(samples: Samples, rate: Fraction) -> Samples:
    """`samples` of a clock running at `rate` (need not be whole) at 48 kHz: soxr, VHQ."""
    if rate == RATE or not samples.size:
        return samples
    result: Samples = soxr.resample(samples, float(rate), RATE, "VHQ")
    return result


def _open(path: Path) -> av.container.InputContainer:
    try:
        return av.open(str(path), options=_OPEN, metadata_errors="ignore")
    except (av.FFmpegError, OSError) as error:
        raise InputError(f"{path.name} cannot be opened as sound: {error}",
                         hint="play the file; if it plays, copy it again from the card") from error


def _stream(container: av.container.InputContainer, path: Path, index: int) -> av.AudioStream:
    streams = container.streams.audio
    if index >= len(streams):
        raise InputError(f"{path.name} has no sound stream {index + 1}",
                         hint=f"it has {len(streams)}; run log again if the file was replaced")
    return streams[index]


def _blocks(
    container: av.container.InputContainer, audio: av.AudioStream, start: int
) -> Iterator[tuple[int, Samples]]:
    """(position in samples, float32 (n, channels)) of each decoded frame from `start` or before."""
    rate = int(audio.rate)
    base = audio.time_base
    first = audio.start_time or 0
    preroll = start - round(_PREROLL_SECONDS * rate)
    if preroll > 0 and audio.codec_context.name.startswith(_SEEKABLE):
        container.seek(first + round(Fraction(preroll, rate) / base), stream=audio)
    else:
        preroll = 0
    convert = av.AudioResampler(format="fltp")
    position: int | None = None
    broken = 0
    for packet in container.demux(audio):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            broken += 1
            continue
        for frame in frames:
            stated = None if frame.pts is None else round((frame.pts - first) * base * rate)
            # Containers round timestamps (Matroska to milliseconds; Vorbis blocks are off by up to
            # 10 ms): only a real jump moves us.
            if position is None or (stated is not None and abs(stated - position) > rate // 20):
                position = stated if stated is not None else preroll
            block = np.concatenate([part.to_ndarray() for part in convert.resample(frame)],
                                   axis=1).T
            yield position, block
            position += block.shape[0]
    if position is None and broken:
        raise InputError("the sound cannot be decoded", hint="transcode it, or replace the file")
