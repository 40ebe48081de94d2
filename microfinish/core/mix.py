"""The mix: what an editor asks for in `mix.yaml`, and the sample-exact plan it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated, Literal

from microfinish.core.cleanup import Cleaned, Cleanup, Tool, Treatment
from microfinish.core.errors import Where
from microfinish.core.finding import Finding
from microfinish.core.limits import IF_SET, Ge, Le
from microfinish.core.printed import PrintedSheet, PrintedStem

SAMPLE_RATE = 48_000
DIALOGUE, MUSIC, EFFECTS = "DX", "MX", "FX"
ADR, VOICE_OVER, ROOM_TONE, FOLEY, BACKGROUND = "ADR", "VO", "RT", "FOL", "BG"
STEM_OF = {ADR: DIALOGUE, VOICE_OVER: DIALOGUE, ROOM_TONE: DIALOGUE, FOLEY: EFFECTS,
           BACKGROUND: EFFECTS}
"""The printed stem that a bus goes into; the others are stems themselves."""
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
    which comb when summed); empty keeps the file's own stereo. `cleanup` names a preset; `bypass`
    leaves out some of its tools (highpass, declip, declick, hum, denoise, deess, external, level),
    to hear what they do. `room_tone` fills gaps, also those under ADR, with the quietest part of
    the clip before (or after), `room_tone_db` louder than it is.
    """

    source: Literal["auto", "recorder", "camera"] = "auto"
    cleanup: str = ""
    gain_db: Decibels = 0.0
    tracks: tuple[Annotated[int, Ge(1)], ...] = ()
    bypass: tuple[Tool, ...] = ()
    room_tone: bool = False
    room_tone_db: Decibels = 0.0
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class ShotSound:
    """What one shot's production sound asks for, under `shots:` in `mix.yaml`. Keys are those of
    grade.yaml: `sh050`, `A001@10:01:05:10`; they follow a re-cut.

    `gain_db` comes on top of `dialogue.gain_db`. `fade_in` and `fade_out` are frames inside the
    clip; empty keeps the crossfade of its cut. `mute` leaves the shot silent. `source`, `tracks`
    and `cleanup` (`none` for none) stand for those of `dialogue`, `bypass` adds to its list. `who`
    says who speaks: clips without enough speech are leveled as the others of the same name.
    """

    gain_db: Decibels = 0.0
    fade_in: Annotated[int, Ge(0)] | None = None
    fade_out: Annotated[int, Ge(0)] | None = None
    mute: bool = False
    source: Literal["", "auto", "recorder", "camera"] = ""
    tracks: tuple[Annotated[int, Ge(1)], ...] = ()
    cleanup: str = ""
    bypass: tuple[Tool, ...] = ()
    who: str = ""
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class CueSheet:
    """One cue of effects, foley, background or voice-over.

    `at` is a record timecode; the first frame is 00:00:00:00.
    A label at or after the timeline's own start (01:00:00:00, usually) counts from there. After a
    re-cut, timecodes of an unchanged file go where their picture went. `at` may also name a shot,
    which it follows by itself: `sh050+00:00:01:00` is one second into that shot,
    `A001@10:01:05:10` where that source frame of the reel shows. `marker NAME` is where a marker of
    `markers.yaml` or of the edit with that text stands (`marker cliffhanger`, for a stinger).
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
class MusicSheet(CueSheet):
    """One music cue: a cue that can be brought to a length.

    `length` is a timecode duration, such as 00:00:32:00. Longer than the stretch from `in` to
    `out`: whole bars of it are played again; shorter: whole bars in its middle are left out, so
    that it still ends as it was composed, at most half a bar off. `loop` plays it from its start
    again instead and ends exactly, with `fade_out`. Bars come from `bpm` and `beats` (per bar);
    `bar_at` is the timecode of a bar's first beat in the file (its start, if empty). Without
    `bpm`, `loop` repeats the whole stretch, and anything else is refused.

    `title`, `composer`, `publisher` and `isrc` are for the cue sheet (`show EP mix --cue-sheet`),
    as is `usage`: BI background instrumental, BV background vocal, TH theme.
    """

    length: str = ""
    loop: bool = False
    bpm: Annotated[float, Ge(0), Le(400)] = 0.0
    beats: Annotated[int, Ge(1), Le(16)] = 4
    bar_at: str = ""
    title: str = ""
    composer: str = ""
    publisher: str = ""
    isrc: str = ""
    usage: Literal["BI", "BV", "TH"] = "BI"


@dataclass(frozen=True, slots=True)
class AdrSheet(CueSheet):
    """A line that was spoken again. Under it the production dialogue goes down by `under_db`
    (-120 is silence; dialogue `room_tone: true` fills it), from `at` for as long as the file is
    heard, or for `replaces`: a duration (00:00:02:10), or a shot (sh050) from its start to its end.
    `over` is the frames that it takes to go down and to come back, outside of that stretch.
    """

    replaces: str = ""
    under_db: Annotated[float, Ge(-120), Le(0)] = -120.0
    over: Annotated[int, Ge(0), Le(100)] = 1


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
    `shots` is production sound by shot. `adr` and `voice_over` go into the dialogue stem,
    `effects`, `foley` and `backgrounds` into that of the effects.
    """

    dialogue: DialogueSheet = field(default_factory=DialogueSheet)
    shots: dict[str, ShotSound] = field(default_factory=dict)
    adr: tuple[AdrSheet, ...] = ()
    voice_over: tuple[CueSheet, ...] = ()
    music: tuple[MusicSheet, ...] = ()
    effects: tuple[CueSheet, ...] = ()
    foley: tuple[CueSheet, ...] = ()
    backgrounds: tuple[CueSheet, ...] = ()
    ducking: Ducking = field(default_factory=Ducking)
    printed: tuple[PrintedSheet, ...] = ()
    revision: Annotated[int, Ge(0)] = 0

    def cues(self) -> tuple[tuple[str, tuple[CueSheet, ...]], ...]:
        """The cues of every bus that has cues, by the bus's name."""
        return ((MUSIC, self.music), (EFFECTS, self.effects), (ADR, self.adr),
                (VOICE_OVER, self.voice_over), (FOLEY, self.foley), (BACKGROUND, self.backgrounds))


