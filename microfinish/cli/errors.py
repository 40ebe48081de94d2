"""How an error looks: what and where, the line with a caret, and what to do about it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from microfinish.cli.session import tell, wants_color
from microfinish.core.errors import MicrofinishError, Problem, ProblemsError, Where

_TOKEN = re.compile(r'"[^"]*"|\'[^\']*\'|[^\s:,\[\]{}#"\']+|.')
_BESIDE_CARET = "did you mean"
_COLORS = {"error": "\033[1;31m", "warning": "\033[1;33m", "info": "\033[1;34m",
           "hint": "\033[1;36m"}
_RESET = "\033[0m"


def show_error(
    error: MicrofinishError, *, episode: str = "", root: Path | None = None, log: str = "",
    count: bool = True,
) -> None:
    """Print an error to stderr, colored where someone watches."""
    text = "\n".join(error_lines(error, episode=episode, root=root, log=log, count=count))
    tell(colored(text) if wants_color(sys.stderr) else text)


def error_lines(
    error: MicrofinishError, *, episode: str = "", root: Path | None = None, log: str = "",
    count: bool = True,
) -> Iterator[str]:
    """The lines of an error. `root` is where relative file names begin, to quote their lines.

    `count` adds how many problems there are, where there are several.
    """
    if isinstance(error, ProblemsError):
        yield from _problems(error, episode, root)
        if count and len(error.problems) > 1:
            yield _count(error.problems)
        yield from (f"  {line}" for line in error.detail)
    else:
        head = list(_head(Problem(error.message, error.where, error.hint), episode, root))
        yield from head
        yield from (f"  {line}" for detail in error.detail for line in detail.splitlines())
        yield from _hint(error.hint, head)
    if log:
        yield f"log: {log}"


def problem_lines(problem: Problem, root: Path | None = None) -> Iterator[str]:
    """The lines of one problem, with its hint."""
    head = list(_head(problem, "", root))
    yield from head
    yield from _hint(problem.hint, head)


def _problems(error: ProblemsError, episode: str, root: Path | None) -> Iterator[str]:
    for index, problem in enumerate(error.problems):
        head = list(_head(problem, episode, root))
        yield from head
        following = error.problems[index + 1:]
        # The same advice for ten lines is given once, below the last of them.
        if not following or following[0].hint != problem.hint:
            yield from _hint(problem.hint, head)
    if error.hint and error.hint not in {problem.hint for problem in error.problems}:
        yield f"hint: {error.hint}"


def _count(problems: Sequence[Problem]) -> str:
    files = {problem.where.file for problem in problems if problem.where}
    where = f" in {len(files)} files" if len(files) > 1 else ""
    return f"{len(problems)} problems{where}"


def _head(problem: Problem, episode: str, root: Path | None) -> Iterator[str]:
    place = problem.where.file if problem.where and problem.where.line else ""
    named = bool(episode) and not problem.message.startswith(f"{episode}:") and (
        f"/{episode}/" not in place)
    prefix = f"{episode}: " if named else ""
    if problem.where is None:
        yield f"{problem.severity}: {prefix}{problem.message}"
        return
    quoted = list(_quote(problem, root))
    if not problem.where.line and problem.where.file in problem.message:
        yield f"{problem.severity}: {prefix}{problem.message}"
    elif quoted or not episode:
        yield f"{problem.severity}: {problem.where}: {prefix}{problem.message}"
        yield from quoted
    else:
        yield f"{problem.severity}: {prefix}{problem.message}"
        yield f"  from  {problem.where}"


def _quote(problem: Problem, root: Path | None) -> Iterator[str]:
    where = problem.where
    if where is None or not where.line:
        return
    line = problem.excerpt or _line_of(where, root)
    if not line.strip():
        return
    if "\n" in line:  # the excerpt brings its own number and caret
        yield from line.splitlines()
        return
    line = line.replace("\t", " ").rstrip()
    # Column 80 of a 4000-character line is quoted with its neighborhood, not with everything.
    cut = max(0, where.column - 60) if len(line) > 100 else 0
    yield f"{where.line:>4} | {'…' if cut else ''}{line[cut:cut + 96]}"
    if where.column and where.column <= len(line) + 1:
        token = _TOKEN.match(line, where.column - 1)
        caret = "^" * max(1, len(token.group()) if token else 1)
        beside = f" {problem.hint}" if problem.hint.startswith(_BESIDE_CARET) else ""
        space = " " * (where.column - 1 - cut + bool(cut))
        yield f"     | {space}{caret}{beside}"


def _line_of(where: Where, root: Path | None) -> str:
    path = (root or Path()) / where.file
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    lines = text.splitlines()
    return lines[where.line - 1] if 0 < where.line <= len(lines) else ""


def _hint(hint: str, head: Sequence[str]) -> Iterator[str]:
    if hint and not head[-1].endswith(f"^ {hint}"):
        yield f"hint: {hint}"


def colored(text: str) -> str:
    """The text with its leading words (error, warning, hint) in terminal colors."""
    def paint(match: re.Match[str]) -> str:
        return f"{_COLORS[match[1]]}{match[1]}:{_RESET}"

    return re.sub(r"^(error|warning|info|hint):", paint, text, flags=re.MULTILINE)
