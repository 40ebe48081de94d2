"""Color: what people write about a shot's picture, and the complete chain it resolves to.

A `Chain` is data without names: renaming a preset changes no chain, so it re-renders nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from microfinish.core.cdl import Cdl
from microfinish.core.color_output import OutputChoice, OutputName, OwnOutput
from microfinish.core.color_tools import (
    EVEN_TONE,
    NO_CURVES,
    NO_HUES,
    NO_TOOLS,
    ONES,
    ZEROS,
    Curves,
    Gain,
    Gamma,
    HueCurves,
    Lift,
    ToneZones,
    Tools,
    Vibrance,
)
from microfinish.core.finding import Finding
from microfinish.core.limits import IF_SET, Ge, Gt, Le
from microfinish.core.texture import NO_TEXTURE, Amount, Texture

ACESCCT_MID_GREY = 0.4135884
"""ACEScct code of scene-linear 0.18 (Academy S-2016-001)."""

NO_CDL = Cdl()

Stops = Annotated[float, Ge(-8), Le(8)]
Kelvin = Annotated[float, Ge(-4000), Le(4000)]
Duv = Annotated[float, Ge(-0.05), Le(0.05)]
Contrast = Annotated[float, Gt(0), Le(4)]
Pivot = Annotated[float, Ge(0), Le(1)]
Saturation = Annotated[float, Ge(0), Le(4)]
Strength = Annotated[float, Ge(0), Le(2)]
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
class CorrectChoice:
    """What becomes of `correct.yaml`'s solution, field by field.

    false locks a field: nothing automatic moves it. true takes the proposal, also where it is
    only proposed. A number stands instead of it. A field left out follows the proposal's state.
    """

    exposure: bool | Stops | None = None
    temperature: bool | Kelvin | None = None
    tint: bool | Duv | None = None


@dataclass(frozen=True, slots=True)
class ShotSheet:
    """What `grade.yaml` may say about a shot; None leaves the value to the next level up.

    `exposure` is in stops. `temperature` is in kelvin around daylight, positive warms; `tint` is
    a distance from the daylight locus (Duv), positive is magenta: both as in DaVinci Resolve.
    `contrast` turns around `pivot`, an ACEScct code value. `cdl` works in ACEScct without clamps;
    as text it is a .cc, .ccc, .cdl, .edl or .ale file of the project, `file.ccc#ID` for one of
    several (an event's clip name in an EDL, a clip's in an ALE).
    `lift`, `gamma`, `gain` are one number or three (red, green, blue); `tone` are the log wheels.
    The order in the picture: exposure and white balance, cdl, contrast, lift/gamma/gain, tone,
    curves, hues, saturation, vibrance, look, output.
    `deflicker`, `denoise` and `deband` work before all that, `sharpen`, `halation`, `vignette` and
    `grain` after it, on the delivered picture; each 0 (off) to 1.
    `look: none` takes the season's look away. `correct: false` ignores the proposal of
    `correct.yaml`, `correct: true` takes it also where it is only proposed, and
    `correct: {exposure: false, tint: 0.004}` says so field by field.
    """

    exposure: Stops | None = None
    temperature: Kelvin | None = None
    tint: Duv | None = None
    contrast: Contrast | None = None
    pivot: Pivot | None = None
    saturation: Saturation | None = None
    cdl: Cdl | str | None = None
    look: str | LookChoice | None = None
    correct: bool | CorrectChoice | None = None
    lift: Lift | None = None
    gamma: Gamma | None = None
    gain: Gain | None = None
    tone: ToneZones | None = None
    curves: Curves | None = None
    hues: HueCurves | None = None
    vibrance: Vibrance | None = None
    deflicker: Amount | None = None
    denoise: Amount | None = None
    deband: Amount | None = None
    sharpen: Amount | None = None
    halation: Amount | None = None
    vignette: Amount | None = None
    grain: Amount | None = None


NOTHING_SAID = ShotSheet()


@dataclass(frozen=True, slots=True)
class SceneSheet(ShotSheet):
    """What counts for a scene. `shots` says which shots it has, by id, `REEL@TIMECODE` or a
    pattern over reel and file name; without it, the shots whose file was logged with the scene's
    name."""

    shots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GradeSheet:
    """`episodes/EP/grade.yaml`: the creative grade of one episode.

    `all` counts for every shot, `scenes` for the shots of a scene (the first that fits),
    `cameras` for the shots whose reel or file name fits the pattern
    (the first that fits) or whose camera preset is called so, `shots` for one shot: by its id, or
    `REEL@HH:MM:SS:FF` for the shot that holds that source frame. The nearest wins, value by value.
    """

    look: str | LookChoice | None = None
    output: OutputName | OutputChoice | None = None
    all: ShotSheet = NOTHING_SAID
    scenes: dict[str, SceneSheet] = field(default_factory=dict)
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
class LookPreset:
    """`presets/looks/*.yaml`: a look as parameters, or a LUT file with its declared space.

    The order is cdl, contrast, lift/gamma/gain, tone, curve, curves, hues, saturation, vibrance,
    all in ACEScct; then `lut`. `curve` is the master curve as (in, out) control points, rising in
    both; `curves` has one per channel too.
    """

    title: str
    description: str = ""
    cdl: Cdl = NO_CDL
    contrast: Contrast = 1.0
    pivot: Pivot = ACESCCT_MID_GREY
    tone: ToneZones = EVEN_TONE
    curve: tuple[tuple[float, float], ...] = ()
    saturation: Saturation = 1.0
    lut: str = ""
    space: LutSpace = "rec709"
    source: str = ""
    license: str = ""
    lift: Lift = ZEROS
    gamma: Gamma = ONES
    gain: Gain = ONES
    curves: Curves = NO_CURVES
    hues: HueCurves = NO_HUES
    vibrance: Vibrance = 0.0


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
    tone: ToneZones = EVEN_TONE
    curve: tuple[tuple[float, float], ...] = ()
    saturation: float = 1.0
    tools: Tools = NO_TOOLS


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
    tone mapping), unless `own` names a config of the show. Every number counts; equal chains
    make equal pictures.
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
    tools: Tools = NO_TOOLS
    own: OwnOutput | None = None

    @property
    def is_graded(self) -> bool:
        """Something between input and output changes the picture."""
        return (self.balance != Balance() or not self.cdl.is_identity or self.contrast != 1.0
                or self.saturation != 1.0 or self.tools != NO_TOOLS
                or (self.look is not None and self.look.strength != 0.0))

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
    texture: Texture = field(default=NO_TEXTURE, metadata=IF_SET)


@dataclass(frozen=True, slots=True)
class Grades:
    """The body of `grade.yaml`; `notices` are assumptions that were made and should be read.
    `findings` are what a re-cut did to its keys."""

    shots: tuple[ShotGrade, ...]
    notices: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def by_shot(self) -> dict[str, ShotGrade]:
        return {grade.shot: grade for grade in self.shots}
