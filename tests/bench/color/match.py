"""Shot matching on real faces: how near it brings two angles, and when it rightly does nothing.

    MICROFINISH_TESTDATA=... python tests/bench/color/match.py [--trials 300] [--only fault]

Every trial takes two stretches of a real clip. One is camera A. The other is camera B: another
crop, size, angle, time, often mirrored, another camera's log curve, and a fault in scene-linear
light (exposure, color temperature and tint, as gains on the camera's own RGB). Both become ten-bit
4:2:2 code values with noise, and go through what `correct` runs: detection, evidence, solving.

The score is the CIEDE2000 of the 24 chart patches between both cameras behind the ACES 2 display
transform, before and after. The second set holds pairs that must be left alone: day and night,
gels, neon, sunset, other people in other places.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path[:0] = [str(Path(__file__).resolve().parents[3])]

from microfinish.core.color import Balance, InputTransform, ShotCorrection  # noqa: E402
from microfinish.core.color_chart import CHART_PATCHES  # noqa: E402
from microfinish.core.color_match import Measured, propose  # noqa: E402
from microfinish.core.color_white import white_balance_matrix  # noqa: E402

Values = NDArray[np.float64]

CLIPS = {"d13": "faces/d13.mp4", "d6": "faces/d6.mp4", "s32": "faces/s32.mp4",
         "book": "people/asl_book.mkv", "sister": "people/asl_sister.mkv",
         "top": "phone/mv_with_2_top_shots.mp4"}
CAMERAS = {"S-Log3 S-Gamut3.Cine": "Linear S-Gamut3.Cine",
           "ARRI LogC3 (EI800)": "Linear ARRI Wide Gamut 3",
           "ARRI LogC4": "Linear ARRI Wide Gamut 4", "V-Log V-Gamut": "Linear V-Gamut",
           "Log3G10 REDWideGamutRGB": "Linear REDWideGamutRGB",
           "CanonLog3 CinemaGamut D55": "Linear CinemaGamut D55"}
SIDE, FRAMES = 480, 5
STOPS, KELVIN, DUV = 1.5, 1500.0, 0.012


@dataclass(frozen=True)
class Trial:
    """One pair after the decision: dE00 before and after, what was decided, what it stood on."""

    clip: str
    kind: str
    mirrored: bool
    before: float
    after: float
    evidence: str
    moved: bool


def footage() -> Path:
    root = os.environ.get("MICROFINISH_TESTDATA", "")
    folder = Path(root) / "footage"
    if not root or not folder.is_dir():
        sys.exit("set MICROFINISH_TESTDATA to the folder of test data")
    return folder


@cache
def clip(name: str) -> tuple[Values, ...]:
    """Every third frame of a clip as scene-linear ACEScg, small."""
    reader = cv2.VideoCapture(str(footage() / CLIPS[name]))
    found, number = [], 0
    while len(found) < 110:
        good, frame = reader.read()
        if not good:
            break
        if number % 3 == 0:
            scale = 1.3 * SIDE / max(frame.shape[:2])
            small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            found.append(_converted("Camera Rec.709", "ACEScg", small[..., ::-1] / 255.0))
        number += 1
    return tuple(np.maximum(frame, 1e-4) for frame in found)


def _converted(source: str, target: str, picture: Values) -> Values:
    out = np.ascontiguousarray(picture, np.float32)
    _processor(source, target).apply(_image(out))
    return np.asarray(out, np.float64)


@cache
def _processor(source: str, target: str):
    import PyOpenColorIO as ocio

    from microfinish.media.ocio_chain import SDR_DISPLAY, SDR_VIEW, fresh_config
    config = fresh_config()
    made = (ocio.DisplayViewTransform("ACEScg", SDR_DISPLAY, SDR_VIEW) if target == "display"
            else ocio.ColorSpaceTransform(source, target))
    return config.getProcessor(made).getDefaultCPUProcessor()


def _image(out: NDArray[np.float32]):
    import PyOpenColorIO as ocio

    return ocio.PackedImageDesc(out.reshape(-1, 3), out.size // 3, 1, 3)


def fault(camera: str, stops: float, kelvin: float, duv: float, light: Values) -> Values:
    """What a camera set wrong makes of `light`: gains on its own linear RGB, by colour-science."""
    import colour

    uv = [colour.temperature.CCT_to_xy_CIE_D(value) for value in (6500.0, 6500.0 + kelvin)]
    before, after = (colour.xy_to_UCS_uv(xy) for xy in uv)
    near = colour.xy_to_UCS_uv(colour.temperature.CCT_to_xy_CIE_D(6500.0 + kelvin + 50))
    along = (near - after) / np.hypot(*(near - after))
    after = after + duv * np.array([along[1], -along[0]])
    whites = [colour.xy_to_XYZ(colour.UCS_uv_to_xy(each)) for each in (before, after)]
    linear = CAMERAS[camera]
    seen = [_converted("CIE XYZ-D65 - Scene-referred", linear, white[None])[0] for white in whites]
    gains = seen[1] / seen[0]
    gains = gains / gains[1] * 2.0**stops
    return _converted(linear, "ACEScg", _converted("ACEScg", linear, light) * gains)


def recorded(camera: str, light: Values, rng: np.random.Generator) -> NDArray[np.float32]:
    """Ten-bit 4:2:2 code values with a sensor's noise and clip."""
    noisy = light * rng.normal(1, 0.02, light.shape) + rng.normal(0, 0.001, light.shape)
    codes = _converted("ACEScg", camera, np.clip(noisy, 1e-5, 12.0))
    luma = codes @ np.array([0.2126, 0.7152, 0.0722])
    planes = [luma, (codes[..., 2] - luma) / 1.8556, (codes[..., 0] - luma) / 1.5748]
    rounded = [np.round(plane * 876) / 876 for plane in planes]
    for index in (1, 2):
        half = cv2.resize(rounded[index], None, fx=0.5, fy=1, interpolation=cv2.INTER_AREA)
        rounded[index] = cv2.resize(half, luma.shape[::-1], interpolation=cv2.INTER_LINEAR)
    y, cb, cr = rounded
    red, blue = y + 1.5748 * cr, y + 1.8556 * cb
    green = (y - 0.2126 * red - 0.0722 * blue) / 0.7152
    return np.clip(np.stack([red, green, blue], -1), 0, 1).astype(np.float32)


