"""Content hashes of files, remembered as long as the file looks untouched."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

from microfinish.core.errors import InputError, Where
from microfinish.documents.atomic import write_text
from microfinish.documents.digest import LENGTH, digest
from microfinish.project.store import Store

_SMALL = 256 * 1024
"""Files up to this size are hashed every time: as fast as looking the hash up, and never stale."""
_SETTLED_SECONDS = 2.5
"""FAT and some network drives date files to 2 s: a younger file could change unseen."""


class Hashes:
    """SHA-256 of file contents, kept by (path, size, mtime, inode) in the process and the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[str, int, int, int], str] = {}

    def of(self, path: Path, shown: str = "") -> str:
        """The content hash of a file, 32 hex digits. Raises InputError if it cannot be read."""
        try:
            stat = path.stat()
            if stat.st_size <= _SMALL:
                return hashlib.sha256(path.read_bytes()).hexdigest()[:LENGTH]
            return self._large(path, stat)
        except OSError as error:
            name = shown or path.name
            raise InputError(f"cannot read {name}: {error.strerror or error}",
                             where=Where(name)) from None

    def _large(self, path: Path, stat: os.stat_result) -> str:
        state = (str(path), stat.st_size, stat.st_mtime_ns, stat.st_ino)
        if state in self._known:
            return self._known[state]
        note = self._note(path)
        found = _recall(note, state)
        if found is None:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()[:LENGTH]
            if abs(time.time() - stat.st_mtime) > _SETTLED_SECONDS:
                write_text(note, json.dumps({"state": list(state[1:]), "sha256": found}))
        self._known[state] = found
        return found

    def _note(self, path: Path) -> Path:
        key = digest(("file", str(path)))
        return self._store.root / "facts" / "files" / key[:2] / f"{key[2:]}.json"


def _recall(note: Path, state: tuple[str, int, int, int]) -> str | None:
    try:
        known = json.loads(note.read_bytes())
        if known["state"] == list(state[1:]) and len(known["sha256"]) == LENGTH:
            return str(known["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # absent or damaged: measure again
    return None
