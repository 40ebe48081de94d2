"""`microfinish plan`: what a run would do, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from microfinish.cli.arguments import Episodes, Json
from microfinish.cli.session import Session, session_of, tell

if TYPE_CHECKING:
    from microfinish.pipeline.plan import Selection, Step

_To = Annotated[str, typer.Option("--to", metavar="STAGE", show_default=False,
                                  help="Plan up to this stage.")]
_Check = Annotated[bool, typer.Option("--check", help="Exit with 1 if anything is due, for CI.")]


def command(
    ctx: typer.Context,
    episodes: Episodes = None,
    to: _To = "",
    check: _Check = False,
    as_json: Json = False,
) -> int:
    """What a run would do, and why. Does nothing.

    "run" is certain; "may run" waits for an earlier stage, which may decide the same as before;
    "blocked" needs you first. Exits with 0 even if work is due, unless you give --check.
    """
    from microfinish.pipeline.plan import Selection

    return show_plan(session_of(ctx), episodes, Selection(last=to), as_json, check)


def show_plan(
    session: Session,
    episodes: Sequence[str] | None,
    selection: Selection,
    as_json: bool,
    check: bool = False,
) -> int:
    """Print the steps that are due. Returns 1 for due work under `check`, else 0."""
    from microfinish.cli.output import emit_json, table
    from microfinish.cli.select import select
    from microfinish.pipeline.explain import explain_all

    project = session.project()
    plans = explain_all(project, select(project.episodes(), episodes), selection)
    due = {name: [step for step in steps if step.due] for name, steps in plans.items()}
    count = sum(len(steps) for steps in due.values())
    if as_json:
        emit_json({"due": count, "episodes": as_plain(due)})
    elif count:
        table(("episode", "stage", "state", "why"),
              [(step.episode, step.stage, step.state, ", ".join(map(str, step.reasons)))
               for steps in due.values() for step in steps])
    else:
        tell(f"nothing to do: {len(plans)} episode{'s' * (len(plans) != 1)} up to date")
    return 1 if check and count else 0


def as_plain(plans: Mapping[str, Sequence[Step]]) -> list[dict[str, Any]]:
    """Steps per episode as plain data, for `--json`."""
    return [{"episode": name, "steps": [_step(step) for step in steps]}
            for name, steps in plans.items()]


def _step(step: Step) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "stage": step.stage,
        "state": step.state,
        "reasons": [{"kind": reason.kind, "key": reason.key, "text": reason.text}
                    for reason in step.reasons],
    }
    if step.error:
        from microfinish.pipeline.result import describe

        plain["error"] = describe(step.error)
    return plain
