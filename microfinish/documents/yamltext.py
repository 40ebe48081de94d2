"""Restricted YAML: the 1.2 core schema with decimal numbers only, every value with its place.

`no`, `on` and `y` are text, and so are `1:30`, `010`, `0x10`, `1_000` and `2026-11-20`, which
YAML 1.1 readers turn into False, 90, 8, 16, 1000 and a date. Keys are always text. Anchors,
aliases, tags, merge keys, duplicate keys and second documents are refused.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml

from microfinish.core.errors import Problem, ProblemsError
from microfinish.documents.places import Mark, Parsed, PlacedDict, PlacedList, raise_all

MAX_BYTES = 5_000_000
MAX_DEPTH = 40

_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,4000})\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None,
          "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
          ".inf": float("inf"), "+.inf": float("inf"), "-.inf": float("-inf"),
          ".nan": float("nan")}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONFLICT = re.compile(r"^(<{7}|\|{7}|={7}|>{7})( |$)", re.MULTILINE)
_REWORDED = (
    ("'\\t'", "a tab cannot indent YAML", "use spaces"),
    ("character that cannot start any token", "this character cannot start a value",
     "put the text in quotes; indent with spaces, not tabs"),
    ("mapping values are not allowed", "a colon cannot stand here",
     'put text that holds ": " in quotes, or check the indentation of the line'),
    ("could not find expected ':'", "this key has no colon", "write `key: value`"),
    ("did not find expected key", "this line does not fit the indentation above it",
     "line up the keys of one mapping; put text with special characters in quotes"),
    ("expected <block end>", "this line does not fit the indentation above it",
     "line up the keys of one mapping; put text with special characters in quotes"),
    ("unexpected end of stream", "the text ends inside a quotation", "close the quotes"),
    ("did not find expected ',' or", "a comma or a closing bracket is missing", ""),
    ("did not find expected '-' indicator", "this line does not fit the list above it",
     "line up the items of the list"),
    ("control characters are not allowed", "a control character stands here", "delete it"),
    ("special characters are not allowed", "a control character stands here", "delete it"),
)


def scalar(text: str) -> Any:
    """The value of an unquoted scalar: null, true, false, a decimal number, or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "+-.0123456789":
        if _INT.match(text):
            return int(text)
        if _FLOAT.match(text):
            return float(text)
    return text


