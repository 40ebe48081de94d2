"""OpenTimelineIO JSON: text to its objects, and the line of each, or words about what is wrong."""

from __future__ import annotations

import json
import re
from typing import Any

import opentimelineio as otio

from microfinish.core.errors import InputError, Where
from microfinish.core.timeline import Loss
from microfinish.interchange.otio_shape import needed, wrong

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 200
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[\[\]{}]', re.DOTALL)
_SCHEMA = re.compile(r'"OTIO_SCHEMA"\s*:\s*"([A-Za-z_]\w*)\.(\d{1,9})"')
_INFINITE = re.compile(r'"(?:\\.|[^"\\])*"|\bInf\b', re.DOTALL)
_NEAR_LINE = re.compile(r"near line (\d+)")
_UNTIMED = frozenset({"Marker", "Effect"})
"""Schemas that move no picture: newer versions of them are left out."""


def loads(data: bytes, file: str) -> tuple[Any, str, list[Loss]]:
    """(root object, text, losses) of an .otio file. Raises InputError with the line."""
    if len(data) > MAX_BYTES:
        raise InputError(f"the OTIO file is larger than {MAX_BYTES >> 20} MiB", where=Where(file))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("the OTIO file is not UTF-8",
                         where=Where(file, data[:error.start].count(b"\n") + 1),
                         hint="OpenTimelineIO files are UTF-8 JSON") from None
    _check_depth(text, file)
    try:
        # OpenTimelineIO 0.18 can crash the process on text that is no JSON
        tree = json.loads(_INFINITE.sub(_spelled_out, text))
    except ValueError as error:
        line = getattr(error, "lineno", 0)
        raise InputError(f"this is not JSON: {getattr(error, 'msg', error)}",
                         where=Where(file, line, getattr(error, "colno", 0)),
                         hint="the file may have been cut off or changed in transfer; "
                              "export it again") from None
    readable, losses = _known_schemas(text, tree, file)
    if said := wrong(json.loads(readable) if losses else tree,
                     otio.core.type_version_map()):
        raise InputError(f"this is not OpenTimelineIO: {said}", where=Where(file),
                         hint="export it again")
    try:
        return otio.core.deserialize_json_from_string(
            json.dumps(needed(json.loads(readable) if losses else tree))), text, losses
    except (otio.exceptions.OTIOError, ValueError, TypeError, KeyError, RuntimeError,
            OverflowError) as error:
        found = _NEAR_LINE.search(str(error))
        raise InputError(f"OpenTimelineIO cannot read the file: {_said(error)}",
                         where=Where(file, int(found[1]) if found else 0),
                         hint="export it again") from None


def _spelled_out(token: re.Match[str]) -> str:
    """Infinity as Python's JSON reads it; strings are left alone."""
    return token[0] if token[0].startswith('"') else token[0].replace("Inf", "Infinity")


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _check_depth(text: str, file: str) -> None:
    depth = 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        depth += (mark in "[{") - (mark in "]}") if len(mark) == 1 else 0
        if depth > MAX_DEPTH:
            raise InputError(f"the OTIO file is more than {MAX_DEPTH} levels deep",
                             where=Where(file, _line(text, token.start())))


def _known_schemas(text: str, tree: Any, file: str) -> tuple[str, list[Loss]]:
    """The text without newer objects that carry no time; other newer ones are refused."""
    known: dict[str, int] = dict(otio.core.type_version_map())
    losses: list[Loss] = []
    for match in _SCHEMA.finditer(text):
        name, version = match[1], int(match[2])
        if name not in known or version <= known[name]:
            continue
        line = _line(text, match.start())
        newer = f"{name}.{version} is newer than OpenTimelineIO {otio.__version__} can read"
        if name not in _UNTIMED:
            raise InputError(
                f"{newer} (up to {name}.{known[name]})", where=Where(file, line),
                hint="export it for an older OpenTimelineIO, or install a newer one: "
                     "pip install -U opentimelineio")
        losses.append(Loss(file, line, match[0], "info", f"{newer}; it is left out"))
    return (json.dumps(_without_newer(tree, known)) if losses else text), losses


def _without_newer(value: Any, known: dict[str, int]) -> Any:
    if isinstance(value, list):
        return [_without_newer(item, known) for item in value if not _newer(item, known)]
    if isinstance(value, dict):
        return {key: _without_newer(item, known) for key, item in value.items()}
    return value


def _newer(item: Any, known: dict[str, int]) -> bool:
    if not isinstance(item, dict):
        return False
    match = re.fullmatch(r"(\w+)\.(\d{1,9})", str(item.get("OTIO_SCHEMA", "")))
    return match is not None and match[1] in _UNTIMED and int(match[2]) > known.get(match[1], 0)


def lines_of(text: str, schema: str) -> list[int]:
    """The line of every object of a schema, in the order of the text."""
    found, line, at = [], 1, 0
    for match in _SCHEMA.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        if match[1] == schema:
            found.append(line)
    return found


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
