"""Bake a color chain into one 65-point cube for ffmpeg's lut3d, and say how exact it is."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import PyOpenColorIO as ocio
from numpy.typing import NDArray

from microfinish.core.color import Chain
from microfinish.media.lut_grid import RAMP, Grid, aligned, dense_codes, fit_error, fitted_greys
from microfinish.media.ocio_chain import CONFIG, ResolveLut, Rgb, Step, chain_steps
from microfinish.media.user_lut import look_up

SIZE = 65
"""Least points per axis for a master: up to 73 where that puts a node on a curve's bend."""
PREVIEW_SIZE = 33
"""For stills and contact sheets: four times faster to bake, natural colors within 1.2 dE00."""
BAKE_VERSION = 2
"""Raise when the same chain would now bake another cube."""
MOST_RAMP_ERROR = 1.0
"""Ten-bit codes on a grey ramp: more cannot pass unseen, so more points are tried first."""
FINE_SIZE = 97
VISIBLE_RAMP_ERROR = 4.0
"""Ten-bit codes, one eight-bit code: beyond it a cube is not delivered without saying so."""


_ERROR_LINE = b"# grey ramp within"


@dataclass(frozen=True, slots=True)
class Cube:
    """`values` has shape (size, size, size, 3), indexed blue, green, red, float32 in 0..1.

    Its nodes lie evenly from 0 to `top` on each axis. `ramp_error` is the largest error on a
    1024-step grey ramp, in ten-bit code values.
    """

    values: Rgb
    top: float = 1.0
    ramp_error: float = 0.0

    @property
    def size(self) -> int:
        return int(self.values.shape[0])

    def text(self) -> bytes:
        """The .cube file: red runs fastest, seven decimals, equal values give equal bytes."""
        head = f"{_ERROR_LINE.decode()} {self.ramp_error:.2f} ten-bit codes\n"
        head += f"LUT_3D_SIZE {self.size}\n"
        if self.top != 1.0:
            head += "DOMAIN_MIN 0 0 0\n" + "DOMAIN_MAX" + f" {self.top:.7f}" * 3 + "\n"
        return head.encode() + _decimals(self.values.reshape(-1, 3))

    def apply(self, rgb: Rgb) -> Rgb:
        """The cube over an array of shape (..., 3), tetrahedral as ffmpeg applies it."""
        return look_up(self.values, rgb if self.top == 1.0 else rgb / np.float32(self.top))


class CubeStore(Protocol):
    """The part of the store that cubes need."""

    def get(self, key: str, suffix: str) -> Path | None: ...
    def publish(self, tmp: Path, key: str, suffix: str) -> Path: ...
    def scratch(self) -> AbstractContextManager[Path]: ...


def bake_identity() -> str:
    """What besides the chain decides a cube: belongs into every key of a baked picture."""
    return f"bake {BAKE_VERSION}, {SIZE} points, {CONFIG}, OpenColorIO {ocio.__version__}"


def cube_key(chain: Chain, size: int = SIZE) -> str:
    """The content key of a baked chain: equal for chains that make equal pictures."""
    text = f"{bake_identity()}\n{size}\n{_told(chain)}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _told(value: object) -> str:
    """A noun with what differs from its defaults: a tool that is added later changes no key.

    Fields that do not count in comparisons (where a LUT lies) are left out.
    """
    if isinstance(value, tuple):
        return f"({', '.join(_told(item) for item in value)})"
    if not is_dataclass(value):
        return repr(value)
    told = [f"{field.name}={_told(found)}" for field in fields(value) if field.compare
            and (found := getattr(value, field.name)) != field.default]
    return f"{type(value).__name__}({', '.join(told)})"


def exact(chain: Chain, rgb: Rgb, resolve_lut: ResolveLut | None = None) -> Rgb:
    """The chain over code values of shape (..., 3), evaluated in float without a cube.

    The result is held to 0..1, as the cube's is.
    """
    return _through(chain_steps(chain, resolve_lut), rgb)