def angle(frames: list[Values], rng: np.random.Generator, mirrored: bool) -> list[Values]:
    """The same scene from elsewhere: cut out, turned, tilted, resized, perhaps mirrored."""
    height, width = frames[0].shape[:2]
    size = rng.uniform(0.72, 1.0)
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) - 0.5
    turn = np.deg2rad(rng.uniform(-6, 6))
    rotated = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    room = (1 - size) / 2
    middle = np.array([0.5, 0.5]) + rng.uniform(-1, 1, 2) * [room, room * 0.6]
    shaken = rotated * size + middle + rng.normal(0, 0.02, (4, 2))
    if mirrored:
        shaken = shaken[[1, 0, 3, 2]]
    out = SIDE * rng.uniform(0.75, 1.0) / max(height, width)
    goal = (int(width * out), int(height * out))
    matrix = cv2.getPerspectiveTransform((shaken * [width, height]).astype(np.float32),
                                         ((corners + 0.5) * goal).astype(np.float32))
    return [np.asarray(cv2.warpPerspective(frame, matrix, goal, flags=cv2.INTER_AREA,
                                           borderMode=cv2.BORDER_REPLICATE)) for frame in frames]


@cache
def _stretch(name: str, start: int, camera: str):
    """Camera A: a stretch of a clip as it was lit."""
    frames = [cv2.resize(clip(name)[start + k], None, fx=0.77, fy=0.77,
                         interpolation=cv2.INTER_AREA) for k in range(0, 2 * FRAMES, 2)]
    return shot([recorded(camera, frame, np.random.default_rng(start)) for frame in frames], camera)


def shot(codes: list[NDArray[np.float32]], camera: str):
    from microfinish.media.color_shot import measure_shot, sampled_of, views_of

    frames = sampled_of(codes, InputTransform("scene", camera))
    return measure_shot(frames), views_of(frames)


