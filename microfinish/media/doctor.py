"""Tests of the ffmpeg in use: what it must have inside, and whether its lut3d tells the truth."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from microfinish.media.ffmpeg import ffmpeg_exe, ffmpeg_version, run

FILTERS = ("zscale", "lut3d", "ass", "crop", "scale", "format", "fps", "trim", "setpts", "tpad",
           "xfade", "gblur", "bwdif", "reverse", "setsar", "concat")
ENCODERS = ("libx264", "prores_ks", "aac", "pcm_s24le")

MAX_LUT_ERROR = 1e-4
"""A tenth of a ten-bit code value; the right pixels of a working lut3d differ by 1e-6."""


@dataclass(frozen=True, slots=True)
class LutTest:
    """The greatest error of lut3d (0..1) on widths that are, and are not, multiples of 8."""

    aligned: float
    odd: float


def parts(kind: str) -> frozenset[str]:
    """The names of the ffmpeg's `filters` or `encoders`."""
    shown = subprocess.run([ffmpeg_exe(), "-hide_banner", f"-{kind}"], capture_output=True,
                           text=True, stdin=subprocess.DEVNULL, check=False).stdout
    rows = (line.split() for line in shown.splitlines())
    return frozenset(row[1] for row in rows if len(row) > 2)


def missing_parts() -> tuple[str, ...]:
    """Required filters and encoders that the ffmpeg in use was built without."""
    filters, encoders = parts("filters"), parts("encoders")
    return (*(f"filter {name}" for name in FILTERS if name not in filters),
            *(f"encoder {name}" for name in ENCODERS if name not in encoders))


def version() -> str:
    """The version word of the ffmpeg in use."""
    return ffmpeg_version()


def lut3d_test(aligned: int = 1080, odd: int = 1082) -> LutTest:
    """Run noise through lut3d at two widths and compare with the exact tetrahedral result.

    FFmpeg 9.0 writes wrong pixels at the right edge of gbrpf32le frames whose width is no
    multiple of 8. The renderer only uses multiples, so `odd` may be wrong; `aligned` may not.
    """
    return LutTest(lut3d_error(aligned), lut3d_error(odd))


def lut3d_error(width: int, height: int = 4) -> float:
    """The greatest error of ffmpeg's lut3d on a frame of noise, 0..1."""
    from microfinish.media.lut import Cube

    chance = np.random.default_rng(8)
    cube = Cube(chance.random((17, 17, 17, 3), np.float32))
    frame = chance.random((height, width, 3), np.float32)
    with tempfile.TemporaryDirectory() as folder:
        lut = Path(folder) / "noise.cube"
        lut.write_bytes(cube.text())
        shown = run([
            "-f", "rawvideo", "-pix_fmt", "gbrpf32le", "-s", f"{width}x{height}", "-i", "pipe:0",
            "-vf", f"lut3d=file={_in_filter(lut)}:interp=tetrahedral",
            "-f", "rawvideo", "-pix_fmt", "gbrpf32le", "pipe:1",
        ], stdin=_planar(frame), what="the lut3d test")
    wanted = cube.apply(frame)
    return float(np.abs(_interleaved(shown.stdout, width, height) - wanted).max())


def _planar(rgb: NDArray[np.float32]) -> bytes:
    return np.ascontiguousarray(rgb[..., [1, 2, 0]].transpose(2, 0, 1)).tobytes()


def _interleaved(data: bytes, width: int, height: int) -> NDArray[np.float32]:
    planes = np.frombuffer(data, np.float32).reshape(3, height, width)
    return np.stack([planes[2], planes[0], planes[1]], axis=-1)


def _in_filter(path: Path) -> str:
    """A path inside a filter description: a drive's colon and quotes are escaped twice."""
    text = path.as_posix().replace("'", r"\\\'")
    return text.replace(":", r"\\:").replace(",", r"\,").replace("[", r"\[").replace("]", r"\]")
