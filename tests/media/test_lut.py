"""Baked cubes against published values, OpenColorIO's exact result, and ffmpeg's lut3d."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio
import pytest

from microfinish.core.cdl import Cdl
from microfinish.core.color import Balance, Chain, InputTransform, Look, LookGrade, LookLut
from microfinish.media import lut
from microfinish.media.ffmpeg import run
from microfinish.media.ocio_chain import CONFIG

SLOG3 = InputTransform("scene", "S-Log3 S-Gamut3.Cine")
SLOG3_RECORDED = InputTransform("scene", "S-Log3 S-Gamut3.Cine", legal_chroma=True)

# (input, code of 0.18 reflectance): OpenColorIO 2.6.0 and colour-science 0.4.7 agree to 1e-6,
# and with the manufacturers' tables.
MID_GREYS = {
    "S-Log3": (SLOG3, 0.410557),
    "LogC3": (InputTransform("scene", "ARRI LogC3 (EI800)"), 0.391007),
    "LogC4": (InputTransform("scene", "ARRI LogC4"), 0.278396),
    "V-Log": (InputTransform("scene", "V-Log V-Gamut"), 0.423311),
    "C-Log2": (InputTransform("scene", "CanonLog2 CinemaGamut D55"), 0.398255),
    "C-Log3": (InputTransform("scene", "CanonLog3 CinemaGamut D55"), 0.343389),
    "D-Log": (InputTransform("scene", "D-Log D-Gamut"), 0.398765),
    "Log3G10": (InputTransform("scene", "Log3G10 REDWideGamutRGB"), 1 / 3),
    "BMD Gen5": (InputTransform("scene", "BMDFilm WideGamut Gen5"), 0.383561),
    "DaVinci": (InputTransform("scene", "DaVinci Intermediate WideGamut"), 0.336042),
    "Apple Log": (InputTransform("scene", "Apple Log"), 0.488272),
    "F-Log": (InputTransform("scene", curve="F-Log", linear="Linear Rec.2020"), 0.459318),
    "F-Log2": (InputTransform("scene", curve="F-Log2", linear="Linear Rec.2020"), 0.391007),
    "N-Log": (InputTransform("scene", curve="N-Log", linear="Linear Rec.2020"), 0.363668),
    "S-Log2": (InputTransform("scene", curve="S-Log2", linear="Linear S-Gamut3"), 347 / 1023),
    "LogC3 by curve": (InputTransform("scene", curve="LogC3", ei=800,
                                      linear="Linear ARRI Wide Gamut 3"), 0.391007),
}
ACES2_MID_GREY = 0.383117
"""ACES 2 SDR: scene 0.18 is 10 cd/m2, BT.1886 code 0.383117."""


class _FolderStore:
    """The part of the store that cubes need, in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.published = 0

    def get(self, key: str, suffix: str) -> Path | None:
        path = self.root / f"{key}{suffix}"
        return path if path.is_file() else None

    def publish(self, tmp: Path, key: str, suffix: str) -> Path:
        self.published += 1
        return tmp.rename(self.root / f"{key}{suffix}")

    def scratch(self) -> contextlib.AbstractContextManager[Path]:
        @contextlib.contextmanager
        def folder():
            path = self.root / "tmp"
            path.mkdir(exist_ok=True)
            yield path
        return folder()


def _colors(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).random((count, 3), np.float32)


@pytest.mark.parametrize("name", MID_GREYS)
def test_mid_grey_of_every_camera_lands_on_the_same_code(name: str) -> None:
    given, code = MID_GREYS[name]
    shown = lut.exact(Chain(given), np.full((1, 3), code, np.float32))
    assert shown[0] == pytest.approx([ACES2_MID_GREY] * 3, abs=0.0005)


def test_aces_2_shows_the_published_codes() -> None:
    config = ocio.Config.CreateFromBuiltinConfig(CONFIG)
    to_log = config.getProcessor("ACES2065-1", "ACEScct").getDefaultCPUProcessor()
    for light, code in ((0.02, 0.088621), (0.09, 0.262025), (0.18, 0.383117), (0.9, 0.702910),
                        (1.0, 0.721975), (16.0, 0.976046)):
        log = np.array([to_log.applyRGB([light] * 3)], np.float32)
        shown = lut.exact(Chain(InputTransform("scene", "ACEScct")), log)
        assert shown[0] == pytest.approx([code] * 3, abs=2e-5)


def test_a_grey_ramp_through_slog3_is_within_one_ten_bit_code() -> None:
    chain = Chain(SLOG3_RECORDED, gamut_compression=True)
    assert lut.measure_error(chain, lut.bake(chain)) <= 1.0


