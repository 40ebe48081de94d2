"""CMX3600 edit decision lists: text to an edit list, with every line that was not understood.

Where CMX leaves room, the rules are: a label with `;` counts drop-frame; `:` under
`FCM: DROP FRAME` does so too, unless the same event also writes `;`. M2 is frames per second at
the timeline's nominal rate, its sign the direction, 0 a freeze. The record length decides how
much source is used; the printed source out is compared, not trusted.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from microfinish.core.edit import BLACK_REELS, EditLine, EditList
from microfinish.core.errors import InputError, Problem, ProblemsError, Where
from microfinish.core.time import (
    SECONDS_PER_DAY,
    Span,
    allows_drop_frame,
    nominal_fps,
    parse_timecode,
)
from microfinish.core.timeline import Loss, Mark, Transition
from microfinish.interchange.edl_events import Gatherer, Group, Side, locator
from microfinish.interchange.edl_lines import decode, lines


def read(data: bytes, file: str, rate: Fraction) -> EditList:
    """The edit list in an EDL's bytes; record timecode counts at `rate`.

    Raises ProblemsError, with the lines, where record timecode does not exist at this rate, and
    InputError where the file has no events at all.
    """
    text, encoding = decode(data)
    gatherer = Gatherer(file)
    if encoding.startswith("windows"):
        gatherer.result.losses.append(
            Loss(file, 1, "", "info", "the text is not UTF-8; read as Windows-1252"))
    for line in lines(text):
        gatherer.read(line)
    return _Meaning(gatherer, file, rate).edit_list()


class _Meaning:
    """Gathered groups to edit lines."""

    def __init__(self, gatherer: Gatherer, file: str, rate: Fraction) -> None:
        self.gatherer = gatherer
        self.file = file
        self.rate = rate
        self.problems: list[Problem] = []
        self.lines: list[EditLine] = []
        self.seen: dict[tuple[object, ...], str] = {}

    def edit_list(self) -> EditList:
        gathered = self.gatherer.result
        for group in gathered.groups:
            self._add(group)
        if self.problems:
            raise ProblemsError(tuple(self.problems))
        if not self.lines:
            raise InputError("the edit list has no events", where=Where(self.file),
                             hint="export a CMX3600 EDL of the picture track")
        first = gathered.groups[0].incoming
        drop = bool(self._drop(first, first.line.fields["record_in"]))
        marks = tuple(self._marks(drop))
        losses = tuple(sorted(gathered.losses, key=lambda loss: loss.line))
        return EditList(self.file, self.rate, tuple(self.lines), losses, gathered.title, drop,
                        marks=marks)

    def _marks(self, drop: bool) -> Iterator[Mark]:
        """The locators, at their record timecodes; one that does not exist is a loss."""
        for line in self.gatherer.result.locators:
            at, color, text = locator(line)
            try:
                frame = parse_timecode(_label(at), self.rate, drop or None)
            except InputError as error:
                self.gatherer.lose(line, "warning", f"the marker is left out: {error.message}")
                continue
            yield Mark(frame, text, color, Where(self.file, line.number))

    def _add(self, group: Group) -> None:
        side = group.incoming
        record = self._record(side)
        if record is None:
            return
        if record.length == 0:
            reason = ("an outgoing side without its transition" if side.kind == "C"
                      else "a transition without length")
            return self.gatherer.lose(side.line, "warning", f"{reason}; it is not used")
        if not side.tracks:
            return self.gatherer.lose(side.line, "info", "an event on no track")
        if side.kind in ("K", "KO"):
            return self.gatherer.lose(side.line, "error", "keys are not composited; "
                                                          "the key's foreground is left out")
        self._keep(group, record)

    def _keep(self, group: Group, record: Span) -> None:
        side, fields = group.incoming, group.incoming.line.fields
        transition = self._transition(group, record)
        key = (fields["reel"], tuple(side.names), fields["source_in"], record, transition)
        fresh = tuple(track for track in side.tracks if (track, key) not in self.seen)
        if len(fresh) < len(side.tracks):
            self.gatherer.lose(side.line, "info", f"repeats event {self.seen[side.tracks[0], key]}"
                               if (side.tracks[0], key) in self.seen else "repeats a track")
        self.seen.update({(track, key): fields["number"] for track in side.tracks})
        if fresh:
            self.lines.append(self._line(group, fresh, record, transition))
            self._compare_speed(side, record)

    def _line(self, group: Group, tracks: tuple[str, ...], record: Span,
              transition: Transition | None) -> EditLine:
        side, fields = group.incoming, group.incoming.line.fields
        return EditLine(
            number=fields["number"], tracks=tracks, reel=fields["reel"],
            names=tuple(dict.fromkeys(side.names + side.reels)),
            source_in=_label(fields["source_in"]), source_out=_label(fields["source_out"]),
            source_drop=self._drop(side, fields["source_in"]), record=record,
            speed=self._speed(side), transition=transition,
            black=fields["reel"].upper() in BLACK_REELS, cdl=side.cdl,
            from_black=transition is not None and _from_black(group),
            comments=tuple(side.comments), where=Where(self.file, side.line.number),
            text=side.line.text.strip())

    def _record(self, side: Side) -> Span | None:
        start = self._frame(side, "record_in")
        end = self._frame(side, "record_out")
        if start is None or end is None:
            return None
        if end < start:
            day = parse_timecode("23:59:59:00", self.rate,
                                 self._drop(side, side.line.fields["record_in"]) or False)
            end += day + nominal_fps(self.rate)
            if end - start > day // 2:
                self._problem(side, f"record out {side.line.fields['record_out']} lies before "
                                    f"record in {side.line.fields['record_in']}", "")
                return None
        return Span(start, end)

    def _frame(self, side: Side, name: str) -> int | None:
        text = _label(side.line.fields[name])
        try:
            return parse_timecode(text, self.rate, self._drop(side, text) or False)
        except InputError as error:
            if text.startswith("24:00:00") and name == "record_out":
                return nominal_fps(self.rate) * SECONDS_PER_DAY
            self._problem(side, error.message, error.hint)
            return None

    def _drop(self, side: Side, text: str) -> bool | None:
        """How a label counts: True, False, or None where the list does not say."""
        if ";" in text or "," in text:
            return True
        written = any(mark in side.line.fields[key] for mark in ";," for key in
                      ("source_in", "source_out", "record_in", "record_out"))
        if side.dropping and not written:
            return allows_drop_frame(self.rate) or None
        return False if written else None

    def _problem(self, side: Side, message: str, hint: str) -> None:
        self.problems.append(Problem(
            f"event {side.line.fields['number']}: {message}",
            Where(self.file, side.line.number),
            hint or f"the list is read at {float(self.rate):g} fps: is `rate` in microfinish.yaml "
                    "the rate of the edit?", side.line.text.strip()))

    def _transition(self, group: Group, record: Span) -> Transition | None:
        side = group.incoming
        if side.kind == "C":
            return None
        if side.kind == "KB":
            self.gatherer.lose(side.line, "warning", "keys are not composited; the background "
                                                     "is cut in")
            return None
        frames = int(side.line.fields.get("frames") or 0)
        if side.kind.startswith("W"):
            self.gatherer.lose(side.line, "warning", f"wipe {side.kind} becomes a dissolve of "
                                                     f"{frames} frames")
        if side.names == [] and not group.has_to_name and group.outgoing and group.outgoing.names:
            self.gatherer.lose(side.line, "info", "the incoming clip has no TO CLIP NAME")
        if frames > record.length:
            self.gatherer.lose(side.line, "warning", f"a transition of {frames} frames is longer "
                               f"than its event; {record.length} frames are used")
        frames = min(frames, record.length)
        if frames and group.outgoing and not _from_black(group):
            self._check_outgoing(group.outgoing, record.start)
        return Transition("dissolve", frames) if frames else None

    def _check_outgoing(self, outgoing: Side, start: int) -> None:
        """A dissolve comes out of the event before it; say so where the list names another."""
        before = [line for line in self.lines
                  if line.record and line.record.end == start
                  and set(line.tracks) & set(outgoing.tracks)]
        if not before:
            self.gatherer.lose(outgoing.line, "error", "the outgoing clip has no event before its "
                                                       "transition, which comes from black")
        elif all(line.reel != outgoing.line.fields["reel"]
                 and line.source_out != _label(outgoing.line.fields["source_in"])
                 for line in before):
            self.gatherer.lose(outgoing.line, "warning", "the transition comes out of the event "
                                                         "before it, not out of this clip")

    def _compare_speed(self, side: Side, record: Span) -> None:
        """Name a speed that neither the printed source out nor a plain copy of the record fits.

        Many programs print a source as long as the record and leave the truth to M2.
        """
        if side.fps is None or side.motion_line is None:
            return
        fields = side.line.fields
        try:
            first, last = (parse_timecode(_label(fields[key]), self.rate,
                                          self._drop(side, fields[key]) or False)
                           for key in ("source_in", "source_out"))
        except InputError:
            return  # told where the source is read
        printed, meant = abs(last - first), record.length * abs(self._speed(side))
        if printed != record.length and abs(printed - meant) > 2:
            self.gatherer.lose(
                side.motion_line, "warning",
                f"the speed asks for {round(meant)} source frames, the event prints {printed}: "
                "the speed is used")

    def _speed(self, side: Side) -> Fraction:
        """M2 over the nominal rate; within its printed precision of the rate it is 1."""
        if side.fps is None:
            return Fraction(1)
        precision = Fraction(1, 10 ** side.fps_decimals)
        if min(abs(abs(side.fps) - rate) for rate in (self.rate, nominal_fps(self.rate))) < (
                precision if self.rate.denominator > 1 else precision / 2):
            return Fraction(1 if side.fps > 0 else -1)
        return side.fps / nominal_fps(self.rate)


def _from_black(group: Group) -> bool:
    return group.outgoing is not None and (
        group.outgoing.line.fields["reel"].upper() in BLACK_REELS)


def _label(text: str) -> str:
    """`01;00;00;05` and `01:00:00.05` as this package writes labels: only the last mark speaks."""
    dropping = ";" in text or "," in text
    parts = "".join(" " if mark in ":;.," else mark for mark in text).split()
    return ":".join(parts[:3]) + (";" if dropping else ":") + parts[3]
