"""Split and joined shots: parts of one source that stand as several events, or no longer do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from microfinish.core.change_order import in_order
from microfinish.core.time import Span
from microfinish.core.timeline import Event

_NEAR = 2
"""Halves of a shot stand side by side, or around one cutaway."""


@dataclass(slots=True)
class Families:
    """`pairs`: new -> old. `parent`: new part -> old. `into`: old part -> new. `unsure`: new ->
    old ones that it could be as well."""

    pairs: dict[int, int]
    parent: dict[int, int]
    into: dict[int, int]
    unsure: dict[int, set[int]] = field(default_factory=dict)


def families(old: Sequence[Event], new: Sequence[Event], pairs: Mapping[int, int]) -> Families:
    """Find the parts among what `pairs` leaves over. The larger part carries the identity, the
    first of equal ones. `pairs` is new index -> old index."""
    kept = _without_razored(old, new, pairs)
    of_old = {o: n for n, o in kept.items()}
    parts = _parts(new, [n for n in range(len(new)) if n not in kept], old, of_old)
    unsure: dict[int, set[int]] = {}
    for o in set(parts.values()):
        members = sorted([of_old[o], *(n for n in parts if parts[n] == o)])
        heir = max(members, key=lambda n: (_common(new[n], old[o]), -n))
        equal = [n for n in members if n != heir and _common(new[n], old[o])
                 == _common(new[heir], old[o])]
        unsure.update({n: {o} for n in equal})
        _pass_on(of_old[o], heir, parts, o)
        of_old[o] = heir
    kept = {n: o for o, n in of_old.items()}
    joined = _parts(old, [o for o in range(len(old)) if o not in of_old], new,
                    {n: o for n, o in kept.items() if n not in parts})
    for n in set(joined.values()):
        members = sorted([kept[n], *(o for o in joined if joined[o] == n)])
        heir = max(members, key=lambda o: (_common(old[o], new[n]), -o))
        _pass_on(kept[n], heir, joined, n)
        kept[n] = heir
    return Families(kept, parts, joined, unsure)


def _without_razored(old: Sequence[Event], new: Sequence[Event],
                     pairs: Mapping[int, int]) -> dict[int, int]:
    """The pairs without those that changed, where the new event is one half of another shot that
    was cut in two, or the old one half of a shot that was joined: an end that meets the other
    half to the frame is no accident of a trim. Where frames are gone between the halves, these
    must stand together, and the pair out of order.
    """
    kept = dict(pairs)
    placed = sorted(pairs.items())
    lengths = [new[n].record.length for n, _ in placed]
    steady = {placed[i][0] for i in in_order([(o, n) for n, o in placed], lengths)}
    for n, o in pairs.items():
        if old[o].source == new[n].source or old[o].media != new[n].media:
            continue
        near = 0 if n in steady else _NEAR
        if any(other != o and m in kept
               and (_are_halves(new[n], new[m], old[other], abs(n - m) <= near)
                    or _are_halves(old[o], old[other], new[m], False))
               for m, other in pairs.items()):
            del kept[n]
    return kept


def _are_halves(one: Event, other: Event, whole: Event, apart: bool) -> bool:
    if not one.media == other.media == whole.media:
        return False
    first, second = sorted((one.source, other.source))
    meet = first.end <= second.start if apart else first.end == second.start
    return (meet and first.start == whole.source.start
            and second.end == whole.source.end)


def _pass_on(was: int, heir: int, parts: dict[int, int], whole: int) -> None:
    if was != heir:
        del parts[heir]
        parts[was] = whole


def _parts(events: Sequence[Event], free: Sequence[int], wholes: Sequence[Event],
           first_part: Mapping[int, int]) -> dict[int, int]:
    """Free event -> the whole it is a part of. `first_part` is whole -> its part so far."""
    taken: dict[int, list[Span]] = {}
    found: dict[int, int] = {}
    for index in free:
        event = events[index]
        best = max((w for w in first_part if _is_part(
            event, wholes[w], taken.get(w) or [events[first_part[w]].source])),
            key=_measure(event, wholes), default=None)
        if best is not None:
            found[index] = best
            taken.setdefault(best, [events[first_part[best]].source]).append(event.source)
    return found


def _measure(event: Event, wholes: Sequence[Event]) -> Callable[[int], int]:
    return lambda whole: _common(event, wholes[whole])


def _is_part(event: Event, whole: Event, others: Sequence[Span]) -> bool:
    """A part lies mostly inside the whole, apart from the other parts, and keeps an old end or
    begins where another part ends: a razor leaves such edges, another use of the take seldom."""
    if event.media != whole.media or not event.speed or not whole.speed:
        return False
    own = event.source
    if 2 * _common(event, whole) < own.length or any(own.overlap(other) for other in others):
        return False
    return (own.start == whole.source.start or own.end == whole.source.end
            or any(own.start == other.end or own.end == other.start for other in others))


def _common(event: Event, other: Event) -> int:
    common = event.source.overlap(other.source)
    return common.length if common else 0
