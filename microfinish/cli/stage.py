"""One command per stage: `microfinish grade ep001` brings the grade up to date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer

from microfinish.cli.arguments import DryRun, Episodes, Jobs, Json
from microfinish.cli.session import Session, session_of, tell
from microfinish.cli.table import STAGE_HELP

Again = Annotated[bool, typer.Option("--force", help="Run it although nothing changed.")]


def make(name: str) -> Callable[..., int]:
    """The command of a stage."""

    def command(
        ctx: typer.Context,
        episodes: Episodes = None,
        force: Again = False,
        jobs: Jobs = 0,
        dry_run: DryRun = False,
        as_json: Json = False,
    ) -> int:
        return bring(session_of(ctx), name, episodes, force=force, jobs=jobs, dry_run=dry_run,
                     as_json=as_json)

    command.__doc__ = describe(name)
    return command


def describe(name: str) -> str:
    """The help of a stage's command."""
    return (f"{STAGE_HELP[name]}\n\nBrings this stage up to date, and first whatever it builds "
            f"on that is out of date. `microfinish run --only {name}` leaves earlier stages "
            f"as they are; `microfinish show EPISODE {name}` prints what was decided.")


def bring(
    session: Session,
    name: str,
    episodes: Sequence[str] | None,
    *,
    force: bool = False,
    jobs: int = 0,
    dry_run: bool = False,
    as_json: bool = False,
    relock: bool = False,
    note: str = "",
    back_to: int = 0,
) -> int:
    """Bring one stage, with all it builds on, up to date, and print the run's answer."""
    from microfinish.cli.output import emit_json
    from microfinish.cli.plan import show_plan
    from microfinish.cli.work import work
    from microfinish.pipeline.stage import Options

    selection = selection_of(session, name, force)
    if dry_run:
        return show_plan(session, episodes, selection, as_json)
    result = work(session, episodes, selection, Options(jobs, relock, note, back_to))
    if as_json:
        emit_json(result.report())
    earlier = [stage for stage in dict.fromkeys(s for e in result.episodes for s in e.ran)
               if stage != name]
    if earlier and session.verbosity >= 0:
        tell(f"{name} builds on {', '.join(earlier)}, which {_were(earlier)} out of date "
             "and ran too")
    return result.exit_code


def selection_of(session: Session, name: str, force: bool = False) -> Any:
    """The stage and everything it builds on, directly or not, in this project's chain."""
    from microfinish.pipeline.plan import Selection
    from microfinish.pipeline.registry import stages_for

    after = {stage.name: stage.after for stage in stages_for(session.project().settings.stages)}
    return Selection(only=builds_on(name, after), force=(name,) if force else ())


def builds_on(name: str, after: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """`name` and, transitively, the stages it reads."""
    found: list[str] = []
    waiting = [name]
    while waiting:
        stage = waiting.pop()
        if stage not in found:
            found.append(stage)
            waiting += after.get(stage, ())
    return tuple(found)


def _were(names: Sequence[str]) -> str:
    return "was" if len(names) == 1 else "were"
