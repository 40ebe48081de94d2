"""Drift: whether the edit list still is the cut that is locked, found without running a stage."""

from __future__ import annotations

from typing import Any

from microfinish.core.errors import LockedError, MicrofinishError, Where
from microfinish.core.timeline import PictureLock, Timeline
from microfinish.documents.digest import digest
from microfinish.pipeline.stage import Context, Inputs, Options
from microfinish.project.episode import Episode
from microfinish.stages.assemble import AssembleStage
from microfinish.stages.lock import agrees, check_document, identified, refusal


def drift_of(episode: Episode) -> LockedError | None:
    """The refusal that a run would give; None where the lock holds, or nothing is locked.

    The edit list is assembled in memory, and the answer kept for as long as it, the media and
    the lock stay the same. What cannot be read is told by the stages, not here.
    """
    stage = AssembleStage()
    try:
        locked = episode.document("lock", PictureLock)
        if not check_document(episode):
            return None
        inputs = stage.inputs(episode)
        key = digest((locked.digest, stage.version, inputs.digests()))
        found: dict[str, Any] = episode.project.facts.get(
            "drift", 1, key, lambda: _compared(episode, inputs))
    except MicrofinishError:
        return None
    if not found:
        return None
    return LockedError(found["message"], hint=found["hint"], detail=tuple(found["detail"]),
                       where=Where(found["file"]) if found["file"] else None)


def _compared(episode: Episode, inputs: Inputs) -> dict[str, Any]:
    lock: PictureLock = episode.document("lock", PictureLock).load()
    timeline = _assembled(episode, inputs)
    if not lock.revisions or agrees(lock, timeline):
        return {}
    error = refusal(lock.current, identified(timeline, lock), episode.name)
    return {"message": error.message, "hint": error.hint, "detail": list(error.detail),
            "file": error.where.file if error.where else ""}


def _assembled(episode: Episode, inputs: Inputs) -> Timeline:
    """The edit as it is now: as assemble left it where that is of today."""
    stage, project = AssembleStage(), episode.project
    document = episode.document("assemble", Timeline)
    header = document.header
    if header and (header.version, header.inputs) == (stage.version, inputs.digests()):
        known: Timeline = document.load()
        return known
    return stage.run(inputs, Context(episode.name, project.root, project.facts, project.store,
                                     Options(), lambda event: None, lambda: False))
