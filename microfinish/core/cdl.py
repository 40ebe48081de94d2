"""ASC CDL v1.2: slope, offset, power per channel, then saturation."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Cdl:
    """out = clamp((in * slope + offset)) ** power, then saturation around Rec.709 luma.

    slope >= 0, power > 0, saturation >= 0 (ASC CDL Transfer Functions and Interchange v1.2).
    """

    slope: Triple = (1.0, 1.0, 1.0)
    offset: Triple = (0.0, 0.0, 0.0)
    power: Triple = (1.0, 1.0, 1.0)
    saturation: float = 1.0

    @property
    def is_identity(self) -> bool:
        return self == Cdl()


def sop_text(cdl: Cdl) -> str:
    """Slope, offset and power as an ALE or EDL writes them: `(1 1 1)(0 0 0)(1 1 1)`, exactly."""
    return "".join(f"({' '.join(map(number_text, values))})"
                   for values in (cdl.slope, cdl.offset, cdl.power))


def number_text(value: float) -> str:
    """A number without an exponent that reads back exactly."""
    text = repr(float(value))
    return format(Decimal(text), "f") if "e" in text else text
