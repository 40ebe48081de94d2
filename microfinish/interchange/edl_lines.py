"""CMX3600 lines: every line of an EDL kept with its number and cut into fields, nothing judged.

Field widths are free: event numbers of 1 to 6 digits, reels of any length, tabs or spaces,
DOS, Mac and Unix line ends, UTF-8, UTF-16 and Windows-1252.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

_TIMECODE = r"\d{1,2}[:;.,]\d{2}[:;.,]\d{2}[:;.,]\d{2,3}"
_TRACK = r"(?:NONE|AA|B|V\d*|A\d*)"
_EVENT = re.compile(
    rf"^\s*(?P<number>\d{{1,6}})\s+(?P<reel>\S.*?)\s+(?P<tracks>{_TRACK}(?:[/,+]?{_TRACK})*)\s+"
    r"(?P<kind>C|D|W\d{0,3}|K\s*B|K\s*O|K)\s*(?P<frames>\d{1,4})?\s+"
    rf"(?P<source_in>{_TIMECODE})\s+(?P<source_out>{_TIMECODE})\s+"
    rf"(?P<record_in>{_TIMECODE})\s+(?P<record_out>{_TIMECODE})(?P<rest>.*)$", re.IGNORECASE)
_MOTION = re.compile(
    rf"^\s*M2\s+(?P<reel>\S.*?)\s+(?P<fps>[+-]?\s?\d+(?:\.\d*)?)\s+(?P<at>{_TIMECODE})?\s*$",
    re.IGNORECASE)
_PATTERNS = (
    ("event", _EVENT),
    ("motion", _MOTION),
    ("title", re.compile(r"^\s*TITLE:\s*(?P<title>.*?)\s*$", re.IGNORECASE)),
    ("count", re.compile(r"^\s*FCM:\s*(?P<mode>.*?)\s*$", re.IGNORECASE)),
    ("sound", re.compile(r"^\s*AUD\s+(?P<channels>\d[\d\s]*)$", re.IGNORECASE)),
    ("note", re.compile(
        r"^\s*(?:\*\s*)?(?P<key>FROM CLIP NAME|TO CLIP NAME|SOURCE FILE|FROM FILE|TO FILE"
        r"|FROM CLIP|TO CLIP|ASC_SOP|ASC_SAT|KEY CLIP NAME|LOC|FINAL CUT PRO REEL)"
        r"(?:\s*:\s*|\s+(?=[(:\d.])|(?=\())(?P<value>.*?)\s*$", re.IGNORECASE)),
    ("effect", re.compile(
        r"^\s*(?:\*\s*)?(?P<value>(?:EFFECTS? NAME IS|AVX2? EFFECT|BLEND,).*?)\s*$",
        re.IGNORECASE)),
    ("comment", re.compile(r"^\s*(?:\*|REM\b)\s*(?P<value>.*?)\s*$", re.IGNORECASE)),
)


_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"),
          (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF16_LE, "utf-16-le"),
          (codecs.BOM_UTF16_BE, "utf-16-be"))
"""UTF-32 first: its mark begins with that of UTF-16."""


@dataclass(frozen=True, slots=True)
class EdlLine:
    """One line: `kind` is event, motion, title, count, sound, note, effect, comment, blank or
    unknown; `fields` are its parts as text."""

    number: int
    text: str
    kind: str
    fields: dict[str, str] = field(default_factory=dict)


def decode(data: bytes) -> tuple[str, str]:
    """(text, encoding) of an EDL's bytes; Windows-1252 where it is no Unicode."""
    encoding, mark = unicode_of(data)
    if encoding:
        return data[len(mark):].decode(encoding, "replace"), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        # latin-1 for the five bytes that Windows-1252 leaves undefined
        text = "".join(_western(byte) for byte in data)
        return text, "windows-1252"


def unicode_of(data: bytes) -> tuple[str, bytes]:
    """(encoding, byte order mark) of Unicode text that shows what it is; else two empty ones.

    Without a mark, UTF-16 and UTF-32 show by where their zero bytes lie: an edit list is mostly
    ASCII, whatever the language of its title.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, mark
    head = data[:4000]
    if head.count(0) <= len(head) / 5:  # a stray one is damage
        return "", b""
    zeros = [head[place::4].count(0) for place in range(4)]
    most = len(head) / 4 * 0.9
    if sum(count > most for count in zeros) == 3:
        return ("utf-32-le" if zeros[0] < most else "utf-32-be"), b""
    return ("utf-16-le" if zeros[1] + zeros[3] >= zeros[0] + zeros[2] else "utf-16-be"), b""


def _western(byte: int) -> str:
    try:
        return bytes((byte,)).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def lines(text: str) -> tuple[EdlLine, ...]:
    """Every line of the text in order, numbered from 1."""
    rows = re.split(r"\r\n|\r|\n", text.rstrip("\x1a"))
    return tuple(_line(number, row) for number, row in enumerate(rows, 1))


def _line(number: int, text: str) -> EdlLine:
    if not text.strip():
        return EdlLine(number, text, "blank")
    for kind, pattern in _PATTERNS:
        match = pattern.match(text)
        if match:
            fields = {key: value.strip() for key, value in match.groupdict().items()
                      if value is not None}
            return EdlLine(number, text, kind, fields)
    return EdlLine(number, text, "unknown")


def tracks(text: str) -> tuple[str, ...]:
    """`V`, `V2`, `A1`, `A2` ... of a track field: AA is A1 and A2, B is V and A1, NONE nothing."""
    found: list[str] = []
    for token in re.findall(_TRACK, text, re.IGNORECASE):
        found.extend(_TRACK_NAMES.get(token.upper(), (token.upper(),)))
    return tuple(dict.fromkeys(found))


_TRACK_NAMES = {"AA": ("A1", "A2"), "B": ("V", "A1"), "NONE": (), "A": ("A1",), "V1": ("V",)}
