"""Bake a color chain into one 65-point cube for ffmpeg's lut3d, and say how exact it is."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import PyOpenColorIO as ocio
from numpy.typing import NDArray

from microfinish.core.color import Chain
from microfinish.media.ocio_chain import CONFIG, ResolveLut, Rgb, chain_steps
from microfinish.media.user_lut import look_up

SIZE = 65
"""65 points keep a log grey ramp within 1 ten-bit code; 33 do not (1.5), 129 gain nothing there."""
BAKE_VERSION = 1
"""Raise when the same chain would now bake another cube."""


@dataclass(frozen=True, slots=True)
class Cube:
    """`values` has shape (size, size, size, 3), indexed blue, green, red, float32 in 0..1."""

    values: Rgb

    @property
    def size(self) -> int:
        return int(self.values.shape[0])

    def text(self) -> bytes:
        """The .cube file: red runs fastest, seven decimals, equal values give equal bytes."""
        return b"LUT_3D_SIZE %d\n" % self.size + _decimals(self.values.reshape(-1, 3))

    def apply(self, rgb: Rgb) -> Rgb:
        """The cube over an array of shape (..., 3), tetrahedral as ffmpeg applies it."""
        return look_up(self.values, rgb)


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
    look = chain.look
    if look is not None and look.lut is not None:  # where the LUT file lies makes no picture
        chain = replace(chain, look=replace(look, lut=replace(look.lut, file="")))
    text = f"{bake_identity()}\n{size}\n{chain!r}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def exact(chain: Chain, rgb: Rgb, resolve_lut: ResolveLut | None = None) -> Rgb:
    """The chain over code values of shape (..., 3), evaluated in float without a cube.

    The result is held to 0..1, as the cube's is.
    """
    out = np.array(rgb, np.float32, order="C", copy=True)
    for step in chain_steps(chain, resolve_lut):
        out = step(out)
    return np.clip(np.nan_to_num(out, nan=0.0), 0.0, 1.0)


def bake(chain: Chain, resolve_lut: ResolveLut | None = None, size: int = SIZE) -> Cube:
    """The chain on a regular grid of `size` points per axis.

    Deterministic on one machine and OpenColorIO version. Raises InputError where a space, curve
    or LUT file of the chain cannot be used.
    """
    return Cube(exact(chain, _grid(size), resolve_lut))


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


def measure_error(chain: Chain, cube: Cube, resolve_lut: ResolveLut | None = None) -> float:
    """The largest error of the cube on a 1024-step grey ramp, in ten-bit code values."""
    ramp = np.repeat(np.linspace(0, 1, 1024, dtype=np.float32)[:, None], 3, axis=1)
    wanted = exact(chain, ramp, resolve_lut)
    return float(np.abs(cube.apply(ramp) - wanted).max() * 1023)


@lru_cache(maxsize=2)
def _grid(size: int) -> Rgb:
    axis = np.linspace(0, 1, size, dtype=np.float32)
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
