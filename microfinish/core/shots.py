"""Shot ids: `sh010, sh020 ...` given once, and kept by the same pictures through every re-cut.

An event keeps the id of an earlier event that shows the same source; where sources differ it
keeps that of the one it overlaps most, when both agree that the other is the best. Everything
else is a new shot and gets the next free number.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace

from microfinish.core.timeline import Event, Timeline

_STEP = 10
_ID = re.compile(r"^sh(\d+)$")


def with_shot_ids(timeline: Timeline, previous: Timeline | None = None,
                  taken: Iterable[str] = ()) -> Timeline:
    """The timeline with an id on every picture event that has media; black and sound have none.

    Ids in `taken` belonged to shots that are gone: no new shot gets them.
    """
    old = [event for event in (previous.picture() if previous else ()) if event.shot]
    new = [event for event in timeline.picture() if event.media]
    inherited = _inherit(old, new)
    used = [int(match[1]) for name in (*(event.shot for event in old), *taken)
            if (match := _ID.match(name))]
    number = max(used, default=0) // _STEP * _STEP
    ids: dict[int, str] = {}
    for index, event in enumerate(new):
        if index in inherited:
            ids[id(event)] = inherited[index]
        else:
            number += _STEP
            ids[id(event)] = f"sh{number:03d}"
    return replace(timeline, events=tuple(
        replace(event, shot=ids.get(id(event), "")) for event in timeline.events))


def _inherit(old: Sequence[Event], new: Sequence[Event]) -> dict[int, str]:
    """New index -> old id: same place, same source, then the best overlap."""
    pairs: dict[int, int] = {}
    _pair_equal(old, new, pairs, same_place=True)
    _pair_equal(old, new, pairs, same_place=False)
    _pair_overlapping(old, new, pairs)
    return {index: old[other].shot for index, other in pairs.items()}


def _pair_equal(old: Sequence[Event], new: Sequence[Event], pairs: dict[int, int],
                same_place: bool) -> None:
    """Pair events of equal source in record order, where both sides hold as many of them."""
    groups: dict[Hashable, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    taken = set(pairs.values())
    for side, events, done in ((0, old, taken), (1, new, set(pairs))):
        for index, event in enumerate(events):
            if index not in done:
                key = (event.media, event.source, event.speed, event.track,
                       event.record if same_place else None)
                groups[key][side].append(index)
    for olds, news in groups.values():
        if len(olds) == len(news):
            pairs.update(zip(news, olds, strict=True))


def _pair_overlapping(old: Sequence[Event], new: Sequence[Event], pairs: dict[int, int]) -> None:
    """Pair what is each other's unique best overlap, again and again until nothing is left."""
    free_old = set(range(len(old))) - set(pairs.values())
    free_new = set(range(len(new))) - set(pairs)
    shared = {(n, o): _shared(old[o], new[n]) for n in free_new for o in free_old}
    shared = {pair: frames for pair, frames in shared.items() if frames}
    while True:
        found = [(n, o) for (n, o), frames in shared.items()
                 if _best(shared, n, 0) == (frames, 1) and _best(shared, o, 1) == (frames, 1)]
        if not found:
            return
        for n, o in found:
            pairs[n] = o
        gone_new, gone_old = {n for n, _ in found}, {o for _, o in found}
        shared = {(n, o): frames for (n, o), frames in shared.items()
                  if n not in gone_new and o not in gone_old}


def _best(shared: dict[tuple[int, int], int], index: int, side: int) -> tuple[int, int]:
    """(most frames shared by this event, how many partners share so many)."""
    frames = [count for pair, count in shared.items() if pair[side] == index]
    return (max(frames), frames.count(max(frames)))


def _shared(old: Event, new: Event) -> int:
    if old.media != new.media:
        return 0
    overlap = old.source.overlap(new.source)
    return overlap.length if overlap else 0
