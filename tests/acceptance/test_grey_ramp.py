"""A grey ramp through S-Log3 lands where OpenColorIO puts it, in every delivered form."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import PyOpenColorIO as ocio
import pytest
from numpy.typing import NDArray
from synth.project import ProjectFolder

COLUMNS, ROWS, WIDTH, HEIGHT = 4, 8, 216, 384
CODES = np.round(np.linspace(95, 940, COLUMNS * ROWS)).astype(int)
"""Ten-bit S-Log3 luma codes from black (95) to clip; grey is 420 (Sony's summary, v1.0)."""
CONFIG = "studio-config-v5.0.0_aces-v2.1_ocio-v2.6"


def _write_ramp(path: Path) -> None:
    luma = np.zeros((HEIGHT, WIDTH), np.uint16)
    for patch, code in enumerate(CODES):
        row, column = divmod(patch, COLUMNS)
        luma[row * 48:(row + 1) * 48, column * 54:(column + 1) * 54] = code
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(25), options={
            "qp": "0", "preset": "veryfast", "colorprim": "bt709"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv422p10le"
        for number in range(6):
            frame = av.VideoFrame(WIDTH, HEIGHT, "yuv422p10le")
            for plane, values in enumerate((luma, np.full((HEIGHT, WIDTH // 2), 512, np.uint16),
                                            np.full((HEIGHT, WIDTH // 2), 512, np.uint16))):
                row_bytes = frame.planes[plane].line_size
                padded = np.zeros((HEIGHT, row_bytes // 2), np.uint16)
                padded[:, :values.shape[1]] = values
                frame.planes[plane].update(padded.tobytes())
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _exact_ten_bit() -> NDArray[np.float64]:
    """S-Log3/S-Gamut3.Cine through ACES 2 to BT.1886 Rec.709, as legal ten-bit luma."""
    config = ocio.Config.CreateFromBuiltinConfig(CONFIG)
    group = ocio.GroupTransform()
    group.appendTransform(ocio.ColorSpaceTransform("S-Log3 S-Gamut3.Cine", "ACES2065-1"))
    group.appendTransform(ocio.DisplayViewTransform(
        "ACES2065-1", "Rec.1886 Rec.709 - Display", "ACES 2.0 - SDR 100 nits (Rec.709)"))
    processor = config.getProcessor(group).getDefaultCPUProcessor()
    rgb = np.repeat((CODES / 1023)[:, None], 3, axis=1).astype(np.float32)
    processor.applyRGB(rgb)
    return 64 + 876 * np.clip(rgb[:, 1].astype(np.float64), 0, 1)


def _patch_means(path: Path, ten_bit: bool) -> NDArray[np.float64]:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    luma = np.mean([np.frombuffer(bytes(f.planes[0]), "<u2" if ten_bit else "u1")
                    .reshape(f.height, -1)[:, :f.width] for f in frames], axis=0)
    return np.array([luma[row * 48 + 8:row * 48 + 40, column * 54 + 8:column * 54 + 46].mean()
                     for row in range(ROWS) for column in range(COLUMNS)])


@pytest.mark.media
def test_a_grey_ramp_through_slog3_lands_where_opencolorio_puts_it(tmp_path: Path) -> None:
    project = ProjectFolder.make(
        tmp_path, platforms="tiktok, mezzanine-prores",
        extra='cameras: {"A*": sony-slog3-sgamut3cine}\n')
    _write_ramp(tmp_path / "media" / "A001C001.mov")
    project.write("episodes/ep001/edit.yaml", "events:\n  - {media: A001C001, in: 0, out: 6}\n")
    project.call("run", "--to", "master")
    exact = _exact_ten_bit()
    prores = _patch_means(project.master("mezzanine-prores", extension="mov"), True)
    assert float(np.abs(prores - exact).max()) <= 1.0
    h264 = _patch_means(project.master(), False)
    assert float(np.abs(h264 - exact / 4).max()) <= 1.0
