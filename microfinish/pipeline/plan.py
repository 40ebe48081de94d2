"""Which steps must run and why: a pure function of what lies on disk and what the user asked."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from microfinish.core.errors import InputError, MicrofinishError
from microfinish.documents.record import Header
from microfinish.pipeline.fingerprint import (
    FORCED,
    NEVER,
    Reason,
    differences,
    missing_file,
)

State = Literal["run", "may run", "skip", "blocked"]


@dataclass(frozen=True, slots=True)
class Selection:
    """The part of the chain that the user asked for, by stage names.

    `first` and `last` cut the chain as it is listed; `only` picks single stages and excludes
    both; `force` stages run although nothing changed ("all" stands for every selected stage).
    """

    first: str = ""
    last: str = ""
    only: tuple[str, ...] = ()
    force: tuple[str, ...] = ()

    def of(self, names: Sequence[str]) -> tuple[str, ...]:
        """The selected part of a chain. Raises InputError for a name that is not in it."""
        for name in (self.first, self.last, *self.only, *self.force):
            if name and name not in (*names, "all"):
                raise _not_in_chain(name, names)
        if self.only:
            return tuple(name for name in names if name in self.only)
        start = names.index(self.first) if self.first else 0
        stop = names.index(self.last) + 1 if self.last else len(names)
        if start >= stop:
            raise InputError(
                f'nothing lies between "{self.first}" and "{self.last}"',
                hint=f"the chain is {' '.join(names)}",
            )
        return tuple(names[start:stop])

    def forces(self, name: str) -> bool:
        return name in self.force or "all" in self.force


EVERYTHING = Selection()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a stage finds on disk: its document's header and the hashes of its inputs now.

    `digests` is None where the inputs cannot be told; `error` then says why. `refused` says why
    the document itself cannot be built on: it was edited by hand. `held` says what the stage
    will not do without being forced: take an edit that changed after the picture lock.
    """

    stage: str
    version: int
    after: tuple[str, ...] = ()
    header: Header | None = None
    digests: Mapping[str, str] | None = None
    missing: tuple[str, ...] = ()
    error: MicrofinishError | None = None
    refused: MicrofinishError | None = None
    held: MicrofinishError | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of one episode: does it run, and why.

    "may run" waits for a stage before it: should that one decide the same as before, this one
    has nothing to do. A blocked step cannot run until `error` is dealt with.
    """

    episode: str
    stage: str
    state: State
    reasons: tuple[Reason, ...] = ()
    error: MicrofinishError | None = None

    @property
    def due(self) -> bool:
        return self.state != "skip"


def reasons_to_run(seen: Seen, forced: bool = False) -> tuple[Reason, ...]:
    """Why the stage must run, judged by its own document and inputs alone. Empty: it need not."""
    found: list[Reason] = [FORCED] if forced else []
    if seen.header is None:
        return (*found, NEVER)
    if seen.digests is not None:
        header = seen.header
        found += differences(
            header.version, seen.version, header.inputs, seen.digests, seen.after, seen.stage
        )
    found += map(missing_file, seen.missing)
    return tuple(found)


def plan(
    episode: str, chain: Sequence[Seen], selection: Selection = EVERYTHING
) -> tuple[Step, ...]:
    """The selected steps of an episode in order. Nothing is read, nothing is run."""
    selected = selection.of([seen.stage for seen in chain])
    never_made = {s.stage for s in chain if s.header is None and s.stage not in selected}
    steps: dict[str, Step] = {}
    for seen in chain:
        if seen.stage in selected:
            steps[seen.stage] = _step(episode, seen, steps, never_made, selection)
    return tuple(steps.values())


def _step(
    episode: str,
    seen: Seen,
    before: Mapping[str, Step],
    never_made: set[str],
    selection: Selection,
) -> Step:
    lacking = [name for name in seen.after if name in never_made]
    if lacking:
        return _blocked(episode, seen.stage, not_made(seen.stage, lacking[0]))
    if seen.refused:
        return _blocked(episode, seen.stage, seen.refused)
    if seen.held and not selection.forces(seen.stage):
        return _blocked(episode, seen.stage, seen.held)
    upstream = [before[name] for name in seen.after if name in before]
    waiting = tuple(_waiting(step) for step in upstream if step.state in ("run", "may run"))
    stuck = tuple(_stuck(step) for step in upstream if step.state == "blocked")
    # Before an earlier stage has run, inputs that cannot be told are no error: it may make them.
    if seen.error and not waiting and not stuck:
        return _blocked(episode, seen.stage, seen.error)
    own = reasons_to_run(seen, selection.forces(seen.stage))
    if stuck:
        return Step(episode, seen.stage, "blocked", (*own, *stuck))
    if own:
        return Step(episode, seen.stage, "run", (*own, *waiting))
    return Step(episode, seen.stage, "may run" if waiting else "skip", waiting)


def not_made(stage: str, needed: str) -> InputError:
    """The error for a stage that was asked for before the stage it builds on."""
    return InputError(
        f"{stage} builds on {needed}, which was never made",
        hint=f"run the chain up to it first: microfinish run --to {needed}",
    )


def _blocked(episode: str, stage: str, error: MicrofinishError) -> Step:
    return Step(episode, stage, "blocked", (Reason("error", "", str(error)),), error)


def _stuck(step: Step) -> Reason:
    return Reason("upstream", step.stage, f"{step.stage} cannot run")


def _waiting(step: Step) -> Reason:
    verb = "will" if step.state == "run" else "may"
    return Reason("upstream", step.stage, f"{step.stage} {verb} run first")


def _not_in_chain(name: str, names: Sequence[str]) -> InputError:
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return InputError(
        f'there is no stage "{name}" in this chain', hint=f"{hint}the chain is {' '.join(names)}"
    )
