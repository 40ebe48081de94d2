"""`show EPISODES grade --continuity`: the same face, the same set across episodes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from microfinish.core.errors import InputError

if TYPE_CHECKING:
    from microfinish.cli.session import Session
    from microfinish.core.continuity import Continuity, Seen
    from microfinish.pipeline.stage import Context
    from microfinish.report.season_continuity import SeasonShot


def show_continuity(session: Session, asked: str, sheet: Path | None, as_json: bool) -> int:
    """List how far every face and set is from its usual color, outliers first; 0."""
    from microfinish.cli.grade_sheets import sources_of
    from microfinish.cli.output import emit_json, table
    from microfinish.cli.png_pages import png_path
    from microfinish.cli.progress import display
    from microfinish.cli.select import select
    from microfinish.cli.session import tell
    from microfinish.cli.show import body_of
    from microfinish.core.continuity import continuity
    from microfinish.pipeline.aside import aside
    from microfinish.pipeline.events import Progress
    from microfinish.pipeline.stage import Options
    from microfinish.report.season_continuity import (
        MOST_SET_PAIRS,
        faces_of,
        portraits,
        season_shots,
        sets_of,
    )

    project = session.project()
    shots: list[SeasonShot] = []
    for name in select(project.episodes(), [asked]):
        opened = project.episode(name)
        if sheet:
            png_path(opened, sheet)
        try:
            grades = body_of(session, opened, "grade")
        except InputError as error:
            tell(f"left out: {error.message}")
            continue
        shots += season_shots(name, sources_of(opened, grades))
    if not shots:
        raise InputError("no episode has grades yet", hint="`microfinish run --to grade`")

    def measured(ctx: Context) -> tuple[list[Any], tuple[list[Seen], int]]:
        found = ctx.map(lambda shot: portraits(shot, ctx.facts), shots, "measuring faces")
        return found, sets_of(shots, ctx.facts, lambda done, total: ctx.emit(
            Progress(ctx.episode, "comparing sets", done, total)))

    first = shots[0].episode
    with display(session, (first,), ()) as show:
        found, (sets, left) = aside(project.episode(first), measured, Options(), show)
    if left:
        tell(f"{left} pair{'s' * (left != 1)} of shots not searched for the same set: the nearest "
             f"episodes come first, {MOST_SET_PAIRS} pairs at most")
    result = continuity([*faces_of(shots, found), *sets])
    if sheet:
        for page in _write_sheet(result, shots, sheet.absolute(), project.settings.title):
            tell(f"wrote {project.layout.shown(page)}")
    if as_json:
        emit_json(_answer(result))
    else:
        for drawn in _tables(result):
            table(*drawn)
    return 0


def _tables(result: Continuity) -> list[tuple[tuple[str, ...], list[tuple[object, ...]], str]]:
    groups = [(name, result.of(name)) for name in result.names()]
    rows: list[tuple[object, ...]] = [
        (name, len(members), len({each.seen.episode for each in members}),
         f"{sum(each.delta_e for each in members) / len(members):.1f}",
         f"{max(each.delta_e for each in members):.1f}",
         sum(each.outlier for each in members)) for name, members in groups]
    summary = (("what", "shots", "episodes", "mean dE00", "largest", "outliers"), rows,
               "the same face, the same set")
    worst = sorted(result.outliers, key=lambda each: -each.delta_e)
    listed: list[tuple[object, ...]] = [
        (each.seen.episode, each.seen.shot, each.seen.what, f"{each.delta_e:.1f}", each.words)
        for each in worst]
    return [summary, (("episode", "shot", "what", "dE00", "it is"), listed, "outliers")]


def _answer(result: Continuity) -> dict[str, Any]:
    return {"sightings": [
        {"what": each.seen.what, "episode": each.seen.episode, "shot": each.seen.shot,
         "lab": [round(value, 2) for value in each.seen.lab], "delta_e": each.delta_e,
         "outlier": each.outlier, "words": each.words} for each in result.sightings]}


def _write_sheet(result: Continuity, shots: list[SeasonShot], file: Path,
                 title: str) -> tuple[Path, ...]:
    from microfinish.documents.atomic import write_bytes
    from microfinish.report.continuity_sheet import Cell, continuity_pages
    from microfinish.report.season_continuity import picture_of

    known = {(shot.episode, shot.event.shot): shot for shot in shots}
    rows = [(f"{name}: left patch this shot, right patch its usual color",
             [Cell(each, picture_of(known[each.seen.episode, each.seen.shot], each.seen))
              for each in result.of(name)]) for name in result.names()]
    pages = continuity_pages(rows, f"{title}: continuity, {len(result.outliers)} outliers".strip())
    paths = tuple(file if number == 1 else file.with_name(f"{file.stem}-{number}{file.suffix}")
                  for number in range(1, len(pages) + 1))
    for path, data in zip(paths, pages, strict=True):
        write_bytes(path, data)
    return paths
