"""`seal`: the masters under ASC MHL, and what a change of them looks like."""

from __future__ import annotations

from pathlib import Path

import pytest
from synth.footage import make_clip
from synth.project import ProjectFolder

from microfinish.stages.custody import histories

pytestmark = pytest.mark.media


@pytest.fixture
def delivered(tmp_path: Path) -> ProjectFolder:
    project = ProjectFolder.make(tmp_path)
    make_clip(tmp_path / "media/A001C001.mov", frames=30)
    project.write("episodes/ep001/edit.yaml", "events: [{media: A001C001, in: 0, out: 25}]\n")
    project.call("run", "--to", "master")
    return project


def test_masters_are_sealed_once_checked_and_a_change_is_named(delivered: ProjectFolder) -> None:
    assert "is not sealed" in delivered.call("seal", "--check", expect=2).stderr
    first = delivered.call("seal", "ep001").stdout
    assert first.startswith("deliver/ep001/ascmhl/0001_ep001_")
    assert first.endswith(": 1 file\n")
    assert delivered.call("seal").stdout == first
    assert delivered.call("seal", "--check").stdout == first
    master = delivered.master()
    data = bytearray(master.read_bytes())
    data[-1] ^= 1
    master.write_bytes(bytes(data))
    said = delivered.call("seal", "--check", expect=1)
    assert "deliver/ep001/tiktok.mp4 is not what was sealed" in said.stderr
    refused = delivered.call("seal", "ep001", expect=2).stderr
    assert "is not the file that was rendered" in refused
    answer = delivered.json("seal", "--check", expect=1)
    assert answer["episodes"][0]["findings"][0]["rule"] == "mhl.changed"


def test_a_new_render_is_sealed_anew(delivered: ProjectFolder) -> None:
    delivered.call("seal")
    delivered.write("episodes/ep001/grade.yaml", "shots: {sh010: {exposure: 0.5}}\n")
    delivered.call("run", "--to", "master")
    assert delivered.call("seal", "--check", expect=1).returncode == 1
    delivered.call("seal")
    delivered.call("seal", "--check")
    (history,) = histories(delivered.root / "deliver/ep001")
    assert len(history.generations) == 1
