"""The turnover: which frames of which file each shot needs, and its CDL, for other departments.

Pull spans are what the picture really shows, with the frames under the following dissolve, and
the handles around them, as far as the file reaches.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from xml.sax.saxutils import quoteattr

from microfinish.core.cdl import Cdl
from microfinish.core.media import Media, MediaLog
from microfinish.core.relink import is_still, own_frames, own_rate
from microfinish.core.sampling import source_needed
from microfinish.core.time import Span, format_rate, format_timecode
from microfinish.core.timeline import Event, Mark, Timeline
from microfinish.interchange.cdl import NAMESPACE, cc_text

COLUMNS = ("shot", "track", "media", "reel", "rate", "source_in", "source_out", "pull_in",
           "pull_out", "frames", "handle_in", "handle_out", "speed", "record_in", "record_out",
           "digest", "vfx_name")


@dataclass(frozen=True, slots=True)
class Pull:
    """What one event needs of its file. `used` and `span` count the file's own frames from 0;
    `span` is `used` with its handles, `short` how many frames of handle the file lacks."""

    event: Event
    media: Media
    rate: Fraction
    used: Span
    span: Span
    short: int


def pulls(timeline: Timeline, media_log: MediaLog, handles: int,
          conform: str = "time") -> tuple[Pull, ...]:
    """The picture events with media, in record order. `handles` counts timeline frames."""
    files = media_log.by_path()
    events = [event for event in timeline.shots() if event.record.length]
    found = []
    for index, event in enumerate(events):
        media = files.get(event.media)
        if media is None:
            continue
        after = next((other for other in events[index + 1:] if other.track == event.track), None)
        found.append(_pull(event, media, _under(event, after), timeline, handles, conform))
    return tuple(found)


def _under(event: Event, after: Event | None) -> int:
    """How many frames the event runs on under the next one's transition."""
    if after and after.transition and after.record.start == event.record.end:
        return after.transition.frames
    return 0


def _pull(event: Event, media: Media, under: int, timeline: Timeline, handles: int,
          conform: str) -> Pull:
    rate = own_rate(media, timeline.rate)
    if is_still(media):
        return Pull(event, media, rate, Span(0, 1), Span(0, 1), 0)
    used = source_needed(event, rate, timeline.rate, event.record.length + under, conform)
    own = handles if conform == "frame" else -(-handles * rate // timeline.rate)
    start = max(0, used.start - int(own))
    end = max(used.end, min(own_frames(media, timeline.rate), used.end + int(own)))
    short = 2 * int(own) - (used.start - start) - (end - used.end)
    return Pull(event, media, rate, used, Span(start, end), short)


def pull_csv(timeline: Timeline, found: tuple[Pull, ...],
             names: Mapping[str, str] | None = None) -> str:
    """The pull list as CSV (RFC 4180); timecode is each file's own, outs are exclusive. `names`
    are what VFX returns should be called, by shot."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for pull in found:
        event, media = pull.event, pull.media
        writer.writerow([
            event.shot, event.track, event.media, media.reel, format_rate(pull.rate),
            _label(pull, pull.used.start), _label(pull, pull.used.end),
            _label(pull, pull.span.start), _label(pull, pull.span.end), pull.span.length,
            pull.used.start - pull.span.start, pull.span.end - pull.used.end,
            "varies" if event.retime else event.speed,
            _record(timeline, event.record.start), _record(timeline, event.record.end),
            media.digest, (names or {}).get(event.shot, "")])
    return stream.getvalue()


def pull_timeline(timeline: Timeline, found: tuple[Pull, ...], names: Mapping[str, str],
                  conform: str = "time") -> Timeline:
    """The pulled frames one after another, at their own speed, for a pull EDL: what a VFX house
    conforms its plates with. A marker at each says what the return should be called."""
    events, marks, at = [], [], 0
    for pull in found:
        step = pull.rate / timeline.rate if conform == "time" else Fraction(1)
        length = max(1, round(pull.span.length / step))
        events.append(replace(
            pull.event, track="V", source=pull.span, record=Span(at, at + length),
            speed=Fraction(1) if not is_still(pull.media) else Fraction(0), transition=None,
            cdl=None, retime=(), placement=None))
        varies = "; its speed varies in the cut" if pull.event.retime else ""
        marks.append(Mark(at, names.get(pull.event.shot, pull.event.shot) + varies, "RED"))
        at += length
    return Timeline(timeline.rate, tuple(events), (), timeline.start_frame, timeline.drop,
                    marks=tuple(marks))


def _label(pull: Pull, frame: int) -> str:
    return format_timecode((pull.media.start_frame or 0) + frame, pull.rate,
                           pull.media.timecode_drop)


def _record(timeline: Timeline, frame: int) -> str:
    return format_timecode(timeline.start_frame + frame, timeline.rate, timeline.drop)


def with_cdls(timeline: Timeline, cdls: Mapping[str, Cdl]) -> Timeline:
    """The timeline with the grade's CDL on each shot, in place of the edit's own."""
    return replace(timeline, events=tuple(
        replace(event, cdl=cdls[event.shot]) if event.shot in cdls else event
        for event in timeline.events))


def ccc_text(cdls: Mapping[str, Cdl]) -> str:
    """A .ccc file of all corrections, each under its shot's id."""
    bodies = []
    for shot, cdl in cdls.items():
        # a .cc without its declaration is the element that a collection holds
        inner = cc_text(cdl).partition("?>\n")[2].rstrip("\n")
        inner = inner.replace(f' xmlns="{NAMESPACE}"', f" id={quoteattr(shot)}", 1)
        bodies.append("\n".join(f"  {row}" for row in inner.split("\n")))
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>',
                      f'<ColorCorrectionCollection xmlns="{NAMESPACE}">', *bodies,
                      "</ColorCorrectionCollection>", ""])
