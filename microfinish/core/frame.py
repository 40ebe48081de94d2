"""Framing: which part of a source picture becomes the vertical frame."""

from __future__ import annotations

from dataclasses import dataclass


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
    the whole picture inside the frame, over black or over a blurred copy. `reason` says in a
    few words why ("vertical source", "face at 0.62", "reframe.yaml").
    """

    shot: str
    fit: str
    width: int
    height: int
    path: tuple[PathKey, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Framings:
    """The body of `reframe.yaml`."""

    raster: Raster
    shots: tuple[Framing, ...]

    def by_shot(self) -> dict[str, Framing]:
        return {framing.shot: framing for framing in self.shots}
