"""Framing: which part of a source picture becomes the vertical frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from microfinish.core.errors import Where
from microfinish.core.finding import Finding
from microfinish.core.limits import Ge, Le


@dataclass(frozen=True, slots=True)
class Raster:
    """Pixels of a delivered picture."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class PathKey:
    """The crop's top left corner at a frame, counted from the event's first record frame.

    Stored upright pixels; between keys the corner moves on a straight line.
    """

    frame: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Framing:
    """How one shot fills the frame.

    `fit` crop cuts `width` x `height` stored upright pixels along `path`; `bars` and `blur` show
    the whole picture inside the frame, over black or over a blurred copy; `inset` lays what is
    cut into the rectangle `inset` (left, top, width, height) of the frame, over the picture
    beneath; `outside` is an upper picture that lies off the frame and is not seen. `reason` says
    in a few words why ("vertical source", "face at 0.62", "reframe.yaml").
    """

    shot: str
    fit: str
    width: int
    height: int
    path: tuple[PathKey, ...]
    reason: str = ""
    inset: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Framings:
    """The body of `reframe.yaml`; `findings` are what a re-cut left to decide."""

    raster: Raster
    shots: tuple[Framing, ...]
    findings: tuple[Finding, ...] = ()

    def by_shot(self) -> dict[str, Framing]:
        return {framing.shot: framing for framing in self.shots}


Share = Annotated[float, Ge(0), Le(1)]
"""0 is the left or top edge of the upright picture, 1 the right or bottom edge."""


@dataclass(frozen=True, slots=True)
class PointKey:
    """Where the subject is at one moment of a shot.

    `at` is a frame counted from the shot's first record frame, or a source timecode. Either stays
    at its source frame when a re-cut trims or slips the shot. `point` is the middle of the crop,
    0..1 across and down the upright picture.
    """

    at: int | str
    point: tuple[Share, Share]


@dataclass(frozen=True, slots=True)
class ShotReframe:
    """What an editor asks of one shot: at most one of the four, and how steady.

    `point` and the points of `keyframes` are the middle of the crop; `box` is left, top, width,
    height of the part that must be seen; all 0..1 of the upright picture. `fit` shows the whole
    picture over black bars or over a blurred copy of itself. `stabilize` takes that share of the
    camera's shake out of a crop, which becomes up to 1.14 times larger for it.
    """

    point: tuple[Share, Share] | None = None
    fit: Literal["blur", "bars"] | None = None
    box: tuple[Share, Share, Share, Share] | None = None
    keyframes: tuple[PointKey, ...] = ()
    stabilize: Share | None = None
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class ReframeSheet:
    """`reframe.yaml`. Shots are keyed by id or by reel@timecode; `default` rules the others.
    `stabilize` counts for every shot that says nothing else.

    `revision` is the revision of the picture lock that frames of keyframes count in; 0 is the
    first that the file as it is was used in.
    """

    default: Literal["faces", "centre", "blur", "bars"] = "faces"
    shots: dict[str, ShotReframe] = field(default_factory=dict)
    stabilize: Share = 0.0
    revision: Annotated[int, Ge(0)] = 0
