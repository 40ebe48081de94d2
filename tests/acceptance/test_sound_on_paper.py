"""Levels of a season, the loudness report, the music cue sheet: the paper of a delivery."""

from __future__ import annotations

import csv
import io
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from synth.project import ProjectFolder
from synth.sound import ebur128, lively, make_flash_clip

from microfinish.media.wave import write_wave

RATE = 48_000
pytestmark = pytest.mark.media
CUE = ("  - {file: music/theme.wav, at: '00:00:01:00', out: '00:00:04:00', title: Home, "
       "composer: A. Composer, publisher: House Music, isrc: DEA230000001, usage: TH}\n")


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> ProjectFolder:
    root = tmp_path_factory.mktemp("paper")
    project = ProjectFolder.make(root, extra="timeline_start: 01:00:00:00\n")
    make_flash_clip(root / "media" / "A001C001.mov", rate=Fraction(25), frames=150, flashes=[3],
                    sound=lively(6.0))
    make_flash_clip(root / "media" / "A001C002.mov", rate=Fraction(25), frames=150, flashes=[3],
                    sound=np.float32(0.3) * lively(6.0, 2) * (np.arange(6 * RATE) < 3 * RATE))
    rng = np.random.default_rng(4)
    write_wave((0.2 * rng.standard_normal((6 * RATE, 2))).astype(np.float32),
               root / "music" / "theme.wav")
    for episode, clip in (("ep001", "A001C001"), ("ep002", "A001C001"), ("ep003", "A001C002")):
        project.write(f"episodes/{episode}/edit.yaml",
                      f"events:\n  - {{media: {clip}, in: 0, out: 150}}\n")
        project.write(f"episodes/{episode}/mix.yaml", "music:\n" + CUE)
    # soft words, then music that nobody speaks over
    project.write("episodes/ep003/mix.yaml",
                  "music:\n  - {file: music/theme.wav, at: '00:00:03:05', gain_db: -9}\n")
    project.call("run", "all", "--to", "master")
    return project


def test_the_levels_of_a_season_name_the_episode_whose_dialogue_strays(season: ProjectFolder
                                                                      ) -> None:
    levels = season.json("show", "all", "mix", "--levels")["levels"]
    assert [level["episode"] for level in levels] == ["ep001", "ep002", "ep003"]
    for level in levels:
        measured, _ = ebur128(season.root / level["file"])
        assert level["integrated_lufs"] == pytest.approx(measured, abs=0.1)
        assert 0.3 < level["dialogue_share"] <= 1
    assert [bool(level["outlier"]) for level in levels] == [False, False, True]
    assert "dialogue -" in levels[2]["outlier"]
    told = season.call("show", "all", "mix", "--levels")
    assert "dialogue-anchor" in told.stderr


def test_one_anchor_makes_all_episodes_speak_equally_loud(season: ProjectFolder) -> None:
    settings = season.root / "microfinish.yaml"
    before = settings.read_text(encoding="utf-8")
    season.write("microfinish.yaml", before + "loudness: dialogue-anchor\n")
    try:
        season.call("run", "all", "--to", "master")
        levels = season.json("show", "all", "mix", "--levels")["levels"]
        assert [level["dialogue_lufs"] for level in levels] == pytest.approx([-16.0] * 3, abs=0.2)
        assert max(level["true_peak_dbtp"] for level in levels) <= -1.0
    finally:
        season.write("microfinish.yaml", before)
        season.call("run", "all", "--to", "master")


def test_the_cue_sheet_says_whose_music_plays_and_how_long(season: ProjectFolder,
                                                           tmp_path: Path) -> None:
    season.call("show", "ep001", "mix", "--cue-sheet", str(tmp_path / "cues.csv"),)
    text = (tmp_path / "cues.csv").read_text(encoding="utf-8")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row == {
        "cue": "1", "title": "Home", "composer": "A. Composer", "publisher": "House Music",
        "isrc": "DEA230000001", "usage": "TH", "in": "01:00:01:00", "out": "01:00:05:00",
        "duration": "0:04.0", "file": "music/theme.wav"}
    season.call("show", "ep001", "mix", "--cue-sheet", str(tmp_path / "cues.html"))
    page = (tmp_path / "cues.html").read_text(encoding="utf-8")
    assert "<td>A. Composer</td>" in page
    assert "0:04.0 of music" in page
    refused = season.call("show", "ep001", "mix", "--cue-sheet", str(tmp_path / "cues.pdf"),
                          expect=None)
    assert refused.returncode != 0


def test_the_report_is_one_file_with_curve_peaks_and_dialogue(season: ProjectFolder,
                                                              tmp_path: Path) -> None:
    path = tmp_path / "ep001.html"
    season.call("show", "ep001", "mix", "--report", str(path))
    page = path.read_text(encoding="utf-8")
    assert page.count("<svg") == 1
    assert "dialogue over music" in page
    shown = re.search(r"integrated</th><td>(-[\d.]+) LUFS", page)
    measured, _ = ebur128(season.master())
    assert shown and float(shown[1]) == pytest.approx(measured, abs=0.1)
    assert not re.search(r"(src|href)=.http", page)
    season.call("show", "ep001", "mix", "--report", str(path))
    assert path.read_text(encoding="utf-8") == page
