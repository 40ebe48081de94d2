"""An EDL's CDL arrives in the delivered picture: every patch is what OpenColorIO makes of it."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import PyOpenColorIO as ocio
import pytest
from numpy.typing import NDArray
from synth.chart import coded
from synth.project import ProjectFolder

pytestmark = pytest.mark.media
Rgb = NDArray[np.float64]
LOGC3 = [(0.20, 0.20, 0.20), (0.41, 0.41, 0.41), (0.56, 0.56, 0.56), (0.50, 0.42, 0.38),
         (0.38, 0.44, 0.40), (0.36, 0.40, 0.48)]
"""LogC3 code values of six stripes: near black, grey card, bright, skin, leaf, sky."""
STRIPE, HEIGHT = 36, 384
ONE_CODE = 1 / 219
"""Of 8 bits, in legal range. The picture is measured in 10, on means over a stripe's middle."""
CDLS = (((1.1, 1.0, 0.92), (0.015, -0.01, 0.02), (1.05, 0.95, 1.1), 0.85),
        ((0.9, 0.95, 1.05), (-0.02, 0.0, 0.03), (1.1, 1.0, 0.9), 1.2))
EDL = """\
TITLE: CDL
FCM: NON-DROP FRAME

001  AX       V     C        00:00:00:00 00:00:00:10 01:00:00:00 01:00:00:10
* FROM CLIP NAME: A001C001.mov
* ASC_SOP (1.1 1.0 0.92)(0.015 -0.01 0.02)(1.05 0.95 1.1)
* ASC_SAT 0.85
002  AX       V     C        00:00:00:10 00:00:00:20 01:00:00:10 01:00:00:20
* FROM CLIP NAME: A001C001.mov
003  AX       V     C        00:00:00:20 00:00:01:05 01:00:00:20 01:00:01:05
* FROM CLIP NAME: A001C001.mov
*ASC_SOP(0.9 0.95 1.05) (-0.02 0.0 0.03) (1.1 1.0 0.9)
*ASC_SAT 1.2
"""


def _write(path: Path) -> None:
    """The stripes as the camera writes them: legal Y'CbCr codes in ProRes, 10 bits."""
    row = np.repeat(np.array([coded(rgb) for rgb in LOGC3]), STRIPE, axis=0).round()
    whole = np.broadcast_to(row, (HEIGHT, *row.shape))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("prores_ks", rate=25, options={"profile": "3"})
        stream.width, stream.height, stream.pix_fmt = row.shape[0], HEIGHT, "yuv422p10le"
        for index in range(30):
            frame = av.VideoFrame(row.shape[0], HEIGHT, "yuv422p10le")
            for number, plane in enumerate(frame.planes):
                values = whole[..., number][:, ::1 if number == 0 else 2]
                held = np.zeros((plane.height, plane.line_size // 2), "<u2")
                held[:, :values.shape[1]] = values
                plane.update(held.tobytes())
            frame.colorspace = 1  # BT.709: a small picture that does not say so is read as 601
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _wanted(cdl: ocio.CDLTransform | None) -> Rgb:
    """The stripes through OpenColorIO alone: camera to ACEScct, the CDL, ACES 2 to BT.1886."""
    config = ocio.Config.CreateFromBuiltinConfig("studio-config-v5.0.0_aces-v2.1_ocio-v2.6")
    steps = [ocio.ColorSpaceTransform("ARRI LogC3 (EI800)", "ACEScct"), *([cdl] if cdl else []),
             ocio.DisplayViewTransform("ACEScct", "Rec.1886 Rec.709 - Display",
                                       "ACES 2.0 - SDR 100 nits (Rec.709)")]
    processor = config.getProcessor(ocio.GroupTransform(steps)).getDefaultCPUProcessor()
    return np.array([processor.applyRGB([float(value) for value in rgb]) for rgb in LOGC3])


def _shown(path: Path) -> list[Rgb]:
    """R'G'B' of the stripes in every delivered frame."""
    found = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            planes = []
            for plane in frame.reformat(format="yuv422p10le").planes:
                data = np.frombuffer(bytes(plane), "<u2").reshape(plane.height, -1)
                data = data[:, :plane.width].astype(np.float64)
                wide = data if plane.width == frame.width else data.repeat(2, axis=1)
                planes.append(np.array([
                    wide[100:-100, k * STRIPE + 10:(k + 1) * STRIPE - 10].mean()
                    for k in range(len(LOGC3))]))
            y, blue, red = (planes[0] - 64) / 876, (planes[1] - 512) / 896, (planes[2] - 512) / 896
            r, b = y + 1.5748 * red, y + 1.8556 * blue
            found.append(np.stack([r, (y - 0.2126 * r - 0.0722 * b) / 0.7152, b], axis=-1))
    return found


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> list[Rgb]:
    project = ProjectFolder.make(
        tmp_path_factory.mktemp("cdl"), platforms="mezzanine-prores",
        extra='cameras: {"*": arri-logc3}\n')
    _write(project.root / "media/A001C001.mov")
    project.write("episodes/ep001/edit.edl", EDL)
    project.call("run", "--to", "master")
    return _shown(project.master("mezzanine-prores", extension="mov"))


@pytest.mark.parametrize(("frame", "cdl"), [(4, CDLS[0]), (14, None), (24, CDLS[1])])
def test_a_graded_frame_is_the_cdl_of_its_event_by_opencolorio(
        frames: list[Rgb], frame: int, cdl: tuple | None) -> None:
    slope, offset, power, saturation = cdl or ((1,) * 3, (0,) * 3, (1,) * 3, 1)
    given = ocio.CDLTransform(slope=slope, offset=offset, power=power, sat=saturation)
    wanted = _wanted(given)
    assert np.abs(frames[frame] - wanted).max() <= ONE_CODE
    if cdl:  # and the CDL is seen at all
        assert np.abs(wanted - _wanted(None)).max() > 10 * ONE_CODE


def test_each_cdl_holds_for_its_own_event_to_the_frame(frames: list[Rgb]) -> None:
    assert len(frames) == 30
    for index in range(1, 30):
        changed = np.abs(frames[index] - frames[index - 1]).max() > 3 * ONE_CODE
        assert changed == (index in (10, 20)), index