@dataclass(frozen=True, slots=True)
class MixClip:
    """A stretch of one sound stream on a bus.

    `source_start` is the position, in the source's own samples from its first one, that sounds at
    record sample `start`; it need not be whole. The source advances `sample_rate` * `speed` *
    (1 + `drift_ppm` / 1e6) samples per second; `speed` differs from 1 only where whole media are
    pulled up or down. `start` and `end` (exclusive) are record samples
    at 48 kHz. `channels` picks source channels, from 0; empty is all. Fades are record samples
    inside the clip, shaped so that two overlapping ones sum to 1, or, where `even`, so that their
    powers do, as for noise that meets itself. `treatment` is the cleanup of this clip.
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
    treatment: Treatment = field(default=Treatment(), metadata=IF_SET)
    even: bool = field(default=False, metadata=IF_SET)

    @property
    def length(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Dip:
    """Production dialogue is `gain_db` (<= 0) from record sample `start` to `end` (exclusive); it
    goes there and back in `fade` samples outside of them."""

    start: int
    end: int
    gain_db: float
    fade: int


@dataclass(frozen=True, slots=True)
class Bus:
    """DX (production dialogue), MX (music) and FX (effects), which are stems, too; and those that
    are in a stem with others: ADR, VO and RT (room tone) in DX, FOL (foley) and BG in FX."""

    name: str
    clips: tuple[MixClip, ...] = ()


@dataclass(frozen=True, slots=True)
class MixPlan:
    """The body of `mix.yaml` under `documents/`: every sample's origin, nothing rendered.

    `samples` is `frames` at `rate` in 48 kHz samples, rounded once. `notices` tell what a mixer
    must know: muted retimes, camera sound where no recorder file matched, media without sound.
    `printed` sounds instead of its bus, or of all, except in its gaps. `findings` are what a
    re-cut left to decide. `dips` take production dialogue down under ADR. `cleaned` reports the
    cleanup clip by clip.
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
    dips: tuple[Dip, ...] = field(default=(), metadata=IF_SET)
    cleaned: tuple[Cleaned, ...] = field(default=(), metadata=IF_SET)

    def bus(self, name: str) -> Bus:
        """The bus of that name; an empty one if the plan has none."""
        return next((bus for bus in self.buses if bus.name == name), Bus(name))
