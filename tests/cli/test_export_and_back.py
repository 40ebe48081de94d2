"""A turnover that comes back as another episode's edit list assembles to the same timeline."""

import shutil
from pathlib import Path

import pytest
from synth.footage import make_clip
from synth.project import ProjectFolder

EDIT = """\
events:
  - {media: A001C003, in: "01:00:00:00", out: "01:00:01:00"}
  - {media: B001C001, in: "02:00:00:05", out: "02:00:01:05", dissolve: 6}
  - {media: A001C003, in: "01:00:01:10", out: "01:00:01:20", speed: 1/2}
  - {media: A001C003, in: "01:00:00:20", out: "01:00:01:05", speed: -1}
"""


@pytest.mark.media
def test_every_format_comes_back_as_the_same_edit(tmp_path: Path) -> None:
    season = ProjectFolder.make(tmp_path)
    for name, timecode in (("A001C003", "01:00:00:00"), ("B001C001", "02:00:00:00")):
        make_clip(tmp_path / f"media/{name}.mov", frames=60, size=(96, 64), timecode=timecode)
    season.write("episodes/ep001/edit.yaml", EDIT)
    season.call("assemble", "ep001")
    formats = ("edl", "fcpxml", "fcp7", "otio")
    season.call("export", "ep001", *(word for name in formats for word in ("--to", name)))
    wanted = season.json("show", "ep001", "assemble")
    for number, name in enumerate(("edl", "fcpxml", "xml", "otio"), 2):
        episode = f"ep{number:03}"
        folder = tmp_path / "episodes" / episode
        folder.mkdir()
        shutil.copy(tmp_path / f"turnover/ep001/ep001.{name}", folder / f"edit.{name}")
        season.call("assemble", episode)
        found = season.json("show", episode, "assemble")
        for event in (*found["events"], *wanted["events"]):
            event.pop("evidence", None)  # each format says other things about the same file
        assert found["events"] == wanted["events"], name
        assert (found["rate"], found["start_frame"]) == (wanted["rate"], wanted["start_frame"])
