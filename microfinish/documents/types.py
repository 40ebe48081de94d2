"""Looking at type hints: through Annotated and Optional, into unions, along a path of keys."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

BRANCH = "\x00branch "
"""Begins the steps that a union adds to an error's location; nobody is shown them."""


@lru_cache(maxsize=256)
def hints_of(noun: Any) -> dict[str, Any]:
    """The resolved type hints of a noun's fields, limits included."""
    return get_type_hints(noun, include_extras=True)


def unwrapped(type_: Any) -> Any:
    """The type inside Annotated, and inside a union with None of one other member."""
    while get_origin(type_) is Annotated:
        type_ = type_.__origin__
    if get_origin(type_) in (Union, types.UnionType):
        rest = members(type_)
        if len(rest) == 1:
            return unwrapped(rest[0])
    return type_


def members(type_: Any) -> tuple[Any, ...]:
    """The members of a union without None; the type itself where it is no union."""
    if get_origin(type_) in (Union, types.UnionType):
        return tuple(arg for arg in get_args(type_) if arg is not type(None))
    return (type_,)


def type_at(type_: Any, path: tuple[str | int, ...]) -> Any:
    """The type that a document of `type_` holds at an error's location; None where unknown."""
    found = unwrapped(type_)
    for step in path:
        if isinstance(step, str) and step.startswith(BRANCH):
            found = members(found)[int(step.removeprefix(BRANCH))]
        elif isinstance(found, type) and is_dataclass(found):
            hints = hints_of(found)
            found = hints.get(str(step), hints.get(f"{step}_"))
        else:
            found = _item_type(found, step)
        found = unwrapped(found)
    return found


def _item_type(type_: Any, step: str | int) -> Any:
    args, origin = get_args(type_), get_origin(type_)
    if not args:
        return None
    if origin is tuple and args[-1] is not Ellipsis:
        return args[step] if isinstance(step, int) and step < len(args) else None
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return args[1]
    return args[0]
