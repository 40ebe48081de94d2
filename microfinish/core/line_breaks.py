"""Line breaks: where text may break, and the balanced lines that fit a width.

Words break at spaces and after hyphens; Chinese, Japanese and Korean break between characters
with the basic prohibitions of JIS X 4051 (kinsoku); Thai, Lao and Khmer, written without spaces,
break only before a leading vowel, which always begins a syllable.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cache

WidthOf = Callable[[str], float]

_NOT_FIRST = frozenset("、。，．・：；？！…‥ー々〻゛゜）］｝」』】〉》〕〗％"
                       "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
                       ",.:;?!)]}%’”»·~～")
_NOT_LAST = frozenset("（［｛「『【〈《〔〖([{‘“«￥＄$¥")
_LEADING_VOWELS = frozenset("เแโใไເແໂໃໄ")
_AFTER = frozenset("-–—\u200b")
_PHRASE_END = frozenset(",.;:!?…、。，．；：！？")
_PHRASE_GAIN = 0.1
"""A break after punctuation is worth lines less even by this share of the squared limit."""


class TooWideError(Exception):
    """A piece that cannot be broken is wider than the line: `piece`, `width`."""

    def __init__(self, piece: str, width: float) -> None:
        super().__init__(f"{piece!r} is {width:.0f} px wide")
        self.piece = piece
        self.width = width


def pieces(text: str) -> tuple[str, ...]:
    """The unbreakable pieces of one line of text; joined they give the text back."""
    found: list[str] = []
    current = ""
    for before, char in zip("\0" + text, text, strict=False):
        if current and _may_break(before, char):
            found.append(current)
            current = ""
        current += char
    return (*found, current) if current else tuple(found)


def _may_break(before: str, char: str) -> bool:
    if unicodedata.combining(char) or char in "\u200d\ufe0f\u2060" or before in "\u200d\u2060":
        return False
    if char.isspace() or char in _NOT_FIRST or before in _NOT_LAST:
        return False
    if before == "\u00a0":
        return False
    return (before.isspace() or before in _AFTER or _wide(char) or _wide(before)
            or char in _LEADING_VOWELS)


def _wide(char: str) -> bool:
    # Hangul breaks at spaces in drama subtitles; only Han and kana break anywhere.
    return unicodedata.east_asian_width(char) in "WF" and not "\uac00" <= char <= "\ud7a3"


def wrap(text: str, width_of: WidthOf, limit: float) -> tuple[str, ...]:
    """`text` in as few lines as fit into `limit`, as even in width as they can be.

    The author's own line breaks are kept where every line fits, and always for dialogue dashes.
    `width_of` gives the pixels of one line. Raises TooWideError.
    """
    given = tuple(line.strip() for line in text.split("\n") if line.strip())
    measured = cache(width_of)
    if all(measured(line) <= limit for line in given):
        return given
    if len(given) > 1 and all(line[0] in "-–—" for line in given):
        return tuple(part for line in given for part in _fewest(line, measured, limit))
    return _fewest(_joined(given), measured, limit)


def _joined(lines: tuple[str, ...]) -> str:
    text = lines[0]
    for line in lines[1:]:
        glue = "" if _wide(text[-1]) and _wide(line[0]) else " "
        text += glue + line
    return text


def _fewest(text: str, width_of: WidthOf, limit: float) -> tuple[str, ...]:
    parts = pieces(text)
    for part in parts:
        if width_of(part.strip()) > limit:
            raise TooWideError(part.strip(), width_of(part.strip()))
    for count in range(1, len(parts) + 1):
        lines = _balanced(parts, count, width_of, limit)
        if lines:
            return lines
    return (text,)


def _balanced(
    parts: tuple[str, ...], count: int, width_of: WidthOf, limit: float
) -> tuple[str, ...]:
    """The `count` lines with the least sum of squared widths, or () where they do not fit.

    Breaks after punctuation are preferred a little: people read in phrases.
    """

    @cache
    def best(start: int, left: int) -> tuple[float, tuple[str, ...]]:
        if left == 1:
            line = "".join(parts[start:]).strip()
            width = width_of(line)
            return (width * width, (line,)) if width <= limit else (float("inf"), ())
        found: tuple[float, tuple[str, ...]] = (float("inf"), ())
        for end in range(start + 1, len(parts) - left + 2):
            line = "".join(parts[start:end]).strip()
            width = width_of(line)
            if width > limit:
                break
            cost, rest = best(end, left - 1)
            gain = _PHRASE_GAIN * limit * limit if line[-1:] in _PHRASE_END else 0.0
            found = min(found, (width * width - gain + cost, (line, *rest)), key=lambda c: c[0])
        return found

    return best(0, count)[1]
