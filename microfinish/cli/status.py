"""`microfinish status`: how far each episode is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from microfinish.cli.arguments import Episodes, Json
from microfinish.cli.session import session_of, tell

if TYPE_CHECKING:
    from microfinish.pipeline.plan import Step
    from microfinish.project.project import Project

_SIGNS = {"skip": "ok", "run": "due", "may run": "due?", "blocked": "stop"}
_STATES = {"skip": "done", "run": "due", "may run": "due", "blocked": "blocked"}


def command(ctx: typer.Context, episodes: Episodes = None, as_json: Json = False) -> int:
    """How far each episode is.

    One line per episode, one column per stage: ok, due, due? (waits for an earlier stage) or
    stop (needs you). A lock that holds shows its revision, such as r2; one that the edit list
    has left behind says by how many differences. Exits with 0 even if work is due;
    `plan --check` is for CI.
    """
    from microfinish.cli.output import emit_json, table
    from microfinish.cli.select import select
    from microfinish.pipeline.explain import explain_all

    session = session_of(ctx)
    project = session.project()
    plans = explain_all(project, select(project.episodes(), episodes))
    revisions = {name: _revision(project, name) for name in plans}
    if as_json:
        emit_json({"title": project.settings.title,
                   "episodes": [_plain(name, steps, revisions[name])
                                for name, steps in plans.items()]})
        return 0
    stages = list(dict.fromkeys(step.stage for steps in plans.values()
                                for step in steps if step.stage))
    table(("episode", *stages, ""),
          [(name, *_signs(steps, stages, revisions[name]), _next(steps))
           for name, steps in plans.items()])
    done = sum(not any(step.due for step in steps) for steps in plans.values())
    if session.verbosity >= 0:
        drifted = sum(_drift(steps) > 0 for steps in plans.values())
        tell(f"{done} of {len(plans)} episode{'s' * (len(plans) != 1)} up to date"
             + (f"; {drifted} edit{'s' * (drifted != 1)} changed after the lock" if drifted
                else ""))
    return 0


def _revision(project: Project, name: str) -> int:
    """The current revision of an episode's picture lock; 0 where there is none to trust."""
    from microfinish.core.errors import MicrofinishError
    from microfinish.stages.lock import check_document

    try:
        return check_document(project.episode(name))
    except MicrofinishError:  # its step says so
        return 0


def _drift(steps: Sequence[Step]) -> int:
    """How many differences lie between the edit and the lock; 0 where the lock holds."""
    from microfinish.core.errors import LockedError

    return next((max(1, len(step.error.detail)) for step in steps
                 if isinstance(step.error, LockedError)), 0)


def _signs(steps: Sequence[Step], stages: Sequence[str], revision: int) -> list[str]:
    signs = {step.stage: _SIGNS[step.state] for step in steps}
    if revision and signs.get("lock") == "ok":
        signs["lock"] = f"r{revision}"
    return [signs.get(stage, "") for stage in stages]


def _next(steps: Sequence[Step]) -> str:
    """The first thing that stands in the way, else the first reason for work."""
    differences = _drift(steps)
    if differences:
        return (f"the edit changed after the lock: {differences} "
                f"difference{'s' * (differences != 1)}, see `microfinish diff "
                f"{steps[0].episode}`")
    for step in steps:
        if step.error:
            return f"{step.stage}: {step.error}" if step.stage else str(step.error)
    for step in steps:
        if step.state == "run":
            return f"{step.stage}: {step.reasons[0]}" if step.reasons else step.stage
    return ""


def _plain(name: str, steps: Sequence[Step], revision: int) -> dict[str, Any]:
    states = [_STATES[step.state] for step in steps]
    whole = "blocked" if "blocked" in states else "due" if "due" in states else "done"
    return {"episode": name, "state": whole, "next": _next(steps),
            "revision": revision or None, "differences": _drift(steps),
            "stages": {step.stage: state for step, state in zip(steps, states, strict=True)
                       if step.stage}}
