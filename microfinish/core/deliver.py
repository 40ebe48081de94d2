"""Deliverables: what must exist at the end, as platform specifications in plain nouns."""

from __future__ import annotations

from dataclasses import dataclass

from microfinish.core.frame import Raster


@dataclass(frozen=True, slots=True)
class PictureSpec:
    """Everything that decides the encoded picture. Two platforms with equal specs share segments.

    `encoder` is ffmpeg's name (libx264, prores_ks); `options` are its private options, in order.
    `dither` is zscale's (none, ordered, random, error_diffusion). `gop_seconds` bounds the closed
    GOP; 0 means intra only.
    """

    encoder: str
    pixel_format: str
    options: tuple[tuple[str, str], ...] = ()
    dither: str = "ordered"
    gop_seconds: float = 2.0
    raster: Raster | None = None


@dataclass(frozen=True, slots=True)
class SoundSpec:
    """`codec` aac or pcm_s24le; `bitrate_kbps` counts for aac only. Loudness is measured on the
    decoded deliverable (ITU-R BS.1770-5)."""

    codec: str = "aac"
    sample_rate: int = 48000
    channels: int = 2
    bitrate_kbps: int = 192
    target_lufs: float = -14.0
    tolerance_lu: float = 0.2
    max_true_peak_dbtp: float = -1.0


@dataclass(frozen=True, slots=True)
class Platform:
    """A delivery specification, resolved. `name` is for files and people, never part of a key."""

    name: str
    title: str
    container: str
    picture: PictureSpec
    sound: SoundSpec
    safe_area: str
    burn_subtitles: bool = True
    max_seconds: float | None = None
    min_seconds: float | None = None
    max_bytes: int | None = None
    extension: str = "mp4"


@dataclass(frozen=True, slots=True)
class Master:
    """One delivered file."""

    platform: str
    language: str
    path: str
    digest: str
    size_bytes: int
    frames: int
    integrated_lufs: float
    true_peak_dbtp: float
    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Masters:
    """The body of `master.yaml`."""

    revision: int
    masters: tuple[Master, ...]
