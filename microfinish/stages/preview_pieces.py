"""The pieces of a preview: made small from what masters have rendered, else from camera files."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from microfinish.core.deliver import Platform
from microfinish.core.frame import Raster
from microfinish.core.time import Span, format_timecode
from microfinish.core.timeline import Timeline
from microfinish.documents.digest import digest
from microfinish.pipeline.events import Counted
from microfinish.pipeline.stage import Context, Inputs
from microfinish.render.cutting import cut
from microfinish.render.encoding import segment_suffix
from microfinish.render.preview import CUBE_POINTS, piece_spec
from microfinish.render.segment import Encode, Placed
from microfinish.stages.master import (
    Keys,
    decisions,
    encodes_of,
    render_missing,
    stored_piece,
)


@dataclass(frozen=True, slots=True)
class Pieces:
    """The keys of a preview's pieces in order; `titled` are record spans whose subtitles are in
    the pictures already."""

    keys: tuple[str, ...]
    paths: tuple[Path, ...]
    titled: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Large:
    """A piece that was rendered for a master, and the key of its small copy."""

    path: Path
    key: str
    titled: bool
    label: str
    frames: int


def make_pieces(inputs: Inputs, timeline: Timeline, platforms: tuple[Platform, ...],
                language: str, ctx: Context) -> Pieces:
    """Make what the store lacks. `platforms` are those whose masters may serve, the one whose
    subtitles the preview shows first."""
    encode = Encode(piece_spec(inputs["settings_raster"]))
    suffix = segment_suffix(encode.spec)
    keys = Keys(inputs["tools"])
    placed = cut(timeline, decisions(inputs, CUBE_POINTS))
    small = [keys.of(piece, encode) for piece in placed]
    large = [None if ctx.store.get(key, suffix) else each for key, each in zip(
        small, _rendered(inputs, timeline, platforms, language, encode, ctx), strict=True)]
    _shrink([each for each in large if each], encode, timeline.rate, ctx)
    rest = tuple(piece for piece, each in zip(placed, large, strict=True) if each is None)
    if rest:
        render_missing(rest, {"preview": (encode,) * len(rest)}, keys, inputs, ctx, CUBE_POINTS)
    names = tuple(each.key if each else key for key, each in zip(small, large, strict=True))
    return Pieces(names, tuple(stored_piece(ctx, name, suffix) for name in names),
                  tuple(piece.span for piece, each in zip(placed, large, strict=True)
                        if each and each.titled))


def _rendered(inputs: Inputs, timeline: Timeline, platforms: tuple[Platform, ...], language: str,
              encode: Encode, ctx: Context) -> list[_Large | None]:
    """For every piece what a master has of it, None where nothing is there."""
    raster: Raster = inputs["settings_raster"]
    placed = cut(timeline, decisions(inputs))
    keys = Keys(inputs["tools"])
    found: list[_Large | None] = [None] * len(placed)
    for platform in platforms:
        size = platform.picture.raster or raster
        if size.width * raster.height != size.height * raster.width:
            continue
        encodes = encodes_of(platform, language, placed, timeline, inputs["title"], raster)
        for index, (piece, own) in enumerate(zip(placed, encodes, strict=True)):
            if found[index] or (own.titles and platform.safe_area != platforms[0].safe_area):
                continue
            key = keys.of(piece, own)
            path = ctx.store.get(key, segment_suffix(own.spec))
            if path:
                found[index] = _Large(path, digest(("small", key, encode)), bool(own.titles),
                                      _label(piece, ctx), piece.segment.frames)
    return found


def _label(piece: Placed, ctx: Context) -> str:
    return f"{ctx.episode} {piece.shot} " + format_timecode(piece.span.start, piece.segment.rate)


def _shrink(pieces: list[_Large], encode: Encode, rate: Fraction, ctx: Context) -> None:
    suffix = segment_suffix(encode.spec)
    if pieces:
        ctx.emit(Counted(ctx.episode, "reused", len(pieces)))
    missing = {each.key: each for each in pieces if ctx.store.get(each.key, suffix) is None}
    if not missing:
        return
    from microfinish.media.previewing import shrink

    def work(piece: _Large) -> None:
        with ctx.store.scratch() as folder:
            made = folder / f"small{suffix}"
            shrink(piece.path, made, encode.spec, rate, piece.frames, piece.label, ctx.cancelled)
            ctx.store.publish(made, piece.key, suffix)

    ctx.map(work, sorted(missing.values(), key=lambda each: -each.frames), "segments")
