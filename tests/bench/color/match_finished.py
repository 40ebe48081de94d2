"""Matching of finished pictures (phones, generated footage): how near, and when rightly not at all.

    MICROFINISH_TESTDATA=... python tests/bench/color/match_finished.py [--trials 120]
        [--output rec709]

As `match.py`, with pictures of eight bits in 4:2:0. A fault is a gain per channel either on the
light of the display (BT.1886), as between two generated shots, or on the light before a phone's
tone curve, which is not the curve that the chain goes back through. Scored on the 24 chart patches
as delivered: CIEDE2000 on a BT.1886 display, before and after.
"""

from __future__ import annotations

import argparse
from functools import cache

import cv2
import numpy as np
from match import CLIPS, FRAMES, GELS, Trial, Values, _converted, angle, clip, decided, report
from numpy.typing import NDArray

from microfinish.core.color import Balance, Chain, InputTransform, ShotCorrection
from microfinish.core.color_chart import CHART_PATCHES
from microfinish.core.color_difference import lab_of_rec709

STOPS, CAST = 0.7, 0.25
"""Of exposure, and of red and blue against green."""
DISPLAY = InputTransform("display")
_LIGHT = np.concatenate([[0.0], np.geomspace(1e-5, 64, 4000)])
_PHONE = np.clip(_LIGHT * (2.2 * _LIGHT + 0.25) / (_LIGHT * (2.1 * _LIGHT + 0.55) + 0.06), 0, 1)
"""A phone's tone curve, from light to code: steeper than BT.709 with a soft shoulder."""


def wrong(codes: Values, kind: str, gains: Values) -> Values:
    """Code values whose light was multiplied, on the display or before the phone's curve."""
    if kind == "display":
        return np.asarray(np.clip(codes**2.4 * gains, 0, 1) ** (1 / 2.4))
    light = np.interp(np.minimum(codes, _PHONE[-1]), _PHONE, _LIGHT)
    return np.asarray(np.interp(light * gains, _LIGHT, _PHONE))


