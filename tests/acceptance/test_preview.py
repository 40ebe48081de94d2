"""A preview shows any cut, locks nothing, and leaves no trace in what a run does."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from synth.footage import make_clip, numbers_in
from synth.project import ProjectFolder

from microfinish.media.wave import write_wave

FIRST = {"A001C001": 0, "A001C002": 1000, "A001C003": 2000}
Cut = list[tuple[str, int, int]]
OLD: Cut = [("A001C001", 0, 20), ("A001C002", 0, 20), ("A001C001", 40, 60)]
NEW: Cut = [("A001C001", 0, 20), ("A001C003", 0, 10), ("A001C002", 4, 20), ("A001C001", 40, 60)]


def _edit(cut: Cut) -> str:
    return "events:\n" + "".join(
        f"  - {{media: {media}, in: {start}, out: {end}}}\n" for media, start, end in cut)


def _numbers(cut: Cut) -> list[int]:
    return [FIRST[media] + frame for media, start, end in cut for frame in range(start, end)]


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file()}


def _pictures(path: Path) -> list[NDArray[Any]]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="gray").astype(int)
                for frame in container.decode(video=0)]


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    made = ProjectFolder.make(tmp_path, extra='timeline_start: "01:00:00:00"\n')
    for hour, (name, number) in enumerate(FIRST.items(), 1):
        make_clip(tmp_path / "media" / f"{name}.mov", frames=60, first_number=number,
                  timecode=f"{hour:02}:00:00:00")
    made.write("episodes/ep001/edit.yaml", _edit(OLD))
    return made


def _preview(project: ProjectFolder) -> Path:
    return project.root / "preview" / "ep001.preview.mp4"


@pytest.mark.media
def test_a_cut_nobody_locked_is_previewed_and_stays_unlocked(project: ProjectFolder) -> None:
    answer = project.json("run", "--preview", "ep001")
    assert answer["previews"] == [{"episode": "ep001", "file": "preview/ep001.preview.mp4",
                                   "cut": "edit, not locked", "not_matched": [], "offline": []}]
    assert numbers_in(_preview(project)) == _numbers(OLD)
    assert not (project.root / "episodes/ep001/documents").exists()
    assert not (project.root / "deliver").exists()
    project.call("run", "--to", "master")
    (revision,) = project.json("lock", "ep001", "--show")["revisions"]
    assert (revision["revision"], revision["note"]) == (1, "first lock")


@pytest.mark.media
def test_a_changed_cut_is_previewed_beside_the_lock_and_costs_its_new_shots(
    project: ProjectFolder,
) -> None:
    project.call("run", expect=1)  # silent
    first = project.json("run", "--preview")
    assert (first["rendered"], first["previews"][0]["cut"]) == (0, "revision 1")
    assert first["reused"] == len(OLD)  # small copies of what the masters are made of
    assert numbers_in(_preview(project)) == _numbers(OLD)
    # what the run decided for the same cut is taken over
    assert first["episodes"][0]["ran"] == ["lock", "master"]
    documents = _bytes(project.root / "episodes")
    masters = _bytes(project.root / "deliver")

    project.write("episodes/ep001/edit.yaml", _edit(NEW))
    again = project.json("run", "--preview")
    assert again["previews"][0]["cut"] == "edit, not locked"
    assert (again["rendered"], again["reused"]) == (2, 2)
    assert numbers_in(_preview(project)) == _numbers(NEW)
    project.write("episodes/ep001/edit.yaml", _edit(OLD))
    assert _bytes(project.root / "episodes") == documents
    assert _bytes(project.root / "deliver") == masters
    assert project.json("run", expect=1)["episodes"][0]["ran"] == []

    nothing = project.json("run", "--preview")
    assert nothing["rendered"] == 0
    assert numbers_in(_preview(project)) == _numbers(OLD)


@pytest.mark.media
def test_an_old_revision_is_previewed_without_going_back_to_it(project: ProjectFolder) -> None:
    project.call("run", "--to", "lock")
    project.write("episodes/ep001/edit.yaml", _edit(NEW))
    project.call("run", "--to", "lock", "--relock")
    lock = (project.root / "episodes/ep001/documents/lock.yaml").read_bytes()
    answer = project.json("run", "--preview", "--back-to", "1")
    assert answer["previews"][0]["cut"] == "revision 1"
    assert numbers_in(_preview(project)) == _numbers(OLD)
    assert (project.root / "episodes/ep001/documents/lock.yaml").read_bytes() == lock
    project.call("run", "--preview")
    assert numbers_in(_preview(project)) == _numbers(NEW)


@pytest.mark.media
def test_offline_media_are_slugs_in_a_preview_and_refused_for_a_master(
    project: ProjectFolder,
) -> None:
    project.call("run", "--to", "master")
    (project.root / "media" / "A001C002.mov").unlink()
    told = project.call("run", "--preview")
    assert "1 clip offline" in told.stderr
    assert "01:00:00:20-01:00:01:15  V   A001C002" in told.stderr
    numbers = numbers_in(_preview(project))
    assert numbers == [None if 1000 <= number < 2000 else number for number in _numbers(OLD)]

    pictures = _pictures(_preview(project))
    height = len(pictures[0])
    slate = pictures[30]
    assert abs(int(np.median(slate)) - 0x50) <= 4  # a gray nobody takes for black
    assert slate[height // 3:2 * height // 3].max() > 200  # with words on it
    label = slice(0, height // 4)
    assert np.abs(slate[label] - pictures[31][label]).max() > 60  # a timecode that counts
    assert np.abs(slate[height // 4:] - pictures[31][height // 4:]).max() < 8

    refused = project.call("run", expect=2)
    assert "A001C002  missing" in refused.stderr


@pytest.mark.media
def test_a_preview_says_so_in_its_picture_and_a_master_does_not(project: ProjectFolder) -> None:
    project.call("run", "--to", "master")
    project.call("run", "--preview")
    preview, master = _pictures(_preview(project))[5], _pictures(project.master())[5]
    top = slice(0, preview.shape[0] * 6 // 25)  # above the blocks
    assert preview[top].max() > 220 > 200 > master[top].max()
    with av.open(str(_preview(project))) as container:
        assert container.metadata["title"].startswith("PREVIEW")


@pytest.mark.media
def test_a_short_file_and_a_missing_handle_do_not_stop_a_preview(project: ProjectFolder) -> None:
    project.write("episodes/ep001/edit.yaml", """\
