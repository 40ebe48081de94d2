"""Which episodes a command means: `ep001`, `ep001..ep010`, several of them, or `all`."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from microfinish.core.errors import InputError


def select(known: Sequence[str], asked: Sequence[str] | None) -> tuple[str, ...]:
    """The asked episodes in the season's order, each once; nothing asked means all.

    Raises InputError, with the nearest name, for an episode that is not there.
    """
    if not known:
        raise InputError("the project has no episodes yet",
                         hint="make a folder such as episodes/ep001 and put the edit list in it")
    wanted: set[str] = set()
    for word in asked or ["all"]:
        wanted.update(_expand(known, word.strip().rstrip("/")))
    return tuple(name for name in known if name in wanted)


def select_one(known: Sequence[str], asked: str) -> str:
    """Exactly one episode; raises InputError where `asked` means several."""
    names = select(known, [asked])
    if len(names) != 1:
        raise InputError(f"{asked} means {len(names)} episodes, but this shows one at a time",
                         hint=f"name one of them, such as {names[0]}")
    return names[0]


def _expand(known: Sequence[str], word: str) -> Sequence[str]:
    if word == "all":
        return known
    first, dots, last = word.partition("..")
    if not dots:
        return [_resolve(known, word)]
    start = known.index(_resolve(known, first)) if first else 0
    end = known.index(_resolve(known, last)) if last else len(known) - 1
    if end < start:
        raise InputError(f"the range {word} runs backwards", hint=f"write {last}..{first}")
    return known[start:end + 1]


def _resolve(known: Sequence[str], word: str) -> str:
    # A shell completes `episodes/ep001/`: accept the folder as well as the name.
    name = word.replace("\\", "/").rpartition("/")[2]
    if name in known:
        return name
    folded = [candidate for candidate in known if candidate.casefold() == name.casefold()]
    if len(folded) == 1:
        return folded[0]
    near = get_close_matches(name, known, n=1, cutoff=0.4)
    span = known[0] if len(known) == 1 else f"{known[0]} to {known[-1]}"
    hint = f"did you mean {near[0]}? " if near else ""
    raise InputError(f"there is no episode {word!r}",
                     hint=f"{hint}the season has {len(known)}: {span}")
