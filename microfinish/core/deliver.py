"""Deliverables: what must exist at the end, as platform specifications in plain nouns."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Annotated, Literal

from microfinish.core.frame import Raster
from microfinish.core.limits import IF_SET, Spelled
from microfinish.core.settings import parse_raster

Anchor = Literal["programme", "dialogue"]
RequiredValue = bool | int | float | str
LEVELS = ("must", "should", "house")
CERTAINTIES = ("A", "B", "C", "K", "?")
DOCUMENTED = ("A", "B")
"""Certainties that come from the platform's own words: A its document, B a restatement of it."""


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
    decoded deliverable (ITU-R BS.1770-5): of the whole `programme`, or of its `dialogue`, so that
    every episode speaks equally loud."""

    codec: str = "aac"
    sample_rate: int = 48000
    channels: int = 2
    bitrate_kbps: int = 192
    target_lufs: float = -14.0
    tolerance_lu: float = 0.2
    max_true_peak_dbtp: float = -1.0
    anchor: Anchor = field(default="programme", metadata=IF_SET)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One value a platform asks for, and how far it can be trusted.

    `level` is must, should or house; `certainty` is A (the platform's own document), B (a
    restatement of one), C (convention, sources disagree), K (common knowledge, unchecked) or ?
    (not public). `key` is a field of `PlatformPreset`.
    """

    key: str
    value: RequiredValue
    level: str = "house"
    certainty: str = "?"
    source: str = ""
    checked_on: str = ""

    @property
    def fails(self) -> bool:
        """Whether breaking it is an error: only what a platform is known to demand is one."""
        return self.level == "must" and self.certainty in DOCUMENTED


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
    requirements: tuple[Requirement, ...] = ()

    def requirement(self, key: str) -> Requirement | None:
        """What the platform says about `key`, or None where it says nothing."""
        return next((r for r in self.requirements if r.key == key), None)


@dataclass(frozen=True, slots=True)
class PicturePreset:
    """The picture half of an encode preset. `options` are the encoder's private options in order.

    The option `level: auto` becomes the lowest H.264 level that holds the season's raster and
    rate. `raster` is for a deliverable that is smaller or larger than the season.
    """

    encoder: str
    pixel_format: str
    options: dict[str, str | int | float] = field(default_factory=dict)
    dither: str = "ordered"
    gop_seconds: float = 2.0
    raster: Annotated[Raster, Spelled(parse_raster, "1080x1920", r"^\d+x\d+$")] | None = None


@dataclass(frozen=True, slots=True)
class SoundPreset:
    """The sound half of an encode preset. `bitrate_kbps` counts for aac only."""

    codec: str = "aac"
    sample_rate: int = 48000
    channels: int = 2
    bitrate_kbps: int = 192


@dataclass(frozen=True, slots=True)
class EncodePreset:
    """A file in presets/encodes: how the picture and the sound of a deliverable are stored."""

    title: str
    picture: PicturePreset
    sound: SoundPreset = SoundPreset()
    container: str = "mp4"
    extension: str = "mp4"


@dataclass(frozen=True, slots=True)
class LoudnessPreset:
    """A file in presets/loudness: the loudness of the decoded deliverable (ITU-R BS.1770-5).

    `anchor: dialogue` brings the loudness while somebody speaks to the target, told from the
    dialogue stem; an episode that hardly speaks (under 15 %) is measured as a whole.
    """

    target_lufs: float
    title: str = ""
    tolerance_lu: float = 0.2
    max_true_peak_dbtp: float = -1.0
    anchor: Anchor = "programme"


@dataclass(frozen=True, slots=True)
class PlatformPreset:
    """A file in presets/platforms: what one outlet takes.

    `encode`, `loudness` and `safe_area` name presets. The rest are limits of the delivered file,
    None where the platform says nothing: `edit_list: false` forbids one, rates are in frames per
    second, GOPs in seconds, `max_kbps` is the whole file's mean.
    """

    title: str
    encode: str
    loudness: str = "loudness/mobile-short"
    safe_area: str = "safe-areas/universal"
    burn_subtitles: bool = True
    faststart: bool | None = None
    edit_list: bool | None = None
    constant_rate: bool | None = None
    closed_gop: bool | None = None
    min_gop_seconds: float | None = None
    max_gop_seconds: float | None = None
    min_rate: float | None = None
    max_rate: float | None = None
    min_width: int | None = None
    max_width: int | None = None
    min_height: int | None = None
    max_height: int | None = None
    min_seconds: float | None = None
    max_seconds: float | None = None
    max_bytes: int | None = None
    min_kbps: int | None = None
    max_kbps: int | None = None


_H264_LEVELS = (
    ("3.0", 1_620, 40_500),
    ("3.1", 3_600, 108_000),
    ("3.2", 5_120, 216_000),
    ("4.0", 8_192, 245_760),
    ("4.2", 8_704, 522_240),
    ("5.0", 22_080, 589_824),
    ("5.1", 36_864, 983_040),
    ("5.2", 36_864, 2_073_600),
)
"""(level, macroblocks per frame, macroblocks per second): ITU-T H.264 table A-1."""


def h264_level(raster: Raster, rate: Fraction) -> str:
    """The lowest H.264 level from 3.0 on that holds `raster` at `rate`; 6.2 above all of them."""
    blocks = -(-raster.width // 16) * -(-raster.height // 16)
    return next((level for level, frame, second in _H264_LEVELS
                 if blocks <= frame and blocks * rate <= second), "6.2")


@dataclass(frozen=True, slots=True)
class Master:
    """One delivered file.

    `dialogue_lufs` is its loudness while somebody speaks, `dialogue_share` (0..1) how much of it
    that is; None where nobody does. `limiter_db` is the most that the limiter took.
    """

    platform: str
    language: str
    path: str
    digest: str
    size_bytes: int
    frames: int
    integrated_lufs: float
    true_peak_dbtp: float
    segments: tuple[str, ...]
    dialogue_lufs: float | None = None
    dialogue_share: float | None = None
    limiter_db: float | None = None


@dataclass(frozen=True, slots=True)
class Masters:
    """The body of `master.yaml`."""

    revision: int
    masters: tuple[Master, ...]
