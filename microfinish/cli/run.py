"""`microfinish run`: do what is due, from camera files to masters."""

from __future__ import annotations

from typing import Annotated

import typer

from microfinish.cli.arguments import (
    DryRun,
    Episodes,
    Force,
    Jobs,
    Json,
    Note,
    RelinkFolders,
    Relock,
)
from microfinish.cli.session import session_of

_To = Annotated[str, typer.Option("--to", metavar="STAGE", show_default=False,
                                  help="Stop after this stage.")]
_From = Annotated[str, typer.Option("--from", metavar="STAGE", show_default=False,
                                    help="Begin at this stage; use earlier ones as they are.")]
_Preview = Annotated[bool, typer.Option(
    "--preview", help="Make preview/EP.preview.mp4 of the cut as it is, locked or not: small, "
                      "fast, PREVIEW and timecode in the picture. Locks nothing.")]
_BackTo = Annotated[int | None, typer.Option(
    "--back-to", metavar="REV", min=1, show_default=False,
    help="Make this old revision of the lock the newest one again; with --preview, only show "
         "it.")]
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
    back_to: _BackTo = None,
    preview: _Preview = False,
    relink: RelinkFolders = None,
    as_json: Json = False,
) -> int:
    """Do what is due, from camera files to masters.

    Only what changed is done again; run it as often as you like. Ctrl-C keeps everything that
    is finished. An episode that fails does not stop the others. Exit code 1 means that
    everything ran and QC found errors.

    A changed edit is refused (exit code 4) with what changed: --relock takes it, --preview looks
    at it first.
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
    if relock and back_to:
        raise UsageError("--relock and --back-to exclude each other", hint="give one of them")
    session = session_of(ctx)
    if relink:
        from microfinish.cli.relinking import relink_into

        if dry_run:
            raise UsageError("--relink does not go with -n", hint="a search notes what it finds")
        if failed := relink_into(session, episodes, relink, jobs):
            return failed
    if preview:
        from microfinish.cli.preview import make_previews

        if to or from_ or only or force or relock or note or dry_run:
            raise UsageError("--preview goes with --back-to, -j and --json alone",
                             hint="it locks nothing and always makes the whole episode")
        return make_previews(session, episodes, back_to or 0, jobs, as_json)
    forced = [*(force or ())]
    if (relock or back_to) and "lock" in session.project().settings.stages:
        forced.append("lock")  # an edit that was set aside makes nothing due by itself
    selection = Selection(from_, to, tuple(only or ()), tuple(forced))
    if dry_run:
        return show_plan(session, episodes, selection, as_json)
    result = work(session, episodes, selection, Options(jobs, relock, note, back_to or 0))
    if relock or back_to:
        from microfinish.cli.recut_sheets import tell_decisions

        tell_decisions(session, episodes)
    if as_json:
        emit_json(result.report())
    return result.exit_code
