"""One track of a timeline: its events in order, gaps filled, and whether the media hold them.

Every frame shown, with the handle of the dissolve that follows, must be in the file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from microfinish.core.edit import EditLine, EditList
from microfinish.core.errors import Problem
from microfinish.core.lacking import Lacking
from microfinish.core.media import Media
from microfinish.core.relink import is_still, own_frames, own_rate, span_text
from microfinish.core.sampling import curve_span, moved_keys, sampled, source_needed, step_of
from microfinish.core.slug import OFFLINE, slug_name
from microfinish.core.time import Span, format_timecode
from microfinish.core.timeline import Event, Loss


@dataclass(slots=True)
class Placed:
    """An event with what is needed to check it against its neighbors."""

    event: Event
    line: EditLine
    media: Media | None


@dataclass(slots=True)
class Findings:
    """What conform has to say beside the timeline."""

    edit: EditList
    problems: list[Problem]
    losses: list[Loss]
    lacking: list[Lacking]

    def lose(self, line: EditLine, severity: str, reason: str) -> None:
        """Say that a line was not taken as written."""
        where = line.where
        self.losses.append(Loss(where.file if where else self.edit.file,
                                where.line if where else 0,
                                line.text or f"event {line.number}", severity, reason))


@dataclass(slots=True)
class Tracks:
    """Tracks of one edit list; `slugs` replaces what the media do not hold by black."""

    said: Findings
    rate: Fraction
    rule: str
    slugs: bool

    def events(self, items: list[Placed], first: int) -> list[Event]:
        """The events of a track in order, gaps of the base picture filled with black."""
        events: list[Event] = []
        position = first
        for index, item in enumerate(items):
            record = item.event.record
            before = items[index - 1] if index else None
            if before and record.start < before.event.record.end:
                self._overlap(before, item)
                continue
            if item.event.track == "V" and (record.start > position or _fades_in(item, before)):
                events.append(_black(item, Span(position, record.start)))
            position = record.end
            lacks = self._check_source(item, _handle(item, items[index + 1:index + 2]))
            if lacks == "handle" and self.slugs:
                after = items[index + 1]
                items[index + 1] = replace(after, event=replace(after.event, transition=None))
            if lacks != "short" or not self.slugs:
                events.append(item.event)
            elif not item.event.overlays:
                events.append(_slug(item))
        return events

    def trimmed_head(self, item: Placed, first: int) -> Placed | None:
        """A sound event without what comes before the first picture; None if all of it does."""
        record = item.event.record
        if record.start >= first:
            return item
        self.said.lose(item.line, "warning", "sound before the first picture is cut off")
        if record.end <= first:
            return None
        if item.event.retime:
            keys, record = moved_keys(item.event.retime, first - record.start), Span(
                first, record.end)
            return Placed(replace(item.event, source=curve_span(keys, record.length),
                                   record=record, retime=keys), item.line, item.media)
        rate = own_rate(item.media, self.rate) if item.media else self.rate
        step = step_of(item.event.speed, rate, self.rate, self.rule)
        source, gone = item.event.source, sampled(item.event.source, step, first - record.start)
        source = Span(source.start, gone + 1) if step < 0 else (
            Span(gone, max(source.end, gone + 1)))
        return Placed(replace(item.event, source=source, record=Span(first, record.end)),
                       item.line, item.media)

    def _overlap(self, before: Placed, item: Placed) -> None:
        common = before.event.record.end - item.event.record.start
        at = format_timecode(item.event.record.start, self.rate, self.said.edit.drop)
        self.said.problems.append(Problem(
            f"events {before.line.number} and {item.line.number} overlap by {common} frames on "
            f"track {item.event.track} at {at}", item.line.where,
            "one track holds one picture at a time: flatten the tracks before exporting"))

    def _check_source(self, item: Placed, handle: int) -> str:
        """Every frame shown, with the handle of the next event's dissolve, must be in the file.

        Says what is lacking: "short" or "handle", or nothing.
        """
        media, event = item.media, item.event
        if media is None or is_still(media):
            return ""
        if event.transition and event.transition.frames > event.record.length:
            self.said.problems.append(Problem(
                f"event {item.line.number}: a dissolve of {event.transition.frames} frames is "
                f"longer than its event ({event.record.length})", item.line.where,
                "shorten the dissolve"))
        need = self._needed(item, event.record.length + handle)
        lack = self._lack(media, need)
        if not lack:
            return ""
        own = self._lack(media, self._needed(item, event.record.length))
        if own:
            what = f"is {own} frames short"
        else:
            what = f"lacks {lack} frames of handle for the dissolve of {handle} that follows"
        rate = own_rate(media, self.rate)
        start = media.start_frame or 0
        needs = (format_timecode(start + need.start, rate, media.timecode_drop),
                 format_timecode(start + need.end, rate, media.timecode_drop))
        has = span_text(media, self.rate).rpartition(" ")[2]
        problem = Problem(f"event {item.line.number}: {media.path} {what}",
                          item.line.where, f"needs {'-'.join(needs)}, has {has}")
        if self.slugs:
            self.said.lose(item.line, "warning",
                       f"{OFFLINE if own else 'cut instead of dissolve'}: {problem.message}")
        else:
            self.said.problems.append(problem)
        self.said.lacking.append(Lacking(media.path, "short" if own else "handle", lack,
                                    item.line.number, needs, has))
        return "short" if own else "handle"

    def _needed(self, item: Placed, length: int) -> Span:
        assert item.media is not None
        return source_needed(item.event, own_rate(item.media, self.rate), self.rate, length,
                             self.rule)

    def _lack(self, media: Media, need: Span) -> int:
        return max(0, -need.start) + max(0, need.end - own_frames(media, self.rate))


def _fades_in(item: Placed, before: Placed | None) -> bool:
    """Whether a transition starts from black: it then gets an empty black event before it."""
    return item.event.transition is not None and (before is None or item.line.from_black)


def _handle(item: Placed, after: list[Placed]) -> int:
    """How many record frames the event runs on under the next event's transition."""
    for follower in after:
        if (follower.event.transition and not follower.line.from_black
                and follower.event.record.start == item.event.record.end):
            return follower.event.transition.handle
    return 0


def _black(item: Placed, record: Span) -> Event:
    return Event(shot="", track=item.event.track, media="", source=Span(0, record.length),
                 record=record, name="gap", where=item.event.where)


def _slug(item: Placed) -> Event:
    """The event without its media, where a preview can do without them."""
    event = item.event
    return replace(event, media="", source=Span(0, event.record.length), speed=Fraction(1),
                   retime=(), name=slug_name(clip_name(item.line)))


def clip_name(line: EditLine) -> str:
    return next((name for name in (*line.names, line.reel) if name), "")
