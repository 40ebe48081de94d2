"""Everything `correct` measures of one shot, from one small decode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import cv2
import numpy as np
from numpy.typing import NDArray

from microfinish.core.color import InputTransform
from microfinish.core.color_decode import Decode
from microfinish.core.color_solve import Pair
from microfinish.core.media import Picture
from microfinish.media.color_chart import ChartFact, chart_in
from microfinish.media.color_measure import SIDE, ColorFact, color_of
from microfinish.media.color_people import PersonFact, likeness, people_in
from microfinish.media.color_register import RegisteredFact, View, register, view_of
from microfinish.media.ocio_chain import OUTPUTS, to_acescg
from microfinish.media.sampled_frames import Rgb, sample_frames

SHOT_VERSION = 4
PAIR_VERSION = 1
FACE_SIDE = 480
"""A face of 6 % of the picture's height is still 29 pixels here, the least a cascade finds."""
CLIPPED, DULL_WHITE = 0.98, 0.93
"""A code above the first says nothing about the light; at the second, white begins to look grey."""


class ShotFact(TypedDict):
    """`color` is None where there is too little usable picture; see the parts' own nouns. `room`
    is how many stops down and up the exposure may go, see `core.color_match.Measured`."""

    color: ColorFact | None
    people: list[PersonFact]
    chart: ChartFact | None
    room: list[float]


@dataclass(frozen=True, slots=True)
class Sampled:
    """A shot's sampled frames: code values and the same as scene-linear ACEScg."""

    codes: tuple[Rgb, ...]
    lights: tuple[NDArray[np.float64], ...]
    room: tuple[float, float] = (-8.0, 8.0)


def small_codes(path: Path, picture: Picture, frames: Sequence[int], decode: Decode) -> list[Rgb]:
    """The given frames of a file, or those just before them, small. Raises ToolError."""
    return sample_frames(path, picture, frames, FACE_SIDE, decode, about=True)


def sampled_of(codes: Sequence[Rgb], given: InputTransform, output: str = OUTPUTS[0]) -> Sampled:
    lights = to_acescg(given, np.stack(codes), output)
    room = (-8.0, 8.0) if given.referred == "scene" else _room(codes, given, output)
    # A finished black is 0 exactly, where logarithms end.
    return Sampled(tuple(codes), tuple(np.maximum(lights, 1e-5).astype(np.float64)), room)


def _room(codes: Sequence[Rgb], given: InputTransform, output: str) -> tuple[float, float]:
    """Stops down and up that a finished picture may be moved, by the highlights it has."""
    top = np.concatenate([code.max(axis=-1).ravel() for code in codes])
    clipped = top > CLIPPED
    high = float(np.quantile(top[~clipped], 0.995)) if not clipped.all() else CLIPPED
    greys = np.repeat(np.array([high, DULL_WHITE, CLIPPED], np.float32)[:, None], 3, axis=1)
    light = np.log2(np.maximum(to_acescg(given, greys, output).mean(axis=1), 1e-5))
    down = float(light[1] - light[2]) if clipped.mean() > 0.02 else -8.0
    return down, float(light[2] - light[0])


def measure_shot(frames: Sampled, with_chart: bool = True) -> ShotFact:
    """Statistics, people and chart of a shot's frames."""
    charts = head_chart(Sampled(frames.codes[::2], frames.lights[::2])) if with_chart else []
    return ShotFact(
        color=color_of([_small(code) for code in frames.codes],
                       [_small(light) for light in frames.lights]),
        people=people_in(frames.codes, frames.lights),
        chart=charts[0] if charts else None, room=[round(stops, 3) for stops in frames.room])


def head_chart(frames: Sampled) -> list[ChartFact]:
    """The best chart of some frames, as a list of one; empty where there is none."""
    found = [chart for code, light in zip(frames.codes, frames.lights, strict=True)
             if (chart := chart_in(code, light))]
    return sorted(found, key=lambda chart: chart["miss"])[:1]


def views_of(frames: Sampled) -> tuple[View, ...]:
    """Two frames of the shot, prepared for registration: a camera that pans shows two walls."""
    last = len(frames.codes) - 1
    return tuple(view_of(frames.codes[index], frames.lights[index])
                 for index in dict.fromkeys((last // 4, last - last // 4)))


def best_registration(one: Sequence[View], other: Sequence[View]) -> RegisteredFact | None:
    """The best of all pairings of two shots' views."""
    found = [fact for a in one for b in other if (fact := register(a, b))]
    return max(found, key=lambda fact: fact["overlap"] * fact["agree"] * fact["alike"],
               default=None)


def background_evidence(fact: RegisteredFact) -> tuple[tuple[Pair, ...], float, str]:
    """(pairs, confidence 0..1, in words). Confidence 0 says why it is none."""
    told = (f"the same set in both, {fact['overlap']:.0%} of the picture laid over each other "
            f"by {fact['inliers']} points")
    signs = ((_ramp(fact["agree"], 0.45, 0.70), "but too much of it changed"),
             (_ramp(-fact["uneven"], -0.30, -0.12), "but the light on it changed unevenly"),
             (_ramp(-abs(fact["slope"]), -0.30, -0.12), "but dark and light parts changed apart"),
             (_ramp(fact["alike"], 0.55, 0.80), "but not surely"),
             (_ramp(fact["inliers"], 16, 40), "but by too few points"))
    for value, why in signs:
        if value == 0:
            return (), 0.0, f"{told}, {why}"
    confidence = float(np.prod([value for value, _ in signs]) ** (1 / 3))
    pairs = tuple(Pair(_triple(here), _triple(there)) for here, there in fact["pairs"])
    return pairs, confidence, told


def face_evidence(one: Sequence[PersonFact],
                  other: Sequence[PersonFact]) -> list[tuple[Pair, float, str]]:
    """(skin here and there, confidence, in words) for everyone who is in both shots."""
    found: list[tuple[Pair, float, str]] = []
    taken: set[int] = set()
    for person in one:
        scored = [(likeness(person, them), index) for index, them in enumerate(other)
                  if index not in taken]
        if not scored:
            break
        (alike, told), index = max(scored)
        if alike == 0:
            continue
        them = other[index]
        taken.add(index)
        steady = _ramp(-max(person["unrest"], them["unrest"]), -0.5, -0.2)
        even = _ramp(-_side_light(person, them), -0.45, -0.2)
        confidence = float((alike * steady * even) ** (1 / 2)) if alike > 0.3 else 0.0
        found.append((Pair(_skin(person), _skin(them)), confidence,
                      f"the skin of the same face ({told})"))
    return found


def _side_light(one: PersonFact, other: PersonFact) -> float:
    """How differently the two cheeks are colored in one shot and the other, in stops of
    chroma: colored light from one side. A face may be turned, so either way round counts."""
    a, b = np.array(one["sides"][1:]), np.array(other["sides"][1:])
    return float(min(np.abs(a - b).max(), np.abs(a + b).max()))


def _skin(person: PersonFact) -> tuple[float, float, float]:
    stops, red, blue = person["skin"]
    r, g, b = 2.0**red, 1.0, 2.0**blue
    scale = 0.18 * 2.0**stops / (0.2722287 * r + 0.6740818 * g + 0.0536895 * b)
    return r * scale, g * scale, b * scale


def _triple(color: Sequence[float]) -> tuple[float, float, float]:
    red, green, blue = color
    return red, green, blue


def _small(picture: NDArray[Any]) -> NDArray[Any]:
    scale = SIDE / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))
