"""The store and its facts: whole files, no litter, nothing measured twice."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from microfinish.project.facts import Facts
from microfinish.project.hashes import Hashes
from microfinish.project.processes import host_name
from microfinish.project.store import Store

KEY = "abcdef0123456789"
SCRATCHING = """
import sys, time
from pathlib import Path
from microfinish.project.store import Store
with Store(Path(sys.argv[1])).scratch() as folder:
    (folder / "half.mp4").write_bytes(b"x" * 1000)
    print(folder, flush=True)
    time.sleep(60)
"""


def publish(store: Store, data: bytes, key: str = KEY) -> Path:
    with store.scratch() as folder:
        tmp = folder / "work.mp4"
        tmp.write_bytes(data)
        return store.publish(tmp, key, ".mp4")


def test_what_is_published_is_found_by_its_key(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    assert store.get(KEY, ".mp4") is None
    path = publish(store, b"picture")
    assert path == tmp_path / "store" / "ab" / "cdef0123456789.mp4" == store.get(KEY, ".mp4")
    assert path.read_bytes() == b"picture"
    assert store.get(KEY, ".wav") is None


def test_the_last_of_two_publishers_wins(tmp_path: Path) -> None:
    store = Store(tmp_path)
    publish(store, b"one")
    assert publish(store, b"two").read_bytes() == b"two"


@pytest.mark.parametrize("key", ["", "ab", "../../etc", "AB/cd", "a" * 200])
def test_what_is_no_key_never_becomes_a_path(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="not a store key"):
        Store(tmp_path).path(key, ".mp4")


def test_scratch_is_gone_afterwards_even_after_a_failure(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(RuntimeError), store.scratch() as folder:
        (folder / "half").write_bytes(b"x")
        raise RuntimeError
    assert not folder.exists()


def test_what_a_killed_process_left_is_swept_and_the_livings_work_is_not(tmp_path: Path) -> None:
    path = os.pathsep.join(entry for entry in sys.path if entry)
    others = [subprocess.Popen([sys.executable, "-c", SCRATCHING, str(tmp_path)], text=True,
                               stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path})
              for _ in range(2)]
    folders = [Path(other.stdout.readline().strip()) for other in others if other.stdout]
    foreign = tmp_path / "tmp" / "1-1-00000000-not-this-host"
    foreign.mkdir()
    try:
        others[0].kill()
        others[0].wait()
        with Store(tmp_path).scratch():
            assert not folders[0].exists()
            assert folders[1].exists()
            assert foreign.exists()
    finally:
        for other in others:
            other.kill()
            other.communicate()
    assert host_name() in folders[0].name


def test_clearing_frees_everything_and_the_store_works_on(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    publish(store, b"x" * 1000)
    assert store.size() == 1000
    assert store.clear() == 1000
    assert store.size() == 0
    publish(store, b"y")


def facts(root: Path) -> Facts:
    store = Store(root)
    return Facts(store, Hashes(store))


def test_a_fact_is_measured_once_for_all_processes(tmp_path: Path) -> None:
    calls: list[int] = []

    def measure() -> dict[str, object]:
        calls.append(1)
        return {"lufs": -14.123456789012345, "faces": [[0.1, 2]], "none": None, "é": True}

    first = facts(tmp_path).get("loudness", 1, "k", measure)
    again = facts(tmp_path).get("loudness", 1, "k", measure)
    assert first == again == measure()
    assert len(calls) == 2


def test_a_new_version_another_kind_or_key_is_measured_anew(tmp_path: Path) -> None:
    known = facts(tmp_path)
    values = [known.get(kind, version, key, lambda n=n: n) for n, (kind, version, key)
              in enumerate([("a", 1, "k"), ("a", 2, "k"), ("b", 1, "k"), ("a", 1, "l")])]
    assert values == [0, 1, 2, 3]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"kind": "a"}', b"\xff\xfe"])
def test_a_damaged_fact_is_measured_again(tmp_path: Path, damage: bytes) -> None:
    facts(tmp_path).get("a", 1, "k", lambda: 1)
    (entry,) = (tmp_path / "facts").rglob("*.json")
    entry.write_bytes(damage)
    assert facts(tmp_path).get("a", 1, "k", lambda: 2) == 2
    assert facts(tmp_path).get("a", 1, "k", lambda: 3) == 2


def test_changing_an_answer_does_not_change_the_fact(tmp_path: Path) -> None:
    known = facts(tmp_path)
    known.get("a", 1, "k", lambda: [1]).append(2)
    assert known.get("a", 1, "k", lambda: [3]) == [1]


@pytest.mark.parametrize("size", [10, 300_000])
def test_a_files_hash_follows_its_content(tmp_path: Path, size: int) -> None:
    path = tmp_path / "A001.mov"
    path.write_bytes(b"a" * size)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    before = facts(tmp_path / "store").file_digest(path)
    assert facts(tmp_path / "store").file_digest(path) == before
    path.write_bytes(b"b" * size)
    assert facts(tmp_path / "store").file_digest(path) != before


def test_an_untouched_large_file_is_read_once(tmp_path: Path,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "A001.mov"
    path.write_bytes(b"a" * 300_000)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    before = facts(tmp_path / "store").file_digest(path)
    monkeypatch.setattr(Hashes, "_read", None)
    assert facts(tmp_path / "store").file_digest(path) == before


def test_a_file_written_a_moment_ago_is_not_remembered_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "A001.mov"
    path.write_bytes(b"a" * 300_000)
    facts(tmp_path / "store").file_digest(path)
    assert not list((tmp_path / "store").rglob("*.json"))


def aged(store: Store, key: str, days: int) -> Path:
    path = publish(store, b"x" * 1000, key)
    used = time.time() - days * 86_400
    os.utime(path, (used, used))
    return path


def test_pruning_takes_what_was_not_used_for_the_longest_time(tmp_path: Path) -> None:
    store = Store(tmp_path)
    old, older, oldest = (aged(store, f"{letter}bcdef01", days)
                          for letter, days in (("a", 2), ("b", 3), ("c", 4)))
    assert store.get("cbcdef01", ".mp4") == oldest  # used again today
    assert store.prune(2500) == 1000
    assert [path.exists() for path in (old, older, oldest)] == [True, False, True]


def test_pruning_keeps_what_is_pinned_and_what_was_measured(tmp_path: Path) -> None:
    store = Store(tmp_path)
    facts(tmp_path).get("a", 1, "k", lambda: 1)
    kept, gone = aged(store, "abcdef01", 9), aged(store, "bbcdef01", 1)
    assert store.prune(0, {"abcdef01"}) == 1000
    assert (kept.exists(), gone.exists()) == (True, False)
    assert list((tmp_path / "facts").rglob("*.json"))


def test_use_is_marked_once_a_day_and_leaves_the_date_of_writing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    path = aged(store, KEY, 2)
    written = path.stat().st_mtime
    store.get(KEY, ".mp4")
    marked = path.stat().st_atime
    assert marked > written + 86_400
    store.get(KEY, ".mp4")
    assert (path.stat().st_atime, path.stat().st_mtime) == (marked, written)
