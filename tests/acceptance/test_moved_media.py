"""Media that were moved, renamed or lie elsewhere are found again, and nothing renders twice."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from synth.footage import make_clip, numbers_in
from synth.project import ProjectFolder

pytestmark = pytest.mark.media

EDIT = """\
events:
  - {media: A001C001, in: "01:00:00:10", out: "01:00:01:10"}
  - {media: B001C001, in: "02:00:00:05", out: "02:00:01:05"}
"""
SHOWN = [*range(10, 35), *range(305, 330)]


def season(root: Path) -> ProjectFolder:
    project = ProjectFolder.make(root / "show")
    media = project.root / "media"
    (media / "day1").mkdir(parents=True)
    make_clip(media / "A001C001.mov", frames=60, timecode="01:00:00:00")
    make_clip(media / "day1" / "B001C001.mov", frames=60, first_number=300,
              timecode="02:00:00:00")
    project.write("episodes/ep001/edit.yaml", EDIT)
    project.write("episodes/ep001/grade.yaml",
                  "shots: {'B001C001@02:00:00:10': {exposure: 0.2}}\n")
    return project


def move(project: ProjectFolder, source: str, target: str) -> None:
    to = project.root / target
    to.parent.mkdir(parents=True, exist_ok=True)
    (project.root / source).rename(to)


def renders(project: ProjectFolder, *more: str) -> int:
    done = project.json("run", "--to", "master", *more)
    assert numbers_in(project.master()) == SHOWN
    return int(done["rendered"])


def test_moving_and_renaming_media_renders_nothing_and_asks_for_no_new_lock(
    tmp_path: Path,
) -> None:
    project = season(tmp_path)
    assert renders(project) == 2
    locked = (project.root / "episodes/ep001/documents/lock.yaml").read_text()

    move(project, "media/day1/B001C001.mov", "media/day2/cam b/B001C001.mov")
    assert renders(project) == 0

    move(project, "media/day2/cam b/B001C001.mov", "media/rooftop wide.mov")
    move(project, "media/A001C001.mov", "media/first.mov")
    assert renders(project) == 0
    assert (project.root / "episodes/ep001/documents/lock.yaml").read_text() == locked
    found = {f["file"]: f["message"] for f in project.json("show", "ep001", "log")["findings"]}
    assert "is known as media/day1/B001C001.mov" in found["media/rooftop wide.mov"]

    move(project, "media/rooftop wide.mov", "media/day1/B001C001.mov")
    move(project, "media/first.mov", "media/A001C001.mov")
    assert renders(project) == 0


def test_relink_finds_by_name_and_by_content_and_writes_only_into_the_project(
    tmp_path: Path,
) -> None:
    project = season(tmp_path)
    assert renders(project) == 2
    card = tmp_path / "card"
    card.mkdir()
    shutil.move(project.root / "media/A001C001.mov", card / "A001C001.mov")
    shutil.move(project.root / "media/day1/B001C001.mov", card / "renamed by the archive.mov")
    make_clip(card / "other.mov", frames=30, first_number=900)
    before = sorted(path.name for path in card.rglob("*"))

    refused = project.call("run", expect=2)
    assert "B001C001" in refused.stderr and "missing" in refused.stderr
    assert renders(project, "--relink", str(card)) == 0
    assert sorted(path.name for path in card.rglob("*")) == before
    noted = (project.root / "relinked.yaml").read_text()
    assert "other.mov" not in noted
    assert f"{card}/renamed by the archive.mov" in noted
    assert renders(project) == 0, "what was found is remembered"


def test_relink_finds_by_reel_and_timecode_and_says_what_is_missing_still(tmp_path: Path) -> None:
    project = season(tmp_path)
    card = tmp_path / "card"
    card.mkdir()
    shutil.move(project.root / "media/A001C001.mov", card / "take one.mov")
    (project.root / "media/day1/B001C001.mov").unlink()
    from microfinish.media.ffmpeg import run

    run(["-i", str(card / "take one.mov"), "-map", "0", "-c", "copy", "-metadata",
         "reel_name=A001C001", "-movflags", "use_metadata_tags", str(card / "reel.mov")])
    (card / "take one.mov").unlink()
    done = project.call("assemble", "--relink", str(card), expect=2)
    assert "A001C001 is" in done.stderr and "(reel, timecode" in done.stderr
    assert "B001C001 is not there either" in done.stderr


def test_relink_takes_no_first_match(tmp_path: Path) -> None:
    project = season(tmp_path)
    card = tmp_path / "card"
    for number, day in enumerate(("day1", "day2")):
        (card / day).mkdir(parents=True)
        make_clip(card / day / "A001C001.mov", frames=60, first_number=500 * number,
                  timecode="01:00:00:00")
    (project.root / "media/A001C001.mov").unlink()
    done = project.call("assemble", "--relink", str(card), expect=2)
    assert "fits 2 files" in done.stderr
    assert "day1/A001C001.mov" in done.stderr and "day2/A001C001.mov" in done.stderr


def test_relink_relative_to_where_one_stands_is_noted_relative_to_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = season(tmp_path)
    (tmp_path / "card").mkdir()
    shutil.move(project.root / "media/A001C001.mov", tmp_path / "card/A001C001.mov")
    monkeypatch.chdir(tmp_path)
    project.call("assemble", "--relink", "card")
    assert '"../card/A001C001.mov"' in (project.root / "relinked.yaml").read_text()
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    project.root.rename(moved / "show")
    (tmp_path / "card").rename(moved / "card")
    assert ProjectFolder(moved / "show").call("run", "--to", "assemble").returncode == 0


def test_relink_names_a_renamed_file_that_holds_the_timecode(tmp_path: Path) -> None:
    project = season(tmp_path)
    card = tmp_path / "card"
    card.mkdir()
    (project.root / "media/A001C001.mov").unlink()
    make_clip(card / "phone.mov", frames=60, timecode="01:00:00:00")
    make_clip(card / "short.mov", frames=20, timecode="01:00:00:00")
    make_clip(card / "other.mov", frames=60, timecode="05:00:00:00")
    done = project.call("assemble", "--relink", str(card), expect=2)
    assert "phone.mov 01:00:00:00-01:00:02:10 holds; if it is the file, name it" in done.stderr
    assert "short.mov" not in done.stderr and "other.mov" not in done.stderr
    assert "nothing to do" not in done.stderr
    assert "--relink FOLDER" in project.call("run", expect=2).stderr
