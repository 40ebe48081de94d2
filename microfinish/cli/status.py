"""`microfinish status`: how far each episode is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from microfinish.cli.arguments import Episodes, Json
from microfinish.cli.session import session_of, tell

if TYPE_CHECKING:
    from microfinish.pipeline.plan import Step

_SIGNS = {"skip": "ok", "run": "due", "may run": "due?", "blocked": "stop"}
_STATES = {"skip": "done", "run": "due", "may run": "due", "blocked": "blocked"}


def command(ctx: typer.Context, episodes: Episodes = None, as_json: Json = False) -> int:
    """How far each episode is.

    One line per episode, one column per stage: ok, due, due? (waits for an earlier stage) or
    stop (needs you). Exits with 0 even if work is due; `plan --check` is for CI.
    """
    from microfinish.cli.output import emit_json, table
    from microfinish.cli.select import select
    from microfinish.pipeline.explain import explain_all

    session = session_of(ctx)
    project = session.project()
    plans = explain_all(project, select(project.episodes(), episodes))
    if as_json:
        emit_json({"title": project.settings.title,
                   "episodes": [_plain(name, steps) for name, steps in plans.items()]})
        return 0
    stages = list(dict.fromkeys(step.stage for steps in plans.values()
                                for step in steps if step.stage))
    table(("episode", *stages, ""),
          [(name, *_signs(steps, stages), _next(steps)) for name, steps in plans.items()])
    done = sum(not any(step.due for step in steps) for steps in plans.values())
    if session.verbosity >= 0:
        tell(f"{done} of {len(plans)} episode{'s' * (len(plans) != 1)} up to date")
    return 0


def _signs(steps: Sequence[Step], stages: Sequence[str]) -> list[str]:
    signs = {step.stage: _SIGNS[step.state] for step in steps}
    return [signs.get(stage, "") for stage in stages]


def _next(steps: Sequence[Step]) -> str:
    """The first thing that stands in the way, else the first reason for work."""
    for step in steps:
        if step.error:
            return f"{step.stage}: {step.error}" if step.stage else str(step.error)
    for step in steps:
        if step.state == "run":
            return f"{step.stage}: {step.reasons[0]}" if step.reasons else step.stage
    return ""


def _plain(name: str, steps: Sequence[Step]) -> dict[str, Any]:
    states = [_STATES[step.state] for step in steps]
    whole = "blocked" if "blocked" in states else "due" if "due" in states else "done"
    return {"episode": name, "state": whole, "next": _next(steps),
            "stages": {step.stage: state for step, state in zip(steps, states, strict=True)
                       if step.stage}}
