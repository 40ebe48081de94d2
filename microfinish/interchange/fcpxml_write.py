"""Final Cut Pro XML out: a timeline as FCPXML 1.10, which Final Cut Pro, Resolve and Premiere's
converters read.

Picture is the primary storyline, further tracks and sound are connected to it. A transition lies
around its cut as Final Cut Pro wants it; the frames that it mixes are those of the timeline.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from microfinish.core.media import MediaLog
from microfinish.core.relink import is_still, own_rate
from microfinish.core.sampling import sampled, step_of
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline
from microfinish.interchange.fcpxml_assets import Assets, clean, node
from microfinish.interchange.fcpxml_look import write_curve, write_placement
from microfinish.interchange.fcpxml_time import written

Node = ElementTree.Element
GAP_START = Fraction(3600)
_CONFORM_RATES = {
    Fraction(24000, 1001): "23.98", Fraction(24): "24", Fraction(25): "25",
    Fraction(30000, 1001): "29.97", Fraction(30): "30", Fraction(48000, 1001): "47.95",
    Fraction(48): "48", Fraction(50): "50", Fraction(60000, 1001): "59.94", Fraction(60): "60",
    Fraction(100): "100", Fraction(120000, 1001): "119.88", Fraction(120): "120",
}
"""The rates that the FCPXML DTD lets `srcFrameRate` name."""


def write_fcpxml(timeline: Timeline, media_log: MediaLog, title: str, *, conform: str = "time",
                 root: str = "", raster: tuple[int, int] = (1080, 1920)) -> str:
    """The timeline as an FCPXML 1.10 text. `root` is the project's folder, for absolute URLs.

    `conform` is the project's rule (core.sampling), `raster` the sequence's size in pixels.
    """
    return _Writer(timeline, media_log, conform, root, raster).text(title)


@dataclass(slots=True)
class _Laid:
    """A clip in the file: it begins at frame `begin`; there its own time is `start` seconds, and
    it runs `factor` times as fast as the sequence's."""

    element: Node
    begin: int
    start: Fraction
    factor: Fraction = Fraction(1)


