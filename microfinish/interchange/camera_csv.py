"""Camera and media reports as CSV: what ARRI Meta Extract, Silverstack, Resolve, Sony and DITs' own
sheets say about clips, read into the same rows as an Avid log.

Only the columns of `COLUMNS` are taken; the others are counted out by name. Resolve writes UTF-16,
spreadsheets of many countries write semicolons, and per-frame reports repeat a clip in many rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from microfinish.core.errors import InputError, Where
from microfinish.core.time import parse_rate
from microfinish.core.timeline import Loss
from microfinish.interchange.ale import MAX_BYTES, Ale, AleRow
from microfinish.interchange.edl_lines import decode

COLUMNS: dict[str, tuple[str, ...]] = {
    "Source File": ("file name", "filename", "source file", "file path", "path", "file"),
    "Name": ("clip name", "camera clip name", "name", "clip", "clip id", "original clip name"),
    "Tape": ("reel name", "reel", "tape", "reel number", "camera reel", "roll", "roll/card",
             "roll card #", "magazine"),
    "Start": ("start tc", "tc start", "start timecode", "timecode start", "master tc", "tc in",
              "start", "timecode in"),
    "Scene": ("scene", "scene name"),
    "Take": ("take", "take number", "take #"),
    "Shot": ("shot", "slate", "setup", "slate info"),
    "Angle": ("angle",),
    "Circled": ("circled", "circle take", "good take", "tag"),
    "Camera": ("camera", "camera #", "camera id", "camera index", "cam", "unit", "camera letter"),
    "Camera Model": ("camera model", "camera type", "camera model name", "model name"),
    "Camera Serial": ("camera serial", "camera serial #", "camera serial number",
                      "serial number"),
    "Lens": ("lens", "lens type", "lens model", "lens name"),
    "Focal Length": ("focal length", "focal point (mm)", "lens focal length",
                     "focal length (mm)"),
    "Iris": ("camera aperture", "iris", "aperture", "lens iris", "f-stop", "t-stop", "stop"),
    "ISO": ("iso", "ei", "asa", "exposure index", "exposure index asa", "iso/asa"),
    "White Balance": ("white balance", "white point (kelvin)", "white point", "wb",
                      "color temperature", "white balance (kelvin)"),
    "Tint": ("tint", "white balance tint", "cc shift", "green/magenta"),
    "Shutter": ("shutter", "shutter angle", "exposure time", "shutter speed"),
    "Filter": ("filter", "nd filter", "nd", "camera filter"),
    "Gamma": ("gamma", "gamma notes", "transfer function", "log curve"),
    "Color Space": ("color space", "color space notes", "color gamut", "gamut"),
    "LUT": ("lut", "lut used", "lut 1", "look", "look name", "look file name"),
    "Comment": ("comments", "comment", "notes", "description", "remarks"),
    "FPS": ("shot frame rate", "camera fps", "frame rate", "fps", "project fps", "sensor fps"),
}
"""What a column is kept as, and the names it goes by (without case and spaces around), the first
one that is there wins."""
_NAMES = ("Source File", "Name", "Tape")
_TELLING = set(COLUMNS) - {*_NAMES, "FPS"}


@dataclass(frozen=True, slots=True)
class _Header:
    line: int
    used: dict[int, str]
    ignored: tuple[str, ...]
    width: int


def read_camera_csv(data: bytes, file: str) -> Ale:
    """The clips of a report. Raises InputError for a CSV that is no report about clips."""
    if len(data) > MAX_BYTES:
        raise InputError(f"{len(data)} bytes are no camera report", where=Where(file))
    text = decode(data)[0].lstrip("\ufeff")
    rows = list(_rows(text, file))
    header = next((found for line, cells in rows[:20] if (found := _header(line, cells))), None)
    if header is None:
        raise InputError("no column names a clip and something about it", where=Where(file),
                         hint="its first line must hold names such as File Name, Scene, Take")
    losses = []
    if count := len(header.ignored):
        what = "1 column is" if count == 1 else f"{count} columns are"
        losses.append(Loss(file, header.line, "", "info", f"{what} not used: "
                           f"{', '.join(header.ignored[:8])}{', ...' if count > 8 else ''}"))
    clips: dict[tuple[str, ...], AleRow] = {}
    for line, cells in rows:
        if line <= header.line or not any(cells):
            continue
        if len(cells) > header.width and any(cells[header.width:]):
            losses.append(Loss(file, line, ",".join(cells)[:100], "warning",
                               f"{len(cells)} fields for {header.width} columns"))
        values = {name: cells[index] for index, name in header.used.items()
                  if index < len(cells) and cells[index]}
        clip = tuple(values.get(name, "") for name in _NAMES)
        if any(clip):
            # a per-frame report says where a clip begins in its first row
            clips.setdefault(clip, AleRow(values, Where(file, line)))
    return Ale(_rate(clips.values()), tuple(header.used.values()), tuple(clips.values()), {},
               tuple(losses))


def _rows(text: str, file: str) -> list[tuple[int, list[str]]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t|", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise InputError(f"this is no CSV: {error}", where=Where(file, reader.line_num),
                         hint="export the report again as CSV") from None


def _header(line: int, cells: list[str]) -> _Header | None:
    """The columns a line names; None for a line that is no header."""
    names = [re.sub(r"\s+", " ", cell).strip().casefold() for cell in cells]
    used: dict[int, str] = {}
    for kept, known in COLUMNS.items():
        index = next((names.index(name) for name in known if name in names), None)
        if index is not None and index not in used:
            used[index] = kept
    kinds = set(used.values())
    if not (kinds & set(_NAMES) and kinds & _TELLING):
        return None
    ignored = tuple(cell for index, cell in enumerate(cells) if cell and index not in used)
    return _Header(line, dict(sorted(used.items())), ignored, len(cells))


def _rate(rows: Iterable[AleRow]) -> Fraction | None:
    """The one rate that all clips state, if they do."""
    rates = {row.values.get("FPS", "") for row in rows}
    if len(rates) != 1:
        return None
    try:
        return parse_rate(rates.pop().partition(" ")[0])
    except InputError:
        return None
