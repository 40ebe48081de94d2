"""`microfinish presets`: list presets, show one and where its values come from, compare looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from microfinish.cli import preset_preview
from microfinish.cli.anywhere import EPILOG, HELP_OPTIONS
from microfinish.cli.arguments import Json
from microfinish.cli.session import Session, session_of

if TYPE_CHECKING:
    from microfinish.project.presets import Presets, Resolved

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
                  context_settings=HELP_OPTIONS, epilog=EPILOG)

_Folder = Annotated[str, typer.Argument(
    metavar="[KIND]", show_default=False, help="Such as platforms or looks; all when left out.")]
_Name = Annotated[str, typer.Argument(
    help="Such as platforms/tiktok; tiktok will do where one is meant.")]
_Origin = Annotated[bool, typer.Option(
    "--origin", help="Say of each value which line of which file it comes from.")]


@app.callback(invoke_without_command=True)
def presets(ctx: typer.Context) -> int:
    """List presets, or show one with its origins.

    A preset in the project's presets/ folder wins over a built-in one of the same name; start
    yours with `extends: NAME` and write only what differs.
    """
    return list_presets(ctx) if ctx.invoked_subcommand is None else 0


@app.command("list")
def list_presets(ctx: typer.Context, folder: _Folder = "", as_json: Json = False) -> int:
    """The presets there are, and whose they are."""
    from microfinish.cli.output import emit_json, table

    shelf = _presets(session_of(ctx))
    folders = [_folder(shelf, folder)] if folder else list(shelf.folders())
    found = [info for name in folders for info in shelf.list(name, (".yaml", ".cube"))]
    if as_json:
        emit_json({"presets": [{"name": f"{info.folder}/{info.name}", "from": info.shelf,
                                "title": info.title, "file": str(info.path)} for info in found]})
    else:
        table(("preset", "from", "title"),
              [(f"{info.folder}/{info.name}", info.shelf, info.title) for info in found])
    return 0


@app.command("show")
def show(ctx: typer.Context, name: _Name, origin: _Origin = False, as_json: Json = False) -> int:
    """All values of a preset, its parents' included."""
    from microfinish.cli.output import emit_json, table
    from microfinish.documents.plain import plain

    shelf = _presets(session_of(ctx))
    folder, _, short = full_name(shelf, name).partition("/")
    found = _resolve(shelf, folder, short)
    values = plain(found.value)
    if as_json:
        emit_json({"name": f"{folder}/{short}", "values": values, "origins": found.origins,
                   "notes": found.notes, "files": list(found.chain)})
        return 0
    rows = [(key, value, *_about(found, key)) for key, value in flat(values) if value]
    if origin:
        table(("key", "value", "from", "level", "certainty", "source"), rows)
    else:
        table(("key", "value"), [row[:2] for row in rows])
    return 0


app.command("preview")(preset_preview.command)


def full_name(shelf: Presets, name: str) -> str:
    """`platforms/tiktok` for `tiktok`. Raises InputError for none, or for several of that name."""
    from difflib import get_close_matches

    from microfinish.core.errors import InputError

    if name.partition("/")[0] in shelf.folders():
        return name
    known = [f"{folder}/{info.name}" for folder in shelf.folders() for info in shelf.list(folder)]
    same = [full for full in known if full.partition("/")[2] == name]
    if len(same) == 1:
        return same[0]
    if f"platforms/{name}" in same:  # its safe area bears the same name; the platform is meant
        return f"platforms/{name}"
    if same:
        raise InputError(f'"{name}" may mean {" or ".join(same)}', hint="write the whole name")
    near = get_close_matches(name, [full.partition("/")[2] for full in known], n=1)
    first = f"did you mean {near[0]}? " if near else ""
    raise InputError(f'there is no preset "{name}"',
                     hint=f"{first}`microfinish presets list` shows all")


def flat(value: Any, at: str = "") -> list[tuple[str, str]]:
    """Nested plain values as dotted keys with one-line values; "" where nothing is set."""
    if isinstance(value, dict):
        return [row for key, item in value.items()
                for row in flat(item, f"{at}.{key}" if at else str(key))] or [(at, "{}")]
    if isinstance(value, list):
        return [(at, ", ".join(str(item) for item in value))]
    if isinstance(value, bool):
        return [(at, "true" if value else "false")]
    return [(at, "" if value is None else str(value))]


def _about(found: Resolved[Any], key: str) -> tuple[str, str, str, str]:
    # A value inside a mapping may have been written, and annotated, as part of its parent.
    for name in (key, *(key.rsplit(".", n)[0] for n in range(1, key.count(".") + 1))):
        note = found.notes.get(name, {})
        if name in found.origins:
            return (found.origins[name], note.get("level", ""), note.get("certainty", ""),
                    " ".join(filter(None, (note.get("source"), note.get("checked_on")))))
    return ("default", "", "", "")


def _resolve(shelf: Presets, folder: str, name: str) -> Resolved[Any]:
    from microfinish.cli.kinds import PRESETS
    from microfinish.core.errors import InputError

    if folder not in PRESETS:
        raise InputError(f"presets in {folder} have no form that could be shown",
                         hint=f"these have: {', '.join(sorted(PRESETS))}")
    return shelf.resolve(folder, name, PRESETS[folder].type())


def _folder(shelf: Presets, name: str) -> str:
    from difflib import get_close_matches

    from microfinish.core.errors import InputError

    known = shelf.folders()
    for candidate in (name.rstrip("/"), f"{name}s"):
        if candidate in known:
            return candidate
    near = get_close_matches(name, known, n=1)
    first = f"did you mean {near[0]}? " if near else ""
    raise InputError(f"there are no presets called {name}", hint=f"{first}{', '.join(known)}")


def _presets(session: Session) -> Presets:
    from microfinish.core.errors import InputError
    from microfinish.project.presets import Presets

    try:
        return session.project().presets
    except InputError:  # outside a project: what ships, and the user's own
        return Presets()
