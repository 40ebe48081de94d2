"""Figures of a re-cut: `python tests/bench/lock/recut_thirty.py`, about a minute.

Builds the thirty-shot episode of tests/acceptance/test_recut_of_thirty_shots.py in a temporary
folder and prints what the re-lock rendered, how long it took, how exact the printed mix is and how
long the list of decisions is. Then it re-conforms printed mixes of 90 s under 200 random re-cuts.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

TESTS = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS), str(TESTS.parent), str(TESTS / "acceptance")]

from microfinish.core.printed_conform import PrintedFile, conformed  # noqa: E402
from microfinish.core.shots import with_shot_ids  # noqa: E402
from microfinish.core.time import Span  # noqa: E402
from microfinish.core.timeline import Event, Timeline  # noqa: E402

FRAME = 1920


def episode() -> None:
    """The acceptance episode, timed."""
    import test_recut_of_thirty_shots as thirty

    from microfinish.core.mix import MixPlan
    from microfinish.documents.record import read_body
    from microfinish.media.mixdown import mixdown

    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        built = thirty.build(Path(folder))
        print(f"built, first run, re-lock, second run: {time.monotonic() - begun:.1f} s")
        print(f"re-lock with everything that follows: {built.relock_seconds:.1f} s")
        print(f"first run: {built.first['rendered']} rendered; after the re-cut: "
              f"{built.again['rendered']} rendered, {built.again['reused']} reused")
        plan = read_body(Path(folder) / "episodes/ep001/documents/mix.yaml", MixPlan, "mix.yaml")
        heard, fresh = mixdown(plan, Path(folder)).mix, thirty.mixed(thirty.NEW)
        inside = np.zeros(len(fresh), dtype=bool)
        for seam in plan.printed[0].seams:
            inside[seam.start:seam.end] = True
        for gap in plan.printed[0].gaps:
            inside[gap.start:gap.end] = True
        differ = int((heard != fresh)[~inside].sum())
        print(f"printed mix: {differ} samples differ outside seams and gaps, which are "
              f"{inside.mean():.1%} of it")
        told = built.decisions
        print(f"decisions: {len(told['decisions'])}, parked: {len(told['parked'])}, by rule: "
              f"{len(told['done'])}")
        print(json.dumps(sorted(row["rule"] for row in told["decisions"])))


def seams(pairs: int = 200) -> None:
    """Random re-cuts of 30 shots under speech-like sound: how many seams hit program."""
    chance = random.Random(4)
    kinds: dict[str, int] = {}
    spent = 0.0
    for _ in range(pairs):
        shots = [(f"m{n % 5}", 200 * n, 200 * n + chance.randint(50, 100)) for n in range(30)]
        old = _cut(shots)
        silent, at = [], 0
        total = old.frames * FRAME
        while at < total:  # words of 0.2-1.2 s, pauses of 0.08-0.7 s
            at += int(48_000 * chance.uniform(0.2, 1.2))
            pause = int(48_000 * chance.uniform(0.08, 0.7))
            silent += [Span(at, min(total, at + pause))] if at < total else []
            at += pause
        new = list(shots)
        trimmed = chance.randrange(30)
        media, start, end = new[trimmed]
        new[trimmed] = (media, start + chance.randint(3, 20), end - chance.randint(3, 20))
        one, other = chance.sample(range(30), 2)
        new[one], new[other] = new[other], new[one]
        begun = time.process_time()
        stem = conformed(PrintedFile("mix.wav", "", 48_000, total, tuple(silent)), "mix", 1, old,
                         _cut(new, old))
        spent += time.process_time() - begun
        for seam in stem.seams:
            kinds[seam.kind] = kinds.get(seam.kind, 0) + 1
    count = sum(kinds.values())
    print(f"{pairs} re-cuts of 30 shots, {count} seams: " + ", ".join(
        f"{kind} {number / count:.0%}" for kind, number in sorted(kinds.items())))
    print(f"planning one: {spent / pairs * 1000:.1f} ms")


def _cut(spans: list[tuple[str, int, int]], previous: Timeline | None = None) -> Timeline:
    events, at = [], 0
    for media, start, end in spans:
        events.append(Event("", "V", media, Span(start, end), Span(at, at + end - start)))
        at += end - start
    return with_shot_ids(Timeline(Fraction(25), tuple(events)), previous)


if __name__ == "__main__":
    seams()
    episode()