def test_the_legal_chroma_step_restores_the_published_color() -> None:
    """Y'CbCr as Sony records it: R'G'B' codes on the full axis, chroma scaled by 896."""
    codes = _colors(200, 3)
    kr, kb = 0.2126, 0.0722
    luma = codes @ np.array([kr, 1 - kr - kb, kb])
    blue, red = (codes[:, 2] - luma) / 1.8556, (codes[:, 0] - luma) / 1.5748
    decoded_blue, decoded_red = blue * 896 / 876, red * 896 / 876
    r = luma + 1.5748 * decoded_red
    b = luma + 1.8556 * decoded_blue
    g = (luma - kr * r - kb * b) / (1 - kr - kb)
    decoded = np.stack([r, g, b], axis=1).astype(np.float32)
    restored = lut.exact(Chain(SLOG3_RECORDED), decoded)
    assert restored == pytest.approx(lut.exact(Chain(SLOG3), codes), abs=1e-4)


def test_finished_rec709_keeps_its_code_values_until_it_is_graded() -> None:
    codes = _colors(1000)
    for output in ("rec709", "aces2-rec709"):
        chain = Chain(InputTransform("display"), output=output)
        assert lut.bake(chain).apply(codes) == pytest.approx(codes, abs=1e-6)


@pytest.mark.parametrize("output", ["rec709", "aces2-rec709"])
def test_the_faintest_grade_of_finished_rec709_does_not_jump(output: str) -> None:
    codes = _colors(5000)
    chain = Chain(InputTransform("display"), contrast=1.000001, output=output)
    moved = np.abs(lut.exact(chain, codes) - codes) * 1023
    assert moved.mean() < 0.05
    assert np.percentile(moved, 99) < 0.5


def test_hlg_reference_levels_land_where_a_viewer_expects_them() -> None:
    """BT.2408: grey card 38 %, reference white 75 %. SDR: grey near 0.45, white below clipping."""
    grey, white = lut.exact(Chain(InputTransform("hlg")),
                            np.array([[0.38] * 3, [0.75] * 3], np.float32))[:, 1]
    assert 0.42 < grey < 0.50
    assert 0.78 < white < 0.92


def test_tone_mapping_hlg_keeps_hues() -> None:
    """Colors of moderate saturation keep their Oklab hue within 6 degrees."""
    import colour

    codes = 0.45 + 0.35 * (_colors(60, 11) - 0.5)
    light = colour.models.eotf_BT2100_HLG(codes, L_W=1000) / 203
    before = colour.XYZ_to_Oklab(colour.RGB_to_XYZ(light, "ITU-R BT.2020"))
    shown = lut.exact(Chain(InputTransform("hlg")), codes) ** 2.4
    after = colour.XYZ_to_Oklab(colour.RGB_to_XYZ(shown, "ITU-R BT.709"))
    colored = np.hypot(before[:, 1], before[:, 2]) > 0.03
    turned = np.degrees(np.arctan2(after[:, 2], after[:, 1]) -
                        np.arctan2(before[:, 2], before[:, 1]))
    assert np.abs((turned[colored] + 180) % 360 - 180).max() < 6


def test_cdl_vectors_of_opencolorio_without_clamps() -> None:
    """In ACEScct: out = in * slope + offset, power, saturation around Rec.709 luma."""
    cdl = Cdl((1.35, 1.1, 0.071), (0.05, -0.23, 0.11), (0.93, 0.81, 1.27), 1.23)
    look = Look(1.0, LookGrade(cdl=cdl))
    direct = Chain(InputTransform("scene", "ACEScct"), cdl=cdl)
    through_look = Chain(InputTransform("scene", "ACEScct"), look=look)
    codes = np.array([[0.5, 0.5, 0.5], [1, 1, 1], [0.25, 0.5, 0.75]], np.float32)
    wanted = np.array([[0.808987, 0.385684, 0.003296], [1.466201, 0.883094, -0.075377]])
    shown = lut.exact(Chain(InputTransform("scene", "ACEScct")), wanted.astype(np.float32))
    assert lut.exact(direct, codes)[:2] == pytest.approx(shown, abs=5e-5)
    assert lut.exact(through_look, codes) == pytest.approx(lut.exact(direct, codes), abs=1e-6)


def test_one_stop_of_exposure_is_a_doubling_of_light() -> None:
    config = ocio.Config.CreateFromBuiltinConfig(CONFIG)
    to_code = config.getProcessor("ACEScg", "S-Log3 S-Gamut3.Cine").getDefaultCPUProcessor()
    dark, bright = (np.array([to_code.applyRGB([x, x, x])], np.float32) for x in (0.1, 0.2))
    pushed = lut.exact(Chain(SLOG3, balance=Balance(exposure=1.0)), dark)
    assert pushed == pytest.approx(lut.exact(Chain(SLOG3), bright), abs=1e-5)


