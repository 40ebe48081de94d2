"""The import rules of the package, read from its syntax trees; an offender is named file:line."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "microfinish"
LAYERS = ("core", "documents", "project", "pipeline", "stages", "rules", "report", "cli",
          "render", "interchange", "media")
MAY_IMPORT = {
    "core": set(),
    "documents": {"core"},
    "project": {"core", "documents"},
    "pipeline": {"core", "documents", "project"},
    "render": {"core"},
    "interchange": {"core"},
    "media": {"core", "render"},
    "stages": set(LAYERS) - {"stages", "rules", "report", "cli"},
    "rules": set(LAYERS) - {"stages", "rules", "report", "cli"},
    "report": set(LAYERS) - {"stages", "rules", "report", "cli"},
    "cli": set(LAYERS) - {"cli"},
}
"""What each layer may import besides itself. Anything not named here is at the top."""
EXCEPTIONS = {
    # the qc stage runs the rules
    ("stages", "rules"),
}
HOMES = {
    "yaml": {"documents"}, "pydantic": {"documents"}, "pydantic_core": {"documents"},
    "typer": {"cli"}, "rich": {"cli"}, "click": set(),
    "cv2": {"media"}, "av": {"media"}, "colour": {"media"}, "PyOpenColorIO": {"media"},
    "pydub": {"media"}, "scipy": {"media"}, "soxr": {"media"}, "imageio_ffmpeg": {"media"},
    "ffmpeg": {"render"}, "pysubs2": {"interchange"}, "opentimelineio": {"interchange"},
    "numpy": {"media", "stages", "rules", "report"}, "matplotlib": {"report", "media"},
    "jinja2": {"report"}, "distributed": {"pipeline"}, "dask": {"pipeline"},
}
MAX_LINES = 500
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "_presets" not in path.parts)


def layer_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def imports(path: Path) -> Iterator[tuple[int, str, bool]]:
    """(line, dotted name, for types only) of every import statement in a file."""
    tree = ast.parse(path.read_text("utf-8"), str(path))
    typing_only = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.If)
                   and "TYPE_CHECKING" in ast.unparse(node.test)
                   for part in node.body for inner in ast.walk(part)}
    package = ".".join(path.relative_to(ROOT).with_suffix("").parts[:-1])
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, id(node) in typing_only
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parent = package.split(".")[:len(package.split(".")) - node.level + 1]
                base = ".".join([*parent, base]).rstrip(".")
            for alias in node.names:
                whole = f"{base}.{alias.name}" if base in ("microfinish", "") else base
                yield node.lineno, whole, id(node) in typing_only


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT).as_posix()}:{line}"


def test_imports_between_layers_point_one_way() -> None:
    offenders = []
    for path in modules():
        layer = layer_of(path)
        for line, name, _ in imports(path):
            parts = name.split(".")
            if parts[0] != "microfinish" or len(parts) < 2 or layer not in MAY_IMPORT:
                continue
            target = parts[1]
            if target in LAYERS and target != layer and target not in MAY_IMPORT[layer] \
                    and (layer, target) not in EXCEPTIONS:
                offenders.append(f"{place(path, line)}: {layer} must not import {name}")
    assert not offenders, "\n" + "\n".join(offenders)


def test_nothing_but_the_entry_point_imports_the_command_line() -> None:
    offenders = [f"{place(path, line)}: imports {name}" for path in modules()
                 if layer_of(path) != "cli" and path.name != "__main__.py"
                 for line, name, _ in imports(path) if name.startswith("microfinish.cli")]
    assert not offenders, "\n" + "\n".join(offenders)


def test_each_library_is_imported_in_its_home_only() -> None:
    offenders = []
    for path in modules():
        for line, name, typing_only in imports(path):
            library = name.split(".")[0]
            if library in HOMES and layer_of(path) not in HOMES[library] and not typing_only:
                homes = ", ".join(sorted(HOMES[library])) or "nowhere"
                offenders.append(f"{place(path, line)}: {library} belongs in {homes}")
    assert not offenders, "\n" + "\n".join(offenders)


def test_core_needs_nothing_but_python() -> None:
    offenders = [f"{place(path, line)}: core imports {name}" for path in modules()
                 if layer_of(path) == "core" for line, name, _ in imports(path)
                 if name.split(".")[0] not in sys.stdlib_module_names | {"microfinish"}]
    assert not offenders, "\n" + "\n".join(offenders)


def test_only_pure_parts_of_ffmpeg_python_are_used() -> None:
    offenders = [f"{place(path, node.lineno)}: ffmpeg.{node.attr}" for path in modules()
                 for node in ast.walk(ast.parse(path.read_text("utf-8")))
                 if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
                 and node.value.id == "ffmpeg"
                 and node.attr in ("run", "run_async", "probe", "view")]
    assert not offenders, "\n" + "\n".join(offenders)


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_module_says_one_thing_and_says_it_shortly(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= MAX_LINES, f"{place(path, MAX_LINES)}: longer than {MAX_LINES} lines"
    assert path.stem.lower() not in BANNED_NAMES, f"{place(path, 1)}: say what it is about"
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), f"{place(path, 1)}: no docstring"


def test_every_folder_of_modules_is_a_package_and_no_preset_folder_is() -> None:
    folders = {path.parent for path in modules()}
    missing = [f"{folder.relative_to(ROOT).as_posix()}/__init__.py" for folder in sorted(folders)
               if not (folder / "__init__.py").is_file()]
    assert not missing, f"not packages: {missing}"
    assert not list((ROOT / "presets").rglob("__init__.py")), "would shadow the package"
