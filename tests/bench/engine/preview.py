"""What a preview costs beside a master: `python tests/bench/engine/preview.py [EP]`.

Twice both, of the same cut of The Rooftop, each in a copy of its own so that nothing of one
helps the other: on a project that was never run, and after one trimmed cut of a finished episode.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
SEASON = REPOSITORY / "examples" / "the-rooftop"
TRIMS = {"ep002": ("edit.yaml", 'out: "10:12:15:10"', 'out: "10:12:15:00"')}
MASTER, PREVIEW = ("--to", "master", "--relock"), ("--preview",)


def main() -> None:
    """Print CPU seconds of both, and their ratio."""
    episode = sys.argv[1] if len(sys.argv) > 1 else "ep002"
    print(f"{episode:22}{'master s':>10}{'preview s':>11}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as scratch:
        fresh, done = Path(scratch) / "fresh", Path(scratch) / "done"
        shutil.copytree(SEASON, fresh, ignore=_made)
        _row("cold", fresh, episode)
        shutil.copytree(fresh, done)
        _run(done, episode, ("--to", "master"))
        file, was, now = TRIMS[episode]
        path = done / "episodes" / episode / file
        text = path.read_text(encoding="utf-8")
        assert text.count(was) == 1
        path.write_text(text.replace(was, now), encoding="utf-8")
        _row("one cut trimmed", done, episode)


def _made(folder: str, names: list[str]) -> set[str]:
    return {name for name in names
            if name in (".microfinish", "deliver", "preview", "documents", "review")}


def _row(what: str, state: Path, episode: str) -> None:
    costs = []
    for number, flags in enumerate((MASTER, PREVIEW)):
        copy = state.with_name(f"{state.name}{number}")
        shutil.copytree(state, copy)
        costs.append(_run(copy, episode, flags))
        shutil.rmtree(copy)
    master, preview = costs
    print(f"{what:22}{master:>10.1f}{preview:>11.1f}{preview / master:>8.2f}", flush=True)


def _run(root: Path, episode: str, flags: tuple[str, ...]) -> float:
    """CPU seconds of the process tree of one run, which must succeed."""
    before = os.times()
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    environment.pop("MICROFINISH_STORE", None)
    subprocess.run([sys.executable, "-m", "microfinish", "-q", "-C", str(root), "run", episode,
                    *flags], check=True, stdout=subprocess.DEVNULL, env=environment)
    after = os.times()
    return (after.children_user + after.children_system
            - before.children_user - before.children_system)


if __name__ == "__main__":
    main()
