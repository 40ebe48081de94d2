"""CDLs by clip, out of an EDL's ASC_SOP and ASC_SAT notes or an ALE's columns of that name.

This is how they come from the set: one file for a day or a reel, each clip under its own name.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction

from microfinish.core.cdl import Cdl
from microfinish.core.errors import InputError, Where
from microfinish.interchange.ale import AleRow, read_ale
from microfinish.interchange.cdl import CdlEntry, read_cdl
from microfinish.interchange.readers import read_edit_list

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_ANY_RATE = Fraction(25)


def read_any_cdl(data: bytes, shown: str) -> tuple[CdlEntry, ...]:
    """Every correction of a .cc, .ccc, .cdl, .edl or .ale file. Raises InputError with the line.

    An event or clip is called by its clip name, else by its reel. The same correction under the
    same name counts once.
    """
    suffix = shown.lower().rpartition(".")[2]
    if suffix == "edl":
        entries = _edl(data, shown)
    elif suffix == "ale":
        entries = _ale(data, shown)
    else:
        return read_cdl(data, shown)
    if not entries:
        raise InputError(f"{shown}: no clip has an ASC CDL", where=Where(shown),
                         hint="ASC_SOP and ASC_SAT are notes in an EDL and columns in an ALE")
    return tuple({(entry.id, entry.cdl): entry for entry in reversed(entries)}.values())[::-1]


def _edl(data: bytes, shown: str) -> list[CdlEntry]:
    edit = read_edit_list(data, shown, _ANY_RATE)
    for loss in edit.losses:
        if "ASC" in loss.reason:
            raise InputError(f"{shown}: {loss.reason}", where=Where(shown, loss.line),
                             hint="correct the note, or delete it")
    return [CdlEntry(line.names[0] if line.names else line.reel, line.cdl,
                     line.where or Where(shown))
            for line in edit.lines if line.cdl is not None]


def _ale(data: bytes, shown: str) -> list[CdlEntry]:
    found = []
    for row in read_ale(data, shown).rows:
        values = {key.casefold(): value for key, value in row.values.items()}
        sop, sat = values.get("asc_sop", ""), values.get("asc_sat", "")
        if sop or sat:
            found.append(CdlEntry(row.first("name") or row.first("reel"),
                                  _cdl(sop, sat, row, shown), row.where))
    return found


def _cdl(sop: str, sat: str, row: AleRow, shown: str) -> Cdl:
    numbers = [float(word) for word in _NUMBER.findall(sop)] if sop else [1, 1, 1, 0, 0, 0, 1, 1, 1]
    saturation = [float(word) for word in _NUMBER.findall(sat)] if sat else [1.0]
    if len(numbers) != 9 or len(saturation) != 1:
        raise InputError(f"{shown}: ASC_SOP needs nine numbers and ASC_SAT one", where=row.where)
    a, b, c, d, e, f, g, h, i = map(float, numbers)
    if min(a, b, c, saturation[0]) < 0 or min(g, h, i) <= 0 or not all(map(math.isfinite, numbers)):
        raise InputError(f"{shown}: the ASC CDL {sop} {sat} is out of range", where=row.where,
                         hint="slope and saturation are at least 0, power is above 0")
    return Cdl((a, b, c), (d, e, f), (g, h, i), saturation[0])
