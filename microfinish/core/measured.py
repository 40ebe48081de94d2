"""What was measured of a delivered file: its streams, a few numbers per frame, its sound."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

PEAK_BLOCK_MS = 10
"""Sample peaks of a delivered sound are kept for blocks of this length."""


@dataclass(frozen=True, slots=True)
class Streams:
    """What the decoder says of the streams: ffmpeg's names, "unknown" where nothing is stated.

    `key_units` holds, per key frame of an H.264 file, whether it is an IDR picture.
    """

    codec: str
    profile: str
    width: int
    height: int
    sample_aspect: Fraction
    pixel_format: str
    interlaced: bool
    matrix: str
    primaries: str
    transfer: str
    code_range: str
    sound_codec: str = ""
    sample_rate: int = 0
    channels: int = 0
    key_units: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """One number per decoded frame. Luma is 0 (black) to 1 (white) of the limited range.

    `near_max` is the luma that 98 % of the frame stays under; `change` the mean absolute
    difference to the frame before, 0 for the first; `local_change` the same over the 1 % of the
    frame that changed most. `errors` are the decoder's complaints.
    """

    near_max: tuple[float, ...]
    mean: tuple[float, ...]
    change: tuple[float, ...]
    local_change: tuple[float, ...]
    errors: tuple[str, ...] = ()

    @property
    def frames(self) -> int:
        return len(self.mean)


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """`block_peaks_dbfs` holds the sample peak of every 10 ms, the louder channel's.

    `true_peaks` lists (seconds, dBTP) wherever the running true peak rose, to 0.1 s.
    """

    samples: int
    sample_rate: int
    integrated_lufs: float
    true_peak_dbtp: float
    true_peaks: tuple[tuple[float, float], ...]
    block_peaks_dbfs: tuple[float, ...]
    errors: tuple[str, ...] = ()
