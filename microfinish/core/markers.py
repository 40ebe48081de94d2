"""Markers and notes: what people say about a moment of an episode, kept at its picture.

They come from `markers.yaml` and from the locators of the edit list, and go where their picture
goes. What fell out of the picture is parked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from microfinish.core.errors import InputError, Problem, ProblemsError, Where
from microfinish.core.finding import Finding
from microfinish.core.follow import Carrier, label
from microfinish.core.follow_cues import Spotting, by_timecode
from microfinish.core.limits import Ge
from microfinish.core.mix import CueSheet
from microfinish.core.time import format_timecode
from microfinish.core.timeline import Mark, PictureLock, Timeline

MarkerKind = Literal["marker", "adr", "foley", "music", "effects", "note"]


@dataclass(frozen=True, slots=True)
class MarkerLine:
    """One entry of `markers.yaml`. `at` is a record timecode, or a place in a shot:
    `sh050+00:00:01:00`, `A001@10:01:05:10`, as for cues. `frames` is how long it lasts: the line
    that is spoken again, the steps that are made again. `revision` is the revision of the picture
    lock that `at` counts in; 0 is that of the sheet."""

    at: str
    text: str = ""
    kind: MarkerKind = "marker"
    frames: Annotated[int, Ge(1)] = 1
    color: str = ""
    by: str = ""
    revision: Annotated[int, Ge(0)] = 0
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class MarkerSheet:
    """`markers.yaml`: markers, ADR and foley spots, notes for music, effects and review.

    `revision` is the revision of the picture lock that its times count in; 0 is the first that
    the file as it is was used in.
    """

    markers: tuple[MarkerLine, ...] = ()
    revision: Annotated[int, Ge(0)] = 0


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker in the current cut. `frame` counts from 0; None where it is parked.

    `shot` is the shot it stands in and `offset` its frame there. `was` is its record timecode in
    the cut it was made for, where that is another one. `source` is its file and line.
    """

    kind: MarkerKind
    text: str
    frame: int | None
    frames: int = 1
    color: str = ""
    by: str = ""
    shot: str = ""
    offset: int = 0
    was: str = ""
    source: str = ""

    @property
    def parked(self) -> bool:
        """Whether its picture is not in the cut."""
        return self.frame is None


@dataclass(frozen=True, slots=True)
class Placed:
    """The markers in record order, the parked ones last, and what a re-cut did to them."""

    markers: tuple[Marker, ...]
    findings: tuple[Finding, ...] = ()


def place_markers(sheet: MarkerSheet, spotting: Spotting) -> Placed:
    """Every marker of an episode in its current cut.

    `spotting.carrier` brings the times of `markers.yaml` to that cut. Locators are those of the
    newest revision that has any, and carried from there. Raises ProblemsError.
    """
    spotting = replace(spotting, sheet="markers.yaml", lost="is not shown")
    found: list[Marker] = []
    findings: list[Finding] = []
    problems: list[Problem] = []
    for line in sheet.markers:
        try:
            found.append(_written(line, spotting, findings))
        except InputError as error:
            problems.append(Problem(error.message, error.where or line.where, error.hint))
    if problems:
        raise ProblemsError(tuple(problems))
    found += _locators(spotting.lock, spotting, findings)
    found.sort(key=lambda marker: (marker.parked, marker.frame or 0))
    return Placed(tuple(found), tuple(findings))


def _written(line: MarkerLine, spotting: Spotting, findings: list[Finding]) -> Marker:
    name = f'{line.kind} "{line.text}"' if line.text else line.kind
    cue = CueSheet(file=name, at=line.at, revision=line.revision, where=line.where)
    # a spot whose first frames fell out begins with the first that is left, as music does
    frame, note = spotting.place(cue, line.frames, music=line.frames > 1)
    finding = note.finding("markers") if note else None
    findings += [finding] if finding else []
    was = finding.was if finding else ""
    if not was and spotting.carrier and by_timecode(cue):
        was = line.at
    marker = Marker(line.kind, line.text, frame, line.frames, line.color, line.by, was=was,
                    source=str(line.where or "markers.yaml"))
    return _in_shot(marker, spotting.timeline)


def _locators(lock: PictureLock, spotting: Spotting, findings: list[Finding]) -> Iterator[Marker]:
    holder = next((r for r in reversed(lock.revisions) if r.timeline.marks), None)
    if holder is None:
        return
    now = lock.current
    same = holder.timeline.events == now.timeline.events or (
        holder.timeline.rate != now.timeline.rate)
    carrier = None if same else Carrier(holder, now)
    for mark in holder.timeline.marks:
        line = MarkerLine(_at(mark, holder.timeline), mark.text, color=mark.color,
                          where=mark.where)
        yield _written(line, replace(spotting, carrier=carrier), findings)


def _at(mark: Mark, timeline: Timeline) -> str:
    return label(timeline, mark.frame)


def _in_shot(marker: Marker, timeline: Timeline) -> Marker:
    shown = next((event for event in timeline.picture()
                  if marker.frame is not None and marker.frame in event.record), None)
    if shown is None or marker.frame is None:
        return marker
    return replace(marker, shot=shown.shot, offset=marker.frame - shown.record.start)


def marker_rows(placed: Placed, timeline: Timeline) -> Iterator[dict[str, object]]:
    """The markers as plain rows: for `--json`, spreadsheets and tables."""
    for marker in placed.markers:
        at = "" if marker.frame is None else label(timeline, marker.frame)
        inside = format_timecode(marker.offset, timeline.rate) if marker.shot else ""
        yield {"kind": marker.kind, "at": at, "frame": marker.frame, "frames": marker.frames,
               "shot": marker.shot, "in_shot": inside, "text": marker.text,
               "color": marker.color, "by": marker.by, "parked": marker.parked,
               "was": marker.was, "source": marker.source}


COLUMNS = ("kind", "at", "frames", "shot", "in_shot", "text", "by", "was", "source")
"""What a list of markers shows people."""


_COLORS = {"adr": "red", "foley": "green", "music": "blue", "effects": "cyan", "note": "yellow"}


def as_marks(placed: Placed) -> tuple[Mark, ...]:
    """The markers of the current cut as locators for an edit list: what is not a plain marker
    says its kind first (`ADR: ...`), and has its kind's color where it has none of its own."""
    return tuple(
        Mark(marker.frame, f"{_SPELLED[marker.kind]}{marker.text}",
             marker.color or _COLORS.get(marker.kind, ""))
        for marker in placed.markers if marker.frame is not None)


_SPELLED = {"marker": "", "adr": "ADR: ", "foley": "Foley: ", "music": "Music: ",
            "effects": "Effects: ", "note": "Note: "}


def csv_rows(placed: Placed, timeline: Timeline, kind: str = "") -> Iterator[list[str]]:
    """The list for a spotting session as spreadsheet rows, the header first; all kinds or one."""
    columns = ("kind", "at", "frames", "shot", "in_shot", "text", "color", "by", "parked", "was")
    yield list(columns)
    for row in marker_rows(placed, timeline):
        if kind in ("", row["kind"]):
            yield [str(row[column]) for column in columns]
