"""Data on stdout: one JSON object for programs, aligned tables for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from microfinish import __version__
from microfinish.cli.session import is_terminal, wants_color

SCHEMA = 1
"""Version of every `--json` answer: +1 when a key changes its meaning or goes away."""


def emit_json(answer: Mapping[str, Any]) -> None:
    """The whole answer of a command as one object that names its version."""
    print(json_text(answer), end="")


def json_text(answer: Mapping[str, Any]) -> str:
    """The text of a `--json` answer, for a command that can write it to a file."""
    whole = {"microfinish": __version__, "schema": SCHEMA, **answer}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """Aligned columns on stdout: through rich on a terminal, plain and never cut elsewhere."""
    cells = [[_text(value) for value in row] for row in rows]
    if is_terminal(sys.stdout):
        _rich_table(columns, cells, title)
        return
    if title:
        print(title)
    widths = [max((len(row[i]) for row in [list(columns), *cells]), default=0)
              for i in range(len(columns))]
    for row in [list(columns), *cells]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
              .rstrip())


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)


def _rich_table(columns: Sequence[str], rows: list[list[str]], title: str) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left",
                  title_style="bold", header_style="bold", pad_edge=False)
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    Console(no_color=not wants_color(sys.stdout), highlight=False).print(drawn)


_STYLES = {
    "error": "bold red", "FAIL": "bold red", "failed": "bold red",
    "warning": "yellow", "warn": "yellow", "due": "yellow",
    "OK": "green", "done": "green", "fresh": "green", "info": "dim",
}
