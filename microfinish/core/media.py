"""Media: what a camera original or a recorder file is. Measured by `log`, used by everybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from microfinish.core.finding import Finding

IDENTITY_TAGS = ("file_package_umid", "material_package_umid", "umid", "file_uid")
"""Tags that say which recording a file is, whatever it is called (SMPTE ST 330, iXML)."""
_ALPHA = ("yuva", "gbrap", "rgba", "bgra", "argb", "abgr", "ya8", "ya16", "vuya", "ayuv")
"""How ffmpeg's names of pixel formats with an alpha channel begin."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A video stream. Sizes are stored pixels, before rotation; color tags are ffmpeg's names.

    `rotation` is the clockwise turn, in degrees, that makes the picture upright; a `mirrored`
    picture is flipped left to right before that turn. `rate` is the
    nominal rate, snapped to a standard; `frames` counts frames of that rate, so that a
    variable-rate file has an exact frame grid too: frame n shows the picture with the greatest
    timestamp at or before n / rate. `start` is the first picture's time in seconds.
    """

    codec: str
    width: int
    height: int
    rate: Fraction
    frames: int
    variable: bool = False
    measured_rate: Fraction = Fraction(0)
    start: Fraction = Fraction(0)
    time_base: Fraction = Fraction(1, 90000)
    sample_aspect: Fraction = Fraction(1)
    rotation: int = 0
    mirrored: bool = False
    pixel_format: str = "unknown"
    bit_depth: int = 8
    code_range: str = "unknown"
    matrix: str = "unknown"
    primaries: str = "unknown"
    transfer: str = "unknown"
    interlaced: bool = False

    @property
    def upright_size(self) -> tuple[int, int]:
        """(width, height) in stored pixels after rotation, before the sample aspect."""
        turned = self.rotation % 180 == 90
        return (self.height, self.width) if turned else (self.width, self.height)

    @property
    def has_alpha(self) -> bool:
        """Whether its pixels state how much of them is seen, as logos and graphics do."""
        return self.pixel_format.startswith(_ALPHA)

    @property
    def upright_aspect(self) -> Fraction:
        """Width of one upright pixel over its height."""
        return 1 / self.sample_aspect if self.rotation % 180 == 90 else self.sample_aspect


@dataclass(frozen=True, slots=True)
class Sound:
    """One audio stream. `start` is its first sample's time in seconds on the picture's clock."""

    index: int
    codec: str
    sample_rate: int
    channels: int
    samples: int
    start: Fraction = Fraction(0)
    bit_depth: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Media:
    """One file under `media/` or under one of the season's `media_roots`.

    `path` is relative to the project, with forward slashes; absolute where its root is written
    so. `digest` is the content hash. `start_frame` is the start timecode as a frame number at
    `timecode_rate` (the picture's rate where there is one); None where the file states no
    timecode. `start_sample` is the same for recorder files, in samples since midnight (BWF
    time_reference). `formerly` are the paths of the same content since it was first logged, the
    first one first, where it was moved or renamed: edits that were locked meanwhile name it so.
    """

    path: str
    digest: str
    size_bytes: int
    reel: str = ""
    start_frame: int | None = None
    timecode_rate: Fraction | None = None
    timecode_drop: bool = False
    timecode_source: str = "none"
    start_sample: int | None = None
    picture: Picture | None = None
    sounds: tuple[Sound, ...] = ()
    scene: str = ""
    take: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    formerly: tuple[str, ...] = ()

    @property
    def known_as(self) -> str:
        """The path by which an edit names the file: where it lay when it was first logged."""
        return self.formerly[0] if self.formerly else self.path

    @property
    def former_names(self) -> tuple[str, ...]:
        """Former paths, file names and names without extension."""
        names = [path.rpartition("/")[2] for path in self.formerly]
        return (*self.formerly, *names, *(name.rpartition(".")[0] for name in names))

    @property
    def ids(self) -> tuple[str, ...]:
        """UMIDs and package ids that the file itself states."""
        return tuple(self.tags[key] for key in IDENTITY_TAGS if key in self.tags)

    @property
    def name(self) -> str:
        """The file name without its extension: `A001C003` of `media/day1/A001C003.mov`."""
        return self.path.rpartition("/")[2].rpartition(".")[0] or self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Relinked:
    """`relinked.yaml`: single files outside `media/` that answered for missing ones. `run
    --relink` writes it; deleting a line, or the file, forgets."""

    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MediaLog:
    """The body of `log.yaml`. `gone` are files that were logged and whose content is in no folder
    of the project any more: of those only path, content, size and reel are kept."""

    media: tuple[Media, ...]
    findings: tuple[Finding, ...] = ()
    gone: tuple[Media, ...] = ()

    def by_path(self) -> dict[str, Media]:
        """Every file by its path and by its former ones; a file that lies there now comes first."""
        former = {path: media for media in self.media for path in media.formerly}
        return {**former, **{media.path: media for media in self.media}}
