"""How stored YUV becomes RGB code values: matrix and range, from tags or by a stated rule."""

from __future__ import annotations

from dataclasses import dataclass

from microfinish.core.media import Picture

KNOWN_MATRICES = ("bt709", "smpte170m", "bt470bg", "bt2020nc", "bt2020c", "fcc", "smpte240m", "gbr")
LUMA_WEIGHTS: dict[str, tuple[float, float]] = {
    "bt709": (0.2126, 0.0722),
    "smpte170m": (0.299, 0.114),
    "bt470bg": (0.299, 0.114),
    "fcc": (0.30, 0.11),
    "smpte240m": (0.212, 0.087),
    "bt2020nc": (0.2627, 0.0593),
    "bt2020c": (0.2627, 0.0593),
}
"""Kr and Kb of each YUV matrix (ITU-T H.273 table 4)."""


_RANGES = {"full": "full", "pc": "full", "jpeg": "full",
           "limited": "limited", "tv": "limited", "mpeg": "limited"}


@dataclass(frozen=True, slots=True)
class Decode:
    """`matrix` and `code_range` (full or limited) by ffmpeg's names; `notices` name assumptions."""

    matrix: str
    code_range: str
    notices: tuple[str, ...] = ()


def decode_of(picture: Picture) -> Decode:
    """Matrix and range of a picture from its tags.

    Untagged files: BT.709 from 720 lines or 1280 columns up, BT.601 below (what every player
    assumes); full range only where the pixel format says so (yuvj, RGB), else limited.
    """
    notices: list[str] = []
    rgb = picture.pixel_format.startswith(("gbr", "rgb", "bgr", "argb", "abgr", "0rgb"))
    matrix = picture.matrix
    if rgb:
        matrix = "gbr"
    elif matrix not in KNOWN_MATRICES or matrix == "gbr":
        large = max(picture.width, picture.height) >= 1280 or (
            min(picture.width, picture.height) >= 720)
        matrix = "bt709" if large else "smpte170m"
        told = ("no YUV matrix named" if picture.matrix in ("unknown", "unspecified", "")
                else f"the YUV matrix {picture.matrix} is not supported")
        notices.append(f"{told}: {matrix} assumed from its size")
    code_range = _RANGES.get(picture.code_range, "")
    if rgb or picture.pixel_format.startswith("yuvj"):
        code_range = "full"
    elif not code_range:
        code_range = "limited"
        notices.append("no code range named: limited assumed")
    return Decode(matrix, code_range, tuple(notices))
