"""Two events side by side: how much they differ, and what that difference is called."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from microfinish.core.sampling import shown_frames
from microfinish.core.time import Span
from microfinish.core.timeline import Event

_WEAK = 0.3
"""Below this part of the shorter one in common, two events are rather neighbors than the same."""


@dataclass(frozen=True, slots=True)
class Trim:
    """Source frames gained (+) or lost (-) at the head and the tail, as the shot is played."""

    head: int = 0
    tail: int = 0


NO_TRIM = Trim()

def difference(old: Event, new: Event) -> float | None:
    """How unlike two events are: 0 the same, about 1 one edge changed, 3 hardly related.

    None where they have no source frame in common: only their places can then relate them.
    """
    if old.media != new.media:
        return None
    common = old.source.overlap(new.source)
    if common is None:
        return None
    if old.source == new.source and same_speed(old, new):
        # what tells repeats of the same frames apart
        manner = 0.05 * (old.transition != new.transition) + 0.05 * (old.cdl != new.cdl)
        return manner + (0.0 if same_length(old, new) else 0.3)
    shorter = min(old.source.length, new.source.length)
    union = old.source.length + new.source.length - common.length
    unlike = 1 - common.length / union
    weak = max(0.0, 3 * (1 - common.length / shorter / _WEAK))
    retimed = 0.0 if same_speed(old, new) else 1.4
    if old.source.start == new.source.start or old.source.end == new.source.end:
        return retimed + weak + (1.4 if unlike else 0.0) + 0.5 * unlike
    if old.source.length == new.source.length:
        return retimed + weak + 1.6 + 0.6 * unlike
    return retimed + weak + 2.0 + 0.8 * unlike


def same_speed(old: Event, new: Event) -> bool:
    """Whether two events run alike where they show the same: of a variable speed each may be
    another part of one curve."""
    if old.retime or new.retime:
        return shared_run(old, new) is not None
    return old.speed == new.speed


@lru_cache(maxsize=4096)
def _shown(event: Event) -> tuple[int, ...]:
    return shown_frames(event, Fraction(1), 0, event.record.length)


def shared_run(old: Event, new: Event) -> tuple[Span, Span] | None:
    """(old, new) record frames, counted from each event's first, in which two events of variable
    speed show the same source frames: at least half of the shorter one, else None."""
    if old.media != new.media or not (old.retime and new.retime):
        return None
    first, second = _shown(old), _shown(new)
    least = max(1, (min(len(first), len(second)) + 1) // 2)
    best: tuple[Span, Span] | None = None
    for shift in sorted(range(least - len(second), len(first) - least + 1), key=abs):
        begin, end = max(0, shift), min(len(first), len(second) + shift)
        if best and end - begin <= best[0].length:
            continue
        if first[begin:end] == second[begin - shift:end - shift]:
            best = Span(begin, end), Span(begin - shift, end - shift)
    return best


def same_length(old: Event, new: Event) -> bool:
    """Whether two events of equal source last equally long.

    A sheet's running position is rounded once per cut, so a source that does not fill whole
    record frames may last a frame more or less wherever a ripple pushes it. That is no trim.
    """
    apart = abs(old.record.length - new.record.length)
    return apart == 0 or (apart == 1 and _rounded(old) and _rounded(new))


def _rounded(event: Event) -> bool:
    if not event.speed:
        return False
    exact = event.source.length / abs(event.speed)
    # a length that differs from the source's at full speed: media and timeline rates differ
    return (exact.denominator != 1 and abs(exact - event.record.length) < 1) or (
        abs(event.speed) == 1 and exact != event.record.length)


def trim_of(old: Event, new: Event) -> Trim:
    """What happened at the two ends. A shot played backward begins at its last source frame."""
    at_start = old.source.start - new.source.start
    at_end = new.source.end - old.source.end
    return Trim(at_end, at_start) if new.speed < 0 else Trim(at_start, at_end)


def content_kinds(old: Event, new: Event) -> tuple[str, ...]:
    """How the content of a shot changed, whatever its place; () for not at all.

    Normal form: a source of the same length and none of whose edges stands is `slipped`; edges
    that changed unevenly are `trimmed`, also where a slip and a trim led there. A new speed is
    only `retimed` where the source stayed, or where the record length and one end did. Another
    media, or another part of the same media with another length, is `replaced`.
    """
    if old.media != new.media:
        return ("replaced",)
    if old.retime or new.retime:
        return _kinds_of_curves(old, new)
    if old.speed != new.speed and not _same_speed_written_otherwise(old, new):
        return ("retimed",) if _only_retimed(old, new) else _with_retimed(old, new)
    if old.source == new.source:
        return () if same_length(old, new) else ("trimmed",)
    trim = trim_of(old, new)
    same = old.record.length == new.record.length
    if not new.speed:
        return ("slipped",) if same else ("slipped", "trimmed")
    # floor sampling makes the source of a retimed shot a frame longer or shorter
    slack = 0 if abs(new.speed) == 1 and old.source.length == old.record.length else 1
    if same and abs(trim.head + trim.tail) <= slack:
        return ("slipped",) if max(abs(trim.head), abs(trim.tail)) > slack or not slack \
            or (trim.head and trim.tail) else ()
    return ("trimmed",) if old.source.overlap(new.source) else ("replaced",)


def _kinds_of_curves(old: Event, new: Event) -> tuple[str, ...]:
    """Variable speed: another part of the same curve is a trim, another curve a retime."""
    shared = shared_run(old, new)
    if shared is None:
        return ("retimed",) if _only_retimed(old, new) else _with_retimed(old, new)
    same = shared[0].length == old.record.length == new.record.length
    return () if same else ("trimmed",)


def _same_speed_written_otherwise(old: Event, new: Event) -> bool:
    """1/3 in a sheet is 8.3 frames per second in an EDL: one decimal, as CMX3600 prints M2."""
    if {abs(old.speed), abs(new.speed)} & {0, 1} or old.speed * new.speed < 0:
        return False
    trim = trim_of(old, new)
    return (abs(old.speed - new.speed) * 200 <= abs(new.speed)
            and old.record.length == new.record.length
            and max(abs(trim.head), abs(trim.tail)) <= 1)


def _only_retimed(old: Event, new: Event) -> bool:
    trim = trim_of(old, new)
    if old.source == new.source:
        return True
    if not old.speed or not new.speed:  # to or from a freeze: the held frame was part of the shot
        return bool(old.source.overlap(new.source))
    if max(abs(trim.head), abs(trim.tail)) <= 1:
        return True
    same = abs(old.record.length - new.record.length) <= 1
    return same and (abs(trim.head) <= 1 or abs(trim.tail) <= 1)


def _with_retimed(old: Event, new: Event) -> tuple[str, ...]:
    return ("trimmed", "retimed") if old.source.overlap(new.source) else ("replaced",)
