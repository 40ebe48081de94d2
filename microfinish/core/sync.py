"""Sync: which recorder file belongs to which camera file, how exactly, and what a person says."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated

from microfinish.core.errors import Where
from microfinish.core.limits import Ge, Le, Matches

Place = Annotated[str, Matches(r"[+-]?\d+(\.\d+)?|\d{1,2}:\d{2}:\d{2}[:;]\d{2,3}", "12.254")]
NO_SOUND = "none"


@dataclass(frozen=True, slots=True)
class Segment:
    """From `begin` seconds after the camera's first frame on, this line holds instead: camera
    second t is recorder sample `offset_samples` + t * rate * (1 + drift_ppm / 1e6)."""

    begin: Fraction
    offset_samples: Fraction
    drift_ppm: float = 0.0


@dataclass(frozen=True, slots=True)
class Match:
    """`sound` belongs to `camera`, or explicitly nothing does (`sound` is "").

    The sample of the recorder file that coincides with the camera file's first frame is
    `offset_samples` at the recorder's own `sample_rate` (it may be negative and need not be whole:
    the sub-sample part is applied as a fractional delay). `drift_ppm` > 0 means the recorder's
    clock runs fast against the camera: recorder time = camera time * (1 + drift_ppm / 1e6).
    `method` is timecode, waveform, timecode+waveform, declared or none; `confidence` is 0..1.
    `segments` is empty where one line holds for the whole file; else the first is that of
    `offset_samples`, and each later one begins where the camera dropped frames or a clock bent.
    """

    camera: str
    sound: str
    offset_samples: Fraction = Fraction(0)
    sample_rate: int = 48000
    drift_ppm: float = 0.0
    method: str = "none"
    confidence: float = 0.0
    reason: str = ""
    segments: tuple[Segment, ...] = ()

    def at(self, seconds: Fraction) -> tuple[Fraction, float]:
        """(offset in samples, drift in ppm) that hold `seconds` after the camera's first frame."""
        for segment in reversed(self.segments):
            if segment.begin <= seconds:
                return segment.offset_samples, segment.drift_ppm
        return self.offset_samples, self.drift_ppm


@dataclass(frozen=True, slots=True)
class SyncTable:
    """The body of `sync.yaml`: one row per camera file with sound or picture."""

    matches: tuple[Match, ...]

    def for_camera(self, path: str) -> Match | None:
        return next((m for m in self.matches if m.camera == path and m.sound), None)


@dataclass(frozen=True, slots=True)
class SyncEntry:
    """What a person says about one camera file. `sound` is a recorder file, by path or name;
    `none` says that nothing belongs to it. `offset` is the place in that file at which the
    camera's first frame lies: seconds into it, or the recorder's own timecode there. Without an
    offset the place is looked for in that file alone."""

    sound: str = ""
    offset: Place | float | int | None = None
    drift_ppm: Annotated[float, Ge(-1000), Le(1000)] = 0.0
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class SyncSheet:
    """`sync.yaml`: what the sync stage does not have to find out, by camera file (path, name, or
    pattern such as `A001*`)."""

    cameras: dict[str, SyncEntry] = field(default_factory=dict)
