"""The continuity sheet: a row per face or set, its shots side by side, the outliers framed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from microfinish.core.cdl import Triple
from microfinish.core.continuity import Measured
from microfinish.media.fonts import font_dir
from microfinish.media.stills import Pixels

ACROSS = 10
"""Cells beside each other: the row of a face that is seen more often goes on below."""
ROWS = 12
_SIDE, _PATCH, _GAP, _LINE, _TEXT = 150, 26, 12, 18, 13
_PAPER, _INK, _DIM, _WARN = "#161616", "#f0f0f0", "#a0a0a0", "#ff6a4d"


@dataclass(frozen=True, slots=True)
class Cell:
    """One sighting with its picture."""

    measured: Measured
    picture: Pixels


def continuity_pages(rows: Sequence[tuple[str, Sequence[Cell]]], title: str) -> tuple[bytes, ...]:
    """PNG pages; below every picture a patch of its measured color beside the usual one, then
    the episode and shot, the difference in dE00, and in words how an outlier differs."""
    lines: list[tuple[str, Sequence[Cell]]] = []
    for name, cells in rows:
        for start in range(0, len(cells), ACROSS):
            lines.append((name if start == 0 else "", cells[start:start + ACROSS]))
    pages = [lines[start:start + ROWS] for start in range(0, len(lines), ROWS)] or [[]]
    return tuple(_page(page, title if len(pages) == 1 else f"{title}, page {number} of "
                       f"{len(pages)}") for number, page in enumerate(pages, 1))


def _page(lines: Sequence[tuple[str, Sequence[Cell]]], title: str) -> bytes:
    step = _LINE + _SIDE + _PATCH + 3 * _LINE + 2 * _GAP
    page = Image.new("RGB", (_GAP + ACROSS * (_SIDE + _GAP), 3 * _GAP + _LINE + step * max(
        1, len(lines))), _PAPER)
    draw = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(font_dir() / "DejaVuSans.ttf"), _TEXT)
    draw.text((_GAP, _GAP), title, _INK, font=font)
    for index, (name, cells) in enumerate(lines):
        top = 2 * _GAP + _LINE + index * step
        draw.text((_GAP, top), name, _DIM, font=font)
        for column, cell in enumerate(cells):
            _cell(page, draw, font, cell, (_GAP + column * (_SIDE + _GAP), top + _LINE + 4))
    data = io.BytesIO()
    page.save(data, "PNG")
    return data.getvalue()


def _cell(page: Image.Image, draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont, cell: Cell,
          at: tuple[int, int]) -> None:
    left, top = at
    picture = Image.fromarray(cell.picture)
    picture.thumbnail((_SIDE, _SIDE))
    page.paste(picture, (left + (_SIDE - picture.width) // 2, top + _SIDE - picture.height))
    lab, off = cell.measured.seen.lab, cell.measured.difference
    lightness, a, b = (value - less for value, less in zip(lab, off, strict=True))
    middle = left + _SIDE // 2
    below = top + _SIDE + 4
    draw.rectangle((left, below, middle - 1, below + _PATCH), fill=_shown(lab))
    draw.rectangle((middle, below, left + _SIDE - 1, below + _PATCH), fill=_shown(
        (lightness, a, b)))
    bad = cell.measured.outlier
    if bad:
        draw.rectangle((left - 4, top - 4, left + _SIDE + 3, below + _PATCH + 4), outline=_WARN,
                       width=3)
    seen = cell.measured.seen
    texts = [(f"{seen.episode} {seen.shot}", _INK),
             (f"dE00 {cell.measured.delta_e:.1f}", _WARN if bad else _DIM),
             (cell.measured.words if bad else "", _WARN)]
    for index, (text, color) in enumerate(texts):
        draw.text((left, below + _PATCH + 6 + index * _LINE), text, color, font=font)


def _shown(lab: Triple) -> tuple[int, int, int]:
    """A CIELAB color as 8-bit Rec.709 with BT.1886."""
    fy = (lab[0] + 16) / 116
    parts = np.array([fy + lab[1] / 500, fy, fy - lab[2] / 200])
    xyz = np.where(parts > 6 / 29, parts**3, (parts - 4 / 29) * 3 * (6 / 29) ** 2) * [
        0.95047, 1.0, 1.08883]
    matrix = np.array([[3.2409699, -1.5373832, -0.4986108], [-0.9692436, 1.8759675, 0.0415551],
                       [0.0556301, -0.2039770, 1.0569715]])
    red, green, blue = (int(v) for v in np.rint(np.clip(matrix @ xyz, 0, 1) ** (1 / 2.4) * 255))
    return red, green, blue
