"""Chain of custody: a folder against its ASC MHL histories.

Folders below may have histories of their own (a card inside a shuttle drive): each is held to its
own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from microfinish.core.finding import Finding
from microfinish.core.mhl import (
    CHAIN,
    DEFAULT_IGNORE,
    FOLDER,
    ChainLink,
    HashEntry,
    History,
    c4_of,
)
from microfinish.interchange.mhl import read_chain, read_hash_list
from microfinish.interchange.mhl_ignore import ignored_by

Check = Callable[[], None]
Hashed = Callable[[Path, str, str], str]
"""The hash of (file, name for messages, format of ASC MHL)."""
Over = Callable[[Callable[[str], Finding], Iterable[str], str], list[Finding]]
"""Runs work over names, side by side if it likes, under a label."""


def histories(folder: Path) -> tuple[History, ...]:
    """Every history in and below `folder`, outermost first. Raises InputError for broken XML."""
    found = []
    for here, names, files in os.walk(folder):
        names.sort()
        relative = Path(here).relative_to(folder).as_posix()
        legacy = [name for name in sorted(files) if name.lower().endswith(".mhl")]
        if FOLDER in names:
            names.remove(FOLDER)
            found.append(_history(Path(here), "" if relative == "." else relative, legacy))
        elif legacy:
            found.append(_history(Path(here), "" if relative == "." else relative, legacy))
    return tuple(found)


def verify_folder(
    folder: Path, *, shown: str = "", quick: bool = False, check: Check | None = None,
    hashed: Hashed | None = None, over: Over | None = None,
) -> tuple[Finding, ...]:
    """One finding per file: mhl.verified, mhl.changed, mhl.missing or mhl.new, and mhl.chain where
    a manifest is not what its chain says. Empty where there is no history.

    Files are named below `shown`. `quick` compares sizes and presence only. A file is held to the
    first hash that any generation recorded for it. `hashed` gives a file's hash in a format and
    `over` runs the checks, for callers who remember hashes and show progress.
    """
    known = histories(folder)
    if not known:
        return ()
    prefix = f"{shown}/" if shown else ""
    findings = [finding for history in known for finding in _of_the_chain(history, prefix)]
    recorded = {path: replace(entry, previous=prefix + entry.previous)
                for path, entry in recorded_in(known).items()}
    present = dict(present_in(folder, known))
    hashed = hashed or read_by(check)
    there = [path for path in sorted(recorded) if path in present]

    def held(path: str) -> Finding:
        return held_to(prefix + path, present[path], recorded[path], None if quick else hashed)

    findings += over(held, there, "ASC MHL") if over else map(held, there)
    findings += [Finding("mhl.missing", "error", f"{prefix}{path} is missing", prefix + path,
                         expected=_first_hash(recorded[path]), source=recorded[path].previous,
                         fix="copy it again from the card")
                 for path in sorted(set(recorded) - set(present))]
    findings += [Finding("mhl.new", "warning", f"{prefix}{path} is in no manifest", prefix + path,
                         fix="seal the folder to record it, if it belongs there")
                 for path in sorted(set(present) - set(recorded))]
    return tuple(findings)


def read_by(check: Check | None = None) -> Hashed:
    """A `Hashed` that reads each file; `check` is called while it lasts."""
    from microfinish.media.checksums import checksums

    return lambda file, shown, format_: checksums(file, (format_,), check, shown)[format_]


def _history(folder: Path, relative: str, legacy: list[str]) -> History:
    prefix = f"{relative}/" if relative else ""
    own = folder / FOLDER
    chain_file = own / CHAIN
    links: tuple[ChainLink, ...] = ()
    broken: list[str] = []
    if chain_file.is_file():
        links = read_chain(chain_file.read_bytes(), f"{prefix}{FOLDER}/{CHAIN}")
    elif own.is_dir():
        broken.append(f"{prefix}{FOLDER} has no {CHAIN}")
    lists = [read_hash_list((folder / name).read_bytes(), prefix + name) for name in legacy]
    stated = {link.path: link for link in links}
    manifests = sorted(own.glob("*.mhl")) if own.is_dir() else []
    for manifest in manifests:
        data = manifest.read_bytes()
        shown = f"{prefix}{FOLDER}/{manifest.name}"
        link = stated.pop(manifest.name, None)
        if link is None and links:
            broken.append(f"{shown} is not in the chain")
        elif link and link.c4 != c4_of(data):
            broken.append(f"{shown} was changed after it was sealed")
        lists.append(read_hash_list(data, shown))
    broken += [f"{prefix}{FOLDER}/{name} is in the chain but not there" for name in stated]
    newest = lists[-1].ignore if lists else ()
    return History(relative, tuple(lists), links, tuple(broken), newest or DEFAULT_IGNORE)


def _of_the_chain(history: History, prefix: str) -> Iterator[Finding]:
    for text in history.broken:
        yield Finding("mhl.chain", "error", prefix + text, prefix + text.split(" ")[0],
                      fix="ask for the copy's manifests again; do not trust this one")
    for manifest in history.generations:
        for loss in manifest.losses:
            yield Finding("mhl.chain", "error", prefix + loss, prefix + manifest.file,
                          fix="do not trust this manifest")


def recorded_in(known: Iterable[History]) -> dict[str, HashEntry]:
    """The first hashes recorded for each file, under the name it has now."""
    found: dict[str, HashEntry] = {}
    for history in known:
        prefix = f"{history.folder}/" if history.folder else ""
        for manifest in history.generations:
            for entry in manifest.entries:
                if entry.previous:
                    earlier = found.pop(prefix + entry.previous, None)
                    if earlier:
                        found.setdefault(prefix + entry.path, earlier)
                path = prefix + entry.path
                first = found.setdefault(path, replace(
                    entry, previous=f"{manifest.file}:{entry.line}"))
                if entry.action != "failed":  # formats it added; its word on others is later
                    added = {name: value for name, value in entry.hashes.items()
                             if name not in first.hashes}
                    found[path] = replace(first, hashes={**first.hashes, **added})
    return found


def present_in(folder: Path, known: Iterable[History]) -> Iterator[tuple[str, Path]]:
    """The files below `folder` that no history's patterns leave out."""
    rules = {history.folder: ignored_by((*DEFAULT_IGNORE, *history.ignore)) for history in known}

    def left_out(path: str, is_folder: bool) -> bool:
        return any(rule(path[len(place) + 1 if place else 0:], is_folder)
                   for place, rule in rules.items() if is_under(path, place) and path != place)

    for here, names, files in os.walk(folder):
        relative = Path(here).relative_to(folder).as_posix()
        prefix = "" if relative == "." else f"{relative}/"
        names[:] = sorted(name for name in names if not left_out(prefix + name, True))
        for name in sorted(files):
            is_manifest = name.lower().endswith(".mhl") and relative in ("", ".", *rules)
            if not is_manifest and not left_out(prefix + name, False):
                yield prefix + name, Path(here) / name


