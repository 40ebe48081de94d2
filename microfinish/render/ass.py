"""Burnt titles as an ASS script for libass, timed so that each cue is on exactly its frames."""

from __future__ import annotations

import math
from fractions import Fraction

from microfinish.core.frame import Raster
from microfinish.core.time import Span
from microfinish.core.title import Box, Cue, TitleTrack

_HEADER = """\
[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
WrapStyle: 2
ScaledBorderAndShadow: yes
Kerning: yes
YCbCr Matrix: None
Language: {language}
; font {font} {digest}

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, \
Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, \
Alignment, MarginL, MarginR, MarginV, Encoding
Style: {style}

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""

_WORD_JOINER = "\u2060"


def ass_text(track: TitleTrack, raster: Raster, rate: Fraction, span: Span | None = None) -> str:
    """The ASS script of the cues that touch the record `span`, times relative to its start.

    `raster` is the delivered one; where it differs from the track's own, the box scales with it.
    `span` None means the whole timeline. The text depends on nothing outside the span, so a
    changed cue changes only the scripts of the segments it touches. Times are centiseconds
    strictly between two frames; rates up to 60 fps are exact.
    """
    shown = [(cue, inside) for cue in track.cues if (inside := _inside(cue.span, span))]
    box = _scaled(track.box, track.raster, raster)
    side = max(box.left, raster.width - box.right)
    lines = [f"Dialogue: 0,{frame_time(inside.start, rate)},{frame_time(inside.end, rate)},burn,,"
             + (f"{side},{side},0,," if cue.centered else "0,0,0,,") + _text(cue)
             for cue, inside in shown]
    return _header(track, raster) + "".join(line + "\n" for line in lines)


def touches(track: TitleTrack, span: Span) -> bool:
    """Whether any cue shows inside `span`: without one, no title filter is needed."""
    return any(cue.span.overlap(span) for cue in track.cues)


def _inside(cue: Span, span: Span | None) -> Span | None:
    if span is None:
        return cue if cue.length else None
    part = cue.overlap(span)
    return part.shifted(-span.start) if part else None


def _header(track: TitleTrack, raster: Raster) -> str:
    return _HEADER.format(width=raster.width, height=raster.height, language=track.language,
                          font=track.style.font, digest=track.font_digest,
                          style=_style(track, raster))


def _style(track: TitleTrack, raster: Raster) -> str:
    style, box = track.style, _scaled(track.box, track.raster, raster)
    scale = raster.width / 1080
    outline, shadow = style.outline_px * scale, style.shadow_px * scale
    # libass draws the outline outside the glyphs, and places lines on whole pixels of its own:
    # without this room the lowest row of a descender would leave the box (measured: one row).
    below = math.ceil(outline + shadow) + 2
    return ",".join((
        "burn", style.font, _number(style.size_px * scale * track.line_ratio),
        _color(style.color), _color(style.color), _color(style.outline_color), "&H80000000",
        "-1" if style.bold else "0", "0", "0", "0", "100", "100", "0", "0", "1",
        _number(outline), _number(shadow), "2", str(box.left), str(raster.width - box.right),
        str(raster.height - box.bottom + below),
        "-1",  # base direction of each line from its own letters: Arabic, Hebrew
    ))


def _scaled(box: Box, made_for: Raster, raster: Raster) -> Box:
    """The box on another raster, rounded inwards."""
    left, right = (Fraction(x * raster.width, made_for.width) for x in (box.left, box.right))
    top, bottom = (Fraction(y * raster.height, made_for.height) for y in (box.top, box.bottom))
    return Box(math.ceil(left), math.ceil(top), math.floor(right), math.floor(bottom))


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _color(rgb: str) -> str:
    red, green, blue = rgb[1:3], rgb[3:5], rgb[5:7]
    return f"&H00{blue}{green}{red}".upper()


def _text(cue: Cue) -> str:
    return r"\N".join(escaped(line) for line in cue.lines)


def escaped(line: str) -> str:
    """A line libass prints as it is: no override block, no escape, no lost spaces.

    libass knows no escaped backslash: an invisible word joiner after it stops it from forming
    `\\N`, `\\h` or an escaped brace.
    """
    text = line.replace("\\", "\\" + _WORD_JOINER)
    text = text.replace("{", r"\{").replace("}", r"\}")
    return " ".join(text.split())


def frame_time(frame: int, rate: Fraction) -> str:
    """The centisecond between `frame - 1` and `frame`, nearest to their middle.

    libass compares whole milliseconds of a frame's own time with start <= now < end, so a time in
    the middle of the gap turns a cue on, or off, exactly at `frame` (23.976 too).
    """
    centiseconds = max(0, round((Fraction(frame) - Fraction(1, 2)) * 100 / rate))
    seconds, hundredths = divmod(centiseconds, 100)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}.{hundredths:02}"
