"""Sheets of stills: before and after with scopes, an A/B contact sheet, a grid of looks."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from microfinish.media.fonts import font_dir
from microfinish.media.stills import Pixels
from microfinish.report.scopes import histogram, vectorscope, waveform
from microfinish.report.shot_stills import ShotStill

STILL_HEIGHT = 480
THUMB_HEIGHT = 288
ROWS = 6
"""Shots on a page of stills; each page is about 3000 pixels high."""
COLUMNS = 5
"""Pairs across an A/B contact sheet."""
_GAP, _LINE, _TEXT = 14, 20, 15
_PAPER, _INK, _DIM = "#161616", "#f0f0f0", "#a0a0a0"


@dataclass(frozen=True, slots=True)
class LookRow:
    """One of the user's frames under every look, in the order of the grid's titles."""

    name: str
    pictures: tuple[Pixels, ...]


def still_pages(stills: Sequence[ShotStill], title: str) -> tuple[bytes, ...]:
    """PNG pages: before, after, and the scopes of after, a shot a row; one page at least."""
    pages = [stills[start:start + ROWS] for start in range(0, len(stills), ROWS)] or [stills]
    return tuple(_png(_stacked([_still_row(still) for still in page],
                               _numbered(title, number, len(pages))))
                 for number, page in enumerate(pages, start=1))


def one_still(still: ShotStill, title: str) -> bytes:
    """The PNG of one shot with its scopes: what `watch` keeps fresh."""
    return _png(_stacked([_still_row(still)], title))


def ab_page(stills: Sequence[ShotStill], title: str) -> bytes:
    """A PNG of all shots in order, before and after side by side."""
    cells = [_pair(still) for still in stills]
    return _png(_stacked(_rows(cells, COLUMNS), title))


def look_grid(titles: Sequence[str], rows: Sequence[LookRow], title: str) -> bytes:
    """A PNG: the user's frames down, looks across, each picture under the look's name."""
    lines = []
    for row in rows:
        cells = [_labelled(picture, (name, row.name))
                 for name, picture in zip(titles, row.pictures, strict=True)]
        lines += _rows(cells, 7)
    return _png(_stacked(lines, title))


def _still_row(shot: ShotStill) -> Image.Image:
    height = shot.still.after.shape[0]
    scopes = (waveform(shot.still.after, height * 9 // 8, height),
              vectorscope(shot.still.after, height),
              histogram(shot.still.after, height * 3 // 4, height))
    parts = [_labelled(shot.still.before, ("before", *shot.lines[1:2])),
             _labelled(shot.still.after, shot.lines[:2]),
             *(_labelled(scope, (name,)) for scope, name in
               zip(scopes, ("waveform (RGB parade)", "vectorscope", "histogram"), strict=True))]
    return _beside(parts)


def _pair(shot: ShotStill) -> Image.Image:
    both = np.concatenate([shot.still.before, shot.still.after], axis=1)
    return _labelled(both, shot.lines)


def _labelled(picture: Pixels, lines: Sequence[str]) -> Image.Image:
    height, width = picture.shape[:2]
    cell = Image.new("RGB", (width, height + _LINE * len(lines) + 4), _PAPER)
    cell.paste(Image.fromarray(picture), (0, 0))
    draw, font = ImageDraw.Draw(cell), _font()
    for index, line in enumerate(lines):
        draw.text((0, height + 3 + index * _LINE), fitted(line, font, width),
                  _DIM if index else _INK, font=font)
    return cell


def fitted(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """The text, cut at its end with an ellipsis where it is too wide."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…"


def _rows(cells: Sequence[Image.Image], columns: int) -> list[Image.Image]:
    return [_beside(cells[start:start + columns]) for start in range(0, len(cells), columns)]


def _beside(cells: Sequence[Image.Image]) -> Image.Image:
    width = sum(cell.width for cell in cells) + _GAP * (len(cells) - 1)
    row = Image.new("RGB", (width, max(cell.height for cell in cells)), _PAPER)
    left = 0
    for cell in cells:
        row.paste(cell, (left, 0))
        left += cell.width + _GAP
    return row


def _stacked(rows: Sequence[Image.Image], title: str) -> Image.Image:
    width = max((row.width for row in rows), default=640) + 2 * _GAP
    height = sum(row.height + _GAP for row in rows) + 2 * _GAP + _LINE
    page = Image.new("RGB", (width, height), _PAPER)
    font = _font()
    ImageDraw.Draw(page).text((_GAP, _GAP), fitted(title, font, width - 2 * _GAP), _DIM, font=font)
    top = 2 * _GAP + _LINE
    for row in rows:
        page.paste(row, (_GAP, top))
        top += row.height + _GAP
    return page


def _numbered(title: str, number: int, pages: int) -> str:
    return f"{title}, page {number} of {pages}" if pages > 1 else title


def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_dir() / "DejaVuSans.ttf"), _TEXT)


def _png(page: Image.Image) -> bytes:
    data = io.BytesIO()
    page.save(data, "PNG")
    return data.getvalue()
