"""A note at 18:00 is a master at 18:20: only what changed renders, and explain says why."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from synth.footage import make_clip
from synth.project import REPOSITORY, ProjectFolder

from microfinish.media.ffmpeg import run

EDIT = """\
events:
  - {media: A001C001, in: 10, out: 40}
  - {media: A001C002, in: 5, out: 35}
  - {media: A001C001, in: 50, out: 80}
"""


def _project(root: Path) -> ProjectFolder:
    project = ProjectFolder.make(root, extra="look: house\n")
    make_clip(root / "media" / "A001C001.mov", frames=100, timecode="01:00:00:00")
    make_clip(root / "media" / "A001C002.mov", frames=60, timecode="02:00:00:00")
    project.write("presets/looks/house.yaml", "title: House\nsaturation: 0.9\n")
    project.write("episodes/ep001/edit.yaml", EDIT)
    return project


def _frame_hashes(path: Path) -> list[str]:
    text = run(["-i", str(path), "-map", "0:v", "-f", "framehash", "-hash", "md5", "-"]
               ).stdout.decode()
    return [line.split(",")[-1].strip() for line in text.splitlines() if not line.startswith("#")]


def _reasons(project: ProjectFolder) -> str:
    return project.call("explain", "ep001", "--json").stdout


@pytest.mark.media
def test_only_what_changed_renders_and_explain_names_it(tmp_path: Path) -> None:
    project = _project(tmp_path)
    first = project.json("run", "--to", "master")
    assert (first["rendered"], first["reused"]) == (3, 0)

    second = project.json("run", "--to", "master")
    assert second["rendered"] == 0

    project.write("episodes/ep001/grade.yaml",
                  "shots:\n  A001C002@02:00:00:10: {cdl: {slope: [1.1, 1, 0.95]}}\n")
    assert "grade.yaml" in _reasons(project)
    third = project.json("run", "--to", "master")
    assert (third["rendered"], third["reused"]) == (1, 2)

    (tmp_path / "presets/looks/house.yaml").rename(tmp_path / "presets/looks/villa.yaml")
    settings = (tmp_path / "microfinish.yaml").read_text()
    project.write("microfinish.yaml", settings.replace("look: house", "look: villa"))
    fourth = project.json("run", "--to", "master")
    assert fourth["rendered"] == 0


@pytest.mark.media
def test_a_deleted_master_is_made_again_from_the_store(tmp_path: Path) -> None:
    project = _project(tmp_path)
    project.call("run", "--to", "master")
    before = project.master().read_bytes()
    project.master().unlink()
    assert "tiktok.mp4 is missing" in _reasons(project)
    again = project.json("run", "--to", "master")
    assert again["rendered"] == 0
    assert project.master().read_bytes() == before


@pytest.mark.media
def test_a_changed_edit_after_the_lock_is_refused_until_it_is_locked_again(tmp_path: Path) -> None:
    project = _project(tmp_path)
    project.call("run", "--to", "master")
    before = project.master().read_bytes()
    project.write("episodes/ep001/edit.yaml", EDIT.replace("out: 35", "out: 33"))
    refused = project.call("run", "--to", "master", expect=4)
    assert "microfinish lock ep001 --relock" in refused.stderr
    assert project.master().read_bytes() == before
    project.call("lock", "ep001", "--relock", "--note", "trimmed for pace")
    after = project.json("run", "--to", "master")
    assert after["rendered"] == 1


@pytest.mark.media
def test_a_killed_render_ends_in_the_same_pictures(tmp_path: Path) -> None:
    disturbed, quiet = _project(tmp_path / "disturbed"), _project(tmp_path / "quiet")
    quiet.call("run", "--to", "master")
    child = subprocess.Popen(
        [sys.executable, "-m", "microfinish", "-C", str(disturbed.root), "run", "--to", "master",
         "-j", "1"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    store = disturbed.root / ".microfinish" / "store"
    deadline = time.monotonic() + 120
    while (not list(store.glob("[0-9a-f][0-9a-f]/*.mp4")) and child.poll() is None
           and time.monotonic() < deadline):
        time.sleep(0.01)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    done = disturbed.json("run", "--to", "master")
    assert done["rendered"] < 3 or child.returncode == 0
    assert _frame_hashes(disturbed.master()) == _frame_hashes(quiet.master())
    assert len(_frame_hashes(quiet.master())) == 90
