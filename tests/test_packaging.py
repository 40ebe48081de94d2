"""The wheel: the presets are inside, and resolve from a checkout and from the wheel alike."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FIND = ("from microfinish.project.shelves import builtin_presets\n"
        "from microfinish.project.presets import Presets\n"
        "print(builtin_presets())\n"
        "print(*(f'{folder}/{info.name}' for folder in Presets().folders() "
        "for info in Presets().list(folder)))\n")


def presets_tree() -> set[str]:
    tree = ROOT / "presets"
    return {path.relative_to(tree).as_posix() for path in tree.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts}


def found_from(place: Path) -> tuple[Path, set[str]]:
    """Where the package at `place` finds its presets, and their names."""
    environment = {**os.environ, "PYTHONPATH": str(place), "MICROFINISH_PRESETS": str(place / "-")}
    run = subprocess.run([sys.executable, "-P", "-c", FIND], capture_output=True, text=True,
                         check=True, env=environment, cwd=place)
    folder, _, names = run.stdout.partition("\n")
    return Path(folder), set(names.split())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="hatchling builds the wheel")
    out = tmp_path_factory.mktemp("wheel")
    build = subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel",
                            "-d", str(out)], cwd=ROOT, capture_output=True, text=True)
    assert build.returncode == 0, build.stderr
    (found,) = out.glob("*.whl")
    return found


def test_every_preset_is_in_the_wheel_and_nothing_else_is(wheel: Path) -> None:
    prefix = "microfinish/_presets/"
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.removeprefix(prefix) for name in names if name.startswith(prefix)} \
        == presets_tree()
    strangers = [name for name in names
                 if not name.startswith(("microfinish/", "microfinish-"))]
    assert not strangers


def test_the_license_and_the_entry_point_are_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        points = next(name for name in names if name.endswith("entry_points.txt"))
        assert "microfinish = microfinish.__main__:main" in archive.read(points).decode()
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_presets_resolve_from_the_checkout_and_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    in_checkout, names_in_checkout = found_from(ROOT)
    in_wheel, names_in_wheel = found_from(tmp_path)
    assert in_checkout == ROOT / "presets"
    assert in_wheel == tmp_path / "microfinish" / "_presets"
    assert names_in_checkout == names_in_wheel
    assert "platforms/tiktok" in names_in_wheel
