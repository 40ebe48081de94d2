"""Says why each step would run, or what stands in its way, without running anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from microfinish.core.errors import MicrofinishError
from microfinish.pipeline.fingerprint import Reason
from microfinish.pipeline.plan import EVERYTHING, Selection, Step, plan
from microfinish.pipeline.registry import BUILT_IN, Maker, stages_for
from microfinish.pipeline.survey import glance
from microfinish.project.project import Project


def explain(
    project: Project,
    episode: str,
    selection: Selection = EVERYTHING,
    *,
    table: Mapping[str, Maker] = BUILT_IN,
) -> tuple[Step, ...]:
    """Every selected step of an episode with its reasons. Raises InputError for bad settings."""
    opened = project.episode(episode)
    chain = stages_for(opened.settings.stages, table)
    return plan(episode, [glance(opened, stage) for stage in chain], selection)


def explain_all(
    project: Project,
    episodes: Iterable[str],
    selection: Selection = EVERYTHING,
    *,
    table: Mapping[str, Maker] = BUILT_IN,
) -> dict[str, tuple[Step, ...]]:
    """`explain` for many episodes; one that cannot be opened is one blocked step without stage."""
    steps: dict[str, tuple[Step, ...]] = {}
    for name in episodes:
        try:
            steps[name] = explain(project, name, selection, table=table)
        except MicrofinishError as error:
            reason = Reason("error", "", str(error))
            steps[name] = (Step(name, "", "blocked", (reason,), error),)
    return steps
