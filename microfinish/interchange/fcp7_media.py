"""Final Cut Pro 7 files and times: rates, start timecode, names, and a cut as an edit line."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import unquote

from microfinish.core.edit import EditLine
from microfinish.core.errors import InputError, Where
from microfinish.core.time import Span, allows_drop_frame, format_timecode, parse_timecode
from microfinish.core.timeline import RetimeKey, Transition
from microfinish.interchange.fcp7_speed import number
from microfinish.interchange.spot import Size, Spot, placement_of
from microfinish.interchange.xmltext import Element


@dataclass(frozen=True, slots=True)
class Cut:
    """One event on one track, in frames of its sequence from 0.

    `source` is the first source frame shown, in frames of the file at `rate`, not yet rounded;
    `retime` are the keys of a variable speed, counted from the file's first frame. `layer` counts
    what a nested sequence lays over each other. `file` None is black where `black` says so, else
    a clip whose file the list does not name.
    """

    element: Element
    track: str
    record: Span
    rate: Fraction
    source: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)
    file: Element | None = None
    black: bool = False
    transition: Transition | None = None
    from_black: bool = False
    retime: tuple[RetimeKey, ...] = ()
    spot: Spot | None = None
    layer: int = 1


def rate_of(element: Element | None) -> Fraction | None:
    """The exact rate that an element states: its timebase, n * 1000/1001 with the NTSC flag."""
    rate = element.first("rate") if element else None
    timebase = number(rate.value("timebase")) if rate else None
    if rate is None or timebase is None or not 1 <= timebase <= 1000:
        return None
    # some programs write a timebase of 29.97: the nominal count is what they mean
    ntsc = rate.value("ntsc").upper() == "TRUE" or timebase.denominator > 1
    return Fraction(round(timebase) * 1000, 1001) if ntsc else timebase


def timecode_of(element: Element, rate: Fraction) -> tuple[int, bool]:
    """(start frame, drop-frame) of a sequence or a file; the label counts, else the frame."""
    timecode = element.first("timecode")
    if timecode is None:
        return 0, False
    drop = timecode.value("displayformat").upper() == "DF" and allows_drop_frame(rate)
    frame = number(timecode.value("frame"))
    try:
        return parse_timecode(timecode.value("string"), rate, drop), drop
    except InputError:
        return (int(frame) if frame is not None and frame >= 0 else 0), drop


def name_of_url(url: str) -> str:
    """The file name at the end of a `pathurl`: decoded, without its folders, NFC."""
    return unicodedata.normalize("NFC", re.split(r"[\\/]", unquote(url.strip()))[-1])


def edit_line(cut: Cut, start: int, file: str, canvas: Size) -> EditLine:
    """The cut as a line of the edit list, record from the sequence's `start` frame.

    A file with a start timecode is addressed by label, so that a wrong file is noticed; sound,
    and a file that starts at 0, by its own frames.
    """
    element, record = cut.element, cut.record.shifted(start)
    where = Where(file, element.line, element.column)
    text = f"{element.shown(60)} {element.value('name')}".strip()
    if cut.black:
        return EditLine("", (cut.track,), names=(element.value("name") or "black",),
                        record=record, transition=cut.transition, black=True,
                        from_black=cut.from_black, where=where, text=text)
    first = max(0, math.floor(cut.retime[0].source) if cut.retime else round(cut.source))
    source_in: str | int = first
    # the reader of edit lines plays backward from an in that lies after its out
    source_out: str | int | None = first - 1 if cut.speed < 0 else None
    drop, reel, begin = None, "", None
    if cut.file is not None:
        reel = cut.file.value("timecode", "reel", "name")
        timecode = cut.file.first("timecode")
        own = rate_of(timecode) or cut.rate
        begin, drop = timecode_of(cut.file, own)
        begin = begin if own == cut.rate else None
        if begin and cut.track.startswith("V"):
            source_in = format_timecode(begin + first, own, drop)
            if source_out is not None:
                source_out = format_timecode(begin + first - 1, own, drop)
    return EditLine("", (cut.track,), reel=reel, names=_names(element, cut.file),
                    source_in=source_in, source_out=source_out, source_drop=drop, record=record,
                    speed=cut.speed, by_time=True, source_rate=cut.rate, source_start=begin,
                    transition=cut.transition, from_black=cut.from_black,
                    retime=tuple(RetimeKey(key.record, key.source - first)
                                 for key in cut.retime),
                    placement=placement_of(cut.spot, canvas) if cut.spot else None,
                    ids=_ids(cut.file), media_seconds=_seconds(cut.file, cut.rate),
                    media_path=unquote(cut.file.value("pathurl")) if cut.file else "",
                    where=where, text=text)


def _ids(file: Element | None) -> tuple[str, ...]:
    found = [file.value(name) for name in ("uuid", "umid")] if file else []
    return tuple(filter(None, found))


def _seconds(file: Element | None, rate: Fraction) -> Fraction | None:
    """How long the file lasts by the list, where it says so."""
    length = number(file.value("duration")) if file else None
    own = rate_of(file) or rate
    return length / own if length and length > 0 else None


def _names(element: Element, file: Element | None) -> tuple[str, ...]:
    found = [name_of_url(file.value("pathurl")), file.value("name")] if file else []
    found.append(element.value("name"))
    return tuple(dict.fromkeys(name for name in found if name))