def decode(data: bytes, file: str) -> str:
    """UTF-8 text from a file's bytes, with or without a byte order mark. Raises ProblemsError."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode("utf-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise ProblemsError((Problem(
            "this file is not UTF-8 text", Mark(file, line, column).where,
            hint="save it as UTF-8 in your editor"),)) from None


def parse(text: str, file: str) -> Parsed:
    """The data that `text` holds, each with its place; None for a text without content.

    `file` is the name used in messages. Raises ProblemsError with everything that is wrong, as
    far as the text could be read.
    """
    text = text.removeprefix("\ufeff")
    parsed = Parsed(None, file, {file: text})
    if len(text) > MAX_BYTES:
        raise_all([parsed.problem(Mark(file, 0, 0), f"this file is larger than "
                                  f"{MAX_BYTES // 1_000_000} MB", "split it")])
    _refuse_conflicts(text, parsed)
    reader = _Reader(parsed)
    try:
        reader.read(text)
    except yaml.YAMLError as error:
        reader.problems.append(_syntax_problem(error, parsed))
    raise_all(reader.problems)
    parsed.data = reader.root
    return parsed


def _refuse_conflicts(text: str, parsed: Parsed) -> None:
    found = list(_CONFLICT.finditer(text))
    if {match[1][0] for match in found} >= {"<", ">"}:
        match = found[0]
        line = text.count("\n", 0, match.start()) + 1
        raise_all([parsed.problem(Mark(parsed.file, line, 1, 7), "unresolved merge conflict",
                                  "keep one side and delete the <<<<<<< ======= >>>>>>> lines")])


def _syntax_problem(error: yaml.YAMLError, parsed: Parsed) -> Problem:
    raw = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    at = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if at is not None:
        mark = Mark(parsed.file, at.line + 1, at.column + 1)
    else:
        before = parsed.sources[parsed.file][:getattr(error, "position", 0)]
        mark = Mark(parsed.file, before.count("\n") + 1, len(before) - before.rfind("\n"))
    lines = parsed.sources[parsed.file].splitlines()
    line = lines[mark.line - 1] if 0 < mark.line <= len(lines) else ""
    if "\t" in line[:len(line) - len(line.lstrip())]:
        return parsed.problem(mark, "a tab cannot indent YAML", "use spaces")
    for phrase, message, hint in _REWORDED:
        if phrase in raw:
            return parsed.problem(mark, message, hint)
    return parsed.problem(mark, f"this is not YAML: {raw}")


class _Open(NamedTuple):
    """A mapping or list whose end has not come yet; `key` is a one-item box for the open key."""

    node: PlacedDict | PlacedList
    key: list[tuple[str, Mark] | None]


class _Reader:
    """Builds placed data from YAML events, so that nothing forbidden is ever constructed."""

    def __init__(self, parsed: Parsed) -> None:
        self.parsed = parsed
        self.problems: list[Problem] = []
        self.root: Any = None
        self.open: list[_Open] = []
        self.skipping = 0

    def read(self, text: str) -> None:
        loader = _LOADER(text)
        try:
            documents = 0
            while not isinstance(event := loader.get_event(), yaml.StreamEndEvent):
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._refuse(self._mark(event, 3), "a second document begins here",
                                     "one file holds one document; delete the ---")
                        return
                elif isinstance(event, (yaml.NodeEvent, yaml.CollectionEndEvent)):
                    self._take(event)
        finally:
            loader.dispose()

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.CollectionEndEvent):
            if self.skipping:
                self.skipping -= 1
            else:
                self.open.pop()
            return
        collection = isinstance(event, yaml.CollectionStartEvent)
        if self.skipping:
            self.skipping += collection
            return
        mark = self._mark(event)
        if self._is_forbidden(event, mark):
            self._place(None, mark)
        elif isinstance(event, yaml.ScalarEvent):
            value = scalar(event.value) if event.implicit[0] and not event.style else event.value
            self._place(value, mark, event.value, plain=not event.style)
        else:
            self._open(PlacedDict(mark) if isinstance(event, yaml.MappingStartEvent)
                       else PlacedList(mark), mark)

    def _open(self, node: PlacedDict | PlacedList, mark: Mark) -> None:
        if len(self.open) >= MAX_DEPTH:
            self._refuse(mark, f"nested deeper than {MAX_DEPTH} levels", "")
            self.skipping = 1
        elif self._expects_key():
            self._refuse(mark, "a key must be one text", "put the key in quotes")
            self._place(None, mark, "?")
            self.skipping = 1
        else:
            self._place(node, mark)
            self.open.append(_Open(node, [None]))

    def _is_forbidden(self, event: Any, mark: Mark) -> bool:
        # the string tag `!` and explicit core tags would say nothing new, so all tags go
        if isinstance(event, yaml.AliasEvent):
            self._refuse(mark, f"alias *{event.anchor}: aliases are not supported",
                         "write the value out; text that begins with * needs quotes")
            return True
        if event.anchor:
            self._refuse(mark, f"anchor &{event.anchor}: anchors are not supported",
                         "write the value out; text that begins with & needs quotes")
        if event.tag:
            self._refuse(mark, f"tag {event.tag}: tags are not supported",
                         "text that begins with ! needs quotes")
        return False

    def _expects_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].node, PlacedDict) \
            and self.open[-1].key[0] is None

    def _place(self, value: Any, mark: Mark, text: str | None = None, plain: bool = False) -> None:
        if not self.open:
            self.root = value
            return
        node, key = self.open[-1]
        if isinstance(node, PlacedList):
            node.append(value)
            node.item_marks.append(mark)
        elif key[0] is None:
            if plain and text == "<<":
                self._refuse(mark, "merge key <<: merge keys are not supported",
                             "write the values out, or use `extends` in a preset")
            key[0] = (text or "", mark)
        else:
            name, key_mark = key[0]
            key[0] = None
            if name in node:
                first = node.key_marks[name].line
                self._refuse(key_mark, f'key "{name}" is given twice',
                             f"it is already in line {first}; keep one")
                return
            node[name] = value
            node.key_marks[name] = key_mark
            node.value_marks[name] = mark

    def _mark(self, event: Any, width: int = 0) -> Mark:
        start, end = event.start_mark, event.end_mark
        if not width:
            width = max(1, end.column - start.column) if end.line == start.line else 1
        return Mark(self.parsed.file, start.line + 1, start.column + 1, width)

    def _refuse(self, mark: Mark, message: str, hint: str) -> None:
        self.problems.append(self.parsed.problem(mark, message, hint))
