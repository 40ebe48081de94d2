"""Foreign LUT files: what is read, how it is applied, and what is refused with its line."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from microfinish.core.errors import InputError
from microfinish.media.user_lut import parse_cube, read_lut

GREY = np.full((1, 3), 0.5, np.float32)
IDENTITY_2 = "\n".join(f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1))


def _testdata(name: str) -> Path:
    root = os.environ.get("MICROFINISH_TESTDATA")
    if not root:
        pytest.skip("MICROFINISH_TESTDATA is not set: no foreign LUT files here")
    return Path(root) / "luts" / name


def test_a_domain_is_honored() -> None:
    """Where ffmpeg's lut3d gives 0.25: a domain of -1..1 puts the input 0.5 at 0.75."""
    text = f"LUT_3D_SIZE 2\nDOMAIN_MIN -1 -1 -1\nDOMAIN_MAX 1 1 1\n{IDENTITY_2}\n"
    assert parse_cube(text, "x.cube").apply(GREY)[0] == pytest.approx([0.75] * 3)


def test_a_one_dimensional_file_is_interpolated_per_channel() -> None:
    lut = parse_cube("LUT_1D_SIZE 3\n0 0 0\n0.2 0.5 0.8\n1 1 1\n", "x.cube")
    assert lut.apply(np.full((1, 3), 0.25, np.float32))[0] == pytest.approx([0.1, 0.25, 0.4])


def test_a_resolve_shaper_comes_before_the_cube() -> None:
    text = ("LUT_1D_SIZE 2\nLUT_1D_INPUT_RANGE 0 2\nLUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE 0 1\n"
            f"0 0 0\n1 1 1\n{IDENTITY_2}\n")
    assert parse_cube(text, "x.cube").apply(GREY)[0] == pytest.approx([0.25] * 3)


def test_red_runs_fastest() -> None:
    rows = [f"{r} {g * 0.5} {b * 0.25}" for b in (0, 1) for g in (0, 1) for r in (0, 1)]
    lut = parse_cube("LUT_3D_SIZE 2\n" + "\n".join(rows), "x.cube")
    shown = lut.apply(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32))
    assert shown == pytest.approx(np.diag([1, 0.5, 0.25]))


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n"])
def test_line_ends_of_every_system_are_read(newline: str) -> None:
    text = f'TITLE "x"\n# note\nLUT_3D_SIZE 2\n\n{IDENTITY_2}\n'.replace("\n", newline)
    assert parse_cube(text, "x.cube").apply(GREY)[0] == pytest.approx([0.5] * 3)


@pytest.mark.parametrize(("text", "line"), [
    ("LUT_3D_SIZE 2\n0 0 0\n", 2),
    ("LUT_3D_SIZE 2\n" + IDENTITY_2.replace("1 1 1", "1 nan 1"), 9),
    ("LUT_3D_SIZE 2\n" + IDENTITY_2.replace("1 0 0", "1 0"), 3),
    ("LUT_3D_SIZE 2\n" + IDENTITY_2.replace("1 0 0", "1 0 zero"), 3),
    ("LUT_3D_SIZE 2\nDOMAIN_MAX 1 1\n" + IDENTITY_2, 2),
    ("LUT_3D_SIZE 2\nSIZE 2\n" + IDENTITY_2, 2),
    ("LUT_3D_SIZE 999\n" + IDENTITY_2, 1),
    ("LUT_3D_SIZE 2\n" + IDENTITY_2 + "\nLUT_1D_SIZE 2\n", 10),
    ("0 0 0\n", 1),
])
def test_a_broken_cube_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(InputError) as refused:
        parse_cube(text, "presets/luts/x.cube")
    assert refused.value.where is not None
    assert (refused.value.where.file, refused.value.where.line) == ("presets/luts/x.cube", line)


@pytest.mark.parametrize("name", [
    "ocio_iridas_3d.cube", "ocio_iridas_1d.cube", "ocio_resolve_1d3d.cube",
    "colour_Demo.cube", "colour_ACESproxy_1d.cube", "colour_Colour_Correct.cube",
])
def test_real_cube_files_agree_with_opencolorio(name: str) -> None:
    import PyOpenColorIO as ocio

    path = _testdata(name)
    config = ocio.Config.CreateRaw()
    config.setProcessorCacheFlags(ocio.PROCESSOR_CACHE_OFF)
    cpu = config.getProcessor(ocio.FileTransform(
        str(path), interpolation=ocio.INTERP_TETRAHEDRAL)).getOptimizedCPUProcessor(
        ocio.OPTIMIZATION_LOSSLESS)
    codes = np.random.default_rng(2).random((2000, 3), np.float32)
    wanted = codes.copy()
    cpu.apply(ocio.PackedImageDesc(wanted, 2000, 1, 3))
    assert read_lut(path, name).apply(codes) == pytest.approx(wanted, abs=3e-5, rel=2e-6)


@pytest.mark.parametrize("name", ["colour_resolve_LogC_Video.cube", "colour_resolve_Demo.cube"])
def test_resolve_files_with_a_title_agree_with_colour_science(name: str) -> None:
    """OpenColorIO refuses a TITLE in Resolve's dialect, Resolve and colour-science do not."""
    import colour

    path = _testdata(name)
    codes = np.random.default_rng(2).random((500, 3)).astype(np.float32)
    wanted = codes
    loaded = colour.read_LUT(str(path))
    for part in loaded if isinstance(loaded, colour.LUTSequence) else [loaded]:
        keywords = {} if "3D" not in type(part).__name__ else {
            "interpolator": colour.algebra.table_interpolation_tetrahedral}
        wanted = part.apply(wanted, **keywords)
    assert read_lut(path, name).apply(codes) == pytest.approx(wanted, abs=1e-4)


def test_the_srgb_cube_is_exact_at_its_nodes() -> None:
    """Its domain differs per channel: -0.1..1.5, -0.15..2, -0.2..3, eight nodes each."""
    import colour

    nodes = np.array([[-0.1 + 1.6 * k / 7, -0.15 + 2.15 * k / 7, -0.2 + 3.2 * k / 7]
                      for k in range(1, 8)], np.float32)
    shown = read_lut(_testdata("colour_eotf_sRGB_3D.cube"), "x").apply(nodes)
    assert shown == pytest.approx(colour.eotf(nodes, "sRGB"), abs=2e-5, rel=2e-5)


def test_a_clf_is_applied_and_a_bad_one_refused() -> None:
    shown = read_lut(_testdata("aces_slog3_sg3c.clf"), "a.clf").apply(
        np.full((1, 3), 420 / 1023, np.float32))
    assert shown[0] == pytest.approx([0.18] * 3, abs=1e-4)
    with pytest.raises(InputError):
        read_lut(_testdata("bad_cdl_slope.clf"), "bad.clf")


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(InputError, match="not a LUT format"):
        read_lut(Path("look.jpg"), "look.jpg")
