"""Several picture tracks to one: at every frame the topmost clip is seen, as in the editor.

A dissolve into an upper clip shows what was seen before; one out of it shows what lies beneath.
Every clip that is covered, wholly or in part, is said. Clips that let something of what is beneath
show through (smaller than the canvas, or not wholly opaque) stay on their own tracks above, where
no full picture covers them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from microfinish.core.edit import EditLine
from microfinish.core.placement import covers
from microfinish.core.retiming import trimmed_keys
from microfinish.core.time import Span, format_timecode, parse_timecode
from microfinish.core.timeline import Transition

Lose = Callable[[EditLine, str, str], None]


def topmost(lines: Sequence[EditLine], rate: Fraction, lose: Lose,
            smaller: Sequence[EditLine] = ()) -> list[EditLine]:
    """The lines with all full pictures on track V, none under another; sound is left as it is.

    Every picture line must have a record span; `rate` is the timeline's. What does not fill the
    frame stays above, on V2 and up: `smaller` are those of which only their shape tells.
    """
    every = [line for line in lines if line.tracks[0].startswith("V") and line.record]
    over = _over(every, smaller)
    picture = [line for line in every if line not in over]
    if len({line.tracks for line in every}) < 2 and not over:
        return list(lines)
    solid = [line for line in picture if not _opens(line)]
    fades = {line.record.start: line for line in sorted(picture, key=_layer)
             if _opens(line) and line.record}
    borders = sorted({edge for line in picture if line.record
                      for edge in (line.record.start, line.record.end)})
    runs: list[tuple[EditLine | None, Span, EditLine | None]] = []
    for begin, end in pairwise(borders):
        top = max((line for line in solid if line.record and begin in line.record),
                  key=_layer, default=None)
        fade = fades.get(begin)
        if fade and top and _layer(top) > _layer(fade):
            fade = None
        if runs and top is runs[-1][0] and fade is None:
            runs[-1] = (top, Span(runs[-1][1].start, end), runs[-1][2])
        else:
            runs.append((top, Span(begin, end), fade))
    seen = [_seen(index, runs, rate, lose) for index in range(len(runs))]
    _tell_covered(solid, runs, lose)
    floating = [part for line in over for part in _uncovered(line, solid, rate, lose)]
    return [*(line for line in seen if line), *_lifted(floating),
            *(line for line in lines if line not in every)]


def _over(lines: Sequence[EditLine], smaller: Sequence[EditLine]) -> list[EditLine]:
    """The lines that let something through, and the fades that end them."""
    over = [line for line in lines if not line.black and (
        not covers(line.placement) or any(line is other for other in smaller))]
    ends = {(line.tracks, line.record.end) for line in over if line.record}
    return over + [line for line in lines if line.black and line.record
                   and (line.tracks, line.record.start) in ends]


def _uncovered(line: EditLine, solid: Sequence[EditLine], rate: Fraction,
               lose: Lose) -> list[EditLine]:
    """The parts of an upper line that no full picture hides."""
    assert line.record is not None
    above = sorted(other.record for other in solid if other.record and not other.black
                   and _layer(other) > _layer(line))
    parts, at = [], line.record.start
    for span in [*above, Span(line.record.end, line.record.end)]:
        if span.start > at:
            parts.append(Span(at, min(span.start, line.record.end)))
        at = max(at, span.end)
        if at >= line.record.end:
            break
    if parts == [line.record]:
        return [line]
    if not line.black:
        shown = sum(part.length for part in parts)
        lose(line, "info", f"seen for {shown} of its {line.record.length} frames; a clip above "
                           "covers the rest" if shown else
             "a clip above covers it wholly; it is not used")
    return [replace(trimmed(line, part, rate), transition=line.transition
                    if part.start == line.record.start else None) for part in parts]


def _lifted(lines: list[EditLine]) -> list[EditLine]:
    """Upper lines on V2 and up: those of the lowest track make room for the full picture."""
    lift = 1 if any(_layer(line) == 1 for line in lines) else 0
    return [replace(line, tracks=(f"V{_layer(line) + lift}",)) for line in lines]


def _layer(line: EditLine) -> int:
    return int(line.tracks[0][1:] or 1)


def _opens(line: EditLine) -> bool:
    """Whether a line is the end of a fade on an upper track: what lies beneath appears."""
    return line.black and line.transition is not None and _layer(line) > 1


def _seen(index: int, runs: list[tuple[EditLine | None, Span, EditLine | None]],
          rate: Fraction, lose: Lose) -> EditLine | None:
    """One run as a line on track V; None where nothing lies."""
    line, span, fade = runs[index]
    before = runs[index - 1] if index else None
    if line is None:
        return replace(fade, tracks=("V",), record=span,
                       transition=_bounded(fade.transition, span)) if fade else None
    assert line.record is not None
    mixed = line.transition if line.record.start == span.start else None
    if fade and mixed is None:
        mixed = fade.transition
    if line.transition and line.record.start < span.start < (
            line.record.start + line.transition.frames):
        lose(line, "warning", "its transition is partly covered; it is a cut")
    follows = before is not None and before[0] is not None and not before[0].black
    # over a lower picture, a fade from black on an upper track is a dissolve from that picture
    from_black = line.from_black and line.record.start == span.start and not (
        follows and _layer(line) > 1)
    return replace(trimmed(line, span, rate), tracks=("V",),
                   transition=_bounded(mixed, span), from_black=from_black)


def _bounded(transition: Transition | None, span: Span) -> Transition | None:
    if transition is None or transition.frames <= span.length:
        return transition
    return replace(transition, frames=span.length)


def _tell_covered(solid: list[EditLine],
                  runs: list[tuple[EditLine | None, Span, EditLine | None]], lose: Lose) -> None:
    for line in solid:
        shown = sum(span.length for top, span, _ in runs if top is line)
        if line.black or not line.record or shown == line.record.length:
            continue
        if shown:
            lose(line, "info", f"seen for {shown} of its {line.record.length} frames; a clip above "
                               "covers the rest")
        else:
            lose(line, "info", "a clip above covers it wholly; it is not used")


def trimmed(line: EditLine, span: Span, rate: Fraction) -> EditLine:
    """A line cut down to a part of its record span, its source moved by as much.

    Source frames between two record frames are passed over as the line's speed does.
    """
    assert line.record is not None
    if line.retime:
        return trimmed_keys(line, span)
    head, tail = span.start - line.record.start, line.record.end - span.end
    own = line.source_rate or rate
    step = abs(line.speed) * own / rate
    moved = math.floor(head * step)
    if line.source_in is None or line.black or (not head and not tail):
        return replace(line, record=span)
    if line.speed >= 0:
        return replace(line, record=span, source_in=_moved(line, line.source_in, moved, own))
    if line.source_out is not None:
        # the in is shown first, the out lies before it
        return replace(line, record=span, source_in=_moved(line, line.source_in, -moved, own),
                       source_out=_moved(line, line.source_out, -moved, own))
    # the in is the range's start and its last frame is shown first
    length = line.record.length
    last = round(length * step) - 1 - moved
    return replace(line, record=span, source_in=_moved(
        line, line.source_in, last + 1 - round(span.length * step), own))


def _moved(line: EditLine, label: str | int, frames: int, rate: Fraction) -> str | int:
    if isinstance(label, int):
        return label + frames
    drop = bool(line.source_drop)
    return format_timecode(parse_timecode(label, rate, drop) + frames, rate, drop)
