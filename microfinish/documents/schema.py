"""JSON Schema of a noun's document, so that editors complete and check what people write."""

from __future__ import annotations

import inspect
import types
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from fractions import Fraction
from pathlib import PurePath
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from microfinish.core.errors import Where
from microfinish.core.limits import Ge, Gt, Le, Lt, Matches, Spelled
from microfinish.documents.plain import key_of, plain
from microfinish.documents.types import hints_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_BOUNDS = {Ge: "minimum", Gt: "exclusiveMinimum", Le: "maximum", Lt: "exclusiveMaximum"}
_FRACTION = {"anyOf": [{"type": "number"},
                       {"type": "string", "pattern": r"^[-+]?\d+(/\d+|\.\d+)?$"}],
             "description": "a number or a fraction: 25, 0.5, 1/2"}
_SCALARS: dict[Any, dict[str, Any]] = {
    # whole numbers are taken for text: `reel: 123`
    str: {"type": ["string", "integer"]},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Fraction: _FRACTION,
    Where: {"type": "string", "description": "file:line:column"},
    Any: {},
    object: {},
}


def schema(type_: Any, *, preset: bool = False) -> dict[str, Any]:
    """The JSON Schema (2020-12) of documents that describe a `type_`.

    With `preset`, the document may also say `extends`, values may be written as
    `{value, level, certainty, source, checked_on}`, and no key is required, as a parent may
    hold it. Nouns are in `$defs`; descriptions are their docstrings.
    """
    writer = _Writer(preset)
    root = writer.of(type_)
    name = root.get("$ref", "").rpartition("/")[2]
    if name:
        root = writer.definitions.pop(name) if not writer.is_recursive(name) else root
    if preset and "properties" in root:
        extends = {"type": "string", "description": "the preset whose values this one changes"}
        root = {**root, "properties": {"extends": extends, **root["properties"]}}
    result = {"$schema": DIALECT, **root}
    if writer.definitions:
        result["$defs"] = dict(sorted(writer.definitions.items()))
    return result


class _Writer:
    def __init__(self, preset: bool) -> None:
        self.preset = preset
        self.definitions: dict[str, dict[str, Any]] = {}
        self._referred: list[str] = []

    def is_recursive(self, name: str) -> bool:
        return self._referred.count(name) > 1

    def of(self, type_: Any) -> dict[str, Any]:
        origin = get_origin(type_)
        if origin is Annotated:
            return self._annotated(type_.__origin__, type_.__metadata__)
        if origin in (Union, types.UnionType):
            return _either([self.of(arg) for arg in get_args(type_)])
        if origin is Literal:
            return {"enum": list(get_args(type_))}
        if origin is not None:
            return self._generic(origin, get_args(type_))
        if type_ in _SCALARS:
            return deepcopy(_SCALARS[type_])
        if isinstance(type_, type) and is_dataclass(type_):
            return self._noun(type_)
        if isinstance(type_, type) and issubclass(type_, Enum):
            return {"enum": [member.value for member in type_]}
        if isinstance(type_, type) and issubclass(type_, PurePath):
            return {"type": "string"}
        return {"type": "object"} if type_ in (dict, Mapping) else {"type": "array"}

    def _annotated(self, inner: Any, markers: tuple[Any, ...]) -> dict[str, Any]:
        found = self.of(inner)
        for marker in markers:
            if type(marker) in _BOUNDS:
                _bound(found, _BOUNDS[type(marker)], marker.bound)
            elif isinstance(marker, Matches):
                found = {"type": "string", "pattern": f"^(?:{marker.pattern})$", **_example(marker)}
            elif isinstance(marker, Spelled):
                found = {"type": ["string", "number"], **_example(marker)}
                if marker.pattern:
                    found["pattern"] = marker.pattern
        return found

    def _generic(self, origin: Any, args: tuple[Any, ...]) -> dict[str, Any]:
        if origin is tuple and args[-1] is not Ellipsis:
            return {"type": "array", "prefixItems": [self.of(arg) for arg in args],
                    "minItems": len(args), "maxItems": len(args)}
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.of(args[1])}
        found = {"type": "array", "items": self.of(args[0])}
        if get_origin(args[0]) is tuple and get_args(args[0])[0] is str \
                and len(get_args(args[0])) == 2:
            return {"anyOf": [{"type": "object"}, found]}
        return found

    def _noun(self, noun: type) -> dict[str, Any]:
        reference = {"$ref": f"#/$defs/{noun.__name__}"}
        self._referred.append(noun.__name__)
        if noun.__name__ in self.definitions:
            return reference
        self.definitions[noun.__name__] = {}
        hints = hints_of(noun)
        # a `where` is filled in by the reader, nobody writes it
        used = [field for field in fields(noun) if field.init and field.name != "where"]
        required = [key_of(field.name) for field in used if _default(field) is MISSING]
        found: dict[str, Any] = {
            "type": "object", **_description(noun),
            "properties": {key_of(field.name): self._property(field, hints[field.name])
                           for field in used},
            "additionalProperties": False}
        if required and not self.preset:
            found["required"] = required
        self.definitions[noun.__name__] = found
        return reference

    def _property(self, field: Field[Any], type_: Any) -> dict[str, Any]:
        found = self.of(type_)
        default = _default(field)
        if default is not MISSING and default is not None and default != () and default != {}:
            found["default"] = str(default) if _is_spelled(type_) \
                else plain(default, drop_defaults=True)
        if not self.preset:
            return found
        noted = {"type": "object", "required": ["value"], "additionalProperties": False,
                 "properties": {"value": found, "level": {"enum": ["must", "should", "house"]},
                                "certainty": {"enum": ["A", "B", "C", "K", "?"]},
                                "source": {"type": "string"}, "checked_on": {"type": "string"},
                                "note": {"type": "string"}}}
        return {"anyOf": [found, noted]}


def _either(choices: list[dict[str, Any]]) -> dict[str, Any]:
    flat = [inner for choice in choices for inner in choice.get("anyOf", [choice])]
    return {"anyOf": [choice for at, choice in enumerate(flat) if choice not in flat[:at]]}


def _bound(found: dict[str, Any], name: str, value: float) -> None:
    for choice in found.get("anyOf", [found]):
        if choice.get("type") in ("number", "integer"):
            choice[name] = value
    for item in found.get("prefixItems", []):
        _bound(item, name, value)


def _is_spelled(type_: Any) -> bool:
    return get_origin(type_) is Annotated and any(
        isinstance(marker, Spelled) for marker in type_.__metadata__)


def _example(marker: Matches | Spelled) -> dict[str, Any]:
    return {"examples": [marker.example]} if marker.example else {}


def _description(noun: type) -> dict[str, str]:
    text = inspect.getdoc(noun) or ""
    # dataclasses without a docstring get their signature for one
    return {} if not text or text.startswith(f"{noun.__name__}(") else {"description": text}


def _default(field: Field[Any]) -> Any:
    if field.default is not MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not MISSING else MISSING
