"""`microfinish check`: validate every settings file and edit list; render nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from microfinish.cli.arguments import Episodes, Json
from microfinish.cli.session import session_of, tell

if TYPE_CHECKING:
    from microfinish.core.errors import Problem


def command(ctx: typer.Context, episodes: Episodes = None, as_json: Json = False) -> int:
    """Validate every settings file and edit list; render nothing.

    Reads microfinish.yaml, the project's presets, and of each episode the edit list, the YAML
    files and the subtitles. All mistakes of all files are listed at once, each with its place;
    exit code 2 if there are any. Media are not opened: that is the stage `log`.
    """
    from microfinish.cli.checking import check_episode, check_season
    from microfinish.cli.errors import show_error
    from microfinish.cli.output import emit_json
    from microfinish.cli.select import select
    from microfinish.core.errors import ProblemsError

    session = session_of(ctx)
    project = session.project()
    names = select(project.episodes(), episodes) if project.episodes() or episodes else ()
    found = list(check_season(project))
    for name in names:
        found += check_episode(project, name)
    found = list(dict.fromkeys(found))  # the season's mistakes show in every episode
    wrong = tuple(problem for problem in found if problem.severity == "error")
    rest = tuple(problem for problem in found if problem.severity != "error")
    if as_json:
        emit_json({"ok": not wrong, "episodes": list(names),
                   "problems": [_plain(problem) for problem in (*wrong, *rest)]})
        return ProblemsError.exit_code if wrong else 0
    if rest and session.verbosity >= 0:
        show_error(ProblemsError(rest), root=session.root, count=False)
    if wrong:
        show_error(ProblemsError(wrong), root=session.root)
        return ProblemsError.exit_code
    if session.verbosity >= 0:
        tell(f"no mistakes in {len(names)} episode{'s' * (len(names) != 1)}")
    return 0


def _plain(problem: Problem) -> dict[str, object]:
    where = problem.where
    return {"severity": problem.severity, "message": problem.message, "hint": problem.hint,
            "file": where.file if where else None,
            "line": where.line or None if where else None,
            "column": where.column or None if where else None}
