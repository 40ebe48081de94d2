"""Content hashes of files, remembered as long as the file looks untouched."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from microfinish.core.errors import InputError, Where
from microfinish.documents.atomic import write_text
from microfinish.documents.digest import LENGTH, digest
from microfinish.project.store import Store

_SMALL = 256 * 1024
"""Files up to this size are hashed every time: as fast as looking the hash up, and never stale."""
_SMALL_OF_MANY = 16 * 1024
"""The same for a whole folder of media: a thousand short clips on a server are not read again."""
_SETTLED_SECONDS = 2.5
"""FAT and some network drives date files to 2 s: a younger file could change unseen."""
_PIECE = 8 * 1024 * 1024
"""Read at once: 5 ms of hashing, so that Ctrl-C is heard in the middle of a big file."""
_ALGORITHM = "sha256"
"""Measured per core: SHA-256 1.5 GB/s, BLAKE2b 0.85 GB/s. Processors have had instructions for it
since 2017 (AMD), 2019 (Intel) and 2020 (Apple): the disk is slower."""

State = tuple[str, int, int, int]
"""What must stay the same for a hash to hold: path, size, mtime in ns, inode."""


class Alongside(Protocol):
    """Sees a file's bytes as they are read for their content hash, then that hash."""

    def update(self, data: memoryview, /) -> None: ...

    def done(self, content: str, /) -> None: ...


class Hashes:
    """SHA-256 of file contents, kept by (path, size, mtime, inode) in the process and the store.

    Safe in threads: a file that several ask for is read once.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[State, str] = {}
        self._mutex = threading.Lock()
        self._turns: dict[State, threading.Lock] = {}
        self._told: Callable[[int, int], None] = _silence
        self._check: Callable[[], None] = _go_on
        self.beside: Callable[[Path], Alongside | None] = _nobody
        """Who else wants to see a file's bytes while it is read anyway."""

    @contextmanager
    def watched(
        self, told: Callable[[int, int], None], check: Callable[[], None]
    ) -> Iterator[None]:
        """While the block runs, `told` hears (done, total) of many files where big ones must be
        read, and `check` may stop the reading by raising."""
        before = self._told, self._check
        self._told, self._check = told, check
        try:
            yield
        finally:
            self._told, self._check = before

    def of(self, path: Path, shown: str = "") -> str:
        """The content hash of a file, 32 hex digits. Raises InputError if it cannot be read."""
        return self._of(path, shown, _go_on)

    def of_all(self, files: Sequence[tuple[Path, str]]) -> tuple[str, ...]:
        """`of` many (path, name for messages), told while it lasts if any big one must be read."""
        read = False
        found = []
        for index, (path, shown) in enumerate(files):

            def tell(done: int = index) -> None:
                nonlocal read
                read = True
                self._told(done, len(files))

            found.append(self._of(path, shown, tell, _SMALL_OF_MANY))
        if read:
            self._told(len(files), len(files))
        return tuple(found)

    def _of(self, path: Path, shown: str, before_reading: Callable[[], None],
            small: int = _SMALL) -> str:
        try:
            stat = path.stat()
            if stat.st_size <= small:
                return hashlib.new(_ALGORITHM, path.read_bytes()).hexdigest()[:LENGTH]
            state = (str(path), stat.st_size, stat.st_mtime_ns, stat.st_ino)
            return self._known.get(state) or self._large(path, state, before_reading)
        except OSError as error:
            name = shown or path.name
            raise InputError(f"cannot read {name}: {error.strerror or error}",
                             where=Where(name)) from None

    def _large(self, path: Path, state: State, before_reading: Callable[[], None]) -> str:
        with self._mutex:
            turn = self._turns.setdefault(state, threading.Lock())
        with turn:
            if state not in self._known:
                note = self._note(path)
                found = _recall(note, state)
                if found is None:
                    big = state[1] > _SMALL
                    if big:
                        before_reading()
                    found = self._read(path)
                    if abs(time.time() - state[2] / 1e9) > _SETTLED_SECONDS:
                        write_text(note, json.dumps({"state": list(state[1:]), _ALGORITHM: found}))
                    elif not big:
                        return found
                self._known[state] = found
            return self._known[state]

    def _read(self, path: Path) -> str:
        content, other = hashlib.new(_ALGORITHM), self.beside(path)
        piece = memoryview(bytearray(_PIECE))
        with path.open("rb", buffering=0) as file:
            while size := file.readinto(piece):
                content.update(piece[:size])
                if other:
                    other.update(piece[:size])
                self._check()
        found = content.hexdigest()[:LENGTH]
        if other:
            other.done(found)
        return found

    def _note(self, path: Path) -> Path:
        key = digest(("file", str(path)))
        return self._store.root / "facts" / "files" / key[:2] / f"{key[2:]}.json"


def _recall(note: Path, state: State) -> str | None:
    try:
        known = json.loads(note.read_bytes())
        if known["state"] == list(state[1:]) and len(known[_ALGORITHM]) == LENGTH:
            return str(known[_ALGORITHM])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # absent or damaged: measure again
    return None


def _silence(done: int, total: int) -> None:
    """Hear how far hashing is and tell nobody."""


def _nobody(path: Path) -> None:
    """Nobody wants to see the file."""


def _go_on() -> None:
    """Let hashing go on."""
