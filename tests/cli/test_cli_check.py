"""A new project is sound, and every mistake in it is found at once."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from microfinish.core.media import MediaLog
from microfinish.core.settings import Season
from microfinish.core.time import Span
from microfinish.core.timeline import Event, PictureLock, Revision, Timeline
from microfinish.documents import record
from microfinish.documents.validate import load


@pytest.fixture
def project(typed: Any, tmp_path: Path) -> Path:
    root = tmp_path / "my-show"
    assert typed("new", str(root), "--rate", "23.976", "--platforms", "tiktok,reelshort",
                 "-q").code == 0
    return root


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def test_a_new_project_is_what_was_asked_for(project: Path) -> None:
    season = load(project / "microfinish.yaml", Season, "microfinish.yaml")
    assert (season.title, str(season.rate), season.platforms) == (
        "My Show", "24000/1001", ("tiktok", "reelshort"))
    assert {path.name for path in project.iterdir()} == {
        "microfinish.yaml", "media", "music", "sfx", "presets", "episodes", ".gitignore"}


def test_a_new_project_passes_and_is_told_that_the_edit_list_is_missing(
    typed: Any, project: Path
) -> None:
    answer = typed("check", "-C", str(project))
    assert answer.code == 0
    assert "info: episodes/ep001: ep001: no edit list yet" in answer.err
    assert answer.err.endswith("no mistakes in 1 episode\n")


def test_the_samples_in_a_new_project_hold(typed: Any, project: Path) -> None:
    for path in ("microfinish.yaml", "episodes/ep001/edit-sample.yaml"):
        text = (project / path).read_text()
        kept = []
        for line in text.splitlines():
            sample = line.removeprefix("# ")
            is_sample = sample.startswith(("events:", "  - {", "cameras:", "  \"", "correct:",
                                           "look:", "loudness:"))
            kept.append(sample if is_sample else line)
        write(project, path.replace("edit-sample", "edit"), "\n".join(kept) + "\n")
    answer = typed("check", "-C", str(project), "-q")
    assert (answer.code, answer.err) == (0, "")


def test_new_never_writes_over_anything(typed: Any, project: Path) -> None:
    before = (project / "microfinish.yaml").read_text()
    answer = typed("new", str(project))
    assert answer.code == 2
    assert "is there already" in answer.err
    assert (project / "microfinish.yaml").read_text() == before


@pytest.mark.parametrize(("words", "says"), [
    (["--platforms", "tictoc"], "did you mean tiktok?"),
    (["--rate", "fast"], "fast"),
])
def test_new_refuses_what_would_not_pass(
    typed: Any, tmp_path: Path, words: list[str], says: str
) -> None:
    answer = typed("new", str(tmp_path / "other"), *words)
    assert answer.code == 2
    assert says in answer.err
    assert not (tmp_path / "other").exists()


def test_all_mistakes_of_all_files_are_told_at_once(typed: Any, project: Path) -> None:
    write(project, "microfinish.yaml", "titel: Roof\nplatforms: [tiktok]\n")
    write(project, "episodes/ep001/grade.yaml", "shots:\n  s1: {exposre: 0.3}\n")
    write(project, "episodes/ep001/mix.yaml", "music:\n  - {file: a.wav, gain_db: loud}\n")
    write(project, "episodes/ep001/grades.yaml", "{}\n")
    write(project, "episodes/ep001/edit.yaml", "events: []\n")
    answer = typed("check", "-C", str(project))
    assert answer.code == 2
    for says in ('microfinish.yaml:1:1: unknown key "titel"', 'did you mean "title"?',
                 'grade.yaml:2:8: unknown key "exposre"', "mix.yaml:2:", "gain_db",
                 "warning: episodes/ep001/grades.yaml", "3 problems in 3 files"):
        assert says in answer.err
    plain = typed("check", "-C", str(project), "--json")
    assert plain.code == 2
    assert {"severity": "error", "line": 2, "column": 8}.items() <= next(
        p for p in plain.json["problems"] if p["file"] == "episodes/ep001/grade.yaml").items()


def test_presets_that_do_not_exist_are_found(typed: Any, project: Path) -> None:
    write(project, "microfinish.yaml",
          "platforms: [tiktok, reelshrt]\nlook: cool-isolaton\ncameras: {'A*': sony-slog3}\n")
    answer = typed("check", "-C", str(project))
    assert answer.code == 2
    for name in ("reelshrt", "cool-isolaton", "sony-slog3"):
        assert name in answer.err
    assert "did you mean" in answer.err


def test_a_preset_of_the_project_is_checked_even_if_nobody_uses_it(
    typed: Any, project: Path
) -> None:
    write(project, "presets/platforms/mine.yaml", "extends: tiktok\nmax_secnds: 60\n")
    answer = typed("check", "-C", str(project))
    assert answer.code == 2
    assert "presets/platforms/mine.yaml:2:1" in answer.err
    assert 'did you mean "max_seconds"?' in answer.err


def test_two_edit_lists_are_a_mistake(typed: Any, project: Path) -> None:
    write(project, "episodes/ep001/edit.yaml", "events: []\n")
    write(project, "episodes/ep001/edit.edl", "TITLE: X\n")
    answer = typed("check", "-C", str(project))
    assert answer.code == 2
    assert "two edit lists" in answer.err


def test_broken_subtitles_are_found(typed: Any, project: Path) -> None:
    write(project, "episodes/ep001/subtitles/english.srt", "")
    answer = typed("check", "-C", str(project))
    assert answer.code == 2
    assert "not named after a language" in answer.err


def test_an_edit_that_contradicts_itself_is_found(typed: Any, project: Path) -> None:
    write(project, "episodes/ep001/edit.yaml", 'events:\n  - {media: A001, in: "01:00:00:00"}\n')
    answer = typed("check", "-C", str(project))
    assert answer.code == 2
    assert "event 1" in answer.err


def test_what_the_episodes_files_name_must_be_there(typed: Any, project: Path) -> None:
    write(project, "episodes/ep001/grade.yaml",
          "look: neon-nigth\nall:\n  cdl: grades/missing.cdl\n")
    write(project, "episodes/ep001/titles.yaml",
          "languages:\n  en:\n    style: mobil\n")
    write(project, "episodes/ep001/mix.yaml",
          "dialogue: {cleanup: atic}\nmusic:\n  - {file: music/none.wav}\n")
    answer = typed("check", "-C", str(project))
    assert answer.code == 2
    for says in ("grade.yaml:1:7: there is no preset looks/neon-nigth",
                 "grade.yaml:3:8: there is no file grades/missing.cdl",
                 "titles.yaml:3:12: there is no preset titles/mobil", "did you mean",
                 "mix.yaml:1:11: there is no preset cleanup/atic",
                 "mix.yaml:3:5: there is no file music/none.wav", "5 problems in 3 files"):
        assert says in answer.err


def test_the_color_of_a_vfx_return_must_be_a_camera_preset(typed: Any, project: Path) -> None:
    write(project, "episodes/ep001/vfx.yaml",
          "color: camera\nshots:\n  sh010: {color: phone-rec790}\n")
    answer = typed("check", "-C", str(project))
    assert answer.code == 2
    assert "there is no preset cameras/phone-rec790" in answer.err
    assert "vfx.yaml:3" in answer.err


def test_shots_that_the_lock_does_not_hold_are_found(typed: Any, project: Path) -> None:
    event = Event("sh1", "V1", "media/A.mov", Span(0, 5), Span(0, 5))
    timeline = Timeline(Fraction(25), (event,))
    documents = project / "episodes/ep001/documents"
    lock = PictureLock((Revision(1, "d", "2026-01-01", "me", "", timeline),))
    write(project, "episodes/ep001/reframe.yaml", "shots:\n  sh1: {fit: blur}\n")
    assert typed("check", "-C", str(project)).code == 0
    record.write(documents / "lock.yaml", "lock", 1, {}, lock)
    record.write(documents / "log.yaml", "log", 1, {}, MediaLog(()))
    assert typed("check", "-C", str(project)).code == 0
    write(project, "episodes/ep001/reframe.yaml", "shots:\n  sh2: {fit: blur}\n")
    answer = typed("check", "-C", str(project))
    assert answer.code == 2
    assert "reframe.yaml:2:" in answer.err
    assert "no shot 'sh2' in this episode" in answer.err


def test_subtitles_are_read_in_the_encoding_of_their_language(typed: Any, project: Path) -> None:
    cue = "1\n00:00:00,000 --> 00:00:01,000\n亐亖你好\n"
    path = project / "episodes/ep001/subtitles/zh-Hans.srt"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(cue.encode("gb18030"))  # not known without its language
    assert typed("check", "-C", str(project)).code == 0
