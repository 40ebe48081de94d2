"""Chain of custody: a folder against its ASC MHL histories, and a new generation to seal it.

`verify_folder` reads every file that a history names; `seal_folder` records what is there now.
Folders below may have histories of their own (a card inside a shuttle drive): each is held to its
own, and the outer manifest refers to the inner one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from microfinish.core.errors import InputError, Where
from microfinish.core.finding import Finding
from microfinish.core.mhl import (
    CHAIN,
    DEFAULT_IGNORE,
    FOLDER,
    ChainLink,
    DirectoryHash,
    HashEntry,
    HashList,
    History,
    Reference,
    c4_of,
    hash_bytes,
)
from microfinish.interchange.mhl import read_chain, read_hash_list, write_chain, write_hash_list
from microfinish.interchange.mhl_ignore import ignored_by

Check = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Sealed:
    """The manifest that was written, and what did not agree with earlier generations."""

    manifest: Path
    files: int
    findings: tuple[Finding, ...]


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


def verify_folder(folder: Path, *, quick: bool = False, check: Check | None = None
                  ) -> tuple[Finding, ...]:
    """One finding per file: mhl.verified, mhl.changed, mhl.missing or mhl.new, and mhl.chain where
    a manifest is not what its chain says. Empty where there is no history.

    `quick` compares sizes and presence only. A file is held to the first hash that any generation
    recorded for it.
    """
    known = histories(folder)
    if not known:
        return ()
    findings = [finding for history in known for finding in _of_the_chain(history)]
    recorded = _recorded(known)
    present = dict(_present(folder, known))
    for path, entry in sorted(recorded.items()):
        if path not in present:
            findings.append(Finding("mhl.missing", "error", f"{path} is missing", path,
                                    expected=_first_hash(entry), source=entry.previous,
                                    fix="copy it again from the card"))
        else:
            findings.append(_held(path, present[path], entry, quick, check))
    findings += [Finding("mhl.new", "warning", f"{path} is in no manifest", path,
                         fix="seal the folder to record it, if it belongs there")
                 for path in sorted(set(present) - set(recorded))]
    return tuple(findings)


def seal_folder(
    folder: Path, when: datetime, *, format_: str = "xxh64", host: str = "", tool_version: str = "",
    comment: str = "", check: Check | None = None,
) -> Sealed:
    """Record every file of `folder` in a new generation, and of each history below it.

    Files that an earlier generation holds are verified in the format it used: a mismatch is
    written as `failed` and comes back as a finding. Raises InputError for an empty folder.
    """
    stamp = when.astimezone(UTC)
    findings = [finding for finding in verify_folder(folder, quick=True)
                if finding.rule in ("mhl.missing", "mhl.chain")]
    inner = [history.folder for history in histories(folder)
             if history.folder and history.chain]
    sealed: dict[str, tuple[Path, DirectoryHash]] = {}
    total = 0
    for place in [*sorted(inner, key=lambda name: -name.count("/")), ""]:
        below = {name: value for name, value in sealed.items() if _under(name, place)}
        manifest, count, failed, whole = _seal(
            folder / place, place, below, stamp, format_, host, tool_version, comment, check)
        sealed[place] = (manifest, whole)
        findings += failed
        total += count
    if not total:
        raise InputError(f"{folder.name} holds no files to seal", where=Where(folder.name))
    return Sealed(sealed[""][0], total, tuple(findings))


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


def _of_the_chain(history: History) -> Iterator[Finding]:
    for text in history.broken:
        yield Finding("mhl.chain", "error", text, text.split(" ")[0],
                      fix="ask for the copy's manifests again; do not trust this one")
    for manifest in history.generations:
        for loss in manifest.losses:
            yield Finding("mhl.chain", "error", loss, manifest.file)


def _recorded(known: Iterable[History]) -> dict[str, HashEntry]:
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


def _present(folder: Path, known: Iterable[History]) -> Iterator[tuple[str, Path]]:
    """The files below `folder` that no history's patterns leave out."""
    rules = {history.folder: ignored_by((*DEFAULT_IGNORE, *history.ignore)) for history in known}

    def left_out(path: str, is_folder: bool) -> bool:
        return any(rule(path[len(place) + 1 if place else 0:], is_folder)
                   for place, rule in rules.items() if _under(path, place) and path != place)

    for here, names, files in os.walk(folder):
        relative = Path(here).relative_to(folder).as_posix()
        prefix = "" if relative == "." else f"{relative}/"
        names[:] = sorted(name for name in names if not left_out(prefix + name, True))
        for name in sorted(files):
            is_manifest = name.lower().endswith(".mhl") and relative in ("", ".", *rules)
            if not is_manifest and not left_out(prefix + name, False):
                yield prefix + name, Path(here) / name