def decided(one, other, finished: bool = False) -> tuple[ShotCorrection, ShotCorrection]:
    """What `correct` decides for two set-ups of one scene."""
    from microfinish.core.color_links import Link
    from microfinish.media.color_shot import (
        background_evidence,
        best_registration,
        face_evidence,
    )

    links = []
    found = best_registration(one[1], other[1])
    if found:
        links.append(Link("A", "B", "background", *background_evidence(found)))
    for pair, confidence, why in face_evidence(one[0]["people"], other[0]["people"]):
        links.append(Link("A", "B", "face", (pair,), confidence, why))
    measured = [Measured(name, "1", name, *(
        tuple(fact["color"][key]) if key in ("neutral", "white") else fact["color"][key]
        for key in ("stops", "clipped", "neutral", "white", "share", "depth", "tiles", "unrest")),
        finished=finished, room=tuple(fact["room"])) for name, fact in (("A", one[0]),
                                                                        ("B", other[0]))]
    a, b = propose(measured, "apply", 0.6, [link for link in links if link.confidence > 0])
    return a, b


def applied(correction: ShotCorrection, light: Values) -> Values:
    balance = correction.balance if correction.state == "applied" else Balance()
    return light @ np.array(white_balance_matrix(balance)).T * 2.0**balance.exposure


def apart(one: Values, other: Values) -> float:
    """Mean CIEDE2000 of patches as the display shows them."""
    import colour

    labs = []
    for patches in (one, other):
        shown = np.clip(_converted("", "display", patches[None])[0], 0, 1) ** 2.4
        xyz = shown @ np.asarray(colour.RGB_COLOURSPACES["ITU-R BT.709"].matrix_RGB_to_XYZ).T
        labs.append(colour.XYZ_to_Lab(xyz, np.array([0.3127, 0.3290])))
    return float(np.mean(colour.delta_E(labs[0], labs[1], method="CIE 2000")))