events:
  - {media: A001C001, in: 40, out: 60}
  - {media: A001C002, in: 0, out: 20, dissolve: 8}
  - {media: A001C003, in: 50, out: 70}
""")
    note = "shots:\n  A001C003@03:00:02:05: {exposure: 0.1}\n"  # for the shot that is offline
    project.write("episodes/ep001/grade.yaml", note)
    assert project.call("run", "--to", "lock", expect=2)
    told = project.call("run", "--preview")
    assert "cut instead of dissolve" in told.stderr
    numbers = numbers_in(_preview(project))
    assert numbers == [*range(40, 60), *range(1000, 1020), *[None] * 20]


@pytest.mark.media
def test_preview_goes_with_nothing_that_locks(project: ProjectFolder) -> None:
    for flags in (["--relock"], ["--to", "mix"], ["--only", "master"], ["-n"]):
        project.call("run", "--preview", *flags, expect=2)


@pytest.mark.media
def test_a_cue_at_a_clip_that_is_offline_does_not_stop_a_preview(project: ProjectFolder) -> None:
    write_wave(np.full((9600, 2), 0.1, np.float32), project.root / "sfx" / "door.wav")
    project.write("episodes/ep001/mix.yaml", """\
effects:
  - {file: sfx/door.wav, at: "A001C002@02:00:00:05"}
  - {file: sfx/door.wav, at: "A001C001@01:00:00:05"}
""")
    (project.root / "media" / "A001C002.mov").unlink()
    told = project.call("run", "--preview")
    assert "A001C002@02:00:00:05" in told.stderr
    assert "may be offline" in told.stderr
    assert numbers_in(_preview(project)) == [
        None if 1000 <= number < 2000 else number for number in _numbers(OLD)]
    refused = project.call("run", expect=2)
    assert "A001C002" in refused.stderr


@pytest.mark.media
def test_subtitles_show_once_whether_or_not_a_master_has_them(project: ProjectFolder) -> None:
    project.write("episodes/ep001/subtitles/en.srt",
                  "1\n00:00:00,200 --> 00:00:01,400\nOne line that crosses cuts\n")
    settings = project.root / "microfinish.yaml"
    settings.write_text(settings.read_text() + "languages: [en]\n")
    fresh = Path(shutil.copytree(project.root, project.root.with_name("fresh")))
    project.call("run", "--to", "master")
    project.write("episodes/ep001/edit.yaml", _edit(NEW))
    made = project.json("run", "--preview")
    assert (made["rendered"], made["reused"]) == (2, 2)
    other = ProjectFolder(fresh)
    other.call("run", "--to", "lock")
    other.write("episodes/ep001/edit.yaml", _edit(NEW))
    assert other.json("run", "--preview")["rendered"] == 4
    # of pieces of a master, and of the camera files: the same words at the same place, once
    for kept, anew in zip(_pictures(_preview(project)), _pictures(_preview(other)), strict=True):
        assert np.abs(kept - anew).mean() < 3
        assert abs(int((kept > 200).sum()) - int((anew > 200).sum())) < 0.004 * kept.size
