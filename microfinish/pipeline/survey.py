"""Reads what the plan needs, and nothing more: headers, input hashes, promised files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from microfinish.core.errors import InputError, MicrofinishError
from microfinish.documents import record
from microfinish.documents.atomic import write_bytes
from microfinish.documents.record import Header
from microfinish.pipeline.plan import EVERYTHING, Seen, Selection, Step, plan
from microfinish.pipeline.stage import Inputs, Stage
from microfinish.project.episode import Episode


def look(
    episode: Episode, stage: Stage, header: Header | None = None
) -> tuple[Seen, Inputs | None]:
    """What `stage` finds on disk in this episode, and its inputs where they can be told.

    Expected failures are part of the answer; anything else is a bug in the stage and is raised.
    `header` saves reading it again.
    """
    try:
        header = header or episode.document(stage.name, stage.body).header
    except InputError as refused:
        return Seen(stage.name, stage.version, stage.after, refused=refused), None
    try:
        inputs = stage.inputs(episode)
        missing = _missing(episode, stage) if header else ()
    except MicrofinishError as error:
        return Seen(stage.name, stage.version, stage.after, header, error=error), None
    seen = Seen(stage.name, stage.version, stage.after, header, inputs.digests(), missing)
    return seen, inputs


def glance(episode: Episode, stage: Stage) -> Seen:
    """`look` for planning. A stage that was never made runs whatever its inputs are, so they are
    not asked for: on a new season that would hash all its media before the first answer.
    """
    try:
        header = episode.document(stage.name, stage.body).header
    except InputError as refused:
        return Seen(stage.name, stage.version, stage.after, refused=refused)
    if header is None:
        return Seen(stage.name, stage.version, stage.after)
    return look(episode, stage, header)[0]


def glance_all(
    episode: Episode, chain: Iterable[Stage], selection: Selection = EVERYTHING
) -> tuple[tuple[Seen, ...], tuple[Step, ...]]:
    """What every stage of a chain finds, and the selected steps that follow from it.

    Only a stage that is due is asked what holds it: it may cost more than a look.
    """
    stages = tuple(chain)
    seen = tuple(glance(episode, stage) for stage in stages)
    due = {step.stage for step in plan(episode.name, seen) if step.due}
    held = {stage.name: reason for stage in stages if stage.name in due
            and (reason := getattr(stage, "held", _not_held)(episode)) is not None}
    if held:
        seen = tuple(replace(each, held=held.get(each.stage)) for each in seen)
    return seen, plan(episode.name, seen, selection)


def _not_held(episode: Episode) -> None:
    """The answer for stages that never wait for a person's word."""


def place(episode: Episode, kind: str) -> tuple[Path, str]:
    """A document's path, and its name for messages (project-relative)."""
    path = episode.layout.document(episode.name, kind)
    return path, episode.layout.shown(path)


def read_body(episode: Episode, stage: Stage) -> Any:
    """The stage's document as nouns. Raises InputError where it cannot be read."""
    path, shown = place(episode, stage.name)
    return record.read_body(path, stage.body, shown)


def borrow(episode: Episode, stage: Stage, inputs: Inputs) -> bool:
    """Take over what a run decided from the very same inputs, where `episode` is a preview."""
    if episode.finished is None:
        return False
    path, shown = place(episode.finished, stage.name)
    header = record.read_header(path, shown)
    if header is None or (header.version, header.inputs) != (stage.version, inputs.digests()):
        return False
    target, _ = place(episode, stage.name)
    write_bytes(target, path.read_bytes())
    return True


def _missing(episode: Episode, stage: Stage) -> tuple[str, ...]:
    try:
        return stage.missing(_Unread(), episode)
    except _BodyNeededError:
        return stage.missing(read_body(episode, stage), episode)


class _BodyNeededError(Exception):
    """A stage looked into its document to say which files are missing."""


class _Unread:
    """Stands for a document until somebody looks inside.

    Most stages promise no files and never look. Reading all documents of a season of 100
    episodes takes seconds, their headers alone a few hundredths of one.
    """

    __slots__ = ()

    def _look(self, *arguments: object) -> Any:
        raise _BodyNeededError

    __getattr__ = __getitem__ = __iter__ = __len__ = __bool__ = __eq__ = _look
    __hash__ = None  # type: ignore[assignment]
    __class__ = property(_look)
