"""A master is made from a locked, unchanged picture alone, and whoever is stopped is told why."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from synth.footage import make_clip, numbers_in
from synth.project import ProjectFolder

OLD = """\
events:
  - {media: A001C001, in: 0, out: 20}
  - {media: A001C002, in: 0, out: 20}
"""
NEW = OLD.replace("out: 20", "out: 16", 1)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> ProjectFolder:
    made = ProjectFolder.make(tmp_path_factory.mktemp("rails"))
    for hour, name in enumerate(("A001C001", "A001C002"), 1):
        make_clip(made.root / "media" / f"{name}.mov", frames=30, first_number=1000 * hour,
                  timecode=f"{hour:02}:00:00:00")
    made.write("episodes/ep001/edit.yaml", OLD)
    made.call("run", "--to", "master")
    return made


@pytest.fixture
def project(finished: ProjectFolder, tmp_path: Path) -> ProjectFolder:
    from shutil import copytree

    copytree(finished.root, tmp_path / "show")
    return ProjectFolder(tmp_path / "show")


def _lock(project: ProjectFolder) -> Path:
    return project.root / "episodes/ep001/documents/lock.yaml"


@pytest.mark.media
@pytest.mark.parametrize("flags", [
    [], ["--only", "master"], ["--from", "grade"], ["--from", "lock"],
    ["--only", "lock", "--only", "master"],
])
def test_no_way_leads_to_a_master_of_a_changed_edit(
    project: ProjectFolder, flags: list[str],
) -> None:
    before = _lock(project).read_bytes()
    project.write("episodes/ep001/edit.yaml", NEW)
    project.master().unlink()
    refused = project.call("run", "ep001", *flags, expect=4)
    assert "sh010 trimmed (tail -4 source frames" in refused.stderr
    assert "microfinish lock ep001 --relock" in refused.stderr
    assert "run ep001 --preview" in refused.stderr
    assert not project.master().exists()
    assert _lock(project).read_bytes() == before


@pytest.mark.media
def test_status_shows_revision_and_drift_whether_or_not_a_run_was_refused(
    project: ProjectFolder,
) -> None:
    (row,) = project.json("status")["episodes"]
    assert (row["revision"], row["differences"]) == (1, 0)
    assert re.search(r"ep001 .* r1 ", project.call("status").stdout)
    project.write("episodes/ep001/edit.yaml", NEW)
    for _ in range(2):
        (row,) = project.json("status")["episodes"]
        assert (row["state"], row["revision"], row["differences"]) == ("blocked", 1, 1)
        assert row["next"].startswith("the edit changed after the lock: 1 difference")
        assert row["stages"]["lock"] == "blocked"
        project.call("run", expect=4)
    project.call("run", "--to", "master", "--relock", "--note", "pace")
    (row,) = project.json("status")["episodes"]
    assert (row["revision"], row["differences"]) == (2, 0)
    assert project.call("lock", "ep001", "--show").stdout.count("pace") == 1


@pytest.mark.media
def test_an_equal_edit_that_was_saved_again_holds_nothing_up(project: ProjectFolder) -> None:
    project.write("episodes/ep001/edit.yaml", "# opened and saved\n" + OLD)
    (row,) = project.json("status")["episodes"]
    assert row["differences"] == 0
    assert project.json("run", "--only", "master")["episodes"][0]["outcome"] == "done"


@pytest.mark.media
@pytest.mark.parametrize("command", [
    ["run"], ["run", "--only", "master"], ["run", "--preview"], ["lock", "ep001"],
    ["lock", "ep001", "--show"], ["lock", "ep001", "--relock"], ["diff", "ep001", "1"],
    ["show", "ep001", "lock"], ["export", "ep001"],
])
@pytest.mark.parametrize("thorough", [False, True], ids=["by-hand", "with-its-hash-made-new"])
def test_a_tampered_lock_is_refused_by_every_command_that_reads_it(
    project: ProjectFolder, command: list[str], thorough: bool,
) -> None:
    text = _lock(project).read_text().replace("end: 20}", "end: 19}", 1)
    if thorough:
        from microfinish.documents.digest import bytes_digest

        head, _, body = text.partition("revisions:")
        body = "revisions:" + body
        text = re.sub(r"  body: \S+", f'  body: "{bytes_digest(body.encode())}"', head) + body
    _lock(project).write_text(text)
    refused = project.call(*command, expect=2)
    assert "lock.yaml" in refused.stderr


@pytest.mark.media
def test_any_revision_is_rendered_again_by_one_command(project: ProjectFolder) -> None:
    project.write("episodes/ep001/edit.yaml", NEW)
    project.call("run", "--to", "master", "--relock")
    assert len(numbers_in(project.master())) == 36
    back = project.json("run", "--to", "master", "--back-to", "1")
    assert back["rendered"] == 0
    assert numbers_in(project.master()) == [*range(1000, 1020), *range(2000, 2020)]
