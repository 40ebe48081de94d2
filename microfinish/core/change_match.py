"""Which events of two edits are the same shot: an assignment by source overlap and by order.

Candidates are events of the same media with frames in common. Where several compete (repeated
takes, near duplicates, both parts of a split) the assignment with the least total difference
wins, and crossing the shots around counts as a difference. What is then left between the same
two neighbors stands in the same slot. Nothing is known here about ids.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from microfinish.core.change_assign import assign
from microfinish.core.change_family import Families, families
from microfinish.core.change_order import in_order, moves
from microfinish.core.change_pair import difference, same_length
from microfinish.core.change_slot import SAME_LENGTH, likeness, slots
from microfinish.core.timeline import Event

_UNMATCHED = 5.0
"""A pair that differs more than this is a deletion and an insertion."""
_MOVE = 1.2
"""Leaving the order counts more than one changed edge, less than a shot that came and went."""
_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Matching:
    """`pairs`: index of a new event -> index of the old one it is. `parent`: a new event that is
    a part of an old one, whose larger part is in `pairs`; `into`: an old event that is now a
    part of a new one. `moved`: the new events out of order. `unsure`: new event -> old ones that
    it could be as well, order and content being equal.
    """

    pairs: Mapping[int, int]
    parent: Mapping[int, int]
    into: Mapping[int, int]
    moved: frozenset[int]
    unsure: Mapping[int, tuple[int, ...]] = field(default_factory=dict)


def match(old: Sequence[Event], new: Sequence[Event],
          known: Mapping[int, int] | None = None) -> Matching:
    """Match the events of one track, both in record order. `known` pairs (new -> old) are kept."""
    pairs = dict(known or {})
    pairs.update(_unmistakable(old, new, pairs))
    taken = set(pairs.values())
    work = _Work(old, new, [o for o in range(len(old)) if o not in taken],
                 [n for n in range(len(new)) if n not in pairs], pairs)
    work.assign_all()
    unsure = work.settle()
    found = families(old, new, work.pairs)
    anchors = _in_order(new, found)
    slots(old, new, found, anchors)
    _beside(old, new, found)
    still = set(_in_order(new, found))
    placed = set(found.pairs) | set(found.parent)
    unsure = {n: others for n, others in unsure.items()
              if found.pairs.get(n) not in (None, *others)}
    unsure.update({n: tuple(sorted(others)) for n, others in found.unsure.items()})
    return Matching(found.pairs, found.parent, found.into, frozenset(placed - still), unsure)


def _unmistakable(old: Sequence[Event], new: Sequence[Event],
                  known: Mapping[int, int]) -> dict[int, int]:
    """Pairs of the very same frames that occur once on either side: nothing else compares."""
    taken = set(known.values())
    olds: dict[object, list[int]] = defaultdict(list)
    news: dict[object, list[int]] = defaultdict(list)
    for o, event in enumerate(old):
        if o not in taken:
            olds[event.media, event.source, event.speed, event.retime].append(o)
    for n, event in enumerate(new):
        if n not in known:
            news[event.media, event.source, event.speed, event.retime].append(n)
    return {found[0]: olds[frames][0] for frames, found in news.items()
            if len(found) == len(olds.get(frames, ())) == 1
            and same_length(old[olds[frames][0]], new[found[0]])}


def _beside(old: Sequence[Event], new: Sequence[Event], found: Families) -> None:
    """Take up a slot beside a neighbor that left the order: which of two neighbors moved was then
    decided without the shot between them. It must be of the same length, or add to the order."""
    gone = [o for o in range(len(old)) if o not in found.pairs.values() and o not in found.into]
    for n in [n for n in range(len(new)) if n not in found.pairs and n not in found.parent]:
        near = {found.pairs.get(n - 1), found.pairs.get(n + 1)}
        for o in gone:
            alike = likeness(old[o], new[n]) if near & {o - 1, o + 1} else 0.0
            if alike <= 1:
                continue
            with_it = _in_order(new, replace(found, pairs={**found.pairs, n: o}))
            gain = len(with_it) - len(_in_order(new, found))
            if gain > 0 or (gain == 0 and alike >= SAME_LENGTH and n in with_it):
                found.pairs[n] = o
                gone.remove(o)
                break


def _in_order(new: Sequence[Event], found: Families) -> tuple[int, ...]:
    """The new events that stand in their old order, parts of a split at their parent's place."""
    placed = sorted({**found.pairs, **found.parent}.items())
    keys = [(o, new[n].source.start * (-1 if new[n].speed < 0 else 1)) for n, o in placed]
    kept = in_order(keys, [new[n].record.length for n, _ in placed])
    return tuple(placed[index][0] for index in kept)


