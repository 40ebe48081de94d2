"""Titles: what is burnt where, and when."""

from __future__ import annotations

from dataclasses import dataclass

from microfinish.core.time import Span


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels of the delivered raster; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class TitleStyle:
    """Sizes are pixels on a frame 1080 wide; colors are `#rrggbb`."""

    font: str = "DejaVu Sans"
    size_px: int = 58
    bold: bool = True
    color: str = "#ffffff"
    outline_color: str = "#000000"
    outline_px: float = 4.0
    shadow_px: float = 0.0


@dataclass(frozen=True, slots=True)
class Cue:
    """Text shown during `span` (record frames). `lines` are already wrapped to fit the box."""

    span: Span
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TitleTrack:
    """One language's burnt subtitles for one safe box. The text sits at the box's bottom."""

    language: str
    safe_area: str
    box: Box
    style: TitleStyle
    cues: tuple[Cue, ...]


@dataclass(frozen=True, slots=True)
class Titles:
    """The body of `title.yaml`. Tracks are named by (language, safe_area)."""

    tracks: tuple[TitleTrack, ...]

    def track(self, language: str, safe_area: str) -> TitleTrack | None:
        return next((t for t in self.tracks
                     if t.language == language and t.safe_area == safe_area), None)
