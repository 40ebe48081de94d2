"""`microfinish lock`: freeze the picture, take a changed edit, go back, look at revisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from microfinish.cli.arguments import DryRun, Episodes, Json, Note, Relock
from microfinish.cli.session import Session, session_of

if TYPE_CHECKING:
    from microfinish.core.timeline import PictureLock, Revision
    from microfinish.pipeline.stage import Options
    from microfinish.project.episode import Episode as OpenEpisode

_BackTo = Annotated[int | None, typer.Option(
    "--back-to", metavar="REV", min=1, show_default=False,
    help="Make this old revision the newest one again: same cut, same shot ids.")]
_Show = Annotated[bool, typer.Option(
    "--show", help="Change nothing: list the revisions of an episode, or, with a number after "
                   "it, show one of them.")]


def command(
    ctx: typer.Context,
    episodes: Episodes = None,
    relock: Relock = False,
    note: Note = "",
    back_to: _BackTo = None,
    show: _Show = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> int:
    """Freeze the picture; --relock takes a changed edit as the next revision.

    The first run freezes revision 1. From then on a changed edit list is refused (exit code 4)
    with what changed, until you lock again: grades, crops, titles, cues, printed sound and
    markers follow their shots, and one list says what is left to decide
    (`microfinish show EPISODE lock --decisions` prints it again).
    --back-to sets the edit list in the folder aside: runs go on with the old cut until another
    edit list comes, or until --relock takes the one that is there.
    """
    from microfinish.cli.anywhere import UsageError
    from microfinish.cli.stage import bring
    from microfinish.pipeline.stage import Options

    if sum((relock, bool(back_to), show)) > 1:
        raise UsageError("--relock, --back-to and --show exclude each other",
                         hint="give one of them")
    session = session_of(ctx)
    if show:
        return _shown(session, episodes or [], as_json)
    if (relock or back_to) and not dry_run:
        return _recut(session, episodes, Options(relock=relock, note=note, back_to=back_to or 0),
                      as_json)
    return bring(session, "lock", episodes, force=bool(relock or back_to), relock=relock,
                 note=note, back_to=back_to or 0, dry_run=dry_run, as_json=as_json)


def _recut(session: Session, episodes: Episodes, options: Options, as_json: bool) -> int:
    """Lock another cut, let everything that was decided follow it, and list what is left."""
    from microfinish.cli.output import emit_json
    from microfinish.cli.recut_sheets import decision_lines, decisions_answer
    from microfinish.cli.select import select
    from microfinish.cli.stage import builds_on
    from microfinish.cli.work import work
    from microfinish.pipeline.plan import Selection
    from microfinish.pipeline.registry import stages_for
    from microfinish.stages.recut import following, recut

    project = session.project()
    names = select(project.episodes(), episodes)
    decided = {stage for name in names for stage in following(project.episode(name))}
    after = {stage.name: stage.after for stage in stages_for(project.settings.stages)}
    wanted = {below for stage in ("lock", *decided) for below in builds_on(stage, after)}
    result = work(session, episodes, Selection(
        only=tuple(stage for stage in after if stage in wanted), force=("lock",)), options)
    found = {}
    for name in names:
        episode = session.project().episode(name)
        if episode.document("lock").exists:
            found[name] = recut(episode)
    if as_json:
        emit_json({**result.report(), "recut": {name: decisions_answer(each)
                                                for name, each in found.items()}})
        return result.exit_code
    for name, each in found.items():
        print("\n".join(decision_lines(name, each)))
    return result.exit_code


def lock_of(session: Session, name: str) -> tuple[OpenEpisode, PictureLock]:
    """An episode and its picture lock, its seals checked. Raises InputError where it has none."""
    from microfinish.cli.select import select_one
    from microfinish.core.errors import InputError
    from microfinish.core.timeline import PictureLock
    from microfinish.stages.lock import check_document

    project = session.project()
    episode = project.episode(select_one(project.episodes(), name))
    document = episode.document("lock", PictureLock)
    if not document.exists:
        raise InputError(f"{episode.name} is not locked yet",
                         hint=f"`microfinish lock {episode.name}` freezes its picture")
    check_document(episode)
    return episode, document.load()


def _shown(session: Session, words: list[str], as_json: bool) -> int:
    """`lock EP --show` lists; `lock EP --show 2` shows revision 2."""
    from microfinish.cli.anywhere import UsageError
    from microfinish.stages.lock import human_files, revision_of

    if len(words) not in (1, 2) or not all(word.isdecimal() for word in words[1:]):
        raise UsageError("--show looks at one episode, and at most one of its revisions",
                         hint="microfinish lock ep001 --show, or microfinish lock ep001 --show 2")
    episode, lock = lock_of(session, words[0])
    if len(words) == 1:
        return _show_all(lock, as_json)
    _show_one(revision_of(lock, int(words[1]), episode.name), human_files(episode), as_json)
    return 0


def revision_answer(revision: Revision) -> dict[str, Any]:
    """The `--json` form of a revision, without its timeline."""
    return {"revision": revision.revision, "at": revision.at, "by": revision.by,
            "note": revision.note, "frames": revision.timeline.frames,
            "shots": len(revision.timeline.shots()),
            "digest": revision.digest, "human": revision.human}


def _show_all(lock: PictureLock, as_json: bool) -> int:
    from microfinish.cli.output import emit_json, table

    answers = [revision_answer(revision) for revision in lock.revisions]
    if as_json:
        emit_json({"revisions": answers})
    else:
        columns = ("revision", "at", "by", "shots", "frames", "note")
        table(columns, [[answer[column] for column in columns] for answer in answers])
    return 0


def _show_one(revision: Revision, now: dict[str, str], as_json: bool) -> None:
    from microfinish.cli.output import emit_json, table
    from microfinish.cli.show import timeline_answer
    from microfinish.cli.tables import timeline_tables

    if as_json:
        emit_json({**revision_answer(revision), "timeline": timeline_answer(revision.timeline)})
        return
    for drawn in timeline_tables(
            revision.timeline, f"revision {revision.revision}, {revision.at} by {revision.by}: "
                               f"{revision.note or 'no note'}"):
        table(drawn.columns, drawn.rows, drawn.title)
    table(("human file", "then", "today"), [
        (name, revision.human.get(name, "absent")[:12],
         "the same" if now.get(name) == revision.human.get(name)
         else "changed" if name in now else "gone")
        for name in sorted(revision.human.keys() | now.keys())], "human files in force")
