"""`microfinish lock`: freeze the picture, or take a changed edit as the next revision."""

from __future__ import annotations

import typer

from microfinish.cli.arguments import DryRun, Episodes, Json, Note, Relock
from microfinish.cli.session import session_of


def command(
    ctx: typer.Context,
    episodes: Episodes = None,
    relock: Relock = False,
    note: Note = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> int:
    """Freeze the picture; --relock takes a changed edit as the next revision.

    The first run freezes revision 1. From then on a changed edit list is refused (exit code 4)
    with what changed, until you lock again: grades, crops and cues follow their shots.
    """
    from microfinish.cli.stage import bring

    return bring(session_of(ctx), "lock", episodes, relock=relock, note=note,
                 dry_run=dry_run, as_json=as_json)
