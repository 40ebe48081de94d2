"""Avid Log Exchange: what the logger wrote about each clip, read with places, and written.

Three parts: `Heading` pairs, one line of `Column` names, `Data` rows, fields set apart by tabs
(Avid Log Specifications, chapter "Avid Log Exchange"). Nothing in a row is judged here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from microfinish.core.cdl import Cdl, number_text, sop_text
from microfinish.core.errors import InputError, Where
from microfinish.core.finding import Finding
from microfinish.core.media import Media, MediaLog
from microfinish.core.media_index import folded
from microfinish.core.relink import own_frames, own_rate
from microfinish.core.time import format_timecode, parse_rate
from microfinish.core.timeline import Loss
from microfinish.interchange.edl_lines import decode

MAX_BYTES = 64 * 1024 * 1024
_KEYS = {"scene": ("scene",), "take": ("take",), "reel": ("tape", "reel", "reel name", "camroll"),
         "name": ("source file", "source file path", "filename", "file name", "clipname",
                  "reel_name", "name")}

_NOT_TAGS = {"name", "tracks", "start", "end", "duration", "fps", "scene", "take", "tape", "reel",
             "source file", "source file path", "filename", "file name", "drive", "offline"}


@dataclass(frozen=True, slots=True)
class AleRow:
    """One clip. `values` by column as written; empty fields are left out."""

    values: dict[str, str]
    where: Where

    def first(self, what: str) -> str:
        """The first value under the usual column names for scene, take or reel."""
        folded_values = {key.casefold(): value for key, value in self.values.items()}
        return next((folded_values[key] for key in _KEYS[what] if key in folded_values), "")


@dataclass(frozen=True, slots=True)
class Ale:
    """A whole file: `rate` is its FPS, None where it states none."""

    rate: Fraction | None
    columns: tuple[str, ...]
    rows: tuple[AleRow, ...]
    heading: dict[str, str] = field(default_factory=dict)
    losses: tuple[Loss, ...] = ()


def read_ale(data: bytes, file: str) -> Ale:
    """The clips of an .ale file. Raises InputError, with the line, where it is none."""
    if len(data) > MAX_BYTES:
        raise InputError(f"{len(data)} bytes are no ALE", where=Where(file))
    text, _ = decode(data)
    rows = [(number, row) for number, row in enumerate(re.split(r"\r\n|\r|\n", text), 1)]
    parts = _parts(rows, file)
    heading = _heading(parts.get("heading", []))
    columns = next((tuple(name.strip() for name in row.split("\t"))
                    for _, row in parts["column"] if row.strip()), ())
    if not any(columns):
        raise InputError("the ALE names no columns", where=Where(file),
                         hint="a line of column names must follow `Column`")
    losses: list[Loss] = []
    found = []
    for number, row in parts["data"]:
        if not row.strip():
            continue
        cells = [cell.strip() for cell in row.split("\t")]
        if any(cells[len(columns):]):
            losses.append(Loss(file, number, row.strip()[:100], "warning",
                               f"{len(cells)} fields for {len(columns)} columns; the rest is not "
                               "used"))
        values = {name: cell for name, cell in zip(columns, cells, strict=False) if name and cell}
        if values:
            found.append(AleRow(values, Where(file, number)))
    return Ale(_rate(heading, file), columns, tuple(found), heading, tuple(losses))


def _parts(rows: list[tuple[int, str]], file: str) -> dict[str, list[tuple[int, str]]]:
    parts: dict[str, list[tuple[int, str]]] = {}
    here: list[tuple[int, str]] | None = None
    for number, row in rows:
        word = row.strip().casefold()
        if word in ("heading", "column", "data") and word not in parts:
            here = parts.setdefault(word, [])
        elif here is not None:
            here.append((number, row))
        elif word:
            raise InputError("this is no ALE: it does not begin with `Heading`",
                             where=Where(file, number), hint="export an Avid Log Exchange file")
    for needed in ("column", "data"):
        if needed not in parts:
            raise InputError(f"the ALE has no `{needed.title()}` part", where=Where(file),
                             hint="the file may have been cut off; export it again")
    return parts


def _heading(rows: list[tuple[int, str]]) -> dict[str, str]:
    """Pairs; some programs write them all on one line."""
    found: dict[str, str] = {}
    for _, row in rows:
        cells = [cell.strip() for cell in row.strip().split("\t") if cell.strip()]
        found.update(zip(cells[::2], cells[1::2], strict=False))
    return found


def _rate(heading: dict[str, str], file: str) -> Fraction | None:
    text = next((value for key, value in heading.items() if key.upper() == "FPS"), "")
    try:
        return parse_rate(text) if text else None
    except InputError as error:
        raise InputError(f"FPS {error.message}", where=Where(file), hint=error.hint) from None


def matches(row: AleRow, media: Media) -> bool:
    """Whether a row is about this file: by file or clip name, else by reel and start timecode.

    Names are compared without case, folder and extension; where the row states a start timecode
    and the file one too, they must agree. A reel holds many clips: alone it names none.
    """
    start = row.values.get("Start", "")
    stated = bool(start) and media.start_frame is not None
    if not _names(row) & {folded(media.path), folded(media.name)}:
        return stated and folded(row.first("reel")) == folded(media.reel) != "" \
            and _starts(media, start)
    return not stated or _starts(media, start)


def _starts(media: Media, label: str) -> bool:
    rate = own_rate(media, Fraction(24))
    own = format_timecode(media.start_frame or 0, rate, media.timecode_drop)
    return _digits(own) == _digits(label)


def _names(row: AleRow) -> set[str]:
    return {folded(value) for key, value in row.values.items()
            if key.casefold() in (*_KEYS["name"], *_KEYS["reel"])}


def _own_names(media: Media) -> set[str]:
    return {folded(media.path), folded(media.name), folded(media.reel)} - {""}


def described(media: Iterable[Media], sheets: Iterable[tuple[str, Ale]],
              ) -> tuple[tuple[Media, ...], tuple[Finding, ...]]:
    """The media with what the logs say of them, and what in the logs fits no file or two ways.

    Scene and take of a log win, since a person wrote them; its reel only where the file has
    none. All other columns become tags beside the file's own.
    """
    found, findings = list(media), []
    for shown, sheet in sheets:
        used: set[int] = set()
        by_name: dict[str, list[AleRow]] = {}
        for row in sheet.rows:
            for name in _names(row):
                by_name.setdefault(name, []).append(row)
        for index, item in enumerate(found):
            near = {row.where.line: row for name in _own_names(item)
                    for row in by_name.get(name, ())}
            rows = [near[line] for line in sorted(near) if matches(near[line], item)]
            if rows:
                used.update(row.where.line for row in rows)
                found[index] = _with(item, rows[0])
            if len({tuple(sorted(row.values.items())) for row in rows}) > 1:
                lines = ", ".join(str(row.where.line) for row in rows[:8])
                findings.append(Finding(
                    "log.sheet", "warning", f"{shown}: lines {lines} are all about {item.path}; "
                    "the first is used", item.path))
        missed = [row for row in sheet.rows if row.where.line not in used]
        if missed:
            names = ", ".join(row.first("name") or "unnamed" for row in missed[:5])
            findings.append(Finding("log.sheet", "info", f"{shown}: {len(missed)} of "
                                    f"{len(sheet.rows)} rows fit no file in media/: {names}",
                                    shown))
        findings += [Finding("log.sheet", loss.severity, f"{shown}:{loss.line}: {loss.reason}",
                             shown) for loss in sheet.losses]
    return tuple(found), tuple(findings)


def _with(media: Media, row: AleRow) -> Media:
    extra = {key: value for key, value in row.values.items()
             if key.casefold() not in _NOT_TAGS and key not in media.tags}
    return replace(media, scene=row.first("scene") or media.scene,
                   take=row.first("take") or media.take, reel=media.reel or row.first("reel"),
                   tags={**media.tags, **extra})


def _digits(label: str) -> str:
    return re.sub(r"[;.,]", ":", label.strip())


def write_ale(media_log: MediaLog, rate: Fraction, cdls: Mapping[str, Cdl] | None = None) -> str:
    """The media log as an .ale text at the project's `rate`; each row counts at its own.

    `cdls` by media path add the columns ASC_SOP and ASC_SAT, as on-set tools write them.
    """
    tags = sorted({key for media in media_log.media for key in media.tags})
    columns = ["Name", "Tracks", "Start", "End", "Duration", "Tape", "Scene", "Take", "FPS",
               "Source File", *(tag for tag in map(_cell, tags) if tag)]
    rows = [_row(media, rate, tags) for media in media_log.media]
    if cdls:
        columns += ["ASC_SOP", "ASC_SAT"]
        for row, media in zip(rows, media_log.media, strict=True):
            cdl = cdls.get(media.path)
            row += [sop_text(cdl), number_text(cdl.saturation)] if cdl is not None else ["", ""]
    heading = [("FIELD_DELIM", "TABS"), ("VIDEO_FORMAT", "CUSTOM"), ("AUDIO_FORMAT", "48khz"),
               ("FPS", _fps(rate))]
    lines = ["Heading", *("\t".join(pair) for pair in heading), "", "Column",
             "\t".join(columns), "", "Data", *("\t".join(row) for row in rows)]
    return "\r\n".join(lines) + "\r\n"


def _row(media: Media, rate: Fraction, tags: list[str]) -> list[str]:
    own, start = own_rate(media, rate), media.start_frame or 0
    length = own_frames(media, rate)
    tracks = "V" if media.picture else ""
    channels = sum(sound.channels for sound in media.sounds)
    tracks += f"A1-{channels}" if channels > 1 else "A1" if channels else ""
    values = [media.name, tracks, format_timecode(start, own, media.timecode_drop),
              format_timecode(start + length, own, media.timecode_drop),
              format_timecode(length, own, media.timecode_drop), media.reel, media.scene,
              media.take, _fps(own), media.path.rpartition("/")[2]]
    return [_cell(value) for value in values] + [_cell(media.tags.get(tag, "")) for tag in tags]


def _fps(rate: Fraction) -> str:
    return str(rate.numerator) if rate.denominator == 1 else f"{float(rate):.3f}"


def _cell(text: str) -> str:
    return " ".join(text.split())
