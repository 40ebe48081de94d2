"""Color traps: files and settings that go wrong without a word elsewhere, one test each.

Each is corrected, with the right picture measured on what the renderer made, or refused by name.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio
import pytest
from synth.chart import HD, Tags, coded, finish, first_frame, pixels, write_chart

from microfinish.core.cdl import Cdl
from microfinish.core.color import Balance, Chain, GradeSheet, InputTransform, Look, LookLut
from microfinish.core.color_chain import ASSUMED, cdl_fault
from microfinish.core.color_decode import decode_of
from microfinish.core.deliver import PictureSpec
from microfinish.core.errors import InputError, MicrofinishError
from microfinish.core.frame import Raster
from microfinish.core.media import Picture
from microfinish.core.settings import CameraRef
from microfinish.documents.validate import load_text
from microfinish.interchange.cdl import read_cdl
from microfinish.media import lut
from microfinish.media.user_lut import parse_cube, read_lut

pytestmark = pytest.mark.media

GREYS = [(level,) * 3 for level in (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0, 0.38)]
COLORS = [(0.75, 0.1, 0.1), (0.1, 0.75, 0.1), (0.1, 0.1, 0.75), (0.75, 0.75, 0.1),
          (0.1, 0.75, 0.75), (0.75, 0.1, 0.75), (0.6, 0.45, 0.35), (0.3, 0.3, 0.3)]
ONE_CODE = 1 / 876
ROUNDED = 2.5
"""Codes: Y'CbCr is rounded twice, and half a code of chroma is 0.93 of blue."""
SD: Tags = {"range": "tv", "colorspace": "smpte170m", "color_primaries": "smpte170m",
            "color_trc": "smpte170m"}
HLG: Tags = {"range": "tv", "colorspace": "bt2020nc", "color_primaries": "bt2020",
             "color_trc": "arib-std-b67"}
PQ: Tags = {**HLG, "color_trc": "smpte2084"}
UNTAGGED: Tags = {}
SLOG3, LOGC3 = "sony-slog3-sgamut3cine", "arri-logc3"
MID_GREY = 0.383117
"""ACES 2 SDR shows a grey card at 10 cd/m2: this BT.1886 code."""
IDENTITY_2 = "\n".join(f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1))


def _chart(path: Path, patches: list[tuple[float, float, float]] = GREYS, tags: Tags = HD, *,
           matrix: str = "bt709", full: bool = False, pixel_format: str = "yuv444p10le") -> Path:
    return write_chart(path / "chart.mkv", [coded(rgb, matrix, full) for rgb in patches], tags,
                       pixel_format)


def _near(shown: np.ndarray, wanted: object, codes: float = 1.0) -> None:
    assert np.abs(shown - np.array(wanted)).max() <= codes * ONE_CODE


# --- Range --------------------------------------------------------------------------------------


def test_a_full_range_phone_keeps_black_and_white(tmp_path: Path) -> None:
    _near(finish(_chart(tmp_path, tags={**HD, "range": "pc"}, full=True)).rgb, GREYS)


def test_a_limited_range_phone_keeps_black_and_white(tmp_path: Path) -> None:
    _near(finish(_chart(tmp_path)).rgb, GREYS)


def test_full_range_codes_tagged_limited_are_corrected_by_the_camera(tmp_path: Path) -> None:
    file = _chart(tmp_path, full=True)
    assert np.abs(finish(file).rgb[1, 0] - 0.1) > 20 * ONE_CODE  # crushed, as the tag asks for
    _near(finish(file, "phone-rec709-full").rgb, GREYS)


def test_limited_codes_tagged_full_are_corrected_by_the_camera(tmp_path: Path) -> None:
    _near(finish(_chart(tmp_path, tags={**HD, "range": "pc"}), "phone-rec709-limited").rgb, GREYS)


def test_a_range_stated_in_the_settings_wins_over_preset_and_tag(tmp_path: Path) -> None:
    file = _chart(tmp_path, full=True)
    _near(finish(file, CameraRef("phone-rec709", code_range="full")).rgb, GREYS)


