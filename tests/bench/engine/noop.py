"""What it costs to find that nothing is due. Run by hand: `python tests/bench/engine/noop.py`.

Prints the best of several runs of each command against its budget. User time counts: wall time
is that of a machine with nothing else to do.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from season import make_season

BUDGETS: tuple[tuple[tuple[str, ...], float], ...] = (
    (("--version",), 0.06),
    (("--help",), 0.25),
    (("run", "--help"), 0.25),
    (("run", "ep001"), 0.7),
    (("run",), 2.0),
    (("status",), 0.7),
    (("explain", "ep001"), 0.7),
    (("check",), 10.0),
)
"""A command line on a season of 100 episodes, and the seconds it may take."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one process: on the wall, in its own code, in the kernel."""

    wall: float
    user: float
    system: float


def cost(argv: tuple[str, ...], root: Path, environment: dict[str, str]) -> Cost:
    """Run one command line in a fresh process. Raises CalledProcessError where it fails."""
    before, began = os.times(), time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "microfinish", *argv], cwd=root, check=False,
                          capture_output=True, text=True, env=environment)
    wall, after = time.perf_counter() - began, os.times()
    if done.returncode:
        sys.exit(f"microfinish {' '.join(argv)} failed:\n{done.stderr}")
    return Cost(wall, after.children_user - before.children_user,
                after.children_system - before.children_system)


def as_installed(bytecode: Path) -> dict[str, str]:
    """An environment in which modules are compiled once, as pip does when it installs a wheel."""
    environment = {name: value for name, value in os.environ.items()
                   if name != "PYTHONDONTWRITEBYTECODE"}
    here = str(Path(__file__).resolve().parents[3])
    return environment | {"PYTHONPYCACHEPREFIX": str(bytecode), "PYTHONPATH": here}


def main() -> None:
    """Make the season, run every command, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=100)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--uncompiled", action="store_true",
                        help="compile every module at every start, as PYTHONDONTWRITEBYTECODE does")
    parser.add_argument("--keep", type=Path, help="make the season here, or use the one there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = options.keep or Path(scratch) / "season"
        if not root.is_dir():
            make_season(root, options.episodes)
        print(f"{options.episodes} episodes of 30 shots, best of {options.repeat}")
        print(f"{'microfinish':<16}{'wall s':>9}{'user s':>9}{'sys s':>9}{'budget':>9}{'ratio':>8}")
        environment = as_installed(Path(scratch) / "bytecode")
        if options.uncompiled:
            environment["PYTHONDONTWRITEBYTECODE"] = "1"
        for argv, budget in BUDGETS:
            cost(argv, root, environment)  # compiles what is not compiled yet
            runs = [cost(argv, root, environment) for _ in range(options.repeat)]
            best = min(runs, key=lambda each: each.user + each.system)
            wall = min(each.wall for each in runs)
            print(f"{' '.join(argv):<16}{wall:>9.3f}{best.user:>9.3f}{best.system:>9.3f}"
                  f"{budget:>9.2f}{(best.user + best.system) / budget:>8.2f}")


if __name__ == "__main__":
    main()
