"""Season settings: what `microfinish.yaml` says, and what an `episode.yaml` may override."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated, Literal

from microfinish.core.color import NOTHING_SAID, ShotSheet
from microfinish.core.color_output import OutputChoice, OutputName
from microfinish.core.errors import InputError
from microfinish.core.frame import Raster
from microfinish.core.limits import Ge, Le, Matches, Rate, Spelled

BUILT_IN_STAGES = ("log", "sync", "assemble", "lock", "vfx", "correct", "grade",
                   "reframe", "title", "mix", "master", "qc")
VERTICAL = Raster(1080, 1920)
_RASTER = re.compile(r"^\s*(\d{2,5})\s*[x×]\s*(\d{2,5})\s*$")


def parse_raster(text: object) -> Raster:
    """A raster from `1080x1920`. Sides are even, as 4:2:0 needs, and 16 to 16384 pixels.

    Raises InputError.
    """
    match = _RASTER.match(text) if isinstance(text, str) else None
    if not match:
        raise InputError(f"{text!r} is not a raster", hint="write width x height: 1080x1920")
    width, height = int(match[1]), int(match[2])
    if width % 2 or height % 2:
        raise InputError(f"raster {width}x{height} has an odd side",
                         hint="4:2:0 pictures need even sides: 1080x1920")
    if not (16 <= width <= 16384 and 16 <= height <= 16384):
        raise InputError(f"raster {width}x{height} is out of reach",
                         hint="sides lie between 16 and 16384 pixels")
    return Raster(width, height)


@dataclass(frozen=True, slots=True)
class CameraRef:
    """How one camera's files are to be read: a preset, and what differs from it.

    `ei` is the exposure index of curves that depend on it (ARRI LogC3). `code_range` says how
    the camera wrote its code values, where the file's own tag lies. `space` overrides the
    preset's color space by name.
    """

    preset: str
    ei: Annotated[int, Ge(1), Le(1_000_000)] | None = None
    code_range: Literal["full", "legal"] | None = None
    space: str | None = None


@dataclass(frozen=True, slots=True)
class LookRef:
    """A creative look by name; `strength` 0 is without it, 1 is all of it."""

    preset: str
    strength: Annotated[float, Ge(0), Le(1)] = 1.0


@dataclass(frozen=True, slots=True)
class CorrectSettings:
    """`off` measures nothing, `propose` writes proposals only, `apply` uses confident ones."""

    mode: Literal["off", "propose", "apply"] = "apply"
    min_confidence: Annotated[float, Ge(0), Le(1)] = 0.6


@dataclass(frozen=True, slots=True)
class VfxSettings:
    """How shots go to VFX and come back. `handles` counts timeline frames on both sides of each
    shot in the pull list. `color` says how returns are read where their own name fits no pattern
    of `cameras`: `camera` as the file that was pulled, or a camera preset (`phone-rec709`)."""

    handles: Annotated[int, Ge(0), Le(100_000)] = 12
    color: str = ""


@dataclass(frozen=True, slots=True)
class Season:
    """Everything a project decides once. Every key is optional in the file.

    `cameras` maps a glob over reel or file name to a camera preset; the first match in file
    order wins. `conform` says how media of another rate meet the timeline: `time` keeps the
    event's duration and repeats or drops frames, `frame` plays every frame once and lets the
    duration follow. `grade` is what every shot of the season starts from, in the words of
    grade.yaml. `output` is the output transform of log footage: ACES 2 with its tone scale, the
    plain BT.709 camera curve, or a view of the show's own OpenColorIO config. `timeline_start` is
    the record timecode of the first frame where the edit list states none. An empty `loudness`
    leaves it to each platform.

    `media_roots` names more folders that hold media, beside `media/`: a camera card, a server.
    They are only read. A relative path begins at the project's folder (`../cards/A001`); an
    absolute one (`/Volumes/Card1`, `D:/Card1`) is written into the documents as it is, so that
    the project then works only where that volume is. All must be there when a stage runs, and
    they count for the whole season.
    """

    title: str = ""
    rate: Rate = Fraction(25)
    raster: Annotated[Raster, Spelled(parse_raster, "1080x1920", r"^\d+x\d+$")] = VERTICAL
    conform: Literal["time", "frame"] = "time"
    timeline_start: Annotated[str, Matches(r"\d\d:\d\d:\d\d[:;]\d\d", "01:00:00:00")] | None = None
    media_roots: tuple[str, ...] = ()
    cameras: dict[str, str | CameraRef] = field(default_factory=dict)
    correct: CorrectSettings = CorrectSettings()
    vfx: VfxSettings = VfxSettings()
    look: str | LookRef | None = None
    grade: ShotSheet = NOTHING_SAID
    output: OutputName | OutputChoice = "aces2-rec709"
    loudness: str = ""
    platforms: tuple[str, ...] = ("tiktok",)
    languages: tuple[str, ...] = ("en",)
    stages: tuple[str, ...] = BUILT_IN_STAGES
    options: dict[str, str | int | float | bool] = field(default_factory=dict)
    """Free settings for plug-ins, by name."""

    @property
    def look_ref(self) -> LookRef | None:
        """The season's look with its strength, however it was written."""
        return LookRef(self.look) if isinstance(self.look, str) else self.look