def test_a_missing_range_tag_is_taken_as_limited_and_said() -> None:
    found = decode_of(_picture(pixel_format="yuv420p", code_range="unknown"))
    assert found.code_range == "limited"
    assert found.notices == ("no code range named: limited assumed",)


def test_a_yuvj_pixel_format_is_full_range_whatever_the_tag_says() -> None:
    assert decode_of(_picture(pixel_format="yuvj420p", code_range="tv")).code_range == "full"


def _picture(**tags: str) -> Picture:
    return Picture("h264", 1920, 1080, Fraction(25), 10, matrix="bt709", **tags)  # type: ignore


# --- Matrix and transfer tags -------------------------------------------------------------------


def test_colors_of_a_601_file_are_decoded_by_601(tmp_path: Path) -> None:
    _near(finish(_chart(tmp_path, COLORS, SD, matrix="smpte170m")).rgb, COLORS, ROUNDED)


def test_colors_of_a_2020_file_are_decoded_by_2020(tmp_path: Path) -> None:
    made = finish(_chart(tmp_path, COLORS, {**HD, "colorspace": "bt2020nc"}, matrix="bt2020nc"))
    _near(made.rgb, COLORS, ROUNDED)


def test_a_missing_matrix_of_a_small_picture_is_601_and_said(tmp_path: Path) -> None:
    made = finish(_chart(tmp_path, COLORS, {"range": "tv"}, matrix="smpte170m"))
    _near(made.rgb, COLORS, ROUNDED)
    assert any("smpte170m assumed from its size" in notice for notice in made.camera.notices)


def test_a_file_without_any_tag_is_said_to_be_assumed(tmp_path: Path) -> None:
    camera = finish(_chart(tmp_path, tags=UNTAGGED)).camera
    assert camera.is_assumed
    assert "no transfer curve named" in camera.notices[-1]


def test_log_without_a_tag_is_never_guessed_from_its_picture(tmp_path: Path) -> None:
    flat = [(level,) * 3 for level in (0.1, 0.3, 0.41, 0.45, 0.5, 0.55, 0.6, 0.6)]
    assert finish(_chart(tmp_path, flat, UNTAGGED)).camera.origin == ASSUMED


def test_an_rgb_file_is_not_expanded_from_limited_range(tmp_path: Path) -> None:
    codes = [(round(1023 * rgb[1]), round(1023 * rgb[2]), round(1023 * rgb[0])) for rgb in COLORS]
    file = write_chart(tmp_path / "rgb.mkv", [tuple(map(float, c)) for c in codes],  # type: ignore
                       {"color_primaries": "bt709", "color_trc": "bt709"}, "gbrp10le")
    made = finish(file)
    assert made.camera.decode.matrix == "gbr"
    _near(made.rgb, COLORS, ROUNDED)


# --- HDR ----------------------------------------------------------------------------------------


def test_hlg_is_tone_mapped_and_not_shown_flat(tmp_path: Path) -> None:
    """BT.2408: grey card at 38 % of HLG, diffuse white at 75 %."""
    made = finish(_chart(tmp_path, [(0.38,) * 3, (0.75,) * 3, (1.0,) * 3], HLG,
                         matrix="bt2020nc"))
    assert made.camera.preset == "phone-hlg"
    grey, white, peak = made.rgb[:, 1]
    assert 0.42 < grey < 0.50
    assert 0.78 < white < 0.92 < peak


def test_pq_is_tone_mapped_and_not_shown_dark(tmp_path: Path) -> None:
    """BT.2408: diffuse white of 203 cd/m2 is PQ 58 %."""
    made = finish(_chart(tmp_path, [(0.38,) * 3, (0.58,) * 3], PQ, matrix="bt2020nc"))
    assert made.camera.preset == "phone-pq"
    assert 0.40 < made.rgb[0, 1] < 0.52
    assert 0.78 < made.rgb[1, 1] < 0.92


def test_pq_in_an_sdr_container_is_known_by_its_transfer(tmp_path: Path) -> None:
    made = finish(_chart(tmp_path, [(0.58,) * 3], {**HD, "color_trc": "smpte2084"}))
    assert made.camera.preset == "phone-pq"
    assert 0.78 < made.rgb[0, 1] < 0.92


