"""Shot ids: `sh010, sh020 ...` given once, and kept by the same pictures through every re-cut.

An id survives a trim, a slip, a move and a new speed. The larger part of a split shot keeps it,
the other part is a new shot that names its parent; of joined shots the larger one's stays. A new
take in the same slot keeps it, too. Everything else is a new shot and gets the next free number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from microfinish.core.change_match import match
from microfinish.core.timeline import Event, Timeline

_STEP = 10
_ID = re.compile(r"^sh(\d+)$")


def with_shot_ids(timeline: Timeline, previous: Timeline | None = None,
                  taken: Iterable[str] = (), retired: Sequence[Timeline] = ()) -> Timeline:
    """The timeline with an id on every picture event that has media; black and sound have none.

    Pictures over others are matched among themselves: order says something on one track only.

    Ids in `taken` belonged to shots that are gone: no new shot gets them. But a shot of the
    timelines in `retired` (the newest first) that comes back gets its own id again.
    """
    new = list(timeline.shots())
    named: dict[int, tuple[str, str]] = {}
    base = [n for n, event in enumerate(new) if not event.overlays]
    for places in (base, [n for n, event in enumerate(new) if event.overlays]):
        upper = places is not base
        layer = [new[n] for n in places]
        own = _inherited(layer, _named_shots(previous, upper))
        for timeline_before in retired:
            _revive(layer, _named_shots(timeline_before, upper), own)
        named.update({places[index]: name for index, name in own.items()})
    known = {event.shot for past in (previous, *retired) for upper in (False, True)
             for event in _named_shots(past, upper)}
    number = max((int(found[1]) for name in (*known, *taken) if (found := _ID.match(name))),
                 default=0) // _STEP * _STEP
    ids: dict[int, tuple[str, str]] = {}
    for index, event in enumerate(new):
        shot, parent = named.get(index, ("", ""))
        if not shot:
            number += _STEP
            shot = f"sh{number:03d}"
        ids[id(event)] = (shot, parent)
    return replace(timeline, events=tuple(
        _named(event, *ids.get(id(event), ("", ""))) for event in timeline.events))


def _named(event: Event, shot: str, parent: str) -> Event:
    return replace(event, shot=shot, parent=parent)


def _named_shots(timeline: Timeline | None, upper: bool) -> list[Event]:
    return [event for event in (timeline.shots() if timeline else ())
            if event.shot and event.overlays is upper]


def _inherited(new: Sequence[Event], old: Sequence[Event]) -> dict[int, tuple[str, str]]:
    """New index -> (id, parent); a split-off part has a parent and no id yet."""
    found = match(old, new)
    named = {n: (old[o].shot, old[o].parent) for n, o in found.pairs.items()}
    named.update({n: ("", old[o].shot) for n, o in found.parent.items()})
    return named


def _revive(new: Sequence[Event], past: Sequence[Event],
            named: dict[int, tuple[str, str]]) -> None:
    """Give shots that were gone their ids back, by source alone: slots of old cuts say nothing."""
    used = {shot for shot, _ in named.values()}
    gone = [event for event in past if event.shot not in used]
    nameless = [n for n in range(len(new)) if not named.get(n, ("", ""))[0]]
    if not gone or not nameless:
        return
    found = match(gone, [new[n] for n in nameless])
    for index, o in found.pairs.items():
        event = new[nameless[index]]
        if event.media == gone[o].media and event.source.overlap(gone[o].source):
            named[nameless[index]] = (gone[o].shot, gone[o].parent)
