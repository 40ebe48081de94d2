"""`microfinish show`: what a stage decided, as a table or as JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from microfinish.cli.anywhere import UsageError
from microfinish.cli.arguments import Episode, Json
from microfinish.cli.session import Session, session_of, tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from microfinish.pipeline.stage import Stage
    from microfinish.project.episode import Episode as OpenEpisode

_Stage = Annotated[str, typer.Argument(help="A stage, such as assemble; or markers.")]


_Csv = Annotated[bool, typer.Option("--csv", help="Of log: one row per media file, as CSV.")]
_Ale = Annotated[bool, typer.Option("--ale", help="Of log: an Avid log of all media files.")]
_Sheet = Annotated[Path | None, typer.Option(
    "--sheet", metavar="FILE",
    help="A contact sheet: of log the media, of grade every shot before and after; FILE.png, "
         "then FILE-2.png ...")]
_Stills = Annotated[Path | None, typer.Option(
    "--stills", metavar="FILE",
    help="Of grade: every shot before and after, with waveform, vectorscope and histogram.")]


_Decisions = Annotated[bool, typer.Option(
    "--decisions", help="Of lock: what the re-cut left to decide, and what was parked.")]

_Continuity = Annotated[bool, typer.Option(
    "--continuity", help="Of grade, for all or several episodes: how far the same face and the "
                         "same set are from their usual color; --sheet shows them.")]


_CueSheet = Annotated[Path | None, typer.Option(
    "--cue-sheet", metavar="FILE",
    help="Of mix: the music cue sheet, as FILE.csv or FILE.html.")]
_Report = Annotated[Path | None, typer.Option(
    "--report", metavar="FILE",
    help="Of mix: loudness, true peaks and dialogue of what was delivered, as FILE.html.")]
_Levels = Annotated[bool, typer.Option(
    "--levels", help="Of mix, for all or several episodes: loudness of programme and dialogue, "
                     "outliers named.")]


def command(ctx: typer.Context, episode: Episode, stage: _Stage, as_json: Json = False,
            as_csv: _Csv = False, as_ale: _Ale = False, sheet: _Sheet = None,
            stills: _Stills = None, decisions: _Decisions = False,
            continuity: _Continuity = False, cue_sheet: _CueSheet = None,
            report: _Report = None, levels: _Levels = False) -> int:
    """What a stage decided: the timeline, the grades, the mix...

    `show all correct` lists what is corrected, or might be, in all episodes.
    `markers` lists markers, ADR and foley spots and notes, of markers.yaml and of the edit list.
    Shows the stage's document as it lies there, and says so if it is out of date.
    """
    from microfinish.cli.output import emit_json
    from microfinish.cli.select import select, select_one

    session = session_of(ctx)
    if continuity:
        from microfinish.cli.continuity import show_continuity

        if stage != "grade" or as_csv or as_ale or stills:
            raise UsageError("--continuity is for grade, with --sheet or --json")
        return show_continuity(session, episode, sheet, as_json)
    if levels or cue_sheet or report:
        from microfinish.cli.sound_sheets import show_sound

        if stage != "mix" or (as_json and not levels):
            raise UsageError("--levels (with --json), --cue-sheet and --report are for mix")
        return show_sound(session, episode, cue_sheet, report, levels, as_json)
    project = session.project()
    if stage == "correct" and len(several := select(project.episodes(), [episode])) > 1:
        from microfinish.cli.corrections import show_corrections

        return show_corrections(session, several, as_json)
    opened = project.episode(select_one(project.episodes(), episode))
    if decisions and stage != "lock":
        raise UsageError(f"--decisions is for lock, not for {stage}")
    if decisions or stage == "markers":
        return _of_lock(session, opened, stage, as_json)
    forms = [option for option, on in (("--csv", as_csv), ("--ale", as_ale), ("--json", as_json))
             if on]
    if (as_csv or as_ale) and stage != "log":
        raise UsageError(f"{forms[0]} is for log, not for {stage}")
    if len(forms) > 1:
        raise UsageError(f"{forms[0]} and {forms[1]} exclude each other")
    asked = {"--sheet": sheet, "--stills": stills}
    sheets = {option: file for option, file in asked.items() if file}
    writers = {option: _writer(stage, option) for option in sheets}
    body = body_of(session, opened, stage)
    if stage == "log":
        from microfinish.cli.log_sheets import without_done

        body = without_done(body, opened.settings.cameras)
    for option, file in sheets.items():
        for page in writers[option](opened, body, file.absolute()):
            tell(f"wrote {project.layout.shown(page)}")
    if sheets and not forms:
        return 0
    if as_csv:
        from microfinish.cli.log_sheets import log_csv

        sys.stdout.buffer.write(log_csv(body).encode("utf-8"))
    elif as_ale:
        from microfinish.interchange.ale import write_ale

        sys.stdout.buffer.write(write_ale(body, opened.settings.rate).encode("utf-8"))
    elif as_json:
        emit_json(answer(stage, body))
    else:
        show_body(stage, body)
    return 0


def _of_lock(session: Session, episode: OpenEpisode, stage: str, as_json: bool) -> int:
    """What hangs on the picture lock and is no stage's document: decisions, markers."""
    from microfinish.cli.lock import lock_of
    from microfinish.cli.recut_sheets import print_decisions, print_markers

    locked, _ = lock_of(session, episode.name)
    (print_markers if stage == "markers" else print_decisions)(locked, as_json)
    return 0


