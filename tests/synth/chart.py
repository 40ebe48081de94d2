"""Charts of flat patches as cameras write them, finished by the renderer, and read back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from microfinish.core.color import CameraPreset, Chain
from microfinish.core.color_chain import Camera, camera_of, input_transform
from microfinish.core.deliver import PictureSpec
from microfinish.core.frame import PathKey, Raster
from microfinish.core.settings import CameraRef
from microfinish.media import lut
from microfinish.media.ffmpeg import run
from microfinish.media.probe import probe
from microfinish.project.presets import Presets
from microfinish.render.picture import Files, segment_arguments
from microfinish.render.segment import Encode, Layer, Pick, Segment

PATCH, HEIGHT = 16, 64
RATE = Fraction(25)
LOSSLESS = PictureSpec("ffv1", "yuv444p10le", (), "none", 0)
WEIGHTS = {"bt709": (0.2126, 0.0722), "smpte170m": (0.299, 0.114), "bt2020nc": (0.2627, 0.0593)}
Floats = NDArray[np.float64]
Tags = dict[str, str]
HD: Tags = {"range": "tv", "colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709"}


def write_chart(path: Path, patches: list[tuple[float, float, float]], tags: Tags,
                pixel_format: str = "yuv444p10le", patch: int = PATCH) -> Path:
    """Columns of ten-bit Y'CbCr codes (or G'B'R' for gbrp10le), losslessly, one frame."""
    row = np.repeat(np.array(patches), patch, axis=0)
    planes = np.broadcast_to(row, (HEIGHT, *row.shape))
    raw_format = "gbrp10le" if pixel_format.startswith("gbr") else "yuv444p10le"
    raw = b"".join(np.ascontiguousarray(planes[..., k]).round().astype("<u2").tobytes()
                   for k in range(3))
    given = ":".join(f"{key}={value}" for key, value in tags.items())
    # zscale keeps codes exactly when it only changes the depth; swscale does not
    depth = "" if pixel_format == raw_format else f",format={pixel_format}"
    chain = (f"setparams={given}" if given else "null") + depth
    # ffv1 would be turned into limited range; x264 keeps the codes and says the range
    codec = (["-c:v", "ffv1"] if pixel_format.startswith("gbr") else
             ["-c:v", "libx264", "-qp", "0", "-preset", "ultrafast"])
    run(["-f", "rawvideo", "-pix_fmt", raw_format, "-s", f"{row.shape[0]}x{HEIGHT}", "-r", "25",
         "-i", "pipe:0", "-vf", chain, *codec, "-y", str(path)], stdin=raw)
    return path


def coded(rgb: tuple[float, float, float], matrix: str = "bt709",
          full: bool = False) -> tuple[float, float, float]:
    """Ten-bit Y'CbCr of R'G'B' 0..1 by ITU-T H.273."""
    kr, kb = WEIGHTS[matrix]
    red, green, blue = rgb
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    chroma = (blue - luma) / (2 - 2 * kb), (red - luma) / (2 - 2 * kr)
    if full:
        return 1023 * luma, 512 + 1023 * chroma[0], 512 + 1023 * chroma[1]
    return 64 + 876 * luma, 512 + 896 * chroma[0], 512 + 896 * chroma[1]


@dataclass(frozen=True)
class Finished:
    """What the renderer made: R'G'B' of every patch from legal BT.709, and how it was read."""

    rgb: Floats
    camera: Camera
    chain: Chain
    path: Path


def finish(path: Path, camera: str | CameraRef | None = None, *, change: Chain | None = None,
           spec: PictureSpec = LOSSLESS, raster: Raster | None = None,
           width: int = 0, patch: int = PATCH) -> Finished:
    """The file through camera, cube and renderer. `width` crops from the left."""
    media = probe(path, f"media/{path.name}", "m").media
    assert media.picture is not None
    found = camera_of(media, [("*", camera)] if camera else [])
    preset = Presets().resolve("cameras", found.preset, CameraPreset).value
    given, code_range = input_transform(preset, found.ref, found.decode)
    chain = Chain(given, gamut_compression=preset.gamut_compression)
    if change is not None:
        chain = replace(change, input=given)
    crop = width or media.picture.width
    size = raster or Raster(crop, media.picture.height)
    cube = path.with_suffix(".cube")
    cube.write_bytes(lut.bake(chain).text())
    layer = Layer("m", Pick(0, 0, 1, Fraction(1), Fraction(0)), media.picture, "crop", crop,
                  media.picture.height, (PathKey(0, 0, 0),), "c", code_range, found.decode.matrix)
    out = path.with_name(f"{path.stem}_out.{'mkv' if spec.encoder == 'ffv1' else 'mp4'}")
    run(segment_arguments(Segment(RATE, size, 1, (layer,)), [(Encode(spec), str(out))],
                          Files({"m": str(path)}, {"c": str(cube)}, {})))
    return Finished(_read(out, patch * size.width // crop), found, chain, out)


def first_frame(path: Path) -> av.VideoFrame:
    with av.open(str(path)) as container:
        return next(container.decode(video=0))


def pixels(path: Path) -> Floats:
    """R'G'B' of every pixel of a legal BT.709 4:4:4 ten-bit file, shape (height, width, 3)."""
    frame = first_frame(path)
    planes = [np.frombuffer(bytes(plane), "<u2").reshape(plane.height, -1)[:, :plane.width]
              .astype(np.float64) for plane in frame.planes]
    y, blue, red = (planes[0] - 64) / 876, (planes[1] - 512) / 896, (planes[2] - 512) / 896
    kr, kb = WEIGHTS["bt709"]
    r, b = y + (2 - 2 * kr) * red, y + (2 - 2 * kb) * blue
    return np.stack([r, (y - kr * r - kb * b) / (1 - kr - kb), b], axis=-1)


def _read(path: Path, patch: int) -> Floats:
    if path.suffix != ".mkv":
        return np.zeros((0, 3))
    shown = pixels(path)[HEIGHT // 4:-(HEIGHT // 4)].mean(axis=0)
    count = shown.shape[0] // patch
    return np.stack([shown[k * patch + patch // 4:(k + 1) * patch - patch // 4].mean(axis=0)
                     for k in range(count)])
