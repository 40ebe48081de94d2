"""The published colors of the 24-patch chart, and which correction a photographed one asks for."""

from __future__ import annotations

from collections.abc import Sequence

from microfinish.core.cdl import Triple
from microfinish.core.color_solve import Pair

CHART_PATCHES: tuple[Triple, ...] = (
    (0.1369, 0.0859, 0.0587), (0.4507, 0.2985, 0.2266), (0.1420, 0.1829, 0.3069),
    (0.1185, 0.1470, 0.0642), (0.2308, 0.2142, 0.3960), (0.2589, 0.4775, 0.4163),
    (0.5339, 0.2426, 0.0666), (0.0868, 0.0988, 0.3456), (0.3808, 0.1165, 0.1202),
    (0.0879, 0.0474, 0.1258), (0.3756, 0.4836, 0.1044), (0.6012, 0.3881, 0.0780),
    (0.0410, 0.0462, 0.2495), (0.1290, 0.2728, 0.0892), (0.2920, 0.0673, 0.0490),
    (0.7170, 0.5928, 0.0924), (0.3639, 0.1120, 0.2687), (0.0667, 0.2131, 0.3504),
    (0.8795, 0.8844, 0.8414), (0.5871, 0.5915, 0.5854), (0.3612, 0.3663, 0.3653),
    (0.1904, 0.1908, 0.1899), (0.0870, 0.0885, 0.0896), (0.0314, 0.0315, 0.0322),
)
"""Scene-linear ACEScg of the ColorChecker made since November 2014 (X-Rite's values as given by
colour-science, adapted to the ACES white by CAT16): dark skin, light skin, ... white to black."""

_GREYS = range(18, 24)


def chart_pairs(patches: Sequence[Sequence[float] | None],
                wanted: Sequence[Sequence[float] | None] = CHART_PATCHES) -> tuple[Pair, ...]:
    """What every patch is and should be; greys count three times, since no dye or camera matrix
    moves them. Patches that either side lacks are left out."""
    pairs = []
    for index, (here, there) in enumerate(zip(patches, wanted, strict=True)):
        if here is not None and there is not None:
            weight = 3.0 if index in _GREYS else 1.0
            pairs.append(Pair(_triple(here), _triple(there), weight))
    return tuple(pairs)


def _triple(color: Sequence[float]) -> Triple:
    red, green, blue = color
    return red, green, blue
