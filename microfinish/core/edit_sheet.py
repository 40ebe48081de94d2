"""`edit.yaml`: an edit that a person writes, and its meaning as an edit list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Literal

from microfinish.core.edit import EditLine, EditList
from microfinish.core.errors import Problem, ProblemsError, Where
from microfinish.core.limits import Ge, Le, Matches
from microfinish.core.timeline import Placement, RetimeKey, Transition

Point = Annotated[str, Matches(r"\d{1,2}:\d{2}:\d{2}[:;]\d{2,3}", "01:00:04:12")] | int


Share = Annotated[float, Ge(0), Le(1)]


@dataclass(frozen=True, slots=True)
class SheetKey:
    """A point of a variable speed: `record` frames of the timeline after the event's beginning,
    `source` frames of the media after its `in` (halves and thirds as 25/2, negative before it).
    The speed between two points is constant: source frames over record frames."""

    record: Annotated[Fraction, Ge(0), Le(1_000_000)]
    source: Annotated[Fraction, Ge(-10_000_000), Le(10_000_000)]


@dataclass(frozen=True, slots=True)
class SheetPlace:
    """Where a picture on an upper track lies. `x`, `y` are its center on the frame, 0 to 1 from
    the left and from the top. `scale` 1 fits the whole picture into the frame. `crop` takes
    shares of the picture off left, top, right and bottom. `opacity` 0 is not seen, 1 opaque."""

    x: Annotated[float, Ge(-2), Le(3)] = 0.5
    y: Annotated[float, Ge(-2), Le(3)] = 0.5
    scale: Annotated[float, Ge(0.001), Le(100)] = 1.0
    crop: tuple[Share, Share, Share, Share] = (0.0, 0.0, 0.0, 0.0)
    opacity: Share = 1.0


@dataclass(frozen=True, slots=True)
class SheetEvent:
    """One event. `in` and `out` are the source span in the media's own timecode, or whole frames
    from the start of the file; a file without timecode starts at 00:00:00:00.

    `speed` 1/2 shows each frame twice, -1 plays from out - 1 down to in, 0 holds the frame at
    `in` for as long as in to out lasts. `dissolve` mixes with the event before over the first so
    many frames; that event then needs as many more frames of source. `through` black or white
    makes it a dip through that color. `black` is a pause of so many frames, without media.
    `track` is V, or A1, A2 ... for sound. V2, V3 ... lie over V, the highest on top, and need a
    `place`; a `dissolve` fades them in, one on the `black` after them fades them out. `role` is
    what a sound is: dialogue, music or effects.

    `retime` is a variable speed, in place of `speed` and `out`: two points or more, the last one's
    `record` is how long the event lasts.
    """

    media: str = ""
    in_: Point | None = None
    out: Point | None = None
    speed: Annotated[Fraction, Ge(-20), Le(20)] = Fraction(1)
    dissolve: Annotated[int, Ge(0), Le(10_000)] = 0
    black: Annotated[int, Ge(0), Le(1_000_000)] = 0
    track: Annotated[str, Matches(r"V[2-9]?|A[1-9]\d?", "V")] = "V"
    name: str = ""
    retime: tuple[SheetKey, ...] = ()
    place: SheetPlace | None = None
    through: Literal["", "black", "white"] = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class EditSheet:
    """The whole of `edit.yaml`: events in the order they play, each track on its own."""

    events: tuple[SheetEvent, ...] = ()
    title: str = ""


def sheet_edit_list(sheet: EditSheet, file: str, rate: Fraction,
                    place: Callable[[int], Where] | None = None) -> EditList:
    """The edit list of a sheet at the season's rate; `place(index)` is where an event stands.

    Raises ProblemsError naming every event that says too little or contradicts itself.
    """
    problems: list[Problem] = []
    lines: list[EditLine] = []
    for index, event in enumerate(sheet.events):
        where = place(index) if place else Where(file)
        fault = _fault(event)
        if fault:
            problems.append(Problem(f"event {index + 1}: {fault[0]}", where, fault[1]))
        else:
            lines.append(_line(event, index, where))
    if not sheet.events:
        problems.append(Problem("the edit has no events", Where(file),
                                "write events: [{media: NAME, in: ..., out: ...}]"))
    if problems:
        raise ProblemsError(tuple(problems))
    return EditList(file, rate, tuple(lines), title=sheet.title)


def _fault(event: SheetEvent) -> tuple[str, str] | None:
    if event.black and event.media:
        return "black and media exclude each other", "write two events"
    if event.black:
        return None
    if not event.media:
        return "it names no media", "write media: NAME, or black: FRAMES for a pause"
    if event.through and not event.dissolve:
        return "through says nothing without a dissolve", "write dissolve: FRAMES with it"
    if event.retime:
        return _retime_fault(event)
    if event.in_ is None or event.out is None:
        return (f"{event.media} has no {'in' if event.in_ is None else 'out'}",
                "write in and out in the media's timecode, out exclusive")
    if isinstance(event.in_, int) is not isinstance(event.out, int):
        return "in and out are of two kinds", "write both as timecode or both as frame numbers"
    return None


def _retime_fault(event: SheetEvent) -> tuple[str, str] | None:
    if event.speed != 1 or event.out is not None:
        return ("retime excludes speed and out",
                "the points say both: the last one is the record length and the last position")
    if event.in_ is None:
        return f"{event.media} has no in", "the points of retime count from it"
    if len(event.retime) < 2 or event.retime[0].record != 0:
        return ("retime needs a point at record 0 and one at the end",
                "write retime: [{record: 0, source: 0}, {record: 50, source: 75}]")
    return None


def _line(event: SheetEvent, index: int, where: Where) -> EditLine:
    kind = f"dip-{event.through}" if event.through else "dissolve"
    mix = Transition(kind, event.dissolve) if event.dissolve else None
    place = event.place
    names = tuple(dict.fromkeys(name for name in (event.media, event.name) if name))
    return EditLine(
        number=str(index + 1), tracks=(event.track,), reel=event.media, names=names,
        source_in=event.in_, source_out=event.out, speed=event.speed, transition=mix,
        black=bool(event.black), hold_frames=event.black, where=where,
        role=event.role,
        retime=tuple(RetimeKey(key.record, key.source) for key in event.retime),
        placement=Placement(place.x, place.y, place.scale, place.crop, opacity=place.opacity)
        if place else None)