def _held(path: str, file: Path, entry: HashEntry, quick: bool, check: Check | None) -> Finding:
    from microfinish.media.checksums import checksums

    size = file.stat().st_size
    if entry.size is not None and size != entry.size:
        return Finding("mhl.changed", "error", f"{path} has another size than when it was sealed",
                       path, measured=f"{size} bytes", expected=f"{entry.size} bytes",
                       source=entry.previous, fix="copy it again from the card")
    if quick or not entry.hashes:
        return Finding("mhl.verified", "info", f"{path} is there, its size is right", path,
                       measured=f"{size} bytes", source=entry.previous)
    format_ = next(iter(entry.hashes))
    found = checksums(file, (format_,), check, path)[format_]
    if _same(format_, found, entry.hashes[format_]):
        return Finding("mhl.verified", "info", f"{path} is as it was sealed", path,
                       measured=f"{format_} {found}", source=entry.previous)
    return Finding("mhl.changed", "error", f"{path} is not what was sealed", path,
                   measured=f"{format_} {found}", expected=f"{format_} {entry.hashes[format_]}",
                   source=entry.previous, fix="copy it again from the card")


def _seal(
    folder: Path, place: str, below: dict[str, tuple[Path, DirectoryHash]], when: datetime,
    format_: str, host: str, tool_version: str, comment: str, check: Check | None,
) -> tuple[Path, int, list[Finding], DirectoryHash]:
    """One new generation: (its manifest, number of files, mismatches, the folder's own hash)."""
    from microfinish.documents.atomic import write_bytes

    old = next((h for h in histories(folder) if not h.folder), History("", ()))
    inner = {name[len(place) + 1 if place else 0:]: value for name, value in below.items()}
    recorded = _recorded([old])
    entries, findings = [], []
    for path, file in _present(folder, [old]):
        if not any(_under(path, name) for name in inner):
            entry = _sealed_entry(path, file, recorded.get(path), format_, check)
            entries.append(entry)
            if entry.action == "failed":
                shown = f"{place}/{path}" if place else path
                findings.append(_held(shown, file, recorded[path], False, check))
    created = when.isoformat(timespec="seconds")
    number = max([link.number for link in old.chain], default=0) + 1
    name = f"{number:04}_{folder.resolve().name}_{when:%Y-%m-%d_%H%M%SZ}.mhl"
    directories = _directories(entries, {n: whole for n, (_, whole) in inner.items()}, format_)
    references = tuple(Reference(file.relative_to(folder).as_posix(), c4_of(file.read_bytes()))
                       for file, _ in inner.values())
    data = write_hash_list(HashList(
        name, created, host or "unknown", "microfinish", tool_version, "in-place", tuple(entries),
        directories, references, tuple(dict.fromkeys((*DEFAULT_IGNORE, *old.ignore))), comment))
    (folder / FOLDER).mkdir(exist_ok=True)
    write_bytes(folder / FOLDER / name, data)
    links = (*old.chain, ChainLink(number, name, c4_of(data)))
    write_bytes(folder / FOLDER / CHAIN, write_chain(links))
    whole = next(item for item in directories if item.path == ".")
    return folder / FOLDER / name, len(entries), findings, whole


def _sealed_entry(path: str, file: Path, before: HashEntry | None, format_: str,
                  check: Check | None) -> HashEntry:
    from microfinish.media.checksums import checksums

    stat = file.stat()
    modified = datetime.fromtimestamp(int(stat.st_mtime), UTC).isoformat()
    earlier = next(iter(before.hashes), "") if before else ""
    formats = tuple(dict.fromkeys(filter(None, (earlier, format_))))
    found = checksums(file, formats, check, path)
    action = "original"
    if before and earlier:
        same = _same(earlier, found[earlier], before.hashes[earlier])
        action = "verified" if same else "failed"
    return HashEntry(path, found, stat.st_size, action, modified)


def _directories(entries: Iterable[HashEntry], inner: dict[str, DirectoryHash], format_: str
                 ) -> tuple[DirectoryHash, ...]:
    """The hash of each folder from those of its children; the whole is "."."""
    from microfinish.media.checksums import checksum_of

    children: dict[str, list[tuple[str, str, str]]] = {"": []}

    def put(path: str, content: str, structure: str) -> None:
        parent, _, name = path.rpartition("/")
        if parent not in children:
            children[parent] = []
        children[parent].append((name, content, structure))

    def total(hashes: Iterable[str]) -> str:
        return checksum_of(b"".join(hash_bytes(format_, h) for h in sorted(hashes)), format_)

    for entry in entries:
        put(entry.path, entry.hashes[format_], entry.hashes[format_])
    for path, whole in inner.items():
        put(path, whole.content[format_], whole.structure[format_])
    for path in list(children):
        while path:  # folders that hold nothing but folders
            path = path.rpartition("/")[0]
            children.setdefault(path, [])
    found = []
    for path in sorted(children, key=lambda name: (-name.count("/") - bool(name), name)):
        content = total(child[1] for child in children[path])
        structure = total(checksum_of(name.encode() + hash_bytes(format_, value), format_)
                          for name, _, value in children[path])
        if path:
            put(path, content, structure)
        found.append(DirectoryHash(path or ".", {format_: content}, {format_: structure}))
    return tuple(found)


def _same(format_: str, one: str, other: str) -> bool:
    return one == other if format_ == "c4" else one.lower() == other.lower()


def _under(path: str, place: str) -> bool:
    return not place or path == place or path.startswith(f"{place}/")


def _first_hash(entry: HashEntry) -> str:
    return next((f"{name} {value}" for name, value in entry.hashes.items()), "")
