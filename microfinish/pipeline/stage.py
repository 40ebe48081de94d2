"""What a stage is: it declares its inputs, and turns them into one document. It never writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from microfinish.documents.digest import digest
from microfinish.pipeline.events import Event
from microfinish.project.episode import DocumentRef, Episode, Human
from microfinish.project.facts import Facts
from microfinish.project.store import Store

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Input:
    """One thing a decision depends on: its content's digest, and how to get at it."""

    digest: str
    load: Callable[[], Any]


class UndeclaredInputError(KeyError):
    """A stage read what its `inputs()` does not name: a bug in the stage."""

    def __str__(self) -> str:
        return str(self.args[0])


class Inputs(Mapping[str, Any]):
    """Everything a decision depends on, by name. Reading an undeclared name raises a KeyError.

    Values are loaded at the first read, so an unchanged stage costs its digests only. A name is
    what a reason shows: `grade_yaml` is told as grade.yaml, `settings_look` as settings.look,
    a name with a dot or slash as it is.
    """

    def __init__(self, entries: Mapping[str, Input]) -> None:
        self._entries = dict(entries)
        self._loaded: dict[str, Any] = {}

    @classmethod
    def of(cls, **values: Any) -> Inputs:
        """Inputs from plain values, nouns, DocumentRefs, Humans or ready-made `Input`s."""
        return cls({name: _as_input(value) for name, value in values.items()})

    def extended(self, **values: Any) -> Inputs:
        """These and more."""
        return Inputs({**self._entries, **Inputs.of(**values)._entries})

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            if name not in self._entries:
                declared = ", ".join(sorted(self._entries)) or "nothing"
                raise UndeclaredInputError(
                    f"'{name}' is not declared by the stage's inputs(), which names {declared}"
                )
            self._loaded[name] = self._entries[name].load()
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def digests(self) -> dict[str, str]:
        return {name: entry.digest for name, entry in sorted(self._entries.items())}


def _as_input(value: Any) -> Input:
    if isinstance(value, Input):
        return value
    if isinstance(value, DocumentRef | Human):
        return Input(value.digest, value.load)
    return Input(_digest(value), lambda: value)


_known: dict[int, tuple[Any, str]] = {}
_MOST_KNOWN = 256


def _digest(value: Any) -> str:
    """`digest`, remembered for tuples that stay what they are: the platforms of a season are one
    object in all its episodes, and the biggest value that stages declare."""
    if type(value) is not tuple or not value:
        return digest(value)
    known = _known.get(id(value))
    if known is not None and known[0] is value:
        return known[1]
    found = digest(value)
    try:
        hash(value)  # can be hashed: nothing in it can change
    except TypeError:
        return found
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[id(value)] = (value, found)
    return found


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked of this run. Never part of a fingerprint."""

    jobs: int = 0
    relock: bool = False
    note: str = ""
    back_to: int = 0
    """A revision of the picture lock to take back as the newest; 0 for none."""


@dataclass(slots=True)
class Context:
    """What a running stage may use beside its inputs: measuring, storing, telling, stopping."""

    episode: str
    root: Path
    facts: Facts
    store: Store
    options: Options
    emit: Callable[[Event], None]
    cancelled: Callable[[], bool]
    previous: Any = None
    map: Callable[[Callable[[Any], Any], Iterable[Any], str], list[Any]] = field(
        default=lambda work, items, label: [work(item) for item in items]
    )
    """Run work over items side by side, in order, with progress under `label`; stops on Ctrl-C."""

    def path(self, relative: str) -> Path:
        """The file behind a project-relative path."""
        return self.root / relative


class Stage(Protocol):
    """A link of the chain. `name` is also the kind of the document it writes.

    Two more things a stage may have. `held(episode)` gives the error that says what it will not
    take without being forced, or None: a lock does not take a changed edit. `final = True` says
    that it makes what is handed out: it never builds on a held stage, not even when it is run
    alone.
    """

    name: str
    version: int
    after: tuple[str, ...]
    body: type

    def inputs(self, episode: Episode) -> Inputs:
        """Everything the decision depends on. Cheap: no decoding, no measuring."""
        ...

    def run(self, inputs: Inputs, ctx: Context) -> Any:
        """The document's body, an instance of `self.body`. May measure through ctx.facts."""
        ...

    def missing(self, body: Any, episode: Episode) -> tuple[str, ...]:
        """Project-relative files this document promises that are not there (masters).

        A stage that promises none returns () without looking at `body`: documents of unchanged
        stages are then never parsed.
        """
        ...
