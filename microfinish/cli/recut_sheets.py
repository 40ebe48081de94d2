"""What a re-cut left to decide, and the markers of an episode, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from microfinish.cli.session import Session
    from microfinish.core.finding import Finding
    from microfinish.project.episode import Episode
    from microfinish.stages.recut import Recut

_KEYS = ("rule", "severity", "message", "file", "shot", "was", "at", "fix")


def decisions_answer(found: Recut) -> dict[str, Any]:
    """The `--json` form: each entry with the record timecode it had and the one it has."""
    return {"revision": found.revision, "since": found.since,
            "decisions": [_row(finding) for finding in found.decisions],
            "parked": [_row(finding) for finding in found.parked],
            "done": [_row(finding) for finding in found.done], "stale": list(found.stale)}


def decision_lines(name: str, found: Recut) -> Iterator[str]:
    """The list for people: what to decide first, then what is kept and what was done by rule."""
    count = len(found.decisions)
    cut = (f"revision {found.since} to {found.revision}" if found.since != found.revision
           else f"revision {found.revision}")
    yield (f"{name}, {cut}: {count or 'nothing'} to decide, {len(found.parked)} parked, "
           f"{len(found.done)} done by rule")
    for finding in found.decisions:
        yield from _lines(finding, "?")
        yield f"      {finding.fix}"
    for finding in (*found.parked, *found.done):
        yield from _lines(finding, "-")
    if found.stale:
        yield f"not carried yet: {', '.join(found.stale)}; `microfinish run {name}` brings them"


def print_decisions(episode: Episode, as_json: bool) -> None:
    """`show EP lock --decisions`."""
    from microfinish.cli.output import emit_json
    from microfinish.stages.recut import recut

    found = recut(episode)
    if as_json:
        emit_json(decisions_answer(found))
    else:
        print("\n".join(decision_lines(episode.name, found)))


def tell_decisions(session: Session, words: Sequence[str] | None) -> None:
    """After `run --relock`: one line per episode that has something to decide."""
    from microfinish.cli.select import select
    from microfinish.cli.session import tell
    from microfinish.stages.recut import recut

    project = session.project()
    for name in select(project.episodes(), words):
        episode = project.episode(name)
        if episode.document("lock").exists and (found := recut(episode)).decisions:
            tell(f"{name}: {len(found.decisions)} to decide after the re-cut; `microfinish show "
                 f"{name} lock --decisions` lists them")


def print_markers(episode: Episode, as_json: bool) -> None:
    """`show EP markers`."""
    from microfinish.cli.output import emit_json, table
    from microfinish.core.markers import COLUMNS, marker_rows
    from microfinish.core.timeline import PictureLock
    from microfinish.stages.recut import markers_of

    lock: PictureLock = episode.document("lock", PictureLock).load()
    rows = list(marker_rows(markers_of(episode, lock), lock.current.timeline))
    if as_json:
        emit_json({"revision": lock.current.revision, "markers": rows})
        return
    shown = [[("parked" if row["parked"] and key == "at" else row[key]) for key in COLUMNS]
             for row in rows]
    table(COLUMNS, shown, f"{len(rows)} marker{'s' * (len(rows) != 1)}, "
                          f"revision {lock.current.revision}")


def _row(finding: Finding) -> dict[str, str]:
    return {key: getattr(finding, key) for key in _KEYS}


def _lines(finding: Finding, sign: str) -> Iterator[str]:
    times = " -> ".join(filter(None, (finding.was, finding.at))) or "-"
    yield f"  {sign} {times}  {finding.file}"
    yield f"      {finding.message}"
