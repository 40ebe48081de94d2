"""Nouns as plain data: what a document or a `--json` answer can hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from microfinish.core.errors import Where

_PLACE = re.compile(r"^(.*?)(?::(\d+))?(?::(\d+))?\Z", re.DOTALL)


def plain(value: Any, *, drop_defaults: bool = False) -> Any:
    """`value` as dicts, lists, str, int, float, bool and None.

    Fractions become "25/1", tuples lists, paths POSIX text, places "file:line:column". With
    `drop_defaults`, fields equal to their default are left out.
    """
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, Where):
        return place_text(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {key: plain(item, drop_defaults=drop_defaults)
                for key, item in noun_items(value, drop_defaults)}
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, Mapping):
        return {_key_text(key): plain(item, drop_defaults=drop_defaults)
                for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(item, drop_defaults=drop_defaults) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(plain(item, drop_defaults=drop_defaults) for item in value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, PurePath):
        return value.as_posix()
    raise TypeError(f"a {type(value).__name__} has no plain form")


def noun_items(noun: Any, drop_defaults: bool) -> list[tuple[str, Any]]:
    """(key, value) of a noun's fields in order, without defaults if they are to be dropped."""
    items = []
    for name, key, default in _fields_of(noun.__class__):
        value = getattr(noun, name)
        if drop_defaults and type(value) is type(default) and _same(value, default):
            continue
        items.append((key, value))
    return items


def key_of(field_name: str) -> str:
    """The key of a field in a document: `in_` is written `in`."""
    return field_name.removesuffix("_")


def place_text(where: Where) -> str:
    """`file:line:column` such that `parse_place` gives back the same place."""
    text = str(where)
    return text if parse_place(text) == where else f"{where.file}:{where.line}:{where.column}"


def parse_place(text: str) -> Where:
    """The place named by `file`, `file:line` or `file:line:column`."""
    match = _PLACE.match(text)
    if match is None:
        return Where(text)
    return Where(match[1], int(match[2] or 0), int(match[3] or 0))


def _same(value: Any, default: Any) -> bool:
    # -0.0 == 0.0 and 1 == True hide differences that a document must keep
    return bool(value == default) and repr(value) == repr(default)


@lru_cache(maxsize=512)
def _fields_of(noun_type: Any) -> tuple[tuple[str, str, Any], ...]:
    return tuple((field.name, key_of(field.name), _default_of(field))
                 for field in fields(noun_type) if field.init)


def _default_of(field: Field[Any]) -> Any:
    if field.default is not MISSING:
        return field.default
    if field.default_factory is not MISSING:
        return field.default_factory()
    return MISSING


def _key_text(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a document's keys are text, not {type(key).__name__}")
    return key
