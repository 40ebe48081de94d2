"""Titles: what is burnt where, and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated

from microfinish.core.finding import Finding
from microfinish.core.frame import Raster
from microfinish.core.limits import Ge, Le, Matches
from microfinish.core.time import Span

Color = Annotated[str, Matches(r"#[0-9a-fA-F]{6}", "#ffffff")]
FontName = Annotated[str, Matches(r"[^,{}\\\r\n]+", "DejaVu Sans")]
FontSize = Annotated[int, Ge(12), Le(400)]
EdgeSize = Annotated[float, Ge(0), Le(40)]
LineCount = Annotated[int, Ge(1), Le(6)]


@dataclass(frozen=True, slots=True)
class TimedText:
    """One cue as written: seconds from the file, plain text with its line breaks, its line."""

    start: Fraction
    end: Fraction
    text: str
    line: int


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
    """Sizes are pixels on a frame 1080 wide; colors are `#rrggbb`.

    `size_px` is the em, as in a design program. `max_lines` is what a reader takes in; more are
    shown, and reported.
    """

    font: FontName = "DejaVu Sans"
    size_px: FontSize = 56
    bold: bool = True
    color: Color = "#ffffff"
    outline_color: Color = "#000000"
    outline_px: EdgeSize = 4.0
    shadow_px: EdgeSize = 0.0
    max_lines: LineCount = 2


@dataclass(frozen=True, slots=True)
class Cue:
    """Text shown during `span` (record frames). `lines` are already wrapped to fit the box.

    `centered` text stands on the frame's center, under the face; wider text on the box's, which
    a platform's rail of buttons pushes to the left.
    """

    span: Span
    lines: tuple[str, ...]
    centered: bool = False


@dataclass(frozen=True, slots=True)
class TitleTrack:
    """One language's burnt subtitles for one safe box. The text sits at the box's bottom.

    `line_ratio` is the font's line height (OS/2 winAscent + winDescent) over its em: libass
    sizes a font by its line height. `font_digest` is the font file's content hash. `raster` is
    the one that `box` counts pixels of: a delivery of another size scales both.
    """

    language: str
    safe_area: str
    box: Box
    style: TitleStyle
    cues: tuple[Cue, ...]
    line_ratio: float = 1.1640625
    font_digest: str = ""
    raster: Raster = Raster(1080, 1920)  # noqa: RUF009 (a frozen value)


@dataclass(frozen=True, slots=True)
class Titles:
    """The body of `title.yaml`. Tracks are named by (language, safe_area)."""

    tracks: tuple[TitleTrack, ...]
    findings: tuple[Finding, ...] = ()

    def track(self, language: str, safe_area: str) -> TitleTrack | None:
        return next((t for t in self.tracks
                     if t.language == language and t.safe_area == safe_area), None)


@dataclass(frozen=True, slots=True)
class SafeArea:
    """Pixels to keep free on a 1080x1920 frame, because the platform draws over them.

    Other rasters scale the four margins with their own width and height.
    """

    title: str
    top: int
    bottom: int
    left: int
    right: int

    def box(self, width: int, height: int) -> Box:
        """The free box of a `width` x `height` raster, rounded inwards."""
        left, right = (-(-margin * width // 1080) for margin in (self.left, self.right))
        top, bottom = (-(-margin * height // 1920) for margin in (self.top, self.bottom))
        return Box(left, top, width - right, height - bottom)


@dataclass(frozen=True, slots=True)
class TitleTweak:
    """What `titles.yaml` changes for one safe area or language; None keeps the style's value.

    `style` names a preset. `lift_px` raises the text above the bottom of the safe box.
    """

    style: str | None = None
    font: FontName | None = None
    size_px: FontSize | None = None
    bold: bool | None = None
    color: Color | None = None
    outline_color: Color | None = None
    outline_px: EdgeSize | None = None
    shadow_px: EdgeSize | None = None
    max_lines: LineCount | None = None
    lift_px: int | None = None
    off: bool | None = None


@dataclass(frozen=True, slots=True)
class TitleSheet:
    """`titles.yaml`. The nearest wins: safe area over language over the sheet over the preset.

    Tweaks go by safe area, not by platform: platforms with the same safe area share pictures.
    `offset_frames` moves every cue, later where it is positive.
    """

    style: str = "mobile"
    off: bool = False
    offset_frames: int = 0
    languages: dict[str, TitleTweak] = field(default_factory=dict)
    safe_areas: dict[str, TitleTweak] = field(default_factory=dict)
