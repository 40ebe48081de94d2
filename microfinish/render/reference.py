"""What is burnt into a reference picture: which frame of which file one looks at.

At the top the shot, the clip and its source timecode (in a dissolve both clips'), at the bottom
the record timecode: an ASS script for libass, which counts frames as it does for subtitles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from microfinish.core.frame import Raster
from microfinish.core.media import Media
from microfinish.core.relink import is_still, own_rate
from microfinish.core.sampling import source_frame
from microfinish.core.time import Span, format_timecode
from microfinish.core.timeline import Event, Timeline
from microfinish.render.ass import escaped, frame_time

# BorderStyle 3 draws the outline color as a box behind each line: legible on snow and at night.
_HEADER = """\
[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
WrapStyle: 2
YCbCr Matrix: None

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, \
Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, \
Alignment, MarginL, MarginR, MarginV, Encoding
Style: source,DejaVu Sans Mono,{size},&H00FFFFFF,&H00FFFFFF,&H60000000,&H60000000,\
0,0,0,0,{stretch},100,0,0,3,{pad},0,7,{side},{side},{side},-1
Style: record,DejaVu Sans Mono,{large},&H00FFFFFF,&H00FFFFFF,&H60000000,&H60000000,\
-1,0,0,0,100,100,0,0,3,{pad},0,2,{side},{side},{side},-1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
_ADVANCE = 0.52
"""Width of a DejaVu Sans Mono glyph over its line height, which libass takes for its size."""


@dataclass(frozen=True, slots=True)
class Burnt:
    """The lines of one record frame: `source` at the top, `record` at the bottom."""

    source: tuple[str, ...]
    record: str


def burnt_lines(timeline: Timeline, media: Mapping[str, Media], conform: str, frame: int) -> Burnt:
    """What stands in the picture at a record frame of the timeline."""
    shown = _shown(timeline, frame)
    lines: list[str] = [shown[-1].shot or "no id"] if shown else ["black"]
    for event in shown:
        file = media.get(event.media)
        lines.append(file.name if file else "black")
        if file is not None:
            lines.append(_source(event, file, timeline, conform, frame))
    record = format_timecode(timeline.start_frame + frame, timeline.rate, timeline.drop)
    return Burnt(tuple(lines), f"REC {record}")


def _shown(timeline: Timeline, frame: int) -> list[Event]:
    """The events of the base track at a frame; in a dissolve the outgoing one, then its heir."""
    before: Event | None = None
    for event in timeline.picture():
        if event.record.start <= frame < event.record.end:
            mixed = event.transition.frames if event.transition else 0
            if before is not None and frame - event.record.start < mixed:
                return [before, event]
            return [event]
        before = event
    return []


def _source(event: Event, file: Media, timeline: Timeline, conform: str, frame: int) -> str:
    if is_still(file):
        return "SRC still"
    rate = own_rate(file, timeline.rate)
    own = source_frame(event, rate, timeline.rate, frame, conform)
    return "SRC " + format_timecode((file.start_frame or 0) + own, rate, file.timecode_drop)


def reference_text(timeline: Timeline, media: Mapping[str, Media], conform: str, raster: Raster,
                   span: Span) -> str:
    """The ASS script for the record `span`, times relative to its start."""
    frames = [burnt_lines(timeline, media, conform, frame)
              for frame in range(span.start, span.end)]
    side, size = round(raster.width / 40), round(raster.width / 19)
    longest = max((len(line) for burnt in frames for line in burnt.source), default=1)
    stretch = min(100, int(100 * (raster.width - 4 * side) / (longest * size * _ADVANCE)))
    head = _HEADER.format(width=raster.width, height=raster.height, size=size, side=side,
                          large=round(raster.width / 14), pad=max(1, side // 6),
                          stretch=max(30, stretch))
    rows = [f"Dialogue: 0,{start},{end},{style},,0,0,0,,{text}\n"
            for start, end, style, text in _rows(frames, timeline)]
    return head + "".join(rows)


def _rows(frames: list[Burnt], timeline: Timeline) -> Iterator[tuple[str, str, str, str]]:
    for index, burnt in enumerate(frames):
        start, end = frame_time(index, timeline.rate), frame_time(index + 1, timeline.rate)
        yield start, end, "source", r"\N".join(map(escaped, burnt.source))
        yield start, end, "record", escaped(burnt.record)