def test_equal_chains_give_equal_bytes_and_are_baked_once(tmp_path: Path) -> None:
    chain = Chain(SLOG3, contrast=1.1, look=Look(0.5, LookGrade(saturation=0.8)))
    assert lut.bake(chain, size=17).text() == lut.bake(chain, size=17).text()
    store = _FolderStore(tmp_path)
    first = lut.cube_file(chain, store, size=9)
    assert lut.cube_file(chain, store, size=9) == first
    assert store.published == 1


def test_every_number_of_a_chain_counts_and_the_place_of_a_lut_does_not() -> None:
    base = Chain(SLOG3)
    others = [Chain(SLOG3, contrast=1.0000001), Chain(SLOG3, output="rec709"),
              Chain(SLOG3_RECORDED), Chain(SLOG3, look=Look(0.5)),
              Chain(SLOG3, balance=Balance(tint=1e-6))]
    keys = {lut.cube_key(chain) for chain in [base, *others]}
    assert len(keys) == 1 + len(others)
    here, there = (Chain(SLOG3, look=Look(lut=LookLut("ab", "rec709", place)))
                   for place in ("luts/a.cube", "presets/luts/b.cube"))
    assert lut.cube_key(here) == lut.cube_key(there)


def test_the_text_is_what_printf_writes() -> None:
    values = np.concatenate([np.array([0, 1, 1e-8, 0.49999995], np.float32),
                             _colors(41, 5).ravel()]).astype(np.float32)[:81]
    values = np.resize(values, (3, 3, 3, 3))
    lines = lut.Cube(values).text().decode().splitlines()
    assert lines[1] == "LUT_3D_SIZE 3"
    for line, row in zip(lines[2:], values.reshape(-1, 3), strict=True):
        assert [float(word) for word in line.split()] == pytest.approx(row, abs=0.51e-7)
        assert len(line) == 29


def test_two_looks_that_differ_only_in_their_table_are_not_mixed_up(tmp_path: Path) -> None:
    """OpenColorIO 2.6.0 caches inline 3D LUTs by size and range only."""
    shown = []
    for middle in (0.3, 0.7):
        axis = np.array([0.0, middle, 1.0])
        rows = [f"{r} {g} {b}" for b in axis for g in axis for r in axis]
        path = tmp_path / f"{middle}.cube"
        path.write_text("LUT_3D_SIZE 3\n" + "\n".join(rows))
        chain = Chain(InputTransform("display"), output="rec709",
                      look=Look(lut=LookLut(str(middle), "rec709", path.name)))
        shown.append(lut.exact(chain, np.full((1, 3), 0.5, np.float32),
                               lambda look: tmp_path / look.file)[0, 0])
    assert shown == pytest.approx([0.3, 0.7], abs=1e-4)


def test_half_a_look_is_halfway(tmp_path: Path) -> None:
    path = tmp_path / "invert.cube"
    path.write_text("LUT_3D_SIZE 2\n" + "\n".join(
        f"{1 - r} {1 - g} {1 - b}" for b in (0, 1) for g in (0, 1) for r in (0, 1)))
    chain = Chain(InputTransform("display"), output="rec709",
                  look=Look(0.25, lut=LookLut("x", "rec709", "invert.cube")))
    shown = lut.exact(chain, np.full((1, 3), 0.2, np.float32), lambda _: path)
    assert shown[0] == pytest.approx([0.2 + 0.25 * 0.6] * 3, abs=1e-4)


@pytest.mark.media
def test_ffmpeg_applies_the_cube_as_opencolorio_does(tmp_path: Path) -> None:
    """lut3d in gbrpf32le at a width that is a multiple of 8."""
    chain = Chain(SLOG3_RECORDED, balance=Balance(0.3, -300, 0.002), gamut_compression=True)
    cube = lut.bake(chain)
    path = tmp_path / "shot.cube"
    path.write_bytes(cube.text())
    width, height = 608, 16
    picture = _colors(width * height, 7).reshape(height, width, 3)
    planes = b"".join(np.ascontiguousarray(picture[..., i]).tobytes() for i in (1, 2, 0))
    out = run(["-f", "rawvideo", "-pix_fmt", "gbrpf32le", "-s", f"{width}x{height}", "-i", "pipe:0",
               "-vf", f"lut3d=file={path}:interp=tetrahedral", "-f", "rawvideo",
               "-pix_fmt", "gbrpf32le", "pipe:1"], stdin=planes).stdout
    green, blue, red = np.frombuffer(out, np.float32).reshape(3, height, width)
    shown = np.stack([red, green, blue], axis=-1)
    assert np.abs(shown - _by_opencolorio(cube, picture)).max() * 1023 < 0.01
    assert np.abs(shown - cube.apply(picture)).max() * 1023 < 0.01