class _Work:
    """The matching while it grows."""

    def __init__(self, old: Sequence[Event], new: Sequence[Event], free_old: list[int],
                 free_new: list[int], pairs: dict[int, int]) -> None:
        self.old, self.new, self.pairs = old, new, pairs
        self.unlike = _differences(old, new, free_old, free_new)
        self.clusters = _clusters(self.unlike)

    def assign_all(self) -> None:
        """Assign every cluster, again while the order that the others agree on still changes."""
        for olds, news in self.clusters:
            self._assign(olds, news, ())
        contested = [c for c in self.clusters if len(c[0]) > 1 or len(c[1]) > 1 or self._weak(c)]
        for _ in range(_ROUNDS):
            before = dict(self.pairs)
            for olds, news in contested:
                outside = sorted((n, o) for n, o in self.pairs.items() if n not in set(news))
                kept = in_order([(o, n) for n, o in outside],
                                [self.new[n].record.length for n, _ in outside])
                self._assign(olds, news, [outside[index] for index in kept])
            if self.pairs == before:
                break

    def _weak(self, cluster: tuple[list[int], list[int]]) -> bool:
        """Whether order decides if this one candidate is a pair at all."""
        (o, *_), (n, *_) = cluster
        return self.unlike[o, n] + _MOVE > _UNMATCHED

    def _assign(self, olds: list[int], news: list[int],
                anchors: Sequence[tuple[int, int]]) -> None:
        place = _Places(anchors, len(self.old), len(self.new))

        def gain(row: int, column: int) -> float | None:
            unlike = self.unlike.get((olds[row], news[column]))
            if unlike is None:
                return None
            return _UNMATCHED - unlike - place.cost(olds[row], news[column])

        for n in news:
            self.pairs.pop(n, None)
        for row, column in assign(len(olds), len(news), gain).items():
            self.pairs[news[column]] = olds[row]

    def settle(self) -> dict[int, tuple[int, ...]]:
        """Exchange partners inside clusters while that lowers the whole cost; tell what ties."""
        unsure: dict[int, set[int]] = defaultdict(set)
        for olds, news in self.clusters:
            if len(olds) * len(news) > 1 and (len(olds) > 1 or len(news) > 1):
                self._exchange(olds, news, unsure)
        return {n: tuple(sorted(others)) for n, others in unsure.items()}

    def _exchange(self, olds: list[int], news: list[int], unsure: dict[int, set[int]]) -> None:
        for _ in range(_ROUNDS):
            better = False
            for n, o in [(n, o) for n in news for o in olds if (o, n) in self.unlike]:
                if self.pairs.get(n) == o:
                    continue
                now, then, other = self._cost(news), dict(self.pairs), self._exchanged(n, o)
                self.pairs = other
                cost = self._cost(news)
                if cost < now - 1e-6:
                    better = True
                    unsure.clear()
                    continue
                self.pairs = then
                if abs(cost - now) < 1e-6:
                    self._note(n, o, other, unsure)
            if not better:
                return

    def _note(self, n: int, o: int, other: Mapping[int, int],
              unsure: dict[int, set[int]]) -> None:
        """A tie counts where a shot could be one or another; not where two would only swap."""
        freed = set(self.pairs.values()) - set(other.values())
        came = set(other.values()) - set(self.pairs.values())
        if n in self.pairs and (freed or came):
            unsure[n].add(o)

    def _exchanged(self, n: int, o: int) -> dict[int, int]:
        """The pairs with `n` given to `o`, and `o`'s partner to what `n` had, if they fit."""
        other = dict(self.pairs)
        had = other.pop(n, None)
        partner = next((m for m, used in other.items() if used == o), None)
        if partner is not None:
            del other[partner]
            if had is not None and (had, partner) in self.unlike:
                other[partner] = had
        other[n] = o
        return other

    def _cost(self, news: Iterable[int]) -> float:
        """The whole cost as far as pairs of these new events change it."""
        mine = [n for n in news if n in self.pairs]
        unlike = sum(self.unlike[self.pairs[n], n] - _UNMATCHED for n in mine)
        return unlike + _MOVE * moves([self.pairs[n] for n in sorted(self.pairs)])


class _Places:
    """Where an old event would stand among the new ones, by the neighbors that kept their order."""

    def __init__(self, anchors: Sequence[tuple[int, int]], olds: int, news: int) -> None:
        self.at_old = [-1, *(o for _, o in anchors), olds]
        self.at_new = [-1, *(n for n, _ in anchors), news]
        self.news = max(1, news)

    def cost(self, o: int, n: int) -> float:
        """The cost of an order broken, and a breath for distance, so that equals keep theirs."""
        at = bisect_left(self.at_old, o)
        first, last = self.at_new[at - 1], self.at_new[at]
        before, after = self.at_old[at - 1], self.at_old[at]
        expected = first + (last - first) * (o - before) / (after - before)
        far = 0.01 * ((n - expected) / self.news) ** 2
        return far if first < n < last else _MOVE + far


def _differences(old: Sequence[Event], new: Sequence[Event], free_old: Iterable[int],
                 free_new: Iterable[int]) -> dict[tuple[int, int], float]:
    """(old, new) -> difference, for all candidates."""
    by_media: dict[str, list[int]] = defaultdict(list)
    for o in free_old:
        by_media[old[o].media].append(o)
    found = {}
    for n in free_new:
        for o in by_media.get(new[n].media, ()):
            unlike = difference(old[o], new[n])
            if unlike is not None and unlike < _UNMATCHED:
                found[o, n] = unlike
    return found


def _clusters(candidates: Iterable[tuple[int, int]]) -> list[tuple[list[int], list[int]]]:
    """The old and new events that compete for each other: connected by candidates."""
    of_old: dict[int, list[int]] = defaultdict(list)
    of_new: dict[int, list[int]] = defaultdict(list)
    for o, n in candidates:
        of_old[o].append(n)
        of_new[n].append(o)
    seen: set[int] = set()
    found = []
    for start in sorted(of_old):
        if start in seen:
            continue
        olds, news, waiting = {start}, set(), [start]
        while waiting:
            for n in of_old[waiting.pop()]:
                news.add(n)
                fresh = [o for o in of_new[n] if o not in olds]
                olds.update(fresh)
                waiting += fresh
        seen |= olds
        found.append((sorted(olds), sorted(news)))
    return found
