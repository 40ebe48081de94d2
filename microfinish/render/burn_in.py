"""What a preview says in its picture: PREVIEW, the record timecode, the shot, what is offline.

Written as one ASS script for libass, which counts frames as exactly as it does for subtitles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from microfinish.core.frame import Raster
from microfinish.core.slug import OFFLINE, slug_of
from microfinish.core.time import Span, format_timecode
from microfinish.core.timeline import Event, Timeline
from microfinish.render.ass import escaped, frame_time

_HEADER = """\
[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
WrapStyle: 0
ScaledBorderAndShadow: yes
YCbCr Matrix: None

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, \
Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, \
Alignment, MarginL, MarginR, MarginV, Encoding
Style: label,DejaVu Sans Mono,{small},&H00FFFFFF,&H00FFFFFF,&H70000000,&H70000000,\
-1,0,0,0,100,100,0,0,3,{pad},0,8,{side},{side},{top},-1
Style: slug,DejaVu Sans,{large},&H00FFFFFF,&H00FFFFFF,&H00000000,&H00000000,\
-1,0,0,0,100,100,0,0,1,0,0,5,{side},{side},0,-1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""

UNMATCHED = "color not matched"
_GRAY = r"{\an7\pos(0,0)\1c&H505050&\p1}"


@dataclass(frozen=True, slots=True)
class BurnIn:
    """`title` stands behind PREVIEW; `top_px` is where the label begins, of `raster`'s height.
    `unmatched` are the shots whose color is not final."""

    title: str
    raster: Raster
    top_px: int
    unmatched: frozenset[str] = frozenset()


def burn_in_text(burn: BurnIn, timeline: Timeline) -> str:
    """The ASS script for a whole timeline: a label on every frame, a gray slate over each slug."""
    unit = burn.raster.width / 100
    head = _HEADER.format(
        width=burn.raster.width, height=burn.raster.height, small=round(4.6 * unit),
        large=round(7 * unit), pad=round(0.5 * unit), side=round(4 * unit), top=burn.top_px)
    return head + "".join(line + "\n" for line in (*_slates(burn, timeline),
                                                   *_labels(burn, timeline)))


def _slates(burn: BurnIn, timeline: Timeline) -> Iterator[str]:
    width, height = burn.raster.width, burn.raster.height
    for event in timeline.picture():
        slug = slug_of(event)
        if slug is None:
            continue
        yield _line(0, event.record, timeline, "slug",
                    rf"{_GRAY}m 0 0 l {width} 0 {width} {height} 0 {height}")
        yield _line(1, event.record, timeline, "slug", rf"{OFFLINE}\N{escaped(slug.clip)}")


def _labels(burn: BurnIn, timeline: Timeline) -> Iterator[str]:
    title = escaped(f"PREVIEW {burn.title}".strip())
    shots = _shots(timeline)
    for frame in range(timeline.frames):
        at = format_timecode(timeline.start_frame + frame, timeline.rate, timeline.drop)
        text = rf"{title}\N{at}"
        if shots[frame]:
            text += rf"  {escaped(shots[frame])}"
        if shots[frame] in burn.unmatched:
            text += rf"\N{UNMATCHED}"
        yield _line(2, Span(frame, frame + 1), timeline, "label", text)


def _shots(timeline: Timeline) -> list[str]:
    """The shot on the base track at every frame."""
    found = [""] * timeline.frames
    event: Event
    for event in timeline.picture():
        found[event.record.start:event.record.end] = [event.shot] * event.record.length
    return found


def _line(layer: int, span: Span, timeline: Timeline, style: str, text: str) -> str:
    start, end = (frame_time(frame, timeline.rate) for frame in (span.start, span.end))
    return f"Dialogue: {layer},{start},{end},{style},,0,0,0,,{text}"
