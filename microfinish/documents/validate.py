"""Text or placed data to nouns, with every problem in the words of the person who wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from microfinish.core.errors import InputError, Problem, Where
from microfinish.documents.places import Parsed, raise_all

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

T = TypeVar("T")

_WORDS = {
    "missing": 'is missing',
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "none_required": "must be empty",
    "dict_type": "must be a mapping",
    "mapping_type": "must be a mapping",
    "dataclass_type": "must be a mapping",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "frozen_set_type": "must be a list",
    "greater_than_equal": "must be at least {ge:g}",
    "greater_than": "must be more than {gt:g}",
    "less_than_equal": "must be at most {le:g}",
    "less_than": "must be less than {lt:g}",
    "wrong_kind": "must be {expected}",
    "unexpected_positional_argument": "is not expected here",
}
_NOT = frozenset({"int_type", "int_from_float", "int_parsing", "float_type", "float_parsing",
                  "string_type", "bool_type", "none_required", "dict_type", "mapping_type",
                  "dataclass_type", "list_type", "tuple_type", "frozen_set_type", "wrong_kind"})
_BOUND = frozenset({"greater_than_equal", "greater_than", "less_than_equal", "less_than"})


def load_text(text: str, file: str, type_: type[T]) -> T:
    """The noun that a YAML text describes. `file` is the name used in messages.

    An empty text gives a noun of defaults. Raises ProblemsError with all that is wrong.
    """
    from microfinish.documents.yamltext import parse

    return validate(parse(text, file), type_)


def load(path: Path, type_: type[T], shown: str) -> T:
    """The noun in a human file; `shown` is its name relative to the project.

    Raises ProblemsError, or InputError where the file cannot be read.
    """
    return validate(read(path, shown), type_)


def read(path: Path, shown: str) -> Parsed:
    """The placed data in a human file. Raises InputError."""
    from microfinish.documents.yamltext import decode, parse

    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {shown}: {error.strerror or error}",
                         where=Where(shown)) from None
    return parse(decode(data, shown), shown)


def validate(parsed: Parsed, type_: type[T]) -> T:
    """The noun of `type_` that placed data describe. Raises ProblemsError."""
    from pydantic_core import ValidationError

    from microfinish.documents.shape import validator_of

    data = {} if parsed.data is None and is_dataclass(type_) else parsed.data
    try:
        result: T = validator_of(type_).validate_python(data)
    except ValidationError as error:
        raise_all(_problem(parsed, detail, type_)
                  for detail in error.errors(include_url=False, include_context=True))
        raise
    return result


def _problem(parsed: Parsed, detail: ErrorDetails, type_: Any) -> Problem:
    from microfinish.documents.types import BRANCH, type_at

    kind, context = detail["type"], detail.get("ctx", {})
    raw = detail["loc"]
    path = tuple(step for step in raw
                 if not (isinstance(step, str) and step.startswith(BRANCH)) and step != "[key]")
    if kind == "unexpected_keyword_argument":
        return _unknown_key(parsed, path, type_at(type_, raw[:-1]))
    if kind == "missing" and isinstance(path[-1], int):
        return _wrong_length(parsed, path[:-1], type_at(type_, raw[:-1]))
    if kind == "too_long":
        return _wrong_length(parsed, path, type_at(type_, raw))
    if kind == "missing":
        return parsed.problem(parsed.parent_key_mark(path[:-1]),
                              f'"{path[-1]}" is missing{_inside(path[:-1])}')
    mark = parsed.mark(path, key="[key]" in raw)
    if kind == "spelling":
        return parsed.problem(mark, _label(path, ":") + context["message"], context["hint"])
    if kind == "value_error":
        error = context["error"]
        return parsed.problem(mark, _label(path, ":") + str(error), getattr(error, "hint", ""))
    if kind in ("literal_error", "enum"):
        return _not_one_of(parsed, path, detail)
    words = _WORDS.get(kind, detail["msg"]).format(**context)
    return parsed.problem(mark, f"{_label(path)}{words}{_instead(kind, detail['input'])}",
                          _quoting_hint(kind, detail["input"]))


def _unknown_key(parsed: Parsed, path: tuple[str | int, ...], noun: Any) -> Problem:
    from microfinish.documents.plain import key_of

    known = [key_of(field.name) for field in fields(noun)] if is_dataclass(noun) else []
    near = get_close_matches(str(path[-1]), known, 1, 0.6)
    beside = f'did you mean "{near[0]}"?' if near else ""
    hint = beside or (f"known keys: {', '.join(known)}" if known else "")
    return parsed.problem(parsed.mark(path, key=True),
                          f'unknown key "{path[-1]}"{_inside(path[:-1])}', hint, beside)


def _wrong_length(parsed: Parsed, path: tuple[str | int, ...], type_: Any) -> Problem:
    found = parsed.at(path)
    count = len(found) if isinstance(found, list) else 0
    return parsed.problem(parsed.mark(path), f"{_label(path)}must have "
                          f"{len(get_args(type_))} items, not {count}")


def _not_one_of(parsed: Parsed, path: tuple[str | int, ...], detail: ErrorDetails) -> Problem:
    expected = str(detail.get("ctx", {}).get("expected", ""))
    choices = [choice.strip("'") for choice in expected.replace(" or ", ", ").split(", ")]
    near = get_close_matches(str(detail["input"]), choices, 1, 0.5)
    beside = f'did you mean "{near[0]}"?' if near else ""
    names = ", ".join(choices[:-1]) + " or " + choices[-1] if len(choices) > 1 else expected
    return parsed.problem(parsed.mark(path), f"{_label(path)}must be {names}, "
                          f"not {_shown(detail['input'])}", beside, beside)


def path_text(path: tuple[str | int, ...]) -> str:
    """`events item 3: speed`, `loudness.target`: a place inside a document, for people."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f" item {step + 1}"
        else:
            text += (": " if " item " in text[-12:] else "." if text else "") + step
    return text.strip()


def _label(path: tuple[str | int, ...], colon: str = "") -> str:
    return f"{path_text(path)}{colon} " if path else ""


def _inside(path: tuple[str | int, ...]) -> str:
    return f" in {path_text(path)}" if path else ""


def _instead(kind: str, value: Any) -> str:
    if kind in _BOUND:
        return f", not {value}"
    return f", not {_shown(value)}" if kind in _NOT else ""


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return f'the text "{value if len(value) <= 40 else value[:39] + "…"}"'
    return "a mapping" if isinstance(value, Mapping) else "a list"


def _quoting_hint(kind: str, value: Any) -> str:
    if kind == "string_type" and isinstance(value, (bool, int, float)):
        return "put it in quotes to make it text"
    if kind.startswith(("int_", "float_")) and isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return ""
        return "write it without quotes and without leading zeros"
    return ""
