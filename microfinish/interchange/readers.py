"""Which reader understands which edit list, by file extension."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from importlib import import_module
from pathlib import PurePosixPath

from microfinish.core.edit import EditList
from microfinish.core.errors import InputError, Where

Reader = Callable[[bytes, str, Fraction], EditList]

READERS: dict[str, str] = {
    ".edl": "microfinish.interchange.edl:read",
    ".fcpxml": "microfinish.interchange.fcpxml:read",
    ".xml": "microfinish.interchange.fcp7:read",
    ".otio": "microfinish.interchange.otio_read:read",
    ".aaf": "microfinish.interchange.aaf:read",
}
"""Extension -> "module:function"; the function takes (bytes, shown file name, rate)."""


def read_edit_list(data: bytes, file: str, rate: Fraction) -> EditList:
    """The edit list in `data`; `file` is its project-relative name.

    Raises InputError for an extension without a reader, naming those that have one.
    """
    return reader_for(file)(data, file, rate)


def reader_for(file: str) -> Reader:
    """The reader of a file's extension, imported now. Raises InputError."""
    extension = PurePosixPath(file).suffix.lower()
    target = READERS.get(extension)
    if target is None:
        raise InputError(f"{extension or 'a file without extension'} edit lists cannot be read yet",
                         where=Where(file),
                         hint=f"supported: edit.yaml, {', '.join(sorted(READERS))}; most editors "
                              "export CMX3600 EDL")
    module, _, name = target.partition(":")
    reader: Reader = getattr(import_module(module), name)
    return reader
