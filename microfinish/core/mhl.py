"""ASC MHL nouns: what a copy of a folder held, generation by generation (ASC MHL v2.0, 2022)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

FOLDER = "ascmhl"
CHAIN = "ascmhl_chain.xml"
FORMATS = ("c4", "md5", "sha1", "xxh128", "xxh3", "xxh64")
"""The hash formats of the standard, in the order its schema lists them."""
DEFAULT_IGNORE = (".DS_Store", "ascmhl", "ascmhl/")

_C4_LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_C4_LENGTH = 88


@dataclass(frozen=True, slots=True)
class HashEntry:
    """One file of a generation. `path` is relative to the history's folder, with slashes.

    `hashes` is by format; `action` is original, verified or failed. `previous` is the path it had
    in an earlier generation. `line` is where the manifest says so.
    """

    path: str
    hashes: dict[str, str]
    size: int | None = None
    action: str = ""
    modified: str = ""
    previous: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class DirectoryHash:
    """`content` covers what a folder holds, `structure` its names too; both by format. The path
    of the history's own folder is "."."""

    path: str
    content: dict[str, str]
    structure: dict[str, str]
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A manifest of a nested history, by relative path, with its C4 ID."""

    path: str
    c4: str


@dataclass(frozen=True, slots=True)
class HashList:
    """One manifest: one generation of a history. `process` is in-place, transfer or flatten."""

    file: str
    created: str = ""
    host: str = ""
    tool: str = ""
    tool_version: str = ""
    process: str = "in-place"
    entries: tuple[HashEntry, ...] = ()
    directories: tuple[DirectoryHash, ...] = ()
    references: tuple[Reference, ...] = ()
    ignore: tuple[str, ...] = ()
    comment: str = ""
    losses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChainLink:
    """A line of `ascmhl_chain.xml`: a generation's manifest and its C4 ID."""

    number: int
    path: str
    c4: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """All generations found beside a folder's files, oldest first. `folder` is relative to the
    folder that was asked about, "" for itself."""

    folder: str
    generations: tuple[HashList, ...]
    chain: tuple[ChainLink, ...] = ()
    broken: tuple[str, ...] = ()
    """Manifests that the chain does not vouch for, with why."""
    ignore: tuple[str, ...] = field(default=DEFAULT_IGNORE)


def c4_text(sha512: bytes) -> str:
    """The C4 ID (SMPTE ST 2114) of a SHA-512 digest: 90 letters of base 58."""
    number = int.from_bytes(sha512, "big")
    letters = ""
    while number:
        number, rest = divmod(number, 58)
        letters = _C4_LETTERS[rest] + letters
    return "c4" + letters.rjust(_C4_LENGTH, "1")


def c4_of(data: bytes) -> str:
    """The C4 ID of bytes in memory."""
    return c4_text(hashlib.sha512(data).digest())


def hash_bytes(format_: str, value: str) -> bytes:
    """The bytes that a hash's text stands for. Raises ValueError for what is no such text."""
    if format_ != "c4":
        return bytes.fromhex(value)
    number = 0
    for letter in value[2:]:
        number = number * 58 + _C4_LETTERS.index(letter)
    return number.to_bytes(64, "big")
