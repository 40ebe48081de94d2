"""Sync: which recorder file belongs to which camera file, and how exactly."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Match:
    """`sound` belongs to `camera`, or explicitly nothing does (`sound` is "").

    The sample of the recorder file that coincides with the camera file's first frame is
    `offset_samples` at the recorder's own `sample_rate` (it may be negative and need not be whole:
    the sub-sample part is applied as a fractional delay). `drift_ppm` > 0 means the recorder's
    clock runs fast against the camera: recorder time = camera time * (1 + drift_ppm / 1e6).
    `method` is timecode, waveform, timecode+waveform, declared or none; `confidence` is 0..1.
    """

    camera: str
    sound: str
    offset_samples: Fraction = Fraction(0)
    sample_rate: int = 48000
    drift_ppm: float = 0.0
    method: str = "none"
    confidence: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SyncTable:
    """The body of `sync.yaml`: one row per camera file with sound or picture."""

    matches: tuple[Match, ...]

    def for_camera(self, path: str) -> Match | None:
        return next((m for m in self.matches if m.camera == path and m.sound), None)
