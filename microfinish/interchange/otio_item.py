"""What a clip of OpenTimelineIO says of its source: names, reel, ids, path, length and CDL."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any
from urllib.parse import unquote

from microfinish.core.cdl import Cdl, Triple
from microfinish.interchange.otio_time import frames_of, rate_of


def own_metadata(item: Any) -> dict[str, Any]:
    """The metadata that microfinish writes."""
    found = item.metadata.get("microfinish", {})
    return dict(found) if hasattr(found, "keys") else {}


def names_of(item: Any) -> tuple[str, ...]:
    """File and clip names, the most telling first."""
    reference = item.media_reference
    url = getattr(reference, "target_url", "") or ""
    file = re.split(r"[\\/]", unquote(url))[-1]
    # what the AAF adapter calls every reference
    given = (getattr(reference, "name", "") or "").replace("UNC Path", "")
    return tuple(dict.fromkeys(name for name in (file, given, item.name or "") if name))


def reel_of(item: Any) -> str:
    """The reel of an EDL's adapter."""
    found = item.metadata.get("cmx_3600", {})
    reel = found.get("reel", "") if hasattr(found, "get") else ""
    return reel if isinstance(reel, str) else ""


def ids_of(item: Any) -> tuple[str, ...]:
    """The ids of the clip's source in an AAF: those of its file, then that of its master clip."""
    found = []
    for owner in (item.media_reference, item):
        aaf = owner.metadata.get("AAF", {}) if owner is not None else {}
        found += [aaf.get(key, "") for key in ("MobID", "SourceID")] if hasattr(aaf, "get") else []
    return tuple(dict.fromkeys(text for text in found if isinstance(text, str) and text))


def media_path_of(item: Any) -> str:
    """Where the file lay for the editor."""
    url = getattr(item.media_reference, "target_url", None)
    return unquote(url) if isinstance(url, str) else ""


def media_seconds_of(item: Any) -> Fraction | None:
    """How long the whole file lasts by the list."""
    known = getattr(item.media_reference, "available_range", None)
    return frames_of(known.duration) / rate_of(known.start_time) if known is not None else None


def cdl_of(item: Any) -> Cdl | None:
    """The ASC CDL in a clip's metadata, as the EDL adapter of OpenTimelineIO writes it."""
    found = item.metadata.get("cdl", {})
    if not hasattr(found, "get"):
        return None
    sop, saturation = found.get("asc_sop", None), found.get("asc_sat", 1.0)
    try:
        values = [tuple(float(number) for number in sop[key])
                  for key in ("slope", "offset", "power")] if sop is not None else []
        triples: list[Triple] = [(a, b, c) for a, b, c in values]
        if triples:
            return Cdl(triples[0], triples[1], triples[2], float(saturation))
        return Cdl(saturation=float(saturation)) if "asc_sat" in found else None
    except (TypeError, ValueError, KeyError):
        return None
