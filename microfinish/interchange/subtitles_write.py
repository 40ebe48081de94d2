"""Subtitle files out: SRT and WebVTT, times that read back to exactly the same frames."""

from __future__ import annotations

import html
from collections.abc import Iterable
from fractions import Fraction

import pysubs2

from microfinish.core.time import Span

FORMATS = ("srt", "vtt")


def write_subtitles(cues: Iterable[tuple[Span, str]], rate: Fraction, format_: str) -> str:
    """The text of a subtitle file of (record frames, plain text), times from the first frame.

    A millisecond lies nearest to a frame's start, so readers that round to frames find the same
    ones up to 500 frames per second.
    """
    file = pysubs2.SSAFile()
    for span, text in cues:
        event = pysubs2.SSAEvent(start=_milliseconds(span.start, rate),
                                 end=_milliseconds(span.end, rate))
        event.plaintext = html.escape(text, quote=False) if format_ == "vtt" else text
        file.append(event)
    written: str = file.to_string(format_)
    return written


def _milliseconds(frame: int, rate: Fraction) -> int:
    return round(Fraction(frame) * 1000 / rate)