def _by_opencolorio(cube: lut.Cube, picture: np.ndarray) -> np.ndarray:
    table = ocio.Lut3DTransform(cube.size, interpolation=ocio.INTERP_TETRAHEDRAL)
    table.setData(np.ascontiguousarray(cube.values.transpose(2, 1, 0, 3)).ravel())
    config = ocio.Config.CreateRaw()
    config.setProcessorCacheFlags(ocio.PROCESSOR_CACHE_OFF)
    cpu = config.getProcessor(table).getDefaultCPUProcessor()
    out = (picture / np.float32(cube.top)).reshape(-1, 3).copy()
    cpu.apply(ocio.PackedImageDesc(out, out.shape[0], 1, 3))
    return out.reshape(picture.shape)


BENT = {"S-Log2": InputTransform("scene", curve="S-Log2", linear="Linear S-Gamut3"),
        "Apple Log": InputTransform("scene", "Apple Log"), "HLG": InputTransform("hlg"),
        "PQ": InputTransform("pq"), "Log3G10": InputTransform("scene", "Log3G10 REDWideGamutRGB")}


@pytest.mark.parametrize("name", BENT)
def test_curves_that_bend_at_their_black_are_held_too(name: str) -> None:
    """65 even points were off by 1.5 (PQ) to 6.0 (S-Log2) ten-bit codes."""
    chain = Chain(BENT[name])
    cube = lut.bake(chain)
    assert cube.size <= 73
    assert lut.measure_error(chain, cube) <= 0.8
    assert cube.ramp_error == pytest.approx(lut.measure_error(chain, cube), abs=0.02)


def test_a_preview_cube_is_small_and_near() -> None:
    cube = lut.bake(Chain(SLOG3_RECORDED), size=lut.PREVIEW_SIZE)
    assert 33 <= cube.size <= 37
    assert cube.ramp_error <= 1.5


@pytest.mark.media
def test_ffmpeg_honors_a_domain_that_ends_above_one(tmp_path: Path) -> None:
    chain = Chain(BENT["S-Log2"])
    cube = lut.bake(chain)
    assert cube.top > 1.0
    path = tmp_path / "shot.cube"
    path.write_bytes(cube.text())
    picture = _colors(64 * 16, 9).reshape(16, 64, 3)
    planes = b"".join(np.ascontiguousarray(picture[..., i]).tobytes() for i in (1, 2, 0))
    out = run(["-f", "rawvideo", "-pix_fmt", "gbrpf32le", "-s", "64x16", "-i", "pipe:0",
               "-vf", f"lut3d=file={path}:interp=tetrahedral", "-f", "rawvideo",
               "-pix_fmt", "gbrpf32le", "pipe:1"], stdin=planes).stdout
    green, blue, red = np.frombuffer(out, np.float32).reshape(3, 16, 64)
    shown = np.stack([red, green, blue], axis=-1)
    assert np.abs(shown - cube.apply(picture)).max() * 1023 < 0.01


def test_a_cube_file_says_how_exact_it_is(tmp_path: Path) -> None:
    path = lut.cube_file(Chain(SLOG3), _FolderStore(tmp_path))
    cube = lut.bake(Chain(SLOG3))
    assert lut.cube_error(path) == pytest.approx(cube.ramp_error, abs=0.005)


def test_a_look_with_steps_in_it_is_measured_as_too_sharp(tmp_path: Path) -> None:
    """A posterizing 1D LUT: no cube can hold its steps, and the measure must say so."""
    steps = tmp_path / "steps.cube"
    steps.write_text("LUT_1D_SIZE 256\n" + "\n".join(
        " ".join([f"{(i // 32) / 7:.6f}"] * 3) for i in range(256)))
    chain = Chain(SLOG3, look=Look(lut=LookLut("x", "rec709", "steps.cube")))
    assert lut.bake(chain, lambda _: steps).ramp_error > lut.VISIBLE_RAMP_ERROR


def test_other_processes_bake_the_same_bytes(tmp_path: Path) -> None:
    program = ("import hashlib; from microfinish.media import lut; "
               "from microfinish.core.color import Balance, Chain, InputTransform; "
               "c = Chain(InputTransform('scene', 'S-Log3 S-Gamut3.Cine'), "
               "Balance(0.3, -300, 0.01), contrast=1.1, gamut_compression=True); "
               "print(hashlib.sha256(lut.bake(c).text()).hexdigest())")
    chain = Chain(SLOG3, balance=Balance(0.3, -300, 0.01), contrast=1.1, gamut_compression=True)
    here = hashlib.sha256(lut.bake(chain).text()).hexdigest()
    there = {subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": seed}).stdout.strip() for seed in ("1", "2")}
    assert there == {here}
