"""The part of a faulty file that holds, so that one look at it can go on behind the fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from microfinish.core.errors import InputError
from microfinish.documents.places import Mark, Parsed, PlacedDict, PlacedList
from microfinish.documents.validate import validate

T = TypeVar("T")
_FAULTY: Any = object()


def what_holds(parsed: Parsed, type_: type[T]) -> T:
    """The noun that placed data describe, without each key and item that is faulty by itself.

    Raises ProblemsError where nothing is left. Places are kept. To be used for finding more
    mistakes only: a file with a fault is never obeyed in part.
    """
    def holds(node: Any) -> bool:
        try:
            validate(Parsed(node, parsed.file, parsed.sources), type_)
        except InputError:
            return False
        return True

    kept = _kept(parsed.data, holds)
    node = parsed.data if kept is _FAULTY else kept
    return validate(Parsed(node, parsed.file, parsed.sources), type_)


def _kept(node: Any, holds: Callable[[Any], bool]) -> Any:
    """`node`, or a copy of it without what is faulty; `holds` says whether one would do there."""
    if holds(node):
        return node
    if isinstance(node, PlacedDict):
        kept = _without_faults(node, holds)
        return kept if holds(kept) else _FAULTY
    if isinstance(node, PlacedList):
        items = PlacedList(node.mark)
        for item, mark in zip(node, node.item_marks, strict=True):
            def alone(given: Any, mark: Mark = mark) -> bool:
                return holds(_one_item(node, given, mark))

            found = _kept(item, alone)
            if found is not _FAULTY:
                items.append(found)
                items.item_marks.append(mark)
        return items if holds(items) else _FAULTY
    return _FAULTY


def _without_faults(node: PlacedDict, holds: Callable[[Any], bool]) -> PlacedDict:
    kept = PlacedDict(node.mark)
    for key, value in node.items():
        def fits(given: Any, key: str = key) -> bool:
            return holds(_entry(node, PlacedDict(node.mark), key, given))

        found = _kept(value, fits)
        if found is not _FAULTY:
            _entry(node, kept, key, found)
    return kept


def _entry(source: PlacedDict, into: PlacedDict, key: str, value: Any) -> PlacedDict:
    into[key] = value
    into.key_marks[key], into.value_marks[key] = source.key_marks[key], source.value_marks[key]
    return into


def _one_item(node: PlacedList, value: Any, mark: Mark) -> PlacedList:
    alone = PlacedList(node.mark)
    alone.append(value)
    alone.item_marks.append(mark)
    return alone
