"""Checksums of files in the formats of ASC MHL, several in one reading."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import xxhash

from microfinish.core.errors import InputError, Where
from microfinish.core.mhl import FORMATS, c4_text

_PIECE = 4 << 20
_KINDS: dict[str, Callable[[], Any]] = {
    "c4": hashlib.sha512, "md5": lambda: hashlib.md5(usedforsecurity=False),
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "xxh128": xxhash.xxh3_128, "xxh3": xxhash.xxh3_64, "xxh64": xxhash.xxh64,
}


def checksums(
    path: Path, formats: Iterable[str], check: Callable[[], None] | None = None, shown: str = ""
) -> dict[str, str]:
    """The hashes of a file by format, read once. `check` is called every 4 MB and may raise.

    Raises InputError for an unknown format or a file that cannot be read.
    """
    hashers = {name: _hasher(name) for name in formats}
    piece = memoryview(bytearray(_PIECE))
    try:
        with path.open("rb", buffering=0) as file:
            while size := file.readinto(piece):
                for hasher in hashers.values():
                    hasher.update(piece[:size])
                if check:
                    check()
    except OSError as error:
        name = shown or path.name
        raise InputError(f"cannot read {name}: {error.strerror or error}", where=Where(name),
                         hint="check the drive; copy the file again from the card") from None
    return {name: _text(name, hasher) for name, hasher in hashers.items()}


def hasher(format_: str) -> tuple[Callable[[memoryview], None], Callable[[], str]]:
    """(take these bytes too, the hash of all so far). Raises InputError for an unknown format."""
    found = _hasher(format_)
    return found.update, lambda: _text(format_, found)


def checksum_of(data: bytes, format_: str) -> str:
    """The hash of bytes in memory."""
    hasher = _hasher(format_)
    hasher.update(data)
    return _text(format_, hasher)


def _hasher(format_: str) -> Any:
    if format_ not in _KINDS:
        raise InputError(f'there is no checksum format "{format_}"',
                         hint=f"the formats are {', '.join(FORMATS)}")
    return _KINDS[format_]()


def _text(format_: str, hasher: Any) -> str:
    return c4_text(hasher.digest()) if format_ == "c4" else str(hasher.hexdigest())
