"""Atomic files: whole or not at all, whatever happens in between."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from microfinish.documents.atomic import sweep, write_bytes, write_text

WRITER = """
import sys
from pathlib import Path
from microfinish.documents.atomic import write_bytes
print("ready", flush=True)
n = 0
while True:
    n += 1
    write_bytes(Path(sys.argv[1]), bytes([n % 256]) * 200_000)
"""


def test_text_is_utf_8_with_unix_line_ends(tmp_path: Path) -> None:
    write_text(tmp_path / "deep" / "a.yaml", "é\nb\n")
    assert (tmp_path / "deep" / "a.yaml").read_bytes() == b"\xc3\xa9\nb\n"


def test_a_failed_write_leaves_the_old_file_and_no_litter(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    write_text(path, "old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_files_get_the_usual_mode_so_that_colleagues_can_read_them(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_text(tmp_path / "ours", "x")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_what_a_killed_writer_left_is_swept_later(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    fresh, old = tmp_path / ".a.yaml.1.ab.tmp", tmp_path / ".a.yaml.2.cd.tmp"
    for left in (fresh, old):
        left.touch()
    os.utime(old, (1, 1))
    sweep(path)
    assert list(tmp_path.iterdir()) == [fresh]


def test_a_writer_killed_at_any_moment_never_leaves_a_part(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    write_bytes(path, b"\0" * 200_000)
    for turn in range(4):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)],
                                  stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": ":".join(
                                      entry for entry in sys.path if entry)})
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.01 + 0.007 * turn)
        writer.kill()
        writer.wait()
        writer.stdout.close()
        data = path.read_bytes()
        assert len(data) == 200_000
        assert len(set(data)) == 1
