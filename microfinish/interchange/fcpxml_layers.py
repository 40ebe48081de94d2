"""Pieces to what is seen and heard: the topmost picture at every frame, and sound on tracks.

Seen from above an edit is one row of pictures, black where nothing lies. A dissolve into a piece
shows what was on top before; one out of it shows what appears beneath.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise, zip_longest

from microfinish.core.time import Span
from microfinish.interchange.fcpxml_said import Losses
from microfinish.interchange.fcpxml_story import Fade, Layer, Piece
from microfinish.interchange.fcpxml_time import NEARLY, nearest_frame
from microfinish.interchange.spot import FULL_FRAME, Size, hides, placement_of

_FAMILIES = ("dialogue", "music", "effects")


@dataclass(frozen=True, slots=True)
class Run:
    """Frames of one track that one piece fills; without piece they are black. `mix_frames` is the
    length of the dissolve that it comes in with, that of `fade`; 0 is a cut. `from_black`: it
    does so from black, although no black stands before it."""

    track: str
    record: Span
    piece: Piece | None = None
    mix_frames: int = 0
    from_black: bool = False
    fade: Fade | None = None


@dataclass(frozen=True, slots=True)
class _Framed:
    piece: Piece
    span: Span
    order: tuple[tuple[int, ...], int]


def framed(pieces: Iterable[Piece], rate: Fraction, losses: Losses) -> list[_Framed]:
    """Pieces on the frame grid; what does not fall on it is said."""
    listed = list(pieces)
    depth = max((len(piece.layer) for piece in listed), default=0)
    found = []
    for index, piece in enumerate(listed):
        start, end = piece.stretch.start * rate, piece.stretch.end * rate
        span = Span(*sorted((nearest_frame(start, Fraction(1)), nearest_frame(end, Fraction(1)))))
        if piece.asset and not span.length:
            losses.add(piece.element, "warning", "it is shorter than one frame; it is left out")
        elif piece.asset and max(abs(start - span.start), abs(end - span.end)) > NEARLY:
            losses.add(piece.element, "info" if piece.role else "warning",
                       "its ends do not fall on frames; they are moved to the nearest")
        if span.length:
            found.append(_Framed(piece, span, (_padded(piece.layer, depth), index)))
    return found


def _padded(layer: Layer, depth: int) -> tuple[int, ...]:
    return tuple(number for number, _ in zip_longest(layer, range(depth), fillvalue=0))


def picture_runs(pieces: Iterable[Piece], whole: Span, rate: Fraction, losses: Losses,
                 canvas: Size) -> list[Run]:
    """The frames of `whole`, and of what reaches beyond it, each with the topmost piece that
    fills the frame; over them on tracks of their own the pieces that do not."""
    laid = framed(pieces, rate, losses)
    over = [item for item in laid if _lies_over(item.piece, canvas)]
    solid = [item for item in laid if item.piece.asset and item not in over]
    for item in solid:
        if item.piece.spot and placement_of(item.piece.spot, canvas):
            losses.add(item.piece.element, "warning", FULL_FRAME)
    # the end of a picture over the picture reveals nothing: all was seen around it
    own = {(item.order[0], item.span.end) for item in over}
    holes = {item.span.start: item for item in sorted(laid, key=lambda i: i.order)
             if not item.piece.asset and item.piece.fade
             and (item.order[0], item.span.start) not in own}
    borders = sorted({whole.start, whole.end, *holes}
                     | {edge for item in (*solid, *over)
                        for edge in (item.span.start, item.span.end)})
    starting = sorted(solid, key=lambda item: item.span.start)
    heap: list[tuple[tuple[tuple[int, ...], int], _Framed]] = []
    runs: list[Run] = []
    top_before: _Framed | None = None
    index = 0
    for begin, end in pairwise(borders):
        while index < len(starting) and starting[index].span.start <= begin:
            item = starting[index]
            layer, number = item.order
            heapq.heappush(heap, ((tuple(-n for n in layer), -number), item))
            index += 1
        while heap and heap[0][1].span.end <= begin:
            heapq.heappop(heap)
        top = heap[0][1] if heap else None
        hole = holes.get(begin)
        opens = hole is not None and _reveals(hole, top_before, top)
        if runs and top is top_before and not opens:
            runs[-1] = replace(runs[-1], record=Span(runs[-1].record.start, end))
            continue
        comes = hole if opens else top
        frames = _mix_frames(comes, begin, rate, losses)
        fade = comes.piece.fade if comes and frames else None
        if fade and top_before and begin < top_before.span.end < begin + frames:
            losses.add(fade.element, "warning", "the picture below it ends while it dissolves; "
                                                "that picture's handle is shown to the end")
        runs.append(Run("V", Span(begin, end), top.piece if top else None, frames,
                        bool(frames and _from_black(top, runs)), fade))
        top_before = top
    runs += _overlays(over, solid, laid, rate, losses)
    return [_bounded(run, losses) for run in runs]


def _lies_over(piece: Piece, canvas: Size) -> bool:
    """Whether a picture leaves something of what lies below it to be seen."""
    return piece.asset is not None and not hides(piece.spot, canvas)


def _overlays(over: list[_Framed], solid: list[_Framed], laid: list[_Framed], rate: Fraction,
              losses: Losses) -> list[Run]:
    """Placed pictures on tracks V2 and up, where no opaque picture hides them."""
    found: list[tuple[int, Run]] = []
    for item in sorted(over, key=lambda item: item.order):
        parts = [item.span]
        for hiding in solid:
            if hiding.order > item.order:
                parts = [rest for part in parts for rest in _rest(part, hiding.span)]
        hidden = item.span.length - sum(part.length for part in parts)
        if hidden:
            losses.add(item.piece.element, "info", f"a clip above covers it for {hidden} of its "
                                                   f"{item.span.length} frames")
        fade = next((hole for hole in laid if hole.piece.asset is None
                     and hole.span.start == item.span.end
                     and hole.order[0] == item.order[0]), None)
        for part in parts:
            track = 1 + max((number for number, run in found if run.record.overlap(part)),
                            default=1)
            frames = _mix_frames(item, part.start, rate, losses)
            found.append((track, Run(f"V{track}", part, item.piece, frames,
                                     fade=item.piece.fade if frames else None)))
            if fade is not None and part.end == item.span.end:
                frames = _mix_frames(fade, part.end, rate, losses)
                found.append((track, Run(f"V{track}", fade.span, None, frames,
                                         fade=fade.piece.fade)))
    return [run for _, run in found]


def _rest(span: Span, hidden: Span) -> list[Span]:
    """What another span leaves of one: nothing, one piece, or the two beside it."""
    sides = ((span.start, min(span.end, hidden.start)), (max(span.start, hidden.end), span.end))
    return [Span(start, end) for start, end in sides if start < end] if (
        span.overlap(hidden)) else [span]


def _reveals(hole: _Framed, before: _Framed | None, top: _Framed | None) -> bool:
    """Whether a hole's dissolve is seen: it must lie where the top piece has just gone."""
    if before is None or top is before:
        return False
    return top is None or hole.order[0] > top.order[0]


