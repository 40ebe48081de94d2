"""lock: the picture lock. The first run freezes the timeline; later changes need a decision.

A lock agrees with the edit where both are the same cut, and where its current revision took an
old one back while this very edit lay in the folder: that edit was set aside, knowingly. Any other
edit is refused until it is locked. So going back holds until the editor delivers something new.
"""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from microfinish.core.change_words import sentences
from microfinish.core.changes import bare_cut, changes
from microfinish.core.errors import EditedByHand, InputError, LockedError, Where
from microfinish.core.shots import with_shot_ids
from microfinish.core.timeline import PictureLock, Revision, Timeline
from microfinish.documents.digest import digest
from microfinish.pipeline.events import Notice
from microfinish.pipeline.stage import Context, Input, Inputs
from microfinish.project.episode import ABSENT, Episode

_HUMAN = ("episode", "grade", "reframe", "vfx", "mix", "titles", "markers")


class LockStage:
    """Decides which timeline is finished."""

    name = "lock"
    version = 2
    after = ("assemble",)
    body = PictureLock

    def inputs(self, episode: Episode) -> Inputs:
        check_document(episode)
        return Inputs.of(
            assemble=episode.document("assemble", Timeline),
            # a revision keeps what was in force; a lock does not depend on it, so it never is due
            kept_human_files=Input("kept", lambda: human_files(episode)),
            used_human_files=Input("kept", lambda: used_files(episode)))

    def held(self, episode: Episode) -> LockedError | None:
        """What a run would say to an edit that changed after the lock; None where it did not."""
        from microfinish.stages.drift import drift_of

        return drift_of(episode)

    def missing(self, body: PictureLock, episode: Episode) -> tuple[str, ...]:
        return ()

    def run(self, inputs: Inputs, ctx: Context) -> PictureLock:
        timeline: Timeline = inputs["assemble"]
        human: dict[str, str] = inputs["kept_human_files"]
        used: dict[str, str] = inputs.get("used_human_files", {})
        lock = ctx.previous if isinstance(ctx.previous, PictureLock) else PictureLock(())
        check_seals(lock, f"the lock of {ctx.episode}")
        if ctx.options.back_to:
            return _taken_back(lock, timeline, human, used, ctx)
        if not lock.revisions:
            return _with(lock, timeline, ctx.options.note or "first lock", human)
        if agrees(lock, timeline, ctx.options.relock):
            return lock
        current = lock.current
        timeline = identified(timeline, lock)
        if not ctx.options.relock:
            raise refusal(current, timeline, ctx.episode)
        for change in changes(current.timeline, timeline):
            if change.could_be:
                ctx.emit(Notice(ctx.episode, "warning", f"{change.shot} could be "
                                f"{' or '.join(change.could_be)} as well: nothing but the order "
                                "of equal shots tells them apart",
                                hint=f"look at it: microfinish diff {ctx.episode}"))
        return _with(lock, timeline, ctx.options.note, human, used=used)


def identified(timeline: Timeline, lock: PictureLock) -> Timeline:
    """The edit with the ids that locking it now would give its shots. Shots of any earlier
    revision that come back are themselves again; no other shot ever gets their ids."""
    older = tuple(revision.timeline for revision in reversed(lock.revisions[:-1]))
    return with_shot_ids(timeline, lock.current.timeline, retired=older)


def agrees(lock: PictureLock, timeline: Timeline, relock: bool = False) -> bool:
    """Whether a run may go on with this lock. With `relock` an edit set aside counts as new."""
    now = cut_digest(timeline)
    if now == cut_digest(lock.current.timeline):
        return True
    return not relock and now == lock.current.edit


def cut_digest(timeline: Timeline) -> str:
    """The digest of a cut, whatever its shots are called."""
    return digest(bare_cut(timeline))


def human_files(episode: Episode) -> dict[str, str]:
    """The digests of the human files that are there, by their name in the episode's folder."""
    layout = episode.layout
    paths = [episode.edit_list(), *(layout.human(episode.name, name) for name in _HUMAN),
             *episode.subtitles().values()]
    shown = {path.relative_to(episode.folder).as_posix(): layout.shown(path)
             for path in paths if path is not None}
    found = {"microfinish.yaml": episode.file_digest("microfinish.yaml")}
    found.update({name: episode.file_digest(path) for name, path in shown.items()})
    return {name: value for name, value in sorted(found.items()) if value != ABSENT}


