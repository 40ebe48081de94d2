"""Which corrections the measurements justify: bounded, one per camera set-up, or none.

What two set-ups share decides first: a chart, the same set, the same face (`core/color_links`).
Whole-frame statistics of different angles make matching worse than doing nothing (in 52 to 56 of
60 trials). So without shared things white is corrected only where two independent signs agree, and
only relative to another set-up of the scene; exposure from averages is proposed, never applied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from microfinish.core.color import Balance, ShotCorrection
from microfinish.core.color_links import (
    FINISHED,
    SCENE,
    Bounds,
    Link,
    Solution,
    bounded,
    is_intended,
    solve_links,
)
from microfinish.core.color_white import MIRED_PER_KELVIN, balance_of_neutral

MAX_MIRED, MAX_TINT = SCENE.mired, SCENE.tint
MAX_STOPS = 1.0
"""Of a proposal from averages; see `core/color_links` for what shared things may move."""
NOTICEABLE_MIRED, NOTICEABLE_TINT, NOTICEABLE_STOPS = 4.0, 0.002, 0.06
"""Below these, a shift is not worth a re-render."""
CHART = "the chart's published colors"
"""The reference of every set-up that shows a chart."""
EXPOSURE_DEADBAND = 1.5
"""Stops around mid grey in which a log average says nothing: night scenes are dark on purpose."""
EXPOSURE_CONFIDENCE = 0.3


@dataclass(frozen=True, slots=True)
class Measured:
    """One shot's measurement. `neutral` and `white` are log2 (red/green, blue/green) in ACEScg;
    see `media.color_measure.ColorFact` for the rest."""

    shot: str
    scene: str
    group: str
    stops: float
    clipped: float
    neutral: tuple[float, float]
    white: tuple[float, float]
    share: float
    depth: float
    tiles: float
    unrest: float
    frames: int = 1
    """On screen: the scene's reference is the set-up most of the scene looks like."""
    finished: bool = False
    """A phone's, generated or graded picture: moved only by what it shares with another."""
    room: tuple[float, float] = (-8.0, 8.0)
    """Stops that it may be moved down, so that what clipped stays white, and up, so that no more
    than 0.5 % of it clips."""


@dataclass(frozen=True, slots=True)
class _Cast:
    """The white of one camera set-up as the balance that would make it neutral."""

    balance: Balance
    confidence: float
    why: str


def propose(measured: Sequence[Measured], mode: str, min_confidence: float,
            links: Sequence[Link] = ()) -> list[ShotCorrection]:
    """Corrections for the measured shots, in their order.

    `links` are between set-ups, or from a set-up to `CHART`. A set-up that no link reaches is
    judged by its pale surfaces: against the reference of its scene where that is as sure, else the
    confident set-up nearest to neutral. A scene with one set-up has nothing to match: its cast is
    proposed, not applied. A difference beyond the bounds is light that was meant (gels, night and
    day): abstain.
    """
    groups: dict[str, list[Measured]] = {}
    for shot in measured:
        groups.setdefault(shot.group, []).append(shot)
    linked: dict[str, Solution] = {}
    for scene in dict.fromkeys(shots[0].scene for shots in groups.values()):
        frames = {name: sum(shot.frames for shot in shots) for name, shots in groups.items()
                  if shots[0].scene == scene}
        linked |= solve_links(frames | {CHART: 0}, links, min_confidence, CHART)
    casts = {name: _corrected(_cast(shots), linked.get(name)) for name, shots in groups.items()}
    solved: dict[str, ShotCorrection] = {}
    for name, shots in groups.items():
        if name in linked:
            solved[name] = _by_link(name, linked[name], mode, shots)
            continue
        if shots[0].finished:
            solved[name] = ShotCorrection("", Balance(), "a finished picture that surely shares "
                                          "no set and no face with its scene", 0.0, "abstained",
                                          name)
            continue
        others = {other: casts[other] for other, theirs in groups.items() if other != name
                  and theirs[0].scene == shots[0].scene and not theirs[0].finished}
        solved[name] = _solve(name, shots, casts[name], others, mode, min_confidence)
    return [_for_shot(solved[shot.group], shot.shot) for shot in measured]


