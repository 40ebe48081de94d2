"""Final Cut Pro XML (FCPXML 1.8 to 1.13): an edit list with every element that was not understood.

Times are exact fractions. Connected clips and secondary storylines are seen from above: the
topmost picture of every frame, black where there is none. Sound stands on tracks by role.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePosixPath

from microfinish.core.edit import EditLine, EditList
from microfinish.core.errors import InputError, Where
from microfinish.core.time import Span, format_rate, format_timecode, nominal_fps
from microfinish.core.timeline import RetimeKey, Transition
from microfinish.interchange.fcpxml_items import ONE, ZERO, Reader
from microfinish.interchange.fcpxml_layers import Run, picture_runs, sound_runs
from microfinish.interchange.fcpxml_marks import marks_of
from microfinish.interchange.fcpxml_resources import Asset, Resources
from microfinish.interchange.fcpxml_said import Losses
from microfinish.interchange.fcpxml_story import Piece, Story
from microfinish.interchange.fcpxml_time import (
    NEARLY,
    frame_before,
    frame_shown,
    nearest_frame,
    time_of,
)
from microfinish.interchange.fcpxml_view import Stretch
from microfinish.interchange.spot import placement_of
from microfinish.interchange.xmltext import Document, Element, parse_document

_EXPORT = "in Final Cut Pro select the project, then File > Export XML"
_VERSIONS = tuple(f"1.{minor}" for minor in range(8, 14))
_CANVAS = (1920.0, 1080.0)
"""What a sequence that states no size is taken for: placements are fractions of it."""
_MAX_FRAMES = 24 * 3600 * 120


@dataclass(frozen=True, slots=True)
class Project:
    """A sequence of a file and the name it goes by."""

    name: str
    sequence: Element


def read(data: bytes, file: str, rate: Fraction) -> EditList:
    """The edit list in an FCPXML file's bytes; it counts at the sequence's own rate.

    Of several projects, the one that bears the episode's name (the folder of `file`) is read.
    Raises InputError, with line and column, for what is no FCPXML, for times that are none, and
    where it does not say which project is meant.
    """
    document = parse_document(data, file)
    found = projects(document, file)
    if len(found) > 1:
        folder = PurePosixPath(file).parent
        episode = (folder.parent if folder.suffix.lower() == ".fcpxmld" else folder).name.casefold()
        found = [project for project in found if project.name.casefold() == episode] or found
    if len(found) > 1:
        names = ", ".join(project.name or f"line {project.sequence.line}" for project in found)
        raise InputError(f"the file holds {len(found)} projects: {names}",
                         where=Where(file, found[1].sequence.line),
                         hint="export the one that is the episode, or give it the episode's name")
    return read_project(document, file, rate, found[0])


def projects(document: Document, file: str) -> list[Project]:
    """Every project of a file; in a file without, its only compound clip.

    Raises InputError where there is neither.
    """
    root = document.root
    if root.tag != "fcpxml":
        raise InputError(f"this is <{root.tag}>, not <fcpxml>", where=Where(file, root.line),
                         hint=_EXPORT)
    found = [Project(element.get("name"), sequence) for element in root.iter()
             if element.tag == "project" for sequence in element.all("sequence")]
    if not found:
        compounds = [(media, media.first("sequence")) for resources in root.all("resources")
                     for media in resources.all("media")]
        found = [Project(media.get("name"), sequence) for media, sequence in compounds
                 if sequence is not None]
        if len(found) != 1:
            raise InputError("the file holds no project", where=Where(file, root.line),
                             hint=_EXPORT)
    return found


def read_project(document: Document, file: str, rate: Fraction, project: Project) -> EditList:
    """The edit list of one project."""
    losses = Losses(file)
    sequence = project.sequence
    resources = Resources(document.root, file)
    own = resources.rate(sequence.get("format"))
    if own is None:
        losses.add(sequence, "warning", f"the sequence's format states no frame rate; "
                                        f"{format_rate(rate)} is taken")
    elif own != rate:
        losses.add(sequence, "warning", f"the sequence runs at {format_rate(own)}, the season at "
                                        f"{format_rate(rate)}: the sequence's rate is kept")
    version = document.root.get("version")
    if version not in _VERSIONS:
        losses.add(document.root, "info", f"FCPXML {version or 'without version'} is read as "
                                          f"{_VERSIONS[-1]}")
    if document.note:
        losses.add(document.root, "info", document.note)
    return _Meaning(Reader(resources, own or rate, losses), sequence).edit_list(project.name)


class _Meaning:
    """A sequence to edit lines."""

    def __init__(self, reader: Reader, sequence: Element) -> None:
        self.reader = reader
        self.sequence = sequence
        self.rate = reader.rate
        self.losses = reader.losses
        self.file = reader.file
        self.stated = reader.resources.size(sequence.get("format"))
        self.canvas = self.stated or _CANVAS

    def edit_list(self, title: str) -> EditList:
        start = time_of(self.sequence, "tcStart", self.file) or ZERO
        stated = time_of(self.sequence, "duration", self.file)
        view = (Stretch(start, start + 10**7, start),)
        walks = {kind: Story(self.reader, kind, self.canvas) for kind in ("picture", "sound")}
        for walk in walks.values():
            walk.sequence(self.sequence, view)
        first = nearest_frame(start, self.rate)
        end = max([start, *(item.end for spine in self.sequence.all("spine") for item in
                            self.reader.run(spine, start, self.rate, "")[0])])
        whole = Span(first, max(first, nearest_frame(end, self.rate)))
        if not whole.length:
            raise InputError("the project is empty",
                             where=Where(self.file, self.sequence.line), hint=_EXPORT)
        if whole.length > _MAX_FRAMES:
            raise InputError("the project lasts more than a day",
                             where=Where(self.file, self.sequence.line),
                             hint="an edit is 24 hours at most; is a duration damaged?")
        pictures = picture_runs(walks["picture"].pieces, whole, self.rate, self.losses,
                                self.canvas)
        sounds = sound_runs(walks["sound"].pieces, self.rate, self.losses)
        runs = sorted(pictures + sounds, key=lambda run: (run.record.start, run.track != "V",
                                                          run.track))
        lines = tuple(self._line(index, run) for index, run in enumerate(runs, 1))
        self._check_duration(lines, first, stated)
        width, height = self.stated or (0, 0)
        return EditList(self.file, self.rate, lines, self.losses.sorted(), title,
                        self.sequence.get("tcFormat") == "DF", first,
                        (round(width), round(height)),
                        marks_of(walks["picture"].marks, self.rate, self.file))

    def _check_duration(self, lines: tuple[EditLine, ...], first: int,
                        stated: Fraction | None) -> None:
        last = max(line.record.end for line in lines if line.record)
        if stated is not None and abs(stated * self.rate - (last - first)) > 1:
            self.losses.add(self.sequence, "warning",
                            f"the sequence states {float(stated * self.rate):g} frames, its "
                            f"clips last {last - first}")

    def _line(self, number: int, run: Run) -> EditLine:
        kind = run.fade.kind if run.fade and run.track.startswith("V") else "dissolve"
        mix = Transition(kind, run.mix_frames) if run.mix_frames else None
        piece = run.piece
        if piece is None or piece.asset is None:
            return EditLine(str(number), (run.track,), names=("gap",), record=run.record,
                            transition=mix, black=True, hold_frames=run.record.length,
                            where=Where(self.file, self.sequence.line, self.sequence.column))
        asset, element = piece.asset, piece.element
        source_in, source_out = _source(piece, asset, run.record, self.rate)
        retime = _retime(piece, asset, run.record, self.rate) if piece.path else ()
        placed = placement_of(piece.spot, self.canvas) if piece.spot else None
        names = (asset.file_name, asset.name, element.get("name"))
        return EditLine(
            str(number), (run.track,), reel=asset.reel,
            names=tuple(dict.fromkeys(name for name in names if name)),
            source_in=source_in, source_out=source_out,
            source_drop=element.get("tcFormat") == "DF" or None, record=run.record,
            speed=Fraction(1) if retime else piece.stretch.pace, transition=mix,
            from_black=run.from_black, cdl=piece.cdl if run.track.startswith("V") else None,
            retime=retime, placement=placed, comments=piece.comments,
            source_rate=asset.rate or self.rate,
            source_start=nearest_frame(asset.start, asset.rate) if asset.rate else None,
            by_time=True, role=piece.role, ids=asset.ids, media_path=asset.path,
            media_seconds=asset.duration,
            where=Where(self.file, element.line, element.column), text=element.shown())


def _source(piece: Piece, asset: Asset, record: Span,
            rate: Fraction) -> tuple[str | int, str | int | None]:
    """The source in and out of the frames that `record` shows of a piece."""
    own = asset.rate or rate
    first = _first(piece, asset, record.start / rate, own)
    pace = _part(piece, record.start / rate).pace
    length = max(1, nearest_frame(record.length * abs(pace) * own / rate, ONE))
    out = first - length if pace < 0 else first + length
    if not asset.start or asset.rate is None:
        return first, out
    drop = piece.element.get("tcFormat") == "DF"
    base = nearest_frame(asset.start, own)
    day = 24 * 3600 * nominal_fps(own)
    if not 0 <= base + out <= day - 10**5 or base + first < 0:
        return first, out
    return format_timecode(base + first, own, drop), format_timecode(base + out, own, drop)


def _first(piece: Piece, asset: Asset, time: Fraction, own: Fraction) -> int:
    """The file's frame on screen at a moment of the sequence."""
    part = _part(piece, time)
    moment = part.local(time) - asset.start
    if part.pace < 0:
        return frame_before(moment, own)
    return max(frame_shown(moment, own), 0 if moment * own > -1 else -10**9)


def _part(piece: Piece, time: Fraction) -> Stretch:
    """The straight part of a piece's speed at a moment of the sequence."""
    return next((part for part in reversed(piece.path) if part.start <= time),
                piece.path[0] if piece.path else piece.stretch)


def _retime(piece: Piece, asset: Asset, record: Span, rate: Fraction) -> tuple[RetimeKey, ...]:
    """The variable speed of the frames that `record` shows, counted from its source in."""
    own = asset.rate or rate
    begin, end = record.start / rate, record.end / rate
    base = _first(piece, asset, begin, own)
    times = [begin, *(part.start for part in piece.path if begin < part.start < end), end]
    keys = []
    for time in times:
        at = (_part(piece, time).local(time) - asset.start) * own - base
        keys.append(RetimeKey(time * rate - record.start, _snapped(at)))
    return tuple(keys)


def _snapped(position: Fraction) -> Fraction:
    """A position a hair beside a frame border as that border."""
    nearest = nearest_frame(position, ONE)
    return Fraction(nearest) if abs(position - nearest) <= NEARLY else position
