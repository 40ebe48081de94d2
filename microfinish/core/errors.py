"""What can go wrong, one class per thing a caller can handle; each class owns its exit code.

    MicrofinishError                 70  a bug in microfinish, unless a subclass says otherwise
    ├── InputError                    2  the user's text or media: names file, line, column
    │   ├── ProblemsError             2  several input problems at once
    │   └── EditedByHand              2  a stage's document is not as the stage wrote it
    ├── ToolError                     3  a stage or an outside tool failed
    ├── HeldError                     4  another run holds the episode
    ├── LockedError                   4  picture lock: the edit changed after the lock
    ├── EnvironmentFault              5  this machine lacks something
    └── Interrupted                 130  Ctrl-C
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place in a text file. `line` and `column` count from 1; 0 means unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        parts = [self.file]
        if self.line:
            parts.append(str(self.line))
            if self.column:
                parts.append(str(self.column))
        return ":".join(parts)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in the user's input, with its place and the way out."""

    message: str
    where: Where | None = None
    hint: str = ""
    excerpt: str = ""
    severity: str = "error"


class MicrofinishError(Exception):
    """Base of all expected failures. `str()` is the one-line message, without place or hint."""

    exit_code: ClassVar[int] = 70

    def __init__(
        self,
        message: str,
        *,
        where: Where | None = None,
        hint: str = "",
        detail: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint
        self.detail = detail


class InputError(MicrofinishError):
    """Something the user wrote or supplied cannot be used."""

    exit_code = 2


class ProblemsError(InputError):
    """Several input problems found in one pass, reported together; `detail` sums them up."""

    def __init__(self, problems: tuple[Problem, ...], *, hint: str = "",
                 detail: tuple[str, ...] = ()) -> None:
        first = problems[0]
        super().__init__(first.message, where=first.where, hint=hint or first.hint, detail=detail)
        self.problems = problems


class EditedByHand(InputError):
    """A document that only stages write was changed; the hint names the human file to change."""


class ToolError(MicrofinishError):
    """A stage failed, or an outside program such as ffmpeg did."""

    exit_code = 3


class HeldError(MicrofinishError):
    """Another run holds this episode; the message names it."""

    exit_code = 4


class LockedError(MicrofinishError):
    """The picture is locked and the edit differs from the lock."""

    exit_code = 4


class EnvironmentFault(MicrofinishError):
    """This machine or installation lacks something microfinish needs."""

    exit_code = 5


class Interrupted(MicrofinishError):
    """The user stopped the run; what was finished is kept."""

    exit_code = 130
