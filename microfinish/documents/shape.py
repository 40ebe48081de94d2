"""What a noun's type hints demand, compiled into a pydantic validator.

Nouns are plain dataclasses of `core`, which knows no validator. The compiled schema forbids
unknown keys everywhere, takes numbers as numbers and text as text, and picks a union's branch by
the kind of what was written, so that one mistake is one problem.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from pathlib import PurePath, PurePosixPath
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic_core import PydanticCustomError, SchemaValidator
from pydantic_core import core_schema as cs

from microfinish.core.errors import InputError, Where
from microfinish.core.limits import Ge, Gt, Le, Lt, Matches, Spelled
from microfinish.documents.places import PlacedDict
from microfinish.documents.plain import key_of, parse_place
from microfinish.documents.types import BRANCH, hints_of

_BOUNDS = {Ge: "ge", Gt: "gt", Le: "le", Lt: "lt"}
_FRACTION = re.compile(r"[-+]?\d+(/\d+|\.\d+)?\Z")


_compile = lru_cache(maxsize=256)(lambda type_: SchemaValidator(schema_of(type_)))


def validator_of(type_: Any) -> SchemaValidator:
    """The validator of a noun type, compiled once per process."""
    return _compile(type_)


def schema_of(type_: Any) -> cs.CoreSchema:
    """The pydantic-core schema of any type a noun may use. Raises TypeError for others."""
    origin = get_origin(type_)
    if type_ is Any or type_ is object:
        return cs.any_schema()
    if origin is Annotated:
        return _annotated(type_.__origin__, type_.__metadata__)
    if origin in (Union, types.UnionType):
        return _union(get_args(type_))
    if origin is Literal:
        return cs.literal_schema(list(get_args(type_)))
    if origin is not None:
        return _generic(origin, get_args(type_))
    if type_ in _SCALARS:
        return _SCALARS[type_]()
    if isinstance(type_, type) and is_dataclass(type_):
        return _noun(type_)
    if isinstance(type_, type) and issubclass(type_, Enum):
        return cs.enum_schema(type_, list(type_))
    if type_ in (dict, Mapping):
        return cs.dict_schema(cs.str_schema(strict=True))
    if type_ in (tuple, list):
        return cs.list_schema() if type_ is list else cs.tuple_variable_schema()
    raise TypeError(f"no document can hold a {type_!r}")


def _annotated(inner: Any, markers: tuple[Any, ...]) -> cs.CoreSchema:
    schema = dict(schema_of(inner))
    for marker in markers:
        if type(marker) in _BOUNDS:
            _set_bound(schema, _BOUNDS[type(marker)], marker.bound)
        elif isinstance(marker, Matches):
            schema = dict(cs.no_info_after_validator_function(
                _matching(marker), typing.cast(Any, schema)))
        elif isinstance(marker, Spelled):
            schema = dict(cs.no_info_before_validator_function(
                _spelled(marker), _accepting(inner, typing.cast(Any, schema))))
    return typing.cast(cs.CoreSchema, schema)


def _accepting(inner: Any, schema: cs.CoreSchema) -> cs.CoreSchema:
    # what a Spelled.parse returned is the value itself and needs no second look
    return cs.any_schema() if not isinstance(inner, type) or inner is Fraction else schema


def _set_bound(schema: dict[str, Any], name: str, bound: float) -> None:
    if schema["type"] == "nullable":
        _set_bound(schema["schema"], name, bound)
    elif schema["type"] in ("int", "float"):
        schema[name] = bound
    elif schema["type"] == "tuple":
        for item in schema["items_schema"]:
            _set_bound(item, name, bound)
    else:
        inner = dict(schema)
        schema.clear()
        schema.update(cs.no_info_after_validator_function(
            _bounding(name, bound), typing.cast(Any, inner)))


def _bounding(name: str, bound: float) -> Callable[[Any], Any]:
    good: dict[str, Callable[[Any], bool]] = {
        "ge": lambda v: v >= bound, "gt": lambda v: v > bound,
        "le": lambda v: v <= bound, "lt": lambda v: v < bound}
    kind = {"ge": "greater_than_equal", "gt": "greater_than",
            "le": "less_than_equal", "lt": "less_than"}[name]

    def check(value: Any) -> Any:
        if not good[name](value):
            raise PydanticCustomError(kind, "out of bounds", {name: bound})
        return value

    return check


def _matching(marker: Matches) -> Callable[[Any], Any]:
    pattern = re.compile(marker.pattern)

    def check(value: Any) -> Any:
        if isinstance(value, str) and not pattern.fullmatch(value):
            raise PydanticCustomError("spelling", "mismatch", {
                "message": f"{value!r} is not of the right form",
                "hint": f"write it like {marker.example}" if marker.example else ""})
        return value

    return check


def _spelled(marker: Spelled) -> Callable[[Any], Any]:
    def parse(value: Any) -> Any:
        if value is None or isinstance(value, (bool, list)):
            raise _misspelled("must be written as one value",
                              f"write it like {marker.example}" if marker.example else "")
        return _tell(marker.parse, value) if isinstance(value, (str, int, float)) else value

    return parse


def _tell(parse: Callable[[Any], Any], value: Any) -> Any:
    try:
        return parse(value)
    except InputError as error:
        raise _misspelled(error.message, error.hint) from None
    except ValueError as error:
        raise _misspelled(str(error), "") from None


def _misspelled(message: str, hint: str) -> PydanticCustomError:
    return PydanticCustomError("spelling", "misspelled", {"message": message, "hint": hint})


def _text() -> cs.CoreSchema:
    def take(value: Any) -> Any:
        # `reel: 123` means the text 123; a float has lost its spelling (1.10), so it is refused
        return str(value) if type(value) is int else value

    return cs.no_info_before_validator_function(take, cs.str_schema(strict=True))


def _fraction() -> cs.CoreSchema:
    def take(value: Any) -> Fraction:
        if isinstance(value, Fraction):
            return value
        try:
            if isinstance(value, str) and _FRACTION.match(value.strip()):
                return Fraction(value.strip())
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return Fraction(repr(value))
        except (ValueError, ZeroDivisionError):
            pass
        raise _misspelled(f"{value!r} is not a fraction", 'write 1/2, 0.5 or 25')

    return cs.no_info_plain_validator_function(take)


def _where() -> cs.CoreSchema:
    def take(value: Any) -> Where:
        if isinstance(value, Where):
            return value
        if isinstance(value, str):
            return parse_place(value)
        raise _misspelled("must be a place", "write file:line:column")

    return cs.no_info_plain_validator_function(take)


def _path(path_type: type[PurePath]) -> cs.CoreSchema:
    return cs.no_info_after_validator_function(path_type, cs.str_schema(strict=True))


_SCALARS: dict[Any, Callable[[], cs.CoreSchema]] = {
    str: _text,
    int: lambda: cs.int_schema(strict=True),
    float: lambda: cs.float_schema(strict=True),
    bool: lambda: cs.bool_schema(strict=True),
    type(None): cs.none_schema,
    Fraction: _fraction,
    Where: _where,
    PurePosixPath: lambda: _path(PurePosixPath),
}


def _generic(origin: Any, args: tuple[Any, ...]) -> cs.CoreSchema:
    if origin is tuple:
        if len(args) == 2 and args[1] is Ellipsis:
            return _many(args[0])
        return cs.tuple_schema([schema_of(arg) for arg in args])
    if origin is list:
        return cs.list_schema(schema_of(args[0]))
    if origin is frozenset:
        return cs.frozenset_schema(schema_of(args[0]))
    if origin is dict or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return cs.dict_schema(schema_of(args[0]), schema_of(args[1]))
    raise TypeError(f"no document can hold a {origin!r}")


def _many(item: Any) -> cs.CoreSchema:
    schema: cs.CoreSchema = cs.tuple_variable_schema(schema_of(item))
    if get_origin(item) is tuple and len(get_args(item)) == 2 and get_args(item)[0] is str:
        # ordered pairs may be written as a mapping: `options: {preset: slow, crf: 18}`
        schema = cs.no_info_before_validator_function(
            lambda v: list(v.items()) if isinstance(v, Mapping) else v, schema)
    return schema


def _union(args: tuple[Any, ...]) -> cs.CoreSchema:
    rest = [arg for arg in args if arg is not type(None)]
    if len(rest) == 1:
        inner = schema_of(rest[0])
    else:
        inner = cs.tagged_union_schema(
            {f"{BRANCH}{index}": schema_of(arg) for index, arg in enumerate(rest)},
            discriminator=_branch_picker(tuple(rest)),
            custom_error_type="wrong_kind",
            custom_error_message="wrong kind",
            custom_error_context={"expected": " or ".join(
                dict.fromkeys(kind_name(arg) for arg in rest))})
    return inner if len(rest) == len(args) else cs.nullable_schema(inner)


def _branch_picker(args: tuple[Any, ...]) -> Callable[[Any], str | None]:
    def pick(value: Any) -> str | None:
        best = max(range(len(args)), key=lambda index: (_fit(args[index], value), -index))
        return f"{BRANCH}{best}" if _fit(args[best], value) else None

    return pick


def _fit(type_: Any, value: Any) -> int:
    """How well a written value fits a type's kind: 0 not at all, 1 convertible, 2 the kind."""
    origin = get_origin(type_)
    if origin is Annotated:
        spelled = any(isinstance(marker, Spelled) for marker in type_.__metadata__)
        scalar = isinstance(value, (str, int, float)) and not isinstance(value, bool)
        return 2 if spelled and scalar else _fit(type_.__origin__, value)
    if origin is Literal:
        return 3 if value in get_args(type_) else int(type(value) in map(type, get_args(type_)))
    if origin in (tuple, list, frozenset):
        return 2 * isinstance(value, (list, tuple))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return int(isinstance(value, Mapping))
    if isinstance(type_, type) and is_dataclass(type_) and type_ is not Where:
        return _noun_fit(type_, value)
    if type_ in (Fraction, float):
        number = isinstance(value, (int, float, Fraction)) and not isinstance(value, bool)
        return int(number) + int(type(value) is type_) or int(
            type_ is Fraction and isinstance(value, str) and bool(_FRACTION.match(value)))
    if type_ in (str, Where):
        return 2 if isinstance(value, str) else int(type(value) is int and type_ is str)
    return 2 * (type(value) is type_ or type_ is Any)


