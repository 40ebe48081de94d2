"""Re-conforms a printed mix or stem: cut and moved with the picture, joined where it is quiet.

A seam may leave the picture cut by up to `WINDOW_SAMPLES` where a word runs over it, and only so
far that nothing is lost that belongs under the picture: what is skipped on one side and what is
added on the other is silence or the rest of that word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from microfinish.core.change_map import time_map
from microfinish.core.changes import changes
from microfinish.core.printed import PrintedGap, PrintedPiece, PrintedRole, PrintedStem, Seam
from microfinish.core.time import Span, sample_position
from microfinish.core.timeline import Timeline

PRINT_RATE = 48_000
WINDOW_SAMPLES = 19_200
"""0.4 s: the length of a longish syllable. A seam that is farther off is no longer this cut's."""
QUIET_HALF = 480
"""Crossfades in silence last 20 ms, 10 ms on either side."""
CUT_HALF = 240
"""Crossfades in program last 10 ms: longer ones smear consonants."""


@dataclass(frozen=True, slots=True)
class PrintedFile:
    """A printed file as measured; `silent` are its quiet stretches in samples, in order."""

    path: str
    digest: str
    sample_rate: int
    samples: int
    silent: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames of the new cut, and those of the old one that they repeat; None if it has none.
    `shots` are those of a stretch that the old cut does not know, empty for black."""

    new: Span
    old: Span | None
    shots: tuple[str, ...] = ()


def conformed(file: PrintedFile, role: PrintedRole, revision: int, old: Timeline, new: Timeline,
              asked: Mapping[int, int] | None = None) -> PrintedStem:
    """The file, in time with `old`, as it sounds under `new`. Both count at the same rate.

    `asked` are seams that a person decided: record frame of the cut -> frames it lies later.
    """
    return _Bench(file, new.rate, dict(asked or {})).stem(role, revision, stretches(old, new))


def stretches(old: Timeline, new: Timeline) -> tuple[Stretch, ...]:
    """All of the new cut as stretches of the old one, as long as they can be.

    Black follows the picture before it, else the one after it, as far as the old black lasts.
    """
    whole = Span(0, new.frames)
    if (old.rate, old.events) == (new.rate, new.events):
        return (Stretch(whole, whole),) if whole.length else ()
    found: list[Stretch] = []
    black = _black(old)
    for piece in time_map(changes(old, new)):
        _fill(found, piece.new.start, piece.old, black)
        if piece.new.start >= (found[-1].new.end if found else 0):
            found.append(Stretch(piece.new, piece.old, () if piece.old else piece.shots))
    _fill(found, new.frames, None, black)
    return tuple(_merged(found))


def _black(timeline: Timeline) -> list[Span]:
    spans, at = [], 0
    for event in timeline.picture():
        if event.media:
            if event.record.start > at:
                spans.append(Span(at, event.record.start))
            at = max(at, event.record.end)
    return [*spans, Span(at, timeline.frames)] if timeline.frames > at else spans


def _fill(found: list[Stretch], until: int, after: Span | None, black: Sequence[Span]) -> None:
    """Add the black of the new cut that lies between the last stretch and `until`."""
    at = found[-1].new.end if found else 0
    if at >= until:
        return
    before = found[-1].old if found else Span(0, 0)
    lead = min(until - at, _black_from(before.end, black)) if before else 0
    if lead:
        assert before is not None
        found.append(Stretch(Span(at, at + lead), Span(before.end, before.end + lead)))
        at += lead
    tail = min(until - at, _black_until(after.start, black)) if after else 0
    if until - tail > at:
        found.append(Stretch(Span(at, until - tail), None))
    if tail and after:
        found.append(Stretch(Span(until - tail, until), Span(after.start - tail, after.start)))


def _black_from(frame: int, black: Sequence[Span]) -> int:
    return next((span.end - frame for span in black if frame in span), 0)


def _black_until(frame: int, black: Sequence[Span]) -> int:
    return next((frame - span.start for span in black if frame - 1 in span), 0)


def _merged(found: Sequence[Stretch]) -> list[Stretch]:
    merged: list[Stretch] = []
    for stretch in found:
        last = merged[-1] if merged else None
        if last and last.old and stretch.old and last.old.end == stretch.old.start:
            merged[-1] = Stretch(Span(last.new.start, stretch.new.end),
                                 Span(last.old.start, stretch.old.end))
        elif last and last.old is None and stretch.old is None and (
                bool(last.shots) == bool(stretch.shots)):
            merged[-1] = Stretch(Span(last.new.start, stretch.new.end), None,
                                 tuple(dict.fromkeys((*last.shots, *stretch.shots))))
        else:
            merged.append(stretch)
    return merged


class _Bench:
    """One file on the bench: where it is quiet decides where it is cut."""

    def __init__(self, file: PrintedFile, rate: Fraction, asked: dict[int, int]) -> None:
        self.file, self.rate, self.asked = file, rate, asked
        self.silent = list(file.silent)

    def stem(self, role: PrintedRole, revision: int, found: Sequence[Stretch]) -> PrintedStem:
        pieces: list[PrintedPiece] = []
        seams: list[Seam] = []
        for index, right in enumerate(found):
            left = found[index - 1] if index else None
            seam = self._seam(left, right)
            if seam:
                seams.append(seam)
                self._close(pieces, left, seam)
            if right.old:
                pieces.append(self._opened(right, seam))
        last = found[-1] if found else None
        if last and last.old and self._at(last.old.end) != self.file.samples and (
                self._sounds(self._at(last.old.end), CUT_HALF, 0)):
            seams.append(self._border(self._at(last.new.end), last.old.end, None, "edge"))
            pieces[-1] = replace(pieces[-1], fade_out=min(2 * CUT_HALF, _length(pieces[-1])))
        gaps = tuple(PrintedGap(self._at(s.new.start), self._at(s.new.end), s.shots)
                     for s in found if s.old is None and s.shots)
        return PrintedStem(role, self.file.path, self.file.digest, revision, tuple(pieces),
                           tuple(seams), gaps)

    def _seam(self, left: Stretch | None, right: Stretch) -> Seam | None:
        at = self._at(right.new.start)
        if left is None:
            if not right.old or right.old.start == 0 or (
                    not self._sounds(self._at(right.old.start), 0, CUT_HALF)):
                return None
            return self._border(at, None, right.old.start, "edge")
        if left.old and right.old:
            return self._join(at, left, right)
        if left.old:
            return self._border(at, left.old.end, None, "gap")
        return self._border(at, None, right.old.start, "gap") if right.old else None

    def _join(self, at: int, left: Stretch, right: Stretch) -> Seam:
        assert left.old and right.old
        out, in_ = left.old.end, right.old.start
        frame = right.new.start
        if frame in self.asked:
            moved = self._at(frame + self.asked[frame]) - at
            moved = max(CUT_HALF - self._long(left), min(self._long(right) - CUT_HALF, moved))
            return _seam(at, moved, CUT_HALF, "asked", False, out, in_)
        ending = self._leaving(self._at(out))
        beginning = self._entering(self._at(in_))
        if ending and beginning:
            least = max(ending[0], beginning[0], -WINDOW_SAMPLES, QUIET_HALF - self._long(left))
            most = min(ending[1], beginning[1], WINDOW_SAMPLES, self._long(right) - QUIET_HALF)
            if least <= most:
                moved = max(least, min(most, 0))
                return _seam(at, moved, QUIET_HALF, "moved" if moved else "silence", False,
                             out, in_)
        return _seam(at, 0, CUT_HALF, "cut", True, out, in_)

    def _leaving(self, out: int) -> tuple[int, int] | None:
        """How many samples after `out` the old sound may be left: while it is quiet around
        there, else where what sounds there has ended."""
        quiet = self._silence_at(out) or next((s for s in self._silences() if s.start >= out),
                                              None)
        return _room(quiet, out)

    def _entering(self, in_: int) -> tuple[int, int] | None:
        """How many samples after `in_` the old sound may be entered; mostly before."""
        quiet = self._silence_at(in_) or next(
            (s for s in reversed(self._silences()) if s.end <= in_), None)
        return _room(quiet, in_)

    def _border(self, at: int, out: int | None, in_: int | None, kind: str) -> Seam:
        """The file ends or begins at a cut without anything of it on the other side."""
        frame = out if out is not None else in_
        program = frame is not None and self._sounds(self._at(frame), CUT_HALF, CUT_HALF)
        return _seam(at, 0, CUT_HALF, kind, program, out, in_)

    def _close(self, pieces: list[PrintedPiece], left: Stretch | None, seam: Seam) -> None:
        if left and left.old:
            half, middle = _fade(seam)
            last = replace(pieces[-1], end=middle + half)
            pieces[-1] = replace(last, fade_out=min(2 * half, _length(last)))

    def _opened(self, stretch: Stretch, seam: Seam | None) -> PrintedPiece:
        assert stretch.old
        start, end = self._at(stretch.new.start), self._at(stretch.new.end)
        source = self._at(stretch.old.start)
        if seam is None:
            return PrintedPiece(source, start, end)
        half, middle = _fade(seam)
        first = max(0, middle - half)  # nothing sounds before the first sample
        piece = PrintedPiece(source + first - start, first, end)
        return replace(piece, fade_in=min(middle + half - first, _length(piece)))

    def _sounds(self, sample: int, before: int, after: int) -> bool:
        quiet = self._silence_at(sample)
        return quiet is None or quiet.start > sample - before or quiet.end < sample + after

    def _silences(self) -> list[Span]:
        """Also around the file: nothing sounds there."""
        return [Span(-10**9, 0), *self.silent, Span(self.file.samples, 10**9)]

    def _silence_at(self, sample: int) -> Span | None:
        touching = [s for s in self._silences() if s.start <= sample <= s.end]
        return Span(touching[0].start, touching[-1].end) if touching else None

    def _long(self, stretch: Stretch) -> int:
        return self._at(stretch.new.end) - self._at(stretch.new.start)

    def _at(self, frame: int) -> int:
        return sample_position(frame, self.rate, PRINT_RATE)


def _room(quiet: Span | None, sample: int) -> tuple[int, int] | None:
    if quiet is None or quiet.length < 2 * QUIET_HALF:
        return None
    return quiet.start + QUIET_HALF - sample, quiet.end - QUIET_HALF - sample


def _seam(at: int, moved: int, half: int, kind: str, program: bool, out: int | None,
          in_: int | None) -> Seam:
    return Seam(at, min(at, at + moved) - half, max(at, at + moved) + half,
                kind, program, out, in_)  # type: ignore[arg-type]


def _fade(seam: Seam) -> tuple[int, int]:
    """(half the crossfade's length, its middle) of a seam."""
    half = QUIET_HALF if seam.kind in ("silence", "moved") else CUT_HALF
    late = seam.end - half
    return half, late if late != seam.at else seam.start + half


def _length(piece: PrintedPiece) -> int:
    return piece.end - piece.start
