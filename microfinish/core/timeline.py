"""The timeline: the edit in exact terms, and the picture lock that freezes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from microfinish.core.cdl import Cdl
from microfinish.core.errors import Where
from microfinish.core.time import Span


@dataclass(frozen=True, slots=True)
class Transition:
    """How an event comes in: over its first `frames` frames it mixes with the event before it,
    which runs on past its own out into its handle (CMX3600 semantics). Where it comes from black
    without a pause, an empty black event (record length 0) stands before it."""

    kind: str
    frames: int


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an edit, relinked.

    `source` counts the media's own frames from the start of the file; `record` counts timeline
    frames from 0. `speed` 1/2 shows each frame twice, -1 plays from source.end - 1 down to
    source.start, 0 holds source.start. `media` is a path relative to the project; "" is black
    (picture) or silence (sound). `parent` is the shot whose smaller part this one was split off
    as.
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


@dataclass(frozen=True, slots=True)
class Loss:
    """A line of the edit list that was not, or not fully, understood."""

    file: str
    line: int
    text: str
    severity: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The body of `assemble.yaml`. `start_frame` is the record timecode of frame 0."""

    rate: Fraction
    events: tuple[Event, ...]
    losses: tuple[Loss, ...] = ()
    start_frame: int = 0
    drop: bool = False

    @property
    def frames(self) -> int:
        return max((event.record.end for event in self.events), default=0)

    def picture(self) -> tuple[Event, ...]:
        """The video events in record order."""
        return tuple(sorted((e for e in self.events if e.track.startswith("V")),
                            key=lambda e: (e.record.start, e.track)))

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
