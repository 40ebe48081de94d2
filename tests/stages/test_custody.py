"""A folder is held to its ASC MHL histories, and sealed by a new generation that others accept."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from microfinish.core.mhl import c4_of
from microfinish.stages.custody import histories, verify_folder
from microfinish.stages.sealing import seal_folder

WHEN = datetime(2026, 11, 20, 20, 30, 0, tzinfo=UTC)


def a_card(folder: Path) -> Path:
    """The folder of the standard's scenario 2, whose hashes its reference manifests state."""
    (folder / "Clips").mkdir(parents=True)
    (folder / "Clips" / "A002C006_141024_R2EC.mov").write_bytes(b"abcd\n")
    (folder / "Clips" / "A002C007_141024_R2EC.mov").write_bytes(b"def\n")
    return folder


def told(folder: Path) -> dict[str, str]:
    return {finding.file: finding.rule.removeprefix("mhl.") for finding in verify_folder(folder)}


def test_a_folder_without_history_has_no_findings(tmp_path):
    assert verify_folder(a_card(tmp_path / "card")) == ()


def test_a_sealed_folder_verifies_and_each_change_is_named(tmp_path):
    card = a_card(tmp_path / "card")
    (card / "Sidecar.txt").write_text("notes")
    assert seal_folder(card, WHEN).files == 3
    assert set(told(card).values()) == {"verified"}
    (card / "Clips" / "A002C006_141024_R2EC.mov").write_bytes(b"abcX\n")
    (card / "Sidecar.txt").unlink()
    (card / "extra.bin").write_bytes(b"1")
    (card / ".DS_Store").write_bytes(b"1")
    assert told(card) == {
        "Clips/A002C006_141024_R2EC.mov": "changed", "Clips/A002C007_141024_R2EC.mov": "verified",
        "Sidecar.txt": "missing", "extra.bin": "new"}


def test_folder_hashes_are_those_of_the_reference_implementation(tmp_path):
    card = a_card(tmp_path / "A002R2EC")
    seal_folder(card, WHEN)
    (history,) = histories(card)
    clips = next(d for d in history.generations[0].directories if d.path == "Clips")
    # from ascmitc/mhl, examples/scenarios/Output/scenario_02, both generations
    assert clips.content == {"xxh64": "4c226b42e27d7af3"}
    assert clips.structure == {"xxh64": "906faa843d591a9f"}


@pytest.mark.parametrize("format_", ["md5", "sha1", "c4", "xxh128", "xxh3"])
def test_a_second_generation_verifies_in_the_format_of_the_first(tmp_path, format_):
    card = a_card(tmp_path / "card")
    seal_folder(card, WHEN, format_=format_)
    seal_folder(card, WHEN.replace(hour=21))
    (history,) = histories(card)
    first, second = history.generations
    assert [link.number for link in history.chain] == [1, 2]
    for entry in second.entries:
        assert entry.action == "verified"
        assert set(entry.hashes) == {format_, "xxh64"}
    assert {entry.action for entry in first.entries} == {"original"}
    assert set(told(card).values()) == {"verified"}


def test_sealing_a_changed_file_says_so_and_later_checks_keep_saying_so(tmp_path):
    card = a_card(tmp_path / "card")
    seal_folder(card, WHEN)
    (card / "Clips" / "A002C007_141024_R2EC.mov").write_bytes(b"xyz\n")
    sealed = seal_folder(card, WHEN.replace(hour=21))
    assert [finding.rule for finding in sealed.findings] == ["mhl.changed"]
    assert told(card)["Clips/A002C007_141024_R2EC.mov"] == "changed"


def test_a_manifest_changed_after_sealing_is_not_trusted(tmp_path):
    card = a_card(tmp_path / "card")
    manifest = seal_folder(card, WHEN).manifest
    manifest.write_bytes(manifest.read_bytes().replace(b"<hostname>unknown", b"<hostname>other"))
    assert "mhl.chain" in {finding.rule for finding in verify_folder(card)}


