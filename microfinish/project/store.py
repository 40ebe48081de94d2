"""The store: rendered and measured things by content key. All of it can be deleted at any time."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Container, Iterator
from pathlib import Path
from secrets import token_hex
from stat import S_ISREG

from microfinish.documents.atomic import replace
from microfinish.project.processes import Process, this_process

_KEY = re.compile(r"[0-9a-z]{4,128}\Z")
_FAN_OUT = 2
_DAY_SECONDS = 86_400
_OWNER = re.compile(r"(?P<pid>\d+)-(?P<started>\d+)-[0-9a-f]+-(?P<host>.+)\Z")


class Store:
    """Files named by the hash of everything that decides their content.

    A key is lower-case hex; `ab/cdef....mp4` holds key `abcdef...` with suffix `.mp4`. What is
    there is whole: files arrive by `publish` only. Several processes and hosts may share a store.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._swept = False

    def path(self, key: str, suffix: str) -> Path:
        """Where the file of `key` is, or would be. Raises ValueError for a key that is none."""
        if not _KEY.match(key):
            raise ValueError(f"{key!r} is not a store key")
        return self.root / key[:_FAN_OUT] / f"{key[_FAN_OUT:]}{suffix}"

    def get(self, key: str, suffix: str) -> Path | None:
        """The file of `key` if the store has it. Marks it as used, for `prune`."""
        path = self.path(key, suffix)
        try:
            status = path.stat()
        except OSError:
            return None
        if not S_ISREG(status.st_mode):
            return None
        if time.time() - _used(status) > _DAY_SECONDS:
            with contextlib.suppress(OSError):  # somebody else's file, or a read-only store
                os.utime(path, ns=(time.time_ns(), status.st_mtime_ns))
        return path

    def publish(self, tmp: Path, key: str, suffix: str) -> Path:
        """Move a finished file into the store, on disk first, in one step; gives its new path.

        `tmp` comes from `scratch` (the same filesystem). Where two processes publish one key, the
        last wins, with equal content.
        """
        path = self.path(key, suffix)
        # Windows flushes only through handles that may write
        with tmp.open("rb+") as file:
            os.fsync(file.fileno())
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(tmp, path)
        return path

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """An empty folder for work in hand, on the store's filesystem; removed at the end."""
        if not self._swept:
            self._swept = True
            self.sweep()
        me = this_process()
        folder = self._tmp / f"{me.pid}-{me.started}-{token_hex(4)}-{me.host}"
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def sweep(self) -> int:
        """Remove scratch folders whose process died on this host; gives their number."""
        removed = 0
        for folder in _entries(self._tmp):
            owner = _OWNER.match(folder.name)
            if owner and Process(owner["host"], int(owner["pid"]),
                                 int(owner["started"])).is_dead():
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
        return removed

    def size(self) -> int:
        """Bytes in the store, work in hand included."""
        return sum(_size(Path(folder) / name)
                   for folder, _, names in os.walk(self.root) for name in names)

    def count(self) -> int:
        """How many rendered and measured things the store holds; facts are not counted."""
        return sum(1 for _ in self._pieces(()))

    def prune(self, max_bytes: int, pinned: Container[str] = ()) -> int:
        """Delete what was not used for the longest time until `max_bytes` are left; gives the
        bytes freed.

        Keys in `pinned` stay, and so do facts and work in hand, whatever the size: what cannot go
        still counts. A file that is used within a day of its last use is not marked again.
        """
        excess = self.size() - max_bytes
        freed = 0
        for _, path, size in sorted(self._pieces(pinned)):
            if freed >= excess:
                break
            try:
                path.unlink()
            except OSError:  # in use on Windows, or gone already
                continue
            freed += size
        return freed

    def _pieces(self, pinned: Container[str]) -> Iterator[tuple[float, Path, int]]:
        """(last use, path, bytes) of every file that holds a key, but the pinned ones."""
        for folder in _entries(self.root):
            if len(folder.name) != _FAN_OUT:
                continue
            for path in _entries(folder):
                try:
                    status = path.stat()
                except OSError:
                    continue
                key = folder.name + path.name.partition(".")[0]
                if S_ISREG(status.st_mode) and key not in pinned:
                    yield _used(status), path, status.st_size

    def clear(self) -> int:
        """Delete everything but other live processes' work in hand; gives the bytes freed."""
        before = self.size()
        self.sweep()
        for entry in _entries(self.root):
            if entry == self._tmp:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)
        return before - self.size()

    @property
    def _tmp(self) -> Path:
        return self.root / "tmp"


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _used(status: os.stat_result) -> float:
    return max(status.st_atime, status.st_mtime)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:  # removed since the folder was listed
        return 0
