"""Text in pixels: the width of a shaped line in a real font, as libass will draw it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from matplotlib.ft2font import FT2Font, LoadFlags

from microfinish.core.title import TitleStyle
from microfinish.media.fonts import Font


def line_ratio(font: Font) -> float:
    """OS/2 (winAscent + winDescent) over the em: libass sizes a font by its line height."""
    face = _face(font)
    table = face.get_sfnt_table("OS/2")
    if not table:
        return float((face.ascender - face.descender) / face.units_per_EM)
    return float((table["usWinAscent"] + table["usWinDescent"]) / face.units_per_EM)


def text_width(text: str, font: Font, size_px: float) -> float:
    """Pixels from the first glyph's origin or ink to the last's advance or ink.

    Shaped with HarfBuzz (matplotlib 3.11 and later), so Arabic joins and pairs are kerned.
    """
    if not text:
        return 0.0
    face = _face(font)
    face.set_size(size_px, 72)
    # libass draws unhinted outlines.
    face.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    width, _ = face.get_width_height()
    return float(width) / 64


def burnt_width(text: str, font: Font, style: TitleStyle, raster_width: int) -> float:
    """Pixels of a raster that one line covers, outline and shadow included."""
    scale = raster_width / 1080
    around = 2 * style.outline_px + style.shadow_px
    return text_width(text, font, style.size_px * scale) + around * scale


@lru_cache(maxsize=16)
def _face(font: Font) -> Any:
    return FT2Font(str(font.path), face_index=font.index) if font.index else FT2Font(
        str(font.path))
