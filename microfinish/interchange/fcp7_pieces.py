"""Final Cut Pro 7 clips of media: which source frames a clip shows, from its in, out and speed."""

from __future__ import annotations

from fractions import Fraction

from microfinish.core.time import Span
from microfinish.core.timeline import RetimeKey
from microfinish.interchange.fcp7_media import Cut, rate_of
from microfinish.interchange.fcp7_speed import Lose, Piece, number, pieces, time_remap
from microfinish.interchange.xmltext import Element

TICKS_PER_SECOND = 254_016_000_000
"""Premiere's clock, in which it writes in points that lie between two frames."""


def media_cuts(element: Element, file: Element | None, record: Span, early: int, late: int,
               name: str, rate: Fraction, lose: Lose) -> list[Cut]:
    """A clip over `record`, of a sequence at `rate`; in and out lie `early` and `late` frames
    farther."""
    own = rate_of(element) or rate
    ratio = own / rate
    entry = number(element.value("in"))
    if entry is None or entry < 0:
        lose(element, "error", "the clip has no in point; it is taken from its start")
        entry = Fraction(0)
    entry -= early * ratio
    out = number(element.value("out"))
    out = None if out is None or out < 0 or early else out
    effect = time_remap(element)
    if effect is not None:
        parts = pieces(effect, entry, out, late, record.length, ratio,
                       number(element.value("duration")), lose)
    else:
        length = record.length
        _compare(element, entry, out, (length + late) * ratio, lose)
        if not early:
            entry, length = _by_ticks(element, entry, own, ratio, length, late, lose)
        parts = [Piece(length, entry, Fraction(1))]
    file_rate = rate_of(file) or own
    found, at = [], record.start
    for part in parts:
        position = part.source * file_rate / own
        if effect is None and abs(position - round(position)) > Fraction(1, 10):
            lose(element, "info", f"the in point lies between two source frames "
                                       f"({float(position):.2f})")
        keys = tuple(RetimeKey(key.record, key.source * file_rate / own) for key in part.keys)
        found.append(Cut(element, name, Span(at, at + part.length), file_rate, position,
                         part.speed, file, retime=keys))
        at += part.length
    return found


def _compare(element: Element, entry: Fraction, out: Fraction | None, shown: Fraction,
             lose: Lose) -> None:
    if out is not None and abs(out - entry - shown) > 1:
        lose(element, "warning", f"in to out is {float(out - entry):g} frames, start to "
                                      f"end {float(shown):g}: the record length is kept")


def _by_ticks(element: Element, entry: Fraction, own: Fraction, ratio: Fraction, length: int,
              late: int, lose: Lose) -> tuple[Fraction, int]:
    """The in point and length by Premiere's clock, where that is finer or tells of more.

    Under a crossfade that it does not write, Premiere writes frames with their handles and
    ticks without.
    """
    ticks = [number(element.value(tag)) for tag in ("pproTicksIn", "pproTicksOut")]
    begin, end = (None if value is None or value < 0 else value * own / TICKS_PER_SECOND
                  for value in ticks)
    if begin is None:
        return entry, length
    if abs(begin - entry) < 1:
        entry = begin
    shorter = round((end - begin) / ratio) if end is not None else length
    if not late and 0 < shorter < length - 1:
        lose(element, "warning", f"overlaps its neighbor under a crossfade that is not "
                                      f"in the file; cut to its {shorter} frames")
        return begin, shorter
    return entry, length
