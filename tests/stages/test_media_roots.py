"""Media outside media/: the season's media_roots are read like media/, and said where they are."""

import shutil
from pathlib import Path

import pytest
from synth.footage import make_clip
from synth.project import ProjectFolder

from microfinish.core.errors import InputError
from microfinish.project.project import Project

EDIT = """\
events:
  - {media: A001C001, in: "01:00:00:02", out: "01:00:00:07"}
  - {media: B001C001, in: "02:00:00:03", out: "02:00:00:09"}
"""


def season(root: Path, roots: str) -> ProjectFolder:
    project = ProjectFolder.make(root / "show", extra=f"media_roots: [{roots}]\n")
    project.write("episodes/ep001/edit.yaml", EDIT)
    (root / "card/clips").mkdir(parents=True)
    make_clip(root / "show/media/A001C001.mov", frames=12, size=(128, 72), timecode="01:00:00:00")
    make_clip(root / "card/clips/B001C001.mov", frames=12, size=(128, 72), timecode="02:00:00:00",
              first_number=100)
    return project


@pytest.mark.parametrize("absolute", [False, True])
def test_an_edit_finds_its_media_on_a_card_outside_the_project(
    tmp_path: Path, absolute: bool
) -> None:
    name = (tmp_path / "card").as_posix() if absolute else "../card"
    project = season(tmp_path, f"'{name}'")
    assert project.json("assemble", "ep001")["episodes"]
    events = project.json("show", "ep001", "assemble")["events"]
    assert [event["media"] for event in events] == [
        "media/A001C001.mov", f"{name}/clips/B001C001.mov"]
    assert (events[1]["source_in"], events[1]["source_out"]) == (3, 9)


def test_media_of_a_root_that_is_gone_stop_the_run_with_its_name(tmp_path: Path) -> None:
    project = season(tmp_path, "../card")
    project.call("assemble", "ep001")
    shutil.rmtree(tmp_path / "card")
    failed = project.call("assemble", "ep001", expect=2)
    assert "there is no folder ../card" in failed.stderr
    assert "mount the volume" in failed.stderr


def test_a_file_that_two_roots_reach_is_listed_once(tmp_path: Path) -> None:
    season(tmp_path, "../card, ../card/clips, media")
    assert Project.open(tmp_path / "show").media_files() == (
        "media/A001C001.mov", "../card/clips/B001C001.mov")


@pytest.mark.parametrize("root", ["..", ".", "''"])
def test_a_root_that_holds_the_project_is_refused(tmp_path: Path, root: str) -> None:
    season(tmp_path, root)
    with pytest.raises(InputError, match="media_roots"):
        Project.open(tmp_path / "show").media_files()


def test_one_episode_cannot_have_roots_of_its_own(tmp_path: Path) -> None:
    project = season(tmp_path, "../card")
    project.write("episodes/ep001/episode.yaml", "media_roots: [../other]\n")
    failed = project.call("log", "ep001", expect=2)
    assert "whole season" in failed.stderr


def test_an_avid_log_on_the_card_describes_its_clips(tmp_path: Path) -> None:
    project = season(tmp_path, "../card")
    (tmp_path / "card/day1.ale").write_text(
        "Heading\nFIELD_DELIM\tTABS\nFPS\t25\n\nColumn\nName\tScene\tTake\tStart\n\nData\n"
        "B001C001\t7\t2\t02:00:00:00\n")
    project.call("log", "ep001")
    media = project.json("show", "ep001", "log")["media"]
    assert [(item["path"], item.get("scene", "")) for item in media][1] == (
        "../card/clips/B001C001.mov", "7")