def test_full_range_hlg_of_a_phone_keeps_its_black(tmp_path: Path) -> None:
    patches = [(0.0,) * 3, (0.38,) * 3, (0.75,) * 3]
    full = finish(_chart(tmp_path, patches, {**HLG, "range": "pc"}, matrix="bt2020nc", full=True))
    limited = finish(_chart(tmp_path, patches, HLG, matrix="bt2020nc"))
    _near(full.rgb, limited.rgb, 1.5)
    _near(full.rgb[0], (0, 0, 0))


def test_hlg_that_lost_its_tag_is_corrected_by_naming_the_camera(tmp_path: Path) -> None:
    patches = [(0.38,) * 3, (0.75,) * 3]
    lost = finish(_chart(tmp_path, patches, {**HLG, "color_trc": "bt709"}, matrix="bt2020nc"),
                  "phone-hlg")
    kept = finish(_chart(tmp_path, patches, HLG, matrix="bt2020nc"))
    _near(lost.rgb, kept.rgb, 0.01)


# --- Camera log ---------------------------------------------------------------------------------


def test_recorded_slog3_codes_are_not_expanded(tmp_path: Path) -> None:
    """Sony's grey is Y 420; read as limited range it would be 0.055 stop too dark, black lifted."""
    file = write_chart(tmp_path / "slog3.mkv", [(420, 512, 512), (95, 512, 512)], HD)
    shown = finish(file, SLOG3).rgb
    _near(shown[0], (MID_GREY,) * 3)
    assert shown[1].max() < 0.01


def test_recorded_slog3_chroma_is_scaled_back(tmp_path: Path) -> None:
    """Read as full range, legal chroma is 896/876 too large: colors would be oversaturated."""
    codes = np.array([0.6, 0.4, 0.4])
    y = 1023 * float(codes @ [0.2126, 0.7152, 0.0722])
    luma = y / 1023
    chroma = (codes[2] - luma) / 1.8556, (codes[0] - luma) / 1.5748
    file = write_chart(tmp_path / "slog3.mkv", [
        (y, 512 + 896 * 1023 / 876 * chroma[0], 512 + 896 * 1023 / 876 * chroma[1])], HD)
    made = finish(file, SLOG3)
    exact = lut.exact(replace(made.chain, input=replace(made.chain.input, legal_chroma=False)),
                      codes[None].astype(np.float32))
    _near(made.rgb[0], exact[0], 3)


def test_superwhite_of_recorded_log_is_kept(tmp_path: Path) -> None:
    """Codes above 940 hold a stop of light: limited decoding would clip them."""
    file = write_chart(tmp_path / "bright.mkv", [(y, 512, 512) for y in (940, 970, 1000)], HD)
    shown = finish(file, SLOG3).rgb[:, 1]
    assert shown[0] + 2 * ONE_CODE < shown[1] < shown[2] - 2 * ONE_CODE


def test_arri_logc_is_expanded_from_legal_range(tmp_path: Path) -> None:
    file = write_chart(tmp_path / "logc.mkv", [(64 + 876 * 400 / 1023, 512, 512)], HD)
    _near(finish(file, LOGC3).rgb[0], (MID_GREY,) * 3, 1.5)


def test_logc3_is_read_by_its_exposure_index(tmp_path: Path) -> None:
    """Grey has the same code at every index; a highlight at EI 1600 is brighter light."""
    file = write_chart(tmp_path / "logc.mkv", [coded((0.391,) * 3), coded((0.7,) * 3)], HD)
    low = finish(file, CameraRef(LOGC3, ei=200)).rgb[:, 1]
    high = finish(file, CameraRef(LOGC3, ei=1600)).rgb[:, 1]
    assert low[0] == pytest.approx(high[0], abs=0.01)
    assert high[1] > low[1] + 0.01


def test_an_exposure_index_without_a_curve_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no curve for EI 3000"):
        finish(_chart(tmp_path), CameraRef(LOGC3, ei=3000))


