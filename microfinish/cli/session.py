"""What the user asked of every command: which folder, how much talk, which colors."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    import typer

    from microfinish.project.project import Project


@dataclass(slots=True)
class Session:
    """One invocation. `verbosity`: -1 only errors, 0 normal, 1 reasons, 2 everything."""

    folder: Path = field(default_factory=Path)
    verbosity: int = 0
    argv: tuple[str, ...] = ()
    opened: Project | None = None

    def project(self) -> Project:
        """The project around the folder; raises InputError where there is none."""
        if self.opened is None:
            from microfinish.project.project import Project

            self.opened = Project.open(self.folder)
        return self.opened

    @property
    def root(self) -> Path | None:
        """The project's folder once it is open: where shown file names begin."""
        return self.opened.root if self.opened else None

    def command(self) -> str:
        """The command as typed, for the file that says who holds an episode."""
        return " ".join(("microfinish", *self.argv))


def session_of(ctx: typer.Context) -> Session:
    """The session that `main` handed to the commands."""
    found = ctx.find_root().obj
    return found if isinstance(found, Session) else Session()


def is_terminal(stream: TextIO) -> bool:
    """Whether a person watches `stream`: a terminal that can move its cursor, outside CI."""
    try:
        watched = stream.isatty()
    except ValueError:
        watched = False
    return watched and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


def wants_color(stream: TextIO) -> bool:
    """Color follows the terminal; NO_COLOR (any value) turns it off, FORCE_COLOR on."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or is_terminal(stream)


def tell(text: str) -> None:
    """A line for people, on stderr."""
    print(text, file=sys.stderr, flush=True)
