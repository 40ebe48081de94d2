"""Presets: the nearest shelf wins, parents are merged, every value keeps its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from microfinish.core.errors import InputError, ProblemsError
from microfinish.documents.yamltext import parse
from microfinish.project.presets import Presets
from microfinish.project.shelves import builtin_presets, plugin_shelves


@dataclass(frozen=True, slots=True)
class Sound:
    target_lufs: float = -14.0
    peak_dbtp: float = -1.0


@dataclass(frozen=True, slots=True)
class Spec:
    title: str
    name: str = ""
    max_seconds: float | None = None
    tags: tuple[str, ...] = ()
    sound: Sound = Sound()
    options: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MICROFINISH_PRESETS", str(tmp_path / "user"))
    return tmp_path / "show"


def put(root: Path, name: str, text: str, shelf: str = "presets") -> None:
    path = root / shelf / "specs" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_mappings_merge_lists_are_replaced_and_origins_tell_which_file(root: Path) -> None:
    put(root, "base", "title: Base\ntags: [a, b]\nsound:\n  target_lufs: -16\n  peak_dbtp: -2\n")
    put(root, "child", "extends: base\ntags: [c]\nsound: {target_lufs: -14}\n")
    found = Presets(root).resolve("specs", "child", Spec)
    assert found.value == Spec("Base", "child", None, ("c",), Sound(-14.0, -2.0))
    assert found.origins == {
        "title": "presets/specs/base.yaml:1", "tags": "presets/specs/child.yaml:2",
        "sound.target_lufs": "presets/specs/child.yaml:3",
        "sound.peak_dbtp": "presets/specs/base.yaml:5"}
    assert found.chain == ("presets/specs/child.yaml", "presets/specs/base.yaml")


def test_renaming_a_preset_or_moving_a_value_to_its_parent_changes_no_digest(root: Path) -> None:
    put(root, "a", "title: T\nmax_seconds: 60\n")
    put(root, "b", "# a comment\nmax_seconds: 60\ntitle: T\n")
    put(root, "c", "extends: a\n")
    put(root, "d", "extends: a\nmax_seconds: 61\n")
    presets = Presets(root)
    a, b, c, d = (presets.resolve("specs", name, Spec).digest for name in "abcd")
    assert a == b == c != d


def test_a_value_may_say_how_certain_it_is(root: Path) -> None:
    put(root, "a", "title: T\nmax_seconds: {value: 60, level: must, certainty: A, "
                   "source: help page, checked_on: 2026-11-20}\nsound:\n"
                   "  target_lufs: {value: -13, level: house}\n")
    found = Presets(root).resolve("specs", "a", Spec)
    assert found.value.max_seconds == 60
    assert found.value.sound.target_lufs == -13
    assert found.notes == {
        "max_seconds": {"level": "must", "certainty": "A", "source": "help page",
                        "checked_on": "2026-11-20"},
        "sound.target_lufs": {"level": "house"}}


def test_a_child_overrides_a_noted_value_by_a_bare_one(root: Path) -> None:
    put(root, "a", "title: T\nmax_seconds: {value: 60, level: must}\n")
    put(root, "b", "extends: a\nmax_seconds: 90\n")
    found = Presets(root).resolve("specs", "b", Spec)
    assert (found.value.max_seconds, found.notes) == (90, {})


def test_the_project_wins_over_the_user_and_may_extend_what_it_hides(root: Path) -> None:
    put(root.parent, "a", "title: User\nmax_seconds: 10\n", "user")
    assert Presets(root).resolve("specs", "a", Spec).value.title == "User"
    put(root, "a", "extends: a\ntitle: Show\n")
    found = Presets(root).resolve("specs", "a", Spec).value
    assert (found.title, found.max_seconds) == ("Show", 10)


@pytest.mark.parametrize("reference", ["a", "specs/a", "presets/specs/a.yaml", "specs/a.yaml"])
def test_a_preset_is_found_by_name_by_folder_and_name_and_by_path(
        root: Path, reference: str) -> None:
    put(root, "a", "title: T\n")
    assert Presets(root).resolve("specs", reference, Spec).value == Spec("T", "a")


def test_an_unknown_name_lists_the_nearest(root: Path) -> None:
    put(root, "neon-night", "title: T\n")
    with pytest.raises(InputError, match="there is no preset specs/neon-nihgt") as caught:
        Presets(root).resolve("specs", "neon-nihgt", Spec)
    assert caught.value.hint == "did you mean neon-night?"


def test_an_unknown_parent_is_told_at_its_line(root: Path) -> None:
    put(root, "a", "title: T\nextends: bse\n")
    with pytest.raises(ProblemsError) as caught:
        Presets(root).resolve("specs", "a", Spec)
    assert str(caught.value.where) == "presets/specs/a.yaml:2:10"


def test_a_circle_of_parents_is_named(root: Path) -> None:
    for name, parent in ("ab", "bc", "ca"):
        put(root, name, f"extends: {parent}\n")
    with pytest.raises(ProblemsError) as caught:
        Presets(root).resolve("specs", "a", Spec)
    assert str(caught.value) == ("extends leads in a circle: presets/specs/a.yaml -> "
                                 "presets/specs/b.yaml -> presets/specs/c.yaml -> "
                                 "presets/specs/a.yaml")


def test_a_bad_value_from_the_parent_points_into_the_parents_file(root: Path) -> None:
    put(root, "base", "title: T\nsound:\n  target_lufs: loud\n")
    put(root, "child", "extends: base\ntagz: [c]\n")
    with pytest.raises(ProblemsError) as caught:
        Presets(root).resolve("specs", "child", Spec)
    assert [str(problem.where) for problem in caught.value.problems] == [
        "presets/specs/base.yaml:3:16", "presets/specs/child.yaml:2:1"]


@pytest.mark.parametrize("reference", ["../../etc/passwd", "/etc/passwd", "", "~/a"])
def test_a_name_never_leads_out_of_the_shelves(root: Path, reference: str) -> None:
    with pytest.raises(InputError):
        Presets(root).resolve("specs", reference, Spec)


def test_a_lookup_table_is_found_like_a_preset(root: Path) -> None:
    path = root / "presets" / "luts" / "film.cube"
    path.parent.mkdir(parents=True)
    path.write_text("LUT_3D_SIZE 2\n")
    for reference in ("film", "luts/film", "presets/luts/film.cube", "film.cube"):
        assert Presets(root).find("luts", reference, (".cube",)) == path


def test_the_list_shows_each_name_once_with_its_shelf(root: Path) -> None:
    put(root, "a2", "title: Mine\n")
    put(root, "a10", "x: 1\n")
    put(root.parent, "a2", "title: User\n", "user")
    assert [(info.name, info.shelf, info.title) for info in Presets(root).list("specs")] == [
        ("a2", "project", "Mine"), ("a10", "project", "")]


def test_built_in_presets_are_found_without_a_project() -> None:
    assert (builtin_presets() / "INDEX.yaml").is_file()
    assert "platforms" in Presets().folders()
    assert any(info.name == "tiktok" for info in Presets().list("platforms"))


def test_the_index_names_every_folder_of_built_in_presets() -> None:
    index = parse((builtin_presets() / "INDEX.yaml").read_text("utf-8"), "INDEX.yaml").data
    assert set(Presets().folders()) <= set(index)


def test_a_plug_ins_presets_come_after_the_users_and_before_the_built_in(
        root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    put(site, "house", "title: House\n", "house_presets/presets")
    put(site, "both", "title: House\n", "house_presets/presets")
    put(root.parent, "both", "title: User\n", "user")
    (site / "house_presets" / "__init__.py").touch()
    info = site / "house_presets-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: house-presets\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[microfinish.presets]\nhouse = house_presets\n")
    monkeypatch.syspath_prepend(str(site))
    plugin_shelves.cache_clear()
    try:
        presets = Presets(root)
        assert presets.resolve("specs", "house", Spec).value.title == "House"
        assert presets.resolve("specs", "both", Spec).value.title == "User"
        assert [shelf.name for shelf in presets.shelves] == [
            "project", "user", "plug-in house", "built in"]
    finally:
        plugin_shelves.cache_clear()


def test_somebody_elses_presets_folder_is_not_taken_for_ours(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from microfinish.core.errors import EnvironmentFault
    from microfinish.project import shelves

    (tmp_path / "presets").mkdir()
    monkeypatch.setattr(shelves, "__file__", str(tmp_path / "site" / "project" / "shelves.py"))
    monkeypatch.setattr("importlib.resources.files", lambda _name: tmp_path / "nowhere")
    with pytest.raises(EnvironmentFault):
        shelves.builtin_presets()
