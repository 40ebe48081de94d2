"""Stills, sheets, looks and `watch` show what the shot's chain makes of the camera's picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from color_project import episode, event, media, run
from PIL import Image

from microfinish.cli.app import main
from microfinish.cli.watch import Watcher
from microfinish.core.errors import InputError
from microfinish.core.vfx import Return, Returns
from microfinish.documents import record
from microfinish.media.ffmpeg import run as ffmpeg
from microfinish.project.layout import Layout
from microfinish.stages.grade import GradeStage

pytestmark = pytest.mark.media

GREY = 0x80


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two shots of one grey file, the second two stops under."""
    (tmp_path / "media").mkdir()
    ffmpeg(["-f", "lavfi", "-i", f"color=0x{GREY:02x}{GREY:02x}{GREY:02x}:s=320x180:r=25:d=4",
            "-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv422p10le", "-c:v",
            "prores_ks", str(tmp_path / "media" / "A001.mov")])
    file = media("A001", code_range="limited")
    made = episode(tmp_path, [file], [event("sh010", file, 0, 40, 0),
                                      event("sh020", file, 50, 90, 40)],
                   grade="shots:\n  sh020: {exposure: -2}\n")
    record.write(made.layout.document("ep001", "grade"), "grade", 1, {}, run(GradeStage(), made))
    return tmp_path


def _cli(folder: Path, *words: str) -> int:
    try:
        return int(main(["-C", str(folder), *words]) or 0)
    except SystemExit as left:
        return int(left.code or 0)


def _middle(still: Image.Image, left: int, top: int = 200) -> tuple[int, ...]:
    return still.convert("RGB").getpixel((left, top))  # type: ignore[return-value]


def test_stills_show_an_untouched_shot_alike_and_an_under_exposed_one_darker(folder: Path) -> None:
    assert _cli(folder, "show", "ep001", "grade", "--stills", str(folder / "stills.png")) == 0
    page = Image.open(folder / "stills.png")
    before, after = _middle(page, 100, 100), _middle(page, 14 + 320 + 14 + 100, 100)
    assert before == after == pytest.approx((GREY, GREY, GREY), abs=1)
    second_row = 2 * 14 + 20 + 180 + 44 + 14 + 60
    assert _middle(page, 100, second_row) == pytest.approx((GREY, GREY, GREY), abs=1)
    assert max(_middle(page, 14 + 320 + 14 + 100, second_row)) < GREY - 30


def test_the_ab_sheet_has_before_and_after_side_by_side(folder: Path) -> None:
    assert _cli(folder, "show", "ep001", "grade", "--sheet", str(folder / "ab.png")) == 0
    page = Image.open(folder / "ab.png")
    second = 14 + 640 + 14
    assert _middle(page, second + 100, 100) == pytest.approx((GREY, GREY, GREY), abs=1)
    assert max(_middle(page, second + 320 + 100, 100)) < GREY - 30


def test_looks_are_compared_on_the_users_own_frames(folder: Path) -> None:
    assert _cli(folder, "presets", "preview", "looks/*", "--shot", "sh010",
                "-o", str(folder / "looks.png")) == 0
    page = np.asarray(Image.open(folder / "looks.png").convert("RGB"))
    assert tuple(map(int, page[100, 100])) == pytest.approx((GREY, GREY, GREY), abs=1)
    colors = {tuple(page[100, 14 + column * 334 + 100]) for column in range(7)}
    assert len(colors) == 7


def test_a_look_that_is_not_there_is_refused_by_name(folder: Path,
                                                    capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli(folder, "presets", "preview", "looks/cold-*") == 2
    assert "no look fits looks/cold-*" in capsys.readouterr().err


def test_stills_are_never_written_among_the_media(folder: Path) -> None:
    assert _cli(folder, "show", "ep001", "grade", "--stills",
                str(folder / "media" / "x.png")) == 2
    assert [path.name for path in (folder / "media").iterdir()] == ["A001.mov"]


def test_stills_are_of_grades_and_not_of_a_mix(folder: Path,
                                               capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli(folder, "show", "ep001", "log", "--stills", "x.png") == 2
    assert "--stills is for grade, not for log" in capsys.readouterr().err


def test_watch_shows_the_shot_whose_grade_was_saved(folder: Path) -> None:
    watcher = Watcher(folder, "ep001")
    assert watcher.look().startswith("sh010 ")
    assert watcher.look() == ""
    sheet = folder / "episodes" / "ep001" / "grade.yaml"
    sheet.write_text("shots:\n  sh020: {exposure: -1}\n")
    assert watcher.look().startswith("sh020 ")
    lighter = _after(folder)
    sheet.write_text("shots:\n  sh020: {exposure: -2.5}\n")
    assert watcher.look().startswith("sh020 ")
    assert _after(folder) < lighter < GREY


def test_watch_goes_on_after_a_slip_in_the_yaml_and_changes_no_document(folder: Path) -> None:
    watcher = Watcher(folder, "ep001")
    watcher.look()
    documents = folder / "episodes" / "ep001" / "documents"
    kept = {path: path.read_bytes() for path in documents.iterdir()}
    sheet = folder / "episodes" / "ep001" / "grade.yaml"
    sheet.write_text("shots:\n  sh020: {exposre: -1}\n")
    with pytest.raises(InputError, match="exposre"):
        watcher.look()
    sheet.write_text("shots:\n  sh020: {exposure: -1}\n")
    assert watcher.look().startswith("sh020 ")
    assert {path: path.read_bytes() for path in documents.iterdir()} == kept


def test_watch_keeps_to_the_shot_it_was_told(folder: Path) -> None:
    watcher = Watcher(folder, "ep001", "A001@01:00:00:10")
    assert watcher.look().startswith("sh010 ")
    (folder / "episodes" / "ep001" / "grade.yaml").write_text("shots: {sh020: {exposure: 1}}\n")
    assert watcher.look().startswith("sh010 ")


def test_watch_once_leaves_a_still_and_a_page(folder: Path) -> None:
    assert _cli(folder, "watch", "ep001", "--once") == 0
    still = Layout(folder).still("ep001")
    assert still.is_file()
    assert still.name in still.with_suffix(".html").read_text()


def _after(folder: Path) -> int:
    return max(_middle(Image.open(Layout(folder).still("ep001")), 14 + 320 + 14 + 100, 100))


def test_texture_is_seen_in_stills(folder: Path) -> None:
    sheet = folder / "episodes" / "ep001" / "grade.yaml"
    sheet.write_text("all: {vignette: 0.8, denoise: 0.3}\n")
    Watcher(folder, "ep001").look()
    page = Image.open(Layout(folder).still("ep001"))
    top, left = 2 * 14 + 20, 14 + 320 + 14
    assert _middle(page, left + 160, top + 90) == pytest.approx((GREY,) * 3, abs=2)
    assert max(_middle(page, left + 2, top + 2)) < 0.4 * GREY


def test_a_still_shows_the_vfx_return_that_stands_in(folder: Path) -> None:
    ffmpeg(["-f", "lavfi", "-i", "color=0xe0e0e0:s=320x180:r=25:d=2", "-vf",
            "format=yuv422p10le", "-c:v", "prores_ks", str(folder / "media" / "back.mov")])
    back = media("back", code_range="limited")
    record.write(Layout(folder).document("ep001", "vfx"), "vfx", 1, {}, Returns(
        (Return("sh010", 1, "media/A001.mov", 0, "length", "camera", back),)))
    Watcher(folder, "ep001").look()
    page = Image.open(Layout(folder).still("ep001"))
    assert min(_middle(page, 100, 100)) > 200
