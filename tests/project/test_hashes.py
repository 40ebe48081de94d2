"""Hashing the media of a season: every file once, told while it lasts, stopped when asked."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from microfinish.core.errors import Interrupted
from microfinish.project.hashes import Hashes
from microfinish.project.project import Project
from microfinish.project.store import Store

BIG = 300_000


def big_file(path: Path, letter: bytes = b"a") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(letter * BIG)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    return path


def count_reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every file whose content is read from now on."""
    read: list[Path] = []
    original = Hashes._read
    at_once = threading.Barrier(2)

    def counted(self: Hashes, path: Path) -> str:
        read.append(path)
        with contextlib.suppress(threading.BrokenBarrierError):
            at_once.wait(0.2)  # would let a second reader in
        return original(self, path)

    monkeypatch.setattr(Hashes, "_read", counted)
    return read


def test_the_hash_is_the_sha256_of_the_content(tmp_path: Path) -> None:
    path = big_file(tmp_path / "A001.mov")
    assert Hashes(Store(tmp_path / "store")).of(path) == hashlib.sha256(
        path.read_bytes()).hexdigest()[:32]


def test_a_file_that_several_episodes_ask_for_at_once_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, hashes = big_file(tmp_path / "A001.mov"), Hashes(Store(tmp_path / "store"))
    read = count_reads(monkeypatch)
    with ThreadPoolExecutor(4) as threads:
        found = set(threads.map(hashes.of, [path] * 8))
    assert (len(read), len(found)) == (1, 1)


def test_the_media_of_a_project_are_looked_at_once_for_all_episodes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("A001.mov", "A002.mov"):
        big_file(tmp_path / "media" / name, name.encode())
    (tmp_path / "microfinish.yaml").write_text("title: Roof\n")
    project = Project(tmp_path)
    first = project.media_digests()
    monkeypatch.setattr(Hashes, "_of", None)
    assert project.media_digests() is first
    assert [name for name, _ in first] == ["media/A001.mov", "media/A002.mov"]


def test_reading_big_files_is_told_and_known_ones_are_not(tmp_path: Path) -> None:
    files = [(big_file(tmp_path / f"{n}.mov", b"%d" % n), "") for n in range(3)]
    heard: list[tuple[int, int]] = []
    for _ in range(2):  # the second process finds what the first one noted
        hashes = Hashes(Store(tmp_path / "store"))
        with hashes.watched(lambda done, total: heard.append((done, total)), lambda: None):
            hashes.of_all(files)
    assert heard == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_hashing_stops_in_the_middle_of_a_file(tmp_path: Path) -> None:
    path = big_file(tmp_path / "A001.mov")

    def check() -> None:
        raise Interrupted("run again to continue")

    hashes = Hashes(Store(tmp_path / "store"))
    with hashes.watched(lambda done, total: None, check), pytest.raises(Interrupted):
        hashes.of(path)
    assert len(hashes.of(path)) == 32


def test_short_clips_of_a_folder_are_not_read_again_in_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "A001.mov"
    path.write_bytes(b"a" * 40_000)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    store = Store(tmp_path / "store")
    first = Hashes(store).of_all([(path, "A001.mov")])
    read = count_reads(monkeypatch)
    assert Hashes(store).of_all([(path, "A001.mov")]) == first
    assert read == []


def test_a_short_clip_that_is_still_being_written_is_read_every_time(tmp_path: Path) -> None:
    path = tmp_path / "A001.mov"
    hashes = Hashes(Store(tmp_path / "store"))
    path.write_bytes(b"a" * 40_000)
    stat = path.stat()
    before = hashes.of_all([(path, "A001.mov")])
    path.write_bytes(b"b" * 40_000)  # same size, and the clock of the disk may not have moved
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert hashes.of_all([(path, "A001.mov")]) != before
