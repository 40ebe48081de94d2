"""Cameras and recorders that ran together, held against each other: what one pair says must fit
what all the others say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import combinations

from microfinish.core.media import Media
from microfinish.core.sync import Match
from microfinish.pipeline.stage import Context
from microfinish.stages.sync_pairs import Ears, Heard

Offsets = Callable[[str, str], tuple[Fraction, float] | None]

_ENOUGH_SECONDS = 5
_CONFIDENT = 0.4
_MOST_STRANGERS = 200
"""Pairs of a camera without a match and one with, before it would be cheaper to ask a person."""


@dataclass(frozen=True, slots=True)
class Row:
    """A camera file's match, and every recorder file in which it was clearly heard.

    `fixed` rows were declared by a person and are not changed.
    """

    camera: Media
    match: Match
    heard: Mapping[str, Heard] = field(default_factory=dict)
    fixed: bool = False


def agreed(rows: Sequence[Row], recorders: Sequence[Media], ears: Ears, ctx: Context
           ) -> list[Match]:
    """The matches after all pairs of a group were solved together.

    A match that the others contradict is replaced by what they say, or refused; a camera that no
    recorder file was heard in is placed through another camera; where pairs can check each other,
    the offset is that of least squares, and the residual is told.
    """
    from microfinish.media.sync_graph import Pair, place_together

    files = {media.path: media for media in (*(row.camera for row in rows), *recorders)}
    heard = {(row.camera.path, sound): found for row in rows if not row.fixed
             for sound, found in row.heard.items() if not found.stretches}
    lost = [row.camera for row in rows
            if not row.fixed and not row.match.sound and row.camera.sounds]
    if not heard or (len(heard) < 2 and not lost):
        return [row.match for row in rows]
    heard.update(_cross_pairs(heard, files, ears, ctx))
    heard.update(_strangers(lost, [row for row in rows if row.heard], ears, ctx))
    order = sorted(heard)
    pairs = [Pair(one, other, found.seconds, found.drift_ppm,
                  *_overlap(files[one], files[other], found.seconds), max(found.confidence, 0.05))
             for one, other in order for found in (heard[one, other],)]
    placed = place_together(pairs, [media.path for media in recorders])
    refused = {order[index] for index in placed.refused}
    misses = {order[index]: miss for index, miss in enumerate(placed.residuals)}
    result = []
    for row in rows:
        clock = placed.clocks.get(row.camera.path)
        if row.fixed or clock is None or any(f.stretches for f in row.heard.values()):
            result.append(row.match)
            continue
        checked = clock.group in placed.checked
        if row.match.sound and not checked:
            result.append(row.match)
            continue
        result.append(_settled(row, recorders, placed.offset, refused, misses))
    return result


def _settled(row: Row, recorders: Sequence[Media], offset: Offsets, refused: set[tuple[str, str]],
             misses: Mapping[tuple[str, str], float]) -> Match:
    """A row by the solved group."""
    camera, own = row.camera, row.match
    kept = own.sound and (camera.path, own.sound) not in refused
    choices = [own.sound] if kept else [
        media.path for media in sorted(recorders, key=lambda m: -_shared(camera, m, offset))
        if _shared(camera, media, offset) > 0]
    if not choices:
        return own
    recorder = next(media for media in recorders if media.path == choices[0])
    found = offset(camera.path, recorder.path)
    if found is None:
        return own
    seconds, drift = found
    rate = recorder.sounds[0].sample_rate
    miss = max((misses[pair] for pair in misses if camera.path in pair and pair not in refused),
               default=0.0)
    told = f"all pairs of its group agree within {miss * 1000:.2f} ms"
    if not kept and own.sound:
        told = f"{own.sound} contradicts the other pairs and is refused; {told}"
    elif not kept:
        told = f"heard through another camera; {told}"
    else:
        told = f"{own.reason}; {told}"
    near_nothing = abs(drift) < 1.0 and abs(own.drift_ppm) < 1.0
    return replace(
        own, sound=recorder.path, sample_rate=rate,
        offset_samples=(seconds * rate).limit_denominator(10**6),
        drift_ppm=0.0 if near_nothing else round(drift, 3),
        method=own.method if kept else "waveform",
        confidence=own.confidence if kept else _CONFIDENT, reason=told)


def _cross_pairs(heard: Mapping[tuple[str, str], Heard], files: Mapping[str, Media], ears: Ears,
                 ctx: Context) -> dict[tuple[str, str], Heard]:
    """Cameras against cameras and recorders against recorders, where a third file says that they
    ran together: only the place that it names is listened to."""
    expected: dict[tuple[str, str], Fraction] = {}
    for (one, sound), (two, other_sound) in combinations(sorted(heard), 2):
        first, second = heard[one, sound], heard[two, other_sound]
        if sound == other_sound:
            expected.setdefault((one, two), first.seconds - second.seconds)
        elif one == two:
            expected.setdefault((sound, other_sound), second.seconds - first.seconds)
    wanted = [(pair, near) for pair, near in expected.items() if pair not in heard and _reach(
        *_overlap(files[pair[0]], files[pair[1]], near)) >= _ENOUGH_SECONDS]
    found = ctx.map(lambda item: ears.compare(files[item[0][0]], files[item[0][1]], item[1]),
                    wanted, "sync cross-check")
    return {pair: result for (pair, _), result in zip(wanted, found, strict=True)
            if result.accepted and not result.stretches}


def _strangers(lost: Sequence[Media], rows: Sequence[Row], ears: Ears, ctx: Context
               ) -> dict[tuple[str, str], Heard]:
    """Cameras that matched no recorder against cameras that did: of the same scene, where both
    state one."""
    wanted = [(media, row.camera) for media in lost for row in rows
              if not (media.scene and row.camera.scene) or media.scene == row.camera.scene]
    if len(wanted) > _MOST_STRANGERS:
        return {}
    found = ctx.map(lambda pair: ears.compare(pair[0], pair[1]), wanted, "sync through cameras")
    return {(one.path, other.path): result
            for (one, other), result in zip(wanted, found, strict=True)
            if result.accepted and not result.stretches}


def _overlap(one: Media, other: Media, seconds: Fraction) -> tuple[float, float]:
    """Where the files run together, in seconds of `one`."""
    return (max(0.0, float(-seconds)), max(max(0.0, float(-seconds)),
                                           min(_length(one), _length(other) - float(seconds))))


def _shared(camera: Media, recorder: Media, offset: Offsets) -> float:
    found = offset(camera.path, recorder.path)
    return _reach(*_overlap(camera, recorder, found[0])) if found else 0.0


def _reach(begin: float, end: float) -> float:
    return end - begin


def _length(media: Media) -> float:
    sound = media.sounds[0] if media.sounds else None
    if sound:
        return sound.samples / sound.sample_rate
    return float(media.picture.frames / media.picture.rate) if media.picture else 0.0
