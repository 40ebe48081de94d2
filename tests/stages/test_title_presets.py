"""The shipped safe areas and title styles resolve, and universal really is free everywhere."""

import pytest

from microfinish.core.title import Box, SafeArea, TitleStyle
from microfinish.media.fonts import find_font
from microfinish.project.presets import Presets

AREAS = ("meta-reels", "youtube-shorts", "tiktok", "drama-app")
MARGINS = ("top", "bottom", "left", "right")


@pytest.mark.parametrize("name", AREAS)
def test_the_universal_box_lies_inside_every_other(name):
    universal = Presets().resolve("safe-areas", "universal", SafeArea).value
    area = Presets().resolve("safe-areas", name, SafeArea).value
    assert all(getattr(universal, m) >= getattr(area, m) for m in MARGINS)


@pytest.mark.parametrize("name", (*AREAS, "universal"))
def test_every_margin_says_how_far_it_can_be_trusted(name):
    notes = Presets().resolve("safe-areas", name, SafeArea).notes
    for margin in MARGINS:
        assert {"level", "certainty", "source", "checked_on"} <= notes[margin].keys()
        assert notes[margin]["level"] != "must"


def test_a_box_scales_with_the_raster_and_rounds_inwards():
    area = SafeArea("x", 310, 672, 65, 192)
    assert area.box(1080, 1920) == Box(65, 310, 888, 1248)
    assert area.box(720, 1280) == Box(44, 207, 592, 832)


def test_the_default_style_needs_no_installed_font():
    style = Presets().resolve("titles", "mobile", TitleStyle).value
    assert find_font(style.font, style.bold).path.is_file()
    assert Presets().resolve("titles", "cjk", TitleStyle).value.outline_px == style.outline_px
