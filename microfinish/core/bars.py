"""Music brought to a length on its bars: which stretches of it are played one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor


@dataclass(frozen=True, slots=True)
class Bars:
    """Bar lines of a piece of music: one at `at` seconds into its file, one every `length`."""

    at: Fraction
    length: Fraction

    def after(self, seconds: Fraction) -> Fraction:
        """The first bar line at or after a place."""
        return self.at + ceil((seconds - self.at) / self.length) * self.length

    def before(self, seconds: Fraction) -> Fraction:
        """The last bar line at or before a place."""
        return self.at + floor((seconds - self.at) / self.length) * self.length


Stretch = tuple[Fraction, Fraction]


def looped(begin: Fraction, until: Fraction, wanted: Fraction, bars: Bars | None
           ) -> tuple[Stretch, ...]:
    """Stretches of exactly `wanted` seconds: from `begin`, then its whole bars again and again."""
    head, back = until, begin
    if bars is not None:
        first, last = bars.after(begin), bars.before(until)
        if last > first:
            head, back = last, first
    pieces = [(begin, min(head, begin + wanted))]
    left = wanted - (pieces[0][1] - begin)
    while left > 0:
        end = min(head, back + left)
        pieces.append((back, end))
        left -= end - back
    return tuple(pieces)


def fitted(begin: Fraction, until: Fraction, wanted: Fraction, bars: Bars) -> tuple[Stretch, ...]:
    """Stretches that last `wanted` seconds, give or take half a bar: the beginning and the end as
    they are, whole bars left out of the middle or played again.

    A piece of less than three whole bars is left alone.
    """
    first, last = bars.after(begin), bars.before(until)
    count = int((last - first) / bars.length)
    less = round((until - begin - wanted) / bars.length)
    if not less or count < 3:
        return ((begin, until),)
    if less > 0:  # one bar is kept on either side
        less = min(less, count - 2)
        keep = count - less
        cut = first + (keep + 1) // 2 * bars.length
        return (begin, cut), (cut + less * bars.length, until)
    jump = last - bars.length if count > 3 else last
    pieces: list[Stretch] = [(begin, jump)]
    more = -less
    most = int((jump - first) / bars.length)
    while more:
        back = min(more, most)
        more -= back
        pieces.append((jump - back * bars.length, jump))
    pieces[-1] = (pieces[-1][0], until)
    return tuple(pieces)
