"""`microfinish diff`: what changed between two revisions of a picture lock, or since the lock."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from microfinish.cli.arguments import Episode, Json
from microfinish.cli.session import Session, session_of

if TYPE_CHECKING:
    from microfinish.core.timeline import PictureLock, Timeline
    from microfinish.project.episode import Episode as OpenEpisode
    from microfinish.report.change_rows import Compared

_EDIT = "edit"
_From = Annotated[str | None, typer.Argument(
    metavar="[R1", show_default=False,
    help="The older revision of the lock; alone, it is compared with the newest.")]
_To = Annotated[str | None, typer.Argument(
    metavar="R2]", show_default=False,
    help="The newer revision, or `edit`: the edit list as it is now.")]
_Edl = Annotated[bool, typer.Option(
    "--edl", help="A CMX3600 change EDL: the new cut edited from the old one's record time.")]
_Csv = Annotated[bool, typer.Option("--csv", help="Every shot as a row of a spreadsheet.")]
_Html = Annotated[bool, typer.Option(
    "--html", help="One self-contained page with both cuts and thumbnails.")]
_Output = Annotated[str, typer.Option(
    "-o", "--output", metavar="FILE", show_default=False,
    help="Write to this file instead of printing.")]


@dataclass(frozen=True, slots=True)
class _Side:
    """One cut: its key in `--json`, its name and who locked it, when and why."""

    key: int | str
    timeline: Timeline
    note: str = ""

    @property
    def name(self) -> str:
        return f"revision {self.key}" if isinstance(self.key, int) else self.key


def command(
    ctx: typer.Context,
    episode: Episode,
    from_: _From = None,
    to: _To = None,
    as_json: Json = False,
    edl: _Edl = False,
    csv: _Csv = False,
    html: _Html = False,
    output: _Output = "",
) -> int:
    """What changed between two revisions of the picture lock, or since the lock.

    Without revisions: the lock against the edit list where that changed, else the last two
    revisions. A shot that others pushed along is unchanged. Times are record times; letters
    under the bars say what happened where.
    """
    from microfinish.cli.anywhere import UsageError

    formats = [name for name, on in (("json", as_json), ("edl", edl), ("csv", csv),
                                     ("html", html)) if on]
    if len(formats) > 1:
        raise UsageError(f"--{formats[0]} and --{formats[1]} exclude each other",
                         hint="ask once for each")
    if output and not formats:
        raise UsageError("-o writes --json, --edl, --csv or --html", hint="add one of them")
    session = session_of(ctx)
    sides = _sides(session, episode, from_, to)
    if isinstance(sides, int):
        return sides
    opened, older, newer = sides
    compared = _compared(older, newer)
    if not formats:
        _show(f"{opened.name}: {older.name} to {newer.name}", compared)
        _show_decisions(opened, newer)
        return 0
    text = _text(formats[0], opened, older, newer, compared)
    if output:
        from microfinish.documents.atomic import write_text

        write_text(Path(output), text)
    else:
        print(text, end="")
    return 0


def _sides(session: Session, name: str, from_: str | None,
           to: str | None) -> tuple[OpenEpisode, _Side, _Side] | int:
    """The two cuts, or the exit code of a run that could not read the edit list."""
    from microfinish.cli.lock import lock_of

    opened, lock = lock_of(session, name)
    asked = [word for word in (from_, to) if word is not None]
    if asked and _EDIT not in asked:
        words = [*asked, str(lock.current.revision)]
        return (opened, _revision(lock, words[0], opened.name),
                _revision(lock, words[1], opened.name))
    current = _current_edit(session, opened.name)
    if isinstance(current, int):
        return current
    edit = _edit(lock, current)
    newest = _revision(lock, str(lock.current.revision), opened.name)
    if len(asked) == 2:
        older, newer = (edit if word == _EDIT else _revision(lock, word, opened.name)
                        for word in asked)
        return opened, older, newer
    if not asked and _same(newest, edit) and len(lock.revisions) > 1:
        return opened, _revision(lock, str(lock.revisions[-2].revision), opened.name), newest
    return opened, newest, edit


def _revision(lock: PictureLock, word: str, episode: str) -> _Side:
    from microfinish.cli.anywhere import UsageError
    from microfinish.stages.lock import revision_of

    if not word.isdecimal():
        raise UsageError(f"{word!r} is not a revision", hint="write its number, or edit")
    found = revision_of(lock, int(word), episode)
    note = f", {found.note}" if found.note else ""
    when = found.at[:16].replace("T", " ")
    return _Side(found.revision, found.timeline, f"{when} by {found.by}{note}")


def _edit(lock: PictureLock, timeline: Timeline) -> _Side:
    """The edit with the ids that locking it would give."""
    from microfinish.stages.lock import cut_digest, identified

    if cut_digest(timeline) == cut_digest(lock.current.timeline):
        return _Side(_EDIT, lock.current.timeline)
    return _Side(_EDIT, identified(timeline, lock))


def _same(one: _Side, other: _Side) -> bool:
    return one.timeline == other.timeline


def _current_edit(session: Session, name: str) -> Timeline | int:
    """The edit list as a timeline, assembled anew first where it changed."""
    from microfinish.cli.stage import selection_of
    from microfinish.cli.work import work
    from microfinish.core.timeline import Timeline
    from microfinish.pipeline.explain import explain
    from microfinish.pipeline.stage import Options

    steps = explain(session.project(), name)
    if any(step.due for step in steps if step.stage in ("log", "assemble")):
        result = work(session, [name], selection_of(session, "assemble"), Options())
        if result.exit_code:
            return result.exit_code
    found: Timeline = session.project().episode(name).document("assemble", Timeline).load()
    return found


def _compared(older: _Side, newer: _Side) -> Compared:
    from microfinish.core.changes import changes
    from microfinish.report.change_rows import Compared

    return Compared(older.name, newer.name, older.timeline, newer.timeline,
                    changes(older.timeline, newer.timeline))


def _text(form: str, episode: OpenEpisode, older: _Side, newer: _Side, compared: Compared) -> str:
    title = f"{episode.name}: {older.name} to {newer.name}"
    if form == "csv":
        from microfinish.report.change_rows import csv_text

        return csv_text(compared)
    if form == "edl":
        from microfinish.interchange.change_edl import change_edl

        reel = f"REV{older.key}" if isinstance(older.key, int) else "EDIT"
        return change_edl(older.timeline, newer.timeline, compared.changes, title, reel)
    if form == "html":
        from microfinish.report.change_page import Words, change_page

        return change_page(compared, Words(title, older.note, newer.note),
                           _pictures(episode, compared))
    from microfinish.cli.output import json_text
    from microfinish.report.change_rows import ambiguous_answer, changes_answer, sound_answer

    return json_text({"from": older.key, "to": newer.key,
                      "changes": changes_answer(compared.changes),
                      "sound": sound_answer(compared.changes),
                      "ambiguous": ambiguous_answer(compared.changes),
                      **_decisions_answer(episode, newer)})


def _decisions_answer(episode: OpenEpisode, newer: _Side) -> dict[str, object]:
    """What the re-cut left to decide, where the newer cut is the one that is locked."""
    from microfinish.cli.recut_sheets import decisions_answer
    from microfinish.stages.recut import recut

    found = recut(episode)
    return {"recut": decisions_answer(found)} if newer.key == found.revision else {}


def _show(title: str, compared: Compared) -> None:
    """The summary, both cuts as bars, a table of what changed."""
    from microfinish.cli.output import table
    from microfinish.core.change_words import sentences
    from microfinish.report.change_bars import bars
    from microfinish.report.change_rows import COLUMNS, summary, table_rows

    print("\n".join([title, summary(compared), "", *bars(compared, _width()), ""]))
    rows = table_rows(compared)
    if rows:
        table(COLUMNS, rows)
    else:
        print("\n".join(sentences(compared.before, compared.after) or ("no difference",)))


def _show_decisions(episode: OpenEpisode, newer: _Side) -> None:
    """What is left to decide where the newer cut is the one that is locked."""
    from microfinish.cli.recut_sheets import decision_lines
    from microfinish.stages.recut import recut

    found = recut(episode)
    if newer.key == found.revision and found.since != found.revision:
        print()
        print("\n".join(decision_lines(episode.name, found)))


def _width() -> int:
    from shutil import get_terminal_size

    return max(60, min(160, get_terminal_size((100, 24)).columns))


def _pictures(episode: OpenEpisode, compared: Compared) -> dict[str, bytes]:
    """The thumbnails that log left in the store, by media path."""
    from microfinish.core.media import MediaLog
    from microfinish.stages.log import THUMBNAIL_SUFFIX, thumbnail_key

    document = episode.document("log", MediaLog)
    files = document.load().by_path() if document.exists else {}
    found: dict[str, bytes] = {}
    for timeline in (compared.before, compared.after):
        for path in {event.media for event in timeline.shots()} & files.keys() - found.keys():
            kept = episode.project.store.get(thumbnail_key(files[path].digest), THUMBNAIL_SUFFIX)
            if kept:
                found[path] = kept.read_bytes()
    return found
