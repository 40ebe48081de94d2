"""Segments: the timeline cut into pieces that render alone, described by content and not by place.

A segment's description holds nothing about where it stands in the episode, so a shot that moves
keeps its segment. Two platforms with the same picture spec share it too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from microfinish.core.deliver import PictureSpec
from microfinish.core.frame import PathKey, Raster
from microfinish.core.limits import IF_SET
from microfinish.core.media import Picture
from microfinish.core.texture import NO_TEXTURE, Texture
from microfinish.core.time import Span

RENDER_VERSION = 2
"""Raise when the same description would now give another picture: every segment re-renders."""


@dataclass(frozen=True, slots=True)
class Pick:
    """Which source frames a segment shows, on the media's own frame grid.

    Output frame i shows `first + floor(phase + i * step)` going forward, and
    `last - floor(phase + i * -step)` in reverse (`step` < 0). `step` is source frames per output
    frame; 0 holds `first`. Decoding never needs a frame outside first..last, both included.

    With a variable speed, `offsets` says it frame by frame, never falling: output frame i shows
    `first + offsets[i]`, or `last - offsets[i]` where `step` is -1.
    """

    first: int
    last: int
    count: int
    step: Fraction
    phase: Fraction
    offsets: tuple[int, ...] = field(default=(), metadata=IF_SET)


@dataclass(frozen=True, slots=True)
class Layer:
    """One source picture, framed and graded, for the length of a segment.

    `media` is the content digest ("" is the plain `color`). `path` holds the crop corner against
    frames counted from the segment's first. `lut` is the digest of the baked cube.
    """

    media: str
    pick: Pick
    picture: Picture | None = None
    fit: str = "crop"
    width: int = 0
    height: int = 0
    path: tuple[PathKey, ...] = ()
    lut: str = ""
    code_range: str = "limited"
    matrix: str = "bt709"
    color: str = field(default="black", metadata=IF_SET)
    texture: Texture = field(default=NO_TEXTURE, metadata=IF_SET)


@dataclass(frozen=True, slots=True)
class Fade:
    """A part of a fade of `frames` frames, from its frame `start` on: at output frame i the share
    (start + i + 1/2) / frames of it has passed. `out` falls from the full opacity to nothing."""

    start: int
    frames: int
    out: bool = False


@dataclass(frozen=True, slots=True)
class Overlay:
    """A picture over the others, graded by itself, in a rectangle of the segment's raster.

    The whole of `layer`'s crop fills the rectangle. `opacity` 0 to 1, times every fade's share.
    """

    layer: Layer
    x: int
    y: int
    width: int
    height: int
    opacity: float = 1.0
    fades: tuple[Fade, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """`frames` frames of finished picture, before titles and encoding.

    With two layers it is (a part of) a dissolve: output frame i holds the share
    (mix_start + i + 1/2) / mix_frames of the second layer: sampled at the frame's middle, so that
    a dissolve is symmetric in time. Half a dip of an odd length has fractions. `overlays` lie
    over that, the lowest first.
    """

    rate: Fraction
    raster: Raster
    frames: int
    layers: tuple[Layer, ...]
    mix_start: int | Fraction = 0
    mix_frames: int | Fraction = 0
    overlays: tuple[Overlay, ...] = field(default=(), metadata=IF_SET)

    @property
    def every_layer(self) -> tuple[Layer, ...]:
        """All pictures that are decoded for it."""
        return (*self.layers, *(overlay.layer for overlay in self.overlays))


@dataclass(frozen=True, slots=True)
class Encode:
    """One encoded form of a segment: the picture spec, and the ASS script burnt in ("" is none)."""

    spec: PictureSpec
    titles: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a segment stands: record frames and the shot it belongs to."""

    span: Span
    shot: str
    segment: Segment
