"""Loudness and peaks of the decoded soundtracks of generated episodes. Run by hand.

    python tests/bench/sound/delivered.py [episodes=100] [seconds=20] [--ffmpeg]

Every episode is mixed, ducked and encoded to three loudness targets and three AAC bit rates. Prints
the share within 0.1 LU and at or below -1.0 dBTP, passes, limiter and CPU; `--ffmpeg` measures each
file with ffmpeg's own meter as well. A hundred episodes of 20 s take half an hour.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from generate import episode, reader

from microfinish.core.deliver import SoundSpec
from microfinish.core.errors import ToolError
from microfinish.media.ffmpeg import ffmpeg_exe
from microfinish.media.mixdown import mixdown
from microfinish.media.soundtrack import soundtrack

TARGETS = (-14.0, -16.0, -23.0)
BITRATES = (128, 192, 384)


@dataclass
class Row:
    seed: int
    kind: str
    target: float
    bitrate: int
    error: float
    peak: float
    passes: int
    reduction: float
    cpu: float
    note: str = ""
    again_error: float = 0.0
    again_peak: float = -99.0


def by_ffmpeg(path: Path) -> tuple[float, float]:
    """(LUFS, dBTP) that ffmpeg's ebur128 reads in an encoded soundtrack."""
    log = subprocess.run(
        [ffmpeg_exe(), "-hide_banner", "-nostdin", "-f", "aac", "-i", str(path), "-af",
         "ebur128=peak=true:metadata=1,ametadata=print:file=-", "-f", "null", "-"],
        capture_output=True, text=True)
    heard = re.findall(r"lavfi\.r128\.I=(-?[\d.]+)", log.stdout)
    peak = re.search(r"Peak:\s+(-?[\d.]+) dBFS", log.stderr)
    return float(heard[-1]), float(peak[1]) if peak else float("nan")


def deliver(mix: np.ndarray, seed: int, kind: str, target: float, bitrate: int,
            again: bool) -> Row:
    spec = SoundSpec(bitrate_kbps=bitrate, target_lufs=target)
    with tempfile.TemporaryDirectory() as folder:
        before = _cpu()
        try:
            made = soundtrack(mix, spec, Path(folder))
        except ToolError as error:
            return Row(seed, kind, target, bitrate, 99.0, 99.0, 9, 0.0, _cpu() - before,
                       " | ".join(error.detail))
        cpu = _cpu() - before
        row = Row(seed, kind, target, bitrate, made.integrated_lufs - target, made.true_peak_dbtp,
                  made.passes, made.limiter_gain_reduction_db, cpu,
                  ", ".join(f.message for f in made.findings if f.rule == "sound-level"))
        if again:
            lufs, row.again_peak = by_ffmpeg(made.path)
            row.again_error = lufs - target
    return row


def _cpu() -> float:
    import resource

    own, kids = (resource.getrusage(who) for who in (resource.RUSAGE_SELF,
                                                     resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + kids.ru_utime + kids.ru_stime


def main(count: int, seconds: float, again: bool) -> int:
    rows: list[Row] = []
    for seed in range(count):
        plan, sounds, kind = episode(seed, seconds)
        mix = mixdown(plan, Path(), reader(sounds)).mix
        for target in TARGETS:
            for bitrate in BITRATES:
                row = deliver(mix, seed, kind, target, bitrate, again)
                rows.append(row)
                if abs(row.error) > 0.1 or row.peak > -1.0 or row.passes > 3 or row.note:
                    print(f"  seed {seed} {kind} {target:g} LUFS {bitrate}k: {row.error:+.2f} LU, "
                          f"{row.peak:.2f} dBTP, {row.passes} passes, limiter "
                          f"{row.reduction:.1f} dB {row.note}", flush=True)
    bad = 0
    print(f"{'target':>6} {'kbps':>5} {'files':>5} {'in 0.1 LU':>9} {'<= -1 dBTP':>10} "
          f"{'passes':>14} {'limiter dB':>16} {'CPU s':>11}")
    for target in TARGETS:
        for bitrate in BITRATES:
            some = [r for r in rows if (r.target, r.bitrate) == (target, bitrate)]
            level = np.mean([abs(r.error) <= 0.1 for r in some])
            peak = np.mean([r.peak <= -1.0 for r in some])
            passes = Counter(r.passes for r in some)
            bad += sum(abs(r.error) > 0.1 or r.peak > -1.0 or r.passes > 3 for r in some)
            print(f"{target:6g} {bitrate:5} {len(some):5} {level:9.1%} {peak:10.1%} "
                  f"{' '.join(f'{n}:{c}' for n, c in sorted(passes.items())):>14} "
                  f"{np.median([r.reduction for r in some]):6.1f} to "
                  f"{max(r.reduction for r in some):4.1f} "
                  f"{np.mean([r.cpu for r in some]):5.2f} {max(r.cpu for r in some):5.2f}")
    if again:
        off = [abs(r.again_error - r.error) for r in rows if r.passes < 9]
        high = [r for r in rows if r.passes < 9 and r.again_peak > -1.0]
        print(f"ffmpeg's meter: loudness differs by at most {max(off):.3f} LU; "
              f"{len(high)} of {len(rows)} above -1.0 dBTP, worst "
              f"{max(r.again_peak for r in rows):.1f}")
    print("PASS" if not bad else f"FAIL: {bad} of {len(rows)}")
    return 1 if bad else 0


if __name__ == "__main__":
    plain = [word for word in sys.argv[1:] if not word.startswith("--")]
    sys.exit(main(int(plain[0]) if plain else 100, float(plain[1]) if plain[1:] else 20.0,
                  "--ffmpeg" in sys.argv))
