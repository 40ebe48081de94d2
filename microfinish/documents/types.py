"""Looking at type hints: through Annotated and Optional, into unions."""

from __future__ import annotations

import types
from typing import Annotated, Any, Union, get_args, get_origin


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
