"""`microfinish seal`: the delivered files under ASC MHL, and the proof that they still are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from microfinish.cli.arguments import Episodes, Json
from microfinish.cli.session import Session, session_of, tell

if TYPE_CHECKING:
    from microfinish.core.finding import Finding
    from microfinish.project.episode import Episode

_Check = Annotated[bool, typer.Option(
    "--check", help="Seal nothing: hold the files to their seal. Exit code 1 where they differ.")]


def command(ctx: typer.Context, episodes: Episodes = None, check: _Check = False,
            as_json: Json = False) -> int:
    """Seal the delivered masters with an ASC MHL manifest, or check the seal.

    Writes deliver/EP/ascmhl, which copy tools and `ascmhl` verify after every copy. Only masters
    that are as they were made are sealed; after a new render the folder is sealed anew.
    """
    from microfinish.cli.output import emit_json
    from microfinish.cli.select import select
    from microfinish.documents.plain import plain

    session = session_of(ctx)
    project = session.project()
    answers, code = [], 0
    for name in select(project.episodes(), episodes):
        episode = project.episode(name)
        found, manifest = _checked(episode) if check else _sealed(session, episode)
        wrong = [finding for finding in found if finding.severity == "error"]
        code = max(code, int(bool(wrong)))
        others = [finding for finding in found if finding.rule != "mhl.verified"]
        answers.append({"episode": name, "manifest": manifest,
                        "verified": len(found) - len(others), "findings": plain(others)})
        if not as_json:
            count = len(found) - len(others)
            print(f"{manifest}: {count} file{'s' * (count != 1)}")
            for finding in others:
                tell(f"{finding.severity}: {finding.message}")
    if as_json:
        emit_json({"episodes": answers, "exit_code": code})
    return code


def _sealed(session: Session, episode: Episode) -> tuple[tuple[Finding, ...], str]:
    """Seal the episode's folder; (what the folder is found to be, its manifest)."""
    from microfinish.cli.export_media import seal
    from microfinish.core.errors import InputError
    from microfinish.stages.custody import verify_folder

    folder, shown = _folder(episode)
    _as_made(session, episode)
    try:
        known = verify_folder(folder, shown=shown)
    except InputError:
        known = ()  # a broken history of our own is replaced; of others it is refused
    if known and all(finding.rule == "mhl.verified" for finding in known):
        return known, _newest(episode)
    manifest = f"{shown}/{seal(folder)}"
    return verify_folder(folder, shown=shown, quick=True), manifest


def _checked(episode: Episode) -> tuple[tuple[Finding, ...], str]:
    from microfinish.core.errors import InputError, Where
    from microfinish.stages.custody import verify_folder

    folder, shown = _folder(episode)
    found = verify_folder(folder, shown=shown)
    if not found:
        raise InputError(f"{shown} is not sealed", where=Where(shown),
                         hint=f"`microfinish seal {episode.name}` seals it")
    return found, _newest(episode)


def _folder(episode: Episode) -> tuple[Path, str]:
    """The delivery folder and its name in messages."""
    from microfinish.core.errors import InputError, Where

    folder = episode.layout.deliver(episode.name)
    shown = episode.layout.shown(folder)
    if not folder.is_dir():
        raise InputError(f"{episode.name} has not been delivered", where=Where(shown),
                         hint=f"`microfinish run {episode.name}` makes its masters")
    return folder, shown


def _newest(episode: Episode) -> str:
    """The last manifest of the folder's history."""
    folder, shown = _folder(episode)
    manifests = sorted(path.name for path in (folder / "ascmhl").glob("*.mhl"))
    return f"{shown}/ascmhl/{manifests[-1]}" if manifests else ""


def _as_made(session: Session, episode: Episode) -> None:
    """Raise InputError where a delivered file is not the one that master made."""
    from microfinish.cli.show import body_of
    from microfinish.core.errors import InputError, Where

    for master in body_of(session, episode, "master").masters:
        path = episode.project.root / master.path
        if not path.is_file() or episode.project.hashes.of(path, master.path) != master.digest:
            raise InputError(f"{master.path} is not the file that was rendered",
                             where=Where(master.path),
                             hint=f"`microfinish run {episode.name}` makes it again")
