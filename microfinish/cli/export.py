"""`microfinish export`: a sealed turnover for other departments, and the edit for programs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from microfinish.cli.arguments import Episode, Json
from microfinish.cli.session import Session, session_of, tell

if TYPE_CHECKING:
    from microfinish.core.cdl import Cdl
    from microfinish.core.color import Grades
    from microfinish.core.media import MediaLog
    from microfinish.core.timeline import Timeline
    from microfinish.project.episode import Episode as OpenEpisode


class Target(StrEnum):
    """What can be written; `cdl` is the CDLs and the pull list alone, `all` everything."""

    EDL = "edl"
    FCPXML = "fcpxml"
    FCP7 = "fcp7"
    OTIO = "otio"
    ALE = "ale"
    CDL = "cdl"
    CUBE = "cube"
    PICTURE = "picture"
    STEMS = "stems"
    SUBTITLES = "subtitles"
    ALL = "all"


_To = Annotated[list[Target] | None, typer.Option(
    "--to", show_default="edl",
    metavar="edl|fcpxml|fcp7|otio|ale|cdl|cube|picture|stems|subtitles|all",
    help="What to write beside the CDLs and the pull list; may be given again. cube is the whole "
         "color of each shot, picture a reference with burnt timecode, stems are WAV files of "
         "the mix, subtitles every language in the time of the locked cut.")]
_Out = Annotated[Path | None, typer.Option(
    "--out", metavar="FOLDER", show_default="turnover/EPISODE",
    help="Where to write; made if need be.")]
_Handles = Annotated[int | None, typer.Option(
    "--handles", metavar="N", min=0, max=100_000, show_default="12, or vfx.handles",
    help="Frames of handle on both sides of each shot in the pull list.")]

EXTENSIONS = {"edl": "edl", "fcpxml": "fcpxml", "fcp7": "xml", "otio": "otio", "ale": "ale"}
_WRITERS = {"fcpxml": "microfinish.interchange.fcpxml_write:write_fcpxml",
            "fcp7": "microfinish.interchange.fcp7_write:write_fcp7"}


def command(
    ctx: typer.Context,
    episode: Episode,
    to: _To = None,
    out: _Out = None,
    handles: _Handles = None,
    as_json: Json = False,
) -> int:
    """Hand the edit to color, sound and VFX: lists, CDLs, a pull list, picture and stems.

    Writes the locked picture, or the assembled one where there is no lock. CDLs are those of the
    grade, one .cc file per shot and one .ccc of all; the EDL and the ALE have them too. `cube` is
    each shot's whole color, from camera codes to Rec.709, 65 points, for Resolve and on-set tools.
    The pull list (CSV and EDL) names the frames of each camera file with handles, and what a
    VFX return should be called. `picture` shows
    the finished picture small, with record and source timecode, clip and shot burnt in; `stems`
    are 24-bit BWF that sum to the mix; `subtitles` are SRT and WebVTT of every language, carried
    to the locked cut, for a translator. Files of the same name in the folder are replaced, and the
    folder is sealed with an ASC MHL manifest.
    """
    from microfinish.cli.export_media import add_media, check_folder, check_media, seal
    from microfinish.cli.output import emit_json
    from microfinish.cli.select import select_one
    from microfinish.documents.atomic import write_text

    session = session_of(ctx)
    project = session.project()
    opened = project.episode(select_one(project.episodes(), episode))
    formats = _formats(to or [Target.EDL])
    made = turnover(session, opened, formats, handles)
    folder = out.absolute() if out else project.root / "turnover" / opened.name
    check_folder(folder, project)
    check_media(opened, formats)
    for name, text in made.files.items():
        write_text(folder / name, text)
    files = [*made.files, *add_media(session, opened, formats, folder, made.notes)]
    manifest = seal(folder)
    shown = project.layout.shown(folder)
    for note in made.notes:
        tell(note)
    tell(f"sealed: {shown}/{manifest}")
    if as_json:
        emit_json({"episode": opened.name, "source": made.source, "folder": shown,
                   "files": files, "manifest": manifest, "shots": made.shots,
                   "notes": made.notes})
    else:
        for name in files:
            print(f"{shown}/{name}")
    return 0


def _formats(targets: list[Target]) -> tuple[str, ...]:
    """The names of what is asked for, once each."""
    everything = [target for target in Target if target is not Target.ALL]
    return tuple(dict.fromkeys(everything if Target.ALL in targets else targets))


@dataclass(slots=True)
class Turnover:
    """The texts to write, by name inside the folder, and what should be read before use."""

    source: str
    shots: int = 0
    files: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def turnover(session: Session, episode: OpenEpisode, formats: tuple[str, ...],
             handles: int | None) -> Turnover:
    """Everything that is handed over. Raises InputError where the stages have not run."""
    from microfinish.core.media_moves import at_present
    from microfinish.interchange.turnover import (
        ccc_text,
        pull_csv,
        pull_timeline,
        pulls,
        with_cdls,
    )
    from microfinish.interchange.unsaid import unsaid
    from microfinish.stages.returns import handles_of, return_names

    source, timeline, log = _edit(session, episode)
    timeline = at_present(timeline, log)
    made = Turnover(source)
    timeline = _marked(session, episode, timeline, made) if source == "lock" else timeline
    cdls = _cdls(session, episode, timeline, made)
    settings = episode.settings
    if handles is None:
        handles = handles_of(episode)
    found = pulls(timeline, log, handles, settings.conform)
    made.shots = len(found)
    graded = with_cdls(timeline, cdls)
    for format_ in dict.fromkeys(formats):
        if format_ in EXTENSIONS:
            made.files[f"{episode.name}.{EXTENSIONS[format_]}"] = _written(
                format_, graded, log, episode)
            made.notes += unsaid(graded, format_)
            if format_ == "ale":
                made.notes += [f"ALE: {path} has no ASC_SOP and ASC_SAT: its shots have "
                               f"{len(found)} different CDLs, see cdl/ or the EDL"
                               for path, found in _graded(graded).items() if len(found) > 1]
    if "subtitles" in formats:
        from microfinish.cli.export_subtitles import subtitle_files
        from microfinish.cli.show import body_of

        lock = body_of(session, episode, "lock") if source == "lock" else None
        made.files.update(subtitle_files(episode, lock, made.notes))
    from microfinish.interchange.cdl import cc_text

    made.files.update({f"cdl/{shot}.cc": cc_text(cdl, shot) for shot, cdl in cdls.items()})
    if cdls:
        made.files[f"{episode.name}.ccc"] = ccc_text(cdls)
    names = return_names(episode, [pull.event.shot for pull in found])
    made.files["pull.csv"] = pull_csv(timeline, found, names)
    made.files["pull.edl"] = _written(
        "edl", pull_timeline(timeline, found, names, settings.conform), log, episode)
    made.notes += [f"{pull.event.shot or 'an event'}: {pull.event.media} lacks {pull.short} frames "
                   f"of the {handles}-frame handles" for pull in found if pull.short]
    return made


def _marked(session: Session, episode: OpenEpisode, timeline: Timeline,
            made: Turnover) -> Timeline:
    """The cut with the markers of markers.yaml and of the edit list, which are also a CSV."""
    import csv
    import io
    from dataclasses import replace

    from microfinish.core.markers import as_marks, csv_rows
    from microfinish.stages.recut import markers_of

    placed = markers_of(episode)
    if placed.markers:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(csv_rows(placed, timeline))
        made.files["markers.csv"] = text.getvalue()
    for kind in ("adr", "foley"):
        if any(marker.kind == kind for marker in placed.markers):
            text = io.StringIO(newline="")
            csv.writer(text, lineterminator="\n").writerows(csv_rows(placed, timeline, kind))
            made.files[f"{kind}.csv"] = text.getvalue()
    return replace(timeline, marks=as_marks(placed))


def _edit(session: Session, episode: OpenEpisode) -> tuple[str, Timeline, MediaLog]:
    from microfinish.cli.show import body_of

    log: MediaLog = body_of(session, episode, "log")
    if "lock" in episode.settings.stages and episode.document("lock").exists:
        return "lock", body_of(session, episode, "lock").current.timeline, log
    return "assemble", body_of(session, episode, "assemble"), log


def _written(format_: str, timeline: Timeline, log: MediaLog, episode: OpenEpisode) -> str:
    settings = episode.settings
    title = f"{settings.title} {episode.name}".strip()
    if format_ == "ale":
        from microfinish.core.media import MediaLog
        from microfinish.interchange.ale import write_ale

        used = {event.media for event in timeline.events}
        # a clip of several shots with different corrections has none of its own
        cdls = {path: next(iter(found)) for path, found in _graded(timeline).items()
                if len(found) == 1}
        return write_ale(MediaLog(tuple(m for m in log.media if m.path in used)), timeline.rate,
                         cdls)
    if format_ == "edl":
        from microfinish.interchange.edl_write import write_edl

        return write_edl(timeline, log, title, conform=settings.conform)
    if format_ == "otio":
        from microfinish.interchange.otio_write import write_otio

        return write_otio(timeline, log, title, conform=settings.conform)
    module, _, name = _WRITERS[format_].partition(":")
    text: str = getattr(import_module(module), name)(
        timeline, log, title, conform=settings.conform, root=episode.layout.root.as_posix(),
        raster=(settings.raster.width, settings.raster.height))
    return text


def _graded(timeline: Timeline) -> dict[str, set[Cdl]]:
    """The different CDLs of each clip's shots."""
    graded: dict[str, set[Cdl]] = {}
    for event in timeline.picture():
        if event.cdl is not None:
            graded.setdefault(event.media, set()).add(event.cdl)
    return graded


