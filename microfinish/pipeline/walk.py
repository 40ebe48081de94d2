"""Takes one episode down its chain: holds it, runs what is stale, stops early where it can."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from microfinish.core.errors import EditedByHand, Interrupted, MicrofinishError
from microfinish.core.finding import Findings
from microfinish.documents import record
from microfinish.pipeline.events import (
    Counted,
    EpisodeFailed,
    EpisodeFinished,
    EpisodeStarted,
    Event,
    Notice,
    Progress,
    StageFinished,
    StageSkipped,
    StageStarted,
)
from microfinish.pipeline.executors.protocol import Executor
from microfinish.pipeline.failure import expected, keep_traceback
from microfinish.pipeline.interrupt import Interrupt
from microfinish.pipeline.plan import Seen, Selection, Step, not_made, reasons_to_run
from microfinish.pipeline.result import EpisodeResult, Outcome
from microfinish.pipeline.stage import Context, Inputs, Options, Stage
from microfinish.pipeline.survey import borrow, glance, glance_all, look, place, read_body
from microfinish.project.episode import Episode
from microfinish.project.holder import hold
from microfinish.project.project import Project

Chain = tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Bench:
    """What all episodes of a run share."""

    project: Project
    chain_of: Callable[[Iterable[str]], Chain]
    selection: Selection
    options: Options
    executor: Executor
    interrupt: Interrupt
    emit: Callable[[Event], None]
    command: str


@dataclass(slots=True)
class Tally:
    """What happened to one episode so far."""

    started: float = field(default_factory=time.monotonic)
    ran: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"rendered": 0, "reused": 0})
    findings: int = 0
    stage: str = ""

    def result(self, episode: str, outcome: Outcome, **more: Any) -> EpisodeResult:
        return EpisodeResult(
            episode,
            outcome,
            tuple(self.ran),
            tuple(self.skipped),
            findings=self.findings,
            seconds=time.monotonic() - self.started,
            rendered=self.counts["rendered"],
            reused=self.counts["reused"],
            **more,
        )


def already_done(bench: Bench, name: str) -> EpisodeResult | None:
    """The result for an episode with nothing to do, told without holding it; else None.

    Anything unusual counts as something to do, so that it is met, and told, in one place.
    """
    tally = Tally()
    with suppress(Exception):
        episode = bench.project.episode(name)
        chain = bench.chain_of(episode.settings.stages)
        selected = bench.selection.of([stage.name for stage in chain])
        for stage in chain:
            if stage.name in selected and not _is_fresh(bench, episode, stage):
                return None
        _check_what_it_builds_on(bench, episode, chain, selected)
        for stage in chain:
            if stage.name in selected:
                tally.findings += _errors_found(episode, stage)
                tally.skipped.append(stage.name)
        for skipped in tally.skipped:
            bench.emit(StageSkipped(name, skipped))
        bench.emit(EpisodeFinished(name, (), time.monotonic() - tally.started))
        return tally.result(name, "done")
    return None


def _is_fresh(bench: Bench, episode: Episode, stage: Stage) -> bool:
    if bench.selection.forces(stage.name):
        return False
    seen = glance(episode, stage)
    return not (seen.refused or seen.error or reasons_to_run(seen))


def walk(bench: Bench, name: str) -> EpisodeResult:
    """Run the selected part of one episode's chain. Never raises: failures are in the result.

    Incomplete stages leave no document; what they put into the store stays and is used again.
    """
    tally = Tally()
    bench.emit(EpisodeStarted(name))
    try:
        bench.interrupt.check()
        with hold(bench.project.layout, name, bench.command) as held:
            if held.took_over:
                bench.emit(Notice(name, "info", f"took over from {held.took_over}, which died"))
            _down_the_chain(bench, name, tally)
    except Exception as failure:  # the border at which a stage's failure stays with its episode
        return _failed(bench, name, tally, failure)
    result = tally.result(name, "done")
    bench.emit(EpisodeFinished(name, result.ran, result.seconds))
    return result


def _failed(bench: Bench, name: str, tally: Tally, failure: Exception) -> EpisodeResult:
    error = expected(failure)
    log = ""
    if not isinstance(error, MicrofinishError):
        log = keep_traceback(bench.project, name, tally.stage, bench.command, error)
    bench.emit(EpisodeFailed(name, error, tally.stage, log))
    outcome: Outcome = "interrupted" if isinstance(error, Interrupted) else "failed"
    return tally.result(name, outcome, stage=tally.stage, error=error, log=log)


def _down_the_chain(bench: Bench, name: str, tally: Tally) -> None:
    episode = bench.project.episode(name)
    chain = bench.chain_of(episode.settings.stages)
    selected = bench.selection.of([stage.name for stage in chain])
    _check_what_it_builds_on(bench, episode, chain, selected)
    for stage in chain:
        if stage.name not in selected:
            continue
        tally.stage = stage.name
        if _bring_up_to_date(bench, episode, stage, tally):
            episode = bench.project.episode(name)
        tally.findings += _errors_found(episode, stage)
    tally.stage = ""


def _check_what_it_builds_on(
    bench: Bench, episode: Episode, chain: Chain, selected: tuple[str, ...]
) -> None:
    """Stages left out of the selection are used as they are: they must be there and unedited."""
    # Reversed, so that the first user of a document is the one that is named.
    users = {needed: stage.name for stage in reversed(chain) if stage.name in selected
             for needed in stage.after if needed not in selected}
    if not users:
        return
    found, steps = glance_all(episode, chain)
    seen = {each.stage: each for each in found}
    if any(getattr(stage, "final", False) for stage in chain if stage.name in selected):
        for each in found:
            if each.held and not bench.selection.forces(each.stage):
                raise each.held
    # The last one first: the hint that names it makes all those before it, too.
    for step in reversed(steps):
        if step.stage in users:
            _check_one(bench, seen[step.stage], step, users[step.stage])


def _check_one(bench: Bench, seen: Seen, step: Step, user: str) -> None:
    if seen.refused:
        raise seen.refused
    if isinstance(seen.error, EditedByHand):
        raise seen.error
    if seen.header is None:
        raise not_made(user, step.stage)
    if step.due:
        why = ", ".join(map(str, step.reasons))
        bench.emit(Notice(
            step.episode, "warning",
            f"{user} builds on {step.stage}, which is out of date: {why}",
            hint=f"bring it up to date: microfinish run {step.episode} --to {step.stage}",
        ))


def _bring_up_to_date(bench: Bench, episode: Episode, stage: Stage, tally: Tally) -> bool:
    """Run the stage if it must. True where its document now says something else."""
    seen, inputs = look(episode, stage)
    if inputs is None:
        raise seen.refused or seen.error or AssertionError("a stage without inputs has an error")
    reasons = reasons_to_run(seen, bench.selection.forces(stage.name))
    if not reasons:
        tally.skipped.append(stage.name)
        bench.emit(StageSkipped(episode.name, stage.name))
        return False
    bench.interrupt.check()
    if not bench.selection.forces(stage.name) and borrow(episode, stage, inputs):
        tally.skipped.append(stage.name)
        bench.emit(StageSkipped(episode.name, stage.name, "as the last run decided"))
        return True
    bench.emit(StageStarted(episode.name, stage.name, tuple(map(str, reasons))))
    previous = read_body(episode, stage) if seen.header else None
    with bench.executor.slot():
        began = time.monotonic()  # not while waiting for another episode's work
        body = stage.run(inputs, _context(bench, episode, tally, previous))
    changed = _write(episode, stage, seen, inputs, body)
    tally.ran.append(stage.name)
    bench.emit(StageFinished(episode.name, stage.name, changed, time.monotonic() - began))
    return changed


def _write(episode: Episode, stage: Stage, seen: Seen, inputs: Inputs, body: Any) -> bool:
    """Record the document, even an unchanged one: its header names the inputs it now holds for."""
    if not isinstance(body, stage.body):
        raise TypeError(
            f"{stage.name} returned a {type(body).__name__} instead of a {stage.body.__name__}"
        )
    path, _ = place(episode, stage.name)
    header = record.write(path, stage.name, stage.version, inputs.digests(), body)
    return seen.header is None or header.body != seen.header.body


def _context(bench: Bench, episode: Episode, tally: Tally, previous: Any) -> Context:
    def emit(event: Event) -> None:
        if isinstance(event, Counted):
            tally.counts[event.kind] += event.n
        bench.emit(event)

    def side_by_side(
        work: Callable[[Any], Any], items: Iterable[Any], label: str
    ) -> list[Any]:
        return bench.executor.map(
            work,
            items,
            label=label,
            on_done=lambda done, total: emit(Progress(episode.name, label, done, total)),
            cancelled=bench.interrupt.cancelled,
        )

    return Context(
        episode=episode.name,
        root=bench.project.root,
        facts=bench.project.facts,
        store=bench.project.store,
        options=bench.options,
        emit=emit,
        cancelled=bench.interrupt.cancelled,
        previous=previous,
        map=side_by_side,
    )


def _errors_found(episode: Episode, stage: Stage) -> int:
    """How many errors a checking stage found; other stages find none."""
    if stage.body is not Findings:
        return 0
    header = episode.document(stage.name, stage.body).header
    if header is None:
        return 0

    def count() -> int:
        findings: Findings = read_body(episode, stage)
        return sum(finding.severity == "error" for finding in findings.findings)

    # Kept by the body's hash: a season with nothing to do parses no documents.
    return episode.project.facts.get("errors-found", 1, header.body, count)
