"""log: media folders that carry ASC MHL histories are held to them, and no file is read twice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from synth.project import ProjectFolder

from microfinish.core.finding import Finding
from microfinish.media import checksums
from microfinish.pipeline.stage import Context, Options
from microfinish.project.project import Project
from microfinish.stages.log import LogStage
from microfinish.stages.sealing import seal_folder

WHEN = datetime(2026, 11, 20, 20, 30, 0, tzinfo=UTC)


def logged(root: Path) -> tuple[list[Finding], dict[str, str]]:
    """(what log says of custody, the digests of its inputs)."""
    project = Project.open(root)
    stage = LogStage()
    inputs = stage.inputs(project.episode("ep001"))
    context = Context("ep001", root, project.facts, project.store, Options(), lambda event: None,
                      lambda: False, None)
    body = stage.run(inputs, context)
    return [item for item in body.findings if item.rule.startswith("mhl.")], inputs.digests()


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A project with a sealed card in media/day1; its clips are no real pictures."""
    ProjectFolder.make(tmp_path)
    folder = tmp_path / "media/day1"
    (folder / "Clips").mkdir(parents=True)
    for number in range(3):
        (folder / f"Clips/A001C00{number}.mov").write_bytes(bytes([number]) * 20_000)
    (folder / "card.txt").write_text("notes of the camera")
    seal_folder(folder, WHEN)
    return folder


def test_media_without_history_have_no_such_findings_and_no_such_input(tmp_path: Path) -> None:
    ProjectFolder.make(tmp_path)
    (tmp_path / "media/A001.mov").write_bytes(b"x")
    findings, inputs = logged(tmp_path)
    assert findings == []
    assert "manifests" not in inputs


def test_a_card_that_is_as_it_was_sealed_is_told_in_one_line(card: Path) -> None:
    (told,), _ = logged(card.parents[1])
    assert (told.severity, told.file) == ("info", "media/day1")
    assert told.message.startswith("media/day1: 4 of 4 files are as they were sealed")


def test_changed_missing_and_new_files_are_named_by_path_with_what_to_do(card: Path) -> None:
    (card / "Clips/A001C000.mov").write_bytes(b"\x09" * 20_000)  # the same size
    (card / "Clips/A001C001.mov").unlink()
    (card / "Clips/A001C009.mov").write_bytes(b"new")
    findings, _ = logged(card.parents[1])
    assert [(item.rule, item.severity, item.file) for item in findings] == [
        ("mhl.verified", "info", "media/day1"),
        ("mhl.changed", "error", "media/day1/Clips/A001C000.mov"),
        ("mhl.missing", "error", "media/day1/Clips/A001C001.mov"),
        ("mhl.new", "warning", "media/day1/Clips/A001C009.mov")]
    assert "2 of 4 files" in findings[0].message
    assert all(item.fix for item in findings[1:])


def test_a_file_beside_the_media_counts_too_and_makes_log_due(card: Path) -> None:
    root = card.parents[1]
    _, before = logged(root)
    (card / "card.txt").write_text("notes of another cam")
    findings, after = logged(root)
    assert findings[1].file == "media/day1/card.txt"
    assert before["manifests"] != after["manifests"]


def test_a_second_look_reads_no_file_for_its_checksum(
    card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = card.parents[1]
    logged(root)

    def never(*_: Any) -> dict[str, str]:
        raise AssertionError("hashed again")

    monkeypatch.setattr("microfinish.media.checksums.checksums", never)
    (told,), _ = logged(root)
    assert "4 of 4" in told.message


def test_the_first_look_reads_a_big_file_once_for_both_hashes(
    card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Content hash and manifest hash come out of one reading; what small files cost is nothing."""
    (card / "ascmhl/ascmhl_chain.xml").unlink()
    for manifest in (card / "ascmhl").glob("*.mhl"):
        manifest.unlink()
    for clip in (card / "Clips").iterdir():
        clip.write_bytes(clip.read_bytes() * 20)
    seal_folder(card, WHEN)
    read: list[str] = []
    whole = checksums.checksums
    monkeypatch.setattr(checksums, "checksums",
                        lambda file, *rest: read.append(file.name) or whole(file, *rest))
    (told,), _ = logged(card.parents[1])
    assert "4 of 4" in told.message
    assert read == ["card.txt"]


def test_a_manifest_that_was_changed_or_cut_off_is_not_believed(card: Path) -> None:
    (manifest,) = (card / "ascmhl").glob("*.mhl")
    text = manifest.read_text()
    manifest.write_text(text.replace("card.txt", "card.tx_"))
    findings, _ = logged(card.parents[1])
    assert "changed after it was sealed" in next(
        item.message for item in findings if item.rule == "mhl.chain")
    manifest.write_text(text[: len(text) // 2])
    (broken,), _ = logged(card.parents[1])
    assert (broken.rule, broken.severity) == ("mhl.chain", "error")
    assert "are not verified" in broken.message


def test_many_new_files_are_told_in_one_line(card: Path) -> None:
    for number in range(30):
        (card / f"Clips/proxy{number:02}.mov").write_bytes(bytes([number]))
    findings, _ = logged(card.parents[1])
    (new,) = [item for item in findings if item.rule == "mhl.new"]
    assert "30 files are in no manifest" in new.message


def test_cards_behind_links_and_in_media_roots_are_verified(tmp_path: Path) -> None:
    cards = tmp_path / "server"
    for name in ("linked", "rooted"):
        (cards / name).mkdir(parents=True)
        (cards / name / "A001.mov").write_bytes(name.encode())
        seal_folder(cards / name, WHEN)
    show = tmp_path / "show"
    ProjectFolder.make(show, extra=f"media_roots: ['{(cards / 'rooted').as_posix()}']\n")
    (show / "media/day1").symlink_to(cards / "linked", target_is_directory=True)
    findings, _ = logged(show)
    assert [(item.rule, item.file) for item in findings] == [
        ("mhl.verified", (cards / "rooted").as_posix()), ("mhl.verified", "media/day1")]
