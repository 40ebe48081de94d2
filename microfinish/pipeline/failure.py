"""What becomes of an exception: a fault of the machine is named, a bug leaves its traceback."""

from __future__ import annotations

import errno
import platform
import sys
import traceback
from datetime import UTC, datetime

from microfinish import __version__
from microfinish.core.errors import EnvironmentFault
from microfinish.documents.atomic import write_text
from microfinish.project.project import Project

_FAULTS = {
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "access is denied",
    errno.EMFILE: "too many files are open",
    errno.ENOMEM: "memory is used up",
}


def expected(failure: Exception) -> Exception:
    """`failure`, or an EnvironmentFault in its place where the machine and not we are at fault."""
    if isinstance(failure, OSError) and failure.errno in _FAULTS:
        name = f": {failure.filename}" if failure.filename else ""
        fault = EnvironmentFault(
            f"{_FAULTS[failure.errno]}{name}",
            hint="make room or give access, then run again; finished work is kept",
        )
        fault.__cause__ = failure
        return fault
    return failure


def keep_traceback(
    project: Project, episode: str, stage: str, command: str, error: Exception
) -> str:
    """Write what a bug report needs; returns the file's project-relative path, "" if it cannot."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    path = project.layout.logs / f"{stamp}-{episode}-{stage or 'start'}.log"
    head = (
        f"microfinish {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"command: {command}\nepisode: {episode}\nstage: {stage}\n\n"
    )
    try:
        write_text(path, head + "".join(traceback.format_exception(error)))
    except OSError:
        traceback.print_exception(error, file=sys.stderr)
        return ""
    return path.relative_to(project.root).as_posix()
