"""`microfinish cache`: how big the render store is; shrink or empty it."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from microfinish.cli.anywhere import EPILOG, HELP_OPTIONS, UsageError
from microfinish.cli.arguments import Json
from microfinish.cli.session import Session, session_of, tell

if TYPE_CHECKING:
    from microfinish.project.project import Project

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
                  context_settings=HELP_OPTIONS, epilog=EPILOG)

_UNITS = {"": 1, "K": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4}
_MaxSize = Annotated[str, typer.Option(
    "--max-size", metavar="SIZE", help="Such as 50G or 800M.")]


@app.callback(invoke_without_command=True)
def cache(ctx: typer.Context, as_json: Json = False) -> int:
    """How big the render store is; shrink or empty it.

    The store holds rendered pieces, so that only what changed is rendered again. It can be
    deleted at any time; the next run makes what it needs anew. Masters are not in it.
    """
    if ctx.invoked_subcommand is None:
        return stats(ctx, as_json)
    return 0


@app.command("stats")
def stats(ctx: typer.Context, as_json: Json = False) -> int:
    """How much is in the store."""
    from microfinish.cli.output import emit_json

    store = session_of(ctx).project().store
    size, files = store.size(), store.count()
    if as_json:
        emit_json({"folder": str(store.root), "bytes": size, "files": files})
    else:
        print(f"{spoken_size(size)} in {files} files: {store.root}")
    return 0


@app.command("clear")
def clear(ctx: typer.Context, as_json: Json = False) -> int:
    """Empty the store. The next run renders everything again."""
    session = session_of(ctx)
    store = session.project().store
    before = store.size()
    store.clear()
    return _freed(session, before - store.size(), as_json)


@app.command("prune")
def prune(ctx: typer.Context, max_size: _MaxSize, as_json: Json = False) -> int:
    """Delete what was not used for the longest time until the store is no bigger than SIZE.

    Pieces of the masters as they are now stay, so that the next run has little to do.
    """
    session = session_of(ctx)
    project, wanted = session.project(), parse_size(max_size)
    freed = project.store.prune(wanted, pinned(project))
    left = project.store.size()
    code = _freed(session, freed, as_json)
    if left > wanted and not as_json and session.verbosity >= 0:
        tell(f"{spoken_size(left)} stay: pieces of the masters as they are, and what was measured")
    return code


def pinned(project: Project) -> frozenset[str]:
    """The keys of all segments that the season's masters are joined of."""
    from microfinish.core.errors import InputError

    keys: set[str] = set()
    for name in project.episodes():
        document = project.episode(name).document("master")
        with suppress(InputError):  # damaged or edited: `run` says so, and makes it again
            if document.exists:
                keys.update(key for master in document.load().masters for key in master.segments)
    return frozenset(keys)


def parse_size(text: str) -> int:
    """Bytes from `50G`, `800 MB`, `1.5T` or a plain number. Raises UsageError."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)B?\s*", text.upper())
    if not match:
        raise UsageError(f"{text!r} is not a size", hint="write 50G or 800M")
    return round(float(match[1]) * _UNITS[match[2]])


def spoken_size(size: int) -> str:
    """Bytes for people.

    >>> spoken_size(999), spoken_size(1_250_000), spoken_size(48_000_000_000)
    ('999 bytes', '1.2 MB', '48.0 GB')
    """
    for unit, name in ((1000**4, "TB"), (1000**3, "GB"), (1000**2, "MB"), (1000, "KB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"


def _freed(session: Session, freed: int, as_json: bool) -> int:
    from microfinish.cli.output import emit_json

    if as_json:
        emit_json({"freed_bytes": freed})
    elif session.verbosity >= 0:
        tell(f"{spoken_size(freed)} freed")
    return 0
