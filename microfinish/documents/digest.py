"""One digest for any value: equal values have equal digests, unequal kinds never collide."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from microfinish.core.limits import IF_SET

LENGTH = 32
"""Hex digits kept: 128 bits, far beyond accidental collisions in a season's store."""


def digest(value: Any) -> str:
    """The SHA-256 of a tagged canonical form of `value`, as 32 hex digits.

    Takes nouns (frozen dataclasses), tuples, lists, sets, mappings, Fraction, str, bytes, int,
    float, bool, None, Enum members and paths, nested at will. The order of a mapping's keys does
    not count; 1, 1.0, True, "1" and Fraction(1) all differ. A field whose metadata say
    `core.limits.IF_SET` counts only where it is not its default: a noun that gains such a field
    keeps the digests it had. Raises TypeError for anything else.
    """
    parts: list[bytes] = []
    _feed(value, parts)
    return hashlib.sha256(b"".join(parts)).hexdigest()[:LENGTH]


def bytes_digest(data: bytes) -> str:
    """The content hash of a file's bytes, in the same form."""
    return hashlib.sha256(data).hexdigest()[:LENGTH]


def _feed(value: Any, parts: list[bytes]) -> None:
    kind = type(value)
    if kind is str:
        # surrogatepass: file names that are not UTF-8 reach us with lone surrogates
        _atom(b"s", value.encode("utf-8", "surrogatepass"), parts)
    elif value is None:
        parts.append(b"n;")
    elif kind is bool:
        parts.append(b"b1;" if value else b"b0;")
    elif kind is int:
        _atom(b"i", b"%x" % value, parts)
    elif kind is float:
        _atom(b"f", value.hex().encode(), parts)
    elif kind is tuple or kind is list:
        parts.append(b"t%d:" % len(value) if kind is tuple else b"l%d:" % len(value))
        for item in value:
            _feed(item, parts)
    elif is_dataclass(value) and not isinstance(value, type):
        _feed_noun(value, parts)
    else:
        _feed_rare(value, parts)


def _feed_noun(value: Any, parts: list[bytes]) -> None:
    names = [name for name, default in _fields_of(value.__class__)
             if default is MISSING or getattr(value, name) != default]
    _atom(b"D", type(value).__name__.encode(), parts)
    parts.append(b"%d:" % len(names))
    for name in names:
        _atom(b"k", name.encode(), parts)
        _feed(getattr(value, name), parts)


@lru_cache(maxsize=512)
def _fields_of(noun: Any) -> tuple[tuple[str, Any], ...]:
    """A noun's fields by name; the default of those that count only if set, else MISSING."""
    return tuple((field.name, field.default if field.metadata == IF_SET else MISSING)
                 for field in sorted(fields(noun), key=lambda field: field.name))


def _feed_rare(value: Any, parts: list[bytes]) -> None:
    if isinstance(value, Mapping):
        items = sorted((_alone(key), _alone(item)) for key, item in value.items())
        parts.append(b"d%d:" % len(items))
        for key, item in items:
            parts += (key, item)
    elif isinstance(value, (set, frozenset)):
        parts.append(b"S%d:" % len(value))
        parts += sorted(_alone(item) for item in value)
    elif isinstance(value, Enum):
        _atom(b"E", f"{type(value).__name__}.{value.name}".encode(), parts)
    elif isinstance(value, Fraction):
        _atom(b"q", b"%x/%x" % (value.numerator, value.denominator), parts)
    elif isinstance(value, PurePath):
        _atom(b"p", value.as_posix().encode("utf-8", "surrogatepass"), parts)
    elif isinstance(value, (bytes, bytearray)):
        _atom(b"y", bytes(value), parts)
    elif isinstance(value, (str, bool, int, float, tuple, list)):
        bases: tuple[Any, ...] = (str, int, float, tuple, list)
        _feed(next(base for base in bases if isinstance(value, base))(value), parts)
    else:
        raise TypeError(f"cannot take the digest of a {type(value).__name__}")


def _alone(value: Any) -> bytes:
    parts: list[bytes] = []
    _feed(value, parts)
    return b"".join(parts)


def _atom(tag: bytes, data: bytes, parts: list[bytes]) -> None:
    parts.append(b"%s%d:%s;" % (tag, len(data), data))
