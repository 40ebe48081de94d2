"""Presets: names to values, each value with the place it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from microfinish.core.errors import InputError, Problem, Where
from microfinish.documents.digest import digest
from microfinish.project.layout import Layout
from microfinish.project.paths import natural_key, nfc
from microfinish.project.shelves import Shelf, builtin_shelf, plugin_shelves, user_shelf

if TYPE_CHECKING:
    from microfinish.core.deliver import Platform
    from microfinish.documents.places import Parsed

T = TypeVar("T")
Chain: TypeAlias = "list[tuple[Path, Parsed]]"
Infos: TypeAlias = "list[PresetInfo]"

SUFFIX = ".yaml"
NOTE_KEYS = ("level", "certainty", "source", "checked_on", "note")
"""What a value may say about itself when it is written as `{value: 23, level: must, ...}`."""
_MAX_PARENTS = 16


@dataclass(frozen=True, slots=True)
class Resolved(Generic[T]):
    """A preset's value after `extends`, and where everything in it was written.

    `origins` maps a dotted key to "file:line", `notes` to what the value says about itself
    (level, certainty, source, checked_on). `digest` is of the content alone: renaming a preset,
    or moving a value to its parent, changes nothing. `chain` names the files, nearest first.
    """

    name: str
    value: T
    origins: dict[str, str]
    digest: str
    path: Path
    notes: dict[str, dict[str, str]] = field(default_factory=dict)
    chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PresetInfo:
    """One preset that a name finds. `shelf` is project, user, plug-in NAME or built in."""

    name: str
    folder: str
    shelf: str
    path: Path
    title: str = ""


class Presets:
    """The presets that a project sees: its own first, then the user's, plug-ins', built-in."""

    def __init__(self, root: Path | None = None) -> None:
        self._root = root
        self._resolved: dict[tuple[str, str, Any], Resolved[Any]] = {}
        self.platforms: dict[tuple[Any, ...], tuple[Platform, ...]] = {}
        """What `project.deliverables` made of the presets, by the settings that decide it."""

    @cached_property
    def shelves(self) -> tuple[Shelf, ...]:
        """Where presets are looked for, in order. Raises EnvironmentFault."""
        own = [Shelf("project", Layout(self._root).presets, "presets")] if self._root else []
        return (*own, user_shelf(), *plugin_shelves(), builtin_shelf())

    def resolve(self, folder: str, ref: str, type_: type[T]) -> Resolved[T]:
        """The preset `ref` of `folder` ("looks", "cool-isolation"), with its parents merged in.

        `ref` may carry the folder (`looks/cool-isolation`) or be a path ending in .yaml, relative
        to the project. Raises InputError for an unknown name or a cycle, ProblemsError for what
        is wrong inside.
        """
        key = (folder, ref, type_)
        if key not in self._resolved:
            self._resolved[key] = self._resolve(folder, ref, type_)
        return self._resolved[key]

    def find(self, folder: str, ref: str, suffixes: tuple[str, ...] = (SUFFIX,)) -> Path:
        """The file that a reference means: a preset, or a LUT with `suffixes=(".cube",)`.

        Raises InputError that lists the nearest names.
        """
        return self._find(folder, ref, suffixes)[0]

    def list(self, folder: str, suffixes: tuple[str, ...] = (SUFFIX,)) -> Infos:
        """Every preset of a folder that a name can find, in natural order, nearest shelf wins."""
        found: dict[str, PresetInfo] = {}
        for shelf in self.shelves:
            for path in _files(shelf.folder / folder, suffixes):
                name = nfc(path.relative_to(shelf.folder / folder).with_suffix("").as_posix())
                if name not in found:
                    found[name] = PresetInfo(name, folder, shelf.name, path, _title(path))
        return sorted(found.values(), key=lambda info: natural_key(info.name))

    def folders(self) -> tuple[str, ...]:
        """The kinds of presets there are: platforms, looks, ..."""
        names = {path.name for shelf in self.shelves for path in _folders(shelf.folder)}
        return tuple(sorted(names))

    def _find(self, folder: str, ref: str, suffixes: tuple[str, ...]) -> tuple[Path, str]:
        if ref.endswith(suffixes):
            path = Path(ref) if self._root is None else self._root / ref
            if path.is_file():
                return path, self._shown(path)
            if "/" in ref.removeprefix(f"{folder}/") or ref.startswith("."):
                raise InputError(f"there is no file {ref}", where=Where(ref),
                                 hint="paths are relative to the project's folder")
        name = ref.removeprefix(f"{folder}/")
        name = next((name.removesuffix(s) for s in suffixes if name.endswith(s)), name)
        if ".." in name.split("/") or name.startswith(("/", "~")) or not name:
            raise InputError(f"{ref!r} is not the name of a preset",
                             hint="write a name such as `presets list` shows, or a path to a "
                                  f"file ending in {suffixes[0]}")
        for shelf in self.shelves:
            for suffix in suffixes:
                path = shelf.folder / folder / f"{name}{suffix}"
                if path.is_file():
                    return path, shelf.shown(path)
        raise self._unknown(folder, ref, name, suffixes)

    def _unknown(self, folder: str, ref: str, name: str, suffixes: tuple[str, ...]) -> InputError:
        names = [info.name for info in self.list(folder, suffixes)]
        near = get_close_matches(name, names, 3, 0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else (
            f"{folder}: {', '.join(names)}" if names else f"put it into presets/{folder}/")
        return InputError(f"there is no preset {folder}/{name}" if name == ref else
                          f"there is no preset {ref}", hint=hint)

    def _resolve(self, folder: str, ref: str, type_: type[T]) -> Resolved[T]:
        from microfinish.documents.places import merge
        from microfinish.documents.validate import validate

        chain = self._chain(folder, ref)
        merged = chain[-1][1]
        for _, child in reversed(chain[:-1]):
            merged = merge(merged, child)
        notes: dict[str, dict[str, str]] = {}
        _unwrap(merged, notes)
        origins: dict[str, str] = {}
        _collect_origins(merged.data, "", origins)
        path = chain[0][0]
        name = _preset_name(ref, folder)
        named = _give_name(merged, type_, name)
        value = validate(merged, type_)
        content: Any = replace(value, name="") if named else value  # type: ignore[type-var]
        return Resolved(name, value, origins, digest((content, notes)), path, notes,
                        tuple(parsed.file for _, parsed in chain))

    def _chain(self, folder: str, ref: str) -> Chain:
        """The preset and its parents, nearest first, `extends` taken out."""
        from microfinish.documents.places import PlacedDict, raise_all
        from microfinish.documents.validate import read

        chain: Chain = []
        path, shown = self._find(folder, ref, (SUFFIX,))
        while True:
            parsed = read(path, shown)
            chain.append((path, parsed))
            if not isinstance(parsed.data, PlacedDict) or "extends" not in parsed.data:
                return chain
            mark = parsed.data.value_marks["extends"]
            parent = parsed.data.pop("extends")
            if not isinstance(parent, str):
                raise_all([parsed.problem(mark, "extends must be the name of one preset",
                                          "name the parent: `extends: tiktok`")])
            path, shown = self._parent(folder, parent, chain, parsed, mark)

    def _parent(self, folder: str, ref: str, chain: Chain, parsed: Parsed,
                mark: Any) -> tuple[Path, str]:
        from microfinish.documents.places import raise_all

        problem: Problem
        try:
            path, shown = self._parent_file(folder, ref, chain)
        except InputError as error:
            problem = parsed.problem(mark, error.message, error.hint)
        else:
            seen = [other for other, _ in chain]
            if path not in seen and len(chain) < _MAX_PARENTS:
                return path, shown
            names = [other.file for _, other in chain[seen.index(path) if path in seen else 0:]]
            problem = parsed.problem(mark, "extends leads in a circle: "
                                     + " -> ".join([*names, shown]), "break it at one place")
        raise_all([problem])
        raise AssertionError("raise_all raises")

    def _parent_file(self, folder: str, ref: str,
                     chain: Chain) -> tuple[Path, str]:
        """A parent by name. A preset that extends its own name means the next shelf's."""
        current = chain[-1][0]
        name = ref.removeprefix(f"{folder}/").removesuffix(SUFFIX)
        for index, shelf in enumerate(self.shelves):
            if current == shelf.folder / folder / f"{name}{SUFFIX}":
                for lower in self.shelves[index + 1:]:
                    path = lower.folder / folder / f"{name}{SUFFIX}"
                    if path.is_file():
                        return path, lower.shown(path)
        return self._find(folder, ref, (SUFFIX,))

    def _shown(self, path: Path) -> str:
        for shelf in self.shelves:
            if path.is_relative_to(shelf.folder):
                return shelf.shown(path)
        return Layout(self._root).shown(path) if self._root else path.as_posix()


