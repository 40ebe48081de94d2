"""Old time to new time: which frames of the old cut play where in the new one.

What a mix, a stem or a sidecar in old time is re-conformed by: whole runs that only ripple stay
one piece, so nothing is cut that need not be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from microfinish.core.change_pair import same_length, shared_run
from microfinish.core.changes import Change
from microfinish.core.time import Span
from microfinish.core.timeline import Event


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the new cut. `old` is the stretch of the old cut, of the same length, that
    shows the same source frames; None where the old cut never showed them."""

    new: Span
    old: Span | None
    shots: tuple[str, ...]


def time_map(found: Sequence[Change]) -> tuple[Piece, ...]:
    """The picture of the new cut in record order, as pieces of the old one. Black is left out,
    and what lies over other pictures."""
    rows = [change for change in found if not change.sound and change.after is not None
            and change.after.shot == change.shot and not change.after.overlays]
    rows.sort(key=lambda change: change.after.record.start if change.after else 0)
    sources = _sources(found)
    pieces: list[Piece] = []
    for change in rows:
        if change.after is not None:
            pieces += _pieces(change.after, sources.get(change.shot, ()))
    return tuple(_merged(pieces))


def _sources(found: Sequence[Change]) -> dict[str, list[Event]]:
    """The old events that a new shot may be taken from: its own, and those joined into it."""
    sources: dict[str, list[Event]] = {}
    for change in found:
        if change.before is not None and change.after is not None and not change.sound:
            sources.setdefault(change.after.shot, []).append(change.before)
    return sources


def _pieces(after: Event, befores: Sequence[Event]) -> list[Piece]:
    kept = sorted((both for before in befores if (both := _kept(before, after))),
                  key=lambda both: both[0])
    pieces, at = [], after.record.start
    for new, old in kept:
        if new.start < at:
            continue
        if new.start > at:
            pieces.append(Piece(Span(at, new.start), None, (after.shot,)))
        pieces.append(Piece(new, old, (after.shot,)))
        at = new.end
    if at < after.record.end:
        pieces.append(Piece(Span(at, after.record.end), None, (after.shot,)))
    return pieces


def _kept(before: Event, after: Event) -> tuple[Span, Span] | None:
    """(new record, old record) of the frames that both show."""
    if before.media != after.media or before.speed != after.speed:
        return None
    if before.retime or after.retime:
        shared = shared_run(before, after)
        return (shared[1].shifted(after.record.start), shared[0].shifted(before.record.start)
                ) if shared else None
    if before.source == after.source and same_length(before, after):
        length = min(before.record.length, after.record.length)
        return (Span(after.record.start, after.record.start + length),
                Span(before.record.start, before.record.start + length))
    common = before.source.overlap(after.source)
    if common is None or before.speed != 1 or before.source.length != before.record.length \
            or after.source.length != after.record.length:
        return None  # retimed or rate-converted frames do not fall on whole record frames
    new = after.record.start + common.start - after.source.start
    old = before.record.start + common.start - before.source.start
    return Span(new, new + common.length), Span(old, old + common.length)


def _merged(pieces: Iterable[Piece]) -> list[Piece]:
    merged: list[Piece] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if last and last.new.end == piece.new.start and (
                (last.old is None and piece.old is None)
                or (last.old and piece.old and last.old.end == piece.old.start)):
            old = Span(last.old.start, piece.old.end) if last.old and piece.old else None
            merged[-1] = Piece(Span(last.new.start, piece.new.end), old,
                               tuple(dict.fromkeys((*last.shots, *piece.shots))))
        else:
            merged.append(piece)
    return merged
