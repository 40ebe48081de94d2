"""The contact sheet: a thumbnail of every file over its name, on pages to look at or print."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError

from microfinish.media.fonts import font_dir

COLUMNS, ROWS = 6, 8
"""Cells of a page: 48 files are what one can still tell apart on a printed sheet."""
WIDTH, HEIGHT = 256, 192
_GAP, _LINE, _TEXT = 16, 20, 15
_PAPER, _INK, _DIM, _WARN, _FRAME = "#1b1b1b", "#f0f0f0", "#9a9a9a", "#ffb454", "#2b2b2b"
_HEAD = "#8ec9ff"


@dataclass(frozen=True, slots=True)
class Cell:
    """One file: its thumbnail (None where it has none), and lines of text, the name first.

    `warning` lines stand below in another color. Cells of one `group` are its neighbors.
    """

    thumbnail: Path | None
    lines: tuple[str, ...]
    warning: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """Cells side by side, under a heading where a group begins."""

    heading: str
    cells: list[Cell]


def contact_sheets(cells: Sequence[Cell], title: str) -> tuple[bytes, ...]:
    """PNG pages of at most `COLUMNS` x `ROWS` cells in the order given; one page at least.

    Cells of one `group` stand under its heading and begin a new row.
    """
    rows = [_Row(group if start == 0 else "", own[start:start + COLUMNS])
            for group, own in ((group, list(found)) for group, found in
                               groupby(cells, key=lambda cell: cell.group))
            for start in range(0, len(own), COLUMNS)]
    pages = [rows[start:start + ROWS] for start in range(0, len(rows), ROWS)] or [rows]
    return tuple(_page(page, f"{title}, page {number} of {len(pages)}" if len(pages) > 1 else title)
                 for number, page in enumerate(pages, start=1))


def _page(rows: Sequence[_Row], title: str) -> bytes:
    columns = max((len(row.cells) for row in rows), default=1)
    cells = [cell for row in rows for cell in row.cells]
    lines = max((len(cell.lines) + bool(cell.warning) for cell in cells), default=0)
    step, headed = HEIGHT + lines * _LINE + _GAP, _LINE + _GAP // 2
    width = max(columns, 2) * (WIDTH + _GAP) + _GAP
    height = len(rows) * step + sum(headed for row in rows if row.heading) + 3 * _GAP + _LINE
    page = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(font_dir() / "DejaVuSans.ttf"), _TEXT)
    draw.text((_GAP, _GAP), _fitted(title, font, width - 2 * _GAP), _DIM, font=font)
    top = 2 * _GAP + _LINE
    for row in rows:
        if row.heading:
            draw.line((_GAP, top - 4, width - _GAP, top - 4), _FRAME)
            draw.text((_GAP, top), _fitted(row.heading, font, width - 2 * _GAP), _HEAD, font=font)
            top += headed
        for index, cell in enumerate(row.cells):
            _cell(page, draw, cell, (_GAP + index * (WIDTH + _GAP), top), font)
        top += step
    data = io.BytesIO()
    page.save(data, "PNG")
    return data.getvalue()


def _cell(page: Image.Image, draw: ImageDraw.ImageDraw, cell: Cell, at: tuple[int, int],
          font: ImageFont.FreeTypeFont) -> None:
    left, top = at
    draw.rectangle((left, top, left + WIDTH - 1, top + HEIGHT - 1), fill=_FRAME)
    picture = _picture(cell.thumbnail)
    if picture is None:
        draw.text((left + WIDTH // 2, top + HEIGHT // 2), "no picture", _DIM, font=font,
                  anchor="mm")
    else:
        page.paste(picture, (left + (WIDTH - picture.width) // 2,
                             top + (HEIGHT - picture.height) // 2))
    colored = [(line, _DIM if index else _INK) for index, line in enumerate(cell.lines)]
    if cell.warning:
        colored.append((cell.warning, _WARN))
    for index, (line, color) in enumerate(colored):
        draw.text((left, top + HEIGHT + 3 + index * _LINE), _fitted(line, font, WIDTH), color,
                  font=font)


def _picture(path: Path | None) -> Image.Image | None:
    if path is None:
        return None
    try:
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
    except (OSError, UnidentifiedImageError):
        return None
    picture.thumbnail((WIDTH, HEIGHT))
    return picture


def _fitted(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """The text, its middle left out where it is too wide: both ends tell takes apart."""
    if font.getlength(text) <= width:
        return text
    keep = len(text)
    while keep > 2:
        keep -= 1
        short = f"{text[:(keep + 1) // 2]}…{text[-(keep // 2):]}"
        if font.getlength(short) <= width:
            return short
    return "…"
