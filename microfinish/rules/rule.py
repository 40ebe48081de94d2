"""What a rule is: a check over the evidence of one delivered file, yielding what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from microfinish.core.deliver import Platform, Requirement
from microfinish.core.finding import Finding, QcPreset
from microfinish.core.frame import Raster
from microfinish.core.measured import PictureFacts, SoundFacts, Streams
from microfinish.core.time import format_timecode, frame_at
from microfinish.core.timeline import Event, Timeline
from microfinish.media.mp4_boxes import Boxes


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything measured of one delivered file, and what was ordered."""

    file: str
    size_bytes: int
    platform: Platform
    timeline: Timeline
    raster: Raster
    limits: QcPreset
    boxes: Boxes
    streams: Streams
    picture: PictureFacts
    sound: SoundFacts | None

    @property
    def seconds(self) -> float:
        """The picture's length."""
        track = self.boxes.track("vide")
        return float(track.end - track.start) if track else 0.0

    def timecode(self, frame: int) -> str:
        """The record timecode of a delivered frame."""
        line = self.timeline
        return format_timecode(line.start_frame + frame, line.rate, line.drop)

    def frame_of(self, seconds: float) -> int:
        """The delivered frame on screen at `seconds`."""
        return frame_at(_exact(seconds), self.timeline.rate)

    def event_at(self, frame: int) -> Event | None:
        """The picture event that covers a frame; the topmost track wins."""
        covering = [e for e in self.timeline.picture() if frame in e.record]
        return covering[-1] if covering else None


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing a rule found. `frame` is the delivered frame it begins at, where it has one."""

    message: str
    measured: str = ""
    expected: str = ""
    severity: str = "error"
    frame: int | None = None
    source: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A check. `severity` is the worst it reports; `threshold` names where its limits stand."""

    id: str
    title: str
    severity: str
    threshold: str
    source: str
    fix: str
    check: Callable[[Evidence], Iterator[Hit]]

    def findings(self, evidence: Evidence) -> Iterator[Finding]:
        """What the check found, with place and shot."""
        for hit in self.check(evidence):
            event = None if hit.frame is None else evidence.event_at(hit.frame)
            yield Finding(
                rule=self.id,
                severity=hit.severity,
                message=hit.message,
                file=evidence.file,
                at="" if hit.frame is None else evidence.timecode(hit.frame),
                shot=event.shot if event else "",
                measured=hit.measured,
                expected=hit.expected,
                source=hit.source or self.source,
                fix=hit.fix or self.fix,
            )


def severity_of(requirement: Requirement) -> str:
    """error for what the platform is known to demand, warning for everything less certain."""
    return "error" if requirement.fails else "warning"


def source_of(requirement: Requirement) -> str:
    """Where the platform's number comes from, and how sure it is."""
    known = f"{requirement.level}, certainty {requirement.certainty}"
    date = f", {requirement.checked_on}" if requirement.checked_on else ""
    return f"{requirement.source or 'platform preset'} ({known}{date})"


def runs(flags: list[bool]) -> Iterator[tuple[int, int]]:
    """(start, end) of every stretch of True; ends are exclusive."""
    start = None
    for index, flag in enumerate([*flags, False]):
        if flag and start is None:
            start = index
        elif not flag and start is not None:
            yield start, index
            start = None


def _exact(seconds: float) -> Fraction:
    # Meter blocks begin on exact hundredths; the float beside them must not fall a frame back.
    return Fraction(seconds).limit_denominator(100_000)
