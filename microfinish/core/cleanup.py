"""Cleanup of dialogue: what a preset allows, what was measured, and what is done to each clip.

Nothing is done that was not measured to be needed, but the high-pass, which is done where asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from microfinish.core.errors import Where
from microfinish.core.limits import IF_SET, Ge, Le

Tool = Literal["highpass", "declip", "declick", "hum", "denoise", "deess", "external", "level"]
TOOLS: tuple[Tool, ...] = (
    "highpass", "declip", "declick", "hum", "denoise", "deess", "external", "level")
"""All tools; `bypass` in mix.yaml names them. They work in the order of `media/cleanup.py`."""

ROOM_MARGIN_DB = 10.0
"""A quiet stretch this little below the voice may be voice itself: it is no room tone."""
MIN_SPEECH_SECONDS = 0.5
"""A clip with less speech than this is not leveled: a breath has no level of its own."""


@dataclass(frozen=True, slots=True)
class External:
    """A processor of an installed plug-in (entry points `microfinish.processors`).

    `use` is its name, `settings` what it understands. `max_change_db` bounds how far it may change
    the level of the voice; beyond that the clip stays as it was, and the mix says so.
    """

    use: str
    settings: dict[str, str | float | bool] = field(default_factory=dict)
    max_change_db: Annotated[float, Ge(0), Le(24)] = 3.0
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class Cleanup:
    """A file in presets/cleanup: what may be taken out of dialogue, clip by clip, and how much.

    `highpass_hz` is done to every clip; 0 is off. All else happens only where it is measured:

    - `hum`: mains hum, of 50 or 60 Hz, whichever is found; `hum_hz` looks at that frequency alone.
      Harmonics that stand `hum_over_db` above their neighbors are notched out, 1.5 Hz wide.
    - `declip`: peaks that the recorder flattened are drawn anew. `declick`: single clicks.
    - `denoise_db`: at most this much of a steady noise, learnt from the clip's own room tone, and
      no more than brings the voice `denoise_until_db` above it.
    - `deess_db`: at most this much of sibilants that are louder than the voice by `deess_over_db`.
    - `level_db`: clips are leveled by at most this much toward `level_lufs` (empty: the middle of
      the episode's own clips); what is within `level_slack_db` of it stays.
    - `max_loss_db`: where the voice itself (300 to 3400 Hz) would lose more, less is done.
    - `external`: processors of plug-ins, after the others.
    """

    title: str = ""
    highpass_hz: Annotated[float, Ge(0), Le(400)] = 0.0
    hum_hz: Annotated[float, Ge(0), Le(100)] = 0.0
    hum: bool = field(default=False, metadata=IF_SET)
    hum_over_db: Annotated[float, Ge(3), Le(40)] = field(default=6.0, metadata=IF_SET)
    declip: bool = field(default=False, metadata=IF_SET)
    declick: bool = field(default=False, metadata=IF_SET)
    denoise_db: Annotated[float, Ge(0), Le(20)] = field(default=0.0, metadata=IF_SET)
    denoise_until_db: Annotated[float, Ge(10), Le(80)] = field(default=30.0, metadata=IF_SET)
    deess_db: Annotated[float, Ge(0), Le(12)] = field(default=0.0, metadata=IF_SET)
    deess_over_db: Annotated[float, Ge(-20), Le(20)] = field(default=0.0, metadata=IF_SET)
    level_db: Annotated[float, Ge(0), Le(20)] = field(default=0.0, metadata=IF_SET)
    level_lufs: Annotated[float, Ge(-50), Le(-5)] | None = field(default=None, metadata=IF_SET)
    level_slack_db: Annotated[float, Ge(0), Le(12)] = field(default=1.5, metadata=IF_SET)
    max_loss_db: Annotated[float, Ge(0), Le(6)] = field(default=1.0, metadata=IF_SET)
    external: tuple[External, ...] = field(default=(), metadata=IF_SET)


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is done to one clip. The defaults do nothing.

    `notches_hz` are hum lines. `room` is (first sample, samples) of the source whose noise is
    taken down by `denoise_db`. `deess_db` is the most that a sibilant above `deess_above_dbfs`
    (5 to 10 kHz, RMS over 5 ms) loses. `level_db` is a plain gain, after all else.
    """

    highpass_hz: float = 0.0
    declip: bool = False
    declick: bool = False
    notches_hz: tuple[float, ...] = ()
    denoise_db: float = 0.0
    room: tuple[int, int] = (0, 0)
    deess_db: float = 0.0
    deess_above_dbfs: float = 0.0
    level_db: float = 0.0
    external: tuple[External, ...] = ()

    @property
    def sounds_same(self) -> bool:
        """Whether every sample stays as it was, but for a gain."""
        return not (self.highpass_hz or self.declip or self.declick or self.notches_hz
                    or self.denoise_db or self.deess_db or self.external)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured on a clip's sound; None where there is nothing to measure it on.

    `speech_lufs` is the loudness while somebody speaks, `speech_seconds` how long that is.
    `room_lufs` is the loudness of the quietest steady stretch. `hum_over_db` is how far the
    strongest hum line stands above its neighbors. `voice_dbfs` is the RMS of 300 to 3400 Hz while
    somebody speaks; `sibilance_db` how far the loudest sibilants (95th percentile) are above it.
    """

    speech_lufs: float | None = None
    speech_seconds: float = 0.0
    room_lufs: float | None = None
    hum_over_db: float | None = None
    clipped: int = 0
    clicks: int = 0
    voice_dbfs: float | None = None
    sibilance_db: float | None = None

    @property
    def snr_db(self) -> float | None:
        """Speech over room tone; None where either is not heard."""
        if self.speech_lufs is None or self.room_lufs is None:
            return None
        return self.speech_lufs - self.room_lufs


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The report of one clip: measured, done, measured again. `notes` say what was held back."""

    label: str
    source: str
    start: int
    before: Figures
    after: Figures
    done: Treatment
    notes: tuple[str, ...] = ()


def proposed(found: Figures, hum_lines: tuple[float, ...], room: tuple[int, int] | None,
             allowed: Cleanup) -> Treatment:
    """The least that brings a clip to what the preset asks, within its bounds, without leveling."""
    denoise = 0.0
    if allowed.denoise_db and room and found.snr_db is not None and (
            found.snr_db >= ROOM_MARGIN_DB):
        denoise = min(allowed.denoise_db, allowed.denoise_until_db - found.snr_db)
    over = (found.sibilance_db or 0.0) - allowed.deess_over_db
    deess = allowed.deess_db and found.sibilance_db is not None and over > 0.5
    above = (found.voice_dbfs or 0.0) + allowed.deess_over_db
    return Treatment(
        highpass_hz=allowed.highpass_hz,
        declip=allowed.declip and found.clipped > 0,
        declick=allowed.declick and found.clicks > 0,
        notches_hz=hum_lines,
        denoise_db=round(denoise, 1) if denoise >= 1.0 else 0.0,
        room=room if room and denoise >= 1.0 else (0, 0),
        deess_db=allowed.deess_db if deess else 0.0,
        deess_above_dbfs=round(above, 1) if deess else 0.0,
        external=allowed.external,
    )


def leveled(loudness: list[tuple[str, float, float]], allowed: Cleanup) -> list[float]:
    """The gain in dB of each clip, from (who or what it belongs to, speech LUFS, its seconds).

    A clip with too little speech (or none: 0 seconds) goes with the others of its own group.
    """
    spoken = [(lufs, seconds) for _, lufs, seconds in loudness if seconds >= MIN_SPEECH_SECONDS]
    if not allowed.level_db or not spoken:
        return [0.0] * len(loudness)
    target = allowed.level_lufs if allowed.level_lufs is not None else _middle(spoken)
    gains = []
    for group, lufs, seconds in loudness:
        if seconds < MIN_SPEECH_SECONDS:
            others = [(level, time) for name, level, time in loudness
                      if name == group and time >= MIN_SPEECH_SECONDS]
            lufs = _middle(others) if others else target
        off = target - lufs
        gain = max(-allowed.level_db, min(allowed.level_db, off))
        gains.append(round(gain, 1) if abs(off) > allowed.level_slack_db else 0.0)
    return gains


def _middle(spoken: list[tuple[float, float]]) -> float:
    """The median loudness, each clip counting as long as it speaks."""
    half = sum(seconds for _, seconds in spoken) / 2
    reached = 0.0
    for lufs, seconds in sorted(spoken):
        reached += seconds
        if reached >= half:
            return lufs
    return spoken[0][0]
