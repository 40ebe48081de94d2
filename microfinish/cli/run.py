"""`microfinish run`: do what is due, from camera files to masters."""

from __future__ import annotations

from typing import Annotated

import typer

from microfinish.cli.arguments import DryRun, Episodes, Force, Jobs, Json, Note, Relock
from microfinish.cli.session import session_of

_To = Annotated[str, typer.Option("--to", metavar="STAGE", show_default=False,
                                  help="Stop after this stage.")]
_From = Annotated[str, typer.Option("--from", metavar="STAGE", show_default=False,
                                    help="Begin at this stage; use earlier ones as they are.")]
_Only = Annotated[list[str] | None, typer.Option(
    "--only", metavar="STAGE", show_default=False,
    help="This stage alone, on what earlier stages decided; may be given again.")]


def command(
    ctx: typer.Context,
    episodes: Episodes = None,
    to: _To = "",
    from_: _From = "",
    only: _Only = None,
    jobs: Jobs = 0,
    force: Force = None,
    dry_run: DryRun = False,
    relock: Relock = False,
    note: Note = "",
    as_json: Json = False,
) -> int:
    """Do what is due, from camera files to masters.

    Only what changed is done again; run it as often as you like. Ctrl-C keeps everything that
    is finished. An episode that fails does not stop the others. Exit code 1 means that
    everything ran and QC found errors.
    """
    from microfinish.cli.anywhere import UsageError
    from microfinish.cli.output import emit_json
    from microfinish.cli.plan import show_plan
    from microfinish.cli.work import work
    from microfinish.pipeline.plan import Selection
    from microfinish.pipeline.stage import Options

    if only and (to or from_):
        raise UsageError("--only picks stages by itself; it does not go with --to or --from",
                         hint="use --from and --to together, or --only alone")
    session = session_of(ctx)
    forced = [*(force or ())]
    if relock and "lock" in session.project().settings.stages:
        forced.append("lock")  # an edit that was set aside makes nothing due by itself
    selection = Selection(from_, to, tuple(only or ()), tuple(forced))
    if dry_run:
        return show_plan(session, episodes, selection, as_json)
    result = work(session, episodes, selection, Options(jobs, relock, note))
    if as_json:
        emit_json(result.report())
    return result.exit_code
