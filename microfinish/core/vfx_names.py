"""The names of VFX returns: `sh050_v003.mov`, `ep001_sh050_comp_v12.mov`, `X_ep001_sh050_v3.mov`.

A name holds a shot id and ends in a version. What stands before the shot id may name the episode;
what stands between the two says what was done and is not read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_NAME = re.compile(r"^(?:(?P<before>.*)[_.\- ])?(?P<shot>sh\d+)(?:[_.\- ](?P<what>.*?))??"
                   r"[_.\- ]v(?P<version>\d{1,5})$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReturnName:
    """What a return's name says. `before` is what stands before the shot id, in any case."""

    shot: str
    version: int
    before: str = ""

    def names(self, episode: str) -> bool:
        """Whether `before` names the episode, alone or between separators."""
        return re.search(rf"(?:^|[_.\- ]){re.escape(_folded(episode))}(?:$|[_.\- ])",
                         _folded(self.before)) is not None


def return_name(name: str) -> ReturnName | None:
    """What a file name says, with or without its extension; None where it names no return."""
    stem = re.sub(r"\.[A-Za-z][A-Za-z0-9]{1,4}$", "", name.rpartition("/")[2])
    match = _NAME.match(unicodedata.normalize("NFC", stem))
    if match is None:
        return None
    return ReturnName(match["shot"].lower(), int(match["version"]), match["before"] or "")


def pulled_name(episode: str, shot: str, version: int = 1) -> str:
    """The name that a pull list asks a return to have: `ep001_sh050_v001`."""
    return f"{episode}_{shot}_v{version:03}"


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
