"""Runs a selection of the chain under a display, and says at the end how it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from microfinish.cli.estimate import spoken
from microfinish.cli.progress import display
from microfinish.cli.select import select
from microfinish.cli.session import Session, tell
from microfinish.pipeline.plan import Selection
from microfinish.pipeline.result import RunResult
from microfinish.pipeline.stage import Options

if TYPE_CHECKING:
    from microfinish.pipeline.registry import Maker
    from microfinish.project.project import Project


def work(
    session: Session, episodes: Sequence[str] | None, selection: Selection, options: Options,
    project: Project | None = None, table: Mapping[str, Maker] | None = None,
    sum_up: bool = True,
) -> RunResult:
    """Run, show progress on stderr, sum up on stderr. Failures are in the result.

    A preview has a project and a table of stages of its own. Without `sum_up`, for work that is
    only the first part of what was asked, nothing but failures is summed up.
    """
    from microfinish.pipeline.registry import BUILT_IN
    from microfinish.pipeline.run import run

    project = project or session.project()
    names = select(project.episodes(), episodes)
    stages = selection.of(project.settings.stages)
    with display(session, names, stages) as show:
        result = run(project, names, selection, options, show, table=table or BUILT_IN,
                     command=session.command())
    for line in summary(result, session.verbosity if sum_up else -1):
        tell(line)
    return result


def summary(result: RunResult, verbosity: int = 0) -> list[str]:
    """The last lines of a run: what was done, what failed, what to do next."""
    lines = []
    done = [e for e in result.episodes if e.outcome == "done"]
    if verbosity >= 0 and done:
        lines.append(_done(result, len(done)))
    found = [e for e in done if e.findings]
    if found and verbosity >= 0:
        count = sum(e.findings for e in found)
        lines.append(f"{count} error{'s' * (count != 1)} found in "
                     f"{_listed([e.episode for e in found])}: `microfinish show "
                     f"{found[0].episode} qc` lists them")
    if result.failed:
        failed = ", ".join(f"{e.episode} ({e.stage})" if e.stage else e.episode
                           for e in result.failed)
        lines.append(f"failed: {len(result.failed)} of {len(result.episodes)}: {failed}")
    stopped = [e for e in result.episodes if e.outcome in ("interrupted", "not started")]
    if stopped:
        lines.append(f"interrupted: {len(done)} of {len(result.episodes)} episodes are done; "
                     "run again to continue")
    return lines


def _done(result: RunResult, count: int) -> str:
    episodes = f"{count} episode{'s' * (count != 1)}"
    if not any(e.ran for e in result.episodes):
        return f"nothing to do: {episodes} up to date"
    segments = ""
    if result.rendered or result.reused:
        plural = "s" * (result.rendered != 1)
        segments = f", {result.rendered} segment{plural} rendered, {result.reused} reused"
    return f"done: {episodes}{segments}, {spoken(result.seconds)}"


def _listed(names: Sequence[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
