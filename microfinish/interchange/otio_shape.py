"""The shape of OpenTimelineIO JSON, checked before its own reader sees it.

OpenTimelineIO 0.18 leaves its memory damaged when a field has the wrong kind: the process can
crash at a later file. So kinds are checked here first, and nothing wrong is handed over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_SCHEMA = re.compile(r"([A-Za-z_]\w*)\.(\d{1,9})")
_TEXT, _NUMBER, _FLAG, _ANY = "a text", "a number", "true or false", ""
_ITEM = {"name": _TEXT, "metadata": "a mapping", "effects": "a list of Effect",
         "markers": "a list of Marker", "enabled": _FLAG, "source_range": "TimeRange"}
_REFERENCE = {"name": _TEXT, "metadata": "a mapping", "available_range": "TimeRange"}
_FIELDS: dict[str, dict[str, str]] = {
    "RationalTime": {"value": _NUMBER, "rate": _NUMBER},
    "TimeRange": {"start_time": "RationalTime", "duration": "RationalTime"},
    "Timeline": {"name": _TEXT, "metadata": "a mapping", "tracks": "Stack",
                 "global_start_time": "RationalTime"},
    "SerializableCollection": {"name": _TEXT, "metadata": "a mapping", "children": "a list of "},
    "Stack": {**_ITEM, "children": "a list of "},
    "Track": {**_ITEM, "children": "a list of ", "kind": _TEXT},
    "Sequence": {**_ITEM, "children": "a list of ", "kind": _TEXT},
    "Gap": _ITEM, "Filler": _ITEM,
    "Clip": {**_ITEM, "media_reference": "Reference", "media_references": "a mapping of Reference",
             "active_media_reference_key": _TEXT},
    "Transition": {"name": _TEXT, "metadata": "a mapping", "transition_type": _TEXT,
                   "in_offset": "RationalTime", "out_offset": "RationalTime"},
    "Effect": {"name": _TEXT, "effect_name": _TEXT, "metadata": "a mapping"},
    "LinearTimeWarp": {"name": _TEXT, "effect_name": _TEXT, "metadata": "a mapping",
                       "time_scalar": _NUMBER},
    "FreezeFrame": {"name": _TEXT, "effect_name": _TEXT, "metadata": "a mapping",
                    "time_scalar": _NUMBER},
    "Marker": {"name": _TEXT, "metadata": "a mapping", "marked_range": "TimeRange",
               "color": _TEXT, "comment": _TEXT},
    "ExternalReference": {**_REFERENCE, "target_url": _TEXT},
    "MissingReference": _REFERENCE,
    "GeneratorReference": {**_REFERENCE, "generator_kind": _TEXT, "parameters": "a mapping"},
}
_KINDS = {"Effect": {"Effect", "TimeEffect", "LinearTimeWarp", "FreezeFrame"},
          "Reference": {"ExternalReference", "MissingReference", "GeneratorReference",
                        "ImageSequenceReference"}}
_PLAIN: dict[str, tuple[type, ...]] = {_TEXT: (str,), _NUMBER: (int, float), _FLAG: (bool,),
                                       "a mapping": (dict,)}
_VALUES = {"TimeTransform", "Box2d", "V2d", "Color"}
_NEEDED = {"RationalTime": ("value", "rate"), "TimeRange": ("start_time", "duration")}


def wrong(tree: Any, known: Mapping[str, int]) -> str:
    """What is wrong with a file's tree, with its path; "" where nothing is."""
    return _wrong(tree, "", "the file", known)


def _wrong(value: Any, wanted: str, path: str, known: Mapping[str, int]) -> str:
    """`wanted` is a schema, a group of schemas, or "" for any."""
    if not isinstance(value, dict):
        return f"{path} is no {wanted or 'object with a schema'}"
    match = _SCHEMA.fullmatch(str(value.get("OTIO_SCHEMA", "")))
    if match is None or (match[1] not in known and match[1] not in _FIELDS
                         and match[1] not in _VALUES):
        return f"{path} has no schema that is known: {str(value.get('OTIO_SCHEMA'))[:60]!r}"
    name = match[1]
    if wanted and name not in _KINDS.get(wanted, {wanted}):
        return f"{path} is a {name}, not a {wanted}"
    for key in _NEEDED.get(name, ()):
        if value.get(key) is None:
            return f"{path} has no {key}"
    for key, kind in _FIELDS.get(name, {}).items():
        if value.get(key) is not None:
            said = _wrong_field(value[key], kind, f"{path}, {name} {key}", known)
            if said:
                return said
    return ""


def _wrong_field(value: Any, kind: str, path: str, known: Mapping[str, int]) -> str:
    if kind in _PLAIN:
        right = isinstance(value, _PLAIN[kind]) and (kind == _FLAG or not isinstance(value, bool))
        if right and isinstance(value, int) and abs(value) >= 2**63:
            return f"{path} is a number beyond reach"
        return "" if right else f"{path} is not {kind}"
    for prefix, type_ in (("a list of ", list), ("a mapping of ", dict)):
        if kind.startswith(prefix):
            if not isinstance(value, type_):
                return f"{path} is not {prefix.removesuffix(' of ')}"
            items = value.values() if isinstance(value, dict) else value
            found = (_wrong(item, kind.removeprefix(prefix), path, known) for item in items
                     if item is not None or isinstance(value, list))
            return next(filter(None, found), "")
    return _wrong(value, kind, path, known)


def needed(value: Any) -> Any:
    """The tree with no more than what is checked here, and of metadata what is read of it."""
    if isinstance(value, list):
        return [needed(item) for item in value]
    if not isinstance(value, dict):
        return value
    name = str(value.get("OTIO_SCHEMA", "")).partition(".")[0]
    fields = _FIELDS.get(name)
    if fields is None:
        return {key: needed(item) for key, item in value.items()} if not name else value
    found = {key: needed(item) for key, item in value.items()
             if key in fields and key != "metadata"}
    if "metadata" not in fields:
        return {"OTIO_SCHEMA": value["OTIO_SCHEMA"], **found}
    metadata = value.get("metadata") or {}
    return {"OTIO_SCHEMA": value["OTIO_SCHEMA"], **found, "metadata": {
        key: metadata[key] for key in ("microfinish", "cmx_3600", "cdl", "Resolve_OTIO")
        if key in metadata and "OTIO_SCHEMA" not in json.dumps(metadata[key])}}
