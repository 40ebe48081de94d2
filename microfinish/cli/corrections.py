"""`show all correct`: what correct moved or proposes in several episodes, in one table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from microfinish.core.errors import InputError

if TYPE_CHECKING:
    from microfinish.cli.session import Session
    from microfinish.core.color import Corrections, ShotCorrection


def show_corrections(session: Session, names: Sequence[str], as_json: bool) -> int:
    """List every set-up that is corrected or might be, episode by episode; 0."""
    from microfinish.cli.output import emit_json, table
    from microfinish.cli.session import tell
    from microfinish.cli.show import answer, body_of

    project = session.project()
    found: dict[str, Corrections] = {}
    for name in names:
        try:
            found[name] = body_of(session, project.episode(name), "correct")
        except InputError as error:
            tell(f"left out: {error.message}")
    if as_json:
        emit_json({"episodes": [{"episode": name, **answer("correct", body)}
                                for name, body in found.items()]})
        return 0
    table(("episode", "set-up", "shots", "state", "exposure", "temperature", "tint", "confidence",
           "evidence"),
          [row for name, body in found.items() for row in _rows(name, body)],
          f"{sum(_is_moved(each) for body in found.values() for each in body.shots)} of "
          f"{sum(len(body.shots) for body in found.values())} shots are corrected or might be")
    return 0


def _is_moved(correction: ShotCorrection) -> bool:
    return correction.state in ("applied", "proposed")


def _rows(name: str, body: Corrections) -> list[tuple[object, ...]]:
    """One row per set-up: its shots share one solution."""
    groups: dict[str, list[ShotCorrection]] = {}
    for each in filter(_is_moved, body.shots):
        groups.setdefault(each.group, []).append(each)
    return [(name, group, " ".join(each.shot for each in shots), shots[0].state,
             f"{shots[0].balance.exposure:+.2f}", f"{shots[0].balance.temperature:+.0f} K",
             f"{shots[0].balance.tint:+.4f}", f"{shots[0].confidence:.2f}", shots[0].evidence)
            for group, shots in groups.items()]
