"""The example season, finished once for all tests that look at it, also across xdist's workers."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
import yaml
from synth.project import REPOSITORY, ProjectFolder

SEASON = REPOSITORY / "examples" / "the-rooftop"
RUN_SECONDS = 1200
"""A full run at 1080x1920 takes about two minutes on two idle cores."""


def copy_season(target: Path) -> ProjectFolder:
    """The example as it lies in git: no documents, no masters, no store."""
    assert list((SEASON / "media").glob("*.mov")), "the example's camera files are not here"
    shutil.copytree(SEASON, target, ignore=shutil.ignore_patterns(
        ".microfinish", "deliver", "documents", "make"))
    return ProjectFolder(target)


def finished_season(factory: pytest.TempPathFactory) -> ProjectFolder:
    """A copy of the example after one `microfinish run`, shared by all workers: do not change it.

    The first worker that asks runs it; the others wait. `run.json` beside it holds the answer of
    `run --json`, `run.log` what it said.
    """
    base = factory.getbasetemp()
    home = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "finished-rooftop"
    project = ProjectFolder(home / "the-rooftop")
    answer, failed = home / "run.json", home / "failed"
    try:
        home.mkdir()
    except FileExistsError:
        deadline = time.monotonic() + RUN_SECONDS
        while not answer.exists():
            assert not failed.exists(), failed.read_text()
            assert time.monotonic() < deadline, "another worker's run of the season does not end"
            time.sleep(0.5)
        return project
    try:
        copy_season(project.root)
        done = project.call("run", "--json")
    except BaseException as error:
        failed.write_text(str(error))
        raise
    (home / "run.log").write_text(done.stderr)
    answer.with_suffix(".part").write_text(done.stdout)
    answer.with_suffix(".part").replace(answer)
    return project


def season_truth() -> dict:
    """What is true of the season by construction."""
    return yaml.safe_load((SEASON / "truth.yaml").read_text(encoding="utf-8"))
