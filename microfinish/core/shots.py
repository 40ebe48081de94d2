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

    Ids in `taken` belonged to shots that are gone: no new shot gets them. But a shot of the
    timelines in `retired` (the newest first) that comes back gets its own id again.
    """
    new = [event for event in timeline.picture() if event.media]
    named = _inherited(new, _named_shots(previous))
    for timeline_before in retired:
        _revive(new, _named_shots(timeline_before), named)
    known = {event.shot for past in (previous, *retired) for event in _named_shots(past)}
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


def _named_shots(timeline: Timeline | None) -> list[Event]:
    return [event for event in (timeline.picture() if timeline else ())
            if event.shot and event.media]


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
