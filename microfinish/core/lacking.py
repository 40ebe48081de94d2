"""What an edit needs and the media do not hold, as one list to hunt files by, sorted by file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Label = str | int
"""A timecode, or a frame of the file where the edit list counts so."""

_WHAT = {"missing": "missing", "short": "too short", "handle": "handle too short"}
_COLUMNS = ("file", "what", "frames lacking", "needed", "there is", "events")


@dataclass(frozen=True, slots=True)
class Lacking:
    """One event's want. `media` is a path, or for a missing file the name the edit gives it.

    `frames` count at the media's rate; of a missing file at the rate that the
    list counts at, 0 where that cannot be told. `needs` is (in, exclusive out); `has` the file's
    own range, empty where there is none.
    """

    media: str
    kind: Literal["missing", "short", "handle"]
    frames: int
    event: str
    needs: tuple[Label | None, Label | None]
    has: str = ""


def lacking_table(wants: Iterable[Lacking]) -> tuple[str, ...]:
    """Aligned lines, heading first; none where nothing lacks.

    One row per file and kind: of a missing file the frames of all events add up, of a short one
    the worst event's count.
    """
    groups: dict[tuple[str, str], list[Lacking]] = {}
    for want in wants:
        groups.setdefault((want.media, want.kind), []).append(want)
    if not groups:
        return ()
    ordered = sorted(groups.items(), key=lambda item: (item[0][0].casefold(), item[0]))
    return _aligned([_COLUMNS, *(_row(group) for _, group in ordered)])


def _row(group: list[Lacking]) -> tuple[str, ...]:
    first = group[0]
    counts = [want.frames for want in group]
    frames = sum(counts) if first.kind == "missing" else max(counts)
    starts = [want.needs[0] for want in group if want.needs[0] is not None]
    ends = [want.needs[1] for want in group if want.needs[1] is not None]
    needed = "-".join(str(label) for label in (
        min(starts, key=_order, default=None), max(ends, key=_order, default=None))
        if label is not None)
    events = list(dict.fromkeys(want.event for want in group))
    return (first.media, _WHAT[first.kind], str(frames) if frames else "?", needed,
            first.has or "nothing",
            " ".join(events[:6]) + (f" and {len(events) - 6} more" if len(events) > 6 else ""))


def _order(label: Label) -> tuple[int, str]:
    """Frames by number; timecodes of one rate are in order as texts."""
    return (label, "") if isinstance(label, int) else (0, label)


def _aligned(rows: list[tuple[str, ...]]) -> tuple[str, ...]:
    widths = [max(len(row[index]) for row in rows) for index in range(len(_COLUMNS))]
    return tuple("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
                 .rstrip() for row in rows)
