"""Make a deliverable of finished parts: join the segments, mux the soundtrack, check, publish."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from microfinish.core.errors import ToolError
from microfinish.media.ffmpeg import run
from microfinish.media.rendering import count_pictures
from microfinish.render.joining import concat_list, mux_arguments


@dataclass(frozen=True, slots=True)
class Parts:
    """What a deliverable is made of: segment files in order, the soundtrack, what it says."""

    segments: Sequence[Path]
    sound: Path | None
    rate: Fraction
    frames: int
    container: str
    metadata: tuple[tuple[str, str], ...] = ()
    timecode: str = ""


def make_master(parts: Parts, target: Path, scratch: Path) -> tuple[str, int]:
    """Write `target` atomically; returns its content digest (sha256, 32 hex digits) and size.

    An unchanged set of parts gives the same bytes. Raises ToolError where the join does not hold
    exactly `parts.frames` pictures; the old file then stays.
    """
    listing = scratch / "segments.txt"
    listing.write_text(concat_list([str(path) for path in parts.segments]), encoding="utf-8")
    made = scratch / f"master{target.suffix}"
    run(mux_arguments(str(listing), str(parts.sound or ""), str(made), parts.rate,
                      parts.container, parts.metadata, parts.timecode),
        what=f"joining {target.name}")
    found = count_pictures(made)
    if found != parts.frames:
        raise ToolError(f"{target.name} would hold {found} frames instead of {parts.frames}",
                        hint="`microfinish cache clear` and run again; if it stays, report a bug")
    return file_digest(made), publish(made, target)


def publish(made: Path, target: Path) -> int:
    """Put a finished file in its place in one step; returns its size in bytes."""
    size = made.stat().st_size
    target.parent.mkdir(parents=True, exist_ok=True)
    landing = target.with_name(f".{target.name}.{os.getpid()}.part")
    _copy_durably(made, landing)
    landing.replace(target)
    return size


def file_digest(path: Path) -> str:
    """sha256 of a file's bytes, first 32 hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:32]


def _copy_durably(source: Path, target: Path) -> None:
    # The store may live on another disk than the project, where a rename would not be atomic.
    try:
        with source.open("rb") as reader, target.open("wb") as writer:
            while block := reader.read(1 << 20):
                writer.write(block)
            writer.flush()
            os.fsync(writer.fileno())
    except OSError:
        target.unlink(missing_ok=True)
        raise
