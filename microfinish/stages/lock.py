"""lock: the picture lock. The first run freezes the timeline; later changes need a decision."""

from __future__ import annotations

import getpass
from dataclasses import replace
from datetime import UTC, datetime

from microfinish.core.changes import cut_of, sentences
from microfinish.core.errors import LockedError, Where
from microfinish.core.shots import with_shot_ids
from microfinish.core.timeline import PictureLock, Revision, Timeline
from microfinish.documents.digest import digest
from microfinish.pipeline.stage import Context, Inputs
from microfinish.project.episode import Episode


class LockStage:
    """Decides which timeline is finished."""

    name = "lock"
    version = 1
    after = ("assemble",)
    body = PictureLock

    def inputs(self, episode: Episode) -> Inputs:
        return Inputs.of(assemble=episode.document("assemble", Timeline))

    def missing(self, body: PictureLock, episode: Episode) -> tuple[str, ...]:
        return ()

    def run(self, inputs: Inputs, ctx: Context) -> PictureLock:
        timeline: Timeline = inputs["assemble"]
        lock = ctx.previous if isinstance(ctx.previous, PictureLock) else None
        if lock is None or not lock.revisions:
            return PictureLock((_revision(1, timeline, ctx.options.note or "first lock"),))
        current = lock.current
        if digest(_without_ids(timeline)) == digest(_without_ids(current.timeline)):
            return lock
        known = (event.shot for old in lock.revisions for event in old.timeline.events)
        timeline = with_shot_ids(timeline, current.timeline, taken=known)
        changed = sentences(current.timeline, timeline)
        if not ctx.options.relock:
            raise LockedError(
                f"the picture is locked (revision {current.revision}, {current.at} by "
                f"{current.by}) and the edit changed: {len(changed)} "
                f"{'difference' if len(changed) == 1 else 'differences'}",
                where=_where(timeline), detail=changed,
                hint=f'microfinish lock {ctx.episode} --relock --note "why"; '
                     "or bring the old edit list back")
        return PictureLock((*lock.revisions,
                            _revision(current.revision + 1, timeline, ctx.options.note)))


def _revision(number: int, timeline: Timeline, note: str) -> Revision:
    return Revision(number, digest(_without_ids(timeline)),
                    datetime.now(UTC).isoformat(timespec="seconds"), _user(), note, timeline)


def _without_ids(timeline: Timeline) -> Timeline:
    """What a lock compares: the cut itself, whatever its shots are called."""
    cut = cut_of(timeline)
    return replace(cut, events=tuple(replace(event, shot="") for event in cut.events))


def _where(timeline: Timeline) -> Where | None:
    """The edit list's name, without a line: the change may be anywhere in it."""
    places = (event.where for event in timeline.events)
    first = next((place for place in places if place), None)
    return Where(first.file) if first else None


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        # containers run under user ids that have no name
        return "unknown"