def _writer(stage: str, option: str) -> Callable[[OpenEpisode, Any, Path], tuple[Path, ...]]:
    """What writes the picture that `option` asks of a stage's document."""
    from microfinish.cli.grade_sheets import write_ab_sheet, write_stills
    from microfinish.cli.log_sheets import write_contact_sheet

    writers: dict[tuple[str, str], Callable[[OpenEpisode, Any, Path], tuple[Path, ...]]] = {
        ("log", "--sheet"): write_contact_sheet, ("grade", "--sheet"): write_ab_sheet,
        ("grade", "--stills"): write_stills}
    if (stage, option) not in writers:
        fitting = " and ".join(name for name, known in writers if known == option)
        raise UsageError(f"{option} is for {fitting}, not for {stage}")
    return writers[stage, option]


def body_of(session: Session, episode: OpenEpisode, stage: str) -> Any:
    """The decided body of a stage; says on stderr where it is out of date.

    Raises InputError for a stage that is not in the chain, or that has not run yet.
    """
    from microfinish.core.errors import EditedByHand, InputError
    from microfinish.pipeline.registry import stages_for
    from microfinish.pipeline.survey import look, read_body

    chain = {entry.name: entry for entry in stages_for(episode.settings.stages)}
    if stage not in chain:
        raise _unknown(stage, list(chain))
    seen, _ = look(episode, chain[stage])
    if seen.refused:
        raise seen.refused
    if isinstance(seen.error, EditedByHand):  # a lock whose hash was made to fit
        raise seen.error
    if seen.header is None:
        raise InputError(f"{episode.name} has no {stage} document yet",
                         hint=f"`microfinish {_making(stage)} {episode.name}` makes it")
    _warn_if_stale(session, episode, chain[stage])
    return read_body(episode, chain[stage])


def answer(stage: str, body: Any) -> dict[str, Any]:
    """The `--json` form of a body."""
    from microfinish.documents.plain import plain

    if stage == "assemble":
        return timeline_answer(body)
    return dict(plain(body))


def timeline_answer(timeline: Any) -> dict[str, Any]:
    """The documented form of a timeline: integer frames, ends exclusive, rational speeds.

    Events that have them also say `retime` (points of a variable speed, rational), `placement`,
    `role` and `evidence`.
    """
    from microfinish.documents.plain import plain

    events = [
        {
            "shot": event.shot, "track": event.track, "media": event.media,
            "source_in": event.source.start, "source_out": event.source.end,
            "record_in": event.record.start, "record_out": event.record.end,
            "speed": plain(event.speed),
            "transition": {"kind": event.transition.kind, "frames": event.transition.frames}
            if event.transition else None,
            **{key: plain(getattr(event, key))
               for key in ("retime", "placement", "role", "evidence") if getattr(event, key)},
        }
        for event in timeline.events
    ]
    losses = [{"file": loss.file, "line": loss.line, "text": loss.text,
               "severity": loss.severity, "reason": loss.reason} for loss in timeline.losses]
    return {"rate": plain(timeline.rate), "start_frame": timeline.start_frame,
            "events": events, "losses": losses}


def show_body(stage: str, body: Any) -> None:
    """The human form: tables where the stage has them, else the document as text."""
    from microfinish.cli.output import table
    from microfinish.cli.tables import TABLES

    if stage in TABLES:
        for drawn in TABLES[stage](body):
            table(drawn.columns, drawn.rows, drawn.title)
        return
    from microfinish.documents.record import body_text

    print(body_text(body), end="")


def _warn_if_stale(session: Session, episode: OpenEpisode, stage: Stage) -> None:
    from microfinish.pipeline.explain import explain

    if session.verbosity < 0:
        return
    steps = explain(session.project(), episode.name)
    step = next((entry for entry in steps if entry.stage == stage.name), None)
    if step and step.due:
        why = ", ".join(map(str, step.reasons))
        tell(f"note: {stage.name} is out of date: {why}")


def _unknown(stage: str, names: list[str]) -> Exception:
    from difflib import get_close_matches

    from microfinish.core.errors import InputError

    near = get_close_matches(stage, names, n=1)
    first = f"did you mean {near[0]}? " if near else ""
    return InputError(f'there is no stage "{stage}"', hint=f"{first}the chain is {' '.join(names)}")


def _making(stage: str) -> str:
    from microfinish.cli.table import STAGE_HELP

    return stage if stage in STAGE_HELP else f"run --to {stage}"
