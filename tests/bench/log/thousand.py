"""What `log` costs on a folder of many files, cold and with nothing changed. Run by hand:
`python tests/bench/log/thousand.py [FILES] [KIB]`.

One clip is copied under many names and reels, each copy with another content, padded to KIB
kibibytes. What is read comes from the process's own count (/proc/self/io on Linux), so that
"nothing is read again" is measured and not believed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from synth.footage import make_clip

from microfinish.stages.sealing import seal_folder

REPOSITORY = Path(__file__).resolve().parents[3]
BUDGET_SECONDS = 2.0
_MEASURED = """
import sys
from microfinish.cli.app import main
code = main(sys.argv[1:])
try:
    counts = dict(line.split(": ") for line in open("/proc/self/io").read().splitlines())
    print("READ", counts["rchar"], file=sys.stderr)
except OSError:
    pass
sys.exit(code)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the wall and of CPU, and mebibytes read; read is 0 where it cannot be told."""

    wall: float
    cpu: float
    read_mib: float


def make_folder(root: Path, files: int, kib: int) -> None:
    """A project with `files` different clips in folders of fifty."""
    (root / "episodes/ep001").mkdir(parents=True)
    (root / "microfinish.yaml").write_text("title: Thousand\n")
    clip = root / "one.mov"
    make_clip(clip, frames=5, size=(64, 36), timecode="01:00:00:00")
    data = clip.read_bytes()
    clip.unlink()
    for number in range(files):
        path = root / f"media/day{number // 50:02}/A{number // 50:03}C{number % 50:03}.mov"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data + _free_box(max(16, kib * 1024 - len(data)), number))
    old = time.time() - 60  # settled, as the files of a card are
    for path in (root / "media").rglob("*.mov"):
        os.utime(path, (old, old))


def _free_box(size: int, number: int) -> bytes:
    """An MP4 `free` box, which players skip; its content makes each file another one."""
    return size.to_bytes(4, "big") + b"free" + f"{number:08}".encode() + bytes(size - 16)


def cost(root: Path, *words: str) -> Cost:
    """One command line in a fresh process. Raises CalledProcessError where it fails."""
    before, began = os.times(), time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _MEASURED, "-C", str(root), *words], check=True,
                          capture_output=True, text=True, cwd=root,
                          env={**os.environ, "PYTHONPATH": str(REPOSITORY)})
    wall, after = time.perf_counter() - began, os.times()
    read = [int(line.split()[1]) for line in done.stderr.splitlines() if line.startswith("READ")]
    cpu = (after.children_user - before.children_user
           + after.children_system - before.children_system)
    return Cost(wall, cpu, (read[0] if read else 0) / 2**20)


def main() -> int:
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    kib = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_folder(root, files, kib)
        print(f"{files} files of {kib} KiB: {files * kib / 1024:.0f} MiB")
        cold = cost(root, "log", "-q")
        print(f"cold             {cold.wall:6.2f} s wall {cold.cpu:6.2f} s CPU "
              f"{cold.read_mib:8.1f} MiB read")
        again = min((cost(root, "log", "-q") for _ in range(3)), key=lambda found: found.wall)
        print(f"nothing changed  {again.wall:6.2f} s wall {again.cpu:6.2f} s CPU "
              f"{again.read_mib:8.1f} MiB read  (budget {BUDGET_SECONDS} s)")
        touched = root / "media/day00/A000C000.mov"
        touched.write_bytes(touched.read_bytes()[:-1] + b"x")
        one = cost(root, "log", "-q")
        print(f"one file changed {one.wall:6.2f} s wall {one.cpu:6.2f} s CPU "
              f"{one.read_mib:8.1f} MiB read")
        seal_folder(root / "media", datetime.now(UTC))
        sealed = cost(root, "log", "-q")
        print(f"sealed, first    {sealed.wall:6.2f} s wall {sealed.cpu:6.2f} s CPU "
              f"{sealed.read_mib:8.1f} MiB read  (every file against its ASC MHL)")
        held = min((cost(root, "log", "-q") for _ in range(3)), key=lambda found: found.wall)
        print(f"sealed, again    {held.wall:6.2f} s wall {held.cpu:6.2f} s CPU "
              f"{held.read_mib:8.1f} MiB read  (budget {BUDGET_SECONDS} s)")
        forced = cost(root, "run", "--only", "log", "--force", "log", "-q")
        print(f"sealed, forced   {forced.wall:6.2f} s wall {forced.cpu:6.2f} s CPU "
              f"{forced.read_mib:8.1f} MiB read  (verified again by remembered hashes)")
    return 0 if max(again.cpu, held.cpu) <= BUDGET_SECONDS else 1


if __name__ == "__main__":
    raise SystemExit(main())
