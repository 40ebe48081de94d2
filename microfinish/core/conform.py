"""Conform: an edit list and the media become a timeline, exact to the frame.

All problems are found in one pass. Nothing is guessed and nothing is shortened in silence: what
is not as printed becomes a loss, what cannot be played becomes a problem.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from microfinish.core.conform_track import Findings, Placed, Tracks, clip_name
from microfinish.core.edit import EditLine, EditList
from microfinish.core.errors import InputError, Problem, ProblemsError
from microfinish.core.lacking import Lacking, lacking_table
from microfinish.core.media import Media
from microfinish.core.media_index import MediaIndex
from microfinish.core.placement import covers
from microfinish.core.relink import (
    frame_of,
    is_still,
    line_frame,
    own_frames,
    own_rate,
    relink,
)
from microfinish.core.retiming import event_keys, keys_length
from microfinish.core.sampling import (
    curve_span,
    source_span,
    step_of,
)
from microfinish.core.slug import OFFLINE, slug_name
from microfinish.core.time import Span, format_rate, parse_timecode
from microfinish.core.timeline import BASE_TRACKS, Event, Evidence, RetimeKey, Timeline


def conform(edit: EditList, files: Iterable[Media], rule: str = "time",
            timeline_start: int = 0, *, slugs: bool = False) -> Timeline:
    """The timeline of an edit list. `rule` is `time` or `frame` (see core.sampling).

    Events have no shot ids yet. `timeline_start` is the record frame of the first frame where
    the list states none. Raises ProblemsError with everything that cannot be conformed. With
    `slugs`, for a preview, what the media do not hold is black with the clip's name (core.slug)
    and a loss; only what cannot be placed at all is then a problem.
    """
    work = _Conform(edit, tuple(files), rule, slugs)
    return work.timeline(timeline_start)


class _Conform:
    def __init__(self, edit: EditList, files: tuple[Media, ...], rule: str,
                 slugs: bool = False) -> None:
        self.edit, self.rule, self.slugs = edit, rule, slugs
        self.files = MediaIndex(files)
        self.rate = edit.rate
        self.said = Findings(edit, [], list(edit.losses), [])
        self.problems, self.lacking = self.said.problems, self.said.lacking
        self.tracks = Tracks(self.said, edit.rate, rule, slugs)
        self.placed: list[Placed] = []
        self.cursor: dict[str, Fraction] = {}
        self.evidence: Evidence | None = None

    def timeline(self, timeline_start: int) -> Timeline:
        for line in self.edit.lines:
            self._place(line)
        tracks = sorted({item.event.track for item in self.placed})
        first = self._first_frame()
        events: list[Event] = []
        for track in tracks:
            heard = (self.tracks.trimmed_head(item, first) for item in self.placed
                     if item.event.track == track)
            events.extend(self.tracks.events(
                sorted(filter(None, heard), key=lambda item: item.event.record.start), first))
        if self.problems:
            raise ProblemsError(tuple(self.problems), detail=lacking_table(self.lacking))
        start = first if self._timed else (
            timeline_start if self.edit.start_frame is None else self.edit.start_frame)
        events += _black_beneath(events, first)
        events = [replace(event, record=event.record.shifted(-first)) for event in events]
        events.sort(key=lambda event: (event.record.start, _track_order(event.track)))
        return Timeline(self.rate, tuple(events), tuple(self.said.losses), start, self.edit.drop,
                        self.edit.canvas)

    @property
    def _timed(self) -> bool:
        return any(line.record is not None for line in self.edit.lines)

    def _first_frame(self) -> int:
        """The record frame where the timeline begins: that of the first picture."""
        if not self._timed:
            return 0
        picture = [p.event.record.start for p in self.placed if p.event.track.startswith("V")]
        return min(picture or [p.event.record.start for p in self.placed], default=0)

    # one line

    def _place(self, line: EditLine) -> None:
        groups = ([t for t in line.tracks if t.startswith("V")],
                  [t for t in line.tracks if not t.startswith("V")])
        for tracks in groups:
            if tracks:
                self._place_on(replace(line, tracks=tuple(tracks)))

    def _place_on(self, line: EditLine) -> None:
        if line.black:
            return self._add(line, None, Span(0, 0), line.speed,
                             line.record or self._follow(line, Fraction(line.hold_frames)))
        found = relink(line, self.files, self.rate)
        self.evidence = found.evidence
        media = found.media
        if media is None:
            if found.problem:
                self._refuse(line, found.problem)
            if found.missing:
                self.lacking.append(Lacking(found.missing, "missing", self._length(line),
                                            line.number, (line.source_in, line.source_out)))
            return None
        if found.note:
            self.said.lose(line, "info", f"{media.path}: {found.note}")
        if found.doubt:
            self.said.lose(line, "warning", f"{media.path}: {found.doubt}")
        try:
            entry = 0 if line.source_in is None or is_still(media) else line_frame(
                line, line.source_in, media, self.rate)
            out = None if line.source_out is None or is_still(media) else line_frame(
                line, line.source_out, media, self.rate)
        except InputError as error:
            return self._refuse(line, Problem(
                f"event {line.number}: {error.message} in {media.path} "
                f"({format_rate(own_rate(media, self.rate))} fps)", line.where, error.hint))
        self._report_rates(line, media)
        if line.retime and not is_still(media):
            return self._place_retimed(line, media)
        speed = Fraction(0) if is_still(media) else self._speed(line, media)
        if line.record is not None:
            source, record = self._timed_span(line, media, entry, out, speed), line.record
        else:
            placed = self._sheet_span(line, media, entry, out, speed)
            if placed is None:
                return None
            source, record = placed
        return self._add(line, media, source, speed, record)

    def _refuse(self, line: EditLine, problem: Problem) -> None:
        """An event whose media cannot be had: a problem, or a slug where those are wanted."""
        record = line.record
        if self.slugs and record is None and (length := self._length(line)):
            record = self._follow(line, Fraction(length))
        if not self.slugs or record is None:
            self.problems.append(problem)
            return
        self.said.lose(line, "warning", f"{OFFLINE}: {problem.message}")
        # what would lie over the picture is left out; what would be the picture is a slug
        tracks = line.tracks if line.placement else tuple(
            "V" if track.startswith("V") else track for track in line.tracks)
        self._add(replace(line, names=(slug_name(clip_name(line)),), tracks=tracks), None,
                  Span(0, 0), Fraction(1), record)

    def _place_retimed(self, line: EditLine, media: Media) -> None:
        try:
            keys = event_keys(line, media, self.rate)
        except InputError as error:
            self.problems.append(Problem(f"event {line.number}: {error.message}", line.where,
                                         error.hint))
            return
        record = line.record or self._follow(line, keys_length(line))
        if record.length <= 0:
            self.problems.append(Problem(f"event {line.number} lasts no frame", line.where,
                                         "the last point's record is how long it lasts"))
            return
        self._add(line, media, curve_span(keys, record.length), Fraction(1), record, keys=keys)

    def _speed(self, line: EditLine, media: Media) -> Fraction:
        """The line's speed in the project's terms: a list that conforms by itself means time."""
        if line.by_time and self.rule == "frame":
            return line.speed * own_rate(media, self.rate) / self.rate
        return line.speed

    def _add(self, line: EditLine, media: Media | None, source: Span, speed: Fraction,
             record: Span, name: str = "",
             keys: tuple[RetimeKey, ...] = ()) -> None:
        self._note_rotation(line)
        self._note_alpha(line, media)
        for track in line.tracks:
            if track.startswith("V"):
                track = self._picture_track(line, track, media)
                if media is None and track != "V" and not line.transition:
                    continue  # a pause on an upper track hides nothing
            event = Event(
                shot="", track=track, media=media.known_as if media else "",
                source=source if media else Span(0, record.length), record=record,
                speed=speed if media else Fraction(1), transition=line.transition,
                name=name or (line.names[0] if line.names else ""), cdl=line.cdl,
                where=line.where, retime=keys,
                placement=line.placement, role=line.role,
                evidence=self.evidence if media else None)
            self.placed.append(Placed(event, line, media))

    def _note_rotation(self, line: EditLine) -> None:
        turn = line.placement.rotation_degrees if line.placement else 0.0
        if turn:  # formats differ in which way is positive: the number, and the way in words
            way = "clockwise" if turn > 0 else "counter-clockwise"
            self.said.lose(line, "warning", f"its rotation of {abs(turn):g} degrees {way} is not "
                           "taken: the picture stands upright")

    def _note_alpha(self, line: EditLine, media: Media | None) -> None:
        """An editor's program shows what lies beneath a graphic; here it would go missing."""
        shown = any(track.startswith("V") for track in line.tracks)
        if shown and media and media.picture and media.picture.has_alpha:
            self.said.lose(line, "warning",
                           f"event {line.number}: {media.path} has an alpha channel, which is not "
                           "used: it is shown opaque and covers what lies beneath; where it lies "
                           "over a picture, render the two together and cut that in")

    def _picture_track(self, line: EditLine, track: str, media: Media | None) -> str:
        """`V` for what fills the frame: those events must not overlap. Else V2 and up."""
        if media is None:
            return "V" if track in BASE_TRACKS else track
        picture, (width, height) = media.picture, self.edit.canvas
        aspect = float(picture.upright_aspect * picture.upright_size[0] / picture.upright_size[1]
                       ) if picture else 0.0
        if covers(line.placement, aspect, width / height if height else 0.0):
            return "V"
        return "V2" if track in BASE_TRACKS else track

    def _timed_span(self, line: EditLine, media: Media, entry: int, out: int | None,
                    speed: Fraction) -> Span:
        """The source of an event whose record length is given: that length decides."""
        assert line.record is not None
        length = line.record.length
        step = step_of(speed, own_rate(media, self.rate), self.rate, self.rule)
        if step == 0:
            return Span(entry, entry + 1)
        shown = source_span(entry, length, step)
        count = max(shown.length, round(length * abs(step)))
        if step < 0:
            return self._reversed(line, entry, out, shown, count)
        if speed == 1 and out is not None and abs(out - entry - length * step) >= 1:
            self.said.lose(line, "warning",
                       f"source lasts {out - entry} frames, record {length}: the record length "
                       f"is kept, {count} source frames are used")
        # a frame past the file's end that is never shown is no missing source
        end = entry + count
        return Span(entry, max(shown.end, min(end, own_frames(media, self.rate))))

    def _reversed(self, line: EditLine, entry: int, out: int | None, shown: Span,
                  count: int) -> Span:
        """Written out before in, the in is shown first; otherwise in to out is the range."""
        if out is not None and out < entry:
            span = Span(entry + 1 - shown.length, entry + 1)
        else:
            span = Span(entry, entry + count)
        self.said.lose(line, "info", f"plays backward from source frame {span.end - 1} "
                                 f"down to {span.end - shown.length}")
        return span

    def _sheet_span(self, line: EditLine, media: Media, entry: int, out: int | None,
                    speed: Fraction) -> tuple[Span, Span] | None:
        """The source as written, and a record span from the exact running position."""
        if is_still(media):
            length = self._still_length(line)
            return None if length is None else (Span(0, 1), self._follow(line, length))
        assert out is not None
        if out <= entry:
            self.problems.append(Problem(
                f"event {line.number}: out {line.source_out} does not come after in "
                f"{line.source_in}", line.where, "out is exclusive: the first frame not shown"))
            return None
        step = step_of(speed or Fraction(1), own_rate(media, self.rate), self.rate, self.rule)
        record = self._follow(line, (out - entry) / abs(step))
        if record.length == 0:
            self.problems.append(Problem(
                f"event {line.number} is shorter than one frame at this speed", line.where,
                "lengthen the source or lower the speed"))
            return None
        return Span(entry, entry + 1 if speed == 0 else out), record

    def _still_length(self, line: EditLine) -> Fraction | None:
        """Timeline frames that a still is held: out minus in, counted at the timeline's rate."""
        still = Media("", "", 0)
        try:
            length = (frame_of(line.source_out or 0, still, self.rate, None)
                      - frame_of(line.source_in or 0, still, self.rate, None))
        except InputError as error:
            self.problems.append(Problem(f"event {line.number}: {error.message}", line.where,
                                         error.hint))
            return None
        if length <= 0:
            self.problems.append(Problem(f"event {line.number}: the still lasts no frame",
                                         line.where, "out minus in is how long it is held"))
            return None
        return Fraction(length)

    def _follow(self, line: EditLine, length: Fraction) -> Span:
        """The next record span of the line's track. Positions are exact and rounded once."""
        start = self.cursor.get(line.tracks[0], Fraction(0))
        end = start + length
        for track in line.tracks:
            self.cursor[track] = end
        return Span(round(start), round(end))

    def _report_rates(self, line: EditLine, media: Media) -> None:
        rate = own_rate(media, self.rate)
        if rate != self.rate and not is_still(media):
            one_by_one = line.speed * rate / self.rate == 1 if line.by_time else (
                self.rule == "frame")
            how = "its frames are shown one by one" if one_by_one else "time is kept"
            self.said.lose(line, "info", (
                f"{media.path} runs at {format_rate(rate)}, the timeline at "
                f"{format_rate(self.rate)}: source timecode counts at {format_rate(rate)}, {how}"))

    def _length(self, line: EditLine) -> int:
        """Source frames that a line needs of missing media, at the rate that the list counts at;
        0 where that cannot be told."""
        if line.retime:
            length = line.record.length if line.record else round(keys_length(line))
            return curve_span(line.retime, max(1, length)).length
        if line.record is not None:
            pace = 1 if line.source_rate is None else line.source_rate / self.rate
            return source_span(0, line.record.length, abs(line.speed) * pace).length
        ends = line.source_in, line.source_out
        try:
            first, last = (label if isinstance(label, int) else parse_timecode(
                label or "", self.rate) for label in ends)
        except InputError:
            return 0
        return max(0, last - first) if line.speed else 1

def _track_order(track: str) -> tuple[int, str]:
    return (0 if track.startswith("V") else 1, track)


def _black_beneath(events: list[Event], first: int) -> list[Event]:
    """Black on the base track where pictures on upper tracks outlast it."""
    pictures = [event for event in events if event.track.startswith("V")]
    end = max((event.record.end for event in pictures if event.media), default=first)
    begin = max((event.record.end for event in pictures if not event.overlays), default=first)
    if end <= begin:
        return []
    return [Event("", "V", "", Span(0, end - begin), Span(begin, end), name="gap")]