def _cdls(session: Session, episode: OpenEpisode, timeline: Timeline,
          made: Turnover) -> dict[str, Cdl]:
    """The CDL of each shot, from the grade or else from the edit, in record order."""
    from microfinish.cli.show import body_of

    found = {event.shot: event.cdl for event in timeline.picture() if event.shot and event.cdl}
    if "grade" not in episode.settings.stages or not episode.document("grade").exists:
        made.notes.append("there is no grade document: CDLs are those of the edit list")
        return found
    grades: Grades = body_of(session, episode, "grade")
    by_shot = grades.by_shot()
    shots = [event.shot for event in timeline.picture() if event.shot in by_shot]
    for shot in dict.fromkeys(shots):
        chain = by_shot[shot].chain
        found[shot] = chain.cdl
        beyond = [name for name, there in (
            ("correction", chain.balance != type(chain.balance)()),
            ("contrast", chain.contrast != 1.0), ("saturation", chain.saturation != 1.0),
            ("wheels, curves or vibrance", chain.tools != type(chain.tools)()),
            ("look", chain.look is not None and chain.look.strength != 0.0)) if there]
        if beyond:
            made.notes.append(f"{shot}: its {', '.join(beyond)} cannot be said in a CDL; "
                              "`--to cube` has everything")
    if found:
        made.notes.append("the grade's CDLs work in ACEScct, before the look")
    return {shot: found[shot] for shot in dict.fromkeys(
        event.shot for event in timeline.picture()) if shot in found}
