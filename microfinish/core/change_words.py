"""A change list in plain sentences, for an editor who asks what is different."""

from __future__ import annotations

from microfinish.core.changes import Change, bare_cut, changes
from microfinish.core.time import Span, format_timecode
from microfinish.core.timeline import Event, Timeline


def sentences(before: Timeline, after: Timeline) -> tuple[str, ...]:
    """What changed, one plain sentence per changed shot; empty where the cut is the same."""
    lines = []
    if before.rate != after.rate:
        lines.append(f"the timeline rate changed from {before.rate} to {after.rate}")
    if before.start_frame != after.start_frame:
        lines.append(f"the first frame's record timecode changed from {label(before, 0)} "
                     f"to {label(after, 0)}")
    found = changes(before, after)
    lines += [sentence(change, before, after) for change in found if change.changed]
    if found and lines and all(c.sound or not c.changed for c in found):
        lines.insert(0, "only the sound tracks of the edit changed; every picture is the same")
    if found and lines and all(set(c.kinds) <= {"unchanged", "recolored"} for c in found):
        lines.insert(0, "only colors in the edit list changed; every picture and sound stands")
    if not lines and bare_cut(before) != bare_cut(after):
        lines.append("black between shots changed, or a retimed shot lasts a frame more or less "
                     "by rounding")
    return tuple(lines)


def sentence(change: Change, before: Timeline, after: Timeline) -> str:
    """One change of a shot or of a sound event, with its places and amounts."""
    old, new = change.before, change.after
    doubt = f"; it could be {' or '.join(change.could_be)} as well" if change.could_be else ""
    who = f"sound on {(new or old or _NOBODY).track}" if change.sound else change.shot
    if old is None and new is not None:
        return (f"{who} inserted at {label(after, new.record.start)}: {new.media}, "
                f"{_frames(new)}{doubt}")
    if new is None and old is not None:
        return f"{who} deleted: {old.media} at {label(before, old.record.start)}, {_frames(old)}"
    words = ", ".join(describe(change, before, after))
    return f"{who} {words}{doubt}"


def describe(change: Change, before: Timeline, after: Timeline) -> tuple[str, ...]:
    """Each kind of a change in words."""
    return tuple(_words(kind, change, before, after) for kind in change.kinds)


def _words(kind: str, change: Change, before: Timeline, after: Timeline) -> str:
    old, new = change.before or _NOBODY, change.after or _NOBODY
    if kind == "moved":
        return (f"moved from {label(before, old.record.start)} "
                f"to {label(after, new.record.start)}")
    if kind == "trimmed":
        return f"trimmed ({_trim(change)}; now {_frames(new)}, was {_frames(old)})"
    if kind == "slipped":
        return f"slipped by {new.source.start - old.source.start:+d} source frames"
    if kind == "retimed":
        return f"retimed from {_speed(old)} to {_speed(new)}"
    if kind == "replaced":
        return (f"replaced at {label(after, new.record.start)}: {source(new)} instead of "
                f"{source(old)}")
    if kind == "split":
        return (f"split off {change.parent}, now {_frames(new)} at "
                f"{label(after, new.record.start)}" if change.parent
                else f"split, its larger part is {_frames(new)} long")
    if kind == "joined":
        if new.shot in ("", change.shot):
            return f"joined with its other part, now {_frames(new)}"
        return f"joined into {new.shot}"
    if kind == "transition":
        return f"comes in by {_mix(new)} instead of {_mix(old)}"
    if kind == "placed":
        return f"placed otherwise over the picture ({_place(old)}, now {_place(new)})"
    if kind == "rerouted":
        return f"its role changed from {old.role or 'none'} to {new.role or 'none'}"
    return "its CDL in the edit list changed" if kind == "recolored" else kind


def _speed(event: Event) -> str:
    if event.retime:
        return f"a variable speed of {len(event.retime)} points"
    return f"{float(event.speed):.4g}x"


def _place(event: Event) -> str:
    place = event.placement
    if place is None:
        return "full frame"
    cut = " cropped" if any(place.crop) else ""
    return (f"{place.scale:.0%}{cut} at {place.x:.2f}, {place.y:.2f}"
            f"{f', {place.opacity:.0%} opaque' if place.opacity < 1 else ''}")


def _trim(change: Change) -> str:
    ends = [f"{name} {frames:+d}" for name, frames in
            (("head", change.trim.head), ("tail", change.trim.tail)) if frames]
    return f"{', '.join(ends)} source frames" if ends else "record length only"


def _mix(event: Event) -> str:
    return f"{event.transition.kind} of {event.transition.frames} frames" \
        if event.transition else "a cut"


def source(event: Event) -> str:
    """The media and the frames of them that an event shows; the out is exclusive."""
    return f"{event.media} {event.source.start}-{event.source.end}"


def trim_words(change: Change) -> str:
    """Where a shot got longer or shorter, in source frames."""
    return _trim(change)


def _frames(event: Event) -> str:
    return f"{event.record.length} frames"


def label(timeline: Timeline, frame: int) -> str:
    """The record timecode of a frame of the timeline."""
    return format_timecode(timeline.start_frame + frame, timeline.rate, timeline.drop)


_NOBODY = Event("", "", "", Span(0, 0), Span(0, 0))
