"""Stills of an episode's shots from documents and camera originals; nothing is rendered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from microfinish.core.color import ShotGrade
from microfinish.core.frame import Framing
from microfinish.core.media import Media
from microfinish.core.sampling import source_frame
from microfinish.core.time import format_timecode
from microfinish.core.timeline import Event, Timeline
from microfinish.media.ocio_chain import ResolveLut, Rgb
from microfinish.media.stills import Still, codes_of, still_of


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the pictures of an episode come from, and what was decided about them."""

    root: Path
    timeline: Timeline
    media: Mapping[str, Media]
    grades: Mapping[str, ShotGrade]
    framings: Mapping[str, Framing]
    conform: str = "time"
    resolve_lut: ResolveLut | None = None

    def shots(self) -> tuple[Event, ...]:
        """The picture events that have a grade, each shot once, in record order."""
        seen: dict[str, Event] = {}
        for event in self.timeline.picture():
            if event.media and event.shot in self.grades:
                seen.setdefault(event.shot, event)
        return tuple(seen.values())

    def codes(self, event: Event, height: int) -> Rgb:
        """The framed code values of the middle of a shot. Raises ToolError for damaged media."""
        media = self.media[event.media]
        assert media.picture is not None
        offset = event.record.length // 2
        frame = source_frame(event, media.picture.rate, self.timeline.rate,
                             event.record.start + offset, self.conform)
        return codes_of(self.root / media.path, media.picture, frame, self.grades[event.shot],
                        self.framings.get(event.shot), offset, height)


@dataclass(frozen=True, slots=True)
class ShotStill:
    """One shot for the eye: what to call it, and its two pictures."""

    shot: str
    lines: tuple[str, ...]
    still: Still


def shot_still(sources: Sources, event: Event, height: int,
               codes: Rgb | None = None) -> ShotStill:
    """The still of the middle of a shot, `height` pixels high; `codes` saves decoding it again."""
    grade = sources.grades[event.shot]
    if codes is None:
        codes = sources.codes(event, height)
    still = still_of(codes, grade.chain, sources.resolve_lut, grade.texture)
    return ShotStill(event.shot, _lines(sources, event, grade), still)


def shot_stills(sources: Sources, height: int) -> Iterator[ShotStill]:
    """The stills of all shots, one after the other."""
    for event in sources.shots():
        yield shot_still(sources, event, height)


def _lines(sources: Sources, event: Event, grade: ShotGrade) -> tuple[str, ...]:
    timeline = sources.timeline
    start = format_timecode(timeline.start_frame + event.record.start, timeline.rate,
                            timeline.drop)
    length = Fraction(event.record.length) / timeline.rate
    name = event.name or sources.media[event.media].name
    return event.shot, f"{name} at {start}, {float(length):.1f} s", grade.camera
