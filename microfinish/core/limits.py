"""Limits and spellings that a noun declares about its own fields, for validators and schemas.

    gain_db: Annotated[float, Ge(-60), Le(24)] = 0.0
    rate: Rate = Fraction(25)

The markers do nothing at run time; `documents` reads them when it turns text into nouns and when
it exports JSON Schema. A field whose name would be a Python keyword ends in an underscore, which
its key in a document does not: `in_` is written `in:`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from microfinish.core.time import parse_rate


@dataclass(frozen=True, slots=True)
class Ge:
    """The number must be at least this."""

    bound: float


@dataclass(frozen=True, slots=True)
class Gt:
    """The number must be more than this."""

    bound: float


@dataclass(frozen=True, slots=True)
class Le:
    """The number must be at most this."""

    bound: float


@dataclass(frozen=True, slots=True)
class Lt:
    """The number must be less than this."""

    bound: float


@dataclass(frozen=True, slots=True)
class Matches:
    """The text must match this regular expression from end to end; `example` shows how."""

    pattern: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class Spelled:
    """The field is written as one text or number, which `parse` turns into the value.

    `parse` raises InputError or ValueError with a message for people. `pattern` is for the
    exported schema only.
    """

    parse: Callable[[Any], Any]
    example: str = ""
    pattern: str = ""


Rate = Annotated[Fraction, Spelled(parse_rate, "25", r"^\d+(\.\d+)?(/\d+)?$")]
"""A frame rate in a human file: `25`, `"23.976"`, `29.97` and `24000/1001` are all exact."""


IF_SET = {"digest": "if set"}
"""Metadata of a field that counts in digests only where it is not its default. A noun that gains
such a field keeps the digests it had: what was rendered under them stays valid."""
