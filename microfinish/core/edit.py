"""The edit list before relinking: what the editor's file says, in exact terms, with its losses.

Every reader (CMX3600, edit.yaml, later FCPXML and the others) ends here; `conform` turns an edit
list and the media into a timeline.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from microfinish.core.cdl import Cdl
from microfinish.core.errors import Where
from microfinish.core.time import Span
from microfinish.core.timeline import Loss, Mark, Placement, RetimeKey, Transition

UNREADABLE_EVENT = "looks like an event but cannot be read"
BLACK_REELS = frozenset({"BL", "BLK", "BLACK"})
UNNAMED_REELS = frozenset({"", "AX", "UNKNOWN", "NONE"})
"""Reels that name no source: auxiliary, or left open by the editor's program."""


@dataclass(frozen=True, slots=True)
class EditLine:
    """One event of an edit list.

    `source_in` and `source_out` are timecode labels as written, in the media's own counting, or
    whole frames from the start of the file. `source_drop` is the counting that the list states
    for labels with `:`. `record` holds absolute timeline frames; None means that the event
    follows the one before it on its track, as long as its source lasts. With a record span, the
    record length decides and the source out does not.

    `source_rate` is the rate at which the list counts whole frames, where it states one, and
    `source_start` the label of the file's first frame, as a frame number at that rate: a file
    that turns out to state no timecode is counted from there. `by_time`: the list says itself how
    rates are conformed, and `speed` is source seconds per record second whatever the project's
    rule. `role` is the sound's role: dialogue, music, effects, or the editor's own word.

    `retime` is a variable speed; `speed` then says nothing. Its `record` counts timeline frames
    from the line's record in; its `source` counts frames at `source_rate` (the media's own where
    that is None) from `source_in`, and may be negative. A list that counts from the start of the
    file writes `source_in` 0. Cutting such a line moves its keys and leaves `source_in`. Where
    it has no record span, the last key's `record` is its length.

    `placement` is where the picture lies on the editor's canvas; None fills it, opaque.

    `ids` are UMIDs, package ids and the like that the list states for the source, `media_path` is
    where the file lay for the editor, `media_seconds` how long the whole of it lasts by the list.

    `names` are clip and file names, the most telling first, with their folders where
    stated. `hold_frames` is the length of a black event without a record span. `from_black`: its
    transition comes from black, whatever stands before it. `text` is the line as written.
    """

    number: str
    tracks: tuple[str, ...]
    reel: str = ""
    names: tuple[str, ...] = ()
    source_in: str | int | None = None
    source_out: str | int | None = None
    source_drop: bool | None = None
    record: Span | None = None
    speed: Fraction = Fraction(1)
    transition: Transition | None = None
    black: bool = False
    from_black: bool = False
    hold_frames: int = 0
    source_rate: Fraction | None = None
    source_start: int | None = None
    by_time: bool = False
    role: str = ""
    cdl: Cdl | None = None
    comments: tuple[str, ...] = ()
    where: Where | None = None
    text: str = ""
    retime: tuple[RetimeKey, ...] = ()
    placement: Placement | None = None
    ids: tuple[str, ...] = ()
    media_path: str = ""
    media_seconds: Fraction | None = None

    @property
    def names_a_reel(self) -> bool:
        return self.reel.upper() not in UNNAMED_REELS


@dataclass(frozen=True, slots=True)
class EditList:
    """A whole edit list. `rate` counts the record frames; `drop` is how its record is printed.

    `start_frame` is the record timecode of the first frame where the list states one. `canvas`
    is the sequence's width and height in square pixels, (0, 0) where the list states none.
    """

    file: str
    rate: Fraction
    lines: tuple[EditLine, ...]
    losses: tuple[Loss, ...] = ()
    title: str = ""
    drop: bool = False
    start_frame: int | None = None
    canvas: tuple[int, int] = (0, 0)
    marks: tuple[Mark, ...] = ()
