"""Continuity: how far the same face, the same set looks from its usual self, shot by shot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from microfinish.core.cdl import Triple
from microfinish.core.color_difference import delta_e2000

OUTLIER_DE = 5.0
"""CIEDE2000 of a face from its usual color that one sees across a cut; half of it is one's
measuring error where light and pose change."""
SPREAD = 3.0
"""A season that moves about on purpose has a wider usual: as many median deviations."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One face or set in one shot: its CIELAB color as delivered, and a label for people.

    `what` names the face or set ("face 1", "set 2"); `box` is where it is, (x, y, width, height)
    in shares of the whole picture, in source frame `frame`.
    """

    what: str
    episode: str
    shot: str
    lab: Triple
    frame: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Measured:
    """One sighting against the usual color of what it shows."""

    seen: Seen
    delta_e: float
    difference: Triple
    outlier: bool

    @property
    def words(self) -> str:
        """In what way it differs: "darker, warmer"."""
        lightness, red, yellow = self.difference
        said = [("lighter" if lightness > 0 else "darker") if abs(lightness) >= 2 else "",
                ("redder" if red > 0 else "greener") if abs(red) >= 2 else "",
                ("warmer" if yellow > 0 else "cooler") if abs(yellow) >= 2 else ""]
        return ", ".join(filter(None, said)) or "alike"


@dataclass(frozen=True, slots=True)
class Continuity:
    """All sightings by what they show, the most seen first."""

    sightings: tuple[Measured, ...]

    @property
    def outliers(self) -> tuple[Measured, ...]:
        return tuple(each for each in self.sightings if each.outlier)

    def of(self, what: str) -> tuple[Measured, ...]:
        return tuple(each for each in self.sightings if each.seen.what == what)

    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.seen.what for each in self.sightings))


def continuity(sightings: Sequence[Seen]) -> Continuity:
    """Every sighting against the median color of the same face or set.

    What is seen twice only has no usual: both are outliers if they differ.
    """
    groups: dict[str, list[Seen]] = {}
    for seen in sightings:
        groups.setdefault(seen.what, []).append(seen)
    found: list[Measured] = []
    for members in sorted(groups.values(), key=lambda members: -len(members)):
        red, green, blue = (median(seen.lab[axis] for seen in members) for axis in range(3))
        usual: Triple = (red, green, blue)
        apart = [delta_e2000(usual, seen.lab) for seen in members]
        middle = median(apart)
        limit = max(OUTLIER_DE, middle + SPREAD * median(abs(each - middle) for each in apart))
        if len(members) == 2:
            limit = OUTLIER_DE / 2
        for seen, delta in zip(members, apart, strict=True):
            lightness, a, b = (x - y for x, y in zip(seen.lab, usual, strict=True))
            found.append(Measured(seen, round(delta, 2), (lightness, a, b), delta > limit))
    return Continuity(tuple(found))
