"""How exact the delivered picture is, camera by camera: `python tests/bench/color/delivered.py`.

A chart of flat patches, ten-bit 4:4:4 YUV, goes through the renderer's own ffmpeg command (decode,
cube, encode) and is decoded again. It is compared with the float chain, which here starts from the
same YUV by the formulas of ITU-R BT.709. Grey: every luma code. Natural: surfaces of 2 to 90 %
reflectance, 5 stops under to 4 stops over. `cube` is the color after the LUT in float, `ten bit`
and `ProRes` what a file holds, rounding and coding included.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import colour
import numpy as np
import PyOpenColorIO as ocio
from numpy.typing import NDArray

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests")]

from microfinish.core.color import CameraPreset, Chain  # noqa: E402
from microfinish.core.color_chain import input_transform  # noqa: E402
from microfinish.core.color_decode import Decode  # noqa: E402
from microfinish.core.deliver import EncodePreset, PictureSpec  # noqa: E402
from microfinish.core.frame import PathKey, Raster  # noqa: E402
from microfinish.core.media import Picture  # noqa: E402
from microfinish.core.settings import CameraRef  # noqa: E402
from microfinish.media import lut  # noqa: E402
from microfinish.media.color_curves import linear_of  # noqa: E402
from microfinish.media.ffmpeg import run  # noqa: E402
from microfinish.media.ocio_chain import fresh_config  # noqa: E402
from microfinish.project.deliverables import picture_spec  # noqa: E402
from microfinish.project.presets import Presets  # noqa: E402
from microfinish.render.picture import Files, segment_arguments  # noqa: E402
from microfinish.render.segment import Encode, Layer, Pick, Segment  # noqa: E402

Floats = NDArray[np.float64]
PATCH, COLUMNS, ROWS = 16, 40, 80
WIDTH, HEIGHT = COLUMNS * PATCH, ROWS * PATCH
GREYS = 877
KR, KB = 0.2126, 0.0722
RATE = Fraction(25)
LOSSLESS = PictureSpec("ffv1", "yuv444p10le", (), "none", 0)
BUDGET = "budget: grey 1.0, dE00 p99.9 0.6, mean 0.08"


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    size: int
    grey: tuple[float, float, float]
    mean: tuple[float, float, float]
    most: tuple[float, float, float]


def main(names: list[str]) -> None:
    presets = Presets()
    print(f"{'camera':32} cube  grey max, 10-bit codes   natural dE00 mean      natural dE00 p99.9")
    print(f"{'':32}       cube   ten   ProRes       cube   ten   ProRes    cube   ten   ProRes")
    rows = []
    for info in presets.list("cameras"):
        if names and info.name not in names:
            continue
        rows.append(row := measure(presets, info.name))
        told = "    ".join(" ".join(f"{value:6.3f}" for value in values)
                           for values in (row.grey, row.mean, row.most))
        print(f"{row.name:32} {row.size:>4} {told}", flush=True)
    worst = [[max(getattr(row, kind)[k] for row in rows) for k in range(3)]
             for kind in ("grey", "mean", "most")]
    print(f"{'worst of ' + str(len(rows)):37} "
          + "    ".join(" ".join(f"{value:6.3f}" for value in values) for values in worst))
    print(BUDGET)


def measure(presets: Presets, name: str) -> Row:
    preset = presets.resolve("cameras", name, CameraPreset).value
    given, code_range = input_transform(preset, CameraRef(name), Decode("bt709", "limited"))
    chain = Chain(given, gamut_compression=preset.gamut_compression)
    codes = _chart(preset, chain)
    yuv = _yuv(codes, given.legal_chroma)
    yuv[:GREYS, 0] = 64 + np.arange(GREYS)
    yuv[:GREYS, 1:] = 512
    rgb = _rgb(yuv, code_range).astype(np.float32)
    wanted = lut.exact(chain, rgb).astype(np.float64)
    cube = lut.bake(chain)
    shown = [cube.apply(rgb).astype(np.float64), *_rendered(cube, yuv, code_range, presets)]
    grey, mean, most = [], [], []
    for found in shown:
        grey.append(float(np.abs(found - wanted)[:GREYS].mean(axis=1).max() * 876))
        error = _delta_e(found[GREYS:], wanted[GREYS:])
        mean.append(float(error.mean()))
        most.append(float(np.percentile(error, 99.9)))
    return Row(name, cube.size, tuple(grey), tuple(mean), tuple(most))  # type: ignore[arg-type]


def _chart(preset: CameraPreset, chain: Chain) -> Floats:
    """Camera code values, shape (patches, 3): the colors of surfaces under light from -5 to +4."""
    chance = np.random.default_rng(20)
    count = COLUMNS * ROWS
    grey = chance.uniform(0.02, 0.9, (count, 1))
    surface = np.clip(grey * np.exp(chance.normal(0, 0.35, (count, 3))), 0.02, 0.9)
    if preset.referred != "scene":  # codes of a finished picture: the same surfaces, as shown
        peak = 1.0 if preset.referred == "display" else 0.75 if preset.referred == "hlg" else 0.58
        return np.asarray(surface ** (1 / 2.4) * peak)
    light = surface * 2.0 ** chance.uniform(-5, 4, (count, 1))
    config = fresh_config()
    if preset.curve and not preset.space:
        linear = _through(config, "Linear Rec.709 (sRGB)", _linear_space(preset), light)
        ramp = np.linspace(0, 1, 65536, dtype=np.float32)
        curve = linear_of(preset.curve, ramp, preset.ei).astype(np.float64)
        codes = np.interp(linear, curve, ramp)
    else:
        codes = _through(config, "Linear Rec.709 (sRGB)", preset.space, light)
    return np.clip(codes, 0, 1)


def _linear_space(preset: CameraPreset) -> str:
    return preset.linear if preset.linear != "Protune Native" else "Linear Rec.2020"


def _through(config: ocio.Config, source: str, target: str, rgb: Floats) -> Floats:
    cpu = config.getProcessor(source, target).getDefaultCPUProcessor()
    out = np.ascontiguousarray(rgb, np.float32).copy()
    cpu.apply(ocio.PackedImageDesc(out, len(out), 1, 3))
    return out.astype(np.float64)


def _yuv(codes: Floats, recorded: bool) -> Floats:
    """Ten-bit Y'CbCr as a camera writes it: `recorded`, R'G'B' codes lie on the whole axis."""
    luma = codes @ np.array([KR, 1 - KR - KB, KB])
    blue, red = (codes[:, 2] - luma) / (2 - 2 * KB), (codes[:, 0] - luma) / (2 - 2 * KR)
    if recorded:  # R'G'B' codes c mean (1023 c - 64) / 876
        y, chroma = 1023 * luma, 896 * 1023 / 876
    else:
        y, chroma = 64 + 876 * luma, 896
    return np.round(np.stack([np.clip(y, 4, 1019), np.clip(512 + chroma * blue, 4, 1019),
                              np.clip(512 + chroma * red, 4, 1019)], axis=1))


def _rgb(yuv: Floats, code_range: str) -> Floats:
    """Float R'G'B' of ten-bit Y'CbCr (BT.709), as ffmpeg is told to decode it."""
    if code_range == "full":
        y, blue, red = yuv[:, 0] / 1023, (yuv[:, 1] - 512) / 1023, (yuv[:, 2] - 512) / 1023
    else:
        y, blue, red = (yuv[:, 0] - 64) / 876, (yuv[:, 1] - 512) / 896, (yuv[:, 2] - 512) / 896
    r, b = y + (2 - 2 * KR) * red, y + (2 - 2 * KB) * blue
    return np.stack([r, (y - KR * r - KB * b) / (1 - KR - KB), b], axis=1)


def _rendered(cube: lut.Cube, yuv: Floats, code_range: str, presets: Presets) -> list[Floats]:
    """The patches of the lossless ten-bit file and of the ProRes file, as legal R'G'B'."""
    preset: EncodePreset = presets.resolve("encodes", "prores-422-hq", EncodePreset).value
    raster = Raster(WIDTH, HEIGHT)
    specs = [LOSSLESS, picture_spec(preset.picture, raster, RATE)]
    found = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        source, table = folder / "chart.mkv", folder / "shot.cube"
        table.write_bytes(cube.text())
        _write(source, yuv)
        picture = Picture("ffv1", WIDTH, HEIGHT, RATE, 1, pixel_format="yuv444p10le", bit_depth=10)
        layer = Layer("m", Pick(0, 0, 1, Fraction(1), Fraction(0)), picture, "crop", WIDTH, HEIGHT,
                      (PathKey(0, 0, 0),), "c", code_range, "bt709")
        segment = Segment(RATE, raster, 1, (layer,))
        for spec in specs:
            out = folder / f"{spec.encoder}.{'mkv' if spec is LOSSLESS else 'mov'}"
            run(segment_arguments(segment, [(Encode(replace(spec, raster=raster)), str(out))],
                                  Files({"m": str(source)}, {"c": str(table)}, {})))
            found.append(_rgb(_read(out), "limited"))
    return found


