"""The show's own OpenColorIO config: where it is, and one digest of it and of its LUT files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Protocol

from microfinish.core.errors import InputError
from microfinish.documents.digest import digest

CONFIG_SUFFIXES = (".ocio", ".ocioz")
_SEARCH_PATH = re.compile(r"^\s*search_path:\s*(.+?)\s*$", re.MULTILINE)
_SOURCE = re.compile(r"\bsrc:\s*\"?([^\s,}\"]+)")
_LISTED = re.compile(r"^\s*-\s*(\S+)\s*$")


class Hashes(Protocol):
    """The part of the project's content hashes that is needed here."""

    def of(self, path: Path, shown: str) -> str: ...


def config_digest(root: Path, config: str, hashes: Hashes) -> str:
    """The content of a config and of every LUT file that it names and that is there.

    Raises InputError where the file is missing, outside the project or no config by its name.
    """
    path = root / config
    if not config.lower().endswith(CONFIG_SUFFIXES):
        raise InputError(f"{config} is no OpenColorIO config",
                         hint=f"name a file that ends in {' or '.join(CONFIG_SUFFIXES)}")
    if config.startswith(("/", "~")) or ".." in Path(config).parts:
        raise InputError(f"{config} lies outside the project",
                         hint="copy the config into the project, so that it travels along")
    if not path.is_file():
        raise InputError(f"there is no file {config}",
                         hint="the path is relative to the project's folder")
    contents = [hashes.of(path, config)]
    if config.lower().endswith(".ocio"):
        contents += [hashes.of(file, file.name) for file in _luts(path)]
    return digest(tuple(contents))


def _luts(config: Path) -> list[Path]:
    text = config.read_text("utf-8", "replace")
    match = _SEARCH_PATH.search(text)
    folders = [config.parent]
    if match:
        folders += [config.parent / name for name in match[1].strip("\"'[]").split(":") if name]
    else:
        folders += [config.parent / item[1] for line in text.splitlines()
                    if (item := _LISTED.match(line))]
    luts = {folder / name for name in _SOURCE.findall(text) for folder in folders
             if (folder / name).is_file()}
    return sorted(luts)
