"""From what is written about a shot, level by level, to its one color chain, with origins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any

from microfinish.core.cdl import Cdl
from microfinish.core.color import (
    ACESCCT_MID_GREY,
    NO_CDL,
    Balance,
    CameraPreset,
    Chain,
    CorrectChoice,
    InputTransform,
    Look,
    ShotCorrection,
    ShotSheet,
)
from microfinish.core.color_decode import Decode, decode_of
from microfinish.core.color_output import OwnOutput
from microfinish.core.color_stated import stated_camera
from microfinish.core.color_tools import (
    EVEN_TONE,
    NO_CURVES,
    NO_HUES,
    ONES,
    ZEROS,
    Tools,
    triple,
)
from microfinish.core.errors import InputError
from microfinish.core.media import Media
from microfinish.core.settings import CameraRef
from microfinish.core.texture import TOOLS, Texture

AUTOMATIC_CAMERAS: Mapping[str, str] = {
    "bt709": "phone-rec709", "smpte170m": "phone-rec709", "gamma22": "phone-rec709",
    "gamma28": "phone-rec709", "bt470m": "phone-rec709", "bt470bg": "phone-rec709",
    "bt2020-10": "phone-rec709", "bt2020-12": "phone-rec709", "smpte240m": "phone-rec709",
    "iec61966-2-4": "phone-rec709", "bt1361e": "phone-rec709",
    "iec61966-2-1": "srgb", "arib-std-b67": "phone-hlg", "smpte2084": "phone-pq",
}
"""Camera preset by the transfer tag of the file, where `cameras:` names none (ITU-T H.273)."""
FALLBACK_CAMERA = "phone-rec709"
ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Level:
    """What one level says about a shot, and its name for people (`grade.yaml all`)."""

    origin: str
    sheet: ShotSheet


@dataclass(slots=True)
class Merged:
    """The nearest value of every key, and where it came from."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)

    def set(self, key: str, value: Any, origin: str) -> None:
        self.values[key] = value
        self.origins[key] = origin


def merge_levels(levels: Iterable[Level]) -> Merged:
    """Value by value, later levels win over earlier ones; None says nothing."""
    merged = Merged()
    for level in levels:
        for key in (f.name for f in fields(ShotSheet)):
            value = getattr(level.sheet, key)
            if value is not None:
                merged.set(key, value, level.origin)
    return merged


def automatic_camera(transfer: str) -> tuple[str, str]:
    """(camera preset, notice) for a file that no `cameras:` pattern names."""
    if transfer in AUTOMATIC_CAMERAS:
        return AUTOMATIC_CAMERAS[transfer], ""
    told = "no transfer curve named" if transfer in ("unknown", "unspecified", "") else (
        f"its transfer curve {transfer} is no camera's")
    return FALLBACK_CAMERA, (f"{told} and no pattern in `cameras:` fits: "
                             f"treated as {FALLBACK_CAMERA}")


@dataclass(frozen=True, slots=True)
class Camera:
    """How one file is to be read: which preset, why, by which matrix and range, what was assumed.

    `decode` is by the file's tags; the preset may still change its range.
    """

    ref: CameraRef
    origin: str
    decode: Decode
    notices: tuple[str, ...] = ()

    @property
    def is_assumed(self) -> bool:
        """Neither the settings nor the file say what it is: a log file would look washed out."""
        return self.origin == ASSUMED

    @property
    def preset(self) -> str:
        """The preset's name without its folder."""
        return self.ref.preset.removeprefix("cameras/")


def camera_of(media: Media, patterns: Iterable[tuple[str, str | CameraRef]]) -> Camera:
    """The camera of a media file with a picture.

    The first pattern that fits its reel, name, file name or path wins, whatever the case; else
    what the camera's own metadata states; else the file's transfer tag; else it is finished
    Rec.709, and a notice says so.
    """
    assert media.picture is not None
    decode = decode_of(media.picture)
    names = names_of(media)
    for pattern, setting in patterns:
        if fits(pattern, names):
            ref = setting if isinstance(setting, CameraRef) else CameraRef(setting)
            own_range = ref.code_range is not None
            notices = tuple(text for text in decode.notices
                            if not (own_range and "code range" in text))
            return Camera(ref, f"microfinish.yaml cameras {pattern}", decode, notices)
    stated = stated_camera(media.tags)
    if stated is not None:
        ref, words, notice = stated
        return Camera(ref, f"the file's metadata: {words}", decode,
                      (*decode.notices, *([notice] if notice else [])))
    name, notice = automatic_camera(media.picture.transfer)
    if notice and media.picture.primaries == "bt2020":
        notice += "; BT.2020 primaries without a curve are what Apple Log files have"
    if notice:
        return Camera(CameraRef(name), ASSUMED, decode, (*decode.notices, notice))
    origin = f"transfer tag {media.picture.transfer}"
    return Camera(CameraRef(name), origin, decode, decode.notices)


