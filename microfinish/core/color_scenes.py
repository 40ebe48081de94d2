"""Which shots belong to which scene of `grade.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from microfinish.core.color import SceneSheet
from microfinish.core.color_chain import fits, names_of
from microfinish.core.media import Media, MediaLog


@dataclass(slots=True)
class Scenes:
    """The scenes of a sheet. `shots` has the scene of every shot that a scene lists by its id or
    by `REEL@TIMECODE`; the rest goes by patterns and by what was logged."""

    sheets: Mapping[str, SceneSheet]
    shots: Mapping[str, str] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)

    def of(self, shot: str, media: Media) -> str:
        """The name of the shot's scene; "" where none fits. A listed shot wins over a pattern."""
        found = self.shots.get(shot) or next(
            (name for name, sheet in self.sheets.items() if _has(name, sheet, media)), "")
        self._used.add(found)
        return found

    def unused(self, log: MediaLog) -> tuple[str, ...]:
        """Scenes that no shot of this episode and no file of the log belongs to."""
        return tuple(name for name, sheet in self.sheets.items() if name not in self._used
                     and not any(_has(name, sheet, media) for media in log.media))


def listed(sheets: Mapping[str, SceneSheet], known: Iterable[str]) -> dict[str, str]:
    """Shot key -> scene for every listed key that is an id among `known` or has a timecode."""
    ids = set(known)
    return {key: name for name, sheet in sheets.items() for key in sheet.shots
            if key in ids or "@" in key}


def _has(name: str, sheet: SceneSheet, media: Media) -> bool:
    if sheet.shots:
        return any(fits(pattern, names_of(media)) for pattern in sheet.shots if "@" not in pattern)
    return bool(media.scene) and fits(name, [media.scene])
