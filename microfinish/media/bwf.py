"""Broadcast Wave metadata: the `bext` time reference and the `iXML` track names and rate.

EBU Tech 3285 (bext), Tech 3306 (RF64, BW64) and iXML 2. A time reference counts samples since
midnight on the recorder's clock: at 23.976 the timecode label is NOT samples / 48000 printed as
a time (45.6 s off at noon), but samples / 48000 * 24000/1001 frames, labeled 24 to the second.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

from microfinish.core.errors import InputError
from microfinish.core.time import parse_rate

_LARGEST_CHUNK = 16 << 20
_SPEED = re.compile(r"^\s*[a-z]?SPEED\s*=\s*0*([\d./]+?)\s*-?\s*(NDF?|DF)?\s*$",
                    re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class BroadcastWave:
    """What a recorder wrote beside the sound. `time_reference` is None without a bext chunk.

    `clock_rate` is the sample rate that the time reference counts at, where iXML states one.
    """

    time_reference: int | None = None
    clock_rate: int | None = None
    timecode_rate: Fraction | None = None
    drop: bool = False
    tape: str = ""
    scene: str = ""
    take: str = ""
    names: tuple[str, ...] = ()
    notes: dict[str, str] = field(default_factory=dict)


def read_bwf(path: Path) -> BroadcastWave | None:
    """The metadata of a WAV, RF64 or BW64 file; None for any other file.

    Damaged or absent chunks give empty fields. Raises OSError if the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] not in (b"RIFF", b"RF64", b"BW64") or head[8:12] != b"WAVE":
            return None
        return _meaning(_chunks(file))


def _chunks(file: BinaryIO) -> dict[bytes, bytes]:
    """The small chunks by name; sound data is skipped, its RF64 length taken from ds64."""
    found: dict[bytes, bytes] = {}
    while len(header := file.read(8)) == 8:
        name, size = header[:4], int.from_bytes(header[4:], "little")
        if name == b"data" and size == 0xFFFFFFFF:
            size = int.from_bytes(found.get(b"ds64", b"")[8:16], "little")
        if name in (b"bext", b"iXML", b"ds64", b"fmt ") and size <= _LARGEST_CHUNK:
            found.setdefault(name, file.read(size))
            file.seek(size & 1, 1)
        else:
            file.seek(size + (size & 1), 1)
    return found


def _meaning(chunks: dict[bytes, bytes]) -> BroadcastWave:
    bext = chunks.get(b"bext", b"")
    described = bext[:256].split(b"\0")[0].decode("utf-8", "replace")
    reference = int.from_bytes(bext[338:346], "little") if len(bext) >= 346 else None
    ixml = _ixml(chunks.get(b"iXML", b""))
    rate, drop = _rate(ixml, described)
    high, low = (_number(ixml.get(f"TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_{half}"))
                 for half in ("HI", "LO"))
    if not reference and high is not None and low is not None:
        reference = (high << 32) + low
    return BroadcastWave(
        time_reference=reference, clock_rate=_number(ixml.get("TIMESTAMP_SAMPLE_RATE")),
        timecode_rate=rate, drop=drop,
        tape=ixml.get("TAPE", "") or _described(described, "TAPE"),
        scene=ixml.get("SCENE", "") or _described(described, "SCENE"),
        take=ixml.get("TAKE", "") or _described(described, "TAKE"),
        names=_named(ixml.get("TRACKS", "").split("\n")) or _described_tracks(described),
        notes={key: text for key, text in (
            *((key, ixml.get(key, "")) for key in ("PROJECT", "NOTE", "CIRCLED", "FILE_UID")),
            ("UMID", _umid(bext))) if text})


def _umid(bext: bytes) -> str:
    """The SMPTE UMID of a bext chunk, which has one from version 1 on; "" for one left empty."""
    version, umid = int.from_bytes(bext[346:348], "little"), bext[348:412]
    return umid.hex() if version and len(umid) == 64 and any(umid) else ""


def _ixml(data: bytes) -> dict[str, str]:
    """Leaves of the iXML document by tag; TRACKS holds the track names, one per line."""
    text = data.rstrip(b"\0 \r\n\t")
    # no recorder writes a document type; refusing it keeps entity expansion out
    if not text or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        return {}
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, LookupError):
        return {}
    values: dict[str, str] = {}
    for element in root.iter():
        if len(element) == 0 and element.text and element.text.strip():
            values.setdefault(element.tag.upper(), element.text.strip())
    tracks = sorted(root.iter("TRACK"), key=lambda track: _number(
        track.findtext("INTERLEAVE_INDEX") or track.findtext("CHANNEL_INDEX")) or 0)
    values["TRACKS"] = "\n".join((track.findtext("NAME") or "").strip() for track in tracks)
    return values


def _rate(ixml: dict[str, str], described: str) -> tuple[Fraction | None, bool]:
    """The timecode rate and counting, from iXML, else from the bext description."""
    text, flag = ixml.get("TIMECODE_RATE", ""), ixml.get("TIMECODE_FLAG", "")
    if not text:
        match = _SPEED.search(described)
        text, flag = (match[1], match[2] or "") if match else ("", "")
    try:
        return (parse_rate(text) if text else None), flag.upper() == "DF"
    except InputError:
        return None, False


def _described(text: str, key: str) -> str:
    match = re.search(rf"^\s*[a-z]?{key}=(.*?)\s*$", text, re.MULTILINE)
    return match[1] if match else ""


def _described_tracks(text: str) -> tuple[str, ...]:
    found = re.findall(r"^\s*[a-z]?TRK?(\d+)=(.*?)\s*$", text, re.MULTILINE)
    return tuple(name for _, name in sorted(found, key=lambda item: int(item[0])))


def _named(names: list[str]) -> tuple[str, ...]:
    """The names in track order, "" for a track without; () where no track has one."""
    return tuple(names) if any(names) else ()


def _number(text: str | None) -> int | None:
    return int(text) if text and text.strip().isdigit() else None
