"""A stage from another package is found, placed, run and explained like a built-in one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a Python that has the sample plug-in, built from its pyproject.

    The wheel is unpacked, which is what `pip install --target` does with a pure one: a
    virtual environment need not hold pip.
    """
    folder = tmp_path_factory.mktemp("plug-in")
    source = shutil.copytree(HERE / "microfinish-slate", folder / "source")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")],
        cwd=source, check=False, capture_output=True, text=True,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    paths = os.pathsep.join([str(folder / "site"), str(REPOSITORY)])
    return {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture
def show(tmp_path: Path) -> Path:
    """A project whose chain is the plug-in's stage alone."""
    folder = tmp_path / "show"
    for name in ("ep001", "ep002"):
        (folder / "episodes" / name).mkdir(parents=True)
    (folder / "microfinish.yaml").write_text("title: The Rooftop\nstages: [slate]\n")
    (folder / "episodes/ep001/slate.yaml").write_text("director: M. Ito\n")
    return folder


def microfinish(
    installed: dict[str, str], show: Path, *words: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "microfinish", "-C", str(show), *words],
                          env=installed, capture_output=True, text=True, check=False)


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def test_a_plug_in_runs_in_a_project_that_lists_it(installed: dict[str, str], show: Path) -> None:
    done = microfinish(installed, show, "run", "--json")
    assert done.returncode == 0, done.stderr
    assert [episode["ran"] for episode in answer(done)["episodes"]] == [["slate"], ["slate"]]
    assert "names no director" in done.stderr and "ep002" in done.stderr
    document = (show / "episodes/ep001/documents/slate.yaml").read_text()
    assert "M. Ito" in document and "The Rooftop" in document

    again = answer(microfinish(installed, show, "run", "--json"))
    assert [episode["ran"] for episode in again["episodes"]] == [[], []]


def test_a_plug_in_is_explained_by_the_human_file_that_changed(
    installed: dict[str, str], show: Path
) -> None:
    microfinish(installed, show, "run")
    (show / "episodes/ep001/slate.yaml").write_text("director: A. Sato\n")
    told = microfinish(installed, show, "explain", "ep001", "--json").stdout
    assert "slate.yaml changed" in told


def test_a_plug_in_that_is_not_installed_is_named_with_its_place(show: Path) -> None:
    bare = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = microfinish(bare, show, "run")
    assert done.returncode == 2
    assert 'no stage "slate"' in done.stderr


def test_a_plug_in_stands_anywhere_in_the_chain_but_after_what_it_reads(
    installed: dict[str, str]
) -> None:
    program = """
from microfinish.pipeline.registry import known_names, origin, stages_for
from microfinish.pipeline.stage import Inputs
class Log:
    name, version, after, body = "log", 1, (), int
for names in (["slate", "log"], ["log", "slate"]):
    assert [stage.name for stage in stages_for(names, {"log": Log})] == names
assert known_names({"log": Log}) == ("log", "slate")
assert origin("slate") == "microfinish-slate 1.2.0", origin("slate")
"""
    done = subprocess.run([sys.executable, "-c", program], env=installed, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_plug_in_keeps_the_contract_that_its_author_can_run(
    installed: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir",
         str(tmp_path), "-c", os.devnull, str(HERE / "microfinish-slate/check_slate.py")],
        env=installed, capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "6 passed" in done.stdout
