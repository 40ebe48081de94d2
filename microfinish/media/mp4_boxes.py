"""Read the boxes of an MP4 or MOV file: the index, edit lists, times, sizes, color, matrix.

Pure Python over ISO/IEC 14496-12 and the QuickTime File Format. Sample data are never read, so a
file of any length costs its index only.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from microfinish.core.errors import ToolError

_CONTAINERS = {"moov", "trak", "mdia", "minf", "stbl", "edts"}
_IDENTITY = (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_MAX_BOX_BYTES = 256 * 1024 * 1024
_SAMPLE_ENTRY_BYTES = {"vide": 78, "soun": 28}


@dataclass(frozen=True, slots=True)
class Edit:
    """One line of an edit list. `media_time` -1 is an empty edit. Units: movie and media ticks."""

    duration: int
    media_time: int
    rate: Fraction


@dataclass(frozen=True, slots=True)
class ColorTag:
    """A `colr` box: `kind` nclx (MP4) or nclc (MOV), code points of ITU-T H.273."""

    kind: str
    primaries: int
    transfer: int
    matrix: int
    full_range: bool | None


@dataclass(frozen=True, slots=True)
class Track:
    """One track. `durations` are run lengths (count, ticks); so are `offsets` (ctts).

    `sizes` is empty where all samples are `sample_bytes` long (PCM). `sync_samples` counts from
    0; None means that every sample is one. `matrix` is as stored, 16.16 and 2.30 fixed point,
    row by row. `edits` are None where there is no edit list at all.
    """

    handler: str
    codec: str
    timescale: int
    duration: int
    edits: tuple[Edit, ...] | None
    durations: tuple[tuple[int, int], ...]
    offsets: tuple[tuple[int, int], ...]
    samples: int
    sizes: tuple[int, ...]
    sample_bytes: int
    sync_samples: tuple[int, ...] | None
    matrix: tuple[int, ...]
    width: float = 0.0
    height: float = 0.0
    color: ColorTag | None = None

    @property
    def is_upright(self) -> bool:
        """Whether the matrix leaves the picture as it is stored."""
        return self.matrix == _IDENTITY

    def presentation_times(self) -> tuple[int, ...]:
        """Media ticks of every sample in decode order, without the edit list."""
        offsets = _expand(self.offsets) if self.offsets else iter(())
        times, now = [], 0
        for ticks in _expand(self.durations):
            times.append(now + next(offsets, 0))
            now += ticks
        return tuple(times)

    @property
    def start(self) -> Fraction:
        """Seconds at which the first sample is shown when the edit list is ignored."""
        first = min(self.presentation_times()) if self.offsets else 0
        return Fraction(first, self.timescale)

    @property
    def end(self) -> Fraction:
        """Seconds at which the last sample ends when the edit list is ignored."""
        length = sum(count * ticks for count, ticks in self.durations)
        return self.start + Fraction(length, self.timescale)

    def shown(self, movie_timescale: int) -> tuple[Fraction, Fraction]:
        """(start, end) in seconds as a player that honors the edit list shows the track."""
        now, start = Fraction(0), None
        for edit in self.edits or ():
            length = Fraction(edit.duration, movie_timescale)
            if edit.media_time >= 0:
                first = Fraction(edit.media_time, self.timescale)
                begins = now + max(Fraction(0), self.start - first)
                start = begins if start is None else start
                # A duration of 0 is an edit of a fragmented file: it runs to the end.
                length = min(length, self.end - first) if length else self.end - first
            now += length
        return (self.start, self.end) if start is None else (start, now)


@dataclass(frozen=True, slots=True)
class Boxes:
    """What the boxes of a file say. `order` is the top level as it stands in the file."""

    brand: str
    compatible: tuple[str, ...]
    order: tuple[str, ...]
    timescale: int
    tracks: tuple[Track, ...]
    trailing_bytes: int = 0

    @property
    def faststart(self) -> bool:
        """Whether the index stands before the samples, so that playing starts at once."""
        if "mdat" not in self.order:
            return "moov" in self.order
        return "moov" in self.order and self.order.index("moov") < self.order.index("mdat")

    def track(self, handler: str) -> Track | None:
        """The first track of a kind: `vide` or `soun`."""
        return next((t for t in self.tracks if t.handler == handler), None)


def read_boxes(path: Path) -> Boxes:
    """The boxes of an MP4 or MOV file. Raises ToolError where it is not one, or is cut off."""
    with path.open("rb") as file:
        size = path.stat().st_size
        try:
            return _read(file, size)
        except (struct.error, IndexError, ValueError) as error:
            raise ToolError(f"{path.name} is not a sound MP4 file: {error}",
                            hint="it may be cut off; render it again") from error


def _read(file: BinaryIO, size: int) -> Boxes:
    order: list[str] = []
    brand, moov, trailing, position = "", b"", 0, 0
    compatible: tuple[str, ...] = ()
    while position < size:
        if size - position < 8:
            trailing = size - position
            break
        kind, header, length = _head(file, position, size)
        if position + length > size:
            raise ValueError(f"box {kind!r} at byte {position} claims {length} bytes, "
                             f"the file has {size - position}")
        order.append(kind)
        if kind in ("ftyp", "moov"):
            if length > _MAX_BOX_BYTES:
                raise ValueError(f"box {kind!r} of {length} bytes")
            file.seek(position + header)
            body = file.read(length - header)
            if kind == "moov":
                moov = body
            else:
                brand = _text(body[:4])
                compatible = tuple(_text(body[i:i + 4]) for i in range(8, len(body) - 3, 4))
        position += length
    if not moov:
        raise ValueError("it has no moov box")
    return Boxes(brand, compatible, tuple(order), _movie_timescale(moov),
                 tuple(_track(body) for kind, body in _children(moov) if kind == "trak"), trailing)


def _head(file: BinaryIO, position: int, size: int) -> tuple[str, int, int]:
    file.seek(position)
    raw = file.read(16)
    length, kind = struct.unpack_from(">I4s", raw)
    header = 8
    if length == 1:
        length, header = struct.unpack_from(">Q", raw, 8)[0], 16
    elif length == 0:
        length = size - position
    if length < header:
        raise ValueError(f"box at byte {position} is {length} bytes long")
    return _text(kind), header, length


def _children(body: bytes) -> Iterator[tuple[str, bytes]]:
    position = 0
    while position + 8 <= len(body):
        length, kind = struct.unpack_from(">I4s", body, position)
        header = 8
        if length == 1:
            length, header = struct.unpack_from(">Q", body, position + 8)[0], 16
        elif length == 0:
            length = len(body) - position
        if length < header or position + length > len(body):
            raise ValueError(f"box {_text(kind)!r} of {length} bytes does not fit its parent")
        yield _text(kind), body[position + header:position + length]
        position += length


def _flatten(body: bytes) -> dict[str, bytes]:
    """The first box of each kind below a track, containers opened."""
    found: dict[str, bytes] = {}
    for kind, content in _children(body):
        found.setdefault(kind, content)
        if kind in _CONTAINERS:
            for inner, data in _flatten(content).items():
                found.setdefault(inner, data)
    return found


def _track(body: bytes) -> Track:
    boxes = _flatten(body)
    # MOV has a second hdlr, of the data reference, in minf: the media's own stands in mdia first.
    handler = _text(boxes["hdlr"][8:12]) if "hdlr" in boxes else ""
    timescale, duration = _timescale(boxes.get("mdhd", b""))
    codec, color = _sample_entry(boxes.get("stsd", b""), handler)
    samples, same, sizes = _sizes(boxes.get("stsz", b""))
    matrix, width, height = _header(boxes.get("tkhd", b""))
    return Track(
        handler=handler, codec=codec, timescale=timescale, duration=duration,
        edits=_edits(boxes["elst"]) if "elst" in boxes else None,
        durations=_runs(boxes.get("stts", b""), ">II"),
        offsets=_runs(boxes.get("ctts", b""), ">Ii"),
        samples=samples, sizes=sizes, sample_bytes=same,
        sync_samples=_sync(boxes["stss"]) if "stss" in boxes else None,
        matrix=matrix, width=width, height=height, color=color,
    )


def _movie_timescale(moov: bytes) -> int:
    body = next((content for kind, content in _children(moov) if kind == "mvhd"), b"")
    return _timescale(body)[0]


def _timescale(body: bytes) -> tuple[int, int]:
    """(ticks per second, duration in ticks) of an mvhd or mdhd."""
    if not body:
        return 1, 0
    if body[0] == 1:
        scale, duration = struct.unpack_from(">IQ", body, 20)
    else:
        scale, duration = struct.unpack_from(">II", body, 12)
    if scale == 0:
        raise ValueError("a timescale of 0")
    return int(scale), int(duration)


def _header(body: bytes) -> tuple[tuple[int, ...], float, float]:
    if not body:
        return _IDENTITY, 0.0, 0.0
    at = 52 if body[0] == 1 else 40
    values = struct.unpack_from(">9iII", body, at)
    return tuple(values[:9]), values[9] / 65536, values[10] / 65536


def _edits(body: bytes) -> tuple[Edit, ...]:
    layout = ">QqhH" if body[0] == 1 else ">IihH"
    step, count = struct.calcsize(layout), struct.unpack_from(">I", body, 4)[0]
    edits = []
    for index in range(count):
        duration, media_time, whole, part = struct.unpack_from(layout, body, 8 + index * step)
        edits.append(Edit(duration, media_time, whole + Fraction(part, 65536)))
    return tuple(edits)


def _runs(body: bytes, layout: str) -> tuple[tuple[int, int], ...]:
    if not body:
        return ()
    count = struct.unpack_from(">I", body, 4)[0]
    if len(body) < 8 + 8 * count:
        raise ValueError("a table of times is cut off")
    return tuple(struct.iter_unpack(layout, body[8:8 + 8 * count]))


def _sizes(body: bytes) -> tuple[int, int, tuple[int, ...]]:
    """(samples, bytes of each where all are equal, bytes one by one where not)."""
    if not body:
        return 0, 0, ()
    same, count = struct.unpack_from(">II", body, 4)
    return count, same, () if same else struct.unpack_from(f">{count}I", body, 12)


def _sync(body: bytes) -> tuple[int, ...]:
    count = struct.unpack_from(">I", body, 4)[0]
    return tuple(number - 1 for number in struct.unpack_from(f">{count}I", body, 8))


def _sample_entry(body: bytes, handler: str) -> tuple[str, ColorTag | None]:
    entry = next(_children(body[8:]), None) if body else None
    if entry is None:
        return "", None
    codec, content = entry
    fixed = _SAMPLE_ENTRY_BYTES.get(handler)
    if handler != "vide" or fixed is None:
        return codec, None
    for kind, data in _children(content[fixed:]):
        if kind == "colr" and _text(data[:4]) in ("nclx", "nclc"):
            primaries, transfer, matrix = struct.unpack_from(">HHH", data, 4)
            full = bool(data[10] & 0x80) if _text(data[:4]) == "nclx" else None
            return codec, ColorTag(_text(data[:4]), primaries, transfer, matrix, full)
    return codec, None


def _expand(runs: tuple[tuple[int, int], ...]) -> Iterator[int]:
    for count, value in runs:
        for _ in range(count):
            yield value


def _text(raw: bytes) -> str:
    return raw.decode("latin-1")
