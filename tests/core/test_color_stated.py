"""Cameras by what their files state, and by nothing else."""

from __future__ import annotations

from fractions import Fraction

import pytest

from microfinish.core.color_chain import ASSUMED, camera_of
from microfinish.core.color_stated import STATED_CAMERAS, stated_camera, xml_words
from microfinish.core.media import Media, Picture
from microfinish.core.settings import CameraRef
from microfinish.project.presets import Presets

LUMIX = """<?xml version="1.0"?><ClipMain xmlns="urn:schemas-Professional-Plug-in:P2:ClipMetadata">
<CaptureGamma>V-Log</CaptureGamma><CaptureGamut> V-Gamut </CaptureGamut></ClipMain>"""


def _media(tags: dict[str, str], **picture: str) -> Media:
    values = {"pixel_format": "yuv422p10le", "code_range": "tv", "matrix": "bt709",
              "primaries": "bt709", "transfer": "bt709", **picture}
    return Media("media/A001.mov", "d", 1, reel="A001", tags=tags, picture=Picture(
        "prores", 1920, 1080, Fraction(25), 100, bit_depth=10, **values))


@pytest.mark.parametrize(("tags", "camera"), [
    ({"com.arri.camera.colorgammasxs": "LOG-C", "com.arri.camera.exposureindexasa": "400"},
     CameraRef("arri-logc3", 400)),
    ({"com.arri.camera.colorgammasxs": "LOG-C4"}, CameraRef("arri-logc4")),
    ({"com.atomos.hdr.gamma": "SLog3", "com.atomos.hdr.gamut": "SGamut3.Cine"},
     CameraRef("sony-slog3-sgamut3cine")),
    ({"com.atomos.hdr.gamma": "VLog", "com.atomos.hdr.gamut": "VGamut"},
     CameraRef("panasonic-vlog")),
    ({"com.apple.proapps.customgamma": "com.apple.rec2020.apple-log"}, CameraRef("apple-log")),
    ({"com.apple.proapps.customgamma": "com.blackmagic-design.camera.filmlog",
      "com.blackmagic-design.camera.colorscience": "Gen 5"}, CameraRef("bmd-gen5")),
    (xml_words({"com.panasonic.semi-pro.metadata.xml": LUMIX}), CameraRef("panasonic-vlog")),
])
def test_a_stated_curve_and_gamut_name_the_camera(tags: dict[str, str], camera: CameraRef) -> None:
    found = camera_of(_media(tags), ())
    assert found.ref == camera
    assert found.origin.startswith("the file's metadata: ")
    assert not found.notices


@pytest.mark.parametrize("tags", [
    {"com.apple.quicktime.make": "Apple", "com.apple.quicktime.model": "iPhone 16 Pro"},
    {"make": "Sony", "model": "ILME-FX3"},
    {"com.atomos.hdr.gamma": "SLog3"},
    {"com.atomos.hdr.gamma": "ZLog", "com.atomos.hdr.gamut": "ZGamut"},
    {"com.apple.proapps.customgamma": "com.blackmagic-design.camera.filmlog",
     "com.blackmagic-design.camera.colorscience": "Gen 4"},
])
def test_makers_models_and_half_a_statement_choose_nothing(tags: dict[str, str]) -> None:
    assert stated_camera(tags) is None


def test_what_the_season_says_wins_over_what_the_file_says() -> None:
    tags = {"com.arri.camera.colorgammasxs": "LOG-C", "com.arri.camera.exposureindexasa": "800"}
    assert camera_of(_media(tags), [("A*", "sony-slog3-sgamut3")]).preset == "sony-slog3-sgamut3"


def test_an_index_that_arri_does_not_publish_is_said() -> None:
    tags = {"com.arri.camera.colorgammasxs": "LOG-C", "com.arri.camera.exposureindexasa": "3200"}
    camera = camera_of(_media(tags), ())
    assert camera.ref == CameraRef("arri-logc3", 1600)
    assert camera.notices == ("ARRI publishes no LogC3 curve for EI 3200: that of EI 1600 is used",)


def test_bt2020_without_a_curve_is_no_camera_but_a_hint() -> None:
    camera = camera_of(_media({}, transfer="unknown", primaries="bt2020", matrix="bt2020nc"), ())
    assert camera.origin == ASSUMED
    assert "Apple Log" in camera.notices[-1]


def test_every_camera_that_a_file_can_state_is_there() -> None:
    assert set(STATED_CAMERAS) <= {info.name for info in Presets().list("cameras")}
