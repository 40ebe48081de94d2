"""The project folder: found from anywhere in it, settings merged, files seen as people see them."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from fractions import Fraction
from pathlib import Path

import pytest

from microfinish.core.errors import InputError, ProblemsError
from microfinish.core.finding import Findings
from microfinish.core.settings import CorrectSettings, Season
from microfinish.documents import record
from microfinish.project.paths import best_name, inside, is_relative_inside, natural_key
from microfinish.project.project import Project


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "show"
    for name in ("ep1", "ep2", "ep10"):
        (root / "episodes" / name).mkdir(parents=True)
    (root / "microfinish.yaml").write_text(
        "title: The Rooftop\nrate: 23.976\ncameras: {'A*': one, 'B*': two}\n"
        "correct: {mode: apply, min_confidence: 0.5}\nplatforms: [tiktok, reelshort]\n")
    return root


def put(root: Path, name: str, data: str | bytes = "x") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_a_project_is_found_from_any_folder_inside(root: Path) -> None:
    assert Project.open(root / "episodes" / "ep1").root == root
    assert Project.open(root).settings.title == "The Rooftop"


def test_where_there_is_no_project_the_way_to_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no microfinish\.yaml") as caught:
        Project.open(tmp_path)
    assert "microfinish new" in caught.value.hint


def test_episodes_are_in_natural_order(root: Path) -> None:
    assert Project.open(root).episodes() == ("ep1", "ep2", "ep10")


def test_an_unknown_episode_is_told_with_its_neighbors(root: Path) -> None:
    with pytest.raises(InputError, match="there is no episode ep11") as caught:
        Project.open(root).episode("ep11")
    assert "ep1" in caught.value.hint


@pytest.mark.parametrize("name", ["", ".", "..", "../show", "ep1/documents"])
def test_an_episode_is_a_name_not_a_path(root: Path, name: str) -> None:
    with pytest.raises(InputError):
        Project.open(root).episode(name)


def test_an_episode_overrides_the_season_mappings_merge_and_lists_are_replaced(root: Path) -> None:
    put(root, "episodes/ep1/episode.yaml",
        "cameras: {'B*': three, 'C*': four}\ncorrect: {mode: off}\nplatforms: [dramabox]\n")
    project = Project.open(root)
    settings = project.episode("ep1").settings
    assert settings.rate == Fraction(24000, 1001)
    assert settings.cameras == {"A*": "one", "B*": "three", "C*": "four"}
    assert settings.correct == CorrectSettings("off", 0.5)
    assert settings.platforms == ("dramabox",)
    assert project.episode("ep2").settings == project.settings


def test_a_mistake_in_an_override_points_into_the_episodes_file(root: Path) -> None:
    put(root, "episodes/ep1/episode.yaml", "title: x\ncorrect: {mod: off}\n")
    with pytest.raises(ProblemsError) as caught:
        _ = Project.open(root).episode("ep1").settings
    assert str(caught.value.where) == "episodes/ep1/episode.yaml:2:11"


def test_a_changed_override_is_seen_by_the_next_look_at_the_episode(root: Path) -> None:
    project = Project.open(root)
    put(root, "episodes/ep1/episode.yaml", "title: a\n")
    assert project.episode("ep1").settings.title == "a"
    put(root, "episodes/ep1/episode.yaml", "title: b\n")
    assert project.episode("ep1").settings.title == "b"


def test_a_human_file_that_is_not_there_is_absent(root: Path) -> None:
    episode = Project.open(root).episode("ep1")
    absent = episode.human("grade", Season)
    assert (absent.value, absent.digest, absent.exists) == (None, "absent", False)
    put(root, "episodes/ep1/grade.yaml", "title: x\n")
    present = episode.human("grade", Season)
    assert present.exists and present.value == Season(title="x")
    assert present.digest == episode.file_digest("episodes/ep1/grade.yaml") != "absent"


def test_a_document_shows_its_bodys_hash_and_its_noun(root: Path) -> None:
    episode = Project.open(root).episode("ep1")
    assert episode.document("qc").digest == "absent"
    body = Findings(("a.mp4",), ())
    header = record.write(root / "episodes/ep1/documents/qc.yaml", "qc", 1, {}, body)
    found = Project.open(root).episode("ep1").document("qc")
    assert (found.exists, found.digest, found.load()) == (True, header.body, body)


def test_two_edit_lists_at_once_are_an_error_that_names_both(root: Path) -> None:
    episode = Project.open(root).episode("ep1")
    assert episode.edit_list() is None
    put(root, "episodes/ep1/edit.edl")
    assert episode.edit_list() == root / "episodes/ep1/edit.edl"
    put(root, "episodes/ep1/edit.yaml")
    with pytest.raises(InputError, match=r"edit\.edl and edit\.yaml"):
        episode.edit_list()


def test_subtitles_are_named_by_language(root: Path) -> None:
    for name in ("en.srt", "pt-BR.srt", "zh-Hans.vtt", ".hidden.srt", "notes.txt"):
        put(root, f"episodes/ep1/subtitles/{name}")
    assert set(Project.open(root).episode("ep1").subtitles()) == {"en", "pt-BR", "zh-Hans"}
    put(root, "episodes/ep1/subtitles/Final v2.srt")
    with pytest.raises(InputError, match="not named after a language"):
        Project.open(root).episode("ep1").subtitles()


def test_media_are_found_at_any_depth_without_the_litter_of_systems(root: Path) -> None:
    for name in ("day1/A002.mov", "day1/A010.MOV", "day1/._A002.mov", ".trash/B.mov", "Thumbs.db",
                 "sound/Zoom.wav", "notes.txt", "day1/A002.mov.xmp", "IMG 1.MP4"):
        put(root, f"media/{name}")
    assert Project.open(root).media_files() == (
        "media/day1/A002.mov", "media/day1/A010.MOV", "media/IMG 1.MP4", "media/sound/Zoom.wav")


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_media_on_a_server_are_followed_through_links_once(root: Path, tmp_path: Path) -> None:
    put(tmp_path, "server/A001.mov")
    (root / "media").mkdir()
    (root / "media" / "server").symlink_to(tmp_path / "server")
    (tmp_path / "server" / "loop").symlink_to(tmp_path / "server")
    assert Project.open(root).media_files() == ("media/server/A001.mov",)


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_an_output_is_never_written_through_a_link_out_of_the_project(
        root: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (root / "deliver").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="symbolic link"):
        inside(root, "deliver/ep1/tiktok.mp4")
    assert inside(root, "review/index.html") == root / "review/index.html"


@pytest.mark.parametrize(("name", "good"), [
    ("media/a.mov", True), ("a..b/c", True), ("../a", False), ("media/../../a", False),
    ("/a", False), ("C:\\a", False), ("media\\..\\..\\a", False), ("", False)])
def test_paths_in_documents_stay_inside_on_every_platform(name: str, good: bool) -> None:
    assert is_relative_inside(name) is good


def test_names_are_compared_as_they_look() -> None:
    composed, split = "Café.mov", unicodedata.normalize("NFD", "Café.mov")
    assert best_name(composed, (split,)) == split
    assert best_name("a001.mov", ("A001.mov", "B001.mov")) == "A001.mov"
    assert best_name("a001.mov", ("A001.mov", "A001.MOV")) is None
    assert best_name("A001.mov", ("A001.mov", "a001.mov")) == "A001.mov"


def test_numbers_in_names_sort_by_value() -> None:
    assert sorted(["ep10", "ep2", "Ep1", "ep2b"], key=natural_key) == ["Ep1", "ep2", "ep2b", "ep10"]


def test_the_store_may_live_on_shared_storage(root: Path, tmp_path: Path,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    assert Project.open(root).store.root == root / ".microfinish" / "store"
    monkeypatch.setenv("MICROFINISH_STORE", str(tmp_path / "shared"))
    assert Project.open(root).store.root == tmp_path / "shared"


def test_opening_a_project_loads_no_library_that_only_reading_needs() -> None:
    program = ("import sys, microfinish.project.project, microfinish.project.holder\n"
               "print(sorted(set(sys.modules) & {'yaml', 'pydantic', 'pydantic_core', 'numpy', "
               "'cv2', 'av', 'typer', 'rich'}))")
    path = os.pathsep.join(entry for entry in sys.path if entry)
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                         check=True, env={**os.environ, "PYTHONPATH": path})
    assert run.stdout.strip() == "[]"
