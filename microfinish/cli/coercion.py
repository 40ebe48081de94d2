"""Takes plain words and numbers off the command line without pydantic.

typer validates every value with it, and its import takes longer than to find that a season has
nothing to do. What is not plainly right still goes to typer, which words the error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin


def take_plainly(command: Any) -> Any:
    """The command, its parameters, and those of its own commands, made to take plain values."""
    for param in command.params:
        _lighten(param)
    own_help = command.get_help_option

    def get_help_option(ctx: Any) -> Any:  # made when the line is parsed, and coerced like the rest
        option = own_help(ctx)
        return option if option is None else _lighten(option)

    command.get_help_option = get_help_option
    for inner in getattr(command, "commands", {}).values():
        take_plainly(inner)
    return command


def _lighten(param: Any) -> Any:
    described = getattr(param, "type_descriptor", None)
    if described is not None and described.parameter_info.parser is None \
            and not isinstance(param.get_runtime_param, _Plain):
        param.get_runtime_param = _Plain(described, param.get_runtime_param)
    return param


class _Plain:
    """Stands in for typer's own coercion of one parameter, which `thorough` makes."""

    def __init__(self, described: Any, thorough: Callable[[], Any]) -> None:
        self._described = described
        self._thorough = thorough

    def __call__(self) -> _Plain:
        return self

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value as the command's function wants it. Raises typer's BadParameter."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if _is_plain(value, self._described.annotation):
            return list(value) if isinstance(value, tuple) else value
        found = self._whole_number(value)
        if found is None:
            return self._thorough().coerce(value, param=param, ctx=ctx)
        return found

    def _whole_number(self, value: Any) -> int | None:
        asked = self._described.parameter_info
        if self._described.annotation is not int or asked.clamp:
            return None
        if not isinstance(value, int) and not (
                isinstance(value, str) and value.isascii() and value.isdecimal()):
            return None
        number = int(value)
        low, high = asked.min, asked.max
        inside = (low is None or low <= number) and (high is None or number <= high)
        return number if inside else None


def _is_plain(value: Any, annotation: Any) -> bool:
    if annotation is str:
        return isinstance(value, str)
    if get_origin(annotation) is Literal:
        return isinstance(value, str) and value in get_args(annotation)
    if get_origin(annotation) is list and get_args(annotation) == (str,):
        return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    return False