def _preset_name(ref: str, folder: str) -> str:
    if ref.endswith(SUFFIX):
        return Path(ref).stem
    return ref.removeprefix(f"{folder}/")


def _give_name(parsed: Parsed, type_: Any, name: str) -> bool:
    """A noun with a `name` that the file leaves out is called after its preset."""
    has_name = is_dataclass(type_) and any(f.name == "name" for f in fields(type_))
    if has_name and isinstance(parsed.data, dict) and "name" not in parsed.data:
        parsed.data["name"] = name
        return True
    return False


def _unwrap(parsed: Parsed, notes: dict[str, dict[str, str]]) -> None:
    """Replace `{value: x, level: ...}` by x everywhere, keeping what it says about itself."""
    from microfinish.documents.places import PlacedDict, PlacedList

    def walk(node: Any, at: str) -> Any:
        if isinstance(node, PlacedDict):
            if _is_note(node):
                said = {k: str(v) for k, v in node.items() if k != "value" and v is not None}
                if said:
                    notes[at] = said
                return walk(node["value"], at)
            for key in node:
                if isinstance(node[key], PlacedDict) and _is_note(node[key]):
                    node.value_marks[key] = node[key].value_marks["value"]
                node[key] = walk(node[key], f"{at}.{key}" if at else key)
        elif isinstance(node, PlacedList):
            for index, item in enumerate(node):
                node[index] = walk(item, f"{at}.{index}")
        return node

    parsed.data = walk(parsed.data, "")


def _is_note(node: Mapping[str, Any]) -> bool:
    return "value" in node and len(node) > 1 and all(
        key == "value" or key in NOTE_KEYS for key in node)


def _collect_origins(node: Any, at: str, origins: dict[str, str]) -> None:
    from microfinish.documents.places import PlacedDict

    if not isinstance(node, PlacedDict):
        return
    for key, value in node.items():
        name = f"{at}.{key}" if at else key
        if isinstance(value, PlacedDict) and value:
            _collect_origins(value, name, origins)
        else:
            mark = node.value_marks[key]
            origins[name] = f"{mark.file}:{mark.line}"


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in folder.rglob("*")
            if path.suffix.lower() in suffixes and not path.name.startswith(".")
            and path.is_file()]


def _folders(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir()
                if path.is_dir() and not path.name.startswith((".", "_"))]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _title(path: Path) -> str:
    """A preset's `title:` line, without reading the rest; "" where it has none at the top level."""
    if path.suffix != SUFFIX:
        return ""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            for line in file:
                if line.startswith("title:"):
                    return line.removeprefix("title:").strip().strip("\"'")
    except OSError:
        pass
    return ""
