"""The options that may stand before or after any command: -C DIR, -v, -vv, -q.

They are taken out of the line before typer sees it: typer validates option values with pydantic,
whose import would double the time to the first word of help.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from microfinish.cli.session import Session
from microfinish.core.errors import MicrofinishError

ANYWHERE = (
    ("-C DIR", "The project, if it is not the folder you stand in."),
    ("-v, -vv", "Say why; say everything."),
    ("-q", "Say only what went wrong."),
    ("--version", "Print the version."),
)

EPILOG = "-C DIR, -v and -q as in `microfinish --help`."
"""The last line of each command's help."""

HELP_OPTIONS = {"help_option_names": ["-h", "--help"]}

_LONG = {"--verbose": "v", "--quiet": "q"}
_CLUSTER = re.compile(r"-[nhvq]+")
"""Short flags typed together, such as `-nv`; only flags, so no value is taken for one."""


class UsageError(MicrofinishError):
    """The line as typed makes no sense; no command was started."""

    exit_code = 2


def take_anywhere(argv: Sequence[str], session: Session) -> list[str]:
    """The line without these options, which are set on the session."""
    rest: list[str] = []
    words = iter(argv)
    for word in words:
        if word == "--":
            return [*rest, word, *words]
        if word == "-C":
            folder = next(words, None)
            if folder is None:
                raise UsageError("-C needs a folder", hint="microfinish -C my-show status")
            session.folder = _folder(folder)
        elif word.startswith("-C") and len(word) > 2:
            session.folder = _folder(word[2:])
        else:
            rest += _without_flags(_LONG.get(word, ""), word, session)
    return rest


def _without_flags(flag: str, word: str, session: Session) -> list[str]:
    flags = flag or (word[1:] if _CLUSTER.fullmatch(word) else "")
    if not flags:
        return [word]
    session.verbosity += flags.count("v")
    if "q" in flags:
        session.verbosity = -1
    kept = flags.replace("v", "").replace("q", "")
    return [f"-{kept}"] if kept else []


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise UsageError(f"there is no folder {text}", hint="-C names the project's folder")
    return path
