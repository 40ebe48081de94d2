"""A bug: the traceback goes to a log file, the user reads one line that names it."""

from __future__ import annotations

import sys
import tempfile
import traceback
from datetime import datetime
from pathlib import Path

from microfinish import __version__
from microfinish.cli.errors import show_error
from microfinish.cli.session import Session
from microfinish.core.errors import MicrofinishError

_LOGS = Path(".microfinish") / "logs"


def report_bug(error: BaseException, session: Session) -> int:
    """Log an unexpected exception, say where, and return exit code 70."""
    text = "".join(traceback.format_exception(error))
    log = _write(f"microfinish {__version__}\npython {sys.version}\n"
                 f"command: {session.command()}\n\n{text}", session.root)
    shown = MicrofinishError(
        f"a bug in microfinish: {type(error).__name__}: {error}",
        hint="nothing you made is lost. Please report it with the log; "
             "running again may get past it",
    )
    show_error(shown, root=session.root, log=log)
    return shown.exit_code


def _write(text: str, root: Path | None) -> str:
    name = datetime.now().strftime("%Y%m%d-%H%M%S") + ".log"
    places = [root / _LOGS] if root else []
    for folder in [*places, Path(tempfile.gettempdir())]:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / (name if folder.name == "logs" else f"microfinish-{name}")
            path.write_text(text, encoding="utf-8")
        except OSError:  # a full or read-only disk must not hide the bug itself
            continue
        return (_LOGS / name).as_posix() if root and folder == root / _LOGS else str(path)
    return "(could not be written)"
