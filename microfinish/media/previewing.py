"""Make the file of a preview: join its pieces, burn what it says, mux its sound, publish."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from microfinish.core.deliver import PictureSpec
from microfinish.core.errors import ToolError
from microfinish.media.ffmpeg import run
from microfinish.media.fonts import font_dir
from microfinish.media.mastering import file_digest, publish
from microfinish.media.rendering import count_pictures
from microfinish.render.joining import concat_list
from microfinish.render.preview import preview_arguments, shrink_arguments


@dataclass(frozen=True, slots=True)
class PreviewParts:
    """Pieces in order, the soundtrack, ASS scripts from the lowest to the topmost."""

    pieces: Sequence[Path]
    sound: Path | None
    scripts: Sequence[str]
    rate: Fraction
    frames: int
    title: str


def shrink(source: Path, target: Path, spec: PictureSpec, rate: Fraction, frames: int,
           label: str, cancelled: Callable[[], bool]) -> None:
    """Make a small piece of a rendered one. Raises ToolError where frames are lost."""
    run(shrink_arguments(str(source), str(target), spec, rate), cancelled=cancelled,
        what=f"making {label} small")
    found = count_pictures(target)
    if found != frames:
        raise ToolError(f"{label} came out with {found} frames instead of {frames}",
                        hint="`microfinish cache clear` and run again; if it stays, report a bug")


def make_preview(parts: PreviewParts, target: Path, scratch: Path,
                 cancelled: Callable[[], bool]) -> tuple[str, int]:
    """Write `target` atomically; returns its content digest and size in bytes.

    Raises ToolError where it would not hold exactly `parts.frames` pictures.
    """
    listing = scratch / "pieces.txt"
    listing.write_text(concat_list([str(path) for path in parts.pieces]), encoding="utf-8")
    scripts = []
    for number, text in enumerate(parts.scripts):
        path = scratch / f"burn{number}.ass"
        path.write_text(text, encoding="utf-8")
        scripts.append(str(path))
    made = scratch / "preview.mp4"
    run(preview_arguments(str(listing), str(parts.sound or ""), str(made), parts.rate, scripts,
                          str(font_dir()), parts.title),
        cancelled=cancelled, what=f"making {target.name}")
    found = count_pictures(made)
    if found != parts.frames:
        raise ToolError(f"{target.name} would hold {found} frames instead of {parts.frames}",
                        hint="`microfinish cache clear` and run again; if it stays, report a bug")
    return file_digest(made), publish(made, target)
