"""Where a look's LUT file is: in the project, or on one of the shelves of presets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from microfinish.core.color import LookLut
from microfinish.core.errors import InputError
from microfinish.project.ocio_files import CONFIG_SUFFIXES
from microfinish.project.presets import Presets

LUT_SUFFIXES = (".cube", ".clf", ".ctf", ".csp", ".3dl", ".spi1d", ".spi3d")


def is_lut_file(ref: str) -> bool:
    """Whether a look is named by a LUT file, not by a preset."""
    return ref.lower().endswith(LUT_SUFFIXES)


def find_lut(presets: Presets, ref: str) -> Path:
    """The file of a LUT: a project path, or a name under `luts/` (or `looks/`) of any shelf.

    A config of OpenColorIO is found too. Raises InputError that names the nearest LUTs.
    """
    if ref.lower().endswith(CONFIG_SUFFIXES):
        return presets.find("luts", ref, CONFIG_SUFFIXES)
    try:
        return presets.find("luts", ref, LUT_SUFFIXES)
    except InputError as error:
        try:
            return presets.find("looks", ref, LUT_SUFFIXES)
        except InputError:
            raise error from None


def lut_finder(root: Path) -> Callable[[LookLut], Path]:
    """What baking asks for a LUT's file with, in the project at `root`."""
    presets = Presets(root)
    return lambda lut: find_lut(presets, lut.file)
