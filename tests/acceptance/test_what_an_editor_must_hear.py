"""What a new user once had to find out alone: each of these was silent, and is said now."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from synth.footage import make_clip
from synth.project import ProjectFolder

from microfinish.project.holder import hold
from microfinish.project.layout import Layout

HEAD = "TITLE: T\nFCM: NON-DROP FRAME\n\n"


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    made = ProjectFolder.make(tmp_path)
    make_clip(tmp_path / "media" / "A001C001.mov", frames=100, timecode="01:00:00:00")
    return made


@pytest.mark.media
def test_an_event_that_cannot_be_read_stops_the_run_instead_of_becoming_black(
        project: ProjectFolder) -> None:
    project.write("episodes/ep001/edit.edl", HEAD
                  + "001  A001 V C 01:00:00:00 01:00:01:00 01:00:00:00 01:00:01:00\n"
                  + "002  A001 V C 01:00:0I:00 01:00:02:00 01:00:01:00 01:00:02:00\n")
    told = project.call("run", "--to", "assemble", expect=2).stderr
    assert "episodes/ep001/edit.edl:5" in told
    assert "cannot be read" in told and "01:00:0I:00" in told


@pytest.mark.media
def test_a_speed_that_contradicts_its_event_is_named(project: ProjectFolder) -> None:
    project.write("episodes/ep001/edit.edl", HEAD
                  + "001  A001 V C 01:00:00:00 01:00:01:00 01:00:00:00 01:00:02:00\n"
                  + "M2   A001       040.0                01:00:00:00\n")
    told = project.call("run", "--to", "assemble").stderr
    assert "asks for 80 source frames, the event prints 25" in told


def test_fifty_is_not_a_speed(tmp_path: Path) -> None:
    project = ProjectFolder.make(tmp_path)
    project.write("episodes/ep001/edit.yaml",
                  "events:\n  - {media: A, in: 0, out: 10, speed: 50}\n")
    told = project.call("check", expect=2).stderr
    assert "edit.yaml:2:" in told and "at most 20" in told


def test_a_living_run_cannot_be_unlocked(tmp_path: Path) -> None:
    project = ProjectFolder.make(tmp_path)
    with hold(Layout(tmp_path), "ep001", "microfinish run"):
        refused = project.call("unlock", "ep001", expect=4).stderr
    assert str(os.getpid()) in refused and socket.gethostname() in refused


@pytest.mark.media
def test_a_reel_and_a_clip_name_that_disagree_are_named(project: ProjectFolder) -> None:
    make_clip(project.root / "media" / "B007C001.mov", frames=50, timecode="01:00:00:00")
    project.write("episodes/ep001/edit.edl", HEAD
                  + "001  A001 V C 01:00:00:00 01:00:01:00 01:00:00:00 01:00:01:00\n"
                  + "* FROM CLIP NAME: B007C001.mov\n")
    told = project.call("run", "--to", "assemble").stderr
    assert "the reel A001 decides, but the clip name means media/B007C001.mov" in told