def bounds_of(finished: bool) -> Bounds:
    """The bounds of a set-up by what its pictures are."""
    return FINISHED if finished else SCENE


def _by_link(name: str, solution: Solution, mode: str,
             shots: Sequence[Measured]) -> ShotCorrection:
    """What a set-up that shares something with its scene gets."""
    bounds = bounds_of(shots[0].finished)
    confidence = round(solution.confidence, 2)
    if solution.reference == name:
        return ShotCorrection("", Balance(), solution.why, confidence, "abstained", name)
    if is_intended(solution.balance, solution.kind, bounds):
        told = (f"{solution.balance.exposure:+.1f} stops, {solution.balance.temperature:+.0f} K, "
                f"{solution.balance.tint:+.3f} tint")
        return ShotCorrection("", Balance(), f"{solution.why}; the difference ({told}) looks "
                              "intended", 0.0, "abstained", name)
    balance = _unclipped(bounded(solution.balance, solution.kind, bounds), shots)
    if _is_small(balance) and abs(balance.exposure) < NOTICEABLE_STOPS:
        return ShotCorrection("", Balance(), f"{solution.why}: it matches already", confidence,
                              "abstained", name)
    state = "applied" if mode == "apply" else "proposed"
    return ShotCorrection("", balance, solution.why, confidence, state, name)


def _unclipped(balance: Balance, shots: Sequence[Measured]) -> Balance:
    """The balance with its exposure held to where the shots begin to clip or to grey."""
    down, up = max(shot.room[0] for shot in shots), min(shot.room[1] for shot in shots)
    return Balance(round(min(max(balance.exposure, down), up), 2), balance.temperature,
                   balance.tint)


def _corrected(cast: _Cast, solution: Solution | None) -> _Cast:
    """A cast after its set-up was matched, as a reference for those that are not."""
    if solution is None or cast.confidence == 0:
        return cast
    own = solution.balance
    left = Balance(0.0, cast.balance.temperature - own.temperature, cast.balance.tint - own.tint)
    return _Cast(left, cast.confidence, cast.why)