def test_an_exposure_index_for_a_camera_without_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one curve for every exposure index"):
        finish(_chart(tmp_path), CameraRef(SLOG3, ei=800))


def test_log_that_really_is_full_range_keeps_its_chroma(tmp_path: Path) -> None:
    codes = (0.6, 0.4, 0.4)
    made = finish(_chart(tmp_path, [codes], {**HD, "range": "pc"}, full=True), SLOG3)
    assert not made.chain.input.legal_chroma
    _near(made.rgb[0], lut.exact(made.chain, np.array([codes], np.float32))[0], 3)


def test_a_saturated_led_does_not_turn_into_a_hole(tmp_path: Path) -> None:
    """Blue beyond AP1 goes negative in ACEScg: the gamut compression keeps it a blue light."""
    made = finish(_chart(tmp_path, [(0.35, 0.30, 0.75)], {**HD, "range": "pc"}, full=True), SLOG3)
    assert made.chain.gamut_compression
    red, green, blue = made.rgb[0]
    assert blue > 0.5
    assert min(red, green) > 0.005


def test_greys_stay_neutral_through_every_camera() -> None:
    from microfinish.core.color import CameraPreset
    from microfinish.core.color_chain import input_transform
    from microfinish.core.color_decode import Decode
    from microfinish.project.presets import Presets

    presets = Presets()
    for info in presets.list("cameras"):
        preset = presets.resolve("cameras", info.name, CameraPreset).value
        given, _ = input_transform(preset, CameraRef(info.name), Decode("bt709", "limited"))
        ramp = np.repeat(np.linspace(0.2, 0.9, 30, dtype=np.float32)[:, None], 3, axis=1)
        assert np.ptp(lut.exact(Chain(given), ramp), axis=1).max() < 2.5 * ONE_CODE, info.name


# --- Display-referred ---------------------------------------------------------------------------


def test_finished_pictures_keep_every_code(tmp_path: Path) -> None:
    for camera in ("display-rec709", "display-ai", "srgb", "phone-rec709"):
        _near(finish(_chart(tmp_path, COLORS), camera).rgb, COLORS, ROUNDED)


def test_the_faintest_grade_of_a_finished_picture_does_not_jump(tmp_path: Path) -> None:
    made = finish(_chart(tmp_path, COLORS), "display-ai",
                  change=Chain(InputTransform("display"), contrast=1.00001))
    _near(made.rgb, COLORS, 3)


# --- Rendering ----------------------------------------------------------------------------------


def _ramp(path: Path, width: int) -> Path:
    """Every column another grey: a spoilt column cannot hide."""
    patches = [(64 + 876 * k / (width - 1), 512.0, 512.0) for k in range(width)]
    return write_chart(path / f"w{width}.mkv", patches, HD, patch=1)


@pytest.mark.parametrize("width", [606, 607, 608, 540, 1082])
def test_widths_that_are_no_multiple_of_eight_keep_their_last_columns(
        tmp_path: Path, width: int) -> None:
    """ffmpeg 9's lut3d spoils up to seven columns there in float, by up to 0.78 of full scale."""
    width -= width % 2
    made = finish(_ramp(tmp_path, width), "display-rec709", patch=1, raster=Raster(width, 64),
                  change=Chain(InputTransform("display"), balance=Balance(0.5)))
    shown = pixels(made.path)[32]
    ramp = np.round(64 + 876 * np.linspace(0, 1, width))
    codes = np.repeat(((ramp - 64) / 876)[:, None], 3, axis=1).astype(np.float32)
    wanted = lut.exact(replace(made.chain), codes)
    assert np.abs(shown - wanted).max() <= 1.5 * ONE_CODE


def test_a_cube_does_not_truncate_codes(tmp_path: Path) -> None:
    """lut3d on integer formats is 0.41 of a code too dark on average; in float it is exact."""
    patches = [(float(64 + 27 * k), 512.0, 512.0) for k in range(32)]
    made = finish(write_chart(tmp_path / "c.mkv", patches, HD), "display-rec709")
    assert np.abs(made.rgb[:, 1] * 876 + 64 - [y for y, _, _ in patches]).max() < 0.01


