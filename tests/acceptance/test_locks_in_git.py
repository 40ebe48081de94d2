"""Locks live in git: branches that lock different episodes merge; what does not merge is said."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from synth.footage import make_clip
from synth.project import ProjectFolder

pytestmark = [pytest.mark.media,
              pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")]

EDIT = """\
events:
  - {{media: A001C001, in: 0, out: {0}}}
  - {{media: A001C001, in: 30, out: 40}}
"""
LOCK = "episodes/{0}/documents/lock.yaml"


def _git(project: ProjectFolder, *arguments: str, expect: int = 0) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=An Editor", "-c", "user.email=editor@example.com",
         "-c", "core.autocrlf=false", *arguments], cwd=project.root, capture_output=True, text=True,
        check=False, env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull})
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    made = ProjectFolder.make(tmp_path)
    make_clip(tmp_path / "media/A001C001.mov", frames=50, timecode="01:00:00:00")
    made.write(".gitignore", ".microfinish/\ndeliver/\npreview/\n")
    for episode in ("ep001", "ep002"):
        made.write(f"episodes/{episode}/edit.yaml", EDIT.format(20))
    made.call("run", "--to", "lock")
    _git(made, "init", "-q", "-b", "main")
    _commit(made, "locked")
    return made


def _commit(project: ProjectFolder, message: str) -> None:
    _git(project, "add", "--all")
    _git(project, "commit", "-q", "-m", message)


def _relocked(project: ProjectFolder, branch: str, episode: str, out: int) -> None:
    """A branch off main on which an editor trimmed one episode and locked it again."""
    _git(project, "checkout", "-q", "-b", branch, "main")
    project.write(f"episodes/{episode}/edit.yaml", EDIT.format(out))
    project.call("lock", episode, "--relock", "--note", branch)
    _commit(project, branch)


def test_branches_that_lock_different_episodes_merge(project: ProjectFolder) -> None:
    _relocked(project, "anna", "ep001", 16)
    _relocked(project, "ben", "ep002", 14)
    _git(project, "checkout", "-q", "main")
    _git(project, "merge", "-q", "--no-edit", "anna")
    _git(project, "merge", "-q", "--no-edit", "ben")
    for episode, note in (("ep001", "anna"), ("ep002", "ben")):
        last = project.json("lock", episode, "--show")["revisions"][-1]
        assert (last["revision"], last["note"]) == (2, note)
    assert project.json("run", "--to", "lock")["episodes"][0]["outcome"] == "done"
    assert [row["differences"] for row in project.json("status")["episodes"]] == [0, 0]


def test_two_locks_of_one_episode_conflict_in_text_and_nothing_is_taken_half(
    project: ProjectFolder,
) -> None:
    _relocked(project, "anna", "ep001", 16)
    _relocked(project, "ben", "ep001", 14)
    _git(project, "merge", "-q", "--no-edit", "anna", expect=1)
    path = project.root / LOCK.format("ep001")
    text = path.read_text(encoding="utf-8")
    line = next(number for number, each in enumerate(text.splitlines(), 1)
                if each.startswith("<<<<<<< "))
    _git(project, "checkout", "--ours", "--", "episodes/ep001/edit.yaml")  # a person settled it
    others = [each for each in path.parent.iterdir()
              if each != path and "\n<<<<<<< " in each.read_text(encoding="utf-8")]
    for other in others:
        told = project.call("run", "ep001", expect=2).stderr
        assert "both sides of a merge" in told
        assert "delete it to have it made anew" in told
        other.unlink()
    commands = (["run", "ep001"], ["lock", "ep001", "--show"], ["diff", "ep001"],
                ["lock", "ep001", "--relock"], ["run", "ep001", "--preview"])
    for command in commands:
        told = project.call(*command, expect=2).stderr
        assert f"{LOCK.format('ep001')}:{line}: lock.yaml holds both sides of a merge" in told
        assert "Traceback" not in told
    assert "lock: lock.yaml holds both sides" in project.call("status").stdout
    assert path.read_text(encoding="utf-8") == text

    # as the hint says: one side, whole, then the merged edit as a revision of its own
    _git(project, "checkout", "--theirs", "--", "episodes/ep001/documents")
    project.call("lock", "ep001", "--relock", "--note", "both")
    notes = [each["note"] for each in project.json("lock", "ep001", "--show")["revisions"]]
    assert notes == ["first lock", "anna", "both"]
