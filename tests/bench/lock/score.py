"""Precision, recall and F1 of the change list per kind of change, over generated pairs.

    python tests/bench/lock/score.py [PAIRS] [FIRST_SEED]
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[level]) for level in (2, 3)]

from bench.lock.generate import Pair, pair

from microfinish.core.changes import changes
from microfinish.core.shots import with_shot_ids


@dataclass
class Score:
    """Counts over (shot, kind). `wrong` keeps what went wrong, for reading."""

    hits: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    invented: Counter[str] = field(default_factory=Counter)
    shots: int = 0
    same_shot: int = 0
    falsely_replaced: int = 0
    thrown: int = 0
    wrong: list[str] = field(default_factory=list)

    def f1(self, kind: str) -> tuple[float, float, float]:
        """(precision, recall, F1); 1 for a kind that never was and never was told."""
        hits, missed, invented = self.hits[kind], self.missed[kind], self.invented[kind]
        precision = hits / (hits + invented) if hits + invented else 1.0
        recall = hits / (hits + missed) if hits + missed else 1.0
        return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)

    @property
    def kinds(self) -> list[str]:
        return sorted({*self.hits, *self.missed, *self.invented})


def told(sample: Pair) -> tuple[dict[str, frozenset[str]], dict[int, str]]:
    """What the change list says, in the terms of the truth."""
    before = with_shot_ids(sample.before)
    tags = {event.shot: f"o{index}" for index, event in enumerate(
        event for event in before.picture() if event.media)}
    said, identity = {}, {}
    for change in changes(before, sample.after):
        name = tags.get(change.shot)
        if change.after and change.after.shot == change.shot:
            identity[change.after.record.start] = name or ""
        if name is None and change.after:
            name = f"new@{change.after.record.start}"
        said[name or "?"] = frozenset(change.kinds)
    return said, identity


def score(seeds: Iterable[int]) -> Score:
    """Compare the change list with the truth for each seed."""
    total = Score()
    for seed in seeds:
        sample, thrown = pair(seed)
        total.thrown += thrown
        said, identity = told(sample)
        for name in sorted({*said, *sample.truth}):
            truth, heard = sample.truth.get(name, frozenset()), said.get(name, frozenset())
            total.hits.update(truth & heard)
            total.missed.update(truth - heard)
            total.invented.update(heard - truth)
            total.falsely_replaced += "replaced" in heard and bool(truth & {"moved", "unchanged"})
            if truth != heard:
                total.wrong.append(f"seed {seed} {name}: done {sorted(truth)}, told "
                                   f"{sorted(heard)} ({', '.join(sample.operations)})")
        total.shots += len(sample.identity)
        total.same_shot += sum(identity.get(at) == tag for at, tag in sample.identity.items())
    return total


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    total = score(range(first, first + count))
    print(f"{count} pairs, {total.shots} shots, {total.thrown} draws thrown away")
    print(f"{'kind':<12}{'precision':>10}{'recall':>10}{'F1':>10}{'done':>8}")
    for kind in total.kinds:
        precision, recall, f1 = total.f1(kind)
        print(f"{kind:<12}{precision:>10.4f}{recall:>10.4f}{f1:>10.4f}"
              f"{total.hits[kind] + total.missed[kind]:>8}")
    print(f"shots that kept who they are: {total.same_shot / max(1, total.shots):.4f}")
    print(f"moved or unchanged ones told as replaced: {total.falsely_replaced}")
    for line in total.wrong[:40]:
        print(line)


if __name__ == "__main__":
    main()