class _Writer:
    def __init__(self, timeline: Timeline, log: MediaLog, conform: str, root: str,
                 raster: tuple[int, int]) -> None:
        self.timeline = timeline
        self.rate = timeline.rate
        self.media = log.by_path()
        self.conform = conform
        self.top = Node("fcpxml", version="1.10")
        # placements are fractions of the canvas that they were made on
        moved = all(timeline.canvas) and any(event.placement for event in timeline.events)
        self.canvas = timeline.canvas if moved else raster
        self.roles = {id(event): event.role for event in timeline.events}
        self.assets = Assets(node(self.top, "resources"), self.rate, self.canvas, root)
        self.origin = Fraction(timeline.start_frame) / self.rate

    def text(self, title: str) -> str:
        event = node(node(self.top, "library"), "event", name=title)
        project = node(event, "project", name=title)
        sequence = node(project, "sequence", format="r1",
                        duration=self._time(self.timeline.frames),
                        tcStart=written(self.origin),
                        tcFormat="DF" if self.timeline.drop else "NDF",
                        audioLayout="stereo", audioRate="48k")
        tracks: dict[str, list[Event]] = {}
        for one in sorted(self.timeline.events, key=lambda one: (one.record.start,
                                                                one.record.length)):
            tracks.setdefault("V" if one.track == "V1" else one.track, []).append(one)
        self._story(node(sequence, "spine"), tracks)
        ElementTree.indent(self.top)
        body = ElementTree.tostring(self.top, encoding="unicode")
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n\n{body}\n'

    def _time(self, frames: int | Fraction) -> str:
        return written(Fraction(frames) / self.rate)

    def _story(self, spine: Node, tracks: dict[str, list[Event]]) -> None:
        picture = _filled(tracks.pop("V", []), self.timeline.frames)
        whole = _whole_clips(picture, tracks)
        laid = self._row(spine, picture, self.origin, "video", whole)
        for track, events in sorted(tracks.items()):
            number = int(track[1:] or 1)
            lane = number - 1 if track.startswith("V") else -number
            for chain in _chains(event for event in events if id(event) not in whole.values()):
                self._connect(laid, chain, lane)
        for mark in self.timeline.marks:
            holder = next((one for one in reversed(laid) if one.begin <= mark.frame), laid[0])
            node(holder.element, "marker", start=self._within(holder, mark.frame),
                 duration=self._time(1), value=clean(mark.text))

    def _within(self, holder: _Laid, frame: int) -> str:
        """A frame of the timeline in a clip's own time."""
        passed = Fraction(frame - holder.begin) / self.rate
        return written(holder.start + passed * holder.factor)

    def _connect(self, laid: list[_Laid], chain: list[Event], lane: int) -> None:
        """A clip, or a row of clips that mix, connected to what is on screen where it starts."""
        kind = "video" if lane > 0 else "audio"
        first = chain[0].record.start
        parent = next((one for one in reversed(laid) if one.begin <= first), laid[0])
        offset = self._within(parent, first)
        if len(chain) == 1 and not chain[0].transition:
            if chain[0].media:
                clip = self._clip(parent.element, chain[0], first, chain[0].record.end, kind)
                clip.element.set("lane", str(lane))
                clip.element.set("offset", offset)
            return
        spine = node(parent.element, "spine", lane=str(lane), offset=offset)
        self._row(spine, chain, -Fraction(first) / self.rate, kind, {})

    def _row(self, spine: Node, events: list[Event], origin: Fraction, kind: str,
             whole: dict[int, int]) -> list[_Laid]:
        """Clips one after the other, cut in the middle of their transitions. `origin` is the
        row's time at frame 0 of the timeline."""
        laid: list[_Laid] = []
        solid = [event for event in events if event.record.length]
        for index, event in enumerate(solid):
            mix = event.transition.frames if event.transition else 0
            after = solid[index + 1] if index + 1 < len(solid) else None
            begin, end = event.record.start, event.record.end
            if mix:
                black = not laid or _from_black(event, events)
                if black and laid:
                    gap = node(spine, "gap", name="Gap", start=written(GAP_START),
                               offset=written(origin + Fraction(begin) / self.rate),
                               duration=self._time(max(1, mix // 2)))
                    laid.append(_Laid(gap, begin, GAP_START))
                self._transition(spine, begin, mix, origin, kind)
                begin += (max(1, mix // 2) if black else mix // 2) if laid else 0
            if after and after.transition and not _from_black(after, events):
                end += after.transition.frames // 2
            clip = self._clip(spine, event, begin, end, "all" if id(event) in whole else kind)
            if role := self.roles.get(whole.get(id(event), 0), ""):
                clip.element.set("audioRole", role)
            clip.element.set("offset", written(origin + Fraction(begin) / self.rate))
            laid.append(clip)
        return laid

    def _transition(self, spine: Node, begin: int, frames: int, origin: Fraction,
                    kind: str) -> None:
        element = node(spine, "transition", name="Cross Dissolve",
                       offset=written(origin + Fraction(begin) / self.rate),
                       duration=self._time(frames))
        if kind == "video":
            node(element, "filter-video", ref=self.assets.effect("Cross Dissolve"),
                 name="Cross Dissolve")
        else:
            node(element, "filter-audio", ref=self.assets.effect("Audio Crossfade"),
                 name="Audio Crossfade")

    def _clip(self, parent: Node, event: Event, begin: int, end: int, kind: str) -> _Laid:
        """An event as a clip from `begin` to `end`, which transitions moved from its own ends."""
        length = end - begin
        if not event.media:
            return _Laid(node(parent, "gap", name="Gap", start=written(GAP_START),
                              duration=self._time(length)), begin, GAP_START)
        media = self.media.get(event.media)
        asset = self.assets.asset(event.media, media)
        name = clean(event.name or event.media.rpartition("/")[2])
        if media and is_still(media):
            still = node(parent, "video", ref=asset.id, name=name, start=written(GAP_START),
                         duration=self._time(length))
            write_placement(still, event, media, self.canvas)
            return _Laid(still, begin, GAP_START)
        own = own_rate(media, self.rate) if media else self.rate
        step = step_of(event.speed, own, self.rate, self.conform)
        pace = step * self.rate / own
        first = sampled(event.source, step, 0)
        head = asset.start + Fraction(first + (1 if step < 0 else 0)) / own
        one_by_one = step == 1 and own != self.rate and own in _CONFORM_RATES
        element = node(parent, "asset-clip", ref=asset.id, name=name,
                       duration=self._time(length))
        if media and media.timecode_drop:
            element.set("tcFormat", "DF")
        if kind != "all":
            element.set("srcEnable", kind)
        if kind == "audio" and event.role:
            element.set("audioRole", clean(event.role))
        if event.retime:
            start = write_curve(element, event, self.rate, own, asset.start, end)
            element.set("start", written(start + Fraction(begin - event.record.start) / self.rate))
            write_placement(element, event, media, self.canvas)
            return _Laid(element, begin, start + Fraction(begin - event.record.start) / self.rate)
        if own != self.rate and own in _CONFORM_RATES and (pace == 1 or one_by_one):
            node(element, "conform-rate", scaleEnabled="1" if one_by_one else "0",
                 srcFrameRate=_CONFORM_RATES[own])
        passed = Fraction(begin - event.record.start) / self.rate
        if pace == 1 or one_by_one:
            start = head + passed * pace
        else:
            start = self._time_map(element, pace, head, asset.start,
                                   asset.duration or Fraction(1)) + passed
        element.set("start", written(start))
        write_placement(element, event, media, self.canvas)
        return _Laid(element, begin, start, pace if one_by_one else Fraction(1))

    def _time_map(self, element: Node, pace: Fraction, head: Fraction, begin: Fraction,
                  duration: Fraction) -> Fraction:
        """Write the speed as two points over the whole file; the adjusted time of `head`."""
        points: tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]
        if pace == 0:
            points, start = ((begin, head), (begin + 1, head)), begin
        elif pace > 0:
            points = (begin, begin), (begin + duration / pace, begin + duration)
            start = begin + (head - begin) / pace
        else:
            points = (begin, begin + duration), (begin + duration / -pace, begin)
            start = begin + (begin + duration - head) / -pace
        time_map = node(element, "timeMap")
        for time, value in points:
            node(time_map, "timept", time=written(time), value=written(value), interp="linear")
        return start


def _filled(events: list[Event], length: int) -> list[Event]:
    """The picture without holes; an edit of sound alone has black for picture."""
    filled: list[Event] = []
    position = 0
    for event in events:
        if event.record.start > position:
            filled.append(Event("", "V", "", Span(0, 0), Span(position, event.record.start)))
        filled.append(event)
        position = max(position, event.record.end)
    if not filled:
        filled.append(Event("", "V", "", Span(0, 0), Span(0, max(1, length))))
    return filled


def _from_black(event: Event, events: list[Event]) -> bool:
    """Whether an empty black event stands before it: its transition comes from black."""
    at = next(index for index, one in enumerate(events) if one is event)
    before = events[at - 1] if at else None
    return bool(event.transition and before and not before.media and not before.record.length)


def _whole_clips(picture: list[Event], tracks: dict[str, list[Event]]) -> dict[int, int]:
    """Picture events whose own sound runs along, by identity: they become one clip."""
    mixing = {event.record.start for events in (picture, *tracks.values()) for event in events
              if event.transition}
    sounds = {(s.media, s.source, s.record, s.speed, s.retime): s
              for track, events in tracks.items() if track.startswith("A") for s in events}
    found: dict[int, int] = {}
    for event in picture:
        sound = sounds.get((event.media, event.source, event.record, event.speed, event.retime))
        plain = not {event.record.start, event.record.end} & mixing
        if sound is not None and event.media and plain:
            found[id(event)] = id(sound)
    return found


def _chains(events: Iterable[Event]) -> list[list[Event]]:
    """Events of a track, those that mix with the one before in one row with it."""
    found: list[list[Event]] = []
    for event in events:
        last = found[-1][-1] if found else None
        if last and event.transition and last.record.end == event.record.start:
            found[-1].append(event)
        else:
            found.append([event])
    return found