def _from_black(top: _Framed | None, runs: list[Run]) -> bool:
    """At the head of the edit, or where a transition covers a gap of the primary storyline."""
    fade = top.piece.fade if top else None
    if not runs:
        return fade is not None
    primary = top is not None and not any(top.piece.layer)
    return bool(fade and fade.from_gap and primary and runs[-1].piece)


def _mix_frames(item: _Framed | None, begin: int, rate: Fraction, losses: Losses) -> int:
    """The length of the dissolve with which an item comes into view at `begin`."""
    fade = item.piece.fade if item else None
    if item is None or fade is None:
        return 0
    start, end = nearest_frame(fade.start, rate), nearest_frame(fade.end, rate)
    if begin == start:
        return end - start
    if start < begin < end:
        losses.add(fade.element, "warning", "the transition is partly covered; it is a cut")
    return 0


def _bounded(run: Run, losses: Losses) -> Run:
    """A dissolve as long as its event at most."""
    if run.mix_frames <= run.record.length:
        return run
    if run.fade:
        losses.add(run.fade.element, "warning",
                   f"the dissolve of {run.mix_frames} frames is shortened to the "
                   f"{run.record.length} that its clip is seen")
    return replace(run, mix_frames=run.record.length)


def sound_runs(pieces: Iterable[Piece], rate: Fraction, losses: Losses) -> list[Run]:
    """Every sound on a track of its own time: dialogue on the first tracks, then music, then
    effects, then other roles. A crossfade stays on the track of what it comes from."""
    found: list[Run] = []
    families: dict[str, list[_Framed]] = {name: [] for name in _FAMILIES}
    for item in framed(pieces, rate, losses):
        if item.piece.asset:
            families.setdefault(family(item.piece.role), []).append(item)
    first = 1
    for items in families.values():
        ends: list[int] = []
        for item in sorted(items, key=lambda item: (item.span.start, item.order)):
            frames = _mix_frames(item, item.span.start, rate, losses)
            track = _track(ends, item.span, bool(frames))
            if frames and (track >= len(ends) or ends[track] != item.span.start):
                fade = item.piece.fade
                losses.add(fade.element if fade else item.piece.element, "warning",
                           "the sound's crossfade comes from silence: it is a cut, where the fade "
                           "begins")
                frames = 0
            if track >= len(ends):
                ends.append(0)
            ends[track] = item.span.end
            run = Run(f"A{first + track}", item.span, item.piece, frames,
                      fade=item.piece.fade if frames else None)
            found.append(_bounded(run, losses))
        first += len(ends)
    return found


def _track(ends: list[int], span: Span, mixes: bool) -> int:
    """The first free track; for a crossfade the one that ends where it starts."""
    if mixes and span.start in ends:
        return ends.index(span.start)
    return next((track for track, end in enumerate(ends) if end <= span.start), len(ends))


def family(role: str) -> str:
    """`music` of `music.music-1`; Final Cut Pro's own roles are dialogue, music and effects."""
    main = role.casefold().partition(".")[0].strip()
    return main or "dialogue"
