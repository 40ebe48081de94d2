"""Final Cut Pro 7 XML out: a timeline as xmeml 5, which Premiere, Resolve and Avid's tools read.

Clips carry their file's own rate, timecode and reel; a transition lies after the cut, as in the
timeline, and the points beside it are -1. A speed is a time remap filter with its graph.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
from fractions import Fraction
from urllib.parse import quote

from microfinish.core.media import Media, MediaLog
from microfinish.core.relink import is_still, own_frames, own_rate
from microfinish.core.sampling import sampled, step_of
from microfinish.core.time import allows_drop_frame, format_timecode, nominal_fps
from microfinish.core.timeline import DIPS, Event, Timeline
from microfinish.interchange.fcp7_look import remap, remap_curve, write_motion

Node = ElementTree.Element
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_fcp7(timeline: Timeline, media_log: MediaLog, title: str, *, conform: str = "time",
               root: str = "", raster: tuple[int, int] = (1080, 1920)) -> str:
    """The timeline as an xmeml text. `root` is the project's folder, for absolute file URLs.

    `conform` is the project's rule (core.sampling), `raster` the sequence's size in pixels.
    """
    return _Writer(timeline, media_log, conform, root).text(title, raster)


class _Writer:
    def __init__(self, timeline: Timeline, log: MediaLog, conform: str, root: str) -> None:
        self.timeline = timeline
        self.rate = timeline.rate
        self.log = log.by_path()
        self.conform, self.root = conform, root
        self.canvas = (0, 0)
        self.files: dict[str, str] = {}
        self.clips = 0

    def text(self, title: str, raster: tuple[int, int]) -> str:
        # placements are fractions of the canvas that they were made on
        moved = all(self.timeline.canvas) and any(e.placement for e in self.timeline.events)
        self.canvas = raster = self.timeline.canvas if moved else raster
        top = Node("xmeml", version="5")
        sequence = _node(top, "sequence", id="sequence-1")
        _leaf(sequence, "name", title)
        _leaf(sequence, "duration", self.timeline.frames)
        _rate(sequence, self.rate)
        _timecode(sequence, self.timeline.start_frame, self.rate, self.timeline.drop)
        media = _node(sequence, "media")
        video, audio = _node(media, "video"), _node(media, "audio")
        size = _node(_node(video, "format"), "samplecharacteristics")
        _rate(size, self.rate)
        _leaf(size, "width", raster[0])
        _leaf(size, "height", raster[1])
        _leaf(size, "pixelaspectratio", "square")
        for letter, parent in (("V", video), ("A", audio)):
            numbers = [_number(event.track) for event in self.timeline.events
                       if event.track.startswith(letter)]
            for number in range(1, max(numbers, default=0) + 1):
                self._track(_node(parent, "track"), letter, number)
        for mark in self.timeline.marks:
            marker = _node(sequence, "marker")
            for tag, value in (("name", mark.text), ("comment", ""), ("in", mark.frame),
                               ("out", -1)):
                _leaf(marker, tag, value)
        ElementTree.indent(top)
        body = ElementTree.tostring(top, encoding="unicode")
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n{body}\n'

    def _track(self, track: Node, letter: str, number: int) -> None:
        events = sorted((event for event in self.timeline.events if event.record.length
                         and event.track.startswith(letter) and _number(event.track) == number),
                        key=lambda event: event.record.start)
        for index, event in enumerate(events):
            before = events[index - 1] if index else None
            after = events[index + 1] if index + 1 < len(events) else None
            if before and (before.record.end != event.record.start or not before.media):
                before = None
            if event.transition and (event.media or before):
                self._transition(track, event, before)
            if event.media:
                self._clip(track, event, _handle(event, after), letter)
            elif after is None and letter == "V":
                self._slug(track, event)

    def _transition(self, track: Node, event: Event, before: Event | None) -> None:
        assert event.transition is not None
        item = _node(track, "transitionitem")
        start = event.record.start
        _leaf(item, "start", start)
        _leaf(item, "end", start + event.transition.frames)
        _leaf(item, "alignment",
              "end-black" if not event.media else "start" if before else "start-black")
        _rate(item, self.rate)
        sound = event.track.startswith("A")
        effect = _node(item, "effect")
        dip = DIPS.get(event.transition.kind, "")
        name = f"Dip to {dip.title()}" if dip else "Cross Dissolve"
        _leaf(effect, "name", "Cross Fade ( 0dB)" if sound else name)
        _leaf(effect, "effectid", "KGAudioTransCrossFade0dB" if sound else name)
        _leaf(effect, "effecttype", "transition")
        _leaf(effect, "mediatype", "audio" if sound else "video")

    def _slug(self, track: Node, event: Event) -> None:
        item = _node(track, "generatoritem", id=self._next_clip())
        begin = event.record.start + (event.transition.frames if event.transition else 0)
        if begin >= event.record.end:
            track.remove(item)
            return
        _leaf(item, "name", "Slug")
        _leaf(item, "duration", event.record.end - begin)
        _rate(item, self.rate)
        for tag, value in (("start", begin), ("end", event.record.end), ("in", 0),
                           ("out", event.record.end - begin)):
            _leaf(item, tag, value)
        effect = _node(item, "effect")
        _leaf(effect, "name", "Slug")
        _leaf(effect, "effectid", "Slug")
        _leaf(effect, "effecttype", "generator")
        _leaf(effect, "mediatype", "video")

    def _clip(self, track: Node, event: Event, handle: int, letter: str) -> None:
        media = self.log.get(event.media)
        own = own_rate(media, self.rate) if media else self.rate
        still = media is not None and is_still(media)
        if event.retime and not still:
            return self._curved(track, event, handle, letter, media, own)
        step = step_of(Fraction(1) if still else event.speed, own, self.rate, self.conform)
        # the format counts time: frames shown one by one are a speed where rates differ
        speed = Fraction(1) if still else step * self.rate / own
        first = 0 if still else sampled(event.source, step, 0)
        ratio = own / self.rate
        # with a speed, in and out count retimed frames
        entry = first if speed == 1 else (round(first / abs(speed)) if speed else first)
        out = entry + math.ceil((event.record.length + handle) * ratio)
        item = self._item(track, event, handle, letter, media, own, entry, out)
        if speed != 1:
            remap(item, speed, entry, out, first)

    def _curved(self, track: Node, event: Event, handle: int, letter: str, media: Media | None,
                own: Fraction) -> None:
        """A clip of variable speed: its in and out count the frames that it plays."""
        ratio = own / self.rate
        out = math.ceil((event.record.length + handle) * ratio)
        item = self._item(track, event, handle, letter, media, own, 0, out)
        remap_curve(item, event, ratio, handle)

    def _item(self, track: Node, event: Event, handle: int, letter: str, media: Media | None,
              own: Fraction, entry: int, out: int) -> Node:
        item = _node(track, "clipitem", id=self._next_clip())
        _leaf(item, "name", event.name or event.media.rpartition("/")[2])
        _leaf(item, "enabled", "TRUE")
        _leaf(item, "duration", max(out, own_frames(media, self.rate) if media else 0))
        _rate(item, own)
        _leaf(item, "start", -1 if event.transition else event.record.start)
        _leaf(item, "end", -1 if handle else event.record.end)
        _leaf(item, "in", entry)
        _leaf(item, "out", out)
        self._file(item, event, media, own)
        if letter == "V":
            write_motion(item, event, media, self.canvas)
        if letter == "A":
            source = _node(item, "sourcetrack")
            _leaf(source, "mediatype", "audio")
            _leaf(source, "trackindex", _number(event.track))
        return item

    def _file(self, item: Node, event: Event, media: Media | None, own: Fraction) -> None:
        known = self.files.get(event.media)
        if known:
            _node(item, "file", id=known)
            return
        name = f"file-{len(self.files) + 1}"
        self.files[event.media] = name
        file = _node(item, "file", id=name)
        _leaf(file, "name", event.media.rpartition("/")[2])
        outside = event.media.startswith("/") or event.media[1:2] == ":"  # from a media root
        path = event.media if outside else f"{self.root.rstrip('/')}/{event.media}"
        path = path.lstrip("/")
        _leaf(file, "pathurl", f"file://localhost/{quote(_clean(path))}")
        _rate(file, own)
        if media is None:
            return
        _leaf(file, "duration", own_frames(media, self.rate))
        _timecode(file, media.start_frame or 0, own, media.timecode_drop, media.reel)
        kinds = _node(file, "media")
        if media.picture:
            size = _node(_node(kinds, "video"), "samplecharacteristics")
            _leaf(size, "width", media.picture.upright_size[0])
            _leaf(size, "height", media.picture.upright_size[1])
        for sound in media.sounds[:1]:
            audio = _node(kinds, "audio")
            _leaf(_node(audio, "samplecharacteristics"), "samplerate", sound.sample_rate)
            _leaf(audio, "channelcount", sound.channels)

    def _next_clip(self) -> str:
        self.clips += 1
        return f"clipitem-{self.clips}"


def _handle(event: Event, after: Event | None) -> int:
    """How many frames the event runs on under the next one's transition."""
    if after and after.transition and after.record.start == event.record.end:
        return after.transition.frames
    return 0


def _timecode(parent: Node, frame: int, rate: Fraction, drop: bool, reel: str = "") -> None:
    node = _node(parent, "timecode")
    _rate(node, rate)
    drop = drop and allows_drop_frame(rate)
    _leaf(node, "string", format_timecode(frame, rate, drop))
    _leaf(node, "frame", frame)
    _leaf(node, "displayformat", "DF" if drop else "NDF")
    if reel:
        _leaf(_node(node, "reel"), "name", reel)


def _rate(parent: Node, rate: Fraction) -> None:
    node = _node(parent, "rate")
    _leaf(node, "timebase", nominal_fps(rate))
    _leaf(node, "ntsc", "TRUE" if rate.denominator > 1 else "FALSE")


def _number(track: str) -> int:
    return int(track[1:] or 1)


def _node(parent: Node, tag: str, **attributes: str) -> Node:
    return ElementTree.SubElement(parent, tag, attributes)


def _leaf(parent: Node, tag: str, value: object) -> None:
    ElementTree.SubElement(parent, tag).text = _clean(str(value))


def _clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return _NOT_XML.sub("", text)
