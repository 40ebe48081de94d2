"""The program: finds the command, runs it, turns whatever happens into words and an exit code."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

import typer
import typer.core
import typer.main
from typer.exceptions import TyperException

from microfinish import __version__
from microfinish.cli.anywhere import ANYWHERE, EPILOG, HELP_OPTIONS, UsageError, take_anywhere
from microfinish.cli.bugs import report_bug
from microfinish.cli.coercion import take_plainly
from microfinish.cli.errors import show_error
from microfinish.cli.session import Session, tell
from microfinish.cli.table import COMMANDS, SECTIONS
from microfinish.core.errors import MicrofinishError

_COMPLETION = {"--install-completion", "--show-completion", "_MICROFINISH_COMPLETE"}


class Commands(typer.core.TyperGroup):
    """The table of commands as a group that imports a command's module when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return _load(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("With any command, before or after it"):
            formatter.write_dl(list(ANYWHERE))
        for section in SECTIONS:
            rows = [(name, entry.help) for name, entry in COMMANDS.items()
                    if entry.section == section]
            with formatter.section(section):
                formatter.write_dl(rows)


def _load(name: str) -> Any:
    module = importlib.import_module(f"microfinish.cli.{COMMANDS[name].module}")
    if hasattr(module, "app"):  # a command with commands of its own
        return take_plainly(typer.main.get_command(module.app))
    function = module.make(name) if hasattr(module, "make") else module.command
    app = typer.Typer(add_completion=False, rich_markup_mode=None, context_settings=HELP_OPTIONS,
                      pretty_exceptions_enable=False)
    app.command(name, help=_paragraphs(function), context_settings=HELP_OPTIONS,
                epilog=EPILOG)(function)
    return take_plainly(typer.main.get_command(app))


def _paragraphs(function: Callable[..., Any]) -> str:
    """The docstring's paragraphs, without its hard line breaks."""
    import inspect

    return inspect.getdoc(function) or ""


def program(completion: bool = False) -> Any:
    """The whole command line as one object; commands are loaded as they are asked for.

    `completion` adds typer's options for the shell, whose values need pydantic's slow import.
    """
    app = typer.Typer(
        add_completion=completion,
        cls=Commands, name="microfinish", no_args_is_help=True, rich_markup_mode=None,
        pretty_exceptions_enable=False, context_settings=HELP_OPTIONS,
        epilog="Episodes: ep001, ep001..ep010, or all (when none is named). "
               "Exit codes: 0 done, 1 findings or work due, 2 your input, 3 a stage or tool "
               "failed, 4 held by another run or by the lock, 5 environment, 70 bug, "
               "130 interrupted. Shell completion: microfinish --install-completion.",
    )

    @app.callback()
    def root() -> None:
        """Finish vertical microdramas: conform, lock, grade, mix, master, QC.

        Run it in a project folder, or name one with -C DIR. Start with `microfinish new NAME`.
        """

    return typer.main.get_command(app)


def main(argv: Sequence[str]) -> int:
    """Run one command line and return its exit code. Prints errors; never a traceback."""
    session = Session(argv=tuple(argv))
    _survive_any_console()
    try:
        line = take_anywhere(argv, session)
        if line[:1] == ["--version"]:
            print(f"microfinish {__version__}")
            return 0
        result = _run(line, session)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except TyperException as error:
        return _usage(error)
    except MicrofinishError as error:
        show_error(error, root=session.root)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        tell("interrupted; run again to continue")
        return 130
    except BrokenPipeError:  # `microfinish show ... | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        return report_bug(error, session)


def _run(line: list[str], session: Session) -> Any:
    """Run the command that a line begins with; without one, the group shows its help."""
    how: dict[str, Any] = {"standalone_mode": False, "obj": session}
    name = line[0] if line and not line[0].startswith("-") else ""
    if not name or _COMPLETION & {*line, *os.environ}:
        group = program(completion=bool(_COMPLETION & {*line, *os.environ}))
        return group.main(args=line, prog_name="microfinish", **how)
    if name not in COMMANDS:
        near = get_close_matches(name, COMMANDS, n=1, cutoff=0.5)
        known = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f'there is no command "{name}"',
                         hint=f"{known}`microfinish --help` lists them all")
    # Straight to the command: parsing the group's own options would import pydantic.
    return _load(name).main(args=line[1:], prog_name=f"microfinish {name}", **how)


def _usage(error: TyperException) -> int:
    message = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        tell(message)
        return 2
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "microfinish"
    first = message[:1].lower() + message[1:].rstrip(".")
    show_error(UsageError(first, hint=f"`{path} --help` shows what it takes"))
    return 2


def _survive_any_console() -> None:
    """A Windows console in a legacy code page must not turn an em dash into a crash."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace")
