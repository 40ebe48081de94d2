"""log and the chain of custody: folders of media that carry ASC MHL histories are held to them.

A hash in a manifest's format is kept by content, so a file that did not change is never read for
it again.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from microfinish.core.errors import InputError, Interrupted
from microfinish.core.finding import Finding
from microfinish.core.mhl import CHAIN, FOLDER
from microfinish.pipeline.stage import Context
from microfinish.project.facts import Facts
from microfinish.project.project import Project

CHECKSUM_VERSION = 1
_MOST_NEW = 20
"""More files that no manifest names are told in one line: proxies made after the copy."""


def sealed_folders(project: Project) -> tuple[str, ...]:
    """The folders among the media that carry a history, as media are named; outermost only."""
    found = set()
    for manifest in project.sidecars(".mhl", CHAIN):
        folder = manifest.rpartition("/")[0]
        found.add(folder.removesuffix(f"/{FOLDER}"))
    return tuple(sorted(name for name in found
                        if not any(name.startswith(f"{other}/") for other in found)))


def sealed_contents(project: Project) -> tuple[tuple[str, str], ...]:
    """Every file but media below the sealed folders, with its content hash; media have theirs."""
    folders = tuple(f"{folder}/" for folder in sealed_folders(project))
    return project.digests(tuple(name for name in project.sidecars("")
                                 if name.startswith(folders))) if folders else ()


class ReadOnce:
    """Lets the reading of a sealed file for its content hash give the manifest's hash as well.

    Manifests are parsed when the first file is really read: a season in which nothing changed
    does not look at them.
    """

    def __init__(self, project: Project, folders: tuple[str, ...]) -> None:
        self._project = project
        self._folders = folders
        self._mutex = threading.Lock()
        self._formats: dict[Path, str] | None = None

    def __call__(self, path: Path) -> _Alongside | None:
        with self._mutex:
            if self._formats is None:
                self._formats = self._stated()
        format_ = self._formats.get(path)
        return _Alongside(format_, self._project.facts) if format_ else None

    def _stated(self) -> dict[Path, str]:
        from microfinish.stages.custody import histories, recorded_in

        found: dict[Path, str] = {}
        for folder in self._folders:
            place = self._project.root / folder
            try:
                recorded = recorded_in(histories(place))
            except InputError:
                continue  # `custody_findings` tells it
            found.update((place / name, next(iter(entry.hashes)))
                         for name, entry in recorded.items() if entry.hashes)
        return found


class _Alongside:
    """One file's hash in the format of its manifest, kept as a fact once it is whole."""

    def __init__(self, format_: str, facts: Facts) -> None:
        from microfinish.media.checksums import hasher

        self._format, self._facts = format_, facts
        self.update, self._hash = hasher(format_)

    def done(self, content: str) -> None:
        self._facts.get(f"checksum-{self._format}", CHECKSUM_VERSION, content, self._hash)


def custody_findings(
    folders: Iterable[str], contents: Mapping[str, str], ctx: Context
) -> list[Finding]:
    """What the histories say of their folders. `contents` are content hashes by name."""
    found: list[Finding] = []
    for folder in folders:
        found += _of_folder(folder, contents, ctx)
    return found


def _of_folder(folder: str, contents: Mapping[str, str], ctx: Context) -> list[Finding]:
    from microfinish.media.checksums import checksums
    from microfinish.stages.custody import verify_folder

    def check() -> None:
        if ctx.cancelled():
            raise Interrupted("run again to continue; every finished step is kept")

    def hashed(file: Path, shown: str, format_: str) -> str:
        content = contents.get(shown) or ctx.facts.file_digest(file)
        fact: Any = ctx.facts.get(f"checksum-{format_}", CHECKSUM_VERSION, content,
                                  lambda: checksums(file, (format_,), check, shown)[format_])
        return str(fact)

    try:
        findings = verify_folder(ctx.path(folder), shown=folder, hashed=hashed, over=ctx.map)
    except InputError as error:
        return [Finding("mhl.chain", "error", f"{error.where}: {error.message}; the files of "
                        f"{folder} are not verified", folder,
                        fix="ask for the copy's manifests again")]
    return _summed_up(folder, findings)


def _summed_up(folder: str, findings: Iterable[Finding]) -> list[Finding]:
    """One line for all that is right; what is wrong stays file by file."""
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_rule[finding.rule].append(finding)
    right, new = by_rule.pop("mhl.verified", []), by_rule.pop("mhl.new", [])
    rest = [finding for found in by_rule.values() for finding in found]
    if len(new) > _MOST_NEW:
        first = ", ".join(finding.file for finding in new[:5])
        new = [replace(new[0], message=f"{folder}: {len(new)} files are in no manifest: {first}, "
                                       "...", file=folder)]
    total = len(right) + sum(item.rule in ("mhl.changed", "mhl.missing") for item in rest)
    formats = sorted({item.measured.partition(" ")[0] for item in right
                      if not item.measured.endswith(" bytes")})
    by = f" by {', '.join(formats)}" if formats else ""
    told = Finding("mhl.verified", "info", f"{folder}: {len(right)} of {total} files are as they "
                   f"were sealed (ASC MHL{by})", folder)
    return [told, *rest, *new]