def used_files(episode: Episode) -> dict[str, str]:
    """The digests of the timed human files that the current revision was finished with."""
    timed = {("mix", "sheet"): "mix.yaml", ("grade", "grade_yaml"): "grade.yaml",
             ("reframe", "sheet"): "reframe.yaml"}
    timed |= {("title", f"subtitles.{language}"): path.relative_to(episode.folder).as_posix()
              for language, path in episode.subtitles().items()}
    locked = episode.document("lock", PictureLock).digest
    used = {}
    for (stage, entry), name in timed.items():
        try:
            header = episode.document(stage).header
        except InputError:  # edited by hand: its stage says so
            continue
        if header and header.inputs.get("lock") == locked:
            used[name] = header.inputs.get(entry, ABSENT)
    markers = episode.layout.human(episode.name, "markers")  # no stage: they count as they show
    used["markers.yaml"] = episode.file_digest(episode.layout.shown(markers))
    return {name: value for name, value in sorted(used.items()) if value != ABSENT}


def revision_of(lock: PictureLock, number: int, episode: str) -> Revision:
    """A revision by its number. Raises InputError that lists those there are."""
    for revision in lock.revisions:
        if revision.revision == number:
            return revision
    known = ", ".join(str(revision.revision) for revision in lock.revisions) or "none yet"
    raise InputError(f"the picture lock of {episode} has no revision {number}",
                     hint=f"revisions: {known}")


def _taken_back(lock: PictureLock, timeline: Timeline, human: Mapping[str, str],
                used: Mapping[str, str], ctx: Context) -> PictureLock:
    """The lock with an old revision as its newest: the same cut with the same ids."""
    old = revision_of(lock, ctx.options.back_to, ctx.episode)
    if old.timeline == lock.current.timeline:
        return lock
    now = cut_digest(timeline)
    aside = "" if now == cut_digest(old.timeline) else now
    if aside:
        ctx.emit(Notice(ctx.episode, "warning",
                        "the edit list in the folder is set aside: it is not the cut that is "
                        "locked now", hint=f"microfinish lock {ctx.episode} --relock takes it"))
    return _with(lock, old.timeline, ctx.options.note or f"back to revision {old.revision}",
                 human, aside, used)


def _with(lock: PictureLock, timeline: Timeline, note: str, human: Mapping[str, str],
          aside: str = "", used: Mapping[str, str] | None = None) -> PictureLock:
    # how its media were found is told by assemble, and may be found otherwise tomorrow
    timeline = replace(timeline, events=tuple(
        replace(event, evidence=None) for event in timeline.events))
    before = lock.revisions[-1] if lock.revisions else None
    revision = Revision(before.revision + 1 if before else 1, cut_digest(timeline),
                        datetime.now(UTC).isoformat(timespec="seconds"), _user(), note, timeline,
                        aside, dict(human), used_before=dict(used or {}))
    return PictureLock((*lock.revisions, replace(revision, seal=_seal(revision, before))))


def _seal(revision: Revision, before: Revision | None) -> str:
    # spelled out, so that a noun which gains a field leaves old seals whole
    shots = tuple((event.shot, event.parent, event.name) for event in revision.timeline.events)
    used = (revision.used_before,) if revision.used_before else ()
    return digest((before.seal if before else "", revision.revision, revision.digest, revision.at,
                   revision.by, revision.note, revision.edit, revision.human, shots,
                   bare_cut(revision.timeline), *used))


def check_seals(lock: PictureLock, shown: str) -> None:
    """Raise EditedByHand naming the first revision that is not as it was locked."""
    before: Revision | None = None
    for revision in lock.revisions:
        unsealed = not revision.seal and not (before and before.seal)  # before there were seals
        if not unsealed and (revision.seal != _seal(revision, before)
                             or revision.digest != cut_digest(revision.timeline)):
            raise EditedByHand(f"revision {revision.revision} in {shown} is not as it was locked",
                               where=Where(shown) if shown.endswith(".yaml") else None,
                               hint="bring the file back from version control or a backup: "
                                    "revisions are made by `microfinish lock` alone")
        before = revision


def check_document(episode: Episode) -> int:
    """Check the seals of the episode's lock, once per content of the file.

    Returns the number of the current revision, 0 where nothing is locked.
    """
    document = episode.document("lock", PictureLock)
    if not document.exists:
        return 0

    def check() -> int:
        lock: PictureLock = document.load()
        check_seals(lock, document.shown)
        return lock.current.revision if lock.revisions else 0

    return episode.project.facts.get("lock-seals", 2, document.digest, check)


def refusal(current: Revision, timeline: Timeline, episode: str) -> LockedError:
    """The error for an edit that is not the cut that is locked, with the change list."""
    changed = sentences(current.timeline, timeline)
    return LockedError(
        f"the picture is locked (revision {current.revision}, {current.at} by "
        f"{current.by}) and the edit changed: {len(changed)} "
        f"{'difference' if len(changed) == 1 else 'differences'}",
        where=_where(timeline), detail=changed,
        hint=f'microfinish lock {episode} --relock --note "why" takes it; '
             f"microfinish run {episode} --preview shows it first")


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
