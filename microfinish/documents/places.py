"""Data that remember where they were written, and problems shown with the line they sit on."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from microfinish.core.errors import Problem, ProblemsError, Where

MAX_PROBLEMS = 20
_SHOWN_WIDTH = 100


class Mark(NamedTuple):
    """A stretch of one line: `line` and `column` count from 1, `width` is in characters."""

    file: str
    line: int
    column: int
    width: int = 1

    @property
    def where(self) -> Where:
        return Where(self.file, self.line, self.column)


class PlacedDict(dict[str, Any]):
    """A mapping that knows the place of itself, of each key and of each value."""

    __slots__ = ("key_marks", "mark", "value_marks")

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.key_marks: dict[str, Mark] = {}
        self.value_marks: dict[str, Mark] = {}


class PlacedList(list[Any]):
    """A list that knows the place of itself and of each item."""

    __slots__ = ("item_marks", "mark")

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark
        self.item_marks: list[Mark] = []


@dataclass(slots=True)
class Parsed:
    """What a text says: `data` made of placed mappings and lists and plain scalars.

    `sources` holds the text of every file the data came from, by name, for excerpts.
    """

    data: Any
    file: str
    sources: dict[str, str] = field(default_factory=dict)

    def mark(self, path: Sequence[str | int], *, key: bool = False) -> Mark:
        """The place of the value (or of the key) at `path`, or of the nearest parent there is."""
        mark = getattr(self.data, "mark", Mark(self.file, 0, 0))
        node = self.data
        for index, step in enumerate(path):
            last = index == len(path) - 1
            if isinstance(node, PlacedDict) and step in node:
                marks = node.key_marks if key and last else node.value_marks
                mark, node = marks[str(step)], node[str(step)]
            elif isinstance(node, PlacedList) and isinstance(step, int) and step < len(node):
                mark, node = node.item_marks[step], node[step]
            else:
                break
        return mark

    def at(self, path: Sequence[str | int]) -> Any:
        """The value at `path`; None where there is none."""
        node = self.data
        for step in path:
            try:
                node = node[step]
            except (KeyError, IndexError, TypeError):
                return None
        return node

    def parent_key_mark(self, path: Sequence[str | int]) -> Mark:
        """The place of the key whose value should have held `path`; the file for top keys."""
        for end in range(len(path), 0, -1):
            step = path[end - 1]
            mark = self.mark(path[:end], key=isinstance(step, str))
            if mark.line:
                return mark
        return Mark(self.file, 0, 0)

    def problem(self, mark: Mark, message: str, hint: str = "", beside: str = "") -> Problem:
        """A problem at `mark`, its line quoted; `beside` stands next to the carets."""
        text = self.sources.get(mark.file, "")
        return Problem(message, mark.where, hint or beside, excerpt(text, mark, beside))


def merge(parent: Parsed, child: Parsed) -> Parsed:
    """`child` over `parent`: mappings merge key by key, lists and scalars are replaced.

    Every value keeps the place it was written at. A `null` in the child is a value too.
    """
    data = _merged(parent.data, child.data) if child.data is not None else parent.data
    return Parsed(data, child.file, {**parent.sources, **child.sources})


def _merged(parent: Any, child: Any) -> Any:
    if not (isinstance(parent, PlacedDict) and isinstance(child, PlacedDict)):
        return child
    both = PlacedDict(child.mark)
    for key in [*parent, *(key for key in child if key not in parent)]:
        owner = child if key in child else parent
        both[key] = _merged(parent[key], child[key]) if key in parent and key in child \
            else owner[key]
        both.key_marks[key] = owner.key_marks[key]
        both.value_marks[key] = owner.value_marks[key]
    return both


def excerpt(text: str, mark: Mark, beside: str = "") -> str:
    """The line at `mark` with carets under it; "" where the line is unknown."""
    lines = text.splitlines()
    if not 0 < mark.line <= len(lines):
        return ""
    line = lines[mark.line - 1].expandtabs(1).rstrip()
    column = min(max(mark.column, 1), len(line) + 1) - 1
    shift = max(0, column - _SHOWN_WIDTH * 2 // 3)
    shown = line[shift:shift + _SHOWN_WIDTH]
    column -= shift
    carets = "^" * max(1, _cells(shown[column:column + max(1, mark.width)]))
    pad = " " * _cells(shown[:column])
    return f"{mark.line:>4} | {shown}\n     | {pad}{carets} {beside}".rstrip()


def raise_all(problems: Iterable[Problem], hint: str = "") -> None:
    """Raise ProblemsError with the problems in the order of their lines, if there are any.

    At most 20 are kept; one more then says how many there are beyond them.
    """
    found = sorted(dict.fromkeys(problems), key=lambda p: p.where or Where(""))
    if not found:
        return
    if len(found) > MAX_PROBLEMS:
        more = len(found) - MAX_PROBLEMS
        last = found[MAX_PROBLEMS - 1].where
        found = [*found[:MAX_PROBLEMS],
                 Problem(f"and {more} more problem{'s' * (more > 1)}", last and Where(last.file))]
    raise ProblemsError(tuple(found), hint=hint)


def _cells(text: str) -> int:
    """The terminal cells that `text` fills: wide East Asian characters fill two."""
    return sum(0 if unicodedata.combining(char) else
               2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
