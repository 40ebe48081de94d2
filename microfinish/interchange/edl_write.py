"""CMX3600 out: a timeline as an edit decision list, and any list back as the bytes it came from.

The layout is that of File32: reels stand in full, padded to the longest of the list. Speeds are
M2 lines, dissolves the two-line form, black is BL (SMPTE 258M). A list holds one picture track:
what lies over it is left out (interchange.unsaid).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from microfinish.core.cdl import Cdl, number_text, sop_text
from microfinish.core.edit import BLACK_REELS, UNNAMED_REELS
from microfinish.core.media import Media, MediaLog
from microfinish.core.relink import is_still, own_rate
from microfinish.core.sampling import curve_frame, curve_position, source_span, step_of
from microfinish.core.time import Span, allows_drop_frame, format_timecode, nominal_fps
from microfinish.core.timeline import Event, Mark, Timeline
from microfinish.interchange.edl_lines import EdlLine, lines, unicode_of

_ENDINGS = re.compile(r"(\r\n|\r|\n)")
_SPEED_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class EdlText:
    """A whole list as it was written: every line with its own line end, encoding and mark."""

    rows: tuple[tuple[EdlLine, str], ...]
    encoding: str
    mark: bytes = b""

    def data(self) -> bytes:
        """The bytes of the file."""
        text = "".join(line.text + end for line, end in self.rows)
        return self.mark + text.encode(self.encoding)

    def with_text(self, number: int, text: str) -> EdlText:
        """The same list with one line, counted from 1, replaced."""
        row, end = self.rows[number - 1]
        changed = (replace(lines(text)[0], number=row.number), end)
        return replace(self, rows=(*self.rows[:number - 1], changed, *self.rows[number:]))


def read_text(data: bytes) -> EdlText:
    """The lines of a list so that `data()` gives the same bytes, whatever they are.

    Bytes that fit no Unicode encoding exactly are taken as Latin-1, one character each.
    """
    named, mark = unicode_of(data)
    body = data[len(mark):]
    candidates: tuple[str, ...] = (named, "utf-8") if named and not mark else (named or "utf-8",)
    for encoding in (*candidates, "latin-1"):
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.encode(encoding) == body:
            break
    parts = _ENDINGS.split(text)
    texts, ends = parts[::2], [*parts[1::2], ""]
    rows = tuple((replace(lines(row)[0], number=number, text=row), end)
                 for number, (row, end) in enumerate(zip(texts, ends, strict=True), 1))
    return EdlText(rows, encoding, mark)


def write_edl(timeline: Timeline, media_log: MediaLog, title: str, *,
              conform: str = "time") -> str:
    """A CMX3600 list of the timeline's picture, sound and markers (LOC), record from its start.

    Source timecode counts at each file's own rate, in its own counting; a file that states no
    timecode starts at 00:00:00:00. Speeds that no six decimals express are written a hair
    faster, so that no frame is shown late. `conform` is the project's rule (core.sampling).
    """
    return _Writer(timeline, media_log, conform).text(title)


@dataclass(frozen=True, slots=True)
class _Take:
    """One event of the list: the same cut on one or several tracks; `before` cuts into it."""

    event: Event
    tracks: tuple[str, ...]
    before: Event | None


class _Writer:
    def __init__(self, timeline: Timeline, log: MediaLog, conform: str) -> None:
        self.timeline = timeline
        self.files = log.by_path()
        self.conform = conform
        self.drop = timeline.drop and allows_drop_frame(timeline.rate)
        reels = [self._reel(event) for event in timeline.events]
        self.width = max([8, *map(len, reels)])

    def text(self, title: str) -> str:
        rows = [f"TITLE: {_one_line(title)}",
                f"FCM: {'DROP FRAME' if self.drop else 'NON-DROP FRAME'}", ""]
        takes = _takes(self.timeline)
        for number, take in enumerate(takes, 1):
            rows += self._take(number, take)
            rows += [self._locator(mark) for mark in self.timeline.marks
                     if _holder(mark, takes) == number]
        return "\n".join([*rows, ""])

    def _take(self, number: int, take: _Take) -> list[str]:
        event, before = take.event, take.before
        field, channels = _track_field(take.tracks)
        rows = []
        if event.transition:
            rows.append(self._outgoing(number, field, before, event.record.start))
            kind = f"D    {event.transition.frames:03}"
        else:
            kind = "C       "
        source_in, source_out = self._source(event)
        rows.append(self._row(number, self._reel(event), field, kind, source_in, source_out,
                              event.record))
        if channels:
            rows.append(f"AUD  {'  '.join(channels)}")
        speed = self._speed(event)
        if event.media and speed != 1 and not self._still(event):
            rows.append(f"M2   {self._reel(event):<{self.width}}       "
                        f"{_fps(speed * nominal_fps(self.timeline.rate))}"
                        f"                {source_in}")
        if event.transition and before is not None and before.media:
            rows.append(f"* FROM CLIP NAME: {self._name(before)}")
        if event.media:
            key = "TO CLIP NAME" if event.transition else "FROM CLIP NAME"
            rows += [f"* {key}: {self._name(event)}",
                     f"* SOURCE FILE: {_one_line(event.media)}"]
        return rows + (_cdl_rows(event.cdl) if event.cdl else [])

    def _locator(self, mark: Mark) -> str:
        at = format_timecode(self.timeline.start_frame + mark.frame, self.timeline.rate, self.drop)
        return f"* LOC: {at} {mark.color.upper() or 'WHITE':<7} {_one_line(mark.text)}".rstrip()

    def _outgoing(self, number: int, field: str, before: Event | None, start: int) -> str:
        """The first line of a transition: where the outgoing side has come to, without length."""
        if before is None or not before.media:
            black = format_timecode(0, self.timeline.rate, self.drop)
            return self._row(number, "BL", field, "C       ", black, black, Span(start, start))
        _, label = self._source(before)
        return self._row(number, self._reel(before), field, "C       ", label, label,
                         Span(start, start))

    def _row(self, number: int, reel: str, field: str, kind: str, source_in: str,
             source_out: str, record: Span) -> str:
        rate, first = self.timeline.rate, self.timeline.start_frame
        return (f"{number:03}  {reel:<{self.width}} {field:<5} {kind} {source_in} {source_out} "
                f"{format_timecode(first + record.start, rate, self.drop)} "
                f"{format_timecode(first + record.end, rate, self.drop)}")

    def _source(self, event: Event) -> tuple[str, str]:
        """The source in and out as labels, such that the record length leads to the same frames."""
        media = self.files.get(event.media)
        rate = self.timeline.rate
        if media is None or self._still(event):
            start = 0 if not event.media or self._still(event) else event.source.start
            return (format_timecode(start, rate, self.drop),
                    format_timecode(start + event.record.length, rate, self.drop))
        start, end = event.source.start, event.source.end
        step = step_of(self._speed(event), own_rate(media, rate), rate, self.conform)
        if event.retime and step > 0:
            start = curve_frame(event.retime, 0)
            end = start + round(event.record.length * step)
        if step < 0:
            # read back, in and record length give the range, and its last frame is shown first
            length = event.record.length
            start = end - max(source_span(0, length, -step).length, round(length * -step))
        first, own = media.start_frame or 0, own_rate(media, rate)
        return (format_timecode(first + start, own, media.timecode_drop),
                format_timecode(first + end, own, media.timecode_drop))

    def _speed(self, event: Event) -> Fraction:
        """The speed; of a variable one the average, which is all that M2 can say."""
        if not event.retime or not event.record.length:
            return event.speed
        length = event.record.length
        passed = curve_position(event.retime, length)[0] - curve_position(event.retime, 0)[0]
        media = self.files.get(event.media)
        own = own_rate(media, self.timeline.rate) if media else self.timeline.rate
        return passed / length / step_of(Fraction(1), own, self.timeline.rate, self.conform)

    def _still(self, event: Event) -> bool:
        media = self.files.get(event.media)
        return media is not None and is_still(media)

    def _reel(self, event: Event) -> str:
        if not event.media:
            return "BL"
        return reel_of(event, self.files.get(event.media))

    def _name(self, event: Event) -> str:
        return _one_line(event.name or event.media.rpartition("/")[2])


def reel_of(event: Event, media: Media | None) -> str:
    """What an edit list calls the source of an event: its tape name, else its file's name.

    Without blanks, and never a word that means black or no source.
    """
    stem = event.media.rpartition("/")[2]
    name = (media.reel or media.name) if media else (stem.rpartition(".")[0] or stem)
    reel = re.sub(r"\s+", "_", name.strip())
    return f"{reel}_" if reel.upper() in BLACK_REELS | UNNAMED_REELS else reel


def _takes(timeline: Timeline) -> list[_Take]:
    """The events of the list in record order; equal sound on several channels is one."""
    found: list[_Take] = []
    for track in dict.fromkeys(event.track for event in timeline.events if not event.overlays):
        events = [event for event in timeline.events if event.track == track]
        events.sort(key=lambda event: (event.record.start, event.record.end))
        for index, event in enumerate(events):
            before = events[index - 1] if index else None
            after = events[index + 1] if index + 1 < len(events) else None
            if _written(event, before, after):
                found.append(_Take(event, (track,), _touching(before, event)))
    return sorted(_merged(found), key=lambda take: (
        take.event.record.start, not take.tracks[0].startswith("V"), take.tracks))


def _written(event: Event, before: Event | None, after: Event | None) -> bool:
    """Black needs a line of its own only where no gap says the same.

    A reader fills gaps with black, but not before the first event or after the last.
    """
    if event.record.length == 0:
        return False
    gap = not event.media and event.transition is None
    return not (gap and before is not None and after is not None
                and (after.transition is not None or not event.track.startswith("V"))
                and after.record.length > 0)


def _holder(mark: Mark, takes: Sequence[_Take]) -> int:
    """The number of the event that a marker is written under: the last picture that began."""
    begun = [number for number, take in enumerate(takes, 1)
             if take.tracks[0].startswith("V") and take.event.record.start <= mark.frame]
    return begun[-1] if begun else 1


def _touching(before: Event | None, event: Event) -> Event | None:
    return before if before is not None and before.record.end == event.record.start else None


def _merged(takes: Iterable[_Take]) -> list[_Take]:
    """Sound that differs in nothing but the channel becomes one event, as editors write it."""
    merged: dict[object, _Take] = {}
    for index, take in enumerate(takes):
        event, key = take.event, (index,)
        same: object = key if event.track.startswith("V") else (
            event.media, event.source, event.record, event.speed, event.transition,
            take.before.media if take.before else None,
            take.before.source.end if take.before else None)
        kept = merged.get(same)
        merged[same] = take if kept is None else replace(kept, tracks=kept.tracks + take.tracks)
    return list(merged.values())


def _track_field(tracks: Sequence[str]) -> tuple[str, list[str]]:
    """The track column, and the channels that an AUD line adds to it."""
    if tracks[0].startswith("V"):
        return tracks[0], []
    channels = sorted(int(track[1:] or 1) for track in tracks)
    field = {(1,): "A", (2,): "A2", (1, 2): "AA"}.get(tuple(c for c in channels if c < 3), "NONE")
    return field, [str(channel) for channel in channels if channel > 2]


def _fps(value: Fraction) -> str:
    """`012.5`, `-025.0`: frames per second, rounded away from zero at the sixth decimal."""
    scaled = math.ceil(abs(value) * 10 ** _SPEED_DECIMALS)
    whole, part = divmod(scaled, 10 ** _SPEED_DECIMALS)
    decimals = f"{part:0{_SPEED_DECIMALS}}".rstrip("0") or "0"
    return f"{'-' if value < 0 else ''}{whole:03}.{decimals}"


def _cdl_rows(cdl: Cdl) -> list[str]:
    return [f"* ASC_SOP {sop_text(cdl)}", f"* ASC_SAT {number_text(cdl.saturation)}"]


def _one_line(text: str) -> str:
    return " ".join(text.split())
