"""ASC CDL files: .cc, .ccc and .cdl, read with places and without entities, and .cc written.

Format: ASC Color Decision List Transfer Functions and Interchange Syntax v1.2, section 6.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from microfinish.core.cdl import Cdl, Triple
from microfinish.core.errors import InputError, Where

NAMESPACE = "urn:ASC:CDL:v1.01"
MAX_BYTES = 16_000_000
_ROOTS = ("ColorCorrection", "ColorCorrectionCollection", "ColorDecisionList")
_NUMBERS = {"Slope": 3, "Offset": 3, "Power": 3, "Saturation": 1}


@dataclass(frozen=True, slots=True)
class CdlEntry:
    """One ColorCorrection of a file. `id` is "" where the file gives none."""

    id: str
    cdl: Cdl
    where: Where


def read_cdl(data: bytes, shown: str) -> tuple[CdlEntry, ...]:
    """Every ColorCorrection of a .cc, .ccc or .cdl file, in order.

    Missing slope, offset, power or saturation are neutral. Document types and entities are
    refused, so no file can expand into memory. Raises InputError with the line.
    """
    if len(data) > MAX_BYTES:
        raise InputError(f"{shown}: {len(data)} bytes are no CDL", where=Where(shown))
    reader = _Reader(shown)
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise InputError(f"{shown}: not well-formed XML: {expat.ErrorString(error.code)}",
                         where=Where(shown, error.lineno, error.offset + 1)) from None
    if not reader.entries:
        raise InputError(f"{shown}: no ColorCorrection in the file", where=Where(shown, 1))
    return tuple(reader.entries)


def pick_cdl(entries: tuple[CdlEntry, ...], wanted: str, shown: str) -> Cdl:
    """The correction called `wanted`; the only one where `wanted` is "". Raises InputError."""
    if not wanted and len(entries) == 1:
        return entries[0].cdl
    found = [entry for entry in entries if entry.id == wanted]
    if len(found) == 1:
        return found[0].cdl
    names = ", ".join(entry.id or "(no id)" for entry in entries[:8])
    if found:
        raise InputError(f"{shown}: id {wanted!r} is there {len(found)} times",
                         where=found[1].where)
    problem = f"no correction {wanted!r}" if wanted else f"{len(entries)} corrections"
    raise InputError(f"{shown}: {problem} in the file", where=Where(shown),
                     hint=f"name one as {shown}#ID; there are: {names}")


def cc_text(cdl: Cdl, name: str = "") -> str:
    """A .cc file that holds `cdl`; numbers survive reading back exactly."""
    def row(values: tuple[float, ...]) -> str:
        return " ".join(f"{value!r}" for value in values)

    named = f" id={quoteattr(name)}" if name else ""
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<ColorCorrection{named} xmlns="{NAMESPACE}">\n'
            f"  <SOPNode>\n    <Slope>{row(cdl.slope)}</Slope>\n"
            f"    <Offset>{row(cdl.offset)}</Offset>\n    <Power>{row(cdl.power)}</Power>\n"
            f"  </SOPNode>\n  <SatNode>\n    <Saturation>{cdl.saturation!r}</Saturation>\n"
            f"  </SatNode>\n</ColorCorrection>\n")


class _Reader:
    """Collects numbers while expat walks the file."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self.entries: list[CdlEntry] = []
        self._open = ""
        self._text = ""
        self._id = ""
        self._at = Where(shown)
        self._values: dict[str, tuple[float, ...]] | None = None
        self._depth = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse

    def _here(self) -> Where:
        return Where(self.shown, self.parser.CurrentLineNumber,
                     self.parser.CurrentColumnNumber + 1)

    def _refuse(self, *_: object) -> None:
        raise InputError(f"{self.shown}: document types and entities are not read",
                         where=self._here(), hint="delete the <!DOCTYPE ...> part")

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        name = qualified.rpartition(" ")[2]
        if self._depth == 0 and name not in _ROOTS:
            raise InputError(f"{self.shown}: <{name}> is no CDL", where=self._here(),
                             hint=f"the root must be {', '.join(_ROOTS)}")
        self._depth += 1
        if name == "ColorCorrection":
            self._values, self._id, self._at = {}, attributes.get("id", ""), self._here()
        elif name in _NUMBERS and self._values is not None:
            self._open, self._text = name, ""

    def _data(self, text: str) -> None:
        if self._open:
            self._text += text

    def _end(self, qualified: str) -> None:
        name = qualified.rpartition(" ")[2]
        self._depth -= 1
        if name == self._open and self._values is not None:
            self._values[name] = self._numbers(name)
            self._open = ""
        elif name == "ColorCorrection" and self._values is not None:
            self.entries.append(CdlEntry(self._id, self._made(self._values), self._at))
            self._values = None

    def _numbers(self, name: str) -> tuple[float, ...]:
        wanted = _NUMBERS[name]
        try:
            values = tuple(float(word) for word in self._text.split())
        except ValueError:
            values = ()
        if len(values) != wanted or not all(math.isfinite(value) for value in values):
            raise InputError(f"{self.shown}: {name} needs {wanted} number{'s'[: wanted - 1]}",
                             where=self._here())
        lowest = min(values)
        if (name in ("Slope", "Saturation") and lowest < 0) or (name == "Power" and lowest <= 0):
            raise InputError(f"{self.shown}: {name} {self._text.strip()} is out of range",
                             where=self._here(),
                             hint="slope and saturation are at least 0, power is above 0")
        return values

    @staticmethod
    def _made(values: dict[str, tuple[float, ...]]) -> Cdl:
        def triple(name: str, neutral: float) -> Triple:
            a, b, c = values.get(name, (neutral,) * 3)
            return a, b, c

        return Cdl(triple("Slope", 1.0), triple("Offset", 0.0), triple("Power", 1.0),
                   values.get("Saturation", (1.0,))[0])
