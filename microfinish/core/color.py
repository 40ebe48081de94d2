"""Color: what people write about a shot's picture, and the complete chain it resolves to.

A `Chain` is data without names: renaming a preset changes no chain, so it re-renders nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from microfinish.core.cdl import Cdl, Triple
from microfinish.core.limits import Ge, Gt, Le

ACESCCT_MID_GREY = 0.4135884
"""ACEScct code of scene-linear 0.18 (Academy S-2016-001)."""

ONES: Triple = (1.0, 1.0, 1.0)
NO_CDL = Cdl()

Stops = Annotated[float, Ge(-8), Le(8)]
Kelvin = Annotated[float, Ge(-4000), Le(4000)]
Duv = Annotated[float, Ge(-0.05), Le(0.05)]
Contrast = Annotated[float, Gt(0), Le(4)]
Pivot = Annotated[float, Ge(0), Le(1)]
Saturation = Annotated[float, Ge(0), Le(4)]
Strength = Annotated[float, Ge(0), Le(2)]
OutputName = Literal["aces2-rec709", "rec709"]
LutSpace = Literal["rec709", "acescct"]


# --- What people write -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LookChoice:
    """Which look, and how much of it: `preset` is a name or a path of a look preset or a LUT file.

    `strength` 0 leaves the picture alone, 1 is the look as made, up to 2 exaggerates. `space` is
    what a LUT file expects and returns (rec709 or acescct); a preset states it itself.
    """

    preset: str
    strength: Strength = 1.0
    space: LutSpace | None = None


@dataclass(frozen=True, slots=True)
class ShotSheet:
    """What `grade.yaml` may say about a shot; None leaves the value to the next level up.

    `exposure` is in stops. `temperature` is in kelvin around daylight, positive warms; `tint` is
    a distance from the daylight locus (Duv), positive is magenta: both as in DaVinci Resolve.
    `contrast` turns around `pivot`, an ACEScct code value. `cdl` works in ACEScct without clamps;
    as text it is a .cc, .ccc or .cdl file of the project, `file.ccc#ID` for one of several.
    `look: none` takes the season's look away; `correct: false` ignores the proposal of
    `correct.yaml`.
    """

    exposure: Stops | None = None
    temperature: Kelvin | None = None
    tint: Duv | None = None
    contrast: Contrast | None = None
    pivot: Pivot | None = None
    saturation: Saturation | None = None
    cdl: Cdl | str | None = None
    look: str | LookChoice | None = None
    correct: bool | None = None


@dataclass(frozen=True, slots=True)
class GradeSheet:
    """`episodes/EP/grade.yaml`: the creative grade of one episode.

    `all` counts for every shot, `cameras` for the shots whose reel or file name fits the pattern
    (the first that fits) or whose camera preset is called so, `shots` for one shot: by its id, or
    `REEL@HH:MM:SS:FF` for the shot that holds that source frame. The nearest wins, value by value.
    """

    look: str | LookChoice | None = None
    output: OutputName | None = None
    all: ShotSheet = ShotSheet()
    cameras: dict[str, ShotSheet] = field(default_factory=dict)
    shots: dict[str, ShotSheet] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CameraPreset:
    """`presets/cameras/*.yaml`: how a camera's code values become light.

    Either `space` names a color space of the pinned OpenColorIO config, or `curve` names a
    colour-science log curve and `linear` the config's linear space of the camera's gamut.
    `referred` says what the code values describe: scene (log), display (finished Rec.709 or
    sRGB pictures), hlg or pq (BT.2100).

    `code_range` full: the published code values lie on the whole 0..1023 axis although the file
    is YUV in legal range (Sony, Panasonic, Canon); limited: they lie between 64 and 940 (ARRI
    ProRes); tag: the file's own tag decides. `exposure_indices` is set where `ei` is allowed.
    """

    title: str
    referred: Literal["scene", "display", "hlg", "pq"] = "scene"
    space: str = ""
    curve: str = ""
    linear: str = ""
    ei: int | None = None
    exposure_indices: tuple[int, ...] = ()
    code_range: Literal["full", "limited", "tag"] = "tag"
    gamut_compression: bool = False
    source: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class ToneZones:
    """Color per tonal zone in ACEScct: 1 is neutral, (0.97, 1, 1.05) cools, useful 0.8 to 1.2."""

    blacks: Triple = ONES
    shadows: Triple = ONES
    midtones: Triple = ONES
    highlights: Triple = ONES
    whites: Triple = ONES


@dataclass(frozen=True, slots=True)
class LookPreset:
    """`presets/looks/*.yaml`: a look as parameters, or a LUT file with its declared space.

    The order is cdl, contrast, tone, curve, saturation, all in ACEScct; then `lut`. `curve` is
    the master curve as (in, out) control points, rising in both.
    """

    title: str
    description: str = ""
    cdl: Cdl = NO_CDL
    contrast: Contrast = 1.0
    pivot: Pivot = ACESCCT_MID_GREY
    tone: ToneZones = ToneZones()
    curve: tuple[tuple[float, float], ...] = ()
    saturation: Saturation = 1.0
    lut: str = ""
    space: LutSpace = "rec709"
    source: str = ""
    license: str = ""


# --- What the stages decide --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Balance:
    """A technical correction in scene-linear light: stops, kelvin around daylight, Duv."""

    exposure: float = 0.0
    temperature: float = 0.0
    tint: float = 0.0


@dataclass(frozen=True, slots=True)
class ShotCorrection:
    """What `correct` found for one shot. `state` is applied, proposed, abstained or off.

    `balance` is the bounded correction (zero where it abstained); only `applied` reaches the
    picture. `evidence` says in words what was measured; `confidence` is 0..1. `group` names the
    camera set-up that shares one solution.
    """

    shot: str
    balance: Balance
    evidence: str
    confidence: float
    state: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Corrections:
    """The body of `correct.yaml`."""

    mode: str
    shots: tuple[ShotCorrection, ...]

    def by_shot(self) -> dict[str, ShotCorrection]:
        return {correction.shot: correction for correction in self.shots}


@dataclass(frozen=True, slots=True)
class InputTransform:
    """From decoded RGB code values (0..1) to scene-linear ACEScg.

    `legal_chroma`: the YUV was legal but is decoded as full range, so chroma comes out 896/876
    too large and is scaled back first.
    """

    referred: str
    space: str = ""
    curve: str = ""
    linear: str = ""
    ei: int | None = None
    legal_chroma: bool = False


@dataclass(frozen=True, slots=True)
class LookGrade:
    """A look as parameters, in ACEScct."""

    cdl: Cdl = NO_CDL
    contrast: float = 1.0
    pivot: float = ACESCCT_MID_GREY
    tone: ToneZones = ToneZones()
    curve: tuple[tuple[float, float], ...] = ()
    saturation: float = 1.0


@dataclass(frozen=True, slots=True)
class LookLut:
    """A look as a LUT file: identified by its content, found by where the file is now.

    `file` is relative to the project, or `preset:NAME` for a built-in one. Two chains that differ
    only there are equal: moving a LUT changes no picture.
    """

    digest: str
    space: str
    file: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Look:
    """A resolved look: parameters first, then the LUT, then mixed with what came in."""

    strength: float = 1.0
    grade: LookGrade = LookGrade()
    lut: LookLut | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """The whole color of one shot, resolved and name-free, from code values to code values.

    `output` is aces2-rec709 (ACES 2 SDR 100 nits, BT.1886) or rec709 (BT.709 camera curve, no
    tone mapping). Every number counts; equal chains make equal pictures.
    """

    input: InputTransform
    balance: Balance = Balance()
    gamut_compression: bool = False
    cdl: Cdl = NO_CDL
    contrast: float = 1.0
    pivot: float = ACESCCT_MID_GREY
    saturation: float = 1.0
    look: Look | None = None
    output: str = "aces2-rec709"

    @property
    def is_graded(self) -> bool:
        """Something between input and output changes the picture."""
        return (self.balance != Balance() or not self.cdl.is_identity or self.contrast != 1.0
                or self.saturation != 1.0 or (self.look is not None and self.look.strength != 0.0))

    @property
    def is_identity(self) -> bool:
        """Finished Rec.709 that nobody touches keeps its code values exactly."""
        return (self.input.referred == "display" and not self.input.space
                and not self.input.legal_chroma and not self.is_graded)


@dataclass(frozen=True, slots=True)
class ShotGrade:
    """One shot's color. `code_range` and `matrix` are what the YUV must be decoded with.

    They are ffmpeg's names (zscale `rangein`, `matrixin`); `origins` says where each value came
    from, `camera` is the preset's name: both are for people and part of no picture key.
    """

    shot: str
    camera: str
    code_range: str
    matrix: str
    chain: Chain
    origins: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grades:
    """The body of `grade.yaml`; `notices` are assumptions that were made and should be read."""

    shots: tuple[ShotGrade, ...]
    notices: tuple[str, ...] = ()

    def by_shot(self) -> dict[str, ShotGrade]:
        return {grade.shot: grade for grade in self.shots}