def held_to(path: str, file: Path, entry: HashEntry, hashed: Hashed | None) -> Finding:
    """One file against what was recorded of it; without `hashed`, against its size alone."""
    size = file.stat().st_size
    if entry.size is not None and size != entry.size:
        return Finding("mhl.changed", "error", f"{path} has another size than when it was sealed",
                       path, measured=f"{size} bytes", expected=f"{entry.size} bytes",
                       source=entry.previous, fix="copy it again from the card")
    if hashed is None or not entry.hashes:
        return Finding("mhl.verified", "info", f"{path} is there, its size is right", path,
                       measured=f"{size} bytes", source=entry.previous)
    format_ = next(iter(entry.hashes))
    found = hashed(file, path, format_)
    if same_hash(format_, found, entry.hashes[format_]):
        return Finding("mhl.verified", "info", f"{path} is as it was sealed", path,
                       measured=f"{format_} {found}", source=entry.previous)
    return Finding("mhl.changed", "error", f"{path} is not what was sealed", path,
                   measured=f"{format_} {found}", expected=f"{format_} {entry.hashes[format_]}",
                   source=entry.previous, fix="copy it again from the card")


def same_hash(format_: str, one: str, other: str) -> bool:
    """Whether two texts are one hash; only C4 tells letters' case apart."""
    return one == other if format_ == "c4" else one.lower() == other.lower()


def is_under(path: str, place: str) -> bool:
    """Whether a path is `place` or below it; "" holds everything."""
    return not place or path == place or path.startswith(f"{place}/")


def _first_hash(entry: HashEntry) -> str:
    return next((f"{name} {value}" for name, value in entry.hashes.items()), "")
