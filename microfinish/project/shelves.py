"""Where presets are kept: the project, the user's folder, plug-ins, and the ones that ship."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

from microfinish.core.errors import EnvironmentFault

ENTRY_POINTS = "microfinish.presets"
SENTINEL = "INDEX.yaml"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of presets. `prefix` begins the names of its files in messages."""

    name: str
    folder: Path
    prefix: str

    def shown(self, path: Path) -> str:
        return f"{self.prefix}/{path.relative_to(self.folder).as_posix()}"


def user_shelf() -> Shelf:
    """The user's own presets: `MICROFINISH_PRESETS`, else the platform's place for settings."""
    chosen = os.environ.get("MICROFINISH_PRESETS")
    folder = Path(chosen).expanduser() if chosen else _settings_folder() / "microfinish" / "presets"
    return Shelf("user", folder, chosen or "(user presets)")


def _settings_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or "~/AppData/Roaming").expanduser()
    if sys.platform == "darwin":
        return Path("~/Library/Application Support").expanduser()
    return Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()


@lru_cache(maxsize=1)
def plugin_shelves() -> tuple[Shelf, ...]:
    """The `presets` folders of packages with an entry point in `microfinish.presets`.

    An entry point names a package: `house = "house_presets"` serves `house_presets/presets/`,
    or the package's own folder where it has no such subfolder.
    """
    if not _some_plugin_is_installed():
        return ()
    from importlib.metadata import entry_points
    from importlib.util import find_spec

    shelves = []
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda p: p.name):
        try:
            spec = find_spec(point.module)
        except (ImportError, ValueError) as error:
            raise EnvironmentFault(f"the preset plug-in {point.name} is broken: {error}",
                                   hint="reinstall or remove its package") from None
        for place in (spec.submodule_search_locations or () if spec else ()):
            own = Path(place) / "presets"
            folder = own if own.is_dir() else Path(place)
            shelves.append(Shelf(f"plug-in {point.name}", folder, f"({point.name} presets)"))
    return tuple(shelves)


def _some_plugin_is_installed() -> bool:
    # importlib.metadata takes 150 ms in a full environment; looking for the word takes 5
    wanted = f"[{ENTRY_POINTS}]".encode()
    for place in dict.fromkeys(sys.path):
        folder = Path(place or ".")
        for pattern in ("*.dist-info/entry_points.txt", "*.egg-info/entry_points.txt"):
            for file in folder.glob(pattern):
                try:
                    if wanted in file.read_bytes():
                        return True
                except OSError:
                    continue
    return False


@lru_cache(maxsize=1)
def builtin_shelf() -> Shelf:
    """The presets that ship with microfinish. Raises EnvironmentFault where they are missing."""
    return Shelf("built in", builtin_presets(), "(built-in presets)")


def builtin_presets() -> Path:
    """The folder of the built-in presets: in the wheel, else beside the package in a checkout."""
    packaged = Path(str(resources.files("microfinish") / "_presets"))
    if (packaged / SENTINEL).is_file():
        return packaged
    checkout = Path(__file__).resolve().parents[2] / "presets"
    if (checkout / SENTINEL).is_file():  # without the sentinel it is somebody else's `presets`
        return checkout
    raise EnvironmentFault("the built-in presets are missing", hint="reinstall microfinish")
