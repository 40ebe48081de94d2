"""Ramps, pictures over pictures, dips and gaps go out as a list and come back as they were."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from synth.footage import make_clip
from synth.project import ProjectFolder

EDIT = """
events:
  - {media: A, in: 0, retime: [{record: 0, source: 0}, {record: 20, source: 40},
                               {record: 40, source: 50}]}
  - {media: B, in: 0, out: 20, dissolve: 8, through: black}
  - {black: 5}
  - {media: A, in: 0, out: 20}
  - {black: 10, track: V2}
  - {media: B, in: 10, out: 40, track: V2, dissolve: 6,
     place: {x: 0.7, y: 0.25, scale: 0.5, opacity: 0.8}}
  - {black: 6, dissolve: 6, track: V2}
"""
KEPT = ("track", "media", "source_in", "source_out", "record_in", "record_out", "speed",
        "transition", "retime", "placement")


def _project(root: Path) -> ProjectFolder:
    project = ProjectFolder.make(root)
    make_clip(root / "media/A.mov", frames=80, timecode="01:00:00:00")
    make_clip(root / "media/B.mov", frames=80, first_number=500, timecode="02:00:00:00")
    return project


@pytest.mark.media
@pytest.mark.parametrize(("format_", "extension", "dip"), [
    ("fcpxml", "fcpxml", "dissolve"), ("fcp7", "xml", "dip-black"), ("otio", "otio", "dip-black")])
def test_a_list_brings_back_every_layer_and_ramp(
        tmp_path: Path, format_: str, extension: str, dip: str) -> None:
    first = _project(tmp_path / "first")
    first.write("episodes/ep001/edit.yaml", EDIT)
    first.call("run", "--to", "lock")
    wanted = first.json("show", "ep001", "assemble")["events"]
    out = tmp_path / "out"
    said = first.call("export", "ep001", "--to", format_, "--out", str(out)).stderr
    if dip == "dissolve":
        assert "sh020: comes in through a color, which is written as a dissolve" in said
    second = ProjectFolder.make(tmp_path / "second")
    shutil.copytree(first.root / "media", second.root / "media", dirs_exist_ok=True)
    shutil.copy(out / f"ep001.{extension}", second.root / f"episodes/ep001/edit.{extension}")
    second.call("run", "--to", "assemble")
    found = second.json("show", "ep001", "assemble")["events"]
    assert len(found) == len(wanted)
    for one, other in zip(wanted, found, strict=True):
        if one["transition"] and one["transition"]["kind"] == "dip-black":
            one["transition"]["kind"] = dip
        place = one.get("placement"), other.get("placement")
        if all(place):
            assert place[0].pop("crop") == pytest.approx(place[1].pop("crop"), abs=1e-6)
            assert place[0] == pytest.approx(place[1], abs=1e-6)
            one["placement"] = other["placement"] = None
        assert {key: one.get(key) for key in KEPT} == {key: other.get(key) for key in KEPT}
