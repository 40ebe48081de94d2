"""`microfinish assemble`: the timeline, and the search for media that it lacks."""

from __future__ import annotations

import typer

from microfinish.cli.arguments import DryRun, Episodes, Jobs, Json, RelinkFolders
from microfinish.cli.session import session_of
from microfinish.cli.stage import Again, bring, describe


def command(
    ctx: typer.Context,
    episodes: Episodes = None,
    relink: RelinkFolders = None,
    force: Again = False,
    jobs: Jobs = 0,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> int:
    """The text that every stage has; see below."""
    from microfinish.cli.anywhere import UsageError

    session = session_of(ctx)
    if relink:
        from microfinish.cli.relinking import relink_into

        if dry_run:
            raise UsageError("--relink does not go with -n", hint="a search notes what it finds")
        if failed := relink_into(session, episodes, relink, jobs):
            return failed
    return bring(session, "assemble", episodes, force=force, jobs=jobs, dry_run=dry_run,
                 as_json=as_json)


command.__doc__ = describe("assemble")
