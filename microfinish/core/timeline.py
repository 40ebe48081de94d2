"""The timeline: the edit in exact terms, and the picture lock that freezes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from microfinish.core.cdl import Cdl
from microfinish.core.errors import Where
from microfinish.core.time import Span

BASE_TRACKS = ("V", "V1")
"""The picture itself. V2, V3 ... lie over it, the highest on top."""


DIPS = {"dip-black": "black", "dip-white": "white"}
"""Kinds of transition that go through a color: it stands alone in their middle."""


@dataclass(frozen=True, slots=True)
class Transition:
    """How an event comes in: over its first `frames` frames it mixes with the event before it,
    which runs on past its own out into its handle (CMX3600 semantics). Where it comes from black
    without a pause, an empty black event (record length 0) stands before it.

    `kind` is dissolve, dip-black or dip-white. A dip is two halves: the event before fades into
    the color, the color into this event; neither is seen in the other's half."""

    kind: str
    frames: int

    @property
    def handle(self) -> int:
        """How many frames of it still show the event before."""
        return self.frames // 2 if self.kind in DIPS else self.frames


@dataclass(frozen=True, slots=True)
class RetimeKey:
    """A point of a variable speed: `record` timeline frames after the event's record in the
    picture stands at `source`, a position in the media's own frames from the start of the file
    (frame 7 is on screen from 7 up to 8). Straight between keys, and on beyond the outer ones."""

    record: Fraction
    source: Fraction


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a picture lies on the editor's canvas, and how much of what is beneath shows through.

    `x`, `y` are the center of the whole picture, before `crop`, as fractions of the canvas from
    its top left corner: 0.5, 0.5 is the middle. `scale` 1 is the whole picture fitted into the
    canvas. `crop` takes fractions of the picture off left, top, right and bottom; what is left
    stays where it was. `rotation_degrees` turns clockwise about the center. `opacity` 0 to 1.
    """

    x: float = 0.5
    y: float = 0.5
    scale: float = 1.0
    crop: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    rotation_degrees: float = 0.0
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an event was taken to mean its media: the points of `core.relink`, and what for."""

    score: int
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an edit, relinked.

    `source` counts the media's own frames from the start of the file; `record` counts timeline
    frames from 0. `speed` 1/2 shows each frame twice, -1 plays from source.end - 1 down to
    source.start, 0 holds source.start. `media` is a path relative to the project; "" is black
    (picture) or silence (sound). `parent` is the shot whose smaller part this one was split off
    as.

    `retime` is a variable speed, at least two keys in record order; `speed` then says nothing
    and is 1, and `source` is every frame from the lowest to the highest shown. `placement` is for
    events on V2 and up, which lie over the picture beneath; None fills the canvas. `role` is a
    sound's role: dialogue, dialogue.boom, music, effects, or the editor's own word.
    `evidence` is no part of the cut: equal events may have been found in other ways.
    """

    shot: str
    track: str
    media: str
    source: Span
    record: Span
    speed: Fraction = Fraction(1)
    transition: Transition | None = None
    name: str = ""
    cdl: Cdl | None = None
    where: Where | None = None
    parent: str = ""
    retime: tuple[RetimeKey, ...] = ()
    placement: Placement | None = None
    role: str = ""
    evidence: Evidence | None = field(default=None, compare=False)

    @property
    def overlays(self) -> bool:
        """Whether it lies over the picture of track V instead of being it."""
        return self.track.startswith("V") and self.track not in BASE_TRACKS


@dataclass(frozen=True, slots=True)
class Loss:
    """A line of the edit list that was not, or not fully, understood."""

    file: str
    line: int
    text: str
    severity: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker (locator) of the edit list. `frame` counts as record frames do: absolute in an
    edit list, from 0 in a timeline."""

    frame: int
    text: str = ""
    color: str = ""
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """The body of `assemble.yaml`. `start_frame` is the record timecode of frame 0.

    `canvas` is the width and height that placements are fractions of, (0, 0) where the edit
    list states none.
    """

    rate: Fraction
    events: tuple[Event, ...]
    losses: tuple[Loss, ...] = ()
    start_frame: int = 0
    drop: bool = False
    canvas: tuple[int, int] = (0, 0)
    marks: tuple[Mark, ...] = ()

    @property
    def frames(self) -> int:
        return max((event.record.end for event in self.events), default=0)

    def picture(self) -> tuple[Event, ...]:
        """The events of the base track in record order: one opaque picture at every frame."""
        return tuple(sorted((e for e in self.events if e.track in BASE_TRACKS),
                            key=lambda e: (e.record.start, e.track)))

    def overlays(self) -> tuple[Event, ...]:
        """The events that lie over the base track, in record order, lower tracks first."""
        return tuple(sorted((e for e in self.events if e.overlays),
                            key=lambda e: (e.record.start, int(e.track[1:]))))

    def shots(self) -> tuple[Event, ...]:
        """Every event that shows media: those of the base track, then those over it."""
        return tuple(e for e in (*self.picture(), *self.overlays()) if e.media)

    def sound(self) -> tuple[Event, ...]:
        """The audio events in record order."""
        return tuple(sorted((e for e in self.events if e.track.startswith("A")),
                            key=lambda e: (e.record.start, e.track)))


@dataclass(frozen=True, slots=True)
class Revision:
    """One frozen state of the picture. `digest` is that of the cut it holds.

    `edit` is the digest of the edit that was set aside when an old revision was taken back, ""
    where the edit itself was locked. `human` holds the digests of the human files in force, by
    name. `used_before` holds those that the revision before was finished with: subtitles come after
    the first lock, and are written in its time. `seal` covers everything here and the seal before.
    """

    revision: int
    digest: str
    at: str
    by: str
    note: str
    timeline: Timeline
    edit: str = ""
    human: dict[str, str] = field(default_factory=dict)
    seal: str = ""
    used_before: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PictureLock:
    """The body of `lock.yaml`: every revision, the newest last."""

    revisions: tuple[Revision, ...]

    @property
    def current(self) -> Revision:
        return self.revisions[-1]
