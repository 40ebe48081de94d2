"""Says why each step would run, or what stands in its way, without running anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from microfinish.core.errors import MicrofinishError
from microfinish.pipeline.fingerprint import Reason
from microfinish.pipeline.plan import EVERYTHING, Selection, Step
from microfinish.pipeline.registry import BUILT_IN, Maker, chains
from microfinish.pipeline.stage import Stage
from microfinish.pipeline.survey import glance_all
from microfinish.project.project import Project


def explain(
    project: Project,
    episode: str,
    selection: Selection = EVERYTHING,
    *,
    table: Mapping[str, Maker] = BUILT_IN,
) -> tuple[Step, ...]:
    """Every selected step of an episode with its reasons. Raises InputError for bad settings."""
    return _explain(project, episode, selection, chains(table))


def explain_all(
    project: Project,
    episodes: Iterable[str],
    selection: Selection = EVERYTHING,
    *,
    table: Mapping[str, Maker] = BUILT_IN,
) -> dict[str, tuple[Step, ...]]:
    """`explain` for many episodes; one that cannot be opened is one blocked step without stage."""
    chain_of = chains(table)
    steps: dict[str, tuple[Step, ...]] = {}
    for name in episodes:
        try:
            steps[name] = _explain(project, name, selection, chain_of)
        except MicrofinishError as error:
            reason = Reason("error", "", str(error))
            steps[name] = (Step(name, "", "blocked", (reason,), error),)
    return steps


def _explain(
    project: Project,
    episode: str,
    selection: Selection,
    chain_of: Callable[[Iterable[str]], tuple[Stage, ...]],
) -> tuple[Step, ...]:
    opened = project.episode(episode)
    chain = chain_of(opened.settings.stages)
    return glance_all(opened, chain, selection)[1]
