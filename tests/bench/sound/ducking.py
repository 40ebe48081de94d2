"""How far dialogue stands over the music while somebody speaks. Run by hand.

    python tests/bench/sound/ducking.py [episodes=100] [seconds=30]

Mixes generated episodes and measures dialogue against music in every 400 ms window of speech, and
how steeply the music moves. Prints the share of windows at 12 LU or more, of those that the depth
of ducking allows for, and the steepest slopes. Five minutes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from generate import episode, reader

from microfinish.media.dialogue_level import separation
from microfinish.media.dynamics import duck_curve
from microfinish.media.loudness import step_energies
from microfinish.media.mixdown import mixdown


def main(count: int, seconds: float) -> int:
    shares, slopes_down, slopes_up, moves = [], [], [], []
    for seed in range(count):
        plan, sounds, kind = episode(seed, seconds)
        mix = mixdown(plan, Path(), reader(sounds))
        found = separation(mix.stems["DX"], mix.stems["MX"], plan.ducking.separation_lu)
        curve = duck_curve(step_energies(mix.clean["DX"]), step_energies(mix.clean["MX"]),
                           plan.ducking)
        stopped = bool(curve.min() <= 0.01 - plan.ducking.max_depth_db)
        shares.append((found.share, kind, seed, stopped, found.windows))
        steps = np.diff(curve) * 100
        slopes_down.append(-steps.min(initial=0.0))
        slopes_up.append(steps.max(initial=0.0))
        turns = np.count_nonzero(np.diff(np.sign(steps[np.abs(steps) > 1])) != 0)
        moves.append(turns / (seconds / 60))
    windows = sum(row[4] for row in shares)
    pooled = sum(row[0] * row[4] for row in shares) / windows
    free = [row for row in shares if not row[3]]
    print(f"dialogue {plan.ducking.separation_lu:g} LU over music in {pooled:.1%} of {windows} "
          f"windows of speech; episodes with at least 95 %: "
          f"{np.mean([row[0] >= 0.95 for row in free]):.0%} of the {len(free)} within the depth, "
          f"{np.mean([row[0] >= 0.95 for row in shares]):.0%} of all {len(shares)}")
    for share, kind, seed, stopped, _ in sorted(shares)[:6]:
        print(f"  lowest: seed {seed} {kind} {share:.1%}"
              f"{' (music too loud for the greatest depth)' if stopped else ''}")
    print(f"steepest: down {max(slopes_down):.0f} dB/s, up {max(slopes_up):.0f} dB/s; "
          f"turns a minute: median {np.median(moves):.1f}, most {max(moves):.1f}")
    good = pooled >= 0.95 and all(row[0] >= 0.95 for row in free)
    print("PASS" if good else "FAIL")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 100,
                  float(sys.argv[2]) if sys.argv[2:] else 30.0))
