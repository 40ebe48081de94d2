"""The mix: what an editor asks for in `mix.yaml`, and the sample-exact plan it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated, Literal

from microfinish.core.errors import Where
from microfinish.core.finding import Finding
from microfinish.core.limits import Ge, Le
from microfinish.core.printed import PrintedSheet, PrintedStem

SAMPLE_RATE = 48_000
DIALOGUE, MUSIC, EFFECTS = "DX", "MX", "FX"
PRINT = "PRINT"
"""The stem of a printed mix, which has dialogue, music and effects in one."""
PRINTED_BUS = {"mix": PRINT, "dialogue": DIALOGUE, "music": MUSIC, "effects": EFFECTS}
DECLICK_SAMPLES = 240
"""5 ms: a cut between two rooms clicks without it, and nobody hears it."""

Decibels = Annotated[float, Ge(-120), Le(30)]


@dataclass(frozen=True, slots=True)
class DialogueSheet:
    """Where dialogue comes from. `auto` takes the synced recorder file, else the camera's sound.

    `tracks` picks recorder tracks by number, from 1 (a two-track file often holds boom and lav,
    which comb when summed); empty keeps the file's own stereo. `cleanup` names a preset.
    """

    source: Literal["auto", "recorder", "camera"] = "auto"
    cleanup: str = ""
    gain_db: Decibels = 0.0
    tracks: tuple[Annotated[int, Ge(1)], ...] = ()
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class CueSheet:
    """One music or effects cue. `at` is a record timecode; the first frame is 00:00:00:00.

    A label at or after the timeline's own start (01:00:00:00, usually) counts from there. After a
    re-cut, timecodes of an unchanged file go where their picture went. `at` may also name a shot,
    which it follows by itself: `sh050+00:00:01:00` is one second into that shot,
    `A001@10:01:05:10` where that source frame of the reel shows.
    `in_` (spelled `in`) and `out` are timecodes inside the file, from its beginning, at the
    timeline's rate; `out` is exclusive. `fade_in` and `fade_out` are frames. `duck` false keeps
    a music cue at its level under dialogue. `revision` is the revision of the picture lock that
    `at` counts in; 0 is that of the sheet.
    """

    file: str
    at: str = "00:00:00:00"
    in_: str = ""
    out: str = ""
    gain_db: Decibels = 0.0
    fade_in: Annotated[int, Ge(0)] = 0
    fade_out: Annotated[int, Ge(0)] = 0
    duck: bool = True
    revision: Annotated[int, Ge(0)] = 0
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class Cleanup:
    """A file in presets/cleanup: what is taken out of dialogue before anything else.

    `highpass_hz` 0 is off. `hum_hz` is the mains frequency; it and its next three harmonics are
    notched out. 0 is off.
    """

    title: str = ""
    highpass_hz: Annotated[float, Ge(0), Le(400)] = 0.0
    hum_hz: Annotated[float, Ge(0), Le(100)] = 0.0


@dataclass(frozen=True, slots=True)
class Ducking:
    """Music under dialogue, stated as an outcome: while somebody speaks, dialogue is at least
    `separation_lu` above the music, for which the music goes down by `min_depth_db` to
    `max_depth_db`, starting `look_ahead_ms` before the word."""

    enabled: bool = True
    separation_lu: Annotated[float, Ge(0), Le(40)] = 12.0
    min_depth_db: Annotated[float, Ge(0), Le(60)] = 6.0
    max_depth_db: Annotated[float, Ge(0), Le(60)] = 14.0
    look_ahead_ms: Annotated[float, Ge(10), Le(2000)] = 150.0
    hold_ms: Annotated[float, Ge(0), Le(5000)] = 300.0
    release_ms: Annotated[float, Ge(10), Le(5000)] = 600.0


@dataclass(frozen=True, slots=True)
class MixSheet:
    """`mix.yaml`. Every key is optional; without the file the mix is the dialogue alone.

    `revision` is the revision of the picture lock that its times count in. 0 is the first that
    the file as it is was used in: a file that changes after a re-cut counts in the new cut.
    """

    dialogue: DialogueSheet = field(default_factory=DialogueSheet)
    music: tuple[CueSheet, ...] = ()
    effects: tuple[CueSheet, ...] = ()
    ducking: Ducking = field(default_factory=Ducking)
    printed: tuple[PrintedSheet, ...] = ()
    revision: Annotated[int, Ge(0)] = 0


@dataclass(frozen=True, slots=True)
class MixClip:
    """A stretch of one sound stream on a bus.

    `source_start` is the position, in the source's own samples from its first one, that sounds at
    record sample `start`; it need not be whole. The source advances `sample_rate` * `speed` *
    (1 + `drift_ppm` / 1e6) samples per second; `speed` differs from 1 only where whole media are
    pulled up or down. `start` and `end` (exclusive) are record samples
    at 48 kHz. `channels` picks source channels, from 0; empty is all. Fades are record samples
    inside the clip, shaped so that two overlapping ones sum to 1.
    """

    source: str
    digest: str
    stream: int
    sample_rate: int
    source_start: Fraction
    start: int
    end: int
    drift_ppm: float = 0.0
    speed: Fraction = Fraction(1)
    gain_db: float = 0.0
    fade_in: int = 0
    fade_out: int = 0
    channels: tuple[int, ...] = ()
    duck: bool = True
    label: str = ""

    @property
    def length(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Bus:
    """A stem: DX (dialogue), MX (music) or FX (effects)."""

    name: str
    clips: tuple[MixClip, ...] = ()


@dataclass(frozen=True, slots=True)
class MixPlan:
    """The body of `mix.yaml` under `documents/`: every sample's origin, nothing rendered.

    `samples` is `frames` at `rate` in 48 kHz samples, rounded once. `notices` tell what a mixer
    must know: muted retimes, camera sound where no recorder file matched, media without sound.
    `printed` sounds instead of its bus, or of all, except in its gaps. `findings` are what a
    re-cut left to decide.
    """

    rate: Fraction
    frames: int
    samples: int
    buses: tuple[Bus, ...]
    ducking: Ducking = field(default_factory=Ducking)
    cleanup: Cleanup = field(default_factory=Cleanup)
    sample_rate: int = SAMPLE_RATE
    notices: tuple[str, ...] = ()
    printed: tuple[PrintedStem, ...] = ()
    findings: tuple[Finding, ...] = ()

    def bus(self, name: str) -> Bus:
        """The bus of that name; an empty one if the plan has none."""
        return next((bus for bus in self.buses if bus.name == name), Bus(name))
