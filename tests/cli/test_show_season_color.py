"""`show all grade --continuity` and `show all correct` over a season of two episodes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "stages"))

from color_project import episode, event, media, run

from microfinish.cli.app import main
from microfinish.core.color import Balance, Corrections, ShotCorrection
from microfinish.documents import record
from microfinish.media.ffmpeg import run as ffmpeg
from microfinish.project.project import Project
from microfinish.report import season_continuity
from microfinish.stages.grade import GradeStage

pytestmark = pytest.mark.media


@pytest.fixture
def season(tmp_path: Path) -> Path:
    """The same set in two episodes, in the second a stop under; both corrected somehow."""
    (tmp_path / "media").mkdir()
    ffmpeg(["-f", "lavfi", "-i", "mandelbrot=s=320x180:r=25,trim=end_frame=3", "-vf",
            "format=yuv422p10le", "-c:v", "prores_ks", str(tmp_path / "media" / "A001.mov")])
    file = media("A001", code_range="limited")
    body = Corrections("apply", (
        ShotCorrection("sh010", Balance(0.2, -300, 0.001), "the same set", 0.8, "applied", "A001"),
        ShotCorrection("sh020", Balance(), "too dark", 0.0, "abstained", "A002")))
    episode(tmp_path, [file], [event("sh010", file, 0, 3, 0)], grade="all: {exposure: -1}\n")
    (tmp_path / "episodes" / "ep001").rename(tmp_path / "episodes" / "ep002")
    episode(tmp_path, [file], [event("sh010", file, 0, 3, 0)])
    for name in ("ep001", "ep002"):
        opened = Project.open(tmp_path).episode(name)
        record.write(opened.layout.document(name, "correct"), "correct", 1, {}, body)
        record.write(opened.layout.document(name, "grade"), "grade", 1, {},
                     run(GradeStage(), opened))
    return tmp_path


def _cli(folder: Path, *words: str) -> int:
    try:
        return int(main(["-C", str(folder), *words]) or 0)
    except SystemExit as left:
        return int(left.code or 0)


def test_the_same_set_of_two_episodes_is_compared(season: Path,
                                                  capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli(season, "show", "all", "grade", "--continuity", "--json") == 0
    seen = json.loads(capsys.readouterr().out)["sightings"]
    assert {(each["what"], each["episode"]) for each in seen} == {("set 1", "ep001"),
                                                                  ("set 1", "ep002")}
    one, other = (each["lab"][0] for each in seen)
    assert abs(one - other) > 5


def test_pairs_that_are_not_compared_are_said(season: Path, capsys: pytest.CaptureFixture[str],
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(season_continuity, "MOST_SET_PAIRS", 0)
    assert _cli(season, "show", "all", "grade", "--continuity") == 0
    assert "1 pair of shots not searched for the same set" in capsys.readouterr().err


def test_all_corrections_of_a_season_are_one_table(season: Path,
                                                   capsys: pytest.CaptureFixture[str]) -> None:
    assert _cli(season, "show", "all", "correct") == 0
    told = capsys.readouterr().out
    assert "2 of 4 shots are corrected or might be" in told
    assert told.count("applied") == 2
    assert "abstained" not in told
    assert _cli(season, "show", "all", "correct", "--json") == 0
    found = json.loads(capsys.readouterr().out)["episodes"]
    assert [each["episode"] for each in found] == ["ep001", "ep002"]
    assert found[0]["shots"][0]["balance"]["temperature"] == -300