def test_a_four_four_four_source_does_not_leak_into_the_master(tmp_path: Path) -> None:
    spec = PictureSpec("libx264", "yuv420p", (("preset", "veryfast"),), "ordered", 2.0)
    frame = first_frame(finish(_chart(tmp_path, COLORS), spec=spec).path)
    assert frame.format.name == "yuv420p"


def test_the_master_says_what_it_is_whatever_the_source_said(tmp_path: Path) -> None:
    spec = PictureSpec("libx264", "yuv420p", (("preset", "veryfast"),), "ordered", 2.0)
    frame = first_frame(finish(_chart(tmp_path, COLORS, HLG, matrix="bt2020nc"), spec=spec).path)
    assert (int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace),
            int(frame.color_range)) == (1, 1, 1, 1)


def test_ten_bit_sources_are_not_cut_to_eight(tmp_path: Path) -> None:
    patches = [(float(400 + k), 512.0, 512.0) for k in range(32)]
    made = finish(write_chart(tmp_path / "fine.mkv", patches, HD), "display-rec709")
    assert len(set(np.round(made.rgb[:, 1] * 876).tolist())) == 32


# --- LUT files ----------------------------------------------------------------------------------


def _cube(rows: str, head: str = "LUT_3D_SIZE 2\n") -> np.ndarray:
    return parse_cube(head + rows, "x.cube").apply(np.full((1, 3), 0.5, np.float32))[0]


def test_a_shaper_cube_of_resolve_is_applied_through_its_shaper() -> None:
    head = "LUT_1D_SIZE 2\nLUT_1D_INPUT_RANGE 0 2\nLUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE 0 1\n"
    assert _cube(f"0 0 0\n1 1 1\n{IDENTITY_2}", head) == pytest.approx([0.25] * 3)


def test_a_one_dimensional_lut_is_applied_as_curves() -> None:
    assert _cube("0 0 0\n0.2 0.6 0.5\n1 1 1", "LUT_1D_SIZE 3\n") == pytest.approx([0.2, 0.6, 0.5])


def test_a_lut_with_a_domain_is_applied_over_it() -> None:
    head = "LUT_3D_SIZE 2\nDOMAIN_MIN -1 -1 -1\nDOMAIN_MAX 1 1 1\n"
    assert _cube(IDENTITY_2, head) == pytest.approx([0.75] * 3)


def test_a_resolve_input_range_is_honored() -> None:
    head = "LUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE 0.0 2.0\n"
    assert _cube(IDENTITY_2, head) == pytest.approx([0.25] * 3)


def test_crlf_cr_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    for newline in ("\r\n", "\r"):
        path = tmp_path / "x.cube"
        path.write_bytes(b"\xef\xbb\xbf" + f"LUT_3D_SIZE 2\n{IDENTITY_2}\n".replace(
            "\n", newline).encode())
        shown = read_lut(path, "x.cube").apply(np.full((1, 3), 0.3, np.float32))
        assert shown[0] == pytest.approx([0.3] * 3)


@pytest.mark.parametrize("word", ["nan", "inf", "-inf", "1e999"])
def test_nan_and_infinity_are_refused_with_their_line(word: str) -> None:
    with pytest.raises(InputError, match="finite") as refused:
        _cube(IDENTITY_2.replace("1 1 1", f"1 {word} 1"))
    assert refused.value.where is not None
    assert refused.value.where.line == 9


def test_a_short_lut_is_refused_and_says_how_short() -> None:
    with pytest.raises(InputError, match="3 rows of numbers where 8 are stated"):
        _cube("0 0 0\n1 0 0\n0 1 0")


def test_a_long_lut_is_refused() -> None:
    with pytest.raises(InputError, match="9 rows of numbers where 8 are stated"):
        _cube(IDENTITY_2 + "\n1 1 1")


def test_a_lut_in_video_range_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="LUTs in video range are not supported"):
        _cube(IDENTITY_2, "LUT_3D_SIZE 2\nLUT_IN_VIDEO_RANGE\n")


