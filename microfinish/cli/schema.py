"""`microfinish schema`: JSON Schema of a settings file, for your text editor."""

from __future__ import annotations

from typing import Annotated

import typer

_Kind = Annotated[str, typer.Argument(
    metavar="[KIND]", show_default=False,
    help="season, episode, edit, grade, reframe, vfx, titles, mix, markers, platform, "
         "encode, loudness, camera, look, safe-area, title-style or qc; without one, the kinds "
         "are listed.")]


def command(kind: _Kind = "") -> int:
    """JSON Schema of a settings file, for your text editor.

    With it an editor such as VS Code completes keys and marks mistakes while you type:
    write the answer to a file and name that file in the first line of your YAML:
    "# yaml-language-server: $schema=FILE".
    """
    import json

    from microfinish.cli.kinds import KINDS, kind_named
    from microfinish.cli.output import table

    if not kind:
        table(("kind", "file"), [(name, entry.place) for name, entry in KINDS.items()])
        return 0
    from microfinish.documents.schema import schema

    print(json.dumps(schema(kind_named(kind).type()), indent=2, ensure_ascii=False))
    return 0
