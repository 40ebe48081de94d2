"""What changed between two timelines, shot by shot, ripple understood.

A shot that others pushed along is unchanged: its place follows from what stands before it. It is
`moved` where it left the order, as few shots as possible (of two neighbors that changed places,
the shorter), or where it slid between black on both sides while its neighbors stayed. Sound moved
where it no longer lies under the picture that it lay under.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from microfinish.core.change_match import Matching, match
from microfinish.core.change_pair import NO_TRIM, Trim, content_kinds, same_speed, trim_of
from microfinish.core.shots import with_shot_ids
from microfinish.core.timeline import Event, Timeline

KINDS = ("unchanged", "moved", "trimmed", "slipped", "retimed", "replaced", "split", "joined",
         "inserted", "deleted", "transition", "recolored", "placed", "rerouted")
"""`transition`: how it comes in changed; `recolored`: its CDL in the edit list did; `placed`: where
it lies on the canvas, how large, or how opaque; `rerouted`: the role of a sound."""
UNCHANGED = ("unchanged",)


@dataclass(frozen=True, slots=True)
class Change:
    """One shot before and after; an unchanged one, too.

    `sound` marks an event of a sound track, which has no shot id. The smaller part of a split
    has its `parent`'s event before it; a shot that was joined to another has the whole after it.
    `trim` is in source frames. `could_be` names shots that the event could be as well.
    """

    shot: str
    kinds: tuple[str, ...]
    before: Event | None
    after: Event | None
    sound: bool = False
    trim: Trim = NO_TRIM
    parent: str = ""
    could_be: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return self.kinds != UNCHANGED


def bare_cut(timeline: Timeline) -> tuple[object, ...]:
    """What two equal cuts have in common: everything but ids, names, places and losses."""
    return (timeline.rate, timeline.start_frame, timeline.drop, tuple(
        (e.track, e.media, e.source, e.record, e.speed, e.transition, e.cdl, *_rare(e))
        for e in timeline.events), *_canvas(timeline))


def _rare(event: Event) -> tuple[object, ...]:
    # only where it is there: locks that were made before there was any stay whole
    rare = (event.retime, event.placement, event.role)
    return rare if any(rare) else ()


def _canvas(timeline: Timeline) -> tuple[object, ...]:
    placed = any(event.placement for event in timeline.events)
    return (timeline.canvas,) if placed and any(timeline.canvas) else ()


def changes(before: Timeline, after: Timeline) -> tuple[Change, ...]:
    """Every shot of either timeline, in the record order of `after`: the base track, what lies
    over it, then the sound events.

    Shots of the same id are the same shot. A timeline without ids is numbered first, `after` by
    what it has in common with `before`.
    """
    before = _numbered(before, None)
    after = _numbered(after, before)
    old, new = _shots(before), _shots(after)
    found, unsure = _matched(old, new)
    told = _Told(old, new, found, unsure)
    return (*told.changes(), *_upper_changes(before, after, told),
            *_sound_changes(before, after, told))


def _numbered(timeline: Timeline, previous: Timeline | None) -> Timeline:
    if all(event.shot for event in timeline.shots()):
        return timeline
    return with_shot_ids(timeline, previous)


def _shots(timeline: Timeline) -> list[Event]:
    return [event for event in timeline.picture() if event.media]


def _matched(old: Sequence[Event], new: Sequence[Event]
             ) -> tuple[Matching, dict[int, tuple[int, ...]]]:
    """The matching that ids decide, and what the sources alone leave open."""
    places = {event.shot: o for o, event in enumerate(old)}
    known = {n: places[event.shot] for n, event in enumerate(new) if event.shot in places}
    free = match(old, new)
    if all(free.pairs.get(n) == o for n, o in known.items()):
        return free, dict(free.unsure)
    return match(old, new, known), {}


class _Told:
    """A matching of one track told as changes."""

    def __init__(self, old: Sequence[Event], new: Sequence[Event], found: Matching,
                 unsure: dict[int, tuple[int, ...]]) -> None:
        self.old, self.new, self.found, self.unsure = old, new, found, unsure
        self.of_old = {o: n for n, o in found.pairs.items()}
        self.slid = set(_slid(old, new, found))

    def changes(self) -> list[Change]:
        """In the order of the new events; what is gone stands where it stood."""
        placed = [((n, 0, 0), self._new(n)) for n in range(len(self.new))]
        placed += [((self._anchor(o), 1, o), self._gone(o)) for o in range(len(self.old))
                   if o not in self.of_old]
        return [change for _, change in sorted(placed, key=lambda item: item[0])]

    def _anchor(self, o: int) -> int:
        if o in self.found.into:
            return self.found.into[o]
        stayed = (self.of_old[p] for p in range(o - 1, -1, -1)
                  if p in self.of_old and self.of_old[p] not in self.found.moved)
        return next(stayed, -1)

    def _gone(self, o: int) -> Change:
        event = self.old[o]
        if o in self.found.into:
            return Change(event.shot, ("joined",), event, self.new[self.found.into[o]])
        return Change(event.shot, ("deleted",), event, None)

    def _new(self, n: int) -> Change:
        event = self.new[n]
        o = self.found.pairs.get(n, self.found.parent.get(n))
        if o is None:
            return Change(event.shot, ("inserted",), None, event, could_be=self._could_be(n))
        known = self.old[o]
        kinds = self._order(n) + self._content(n, o) + _manner(
            self._incoming(n, o), self._transition(n, o), event, known)
        whole = n in self.found.pairs
        return Change(event.shot, kinds or UNCHANGED, known, event,
                      trim=trim_of(known, event) if known.media == event.media else NO_TRIM,
                      parent="" if whole else known.shot,
                      could_be=self._could_be(n))

    def _could_be(self, n: int) -> tuple[str, ...]:
        return tuple(self.old[other].shot for other in self.unsure.get(n, ()))

    def _order(self, n: int) -> tuple[str, ...]:
        return ("moved",) if n in self.found.moved or n in self.slid else ()

    def _content(self, n: int, o: int) -> tuple[str, ...]:
        parts = self._parts(o)
        if len(parts) > 1:
            return _part_kinds(self.old[o], [self.new[m] for m in parts], parts.index(n))
        joined = self._joined(n)
        if len(joined) > 1:
            whole = [self.old[p] for p in joined]
            return _whole_kinds(whole, self.new[n])
        return content_kinds(self.old[o], self.new[n])

    def _parts(self, o: int) -> list[int]:
        """The new events that an old one was split into, in the order they play its source."""
        members = [n for n, parent in self.found.parent.items() if parent == o]
        if o in self.of_old:
            members.append(self.of_old[o])
        return sorted(members, key=lambda n: _played(self.new[n]))

    def _joined(self, n: int) -> list[int]:
        members = [o for o, into in self.found.into.items() if into == n]
        if n in self.found.pairs:
            members.append(self.found.pairs[n])
        return sorted(members, key=lambda o: _played(self.old[o]))

    def _incoming(self, n: int, o: int) -> Event:
        """The old event whose head is the head of this one."""
        joined = self._joined(n)
        return self.old[joined[0]] if len(joined) > 1 else self.old[o]

    def _transition(self, n: int, o: int) -> bool:
        """Whether the event begins where an old one began, so that it inherits how it came in."""
        parts = self._parts(o)
        return len(parts) < 2 or parts[0] == n


def _played(event: Event) -> int:
    return -event.source.end if event.speed < 0 else event.source.start


def _manner(incoming: Event, inherits: bool, event: Event, known: Event) -> tuple[str, ...]:
    expected = incoming.transition if inherits else None
    differs = {"transition": event.transition != expected, "recolored": event.cdl != known.cdl,
               "placed": event.placement != known.placement, "rerouted": event.role != known.role}
    return tuple(kind for kind, different in differs.items() if different)


def _part_kinds(whole: Event, parts: Sequence[Event], index: int) -> tuple[str, ...]:
    """`split`, and `trimmed` where an outer end changed or frames are gone beside this part."""
    part = parts[index]
    trim = trim_of(whole, part)
    head = trim.head if index == 0 else _gap(parts[index - 1], part)
    tail = trim.tail if index == len(parts) - 1 else _gap(part, parts[index + 1])
    kinds = ("trimmed",) if head or tail else ()
    return ("split", *kinds, *(() if same_speed(whole, part) else ("retimed",)))


def _gap(first: Event, second: Event) -> int:
    if second.speed < 0:
        return first.source.start - second.source.end
    return second.source.start - first.source.end


def _whole_kinds(parts: Sequence[Event], whole: Event) -> tuple[str, ...]:
    head, tail = trim_of(parts[0], whole).head, trim_of(parts[-1], whole).tail
    kinds = ("trimmed",) if head or tail else ()
    retimed = not all(same_speed(part, whole) for part in parts)
    return ("joined", *kinds, *(("retimed",) if retimed else ()))


def _slid(old: Sequence[Event], new: Sequence[Event], found: Matching) -> Iterable[int]:
    """New events that slid in the black between neighbors which did not move against each other."""
    for n in range(1, len(new) - 1):
        around = [found.pairs.get(m) for m in (n - 1, n, n + 1)]
        o = around[1]
        if o is None or around != [o - 1, o, o + 1] or found.moved & {n - 1, n, n + 1}:
            continue
        before = new[n - 1].record.end - old[o - 1].record.end
        after = new[n + 1].record.start - old[o + 1].record.start
        start = new[n].record.start - old[o].record.start
        end = new[n].record.end - old[o].record.end
        if before == after and start == end != before:
            yield n


def _upper_changes(before: Timeline, after: Timeline, picture: _Told) -> list[Change]:
    """What lies over other pictures: moved where it no longer lies over the same picture, or on
    another track."""
    old, new = ([event for event in timeline.overlays() if event.media]
                for timeline in (before, after))
    found: list[Change] = []
    for change in _Told(old, new, *_matched(old, new)).changes():
        if "moved" not in change.kinds and not (
                _follows(change, picture) and _on_its_track(change)):
            kept = () if change.kinds == UNCHANGED else change.kinds
            change = replace(change, kinds=("moved", *kept))
        found.append(change)
    return found


def _on_its_track(change: Change) -> bool:
    return (change.before is None or change.after is None
            or change.before.track == change.after.track)


def _sound_changes(before: Timeline, after: Timeline, picture: _Told) -> list[Change]:
    found: list[Change] = []
    tracks = dict.fromkeys(event.track for event in (*before.sound(), *after.sound()))
    for track in tracks:
        old = [event for event in before.sound() if event.track == track and event.media]
        new = [event for event in after.sound() if event.track == track and event.media]
        for change in _Told(old, new, match(old, new), {}).changes():
            if change.kinds == UNCHANGED and not _follows(change, picture):
                change = replace(change, kinds=("moved",))
            found.append(replace(change, sound=True))
    return found


def _follows(sound: Change, picture: _Told) -> bool:
    """Whether an event of sound went the way of the picture above either of its ends."""
    if sound.before is None or sound.after is None or not picture.old:
        return True
    shift = sound.after.record.start - sound.before.record.start
    ends = {sound.before.record.start, max(0, sound.before.record.end - 1)}
    ways = {way for frame in ends for way in _ways(frame, picture)}
    return shift in ways or not ways


def _ways(frame: int, picture: _Told) -> Iterable[int]:
    """By how much the picture at an old record frame was pushed: its own start, its own end."""
    for o, event in enumerate(picture.old):
        if frame in event.record and o in picture.of_old:
            now = picture.new[picture.of_old[o]].record
            yield now.start - event.record.start
            yield now.end - event.record.end