def test_a_card_on_a_drive_keeps_its_own_history(tmp_path):
    drive = tmp_path / "drive"
    card = a_card(drive / "A002")
    seal_folder(card, WHEN)
    (drive / "report.pdf").write_bytes(b"pdf")
    sealed = seal_folder(drive, WHEN.replace(hour=22))
    assert sealed.files == 3
    outer, inner = histories(drive)
    assert (outer.folder, inner.folder) == ("", "A002")
    assert len(inner.generations) == 2
    assert [entry.path for entry in outer.generations[0].entries] == ["report.pdf"]
    (reference,) = outer.generations[0].references
    assert reference.c4 == c4_of((drive / reference.path).read_bytes())
    assert told(drive) == {"report.pdf": "verified",
                           "A002/Clips/A002C006_141024_R2EC.mov": "verified",
                           "A002/Clips/A002C007_141024_R2EC.mov": "verified"}


def test_the_reference_implementations_own_manifests_are_read_and_held_to(tmp_path):
    data = os.environ.get("MICROFINISH_TESTDATA")
    if not data:
        pytest.skip("MICROFINISH_TESTDATA is not set: the standard's examples are not in here")
    source = Path(data) / "interchange/ascmitc__mhl/examples/scenarios/Output/scenario_02"
    card = a_card(tmp_path / "A002R2EC")
    (card / "ascmhl").mkdir()
    for file in (source / "file_server/A002R2EC/ascmhl").iterdir():
        (card / "ascmhl" / file.name).write_bytes(file.read_bytes())
    assert told(card) == {"Clips/A002C006_141024_R2EC.mov": "verified",
                          "Clips/A002C007_141024_R2EC.mov": "verified", "Sidecar.txt": "missing"}


def test_what_is_sealed_is_valid_against_the_standards_schema(tmp_path):
    etree = pytest.importorskip("lxml.etree")
    data = os.environ.get("MICROFINISH_TESTDATA")
    if not data:
        pytest.skip("MICROFINISH_TESTDATA is not set: the standard's schema is not in here")
    schemas = Path(data) / "interchange/ascmitc__mhl/xsd"
    drive = tmp_path / "a & b <drive>"
    a_card(drive / "A002")
    seal_folder(drive / "A002", WHEN, format_="md5")
    (drive / "naïve 'name' & co.txt").write_bytes(b"1")
    seal_folder(drive, WHEN, comment="delivered & sealed")
    manifest_schema = etree.XMLSchema(etree.parse(schemas / "ASCMHL.xsd"))
    chain_text = (schemas / "ASCMHLDirectory.xsd").read_text().replace(
        "https://raw.githubusercontent.com/ascmitc/mhl/master/xsd/ASCMHL.xsd",
        (schemas / "ASCMHL.xsd").as_uri())
    chain_schema = etree.XMLSchema(etree.fromstring(
        chain_text.encode(), base_url=(schemas / "ASCMHLDirectory.xsd").as_uri()))
    for manifest in drive.rglob("*.mhl"):
        manifest_schema.assertValid(etree.parse(manifest))
    for chain in drive.rglob("ascmhl_chain.xml"):
        chain_schema.assertValid(etree.parse(chain))


def test_a_renamed_file_is_held_to_its_first_hash(tmp_path):
    card = a_card(tmp_path / "card")
    manifest = seal_folder(card, WHEN).manifest
    (card / "Clips" / "A002C007_141024_R2EC.mov").rename(card / "Clips" / "B.mov")
    text = manifest.read_text().replace("A002C007_141024_R2EC.mov</path>", "B.mov</path>")
    named = "      <previousPath>Clips/A002C007_141024_R2EC.mov</previousPath>\n"
    end = "    </hash>\n    <directoryhash>"
    text = text.replace(end, named + end, 1)
    (manifest.parent / "0002_card_2026-11-21_000000Z.mhl").write_text(text)
    assert told(card)["Clips/B.mov"] == "verified"
    assert "Clips/A002C007_141024_R2EC.mov" not in told(card)
