"""`microfinish stages`: the stages of this project, in order."""

from __future__ import annotations

import typer

from microfinish.cli.arguments import Json
from microfinish.cli.session import session_of


def command(ctx: typer.Context, as_json: Json = False) -> int:
    """The stages of this project, in order, with what each reads and where it comes from.

    The list can be changed under `stages` in microfinish.yaml; installed plug-ins can be added.
    """
    from microfinish.cli.output import emit_json, table
    from microfinish.cli.table import STAGE_HELP
    from microfinish.core.errors import InputError
    from microfinish.core.settings import BUILT_IN_STAGES
    from microfinish.pipeline.registry import origin, stages_for

    names: tuple[str, ...]
    try:
        project = session_of(ctx).project()
    except InputError:  # outside a project: what every project begins with
        names = BUILT_IN_STAGES
    else:
        names = project.settings.stages
    chain = stages_for(names)
    rows = [{"stage": stage.name, "version": stage.version, "after": list(stage.after),
             "origin": origin(stage.name),
             "decides": STAGE_HELP.get(stage.name) or _sentence(stage)}
            for stage in chain]
    if as_json:
        emit_json({"stages": rows})
    else:
        table(("stage", "version", "after", "origin", "decides"),
              [(row["stage"], row["version"], " ".join(stage.after), row["origin"],
                row["decides"]) for row, stage in zip(rows, chain, strict=True)])
    return 0


def _sentence(stage: object) -> str:
    return (type(stage).__doc__ or "").strip().split("\n")[0]