def faulty_pair(seed: int) -> Trial:
    """Two angles of one scene of which the second is set wrong."""
    rng = np.random.default_rng(seed)
    name = list(CLIPS)[seed % len(CLIPS)]
    cameras = list(CAMERAS)
    first, second = cameras[int(rng.integers(6))], cameras[int(rng.integers(6))]
    last = len(clip(name)) - 2 * FRAMES
    start = last * int(rng.integers(0, 3)) // 3
    other = int(rng.integers(0, last))
    while abs(other - start) < min(8, last // 4):
        other = int(rng.integers(0, last))
    mirrored = bool(rng.random() < 0.5)
    wrong = (rng.uniform(-STOPS, STOPS), rng.uniform(-KELVIN, KELVIN), rng.uniform(-DUV, DUV))
    frames = angle([clip(name)[other + k] for k in range(0, 2 * FRAMES, 2)], rng, mirrored)
    b = shot([recorded(second, fault(second, *wrong, frame), rng) for frame in frames], second)
    return _scored(_stretch(name, start, first), b, name, "fault", mirrored,
                   lambda light: fault(second, *wrong, light))


def _scored(one, other, name: str, kind: str, mirrored: bool, change) -> Trial:
    a, b = decided(one, other)
    patches = np.array(CHART_PATCHES)
    moved = Balance() != (a.balance if a.state == "applied" else Balance()) or (
        b.state == "applied" and b.balance != Balance())
    return Trial(name, kind, mirrored, apart(patches, change(patches)),
                 apart(applied(a, patches), applied(b, change(patches))), b.evidence, moved)


def _tinted(light: Values, left: Values, right: Values) -> Values:
    """Light that turns from one color to another across the picture."""
    across = np.linspace(0, 1, light.shape[1])[None, :, None]
    return light * (left * (1 - across) + right * across)


GELS = {"red": (2.2, 0.45, 0.5), "blue": (0.45, 0.7, 2.0), "green": (0.6, 1.5, 0.6),
        "magenta": (1.7, 0.45, 1.6), "amber": (1.8, 0.95, 0.3), "cyan": (0.4, 1.1, 1.3)}


def meant_pair(seed: int) -> Trial:
    """Two shots whose difference is meant; A is as lit."""
    rng = np.random.default_rng(100_000 + seed)
    kind = ("night", "gel", "neon", "sunset", "place")[seed % 5]
    name = list(CLIPS)[seed // 5 % len(CLIPS)]
    cameras = list(CAMERAS)
    first, second = cameras[int(rng.integers(6))], cameras[int(rng.integers(6))]
    seen = name
    if kind == "place":
        same_room = {"book": "sister", "sister": "book"}
        seen = str(rng.choice([each for each in CLIPS if each not in (name, same_room.get(name))]))
    last = len(clip(seen)) - 2 * FRAMES
    frames = [clip(seen)[int(rng.integers(0, last)) + k] for k in range(0, 2 * FRAMES, 2)]
    frames = angle(frames, rng, bool(rng.random() < 0.5))
    gels = list(GELS.values())
    left, right = (np.array(gels[i]) for i in rng.choice(len(gels), 2, replace=False))
    if kind == "night":
        dim, cool = rng.uniform(2.0, 4.0), rng.uniform(1500, 8000)
        frames = [fault(second, -dim, cool, 0, frame) for frame in frames]
    elif kind == "gel":
        gain = left ** rng.uniform(0.7, 1.2) * 2.0 ** rng.uniform(-1, 0)
        frames = [frame * gain for frame in frames]
    elif kind == "neon":
        frames = [_tinted(frame, left, right) for frame in frames]
    elif kind == "sunset":
        low, warm = rng.uniform(0, 1.5), rng.uniform(2000, 2450)
        frames = [fault(second, -low, -warm, 0, frame) for frame in frames]
    else:
        wrong = rng.uniform(-STOPS, STOPS), rng.uniform(-KELVIN, KELVIN), rng.uniform(-DUV, DUV)
        frames = [fault(second, *wrong, frame) for frame in frames]
    b = shot([recorded(second, frame, rng) for frame in frames], second)
    start = (len(clip(name)) - 2 * FRAMES) * int(rng.integers(0, 3)) // 3
    return _scored(_stretch(name, start, first), b, f"{name}/{seen}", kind, False, lambda x: x)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--trials", type=int, default=300)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--verbose", action="store_true")
    ask.add_argument("--only", choices=("fault", "meant"))
    asked = ask.parse_args()
    if asked.only != "meant":
        _faults(asked)
    if asked.only != "fault":
        _meant(asked)


def _faults(asked: argparse.Namespace) -> None:
    trials = [faulty_pair(asked.seed * 10_000 + k) for k in range(asked.trials)]
    report("all", trials, asked.verbose)
    for name in CLIPS:
        report(name, [trial for trial in trials if trial.clip == name])
    for word in ("the same set", "the same face", "pale"):
        report(f"by {word}", [t for t in trials if t.moved and word in t.evidence])
    report("mirrored", [trial for trial in trials if trial.mirrored])


def _meant(asked: argparse.Namespace) -> None:
    meant = [meant_pair(asked.seed * 10_000 + k) for k in range(asked.trials)]
    for kind in ("night", "gel", "neon", "sunset", "place"):
        some = [trial for trial in meant if trial.kind == kind]
        print(f"left alone, {kind}: {sum(not t.moved for t in some)} of {len(some)}")
        if asked.verbose:
            for trial in some:
                if trial.moved:
                    print(f"   {trial.clip}: {trial.evidence}")
    still = sum(not trial.moved for trial in meant)
    print(f"left alone, all: {still} of {len(meant)} ({still / len(meant):.1%}; goal 95 %)")


def report(title: str, trials: list[Trial], verbose: bool = False) -> None:
    if not trials:
        return
    before, after = (np.array([getattr(t, key) for t in trials]) for key in ("before", "after"))
    worse = sum(trial.after > trial.before for trial in trials)
    print(f"{title}: {len(trials)} trials, {sum(t.moved for t in trials)} corrected, "
          f"dE00 {before.mean():.2f} (p95 {np.quantile(before, 0.95):.2f}) -> "
          f"{after.mean():.2f} (p95 {np.quantile(after, 0.95):.2f}), worse than nothing {worse}")
    if verbose:
        for text, count in Counter(t.evidence for t in trials if not t.moved).most_common(12):
            print(f"   {count}x not corrected: {text}")
        for trial in sorted(trials, key=lambda t: t.before - t.after)[:6]:
            print(f"   {trial.clip} {trial.before:.1f} -> {trial.after:.1f}: {trial.evidence}")


if __name__ == "__main__":
    main()