def scenes_by_cutting(order: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Set-up -> scene, for set-ups whose scene nobody wrote down.

    `order` holds (set-up, camera) of the shots in record order. A cut from one camera to another
    and back is a scene (shot and reverse shot); a set-up that is never cut against stands alone.
    """
    scene = {setup: setup for setup, _ in order}
    for (first, camera), (middle, other), (last, again) in zip(order, order[1:], order[2:],
                                                               strict=False):
        if camera == again != other:
            joined = {scene[first], scene[middle], scene[last]}
            name = min(joined)
            scene = {setup: name if old in joined else old for setup, old in scene.items()}
    return scene


def _for_shot(solution: ShotCorrection, shot: str) -> ShotCorrection:
    return ShotCorrection(shot, solution.balance, solution.evidence, solution.confidence,
                          solution.state, solution.group)


def _cast(shots: Sequence[Measured]) -> _Cast:
    """What the shots of one set-up say together; no confidence where they disagree."""
    scored = [(shot, *_trust(shot)) for shot in shots]
    trusted = [(shot, trust) for shot, trust, _ in scored if trust > 0]
    if not trusted:
        return _Cast(Balance(), 0.0, scored[0][2])
    red = median(shot.neutral[0] for shot, _ in trusted)
    blue = median(shot.neutral[1] for shot, _ in trusted)
    spread = max(max(abs(shot.neutral[0] - red), abs(shot.neutral[1] - blue))
                 for shot, _ in trusted)
    if spread > 0.12:
        return _Cast(Balance(), 0.0, "its shots disagree about white")
    balance = balance_of_neutral((2.0**red, 1.0, 2.0**blue))
    confidence = sum(trust for _, trust in trusted) / len(trusted)
    share = sum(shot.share for shot, _ in trusted) / len(trusted)
    return _Cast(balance, confidence, f"pale surfaces on {share:.0%} of the picture, highlights "
                                      f"agree, {len(trusted)} of {len(shots)} shots")


def _trust(shot: Measured) -> tuple[float, str]:
    """0..1 for the pale color being a neutral surface, and why not where it is 0."""
    apart = max(abs(shot.neutral[0] - shot.white[0]), abs(shot.neutral[1] - shot.white[1]))
    signs = (
        (_ramp(shot.share, 0.05, 0.20), "too little of the picture is pale"),
        (_ramp(shot.depth, 0.5, 2.0), "the pale surface has one tone only"),
        (_ramp(shot.tiles, 0.1, 0.4), "the pale surface is in one place only"),
        (_ramp(-apart, -0.12, -0.05), "highlights have another color than pale surfaces"),
        (_ramp(-shot.unrest, -0.15, -0.04), "the pale color moves during the shot"),
        (_ramp(-shot.clipped, -0.35, -0.10), "too much is clipped"),
    )
    for value, why in signs:
        if value == 0:
            return 0.0, why
    product = 1.0
    for value, _ in signs:
        product *= value
    return float(product ** (1 / 3)), ""


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _solve(name: str, shots: Sequence[Measured], cast: _Cast, others: Mapping[str, _Cast],
           mode: str, min_confidence: float) -> ShotCorrection:
    exposure, exposure_why = _exposure(shots)
    confident = {other: theirs for other, theirs in others.items()
                 if theirs.confidence >= min_confidence}
    if cast.confidence == 0:
        white, confidence, why, matched = Balance(), 0.0, cast.why, False
    else:
        reference = min([cast, *confident.values()], key=lambda each: _size(each.balance))
        matched = bool(confident) and cast.confidence >= min_confidence
        goal = reference.balance if matched else Balance()
        white = Balance(0.0, cast.balance.temperature - goal.temperature,
                        cast.balance.tint - goal.tint)
        confidence = cast.confidence
        against = next((other for other, theirs in confident.items() if theirs is reference), name)
        why = cast.why + (f"; matched to {against}" if matched else "; no set-up to match")
    if _size(white) > 1.5:
        return ShotCorrection("", Balance(), f"{why}; the difference looks intended", 0.0,
                              "abstained", name)
    white = _bounded(white, confidence)
    if matched and mode == "apply":
        if _is_small(white):
            return ShotCorrection("", Balance(), f"{why}: it matches already", confidence,
                                  "abstained", name)
        return ShotCorrection("", white, why, round(confidence, 2), "applied", name)
    balance = Balance(exposure, *((0.0, 0.0) if _is_small(white) else
                                  (white.temperature, white.tint)))
    if balance == Balance():
        return ShotCorrection("", balance, why, round(confidence, 2), "abstained", name)
    told = "; ".join(text for text in (why, exposure_why) if text)
    score = confidence if exposure == 0 else min(confidence or 1.0, EXPOSURE_CONFIDENCE)
    return ShotCorrection("", balance, told, round(score, 2), "proposed", name)


def _exposure(shots: Sequence[Measured]) -> tuple[float, str]:
    """Half of what a log average lies outside the deadband, as a proposal only."""
    stops = median(shot.stops for shot in shots)
    beyond = max(0.0, abs(stops) - EXPOSURE_DEADBAND)
    if beyond < 0.2:
        return 0.0, ""
    move = min(MAX_STOPS, beyond / 2)
    return round(-move if stops > 0 else move, 2), f"log average {stops:+.1f} stops from grey"


def _size(balance: Balance) -> float:
    """A shift in units of its bounds."""
    return max(abs(balance.temperature) * MIRED_PER_KELVIN / MAX_MIRED,
               abs(balance.tint) / MAX_TINT)


def _is_small(balance: Balance) -> bool:
    return (abs(balance.temperature) * MIRED_PER_KELVIN < NOTICEABLE_MIRED
            and abs(balance.tint) < NOTICEABLE_TINT)


def _bounded(balance: Balance, confidence: float) -> Balance:
    """Shrunk by the confidence, held to the bounds, rounded to what a person would type."""
    kelvin = MAX_MIRED / MIRED_PER_KELVIN
    temperature = max(-kelvin, min(kelvin, balance.temperature * confidence))
    tint = max(-MAX_TINT, min(MAX_TINT, balance.tint * confidence))
    return Balance(0.0, float(round(temperature)), round(tint, 4))
