"""Facts: what was measured once about a content, kept by kind, version and key."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from microfinish.documents.atomic import write_text
from microfinish.documents.digest import digest
from microfinish.project.hashes import Hashes
from microfinish.project.store import Store

T = TypeVar("T")


class Facts:
    """Measurements on disk, so that no file is measured twice. Safe to delete.

    A fact is JSON-able: dicts with text keys, lists, str, numbers, bool, None. Lists come back
    as lists, tuples as lists; floats come back exactly.
    """

    def __init__(self, store: Store, hashes: Hashes) -> None:
        self._store = store
        self._hashes = hashes
        self._known: dict[str, str] = {}

    def get(self, kind: str, version: int, key: str, compute: Callable[[], T]) -> T:
        """The fact of `kind` about `key` (a content hash, plus whatever else decides it).

        Measured by `compute` if it is not known; a damaged entry is measured again. Raise
        `version` when the measurement changes. Each call gives a fresh copy.
        """
        name = digest((kind, version, key))
        text = self._known.get(name) or self._recall(name, kind, version, key)
        if text is None:
            entry = {"kind": kind, "version": version, "key": key, "fact": compute()}
            text = json.dumps(entry, ensure_ascii=True)
            write_text(self._path(name, kind), text)
        self._known[name] = text
        fact: T = json.loads(text)["fact"]
        return fact

    def file_digest(self, path: Path) -> str:
        """The content hash of a file, remembered while it looks untouched."""
        return self._hashes.of(path)

    def _recall(self, name: str, kind: str, version: int, key: str) -> str | None:
        try:
            text = self._path(name, kind).read_text("utf-8")
            entry: Any = json.loads(text)
            same = (entry["kind"], entry["version"], entry["key"]) == (kind, version, key)
            return text if same and "fact" in entry else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _path(self, name: str, kind: str) -> Path:
        safe = "".join(char if char.isalnum() and char.isascii() else "-" for char in kind)
        return self._store.root / "facts" / safe / name[:2] / f"{name[2:]}.json"
