"""The published numbers that color stands on: CIEDE2000, ASC CDL, ACES 2, camera codes, BT.709."""

from __future__ import annotations

import numpy as np
import PyOpenColorIO as ocio
import pytest
from synth.chart import coded

from microfinish.core.cdl import Cdl
from microfinish.core.color import Chain, InputTransform
from microfinish.core.color_difference import delta_e2000
from microfinish.media import lut
from microfinish.media.ocio_chain import CONFIG, to_acescg

PAIRS = """
50 2.6772 -79.7751 50 0 -82.7485 2.0425
50 3.1571 -77.2803 50 0 -82.7485 2.8615
50 2.8361 -74.0200 50 0 -82.7485 3.4412
50 -1.3802 -84.2814 50 0 -82.7485 1.0000
50 -1.1848 -84.8006 50 0 -82.7485 1.0000
50 -0.9009 -85.5211 50 0 -82.7485 1.0000
50 0 0 50 -1 2 2.3669
50 -1 2 50 0 0 2.3669
50 2.4900 -0.0010 50 -2.4900 0.0009 7.1792
50 2.4900 -0.0010 50 -2.4900 0.0010 7.1792
50 2.4900 -0.0010 50 -2.4900 0.0011 7.2195
50 2.4900 -0.0010 50 -2.4900 0.0012 7.2195
50 -0.0010 2.4900 50 0.0009 -2.4900 4.8045
50 -0.0010 2.4900 50 0.0010 -2.4900 4.8045
50 -0.0010 2.4900 50 0.0011 -2.4900 4.7461
50 2.5 0 50 0 -2.5 4.3065
50 2.5 0 73 25 -18 27.1492
50 2.5 0 61 -5 29 22.8977
50 2.5 0 56 -27 -3 31.9030
50 2.5 0 58 24 15 19.4535
50 2.5 0 50 3.1736 0.5854 1.0000
50 2.5 0 50 3.2972 0 1.0000
50 2.5 0 50 1.8634 0.5757 1.0000
50 2.5 0 50 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""
"""L a b, L a b, dE00 (Sharma, Wu, Dalal: The CIEDE2000 Color-Difference Formula, 2005)."""
CDL = Cdl((1.35, 1.1, 0.071), (0.05, -0.23, 0.11), (0.93, 0.81, 1.27), 1.23)
ASC_VECTORS = [
    ((0, 0, 0), (0.071827, 0, 0.070533)), ((0.3278, 0.01, 1), (0.609399, 0, 0.113130)),
    ((0.25, 0.5, 0.75), (0.422056, 0.401466, 0.035820)), ((1.25, 1.5, 1.75), (1, 1, 0)),
    ((-0.2, 0.5, 1.4), (0, 0.421096, 0.101225)), ((0, 0.8, 0.99), (0, 0.746748, 0.018691))]
"""OpenColorIO, tests/cpu/ops/cdl/CDLOp_tests.cpp."""
CAMERA_REDS = {
    "S-Log3 S-Gamut3.Cine": (0.721087, 0.159342, 0.136625),
    "ARRI LogC3 (EI800)": (0.959105, 0.292306, 0.198856),
    "V-Log V-Gamut": (0.770003, 0.160916, 0.134390)}
"""ACES2065-1 of the code values (0.6, 0.4, 0.4)."""
ACES2_CODES = {0.02: 0.088621, 0.045: 0.165936, 0.09: 0.262025, 0.18: 0.383117, 0.36: 0.521019,
               0.9: 0.702910, 1.0: 0.721975, 16.0: 0.976046}
BARS = {(0.75, 0.75, 0.75): (721, 512, 512), (0.75, 0.75, 0): (674, 176, 543),
        (0, 0.75, 0.75): (581, 589, 176), (0, 0.75, 0): (534, 253, 207),
        (0.75, 0, 0.75): (251, 771, 817), (0.75, 0, 0): (204, 435, 848),
        (0, 0, 0.75): (111, 848, 481)}
"""BT.709 75 % bars in ten bits (SMPTE RP 219)."""


def test_the_34_pairs_of_ciede2000() -> None:
    import colour

    rows = np.array([[float(word) for word in line.split()] for line in PAIRS.split("\n") if line])
    assert len(rows) == 34
    found = colour.delta_E(rows[:, :3], rows[:, 3:6], method="CIE 2000")
    assert found == pytest.approx(rows[:, 6], abs=5e-5)
    ours = [delta_e2000(tuple(row[:3]), tuple(row[3:6])) for row in rows.tolist()]
    assert ours == pytest.approx(rows[:, 6], abs=5e-5)


def _asc(rgb: np.ndarray, cdl: Cdl, clamp: bool) -> np.ndarray:
    """ASC CDL v1.2, written from the paper: slope, offset, power, then saturation."""
    def hold(values: np.ndarray) -> np.ndarray:
        return np.clip(values, 0, 1) if clamp else values

    sop = hold(rgb * np.array(cdl.slope) + np.array(cdl.offset))
    raised = np.where(sop > 0, np.abs(sop) ** np.array(cdl.power), sop)
    luma = raised @ np.array([0.2126, 0.7152, 0.0722])
    return hold(luma[..., None] + cdl.saturation * (raised - luma[..., None]))


def test_the_asc_vectors_of_a_clamped_cdl() -> None:
    inputs, wanted = (np.array(column, float) for column in zip(*ASC_VECTORS, strict=True))
    assert _asc(inputs, CDL, clamp=True) == pytest.approx(wanted, abs=2e-6)


def test_our_cdl_is_the_ascs_without_its_clamps() -> None:
    """In ACEScct, where light goes on above 1."""
    codes = np.random.default_rng(6).uniform(0.1, 0.8, (300, 3))
    cdl = Cdl((1.1, 1.0, 0.95), (0.02, -0.01, 0.0), (1.05, 0.95, 1.1), 1.15)
    shown = lut.exact(Chain(InputTransform("scene", "ACEScct"), cdl=cdl),
                      codes.astype(np.float32))
    plain = lut.exact(Chain(InputTransform("scene", "ACEScct")),
                      _asc(codes, cdl, clamp=False).astype(np.float32))
    assert shown == pytest.approx(plain, abs=3e-4)


@pytest.mark.parametrize("space", CAMERA_REDS)
def test_a_red_of_each_camera_is_the_published_light(space: str) -> None:
    acescg = to_acescg(InputTransform("scene", space), np.array([[0.6, 0.4, 0.4]], np.float32))
    back = ocio.Config.CreateFromBuiltinConfig(CONFIG).getProcessor(
        "ACEScg", "ACES2065-1").getDefaultCPUProcessor()
    assert back.applyRGB([float(value) for value in acescg[0]]) == pytest.approx(
        CAMERA_REDS[space], abs=3e-5)


def test_aces_2_sdr_shows_every_published_code() -> None:
    to_log = ocio.Config.CreateFromBuiltinConfig(CONFIG).getProcessor(
        "ACES2065-1", "ACEScct").getDefaultCPUProcessor()
    for light, code in ACES2_CODES.items():
        log = np.array([to_log.applyRGB([light] * 3)], np.float32)
        shown = lut.exact(Chain(InputTransform("scene", "ACEScct")), log)
        assert shown[0] == pytest.approx([code] * 3, abs=2e-5), light


def test_the_charts_of_these_tests_write_the_bars_of_bt709() -> None:
    for rgb, codes in BARS.items():
        assert np.round(coded(rgb)).astype(int).tolist() == list(codes)
