"""`show EP mix --levels`, `--cue-sheet` and `--report`: the sound of a season on paper."""

from __future__ import annotations

import csv
import io
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from microfinish.core.errors import InputError

if TYPE_CHECKING:
    from microfinish.cli.session import Session
    from microfinish.core.deliver import Master
    from microfinish.core.mix import MixPlan
    from microfinish.project.episode import Episode

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>
body{{font:14px/1.5 system-ui,sans-serif;margin:2rem}}table{{border-collapse:collapse}}
td,th{{border:1px solid #999;padding:.2rem .6rem;text-align:left}}</style><h1>{title}</h1>
<table><tr>{head}</tr>
{rows}
</table><p>{total}</p></html>
"""


def show_sound(session: Session, asked: str, cue_sheet: Path | None, report: Path | None,
               levels: bool, as_json: bool) -> int:
    """Print the levels of several episodes, or write the papers of one; 0."""
    from microfinish.cli.select import select, select_one
    from microfinish.cli.session import tell

    project = session.project()
    if levels:
        _levels(session, select(project.episodes(), [asked]), as_json)
    if cue_sheet or report:
        opened = project.episode(select_one(project.episodes(), asked))
        if cue_sheet:
            _write(cue_sheet, _cue_sheet(session, opened, cue_sheet))
            tell(f"wrote {project.layout.shown(cue_sheet.absolute())}")
        if report:
            _suffix(report, (".html",))
            _write(report, _report(session, opened))
            tell(f"wrote {project.layout.shown(report.absolute())}")
    return 0


def _levels(session: Session, names: tuple[str, ...] | list[str], as_json: bool) -> None:
    from microfinish.cli.output import emit_json, table
    from microfinish.cli.session import tell
    from microfinish.cli.show import body_of
    from microfinish.report.sound_levels import LEVEL_COLUMNS, level_rows, season_levels

    found: list[tuple[str, Master]] = []
    for name in names:
        try:
            masters = body_of(session, session.project().episode(name), "master")
        except InputError as error:
            tell(f"left out: {error.message}")
            continue
        found += [(name, master) for master in masters.masters]
    levels = season_levels(found)
    if as_json:
        emit_json({"levels": [
            {"episode": level.episode, "file": level.master.path,
             "integrated_lufs": level.master.integrated_lufs,
             "true_peak_dbtp": level.master.true_peak_dbtp,
             "dialogue_lufs": level.master.dialogue_lufs,
             "dialogue_share": level.master.dialogue_share, "ldr_lu": level.ldr_lu,
             "limiter_db": level.master.limiter_db, "outlier": level.outlier}
            for level in levels]})
        return
    table(LEVEL_COLUMNS, level_rows(levels), "loudness of what was delivered")
    if any("dialogue" in level.outlier for level in levels):
        tell("loudness: dialogue-anchor in microfinish.yaml makes every episode speak equally loud")


def _cue_sheet(session: Session, episode: Episode, file: Path) -> str:
    from microfinish.cli.session import tell
    from microfinish.cli.show import body_of
    from microfinish.core.cue_sheet import COLUMNS, USAGES, cue_rows, music_cues
    from microfinish.core.mix import MixSheet
    from microfinish.core.timeline import PictureLock

    _suffix(file, (".csv", ".html"))
    plan = body_of(session, episode, "mix")
    lock: PictureLock = episode.document("lock", PictureLock).load()
    cues = music_cues(plan, episode.human("mix", MixSheet).value or MixSheet())
    rows = list(cue_rows(cues, lock.current.timeline))
    for cue in cues:
        if cue.lacking:
            tell(f"{cue.file}: mix.yaml says no {' and no '.join(cue.lacking)}")
    if file.suffix == ".csv":
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows([COLUMNS, *rows])
        return text.getvalue()
    seconds = sum(cue.end - cue.start for cue in cues) / plan.sample_rate
    title = " ".join(filter(None, (episode.settings.title, episode.name, "music cue sheet")))
    usages = "; ".join(f"{short} {words}" for short, words in USAGES.items())
    return _PAGE.format(
        title=escape(title), head="".join(f"<th>{name}</th>" for name in COLUMNS),
        rows="\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
                       for row in rows),
        total=f"{len(rows)} cues, {int(seconds // 60)}:{seconds % 60:04.1f} of music. {usages}.")


def _report(session: Session, episode: Episode) -> str:
    from microfinish.cli.show import body_of
    from microfinish.core.timeline import PictureLock
    from microfinish.report.sound_levels import report_page
    from microfinish.stages.dubs import dub_files, dubbed

    masters = body_of(session, episode, "master")
    plan: MixPlan = body_of(session, episode, "mix")
    lock: PictureLock = episode.document("lock", PictureLock).load()
    dubs = dub_files(episode)

    def plan_of(master: Master) -> MixPlan:
        if master.language not in dubs:
            return plan
        return dubbed(plan, dubs[master.language], lock.current.timeline, episode.project.root)

    missing = [m.path for m in masters.masters if not (episode.project.root / m.path).is_file()]
    if missing:
        raise InputError(f"{missing[0]} is not there: the report measures what was delivered",
                         hint=f"`microfinish run {episode.name}` makes it")
    return report_page(episode, masters, plan_of)


def _suffix(file: Path, allowed: tuple[str, ...]) -> None:
    if file.suffix not in allowed:
        raise InputError(f"{file.name} has another ending than {' or '.join(allowed)}",
                         hint=f"name it {file.stem}{allowed[0]}")


def _write(file: Path, text: str) -> None:
    from microfinish.documents.atomic import write_text

    file.absolute().parent.mkdir(parents=True, exist_ok=True)
    write_text(file.absolute(), text)
