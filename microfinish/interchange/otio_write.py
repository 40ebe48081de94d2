"""OpenTimelineIO out: a timeline as .otio JSON that every reader of the format understands.

Source ranges start at the file's own timecode and last as long as the record; speeds are linear
time warps; a transition lies behind the cut. What OTIO has no place for is in the metadata.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from microfinish.core.media import Media, MediaLog
from microfinish.core.relink import is_still, own_frames, own_rate
from microfinish.core.sampling import curve_position, source_span, step_of
from microfinish.core.timeline import DIPS, Event, Timeline
from microfinish.interchange.otio_marks import own_markers
from microfinish.interchange.otio_own import own_words
from microfinish.interchange.otio_time import rational, span


def write_otio(timeline: Timeline, media_log: MediaLog, title: str, *,
               conform: str = "time") -> str:
    """The timeline as .otio text. `conform` is the project's rule (core.sampling)."""
    files = media_log.by_path()
    made = otio.schema.Timeline(
        name=title, global_start_time=rational(timeline.start_frame, timeline.rate),
        metadata={"microfinish": {"drop_frame": timeline.drop, **(
            {"canvas": list(timeline.canvas)} if all(timeline.canvas) else {})}})
    for letter, kind in (("V", "Video"), ("A", "Audio")):
        numbers = [_number(event.track) for event in timeline.events
                   if event.track.startswith(letter)]
        for number in range(1, max(numbers, default=0) + 1):
            track = otio.schema.Track(name=f"{letter}{number}", kind=kind)
            events = sorted((event for event in timeline.events
                             if event.track.startswith(letter) and event.record.length
                             and _number(event.track) == number),
                            key=lambda event: event.record.start)
            _fill(track, events, timeline, files, conform)
            made.tracks.append(track)
    made.tracks.markers.extend(own_markers(timeline))
    text: str = made.to_json_string(indent=2)
    return text + "\n"


def _fill(track: Any, events: list[Event], timeline: Timeline, files: dict[str, Media],
          conform: str) -> None:
    at = 0
    for event in events:
        if event.record.start > at:
            track.append(_gap(event.record.start - at, timeline.rate))
        if event.transition:
            dip = DIPS.get(event.transition.kind, "")
            track.append(otio.schema.Transition(
                name=f"Dip to {dip.title()}" if dip else "",
                transition_type=otio.schema.TransitionTypes.Custom if dip
                else otio.schema.TransitionTypes.SMPTE_Dissolve,
                in_offset=rational(0, timeline.rate),
                out_offset=rational(event.transition.frames, timeline.rate)))
        if event.media:
            track.append(_clip(event, files.get(event.media), timeline.rate, conform))
        else:
            track.append(_black(event, timeline.rate))
        at = event.record.end


def _gap(frames: int, rate: Fraction) -> Any:
    return otio.schema.Gap(source_range=span(0, rate, frames, rate))


def _black(event: Event, rate: Fraction) -> Any:
    """Black that stands for itself is a generator, so that it is kept at the end of a track."""
    if event.transition or not event.track.startswith("V"):
        return _gap(event.record.length, rate)
    return otio.schema.Clip(
        name="black", source_range=span(0, rate, event.record.length, rate),
        media_reference=otio.schema.GeneratorReference(
            name="black", generator_kind="black",
            available_range=span(0, rate, event.record.length, rate)))


def _clip(event: Event, media: Media | None, rate: Fraction, conform: str) -> Any:
    own = own_rate(media, rate) if media else rate
    first = media.start_frame or 0 if media else 0
    still = media is not None and is_still(media)
    length = event.record.length
    start = 0 if still else event.source.start
    step = step_of(Fraction(1) if still else event.speed, own, rate, conform)
    # OpenTimelineIO counts time: frames shown one by one are a speed where rates differ
    speed = Fraction(1) if still else step * rate / own
    if event.retime and not still:
        # other programs see the speed on average
        first_key, last_key = (curve_position(event.retime, at)[0] for at in (0, length))
        start, speed = math.floor(first_key), (last_key - first_key) / length * rate / own
    elif step < 0:
        # read back, start and record length give the range, and its last frame is shown first
        start = event.source.end - max(source_span(0, length, -step).length, round(length * -step))
    available = span(first, own, own_frames(media, rate), own) if media else None
    clip = otio.schema.Clip(
        name=event.name or event.media.rpartition("/")[2],
        source_range=span(first + start, own, length, rate),
        media_reference=otio.schema.ExternalReference(event.media, available),
        metadata={"microfinish": own_words(event)})
    if media and media.reel:
        clip.metadata["cmx_3600"] = {"reel": media.reel}
    if event.cdl:
        clip.metadata["cdl"] = {
            "asc_sat": event.cdl.saturation,
            "asc_sop": {"slope": list(event.cdl.slope), "offset": list(event.cdl.offset),
                        "power": list(event.cdl.power)}}
    if speed == 0:
        clip.effects.append(otio.schema.FreezeFrame())
    elif speed != 1:
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(speed)))
    return clip


def _number(track: str) -> int:
    return int(track[1:] or 1)
