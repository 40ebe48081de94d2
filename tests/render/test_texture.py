"""Texture does to known pictures what its arithmetic says, and nothing where it is off."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from zlib import crc32

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from microfinish.core.deliver import PictureSpec
from microfinish.core.frame import PathKey, Raster
from microfinish.core.media import Picture
from microfinish.core.texture import Texture
from microfinish.documents.digest import digest
from microfinish.media.ffmpeg import run
from microfinish.render.picture import Files, segment_arguments
from microfinish.render.segment import Encode, Layer, Pick, Segment
from microfinish.render.texturing import grain_seed

EXACT = PictureSpec("ffv1", "yuv420p10le", (), "none", 0)
SIZE = (160, 288)
FRAMES = 16

pytestmark = pytest.mark.media


def _source(folder: Path, graph: str) -> Path:
    """A ten-bit BT.709 clip of a lavfi graph, losslessly kept."""
    out = folder / f"source{crc32(graph.encode())}.mkv"
    run(["-f", "lavfi", "-i", f"{graph},trim=end_frame={FRAMES}", "-vf",
         "format=yuv420p10le", "-c:v", "ffv1", "-color_range",
         "tv", "-colorspace", "bt709", str(out)])
    return out


def _luma(folder: Path, source: Path, texture: Texture) -> NDArray[np.float64]:
    """Ten-bit luma of all rendered frames, shape (frames, height, width)."""
    cube = folder / "same.cube"
    cube.write_text("LUT_3D_SIZE 2\n" + "".join(
        f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1)))
    with av.open(str(source)) as container:
        base = Fraction(container.streams.video[0].time_base)
    picture = Picture("ffv1", *SIZE, Fraction(25), FRAMES, time_base=base,
                      pixel_format="yuv420p10le", bit_depth=10)
    layer = Layer("m", Pick(0, FRAMES - 1, FRAMES, Fraction(1), Fraction(0)), picture, "crop",
                  *SIZE, (PathKey(0, 0, 0),), "l", texture=texture)
    segment = Segment(Fraction(25), Raster(*SIZE), FRAMES, (layer,))
    out = folder / "out.mkv"
    run(segment_arguments(segment, [(Encode(EXACT), str(out))],
                          Files({"m": str(source)}, {"l": str(cube)}, {})))
    with av.open(str(out)) as container:
        frames = [np.frombuffer(bytes(frame.planes[0]), "<u2").reshape(SIZE[1], -1)[:, :SIZE[0]]
                  for frame in container.decode(video=0)]
    assert len(frames) == FRAMES
    return np.stack(frames).astype(np.float64)


def _grey(folder: Path, share: float) -> Path:
    value = round(255 * share)
    return _source(folder, f"color=0x{value:02x}{value:02x}{value:02x}:s=160x288:r=25")


def test_a_segment_without_texture_keeps_the_key_it_had_before_texture_existed() -> None:
    plain = Layer("m", Pick(0, 1, 2, Fraction(1), Fraction(0)))
    assert digest(plain) == digest(replace(plain, texture=Texture()))
    assert digest(plain) != digest(replace(plain, texture=Texture(grain=0.1)))


@pytest.mark.parametrize("tool", ["denoise", "deband", "sharpen", "halation", "grain"])
def test_black_stays_black(tmp_path: Path, tool: str) -> None:
    shown = _luma(tmp_path, _grey(tmp_path, 0.0), Texture(**{tool: 1.0}))
    assert abs(shown - 64).max() <= 1


@pytest.mark.parametrize("tool", ["deflicker", "denoise", "deband", "sharpen"])
def test_a_steady_flat_picture_is_left_alone(tmp_path: Path, tool: str) -> None:
    source = _grey(tmp_path, 0.5)
    before, after = _luma(tmp_path, source, Texture()), _luma(
        tmp_path, source, Texture(**{tool: 1.0}))
    assert abs(after - before).max() <= 1


def test_a_vignette_leaves_the_middle_and_darkens_the_corners_by_its_amount(
        tmp_path: Path) -> None:
    source = _grey(tmp_path, 0.8)
    white = _luma(tmp_path, source, Texture())[5].mean()
    shown = _luma(tmp_path, source, Texture(vignette=0.5))[5]
    assert abs(shown[120:168, 60:100] - white).max() <= 1
    corner = 64 + (white - 64) * 0.5
    assert shown[0, 0] == pytest.approx(corner, rel=0.03)
    assert abs(shown - shown[::-1, ::-1]).max() <= 3


def test_grain_moves_mid_tones_without_changing_their_mean_and_differs_from_frame_to_frame(
        tmp_path: Path) -> None:
    source = _grey(tmp_path, 0.5)
    middle = _luma(tmp_path, source, Texture()).mean()
    shown = _luma(tmp_path, source, Texture(grain=0.5))
    assert shown.mean() == pytest.approx(middle, abs=0.5)
    assert 2 < shown.std() < 60
    follows = np.corrcoef(shown[3].ravel(), shown[4].ravel())[0, 1]
    assert abs(follows) < 0.2


def test_grain_is_weaker_in_shadows_than_in_mid_tones(tmp_path: Path) -> None:
    spread = [_luma(tmp_path, _grey(tmp_path, share), Texture(grain=0.8)).std()
              for share in (0.1, 0.5, 0.9)]
    assert max(spread[0], spread[2]) < 0.6 * spread[1]


def test_grain_is_the_same_at_every_render_and_another_in_every_shot(tmp_path: Path) -> None:
    source = _grey(tmp_path, 0.5)
    once, again = (_luma(tmp_path, source, Texture(grain=0.5)) for _ in range(2))
    assert np.array_equal(once, again)
    shots = [Layer("m", Pick(first, first + 9, 10, Fraction(1), Fraction(0)))
             for first in (0, 10, 20)]
    assert len({grain_seed(shot) for shot in shots}) == 3


def test_halation_glows_red_around_a_light_and_nowhere_else(tmp_path: Path) -> None:
    source = _source(tmp_path, "color=0x202020:s=160x288:r=25,"
                               "drawbox=60:120:40:40:white:fill")
    before, after = _luma(tmp_path, source, Texture()), _luma(
        tmp_path, source, Texture(halation=1.0))
    rise = (after - before)[3]
    assert rise[140, 54] > 20
    assert abs(rise[:40]).max() <= 1 and abs(rise[-40:]).max() <= 1
    assert abs(rise[135:145, 75:85]).max() <= 4  # white has nowhere to go


def test_deflicker_evens_a_beating_lamp(tmp_path: Path) -> None:
    source = _source(tmp_path, "color=0x808080:s=160x288:r=25,"
                               "geq=lum='lum(X,Y)*(1+0.08*mod(N,2))':cb=128:cr=128")
    before = _luma(tmp_path, source, Texture()).mean(axis=(1, 2))
    after = _luma(tmp_path, source, Texture(deflicker=1.0)).mean(axis=(1, 2))
    assert np.ptp(before) > 30
    assert np.ptp(after[6:-6]) < 0.25 * np.ptp(before)


def test_denoise_takes_noise_and_keeps_an_edge(tmp_path: Path) -> None:
    source = _source(tmp_path, "color=0x404040:s=160x288:r=25,"
                               "drawbox=80:0:80:288:0xa0a0a0:fill,noise=alls=8:allf=t:all_seed=7")
    before, after = (_luma(tmp_path, source, texture)[-1]
                     for texture in (Texture(), Texture(denoise=0.7)))
    assert after[:, 10:70].std() < 0.5 * before[:, 10:70].std()
    step = [frame[:, 84:150].mean() - frame[:, 10:76].mean() for frame in (before, after)]
    assert step[1] == pytest.approx(step[0], rel=0.02)
    assert after[:, 82].mean() - after[:, 77].mean() > 0.8 * step[0]


def test_sharpening_steepens_an_edge_and_leaves_flats(tmp_path: Path) -> None:
    source = _source(tmp_path, "color=0x404040:s=160x288:r=25,drawbox=80:0:80:288:0xa0a0a0:fill,"
                               "gblur=sigma=1.5")
    before, after = (_luma(tmp_path, source, texture)[5]
                     for texture in (Texture(), Texture(sharpen=0.9)))
    assert abs(np.diff(after, axis=1)).max() > 1.1 * abs(np.diff(before, axis=1)).max()
    assert abs(after - before)[:, :60].max() <= 1


def test_deband_breaks_the_steps_of_a_sky(tmp_path: Path) -> None:
    source = _source(tmp_path, "color=0x808080:s=160x288:r=25,format=yuv444p,"
                               "geq=lum='120+floor(Y/48)*1':cb=128:cr=128")
    before, after = (_luma(tmp_path, source, texture)[5].mean(axis=1)
                     for texture in (Texture(), Texture(deband=1.0)))
    assert abs(np.diff(after)).max() < 0.7 * abs(np.diff(before)).max()
    assert abs(after - before).max() < 8
