"""The plain dialect of YAML that stages' documents are written in: a fast writer and its inverse.

Block mappings and lists, two spaces a level; short mappings and lists of numbers stay on one line.
Text is plain where every YAML reader agrees that it is text, else in JSON's double quotes. The
same data always give the same text, and any YAML reader gives the same data back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

_PLAIN = re.compile(r"(?:[A-Za-z_][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@+()-]+)*|-?\d+/\d+)\Z")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"})
# what YAML does not allow raw, and what UTF-8 cannot hold
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_INT = re.compile(r"-?\d+\Z")
_SPECIAL: dict[str, Any] = {".inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan"),
            "null": None, "true": True, "false": False, "{}": {}, "[]": []}
_FLOW_ITEMS = 4
_unquote: Callable[[str, int], tuple[str, int]] = json.decoder.scanstring  # type: ignore[attr-defined]
"""The text of a JSON string whose first character is at an index, and the index after it."""


def emit(data: Mapping[str, Any]) -> str:
    """The text of a mapping of plain data; "" for an empty one."""
    lines: list[str] = []
    _mapping(data, "", lines)
    return "\n".join(lines) + "\n" if lines else ""


def _mapping(data: Mapping[str, Any], indent: str, lines: list[str]) -> None:
    for key, value in data.items():
        _entry(f"{indent}{text(key)}:", value, indent, lines)


def _entry(head: str, value: Any, indent: str, lines: list[str]) -> None:
    if isinstance(value, dict) and value and not _is_short(value.values()):
        lines.append(head)
        _mapping(value, indent + "  ", lines)
    elif isinstance(value, list) and value and not _is_short(value):
        lines.append(head)
        _list(value, indent, lines)
    else:
        lines.append(f"{head} {_inline(value)}")


def _list(data: list[Any], indent: str, lines: list[str]) -> None:
    for item in data:
        if isinstance(item, (dict, list)) and item and not _is_short(
                item.values() if isinstance(item, dict) else item):
            start = len(lines)
            if isinstance(item, dict):
                _mapping(item, indent + "  ", lines)
            else:
                _list(item, indent + "  ", lines)
            lines[start] = f"{indent}- {lines[start][len(indent) + 2:]}"
        else:
            lines.append(f"{indent}- {_inline(item)}")


def _is_short(values: Any) -> bool:
    return len(values) <= _FLOW_ITEMS and all(
        value is None or type(value) in (int, float, bool) for value in values)


def _inline(value: Any) -> str:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        return f"[{', '.join(_inline(item) for item in value)}]"
    if isinstance(value, dict):
        inner = ", ".join(f"{text(key)}: {_inline(item)}" for key, item in value.items())
        return f"{{{inner}}}"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    return str(value)


def _number(value: float) -> str:
    if value != value:
        return ".nan"
    if value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    shown = repr(value)
    # YAML 1.1 readers take 1e+16 for text: it wants a point
    return shown if "." in shown or "e" not in shown else shown.replace("e", ".0e")


def text(value: str) -> str:
    """A text, quoted if some YAML reader would take the bare word for something else."""
    if _PLAIN.match(value) and value.lower() not in _WORDS:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


def read(body: str) -> dict[str, Any]:
    """The data of a text that `emit` wrote. Raises ValueError for any other text."""
    lines = body.split("\n")
    if lines.pop():
        raise ValueError("the last line is not ended")
    data, end = _read_mapping(lines, 0, 0) if lines else ({}, 0)
    if end != len(lines):
        raise ValueError(f"line {end + 1} does not belong")
    return data


def _read_mapping(lines: list[str], at: int, indent: int) -> tuple[dict[str, Any], int]:
    data: dict[str, Any] = {}
    count = len(lines)
    while at < count:
        line = lines[at]
        if line[:indent].strip(" ") or line[indent:indent + 1] in ("", " ", "-"):
            break
        key, rest = _split_key(line, indent)
        if rest:
            data[key] = _read_inline(rest)
            at += 1
        else:
            data[key], at = _read_block(lines, at + 1, indent)
    return data, at


def _read_block(lines: list[str], at: int, indent: int) -> tuple[Any, int]:
    if at < len(lines) and lines[at].startswith("- ", indent) and not lines[at][:indent].strip():
        return _read_list(lines, at, indent)
    return _read_mapping(lines, at, indent + 2)


def _read_list(lines: list[str], at: int, indent: int) -> tuple[list[Any], int]:
    data: list[Any] = []
    count = len(lines)
    while at < count and lines[at].startswith("- ", indent) and not lines[at][:indent].strip(" "):
        rest = lines[at][indent + 2:]
        if rest.startswith("- "):
            lines[at] = f"{'': <{indent + 2}}{rest}"
            inner, at = _read_list(lines, at, indent + 2)
            data.append(inner)
        elif _starts_mapping(rest):
            lines[at] = f"{'': <{indent + 2}}{rest}"
            item, at = _read_mapping(lines, at, indent + 2)
            data.append(item)
        else:
            data.append(_read_inline(rest))
            at += 1
    return data, at


def _starts_mapping(rest: str) -> bool:
    if rest[0] == '"':
        _, end = _unquote(rest, 1)
        return rest.startswith(":", end)
    return rest[0] not in "{[" and (rest.endswith(":") or ": " in rest)


def _split_key(line: str, indent: int) -> tuple[str, str]:
    if line[indent] == '"':
        key, end = _unquote(line, indent + 1)
        if line[end:end + 1] != ":":
            raise ValueError(f"no colon after the key in {line!r}")
        return key, line[end + 2:]
    key, colon, rest = line[indent:].partition(":")
    if not colon:
        raise ValueError(f"no colon in {line!r}")
    return key, rest[1:]


def _read_inline(rest: str) -> Any:
    first = rest[0]
    if first == '"':
        quoted, end = _unquote(rest, 1)
        if end != len(rest):
            raise ValueError(f"text after the quotes in {rest!r}")
        return quoted
    if rest in _SPECIAL:
        special = _SPECIAL[rest]
        return type(special)() if isinstance(special, (dict, list)) else special
    if first == "[":
        return [_read_inline(item) for item in rest[1:-1].split(", ")]
    if first == "{":
        return _read_flow_mapping(rest[1:-1])
    if first in "-0123456789":
        if _INT.match(rest):
            return int(rest)
        return rest if "/" in rest else float(rest)
    return rest


def _read_flow_mapping(inner: str) -> dict[str, Any]:
    data: dict[str, Any] = {}
    at = 0
    while at < len(inner):
        key, rest = _split_key(inner, at)
        value, _, tail = rest.partition(", ")
        data[key] = _read_inline(value)
        at = len(inner) - len(tail) if tail else len(inner)
    return data
