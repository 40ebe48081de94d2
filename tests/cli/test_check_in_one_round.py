"""`check` opens every LUT and CDL that is named, and tells mistakes of all kinds at once."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from microfinish.core.media import MediaLog
from microfinish.core.time import Span
from microfinish.core.timeline import Event, PictureLock, Revision, Timeline
from microfinish.documents import record
from microfinish.project.project import Project
from microfinish.stages.grade_sheet import Written, inputs_of_sheet

BROKEN_CUBE = "TITLE x\nLUT_3D_SIZE 3\n0 0 0\n0 0 1\n0 1 0\n"
BAD_CC = ('<?xml version="1.0"?>\n<ColorCorrection id="x">\n<SOPNode>\n'
          "<Slope>1 -1.1 1</Slope>\n</SOPNode>\n</ColorCorrection>\n")
GOOD_CUBE = "LUT_3D_SIZE 2\n" + "".join(
    f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))


@pytest.fixture
def project(typed: Any, tmp_path: Path) -> Path:
    root = tmp_path / "show"
    assert typed("new", str(root), "-q").code == 0
    write(root, "presets/luts/broken.cube", BROKEN_CUBE)
    write(root, "presets/luts/good.cube", GOOD_CUBE)
    write(root, "onset/bad.cc", BAD_CC)
    event = Event("sh1", "V1", "media/A.mov", Span(0, 5), Span(0, 5))
    timeline = Timeline(Fraction(25), (event,))
    documents = root / "episodes/ep001/documents"
    lock = PictureLock((Revision(1, "d", "2026-01-01", "me", "", timeline),))
    record.write(documents / "lock.yaml", "lock", 1, {}, lock)
    record.write(documents / "log.yaml", "log", 1, {}, MediaLog(()))
    return root


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def grade(root: Path, text: str) -> None:
    write(root, "episodes/ep001/grade.yaml", text)


def test_a_broken_cube_is_refused_with_its_own_line(typed: Any, project: Path) -> None:
    grade(project, "look: broken.cube\n")
    answer = typed("check", "-C", str(project))
    assert answer.code == 2
    assert "presets/luts/broken.cube:5" in answer.err
    assert "3 rows of numbers where 27 are stated" in answer.err


def test_a_cdl_file_with_numbers_that_the_asc_forbids_is_refused_with_its_line(
    typed: Any, project: Path
) -> None:
    grade(project, "all: {cdl: onset/bad.cc}\n")
    answer = typed("check", "-C", str(project))
    assert answer.code == 2
    assert "onset/bad.cc:4" in answer.err
    assert "Slope 1 -1.1 1 is out of range" in answer.err


def test_a_lut_that_holds_is_read_once_per_content(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from microfinish.media import user_lut

    read, seen = user_lut.read_lut, []
    monkeypatch.setattr(user_lut, "read_lut", lambda *a: (seen.append(a[1]), read(*a))[1])
    grade(project, "look: good.cube\n")
    for text in (GOOD_CUBE, GOOD_CUBE, GOOD_CUBE.replace("0 0 0", "0.1 0 0")):
        write(project, "presets/luts/good.cube", text)
        opened = Project.open(project)
        episode = opened.episode("ep001")
        path = episode.layout.human("ep001", "grade")
        inputs_of_sheet(episode, episode.settings, Written.read(path, "grade.yaml"))
    assert seen == ["presets/luts/good.cube"] * 2


def test_mistakes_of_all_kinds_are_told_in_one_round(typed: Any, project: Path) -> None:
    grade(project, """look: broken.cube
all: {cdl: onset/bad.cc}
shots:
  sh1: {exposre: 1, curves: {master: [[0, 0.5], [1, 0]]}}
  sh77: {cdl: {slope: [1, -1.1, 1]}, exposure: 99}
""")
    write(project, "episodes/ep001/reframe.yaml", "shots:\n  sh78: {point: [0.5, 7]}\n")
    write(project, "episodes/ep001/mix.yaml",
          "music:\n  - {file: gone.wav, gain_db: loud}\nshots: {sh79: {mute: true}}\n")
    answer = typed("check", "-C", str(project))
    assert answer.code == 2
    for says in ("exposre", "exposure must be at most 8", "broken.cube:5", "bad.cc:4",
                 "points of a curve must rise", "no shot 'sh77'", "slope -1.1 is below 0",
                 "no shot 'sh78'", "must be at most 1", "gain_db", "gone.wav",
                 "no shot 'sh79'"):
        assert says in answer.err, says


def test_an_illegal_number_of_a_cdl_is_pointed_at(typed: Any, project: Path) -> None:
    grade(project, "shots:\n  sh1: {cdl: {slope: [1, -1.1, 1]}}\n")
    answer = typed("check", "-C", str(project))
    assert "grade.yaml:2:26: cdl slope -1.1 is below 0" in answer.err
    line, caret = answer.err.splitlines()[-3:-1]
    assert line[caret.index("^"):][:4] == "-1.1"


def test_hues_lie_on_one_turn_of_the_wheel(typed: Any, project: Path) -> None:
    grade(project, "all: {hues: {hue_sat: [[20, 1.1], [400, 1]]}}\n")
    answer = typed("check", "-C", str(project))
    assert answer.code == 2
    assert "grade.yaml:1:36" in answer.err
    assert "must be at most 360" in answer.err
