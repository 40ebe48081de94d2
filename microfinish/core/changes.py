"""What changed between two timelines, shot by shot, for people and for change lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from microfinish.core.time import Span, format_timecode
from microfinish.core.timeline import Event, Timeline

KINDS = ("unchanged", "moved", "trimmed", "slipped", "retimed", "replaced", "inserted", "deleted",
         "mixed", "recolored")
"""`mixed`: its dissolve changed; `recolored`: the CDL in the edit list did."""
_MANY = 4
"""From so many on, shots that only moved together are told in one sentence."""


@dataclass(frozen=True, slots=True)
class Change:
    """One shot before and after. `sound` marks an event of a sound track, which has no shot id."""

    shot: str
    kinds: tuple[str, ...]
    before: Event | None
    after: Event | None
    sound: bool = False


def cut_of(timeline: Timeline) -> Timeline:
    """The timeline without what is no part of the cut: places, names and losses."""
    events = tuple(replace(event, where=None, name="") for event in timeline.events)
    return replace(timeline, events=events, losses=())


def changes(before: Timeline, after: Timeline) -> tuple[Change, ...]:
    """Every shot and sound event of either timeline, in the record order of `after`.

    An inserted shot that stands exactly where a deleted one stood is `replaced`.
    """
    old = {event.shot: event for event in before.picture() if event.shot}
    new = {event.shot: event for event in after.picture() if event.shot}
    deleted = {event.record: event for shot, event in old.items() if shot not in new}
    found = []
    for shot, event in new.items():
        known = old.get(shot)
        if known:
            found.append(Change(shot, _kinds(known, event), known, event))
        elif event.record in deleted:
            found.append(Change(shot, ("replaced",), deleted.pop(event.record), event))
        else:
            found.append(Change(shot, ("inserted",), None, event))
    found += [Change(event.shot, ("deleted",), event, None) for event in deleted.values()]
    return tuple(found) + tuple(_sound_changes(before.sound(), after.sound()))


def _kinds(before: Event, after: Event) -> tuple[str, ...]:
    kinds = []
    if before.record.start != after.record.start:
        kinds.append("moved")
    if before.speed != after.speed:
        kinds.append("retimed")
    if before.source != after.source or before.media != after.media:
        same_length = before.source.length == after.source.length
        kinds.append("slipped" if same_length and before.record.length == after.record.length
                     else "trimmed")
    elif before.record.length != after.record.length and before.speed == after.speed:
        kinds.append("trimmed")
    if before.transition != after.transition:
        kinds.append("mixed")
    if before.cdl != after.cdl:
        kinds.append("recolored")
    return tuple(kinds) or ("unchanged",)


def _sound_changes(before: Iterable[Event], after: Iterable[Event]) -> list[Change]:
    old = [replace(event, where=None, name="") for event in before]
    new = [replace(event, where=None, name="") for event in after]
    gone = [event for event in old if event not in new]
    came = [event for event in new if event not in old]
    return ([Change("", ("deleted",), event, None, sound=True) for event in gone]
            + [Change("", ("inserted",), None, event, sound=True) for event in came])


def sentences(before: Timeline, after: Timeline) -> tuple[str, ...]:
    """What changed, one plain sentence per changed shot; empty where the cut is the same."""
    lines = []
    if before.rate != after.rate:
        lines.append(f"the timeline rate changed from {before.rate} to {after.rate}")
    if before.start_frame != after.start_frame:
        lines.append(f"the first frame's record timecode changed from {_at(before, 0)} "
                     f"to {_at(after, 0)}")
    found = changes(before, after)
    lines += _told(tuple(c for c in found if c.kinds != ("unchanged",)), before, after)
    if found and lines and all(c.sound or c.kinds == ("unchanged",) for c in found):
        lines.insert(0, "only the sound tracks of the edit changed; every picture is the same")
    if not lines and cut_of(before) != cut_of(after):
        lines.append("gaps between shots changed")
    return tuple(lines)


def _told(found: tuple[Change, ...], before: Timeline, after: Timeline) -> list[str]:
    """A sentence per change; shots that one trim pushed along together share one."""
    lines = []
    for shift, group in groupby(found, key=_pushed):
        pushed = tuple(group)
        if shift is None or len(pushed) < _MANY:
            lines += [_sentence(change, before, after) for change in pushed]
        else:
            lines.append(f"{len(pushed)} shots from {pushed[0].shot} to {pushed[-1].shot} moved "
                         f"{abs(shift)} frames {'later' if shift > 0 else 'earlier'}")
    return lines


def _pushed(change: Change) -> int | None:
    """By how many frames a shot moved that is otherwise the same; None for any other change."""
    if change.kinds == ("moved",) and change.before and change.after:
        return change.after.record.start - change.before.record.start
    return None


def _sentence(change: Change, before: Timeline, after: Timeline) -> str:
    old, new = change.before, change.after
    who = f"sound on {(new or old or _NOBODY).track}" if change.sound else change.shot
    if old is None and new is not None:
        return f"{who} inserted at {_at(after, new.record.start)}: {new.media}, {_frames(new)}"
    if new is None and old is not None:
        return f"{who} deleted: {old.media} at {_at(before, old.record.start)}, {_frames(old)}"
    assert old is not None and new is not None
    if change.kinds == ("replaced",):
        return f"{old.shot} replaced by {new.shot} at {_at(after, new.record.start)}: {new.media}"
    return f"{who} " + ", ".join(_words(kind, old, new, before, after) for kind in change.kinds)


def _words(kind: str, old: Event, new: Event, before: Timeline, after: Timeline) -> str:
    shift = new.record.start - old.record.start
    words = {
        "moved": f"moved {abs(shift)} frames {'later' if shift > 0 else 'earlier'} "
                 f"to {_at(after, new.record.start)}",
        "retimed": f"retimed from {float(old.speed):.4g}x to {float(new.speed):.4g}x",
        "slipped": f"slipped by {new.source.start - old.source.start:+d} source frames",
        "trimmed": f"trimmed ({_trim(old.source, new.source)}; now {_frames(new)}, "
                   f"was {_frames(old)})",
        "mixed": f"dissolve changed from {_mix(old)} to {_mix(new)}",
        "recolored": "its CDL in the edit list changed",
    }
    return words[kind]


def _trim(old: Span, new: Span) -> str:
    return f"in {new.start - old.start:+d}, out {new.end - old.end:+d} source frames"


def _mix(event: Event) -> str:
    return f"{event.transition.frames} frames" if event.transition else "a cut"


def _frames(event: Event) -> str:
    return f"{event.record.length} frames"


def _at(timeline: Timeline, frame: int) -> str:
    return format_timecode(timeline.start_frame + frame, timeline.rate, timeline.drop)


_NOBODY = Event("", "", "", Span(0, 0), Span(0, 0))
