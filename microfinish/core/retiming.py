"""Variable speed as an edit list states it, in the media's own frames."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from microfinish.core.edit import EditLine
from microfinish.core.errors import InputError
from microfinish.core.media import Media
from microfinish.core.relink import line_frame, own_rate
from microfinish.core.sampling import moved_keys
from microfinish.core.time import Span
from microfinish.core.timeline import RetimeKey


def event_keys(line: EditLine, media: Media, timeline_rate: Fraction) -> tuple[RetimeKey, ...]:
    """The keys of a line counted from the start of the file, in the media's own frames.

    Raises InputError where they are no curve, or the line's in is no timecode of the file.
    """
    if len(line.retime) < 2:
        raise InputError("a variable speed needs two points at least",
                         hint="give the source position at the record in and at the record out")
    if any(b.record < a.record for a, b in pairwise(line.retime)):
        raise InputError("the points of its variable speed are not in record order",
                         hint="each point's record must not come before the one above it")
    if line.retime[0].record == line.retime[-1].record:
        raise InputError("the points of its variable speed stand at one place",
                         hint="give the source position at the record in and at the record out")
    own = own_rate(media, timeline_rate)
    scale = own / line.source_rate if line.source_rate else Fraction(1)
    entry: Fraction
    if line.source_in is None:
        entry = Fraction(0)
    elif isinstance(line.source_in, int):
        entry = line.source_in * scale
    else:
        entry = Fraction(line_frame(line, line.source_in, media, timeline_rate))
    return tuple(RetimeKey(key.record, entry + key.source * scale) for key in line.retime)


def keys_length(line: EditLine) -> Fraction:
    """Timeline frames that a line without a record span lasts: up to its last key."""
    return line.retime[-1].record if line.retime else Fraction(0)


def trimmed_keys(line: EditLine, span: Span) -> EditLine:
    """A line of variable speed cut down to a part of its record span: the same curve, entered
    later or left earlier."""
    assert line.record is not None
    head = span.start - line.record.start
    return replace(line, record=span, retime=moved_keys(line.retime, head))