def _write(path: Path, yuv: Floats) -> None:
    planes = yuv.reshape(ROWS, COLUMNS, 3).repeat(PATCH, axis=0).repeat(PATCH, axis=1)
    raw = b"".join(np.ascontiguousarray(planes[..., k]).astype("<u2").tobytes() for k in range(3))
    run(["-f", "rawvideo", "-pix_fmt", "yuv444p10le", "-s", f"{WIDTH}x{HEIGHT}", "-r", "25",
         "-i", "pipe:0", "-vf", "setparams=range=tv:colorspace=bt709", "-c:v", "ffv1", "-y",
         str(path)], stdin=raw)


def _read(path: Path) -> Floats:
    """The mean of every patch's middle."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    planes = []
    for plane in frame.planes:
        values = np.frombuffer(bytes(plane), "<u2").reshape(plane.height, -1)[:, :plane.width]
        high, wide = plane.height // ROWS, plane.width // COLUMNS
        cells = values.reshape(ROWS, high, COLUMNS, wide)
        middle = cells[:, high // 4:-(high // 4), :, wide // 4:-(wide // 4)]
        planes.append(middle.mean(axis=(1, 3)).ravel())
    return np.stack(planes, axis=1).astype(np.float64)


def _delta_e(shown: Floats, wanted: Floats) -> Floats:
    """CIEDE2000 on a BT.1886 display with Rec.709 primaries and D65 white."""
    def lab(rgb: Floats) -> Floats:
        xyz = colour.RGB_to_XYZ(np.clip(rgb, 0, 1) ** 2.4, "ITU-R BT.709")
        return np.asarray(colour.XYZ_to_Lab(
            xyz, colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D65"]))
    return np.asarray(colour.delta_E(lab(shown), lab(wanted), method="CIE 2000"))


if __name__ == "__main__":
    main(sys.argv[1:])