def bake(chain: Chain, resolve_lut: ResolveLut | None = None, size: int = SIZE,
         even: bool = False) -> Cube:
    """The chain on a regular grid of at least `size` points per axis, greys fitted.

    Where a master's grey ramp would be off by more than `MOST_RAMP_ERROR` and 97 points hold it,
    97 are taken; `ramp_error` says how good the cube is. Deterministic on one machine and
    OpenColorIO version. Raises InputError where a space, curve or LUT file of the chain cannot
    be used. `even`: exactly `size` points over 0..1, for other programs.
    """
    if chain.is_identity:
        return Cube(_grid(Grid(size)))
    steps = chain_steps(chain, resolve_lut)
    codes = np.repeat(dense_codes().astype(np.float32)[:, None], 3, axis=1)
    curve = _through(steps, codes).astype(np.float64)
    grid = Grid(size) if even else aligned(curve, size)
    if size == SIZE and not even and fit_error(curve, grid) > MOST_RAMP_ERROR:
        finer = aligned(curve, FINE_SIZE)
        grid = finer if fit_error(curve, finer) <= MOST_RAMP_ERROR else grid
    values = _through(steps, _grid(grid))
    diagonal = np.arange(grid.size)
    values[diagonal, diagonal, diagonal] = fitted_greys(curve, grid)
    cube = Cube(values, grid.top)
    ramp = np.linspace(0, 1, RAMP)
    exact_ramp = np.stack([np.interp(ramp, dense_codes(), channel) for channel in curve.T], axis=1)
    shown = cube.apply(np.repeat(ramp.astype(np.float32)[:, None], 3, axis=1))
    return replace(cube, ramp_error=float(np.abs(shown - exact_ramp).max() * 1023))


def cube_file(chain: Chain, store: CubeStore, resolve_lut: ResolveLut | None = None,
              size: int = SIZE) -> Path:
    """The baked cube as a .cube file in the store; baked only where it is not there yet."""
    key = cube_key(chain, size)
    found = store.get(key, ".cube")
    if found is not None:
        return found
    text = bake(chain, resolve_lut, size).text()
    with store.scratch() as folder:
        tmp = folder / "shot.cube"
        tmp.write_bytes(text)
        return store.publish(tmp, key, ".cube")


def cube_error(path: Path) -> float:
    """The ramp error that a cube file of ours states in its first line, in ten-bit codes."""
    with path.open("rb") as file:
        words = file.readline().split()
    return float(words[4]) if words[:4] == _ERROR_LINE.split() else 0.0


def measure_error(chain: Chain, cube: Cube, resolve_lut: ResolveLut | None = None) -> float:
    """The largest error of the cube on a 1024-step grey ramp, in ten-bit code values."""
    ramp = np.repeat(np.linspace(0, 1, RAMP, dtype=np.float32)[:, None], 3, axis=1)
    wanted = exact(chain, ramp, resolve_lut)
    return float(np.abs(cube.apply(ramp) - wanted).max() * 1023)


def _through(steps: list[Step], rgb: Rgb) -> Rgb:
    out = np.array(rgb, np.float32, order="C", copy=True)
    for step in steps:
        out = step(out)
    return np.clip(np.nan_to_num(out, nan=0.0), 0.0, 1.0)


@lru_cache(maxsize=4)
def _grid(grid: Grid) -> Rgb:
    axis = grid.nodes().astype(np.float32)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    return np.ascontiguousarray(np.stack([red, green, blue], axis=-1))


def _decimals(rows: NDArray[np.float32]) -> bytes:
    """Rows of three values in 0..1 with seven decimals.

    Digits by integer arithmetic: five times faster than printf-style formatting of the table.
    """
    rest = np.rint(rows.astype(np.float64) * 1e7).astype(np.int32)
    text = np.empty((*rest.shape, 10), np.uint8)
    text[..., 1] = ord(".")
    text[..., 9] = ord(" ")
    text[:, 2, 9] = ord("\n")
    for place in (8, 7, 6, 5, 4, 3, 2):
        rest, digit = np.divmod(rest, 10)
        text[..., place] = digit + ord("0")
    text[..., 0] = rest + ord("0")
    return text.tobytes()
