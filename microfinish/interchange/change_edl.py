"""The CMX3600 change EDL: the new cut edited together from the old one.

The source side counts in the old cut's record timecode, the record side in the new one's, as sound
houses exchange changes: laid over the old mix or the old export, the list makes the new cut, with
black where new picture goes. Runs that only ripple are one event. What changed and what was left
out stands in comments.
"""

from __future__ import annotations

from collections.abc import Sequence

from microfinish.core.change_map import Piece, time_map
from microfinish.core.change_words import label, sentence
from microfinish.core.changes import Change
from microfinish.core.time import Span, allows_drop_frame, format_timecode
from microfinish.core.timeline import Timeline

_SHOWN = 12
"""Shots that a comment names; a longer run is its first and its last."""


def change_edl(before: Timeline, after: Timeline, found: Sequence[Change], title: str,
               reel: str) -> str:
    """The list as text. `reel` names the old cut, such as REV1: no blanks, at most 8 letters."""
    drop = after.drop and allows_drop_frame(after.rate)
    rows = [f"TITLE: {' '.join(title.split())}",
            f"FCM: {'DROP FRAME' if drop else 'NON-DROP FRAME'}", ""]
    told = {change.shot: change for change in found if change.changed and not change.sound}
    for number, piece in enumerate(time_map(found), 1):
        rows += _event(number, piece, before, after, reel)
        for shot in piece.shots:
            if shot in told:
                rows.append(f"* {_remark(sentence(told.pop(shot), before, after))}")
    rows += [f"* {_remark(sentence(change, before, after))}" for change in told.values()]
    return "\n".join([*rows, ""])


def _event(number: int, piece: Piece, before: Timeline, after: Timeline, reel: str) -> list[str]:
    if piece.old is None:
        black = [format_timecode(frame, after.rate, after.drop)
                 for frame in (0, piece.new.length)]
        source, name = " ".join(black), "BL"
    else:
        source, name = _labels(before, piece.old), reel
    return [f"{number:03}  {name:<8} V     C        {source} {_labels(after, piece.new)}",
            f"* SHOTS: {_listed(piece.shots)}"]


def _labels(timeline: Timeline, span: Span) -> str:
    return f"{label(timeline, span.start)} {label(timeline, span.end)}"


def _listed(shots: Sequence[str]) -> str:
    return " ".join(shots) if len(shots) <= _SHOWN else (
        f"{shots[0]} TO {shots[-1]} ({len(shots)} SHOTS)")


def _remark(words: str) -> str:
    """A comment that no reader takes for a note with a meaning of its own."""
    return "CHANGE: " + " ".join(words.split())