def names_of(media: Media) -> tuple[str, ...]:
    """The names by which a pattern of `cameras:` may mean a media file."""
    return (media.reel, media.name, media.path, media.path.rpartition("/")[2],
            *media.former_names)


def fits(pattern: str, names: Iterable[str]) -> bool:
    """Whether a glob fits one of the names, whatever the case."""
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for name in names if name)


def input_transform(preset: CameraPreset, ref: CameraRef, decode: Decode) -> tuple[
        InputTransform, str]:
    """(input transform, code range to decode with) of one file. Raises InputError for a bad `ei`.

    A log file that is tagged full range has nothing legal in it: its chroma is left alone, and
    the preset's range counts only where `code_range` states it.
    """
    wanted = {"legal": "limited", None: preset.code_range}.get(ref.code_range, ref.code_range)
    code_range = decode.code_range if wanted == "tag" or wanted is None else wanted
    if decode.code_range == "full" and ref.code_range is None and preset.referred == "scene":
        code_range = "full"
    legal_chroma = (code_range == "full" and decode.code_range == "limited"
                    and preset.referred == "scene" and decode.matrix != "gbr")
    space, curve, linear, ei = preset.space, preset.curve, preset.linear, None
    if ref.ei is not None:
        if not preset.exposure_indices:
            raise InputError(f"camera {ref.preset} has one curve for every exposure index",
                             hint="delete `ei`; it belongs to arri-logc3")
        if ref.ei not in preset.exposure_indices:
            known = ", ".join(str(index) for index in preset.exposure_indices)
            raise InputError(f"camera {ref.preset} has no curve for EI {ref.ei}",
                             hint=f"published: {known}")
    if ref.space is not None:
        space, curve, linear = ref.space, "", ""
    elif ref.ei is not None and ref.ei != preset.ei:
        space, ei = "", ref.ei
    elif space:
        curve = linear = ""
    return InputTransform(preset.referred, space, curve, linear, ei, legal_chroma), code_range


def chain_of(
    merged: Merged, given: InputTransform, gamut_compression: bool, cdl: Cdl | None,
    look: Look | None, correction: ShotCorrection | None, output: str,
    own: OwnOutput | None = None,
) -> Chain:
    """The chain of a shot from its merged values and its resolved parts.

    The correction and the shot's own exposure, temperature and tint add up: the first makes shots
    match, the second is taste.
    """
    values = merged.values
    technical = technical_balance(correction, values.get("correct"))
    balance = Balance(*(round(getattr(technical, key) + values.get(key, 0.0), 6)
                        for key in ("exposure", "temperature", "tint")))
    return Chain(
        input=given,
        balance=balance,
        gamut_compression=gamut_compression,
        cdl=cdl or NO_CDL,
        contrast=values.get("contrast", 1.0),
        pivot=values.get("pivot", ACESCCT_MID_GREY) if values.get("contrast", 1.0) != 1.0
        else ACESCCT_MID_GREY,
        saturation=values.get("saturation", 1.0),
        look=look,
        output=output,
        tools=Tools(
            triple(values.get("lift", ZEROS)), triple(values.get("gamma", ONES)),
            triple(values.get("gain", ONES)), values.get("tone", EVEN_TONE),
            values.get("curves", NO_CURVES), values.get("hues", NO_HUES),
            values.get("vibrance", 0.0)),
        own=own,
    )


def technical_balance(correction: ShotCorrection | None,
                      choice: bool | CorrectChoice | None) -> Balance:
    """What of a shot's correction reaches the picture, after what grade.yaml says to it."""
    own = correction.balance if correction is not None else Balance()
    follows = own if correction is not None and correction.state == "applied" else Balance()
    if choice is None:
        return follows
    if isinstance(choice, bool):
        return own if choice else Balance()
    found = {}
    for key in ("exposure", "temperature", "tint"):
        said = getattr(choice, key)
        found[key] = (getattr(follows, key) if said is None else getattr(own, key) if said is True
                      else 0.0 if said is False else float(said))
    return Balance(**found)


def texture_of(merged: Merged) -> Texture:
    """The texture that the levels ask for."""
    return Texture(**{tool: merged.values[tool] for tool in TOOLS if tool in merged.values})


def cdl_fault(cdl: Cdl) -> tuple[tuple[str | int, ...], str] | None:
    """What the ASC forbids in these numbers, as (key, or key and channel; message)."""
    for channel, value in enumerate(cdl.slope):
        if value < 0:
            return ("slope", channel), f"slope {value} is below 0"
    for channel, value in enumerate(cdl.power):
        if value <= 0:
            return ("power", channel), f"power {value} is not above 0"
    if cdl.saturation < 0:
        return ("saturation",), f"saturation {cdl.saturation} is below 0"
    return None
