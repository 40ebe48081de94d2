"""Pictures that `show` and `presets` write: PNG pages, never among the media."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from microfinish.core.errors import InputError

if TYPE_CHECKING:
    from microfinish.project.episode import Episode


def png_path(episode: Episode, file: Path) -> Path:
    """The file a picture is written to. Raises InputError for no PNG, or one among the media."""
    if file.suffix.lower() != ".png":
        raise InputError(f"{file.name} is not a PNG", hint="name the sheet like sheet.png")
    if file.resolve().is_relative_to(episode.layout.media.resolve()):
        raise InputError(f"{file.name} would be written among the media",
                         hint="media/ is read only: put the sheet elsewhere")
    return file


def write_pages(file: Path, pages: tuple[bytes, ...]) -> tuple[Path, ...]:
    """Write `FILE.png`, then `FILE-2.png` on; the pages' paths."""
    from microfinish.documents.atomic import write_bytes

    paths = tuple(file if number == 1 else file.with_name(f"{file.stem}-{number}{file.suffix}")
                  for number in range(1, len(pages) + 1))
    for path, data in zip(paths, pages, strict=True):
        write_bytes(path, data)
    return paths
