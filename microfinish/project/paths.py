"""Names of files and episodes: compared as people see them, kept as the disk has them."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from microfinish.core.errors import InputError

VIDEO_SUFFIXES = frozenset(
    (".mov", ".mp4", ".m4v", ".mxf", ".mkv", ".webm", ".avi", ".mts", ".m2ts", ".ts", ".mpg",
     ".mpeg", ".3gp", ".braw", ".r3d", ".insv"))
SOUND_SUFFIXES = frozenset(
    (".wav", ".bwf", ".rf64", ".w64", ".aif", ".aiff", ".flac", ".mp3", ".m4a", ".aac", ".ogg",
     ".opus", ".caf"))
MEDIA_SUFFIXES = VIDEO_SUFFIXES | SOUND_SUFFIXES
_IGNORED = frozenset({"thumbs.db", "desktop.ini", "$recycle.bin", "system volume information"})
_DIGITS = re.compile(r"(\d+)")


def nfc(name: str) -> str:
    """The composed form of a name: macOS hands out `e` + accent, Windows and Linux `é`."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def same_name(left: str, right: str, *, case_matters: bool = True) -> bool:
    """Whether two names look the same; without `case_matters` as macOS and Windows compare."""
    left, right = nfc(left), nfc(right)
    return left == right if case_matters else left.casefold() == right.casefold()


def best_name(wanted: str, names: tuple[str, ...]) -> str | None:
    """The one of `names` that `wanted` means: exact, else composed alike, else but for case.

    None where there is none, or where only the case could tell several apart.
    """
    if wanted in names:
        return wanted
    for case_matters in (True, False):
        found = [name for name in names if same_name(wanted, name, case_matters=case_matters)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts `ep2` before `ep10`."""
    return tuple((0, int(part), part) if part.isdecimal() else (1, 0, part.casefold())
                 for part in _DIGITS.split(nfc(name)) if part)


def is_relative_inside(name: str) -> bool:
    """Whether a written path stays inside the project on every platform."""
    posix = PurePosixPath(name.replace("\\", "/"))
    return bool(name) and not posix.is_absolute() and not PureWindowsPath(name).drive \
        and ".." not in posix.parts


def inside(root: Path, relative: str) -> Path:
    """The path of an output in the project. Raises InputError where it would leave it.

    Symbolic links count: a `deliver` that points elsewhere is refused.
    """
    if not is_relative_inside(relative):
        raise InputError(f"{relative} is not inside the project",
                         hint="write a path relative to the project's folder")
    path = root / relative
    if not path.resolve().is_relative_to(root.resolve()):
        raise InputError(f"{relative} leads out of the project through a symbolic link",
                         hint="replace the link by a folder")
    return path


def media_files(folder: Path) -> Iterator[Path]:
    """Camera and recorder files under `folder`, at any depth, in natural order.

    Follows links to folders (media often live on a server), each folder once. Hidden files,
    AppleDouble `._*` companions and system files are left out.
    """
    return (path for path in files_below(folder) if is_media(path.name))


def files_below(folder: Path) -> Iterator[Path]:
    """Every file that `media_files` looks at: camera files, and the logs and manifests beside."""
    yield from _walk(folder, {os.path.realpath(folder)})


def is_media(name: str) -> bool:
    """Whether a file is a camera or recorder file, by its extension."""
    return os.path.splitext(name)[1].lower() in MEDIA_SUFFIXES  # noqa: PTH122


def _walk(folder: Path, seen: set[str]) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: natural_key(entry.name))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name.casefold() in _IGNORED:
            continue
        if entry.is_dir():
            real = os.path.realpath(entry.path)
            if real not in seen:
                seen.add(real)
                yield from _walk(folder / entry.name, seen)
        elif entry.is_file():
            yield folder / entry.name
