"""A folder sealed: a new ASC MHL generation records what is there now.

Folders below that have histories of their own get a generation each, and the outer manifest
refers to the inner ones.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
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
from microfinish.interchange.mhl import write_chain, write_hash_list
from microfinish.stages.custody import (
    Check,
    held_to,
    histories,
    is_under,
    present_in,
    read_by,
    recorded_in,
    same_hash,
    verify_folder,
)

TOOL = "microfinish"


@dataclass(frozen=True, slots=True)
class Sealed:
    """The manifest that was written, and what did not agree with earlier generations."""

    manifest: Path
    files: int
    findings: tuple[Finding, ...]


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
        below = {name: value for name, value in sealed.items() if is_under(name, place)}
        manifest, count, failed, whole = _seal(
            folder / place, place, below, stamp, format_, host, tool_version, comment, check)
        sealed[place] = (manifest, whole)
        findings += failed
        total += count
    if not total:
        raise InputError(f"{folder.name} holds no files to seal", where=Where(folder.name))
    return Sealed(sealed[""][0], total, tuple(findings))


def seal_anew(folder: Path, when: datetime, *, host: str = "", tool_version: str = "",
              check: Check | None = None) -> Sealed:
    """Seal a folder that microfinish has just written, as the first generation of its history.

    Its own earlier history is replaced, for files that were made again are not damaged ones.
    Raises InputError where another program has sealed the folder.
    """
    own = next((history for history in histories(folder) if not history.folder), None)
    others = {manifest.tool for manifest in own.generations} - {TOOL} if own else set()
    if others:
        raise InputError(f"{folder.name} was sealed by {', '.join(sorted(others))}",
                         where=Where(f"{folder.name}/{FOLDER}"),
                         hint="write to another folder with --out, or take the seal away")
    if own:
        shutil.rmtree(folder / FOLDER)
    return seal_folder(folder, when, host=host, tool_version=tool_version, check=check)


def _seal(
    folder: Path, place: str, below: dict[str, tuple[Path, DirectoryHash]], when: datetime,
    format_: str, host: str, tool_version: str, comment: str, check: Check | None,
) -> tuple[Path, int, list[Finding], DirectoryHash]:
    """One new generation: (its manifest, number of files, mismatches, the folder's own hash)."""
    from microfinish.documents.atomic import write_bytes

    old = next((h for h in histories(folder) if not h.folder), History("", ()))
    inner = {name[len(place) + 1 if place else 0:]: value for name, value in below.items()}
    recorded = recorded_in([old])
    entries, findings = [], []
    for path, file in present_in(folder, [old]):
        if not any(is_under(path, name) for name in inner):
            entry = _sealed_entry(path, file, recorded.get(path), format_, check)
            entries.append(entry)
            if entry.action == "failed":
                shown = f"{place}/{path}" if place else path
                findings.append(held_to(shown, file, recorded[path], read_by(check)))
    created = when.isoformat(timespec="seconds")
    number = max([link.number for link in old.chain], default=0) + 1
    name = f"{number:04}_{folder.resolve().name}_{when:%Y-%m-%d_%H%M%SZ}.mhl"
    directories = _directories(entries, {n: whole for n, (_, whole) in inner.items()}, format_)
    references = tuple(Reference(file.relative_to(folder).as_posix(), c4_of(file.read_bytes()))
                       for file, _ in inner.values())
    data = write_hash_list(HashList(
        name, created, host or "unknown", TOOL, tool_version, "in-place", tuple(entries),
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
        same = same_hash(earlier, found[earlier], before.hashes[earlier])
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