def recorded(codes: Values, chance: np.random.Generator) -> NDArray[np.float32]:
    """Eight-bit 4:2:0, with noise."""
    noisy = np.clip(codes + chance.normal(0, 0.006, codes.shape), 0, 1)
    luma = noisy @ np.array([0.2126, 0.7152, 0.0722])
    planes = [(noisy[..., 2] - luma) / 1.8556, (noisy[..., 0] - luma) / 1.5748]
    for index, plane in enumerate(planes):
        half = cv2.resize(plane, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        planes[index] = cv2.resize(np.round(half * 224) / 224, luma.shape[::-1])
    y, (cb, cr) = np.round(luma * 219) / 219, planes
    red, blue = y + 1.5748 * cr, y + 1.8556 * cb
    green = (y - 0.2126 * red - 0.0722 * blue) / 0.7152
    return np.clip(np.stack([red, green, blue], -1), 0, 1).astype(np.float32)


def shown(light: Values) -> Values:
    """Frames of `match.clip` as the codes of the file they came from."""
    return np.clip(_converted("ACEScg", "Camera Rec.709", light), 0, 1)


def shot(codes: list[NDArray[np.float32]], output: str):
    from microfinish.media.color_shot import measure_shot, sampled_of, views_of

    frames = sampled_of(codes, DISPLAY, output)
    return measure_shot(frames, with_chart=False), views_of(frames)


@cache
def stretch(name: str, start: int, output: str):
    """Shot A: a stretch of a clip as it is."""
    chance = np.random.default_rng(start)
    frames = [cv2.resize(clip(name)[start + k], None, fx=0.77, fy=0.77,
                         interpolation=cv2.INTER_AREA) for k in range(0, 2 * FRAMES, 2)]
    return shot([recorded(shown(frame), chance) for frame in frames], output)


def patches() -> Values:
    """The chart as a finished picture shows it."""
    return np.clip(_converted("", "display", np.array(CHART_PATCHES)[None])[0], 0, 1)


def delivered(codes: Values, correction: ShotCorrection, output: str) -> Values:
    from microfinish.media.lut import exact

    balance = correction.balance if correction.state == "applied" else Balance()
    if balance == Balance():
        return codes
    return exact(Chain(DISPLAY, balance, output=output), codes.astype(np.float32)).astype(float)


def apart(one: Values, other: Values) -> float:
    import colour

    labs = [np.array([lab_of_rec709(tuple(light)) for light in np.clip(codes, 0, 1) ** 2.4])
            for codes in (one, other)]
    return float(np.mean(colour.delta_E(labs[0], labs[1], method="CIE 2000")))


def scored(one, other, name: str, kind: str, mirrored: bool, bad: Values, output: str) -> Trial:
    a, b = decided(one, other, finished=True)
    good = patches()
    moved = any(each.state == "applied" and each.balance != Balance() for each in (a, b))
    return Trial(name, kind, mirrored, apart(good, bad),
                 apart(delivered(good, a, output), delivered(bad, b, output)), b.evidence, moved)


def faulty_pair(seed: int, output: str) -> Trial:
    chance = np.random.default_rng(seed)
    name, kind = list(CLIPS)[seed % len(CLIPS)], ("display", "camera")[seed // len(CLIPS) % 2]
    last = len(clip(name)) - 2 * FRAMES
    start = last * int(chance.integers(0, 3)) // 3
    other = int(chance.integers(0, last))
    while abs(other - start) < min(8, last // 4):
        other = int(chance.integers(0, last))
    red, blue = chance.uniform(-CAST, CAST, 2)
    gains = 2.0 ** (chance.uniform(-STOPS, STOPS) + np.array([red, 0.0, blue]))
    mirrored = bool(chance.random() < 0.5)
    frames = angle([clip(name)[other + k] for k in range(0, 2 * FRAMES, 2)], chance, mirrored)
    b = shot([recorded(wrong(shown(frame), kind, gains), chance) for frame in frames], output)
    return scored(stretch(name, start, output), b, name, kind, mirrored,
                  wrong(patches(), kind, gains), output)


def meant_pair(seed: int, output: str) -> Trial:
    chance = np.random.default_rng(200_000 + seed)
    kind = ("night", "gel", "neon", "sunset", "place")[seed % 5]
    name = seen = list(CLIPS)[seed // 5 % len(CLIPS)]
    if kind == "place":
        same_room = {"book": "sister", "sister": "book"}
        seen = str(chance.choice([e for e in CLIPS if e not in (name, same_room.get(name))]))
    last = len(clip(seen)) - 2 * FRAMES
    first = int(chance.integers(0, last))
    frames = angle([clip(seen)[first + k] for k in range(0, 2 * FRAMES, 2)], chance,
                   bool(chance.random() < 0.5))
    gels = list(GELS.values())
    left, right = (np.array(gels[i]) for i in chance.choice(len(gels), 2, replace=False))
    gains: Values = np.ones(3)
    if kind == "night":
        gains = 2.0 ** -chance.uniform(2, 4) * np.array([0.6, 1, 1.7]) ** chance.uniform(0.5, 1.2)
    elif kind == "gel":
        gains = left ** chance.uniform(0.7, 1.2) * 2.0 ** chance.uniform(-1, 0)
    elif kind == "sunset":
        gains = np.array([1.5, 1, 0.45]) * 2.0 ** -chance.uniform(0, 1)
    elif kind == "place":
        gains = 2.0 ** (chance.uniform(-STOPS, STOPS) + chance.uniform(-CAST, CAST, 3))
    codes = []
    for frame in frames:
        across = np.linspace(0, 1, frame.shape[1])[None, :, None]
        light = left * (1 - across) + right * across if kind == "neon" else gains
        codes.append(recorded(wrong(shown(frame), "display", light), chance))
    start = (len(clip(name)) - 2 * FRAMES) * int(chance.integers(0, 3)) // 3
    return scored(stretch(name, start, output), shot(codes, output), f"{name}/{seen}", kind, False,
                  patches(), output)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--trials", type=int, default=120)
    ask.add_argument("--output", default="aces2-rec709", choices=("aces2-rec709", "rec709"))
    ask.add_argument("--verbose", action="store_true")
    asked = ask.parse_args()
    trials = [faulty_pair(20_000 + k, asked.output) for k in range(asked.trials)]
    report("all", trials, asked.verbose)
    for kind, words in (("display", "on the display's light"), ("camera", "before a tone curve")):
        report(words, [trial for trial in trials if trial.kind == kind])
    for word in ("the same set", "the same face"):
        report(f"by {word}", [t for t in trials if t.moved and word in t.evidence])
    report("all that were corrected", [t for t in trials if t.moved])
    meant = [meant_pair(20_000 + k, asked.output) for k in range(asked.trials)]
    for kind in ("night", "gel", "neon", "sunset", "place"):
        some = [trial for trial in meant if trial.kind == kind]
        print(f"left alone, {kind}: {sum(not t.moved for t in some)} of {len(some)}")
        for trial in some:
            if trial.moved and asked.verbose:
                print(f"   {trial.clip}: {trial.evidence}")
    still = sum(not trial.moved for trial in meant)
    print(f"left alone, all: {still} of {len(meant)} ({still / len(meant):.1%}; goal 95 %)")


if __name__ == "__main__":
    main()