def _noun_fit(type_: type, value: Any) -> int:
    """Of several nouns, the one that knows the most of the keys written."""
    if isinstance(value, type_):
        return 1000
    if not isinstance(value, Mapping):
        return 0
    keys = {key_of(field.name) for field in fields(type_)}
    return 2 + sum(key in keys for key in value)


def kind_name(type_: Any) -> str:
    """What a type's values are called in messages."""
    origin = get_origin(type_)
    if origin is Annotated:
        marker = next((m for m in type_.__metadata__ if isinstance(m, Spelled)), None)
        return f"a value like {marker.example}" if marker and marker.example \
            else kind_name(type_.__origin__)
    if origin is Literal:
        return " or ".join(map(str, get_args(type_)))
    if origin in (tuple, list, frozenset):
        return "a list"
    if origin is not None or (isinstance(type_, type) and is_dataclass(type_)):
        return "a mapping"
    return {str: "text", int: "a whole number", float: "a number", bool: "true or false",
            Fraction: "a fraction", type(None): "null"}.get(type_, getattr(type_, "__name__", "?"))


def _noun(noun: type) -> cs.CoreSchema:
    hints = hints_of(noun)
    used = [field for field in fields(noun) if field.init]
    arguments = [cs.dataclass_field(
        name=field.name, schema=_with_default(field, schema_of(hints[field.name])),
        validation_alias=key_of(field.name), kw_only=True) for field in used]
    schema: cs.CoreSchema = cs.dataclass_schema(
        noun, cs.dataclass_args_schema(noun.__name__, arguments, extra_behavior="forbid"),
        [field.name for field in used], post_init=hasattr(noun, "__post_init__"),
        slots="__slots__" in vars(noun), cls_name=noun.__name__)
    if any(field.name == "where" and Where in get_args(hints["where"]) for field in used):
        schema = cs.no_info_before_validator_function(_with_place, schema)
    return schema


def _with_place(value: Any) -> Any:
    """A noun with a `where` learns where it was written."""
    if isinstance(value, PlacedDict) and "where" not in value:
        return {**value, "where": value.mark.where}
    return value


def _with_default(field: Field[Any], schema: cs.CoreSchema) -> cs.CoreSchema:
    if field.default is not MISSING:
        return cs.with_default_schema(schema, default=field.default)
    if field.default_factory is not MISSING:
        return cs.with_default_schema(schema, default_factory=field.default_factory)
    return schema
