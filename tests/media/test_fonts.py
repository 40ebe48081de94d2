"""The embedded font is always there, and text is as wide as the font says."""

import subprocess
import sys

import pytest
from fontTools.ttLib import TTFont

from microfinish.core.errors import EnvironmentFault
from microfinish.core.title import TitleStyle
from microfinish.media.fonts import (
    find_font,
    font_digest,
    font_dir,
    font_file,
    missing,
    package_for,
    require_font,
    script_of,
    substitute,
)
from microfinish.media.text_measure import burnt_width, line_ratio, text_width


def test_the_embedded_font_is_found_without_importing_matplotlib():
    code = ("import sys; from microfinish.media.fonts import font_dir; "
            "assert (font_dir() / 'DejaVuSans-Bold.ttf').is_file(); "
            "print('matplotlib' in sys.modules, 'numpy' in sys.modules)")
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "False"]


def test_bold_and_regular_are_different_files_of_one_family():
    assert font_file(bold=True) == font_dir() / "DejaVuSans-Bold.ttf"
    assert font_file("DejaVu Sans") == font_dir() / "DejaVuSans.ttf"
    assert find_font("dejavu serif", True).path.name == "DejaVuSerif-Bold.ttf"


def test_an_unknown_font_is_an_error_with_a_way_out():
    with pytest.raises(EnvironmentFault) as caught:
        find_font("Noto Sans CJK SC nowhere")
    assert "DejaVu Sans is always there" in caught.value.hint


def test_a_widths_sum_is_the_fonts_own_advances():
    font = find_font("DejaVu Sans", True)
    with TTFont(str(font.path)) as opened:
        names, advances = opened.getBestCmap(), opened["hmtx"]
        units = sum(advances[names[ord(c)]][0] for c in "nnnn")
    assert text_width("nnnn", font, 56) == pytest.approx(units * 56 / 2048, abs=0.5)


def test_arabic_is_measured_joined():
    font = find_font("DejaVu Sans", True)
    alone = sum(text_width(c, font, 56) for c in "سلام عليكم")
    assert text_width("سلام عليكم", font, 56) < 0.9 * alone


def test_the_outline_counts_on_both_sides():
    font, style = find_font("DejaVu Sans", True), TitleStyle(outline_px=5, shadow_px=3)
    bare = text_width("Hello", font, style.size_px)
    assert burnt_width("Hello", font, style, 1080) == pytest.approx(bare + 13)


def test_the_line_ratio_is_the_line_height_over_the_em():
    assert line_ratio(find_font("DejaVu Sans", True)) == (1901 + 483) / 2048


def test_missing_characters_are_named_with_their_script_and_package():
    font = find_font("DejaVu Sans", True)
    assert missing(font, "Ça va ? Где ты? ποτέ سلام \u200b\u2060") == ""
    assert missing(font, "Hi 你好 你") == "你好"
    assert [script_of(c) for c in "A你ไह"] == ["LATIN", "CJK", "THAI", "DEVANAGARI"]
    assert (package_for("你"), package_for("ไ")) == ("fonts-noto-cjk", "fonts-noto-core")


def test_without_an_installed_font_nothing_is_substituted(monkeypatch):
    monkeypatch.setattr("microfinish.media.fonts.installed_fonts", lambda: ())
    find_font.cache_clear()
    assert substitute("你好", True) is None


def test_the_font_at_render_time_is_the_one_measured():
    path = font_file("DejaVu Sans", True)
    assert require_font("DejaVu Sans", True, font_digest(path)) == path
    with pytest.raises(EnvironmentFault, match="differs"):
        require_font("DejaVu Sans", True, "0" * 32)
