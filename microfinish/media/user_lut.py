"""LUT files of other people: read strictly, refused with the line, applied exactly.

ffmpeg's lut3d ignores DOMAIN_MIN, refuses Resolve's shapers and passes NaN into the picture, so
no foreign file ever reaches it: it is evaluated here while our own cube is baked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio
from numpy.typing import NDArray

from microfinish.core.errors import InputError, Where

Rgb = NDArray[np.float32]
Triple = tuple[float, float, float]
MAX_1D, MAX_3D = 65536, 256
OCIO_SUFFIXES = (".clf", ".ctf", ".csp", ".3dl", ".spi1d", ".spi3d", ".spimtx", ".look", ".vf")
_RANGES = {"DOMAIN_MIN": 3, "DOMAIN_MAX": 3, "LUT_1D_INPUT_RANGE": 2, "LUT_3D_INPUT_RANGE": 2}


@dataclass(frozen=True, slots=True)
class UserLut:
    """A curve per channel over `curve_from`..`curve_to`, then a cube over `cube_from`..`cube_to`.

    `curve` has shape (n, 3), `cube` (n, n, n, 3) indexed blue, green, red. Outside its range an
    input is held at the end.
    """

    curve: Rgb | None = None
    curve_from: Triple = (0.0, 0.0, 0.0)
    curve_to: Triple = (1.0, 1.0, 1.0)
    cube: Rgb | None = None
    cube_from: Triple = (0.0, 0.0, 0.0)
    cube_to: Triple = (1.0, 1.0, 1.0)

    def apply(self, rgb: Rgb) -> Rgb:
        """The LUT over an array of shape (..., 3); linear in the curve, tetrahedral in the cube."""
        out = rgb
        if self.curve is not None:
            axes = [np.linspace(low, high, len(self.curve))
                    for low, high in zip(self.curve_from, self.curve_to, strict=True)]
            out = np.stack([np.interp(out[..., i], axes[i], self.curve[:, i]) for i in range(3)],
                           axis=-1).astype(np.float32)
        if self.cube is not None:
            low = np.array(self.cube_from, np.float32)
            span = np.array(self.cube_to, np.float32) - low
            out = look_up(self.cube, (out - low) / span)
        return out


@dataclass(frozen=True, slots=True)
class OcioLut:
    """A file in one of the formats OpenColorIO reads, applied by OpenColorIO."""

    processor: ocio.CPUProcessor

    def apply(self, rgb: Rgb) -> Rgb:
        out = np.array(rgb, np.float32, order="C", copy=True)
        pixels = out.reshape(-1, 3)
        self.processor.apply(ocio.PackedImageDesc(pixels, pixels.shape[0], 1, 3))
        return out


def look_up(cube: Rgb, rgb: Rgb) -> Rgb:
    """Tetrahedral interpolation in a cube indexed [blue, green, red]; inputs are held to 0..1."""
    size = cube.shape[0]
    scaled = np.clip(rgb.reshape(-1, 3), 0.0, 1.0).astype(np.float64) * (size - 1)
    base = np.minimum(scaled.astype(np.int64), size - 2)
    rest = scaled - base
    flat = cube.reshape(-1, 3)
    strides = np.array([1, size, size * size])
    order = np.argsort(-rest, axis=1, kind="stable")
    sorted_rest = np.take_along_axis(rest, order, axis=1)
    index = base @ strides
    out = flat[index] * (1.0 - sorted_rest[:, :1])
    for k in range(3):
        index = index + strides[order[:, k]]
        upper = sorted_rest[:, k]
        weight = upper - sorted_rest[:, k + 1] if k < 2 else upper
        out = out + flat[index] * weight[:, None]
    return np.asarray(out, np.float32).reshape(rgb.shape)


def read_lut(path: Path, shown: str) -> UserLut | OcioLut:
    """A LUT file, by its suffix. `shown` is the name for messages.

    Raises InputError naming the line of a .cube file that is wrong.
    """
    suffix = path.suffix.lower()
    if suffix == ".cube":
        try:
            text = path.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{shown}: the LUT cannot be read ({error})",
                             where=Where(shown)) from error
        return parse_cube(text, shown)
    if suffix in OCIO_SUFFIXES:
        return _read_by_ocio(path, shown)
    raise InputError(f"{shown}: {suffix or 'no suffix'} is not a LUT format", where=Where(shown),
                     hint=f"supported: .cube {' '.join(OCIO_SUFFIXES)}")


def parse_cube(text: str, shown: str) -> UserLut:
    """A .cube file after Adobe's Cube LUT Specification 1.0, or Resolve's dialect with a shaper.

    A 3D table, a 1D table, or (Resolve) a 1D shaper followed by a 3D table; domains and input
    ranges; LF, CRLF or CR; comments. Numbers must be finite and exactly as many as stated.
    """
    sizes: dict[str, int] = {}
    ranges: dict[str, tuple[float, ...]] = {}
    rows: list[str] = []
    first_row = last = 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#", 1)[0].strip()
        if not line:
            continue
        if line[0].isalpha() and not line.lower().startswith(("nan", "inf")):
            if rows:
                raise _bad(shown, number, f"{line.split()[0]} stands after the table has begun")
            _header(line, number, shown, sizes, ranges)
            continue
        first_row, last = first_row or number, number
        rows.append(line)
    size1, size3 = sizes.get("LUT_1D_SIZE", 0), sizes.get("LUT_3D_SIZE", 0)
    if not size1 and not size3:
        raise _bad(shown, 1, "neither LUT_1D_SIZE nor LUT_3D_SIZE is stated")
    wanted = size1 + size3**3
    if len(rows) != wanted:
        raise _bad(shown, last or 1, f"{len(rows)} rows of numbers where {wanted} are stated",
                   "the file is cut short or its size line is wrong: export the LUT again")
    table = _numbers(text, rows, shown)
    return _assembled(table, size1, size3, ranges, shown)


def _header(line: str, number: int, shown: str, sizes: dict[str, int],
            ranges: dict[str, tuple[float, ...]]) -> None:
    word, *rest = line.split()
    if word == "TITLE":
        return
    try:
        if word in ("LUT_1D_SIZE", "LUT_3D_SIZE"):
            most = MAX_1D if word == "LUT_1D_SIZE" else MAX_3D
            (size,) = (int(value) for value in rest)
            if not 2 <= size <= most:
                raise _bad(shown, number, f"{word} {size} is outside 2..{most}")
            sizes[word] = size
        elif word in _RANGES:
            values = tuple(float(value) for value in rest)
            if len(values) != _RANGES[word] or not all(np.isfinite(values)):
                raise ValueError
            ranges[word] = values
        elif word not in ("LUT_IN_VIDEO_RANGE", "LUT_OUT_VIDEO_RANGE"):
            raise _bad(shown, number, f"{word} is not a .cube keyword")
        else:
            raise _bad(shown, number, f"{word}: LUTs in video range are not supported",
                       "export the LUT for full (data) range")
    except ValueError:
        raise _bad(shown, number, f"{word} cannot be read: {line}") from None


def _numbers(text: str, rows: list[str], shown: str) -> Rgb:
    """All rows at once; on trouble, a second slow pass finds the line."""
    try:
        flat = np.array(" ".join(rows).split(), np.float64)
        if flat.size == 3 * len(rows) and np.isfinite(flat).all() and all(
                row.count(" ") + row.count("\t") >= 2 for row in rows):
            return flat.reshape(-1, 3).astype(np.float32)
    except ValueError:
        pass
    wanted = iter(rows)
    row = next(wanted)
    for number, raw in enumerate(text.splitlines(), 1):
        if raw.split("#", 1)[0].strip() != row:
            continue
        words = row.split()
        try:
            values = [float(word) for word in words]
        except ValueError:
            raise _bad(shown, number, f"not three numbers: {row[:60]}") from None
        if len(values) != 3:
            raise _bad(shown, number, f"{len(values)} numbers where three belong")
        if not all(np.isfinite(values)):
            raise _bad(shown, number, f"not a finite number: {row[:60]}")
        row = next(wanted, "\n")
    raise _bad(shown, 1, "the table cannot be read")


def _assembled(table: Rgb, size1: int, size3: int, ranges: dict[str, tuple[float, ...]],
               shown: str) -> UserLut:
    domain = (ranges.get("DOMAIN_MIN", (0.0,) * 3), ranges.get("DOMAIN_MAX", (1.0,) * 3))
    limits: dict[str, tuple[Triple, Triple]] = {}
    for kind in ("1D", "3D"):
        given = ranges.get(f"LUT_{kind}_INPUT_RANGE")
        low, high = ((given[0],) * 3, (given[1],) * 3) if given else domain
        if not all(a < b for a, b in zip(low, high, strict=True)):
            raise InputError(f"{shown}: an input range must rise", where=Where(shown))
        limits[kind] = ((low[0], low[1], low[2]), (high[0], high[1], high[2]))
    cube = table[size1:].reshape(size3, size3, size3, 3) if size3 else None
    curve = table[:size1] if size1 else None
    return UserLut(curve, *limits["1D"], cube, *limits["3D"])


def _bad(shown: str, line: int, message: str, hint: str = "") -> InputError:
    return InputError(f"{shown}: {message}", where=Where(shown, line),
                      hint=hint or "open the file at that line, or export the LUT again")


def _read_by_ocio(path: Path, shown: str) -> OcioLut:
    config = ocio.Config.CreateRaw()
    config.setProcessorCacheFlags(ocio.PROCESSOR_CACHE_OFF)
    try:
        transform = ocio.FileTransform(str(path), interpolation=ocio.INTERP_TETRAHEDRAL)
        cpu = config.getProcessor(transform).getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS)
    except ocio.Exception as error:
        reason = str(error).strip().splitlines()[-1].replace(str(path), shown)
        raise InputError(f"{shown}: the LUT cannot be used ({reason})", where=Where(shown),
                         hint="export the look as a 3D .cube") from error
    lut = OcioLut(cpu)
    axis = np.linspace(0, 1, 9, dtype=np.float32)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    if not np.isfinite(lut.apply(grid)).all():
        raise InputError(f"{shown}: the LUT gives values that are not finite numbers",
                         where=Where(shown), hint="export the look again")
    return lut
