"""Subtitle files in: SRT, WebVTT and ASS to timed text, with the line each cue stands on.

pysubs2 parses; this module finds the encoding, keeps line numbers, and refuses what pysubs2
would silently glue to the cue before (broken time lines, WebVTT notes and identifiers).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from fractions import Fraction

import pysubs2

from microfinish.core.errors import InputError, Problem, ProblemsError, Where
from microfinish.core.title import TimedText

FORMATS = {"srt": "srt", "vtt": "vtt", "ass": "ass", "ssa": "ssa"}

_LEGACY = {"ja": "cp932", "ko": "cp949", "zh": "gb18030", "zh-hant": "big5", "zh-tw": "big5",
           "zh-hk": "big5", "ru": "cp1251", "uk": "cp1251", "bg": "cp1251", "el": "cp1253",
           "tr": "cp1254", "he": "cp1255", "ar": "cp1256", "fa": "cp1256", "vi": "cp1258",
           "pl": "cp1250", "cs": "cp1250", "hu": "cp1250", "th": "cp874"}
_TIMES = {"srt": re.compile(r"^\s*\d{1,2}:\d{2}:\d{2}[.,]\d{1,3}\s*-+>\s*"
                            r"\d{1,2}:\d{2}:\d{2}[.,]\d{1,3}"),
          "vtt": re.compile(r"^\s*(\d{2,4}:)?\d{2}:\d{2}\.\d{3}\s+-->\s+"
                            r"(\d{2,4}:)?\d{2}:\d{2}\.\d{3}")}
_TIME_LIKE = re.compile(r"-->|^\s*\d+:\d{2}[:.,;]\d+\D.*\d+:\d{2}[:.,;]\d+\s*$")
_NUMBER_ONLY = re.compile(r"^\s*\d+\s*$")
_KEEP = "\u2060"
"""Set after a line of digits, so that pysubs2 does not take it for a cue number."""


@dataclass(frozen=True, slots=True)
class Subtitles:
    """A subtitle file, in file order; `encoding` is what its bytes turned out to be."""

    cues: tuple[TimedText, ...]
    encoding: str


def read_subtitles(data: bytes, file: str, language: str = "") -> Subtitles:
    """The cues of a subtitle file, styling dropped.

    `file` names it in messages and tells the format by its extension; `language` (BCP 47) helps
    where the bytes are in an old encoding. Raises ProblemsError with the line of everything
    that cannot be read: no part of a broken file is used.
    """
    kind = FORMATS.get(file.rpartition(".")[2].lower())
    if kind is None:
        raise InputError(f"{file}: not a subtitle format", where=Where(file),
                         hint=f"use one of {', '.join(FORMATS)}")
    text, encoding = decode(data, file, language)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    cues = _ass_cues(text, kind, file) if kind in ("ass", "ssa") else _srt_cues(text, kind, file)
    if not cues and text.strip():
        raise InputError(f"{file} holds no cue", where=Where(file, 1),
                         hint=f"is this really a .{kind} file?")
    return Subtitles(cues, encoding)


def decode(data: bytes, file: str = "", language: str = "") -> tuple[str, str]:
    """(text, encoding): by byte order mark, then UTF-8, then UTF-16, then what fits the language.

    Raises InputError where nothing fits.
    """
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"),
                       (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _strict(data, name, file), name
    candidates = ("utf-8",) if b"\0" not in data else (
        ("utf-16-le",) if data[1::2].count(0) >= data[::2].count(0) else ("utf-16-be",))
    for name in (*candidates, *_legacy(data, language)):
        try:
            return data.decode(name), name
        except UnicodeDecodeError:
            continue
    raise InputError(f"{file}: the text's encoding is not known", where=Where(file),
                     hint="save the file as UTF-8")


def _strict(data: bytes, encoding: str, file: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[:error.start].count(b"\n") + 1
        raise InputError(f"{file}: bytes on line {line} are not {encoding}",
                         where=Where(file, line), hint="save the file as UTF-8") from error


def _legacy(data: bytes, language: str) -> tuple[str, ...]:
    tag = language.lower()
    named = _LEGACY.get(tag) or _LEGACY.get(tag.partition("-")[0])
    if named or tag:
        return (named or "cp1252",)
    east = [name for name, looks in (("cp932", _looks_japanese), ("gb18030", _looks_chinese))
            if looks(data.decode(name, "replace"))]
    return (*east, "cp1252")


def _looks_japanese(text: str) -> bool:
    """Kana are a third of any Japanese text, and chance bytes seldom make them."""
    letters = [c for c in text if ord(c) > 0x7F]
    kana = sum("\u3041" <= c <= "\u30ff" for c in letters)
    return "\ufffd" not in text and kana >= 0.2 * len(letters) > 0


def _looks_chinese(text: str) -> bool:
    """Everyday characters lie in GB 2312 level 1, whose first byte is B0 to D7."""
    letters = [c for c in text if ord(c) > 0x7F]
    common = sum(0xB0 <= c.encode("gb18030")[0] <= 0xD7 for c in letters if c != "\ufffd")
    return "\ufffd" not in text and common >= 0.6 * len(letters) > 0


def _srt_cues(text: str, kind: str, file: str) -> tuple[TimedText, ...]:
    lines = text.split("\n")
    at = [n for n, line in enumerate(lines) if _TIMES[kind].match(line)]
    times = set(at)
    problems = [Problem(f"not a {kind.upper()} time line: {line.strip()}", Where(file, n + 1),
                        "write 00:00:01,000 --> 00:00:02,500" if kind == "srt"
                        else "write 00:00:01.000 --> 00:00:02.500")
                for n, line in enumerate(lines) if _TIME_LIKE.search(line) and n not in times]
    cleaned = _without_identifiers(lines, at, kind)
    events = _parsed("\n".join(cleaned), kind, file)
    if len(events) != len(at) and not problems:
        problems.append(Problem("the file's cues cannot be told apart", Where(file)))
    return _checked(events, [n + 1 for n in at], file, problems)


def _without_identifiers(lines: list[str], at: list[int], kind: str) -> list[str]:
    """Blank out cue numbers and WebVTT notes, styles and identifiers; line numbers stay."""
    cleaned = list(lines)
    times = set(at)
    block_start = True
    skipping = kind == "vtt"
    for n, line in enumerate(lines):
        if not line.strip():
            block_start, skipping = True, False
            continue
        if n in times:
            skipping = False
        elif skipping or (n + 1 in times and (kind == "vtt" or _NUMBER_ONLY.match(line))):
            cleaned[n] = ""
        elif kind == "vtt" and block_start and re.match(r"^(NOTE|STYLE|REGION)\b", line):
            cleaned[n], skipping = "", True
        elif _NUMBER_ONLY.match(line):
            cleaned[n] = line.rstrip() + _KEEP
        block_start = False
    return cleaned


def _ass_cues(text: str, kind: str, file: str) -> tuple[TimedText, ...]:
    at = [n + 1 for n, line in enumerate(text.split("\n")) if line.strip().startswith("Dialogue:")]
    events = [event for event in _parsed(text, kind, file) if not event.is_comment]
    if len(events) != len(at):
        raise InputError(f"{file}: {len(at)} Dialogue lines, {len(events)} readable",
                         where=Where(file), hint="open and save the file in Aegisub")
    shown = [(event, line) for event, line in zip(events, at, strict=True) if not event.is_drawing]
    return _checked([event for event, _ in shown], [line for _, line in shown], file, [])


def _parsed(text: str, kind: str, file: str) -> list[pysubs2.SSAEvent]:
    try:
        return list(pysubs2.SSAFile.from_string(text, format_=kind))
    except (ValueError, KeyError, IndexError, pysubs2.exceptions.Pysubs2Error) as error:
        raise InputError(f"{file}: {error}", where=Where(file),
                         hint=f"the file is not readable as {kind.upper()}") from error


def _checked(
    events: list[pysubs2.SSAEvent], at: list[int], file: str, problems: list[Problem]
) -> tuple[TimedText, ...]:
    cues = []
    for event, line in zip(events, at, strict=False):
        if event.end <= event.start:
            problems.append(Problem("the cue ends before it starts", Where(file, line),
                                    "swap or correct the two times"))
        cues.append(TimedText(Fraction(event.start, 1000), Fraction(event.end, 1000),
                              _plain(event), line))
    if problems:
        problems.sort(key=lambda problem: problem.where or Where(file))
        raise ProblemsError(tuple(problems))
    return tuple(cue for cue in cues if cue.text)


def _plain(event: pysubs2.SSAEvent) -> str:
    text = html.unescape(event.plaintext.replace(_KEEP, "").replace("\ufeff", ""))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
