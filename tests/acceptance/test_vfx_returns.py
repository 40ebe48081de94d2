"""A VFX return stands in for its shot, frame by frame, and nothing else moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from synth.footage import make_clip, numbers_in
from synth.project import ProjectFolder

pytestmark = pytest.mark.media

EDIT = """\
events:
  - {{media: A001C001, in: 10, out: 40}}
  - {{media: A001C002, in: {0}, out: {1}}}
  - {{media: A001C001, in: 50, out: 80}}
"""
BEFORE, AFTER = list(range(10, 40)), list(range(50, 80))


def season(root: Path) -> ProjectFolder:
    project = ProjectFolder.make(root)
    make_clip(root / "media" / "A001C001.mov", frames=100, timecode="01:00:00:00")
    make_clip(root / "media" / "A001C002.mov", frames=100, first_number=200,
              timecode="02:00:00:00")
    cut(project, 20, 50)
    return project


def cut(project: ProjectFolder, first: int, last: int) -> None:
    project.write("episodes/ep001/edit.yaml", EDIT.format(first, last))


def returned(project: ProjectFolder, name: str, number: int, frames: int = 54,
             **more: object) -> Path:
    """A return of the pull of camera frames 8 to 62: 30 frames with 12 of handle on each side."""
    path = project.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    make_clip(path, frames=frames, first_number=number, **more)  # type: ignore[arg-type]
    return path


def tagged(project: ProjectFolder, name: str) -> Path:
    """The same return, tagged BT.709 by the program that wrote it."""
    from microfinish.media.ffmpeg import run

    path = returned(project, name, 400)
    plain = path.rename(project.root / "plain.mov")
    run(["-i", str(plain), "-map", "0", "-c", "copy", "-bsf:v", "h264_metadata="
         "colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1", "-color_trc",
         "bt709", str(path)])
    plain.unlink()
    return path


def shown(project: ProjectFolder) -> list[int | None]:
    return numbers_in(project.master())


def document(project: ProjectFolder, kind: str) -> str:
    return (project.root / f"episodes/ep001/documents/{kind}.yaml").read_text()


def body(project: ProjectFolder, kind: str) -> str:
    """The document without its header, which names the inputs it was made from."""
    return document(project, kind).partition("\n\n")[2] or document(project, kind)


def test_the_newest_return_is_shown_until_it_is_pinned_or_removed(tmp_path: Path) -> None:
    project = season(tmp_path)
    project.call("run", "--to", "master")
    assert shown(project) == [*BEFORE, *range(220, 250), *AFTER]
    kept = {kind: document(project, kind) for kind in ("assemble", "lock", "mix", "title")}

    first = returned(project, "vfx/ep001_sh020_comp_v001.mov", 400)
    made = project.json("run", "--to", "master")
    assert (made["rendered"], made["reused"]) == (1, 2)
    assert shown(project) == [*BEFORE, *range(412, 442), *AFTER]
    assert kept == {kind: document(project, kind) for kind in kept}, "the editor's cut is touched"

    second = returned(project, "episodes/ep001/vfx/sh020_v002.mov", 600)
    made = project.json("run", "--to", "master")
    assert (made["rendered"], made["reused"]) == (1, 2)
    assert shown(project) == [*BEFORE, *range(612, 642), *AFTER]

    project.write("episodes/ep001/vfx.yaml", "shots:\n  sh020: {version: 1}\n")
    assert project.json("run", "--to", "master")["rendered"] == 0
    assert shown(project) == [*BEFORE, *range(412, 442), *AFTER]

    (tmp_path / "episodes/ep001/vfx.yaml").unlink()
    first.unlink()
    second.unlink()
    assert project.json("run", "--to", "master")["rendered"] == 0
    assert shown(project) == [*BEFORE, *range(220, 250), *AFTER]


def test_a_return_survives_a_trim_inside_its_handles_and_says_what_it_lacks_outside(
    tmp_path: Path,
) -> None:
    project = season(tmp_path)
    returned(project, "vfx/ep001/sh020_v001.mov", 400)
    project.call("run", "--to", "master")

    cut(project, 15, 55)
    made = project.json("run", "--to", "master", "--relock")
    assert made["rendered"] == 1
    assert shown(project) == [*BEFORE, *range(407, 447), *AFTER]

    cut(project, 3, 64)
    done = project.call("run", "--relock", expect=None)
    assert "needs 7 more frames: 5 at its head and 2 at its tail" in done.stderr
    assert shown(project) == [*BEFORE, *range(203, 264), *AFTER]
    assert done.returncode == 1, "a master without its effect must not look finished"
    found = project.json("show", "ep001", "qc", expect=None)["findings"]
    (missing,) = [finding for finding in found if finding["rule"] == "vfx.return"]
    assert missing["measured"] == "7 frames lacking"
    assert missing["expected"] == "02:00:00:03-02:00:02:14 of media/A001C002.mov"

    cut(project, 20, 50)
    assert project.json("run", "--to", "master", "--relock")["rendered"] == 0
    assert shown(project) == [*BEFORE, *range(412, 442), *AFTER]


@pytest.mark.parametrize(("frames", "more", "sheet", "first"), [
    (30, {}, "", 400),
    (40, {"timecode": "02:00:00:15"}, "", 405),
    (41, {}, "shots:\n  sh020: {first: '02:00:00:13'}\n", 407),
    (34, {}, "handles: 2\n", 402),
], ids=["as long as the shot", "by its timecode", "as vfx.yaml says", "with other handles"])
def test_a_return_is_placed_by_its_length_or_timecode(
    tmp_path: Path, frames: int, more: dict[str, object], sheet: str, first: int
) -> None:
    project = season(tmp_path)
    project.call("lock")
    returned(project, "vfx/ep001/sh020_v001.mov", 400, frames, **more)
    if sheet:
        project.write("episodes/ep001/vfx.yaml", sheet)
    project.call("run", "--to", "master")
    assert shown(project) == [*BEFORE, *range(first, first + 30), *AFTER]


def test_a_return_of_another_length_is_refused_with_the_frames_it_lacks(tmp_path: Path) -> None:
    project = season(tmp_path)
    returned(project, "vfx/ep001/sh020_v001.mov", 400, 25)
    done = project.call("run", "--to", "vfx")
    assert "is 25 frames long; the shot is 30, with the handles of its pull 54" in done.stderr
    (finding,) = project.json("show", "ep001", "vfx")["findings"]
    assert finding["measured"] == "5 frames lacking"


def test_strays_wrong_rates_and_unknown_shots_are_named(tmp_path: Path) -> None:
    from fractions import Fraction

    project = season(tmp_path)
    (tmp_path / "episodes/ep002").mkdir()
    returned(project, "vfx/sh020_v001.mov", 400)
    returned(project, "episodes/ep001/vfx/sh999_v001.mov", 400, 20)
    returned(project, "episodes/ep001/vfx/sh010_v001.mov", 400, 20, rate=Fraction(24))
    done = project.call("run", "ep001", "--to", "vfx")
    assert "vfx/sh020_v001.mov is not used" in done.stderr
    assert "there is no shot sh999" in done.stderr
    assert "runs at 24, its camera file at 25" in done.stderr


def test_a_return_is_read_as_its_camera_file_or_as_declared(tmp_path: Path) -> None:
    project = season(tmp_path)
    project.write("microfinish.yaml", (tmp_path / "microfinish.yaml").read_text()
                  + "cameras: {\"A*\": sony-slog3-sgamut3cine}\n")
    tagged(project, "vfx/ep001/sh020_v001.mov")

    def camera() -> str:
        project.call("run", "--to", "grade")
        shots = project.json("show", "ep001", "grade")["shots"]
        return str(next(shot["camera"] for shot in shots if shot["shot"] == "sh020"))

    told = project.call("run", "--to", "vfx", "--force", "vfx").stderr
    assert told.count("tagged bt709 but read as sony-slog3-sgamut3cine") == 1
    assert "vfx/ep001/sh020_v001.mov" in told and "`color: phone-rec709`" in told
    assert camera() == "sony-slog3-sgamut3cine"
    project.write("episodes/ep001/vfx.yaml", "color: phone-rec709\n")
    assert camera() == "phone-rec709"
    project.write("episodes/ep001/vfx.yaml", "shots: {sh020: {color: camera}}\n")
    assert camera() == "sony-slog3-sgamut3cine"


def test_a_declared_color_is_not_doubted_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    project = season(tmp_path)
    project.write("microfinish.yaml", (tmp_path / "microfinish.yaml").read_text()
                  + "cameras: {\"A*\": sony-slog3-sgamut3cine}\n")
    tagged(project, "vfx/ep001/sh020_v001.mov")
    project.write("episodes/ep001/vfx.yaml", "color: camera\n")
    assert "is tagged" not in project.call("run", "--to", "vfx").stderr
    project.write("episodes/ep001/vfx.yaml", "handles: 12\ncolor: rec709\n")
    refused = project.call("run", "--to", "vfx", expect=2).stderr
    assert "episodes/ep001/vfx.yaml:2:8" in refused and "no preset cameras/rec709" in refused


def test_the_pull_list_asks_for_frames_with_handles_and_the_next_version(tmp_path: Path) -> None:
    import csv

    from microfinish.core.vfx_names import return_name

    project = season(tmp_path)
    project.call("lock")
    project.call("export", "ep001", "--to", "cdl")
    folder = project.root / "turnover/ep001"
    rows = list(csv.DictReader((folder / "pull.csv").open(encoding="utf-8")))
    assert (rows[1]["pull_in"], rows[1]["pull_out"], rows[1]["vfx_name"]) == (
        "02:00:00:08", "02:00:02:12", "ep001_sh020_v001")
    edl = (folder / "pull.edl").read_text()
    assert "02:00:00:08 02:00:02:12 00:00:02:02 00:00:04:06" in edl
    assert "ep001_sh020_v001" in edl

    returned(project, f"vfx/{rows[1]['vfx_name']}.mov", 400, int(rows[1]["frames"]))
    project.call("run", "--to", "master")
    assert shown(project) == [*BEFORE, *range(412, 442), *AFTER]
    project.call("export", "ep001", "--to", "cdl", "--handles", "4")
    rows = list(csv.DictReader((folder / "pull.csv").open(encoding="utf-8")))
    assert (rows[1]["vfx_name"], rows[1]["frames"]) == ("ep001_sh020_v002", "38")
    assert return_name(rows[1]["vfx_name"]) is not None


def test_a_return_stays_on_its_shot_when_the_cut_around_it_changes(tmp_path: Path) -> None:
    project = season(tmp_path)
    returned(project, "vfx/ep001_sh020_v001.mov", 400)
    project.call("run", "--to", "master")
    assert shown(project) == [*BEFORE, *range(412, 442), *AFTER]

    one, two, three = ({"media": media, "in": first, "out": last} for media, first, last in (
        ("A001C001", 10, 40), ("A001C002", 20, 50), ("A001C001", 50, 80)))
    inserted = {"media": "A001C001", "in": 84, "out": 94}
    trimmed = {**two, "in": 24, "out": 47}

    def relocked(*events: dict[str, object]) -> list[int | None]:
        project.write("episodes/ep001/edit.yaml", "events:\n" + "".join(
            "  - {" + ", ".join(f"{key}: {value}" for key, value in event.items()) + "}\n"
            for event in events))
        project.call("run", "--to", "master", "--relock")
        (back,) = project.json("show", "ep001", "vfx")["returns"]
        assert (back["shot"], back["media"]["path"]) == ("sh020", "vfx/ep001_sh020_v001.mov")
        return shown(project)

    effect = list(range(412, 442))
    assert relocked(two, one, three) == [*effect, *BEFORE, *AFTER]  # moved to the front
    assert relocked(three, inserted, two, one) == [*AFTER, *range(84, 94), *effect, *BEFORE]
    assert relocked(inserted, trimmed, one) == [*range(84, 94), *effect[4:27], *BEFORE]
    # taken out: the return is kept, named, and back with its shot
    project.write("episodes/ep001/edit.yaml",
                  "events:\n  - {media: A001C001, in: 10, out: 40}\n")
    told = project.call("run", "--to", "master", "--relock")
    assert "sh020" in told.stderr
    assert shown(project) == BEFORE
    assert relocked(one, two, three) == [*BEFORE, *effect, *AFTER]


def test_a_preview_shows_the_return_of_a_shot(tmp_path: Path) -> None:
    project = season(tmp_path)
    returned(project, "vfx/ep001_sh020_v001.mov", 400)
    project.call("run", "--to", "vfx")
    cut(project, 24, 50)  # not locked
    project.call("run", "--preview")
    assert numbers_in(project.root / "preview/ep001.preview.mp4") == [
        *BEFORE, *range(416, 442), *AFTER]
