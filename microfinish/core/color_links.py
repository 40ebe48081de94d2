"""From what shots share to one balance per camera set-up: the strongest evidence first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from microfinish.core.cdl import Triple
from microfinish.core.color import Balance
from microfinish.core.color_solve import Pair, balance_between
from microfinish.core.color_white import MIRED_PER_KELVIN, white_balance_matrix

Kind = Literal["chart", "background", "face"]
TRUST: Mapping[str, float] = {"chart": 1.0, "background": 0.95, "face": 0.85}
"""How sure the best evidence of a kind is: what moves between two shots can be in other light."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a set-up may be moved: mired along and Duv across the daylight locus, stops by what
    it stands on."""

    mired: float
    tint: float
    stops: Mapping[str, float]


SCENE = Bounds(60.0, 0.02, {"chart": 2.0, "background": 1.75, "face": 1.75})
"""Of log footage: what a camera set wrong is off by."""
FINISHED = Bounds(45.0, 0.015, {"chart": 1.0, "background": 1.0, "face": 1.0})
"""Of finished pictures: their maker balanced them once, and what was clipped stays clipped."""
SLACK = 1.1
"""A measurement may pass a bound by its own error and is then held to the bound."""


@dataclass(frozen=True, slots=True)
class Link:
    """Two set-ups that show the same thing. `here` of a pair is seen by `first`, `there` by
    `second`; `confidence` is 0..1; `why` says in words what was compared."""

    first: str
    second: str
    kind: Kind
    pairs: tuple[Pair, ...]
    confidence: float
    why: str

    @property
    def strength(self) -> float:
        return TRUST[self.kind] * self.confidence


@dataclass(frozen=True, slots=True)
class Solution:
    """What a set-up needs to look like its scene's reference (itself: no balance)."""

    reference: str
    balance: Balance
    confidence: float
    kind: str
    why: str


def solve_links(setups: Mapping[str, int], links: Sequence[Link], least: float,
                preferred: str = "") -> dict[str, Solution]:
    """A solution for every set-up that links of at least this strength reach.

    `setups` are those of one scene with their frames on screen. Each connected part has one
    reference: `preferred` where it is in it, else the one in the middle of all (the least total
    correction of the frames shown). Links grow a tree from there, the strongest first, so a chart
    decides before a wall and a wall before a face.
    """
    strong = [link for link in links if link.strength >= least
              and link.first in setups and link.second in setups]
    solved: dict[str, Solution] = {}
    for part in _parts(list(setups), strong):
        if len(part) < 2:
            continue
        inside = [link for link in strong if link.first in part]
        found = _grown(preferred if preferred in part else part[0], inside)
        if preferred not in part:
            middle = _middle(part, found, setups)
            if middle != part[0]:
                found = _grown(middle, inside)
        solved |= found
    return solved


def is_intended(balance: Balance, kind: str, bounds: Bounds = SCENE) -> bool:
    """Whether a difference is too large for a fault: a gel, another time of day."""
    return (abs(balance.temperature) * MIRED_PER_KELVIN > SLACK * bounds.mired
            or abs(balance.tint) > SLACK * bounds.tint
            or abs(balance.exposure) > SLACK * bounds.stops[kind])


def bounded(balance: Balance, kind: str, bounds: Bounds = SCENE) -> Balance:
    """Held to the bounds, rounded to what a person would type."""
    kelvin, stops = bounds.mired / MIRED_PER_KELVIN, bounds.stops[kind]
    return Balance(round(max(-stops, min(stops, balance.exposure)), 2),
                   float(round(max(-kelvin, min(kelvin, balance.temperature)))),
                   round(max(-bounds.tint, min(bounds.tint, balance.tint)), 4))


def _parts(setups: list[str], links: Sequence[Link]) -> list[list[str]]:
    """The connected parts, in the order of the set-ups."""
    part = {setup: setup for setup in setups}
    for link in links:
        old, new = part[link.second], part[link.first]
        if old != new:
            part = {setup: new if name == old else name for setup, name in part.items()}
    return [[setup for setup in setups if part[setup] == name]
            for name in dict.fromkeys(part.values())]


def _grown(root: str, links: Sequence[Link]) -> dict[str, Solution]:
    """Every reachable set-up against `root`, over the strongest links."""
    solved = {root: Solution(root, Balance(), 1.0, "", "the reference of its scene")}
    while True:
        edge = [link for link in links if (link.first in solved) != (link.second in solved)]
        if not edge:
            return solved
        best = max(edge, key=lambda link: (link.strength, link.first, link.second))
        new = best.second if best.first in solved else best.first
        # All that is as trusted as the best link and reaches the same set-up decides together.
        using = [link for link in edge if new in (link.first, link.second)
                 and link.kind == best.kind and link.strength >= 0.8 * best.strength]
        pairs = [pair for link in using for pair in _toward(link, new, solved)]
        known = best.first if new == best.second else best.second
        through = "" if known == root else f" through {known}"
        confidence = best.strength * (solved[known].confidence if known != root else 1.0)
        solved[new] = Solution(root, balance_between(pairs), confidence, best.kind,
                               f"{best.why}; matched to {root}{through}")


def _toward(link: Link, new: str, solved: Mapping[str, Solution]) -> list[Pair]:
    """The link's pairs from the new set-up to what the known one looks like when corrected."""
    known = link.first if new == link.second else link.second
    balance = solved[known].balance
    rows = white_balance_matrix(balance)
    found = []
    total = sum(pair.weight for pair in link.pairs)
    for pair in link.pairs:
        here, there = ((pair.here, pair.there) if new == link.first else (pair.there, pair.here))
        red, green, blue = (max(1e-9, 2.0**balance.exposure * sum(
            m * v for m, v in zip(row, there, strict=True))) for row in rows)
        wanted: Triple = (red, green, blue)
        found.append(Pair(here, wanted, link.strength * pair.weight / total))
    return found


def _middle(part: Sequence[str], found: Mapping[str, Solution], frames: Mapping[str, int]) -> str:
    """The set-up that the others, weighted by their frames on screen, are nearest to."""
    def cost(candidate: str) -> tuple[float, int]:
        own = found[candidate].balance
        total = sum(frames[other] * _apart(found[other].balance, own) for other in part)
        return round(total, 6), -frames[candidate]
    return min(part, key=cost)


def _apart(one: Balance, other: Balance) -> float:
    """A difference in units that look about equal: half a stop, 25 mired, 0.01 Duv."""
    return (abs(one.exposure - other.exposure) / 0.5
            + abs(one.temperature - other.temperature) * MIRED_PER_KELVIN / 25
            + abs(one.tint - other.tint) / 0.01)
