"""A file's sound as sync hears it: one channel at 8 kHz, its phases kept for many comparisons.

Knapp and Carter's phase transform weighs each frequency of the voice band alike, since plain
correlation peaks 6 ms off on reverberant sound. It splits into one factor per file, so that the
transform of a long recording is made once and serves every clip that is looked for in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from microfinish.media.loudness import Samples
from microfinish.media.ltc import carries_ltc
from microfinish.media.sound import blocks, read_range

Mono = NDArray[np.float32]
Phases = NDArray[np.complex64]

RATE = 8_000
BAND_HZ = (100.0, 3500.0)
SILENT_RMS = 1e-5
_NEAR_SAMPLES = 160
"""20 ms: closer than that, the neighbors of a peak are its own echoes in the room."""
_LADDER = 1 << 17
"""Transform sizes go in steps of 16 s, so that clips of similar length share one."""


@dataclass(slots=True)
class Voice:
    """`sound` is (n,) at 8 kHz. The phases of its last transform are remembered."""

    sound: Mono
    _kept: tuple[int, Phases] | None = field(default=None, repr=False)

    @property
    def seconds(self) -> float:
        return self.sound.size / RATE

    @property
    def silent(self) -> bool:
        return rms(self.sound) < SILENT_RMS

    def phases(self, size: int) -> Phases:
        """The unit phases of the whole sound, zero-padded to `size`."""
        kept = self._kept
        if kept is None or kept[0] != size:
            kept = (size, phases(self.sound, size))
            self._kept = kept
        return kept[1]

    def size_for(self, clip: int) -> int:
        """A transform size that holds this sound and a clip of `clip` samples without wrapping."""
        steps = -(-(self.sound.size + clip) // _LADDER)
        return int(next_fast_len(steps * _LADDER, real=True))

    def save(self, path: Path) -> None:
        """Keep it as half floats: a 10-minute recording is 9.6 MB."""
        peak = float(np.abs(self.sound).max()) if self.sound.size else 0.0
        scale = np.float32(1.0 / peak if peak else 1.0)
        with path.open("wb") as file:
            np.savez(file, sound=(self.sound * scale).astype(np.float16), scale=scale)

    @classmethod
    def load(cls, path: Path) -> Voice:
        """What `save` kept. Raises OSError or ValueError where that is damaged."""
        with np.load(path, allow_pickle=False) as kept:
            return cls(kept["sound"].astype(np.float32) / np.float32(kept["scale"]))


def listen(samples: Samples, rate: int, skip: tuple[int, ...] = ()) -> Voice:
    """The loudest channel of (n,) or (n, channels) samples, without the channels in `skip`.

    Not the sum: two microphones summed comb each other. `skip` names timecode tracks.
    """
    if samples.ndim == 2:
        powers = np.einsum("ij,ij->j", samples, samples, dtype=np.float64)
        powers[[c for c in skip if c < powers.size]] = -1.0
        samples = samples[:, int(powers.argmax())]
    sound = np.ascontiguousarray(samples, dtype=np.float32)
    if rate != RATE and sound.size:
        sound = soxr.resample(sound, rate, RATE, "HQ")
    return Voice(sound)


def listen_file(path: Path, stream: int, samples: int, rate: int) -> Voice:
    """The loudest channel of a stream of about `samples` samples that carries no timecode.

    Decoded piece by piece: a two-hour file of eight tracks needs the memory of one at 8 kHz.
    """
    channel = _liveliest_channel(path, stream, samples, rate)
    resampler = soxr.ResampleStream(rate, RATE, 1, dtype="float32", quality="HQ")
    parts: list[Mono] = []
    done = 0
    for position, block in blocks(path, stream):
        if position > done:  # a hole in the timestamps is silence, not an early sound
            parts.append(resampler.resample_chunk(np.zeros(position - done, np.float32)))
            done = position
        fresh = np.ascontiguousarray(block[max(0, done - position):, channel])
        parts.append(resampler.resample_chunk(fresh))
        done += fresh.size
    parts.append(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
    return Voice(np.concatenate(parts))


def _liveliest_channel(path: Path, stream: int, samples: int, rate: int) -> int:
    """The channel with the most sound in five places, timecode tracks left out."""
    length = min(samples, 4 * rate)
    powers: NDArray[np.float64] | None = None
    for place in range(5):
        piece = read_range(path, stream, (samples - length) * place // 4, length)
        if piece.shape[1] == 1:
            return 0
        own = np.einsum("ij,ij->j", piece, piece, dtype=np.float64)
        powers = own if powers is None else powers + own
        for channel in range(own.size):
            if own[channel] > 0 and carries_ltc(piece[:rate, channel], rate):
                powers[channel] = -np.inf
    return int(powers.argmax()) if powers is not None else 0


def phases(sound: Mono, size: int) -> Phases:
    """The unit phases of `sound`, zero-padded to `size`, within the voice band; 0 outside."""
    spectrum = rfft(sound, size)
    magnitude = np.abs(spectrum)
    low, high = (round(edge * size / RATE) for edge in BAND_HZ)
    # The floor keeps bins that hold nothing from voting.
    magnitude += 1e-3 * float(magnitude[low:high].mean()) + 1e-20
    spectrum /= magnitude
    spectrum[:low] = 0
    spectrum[high + 1:] = 0
    result: Phases = spectrum.astype(np.complex64, copy=False)
    return result


def correlate(clip: Mono, voice: Voice) -> tuple[NDArray[np.float32], int]:
    """(phase correlation at lags -(clip - 1) to voice - 1, the number of negative lags).

    The lag is where in `voice` the first sample of `clip` lies.
    """
    size = voice.size_for(clip.size)
    both = irfft(voice.phases(size) * np.conj(phases(clip, size)), size)
    before = clip.size - 1
    joined = np.concatenate((both[size - before:], both[: voice.sound.size]))
    return joined.astype(np.float32, copy=False), before


def correlate_short(clip: Mono, region: Mono) -> NDArray[np.float32]:
    """The phase correlation of `clip` at each whole lag inside a longer `region`."""
    size = int(next_fast_len(clip.size + region.size - 1, real=True))
    both = irfft(phases(region, size) * np.conj(phases(clip, size)), size)
    result: NDArray[np.float32] = both[: region.size - clip.size + 1]
    return result


def peak_of(correlation: NDArray[np.float32]) -> tuple[int, float, float]:
    """(place of the peak, peak over the next one 20 ms away, peak over the RMS of the rest)."""
    best = int(correlation.argmax())
    peak = float(correlation[best])
    sides = (correlation[: max(0, best - _NEAR_SAMPLES)], correlation[best + _NEAR_SAMPLES + 1:])
    count = sum(side.size for side in sides)
    if not count:
        return best, 0.0, 0.0
    second = max(float(side.max()) for side in sides if side.size)
    power = sum(float(np.dot(side, side)) for side in sides)
    floor = (power / count) ** 0.5
    return best, peak / max(second, 1e-12), peak / max(floor, 1e-12)


def fine_peak(correlation: NDArray[np.float32], at: int) -> float:
    """The place of the peak near `at` in fractions of a sample, from the band-limited curve."""
    reach, times = 32, 16
    low, high = at - reach, at + reach
    if low < 0 or high > correlation.size:
        return float(at)
    piece = correlation[low:high] * np.hanning(2 * reach + 1)[:-1]
    curve = irfft(rfft(piece), 2 * reach * times)
    best = int(curve[(reach - 2) * times: (reach + 2) * times + 1].argmax()) + (reach - 2) * times
    left, middle, right = (float(curve[best + step]) for step in (-1, 0, 1))
    bend = left - 2 * middle + right
    part = 0.5 * (left - right) / bend if bend else 0.0
    return low + (best + part) / times


def rms(sound: Mono) -> float:
    """The level of a signal, 1 being full scale."""
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) if sound.size else 0.0
