"""`microfinish qc`: measure what was delivered, list what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from microfinish.cli.arguments import DryRun, Episodes, Jobs
from microfinish.cli.session import Session, session_of
from microfinish.cli.stage import Again

if TYPE_CHECKING:
    from microfinish.core.finding import Findings

_Format = Annotated[Literal["table", "json"], typer.Option(
    "--format", help="How to print the findings.")]
_Json = Annotated[bool, typer.Option("--json", help="The same as --format json.")]


def command(
    ctx: typer.Context,
    episodes: Episodes = None,
    format_: _Format = "table",
    force: Again = False,
    jobs: Jobs = 0,
    dry_run: DryRun = False,
    as_json: _Json = False,
) -> int:
    """Measure what was delivered; list what is wrong.

    Brings masters that are out of date up to date first. Findings go to stdout. Exit code 1
    means that there is an error among them; warnings and infos alone are 0.
    """
    from microfinish.cli.output import emit_json
    from microfinish.cli.plan import show_plan
    from microfinish.cli.stage import selection_of
    from microfinish.cli.tables import qc_tables
    from microfinish.cli.work import work
    from microfinish.pipeline.stage import Options

    session = session_of(ctx)
    as_json = as_json or format_ == "json"
    selection = selection_of(session, "qc", force)
    if dry_run:
        return show_plan(session, episodes, selection, as_json)
    result = work(session, episodes, selection, Options(jobs))
    found = _findings(session, [e.episode for e in result.episodes if e.outcome == "done"])
    if as_json:
        from microfinish.documents.plain import plain

        emit_json({"episodes": [{"episode": name, **plain(body)} for name, body in found.items()],
                   "failed": [e.report() for e in result.failed], "exit_code": result.exit_code})
    else:
        from microfinish.cli.output import table

        for name, body in found.items():
            for drawn in qc_tables(body):
                table(drawn.columns, drawn.rows, f"{name}: {drawn.title}")
    return result.exit_code


def _findings(session: Session, episodes: list[str]) -> dict[str, Findings]:
    from microfinish.cli.show import body_of

    project = session.project()
    return {name: body_of(session, project.episode(name), "qc") for name in episodes}