def test_a_utf_16_lut_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.cube"
    path.write_bytes(f"LUT_3D_SIZE 2\n{IDENTITY_2}\n".encode("utf-16"))
    with pytest.raises(InputError, match="cannot be read"):
        read_lut(path, "x.cube")


def test_a_picture_named_as_a_lut_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a LUT format"):
        read_lut(tmp_path / "still.png", "still.png")


def test_two_luts_of_one_size_are_not_mixed_up(tmp_path: Path) -> None:
    """OpenColorIO 2.6's cache takes inline LUTs of equal size and range for the same."""
    shown = []
    for middle in (0.3, 0.7):
        path = tmp_path / f"{middle}.cube"
        axis = (0.0, middle, 1.0)
        path.write_text("LUT_3D_SIZE 3\n" + "\n".join(
            f"{r} {g} {b}" for b in axis for g in axis for r in axis))
        chain = Chain(InputTransform("display"), output="rec709",
                      look=Look(lut=LookLut(str(middle), "rec709", path.name)))
        cube = lut.bake(chain, lambda look: tmp_path / look.file, size=17)
        shown.append(cube.apply(np.full((1, 3), 0.5, np.float32))[0, 0])
    assert shown == pytest.approx([0.3, 0.7], abs=1e-3)


def test_a_look_of_no_strength_is_no_look() -> None:
    look = Look(0.0, lut=LookLut("gone", "rec709", "gone.cube"))
    codes = np.random.default_rng(1).random((50, 3), np.float32)
    assert lut.exact(Chain(InputTransform("display"), look=look), codes) == pytest.approx(codes)


# --- CDL ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("cdl", [Cdl(slope=(-0.1, 1, 1)), Cdl(power=(1, 0, 1)),
                                 Cdl(saturation=-1.0)])
def test_an_illegal_cdl_is_refused(cdl: Cdl) -> None:
    assert cdl_fault(cdl)


def test_an_illegal_cdl_file_is_refused_with_its_line() -> None:
    text = b"<ColorCorrection>\n<SOPNode>\n<Power>1 -1 1</Power></SOPNode></ColorCorrection>"
    with pytest.raises(InputError, match="Power 1 -1 1 is out of range") as refused:
        read_cdl(text, "x.cc")
    assert refused.value.where is not None
    assert refused.value.where.line == 3


def test_a_cdl_that_expands_entities_is_refused() -> None:
    with pytest.raises(InputError, match="document types and entities are not read"):
        read_cdl(b'<!DOCTYPE x [<!ENTITY a "aa">]><ColorCorrection/>', "x.cc")


def test_a_cdl_does_not_clip_light_above_white() -> None:
    """ASC files clamp at 1; in ACEScct light goes on to 1.47, and a slope must bring it back."""
    up, down = Cdl(slope=(2.0,) * 3), Cdl(slope=(0.5,) * 3)
    codes = np.full((1, 3), 0.9, np.float32)
    look = Look(1.0)
    both = Chain(InputTransform("scene", "ACEScct"), cdl=up,
                 look=replace(look, grade=replace(look.grade, cdl=down)))
    assert lut.exact(both, codes) == pytest.approx(
        lut.exact(Chain(InputTransform("scene", "ACEScct")), codes), abs=1e-5)


def test_numbers_far_from_a_grade_are_refused_in_yaml() -> None:
    for text in ("exposure: 40", "temperature: 50000", "tint: 3", "contrast: 0", "lift: 2",
                 "gamma: [1, 0, 1]", "vibrance: 9", "saturation: -1"):
        with pytest.raises(MicrofinishError):
            load_text(f"all: {{{text}}}\n", "grade.yaml", GradeSheet)


def test_a_color_space_that_nobody_has_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="'S-Log9' is not in the OpenColorIO config"):
        lut.bake(Chain(InputTransform("scene", "S-Log9")), size=5)


def test_the_config_is_pinned() -> None:
    """The default config of OpenColorIO moves from release to release, and the picture with it."""
    from microfinish.media.ocio_chain import CONFIG

    assert "latest" not in CONFIG
    assert CONFIG in {row[0] for row in ocio.BuiltinConfigRegistry().getBuiltinConfigs()}
