"""`microfinish explain`: why each stage is due, or why it is not."""

from __future__ import annotations

import typer

from microfinish.cli.arguments import Episodes, Json
from microfinish.cli.session import session_of


def command(ctx: typer.Context, episodes: Episodes = None, as_json: Json = False) -> int:
    """Why each stage is due, or why it is not.

    Every stage is listed with its reasons: which file, setting, media or earlier decision
    changed since it last ran. Does nothing.
    """
    from microfinish.cli.errors import show_error
    from microfinish.cli.output import emit_json, table
    from microfinish.cli.plan import as_plain
    from microfinish.cli.select import select
    from microfinish.pipeline.explain import explain_all

    session = session_of(ctx)
    project = session.project()
    plans = explain_all(project, select(project.episodes(), episodes))
    if as_json:
        emit_json({"episodes": as_plain(plans)})
        return 0
    for name, steps in plans.items():
        table(("stage", "state", "why"),
              [(step.stage, step.state, ", ".join(map(str, step.reasons)) or "nothing changed")
               for step in steps], title=name)
        for step in steps:
            if step.error:
                show_error(step.error, episode=name, root=session.root)
    return 0
