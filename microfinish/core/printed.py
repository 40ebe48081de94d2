"""Printed sound: a mix or stem that a sound house delivered, and its way into the current cut."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from microfinish.core.errors import Where
from microfinish.core.limits import Ge

PrintedRole = Literal["mix", "dialogue", "music", "effects"]
SeamKind = Literal["silence", "moved", "cut", "gap", "edge", "asked"]


@dataclass(frozen=True, slots=True)
class PrintedSheet:
    """A printed mix or stem in `mix.yaml`: a WAV at 48 kHz that begins with the first frame of
    revision `revision` of the picture lock and is as long as that.

    It stands for all of the mix, or for one stem: what `mix.yaml` and the edit would play there
    is heard only where it has a gap. After a re-cut it is cut and moved with the picture. `seams`
    are the ones that a person decided: at a record timecode of the current cut, the frames that
    the seam lies later (or, negative, earlier) than the cut; 0 takes it as it is.
    """

    file: str
    revision: Annotated[int, Ge(1)]
    role: PrintedRole = "mix"
    seams: dict[str, int] = field(default_factory=dict)
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class PrintedPiece:
    """A stretch of the printed file: its sample `source_start` sounds at record sample `start`.

    `end` is exclusive; fades are equal-power, in samples inside the piece.
    """

    source_start: int
    start: int
    end: int
    fade_in: int = 0
    fade_out: int = 0


@dataclass(frozen=True, slots=True)
class Seam:
    """Where the printed file was cut: the picture cut is at record sample `at`; outside of
    `start` to `end` (exclusive) no sample differs from the file's own.

    `silence`: at the cut, both sides quiet. `moved`: at the nearest quiet place, so that a word
    which runs over the cut ends or begins whole. `cut`: at the cut, in program. `gap`: beside a
    shot that the file does not know. `edge`: the episode begins or ends elsewhere. `asked`: as
    `mix.yaml` says. `program`: somebody speaks, or music plays, right there. `out` and `in_` are
    the frames of the old cut that meet; None where one side is no stretch of the file.
    """

    at: int
    start: int
    end: int
    kind: SeamKind
    program: bool
    out: int | None = None
    in_: int | None = None


@dataclass(frozen=True, slots=True)
class PrintedGap:
    """Record samples `start` to `end` (exclusive) of shots that the file does not know."""

    start: int
    end: int
    shots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrintedStem:
    """A printed file in the time of the current cut: what `documents/mix.yaml` says of it."""

    role: PrintedRole
    source: str
    digest: str
    revision: int
    pieces: tuple[PrintedPiece, ...]
    seams: tuple[Seam, ...] = ()
    gaps: tuple[PrintedGap, ...] = ()
