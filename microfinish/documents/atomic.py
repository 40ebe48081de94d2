"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import glob
import os
import time
from pathlib import Path
from secrets import token_hex

_WINDOWS_RETRIES = 20
_LEFT_OVER_SECONDS = 60.0


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 with Unix line ends; see `write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Replace `path` by `data` in one step, making its folder if need be.

    A reader sees the old file or the new one, never a part, and after a crash so does the next
    run: the data are on disk (fsync) before the name points to them. The new name itself may be
    lost in a power cut until the folder is flushed, which is done where the platform can.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # not mkstemp: its files are private (0600), and a post house shares its documents
    temporary = path.with_name(f".{path.name[:80]}.{os.getpid()}.{token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def replace(source: Path, target: Path) -> None:
    """`os.replace`, then flush the folder. Waits up to 1 s for a Windows reader to let go."""
    for attempt in range(_WINDOWS_RETRIES):
        try:
            source.replace(target)
            break
        except PermissionError:
            # virus scanners and players hold files open for a moment on Windows
            if os.name != "nt" or attempt == _WINDOWS_RETRIES - 1:
                raise
            time.sleep(0.05)
    flush_folder(target.parent)


def sweep(path: Path) -> None:
    """Remove what writers of `path` left behind when they were killed, over a minute ago."""
    with contextlib.suppress(OSError):
        for left in path.parent.glob(f".{glob.escape(path.name[:80])}.*.tmp"):
            if time.time() - left.stat().st_mtime > _LEFT_OVER_SECONDS:
                left.unlink(missing_ok=True)


def flush_folder(folder: Path) -> None:
    """Make renames in `folder` durable; does nothing where folders cannot be opened (Windows)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

