"""The people of a shot as color knows them: skin, the face's texture, hair and costume.

Skin is measured on forehead and cheeks of found faces. Whether two shots show the same person is
told by local binary patterns of the face (Ahonen 2006), which do not see exposure or white, and by
the colors of hair and costume *relative to the skin*, which a change of light leaves as they are.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from microfinish.core.face_track import Face
from microfinish.media.faces import Detector, default_detector
from microfinish.media.sampled_frames import Rgb

Values = NDArray[np.float64]

SAME_TEXTURE = 0.62
"""Distance of two faces' patterns: the same face below 0.55 in 95 % of pairs, another above 0.67
in 99 % (six people, single frames; averaged over frames they part further)."""
SURE_FACE = 0.55
"""Least score of a face: profiles do not reach it, their skin is half in the shade; so they are
not looked for."""
_MEET = 6
_BLOCK, _STRIDE, _BINS = 12, 10, 59
_CHROMA = np.arange(-1.8, 1.801, 0.2)
_STOPS = np.arange(-6.0, 3.01, 0.75)
_AREAS = {"hair": (-0.1, 1.1, -0.25, 0.12), "costume": (-0.6, 1.6, 1.15, 2.2)}
"""Left, right, top and bottom beside the face, in face boxes."""


class PersonFact(TypedDict):
    """One person of a shot.

    `skin` is stops over mid grey, log2 red/green, log2 blue/green; `sides` the same as left minus
    right cheek; `unrest` how far the skin wanders between frames in stops; `seen` of how many
    frames; `height` of the face as a share of the picture; `box` (x, y, width, height) of the face
    in shares of the picture in frame number `frame` of those given. The rest is packed histograms.
    """

    skin: list[float]
    sides: list[float]
    unrest: float
    seen: int
    height: float
    box: list[float]
    frame: int
    texture: str
    hair: str
    costume: str


def people_in(codes: Sequence[Rgb], lights: Sequence[Values],
              detector: Detector | None = None) -> list[PersonFact]:
    """The people in some frames of one shot, the largest first.

    `codes` finds them, `lights` (the same frames as scene-linear ACEScg) measures them. A person
    counts who is seen in two frames at least, or in one where there are two frames or fewer.
    """
    chosen = detector or default_detector(profiles=False)
    people: list[_Person] = []
    for number, (code, light) in enumerate(zip(codes, lights, strict=True)):
        gray = cv2.cvtColor(np.clip(code, 0, 1).astype(np.float32), cv2.COLOR_RGB2GRAY)
        eight = np.round(_stretched(gray) * 255).astype(np.uint8)
        free = list(people)
        for face in chosen.detect(eight):
            look = _look(eight, code, light, face, number) if face.score >= SURE_FACE else None
            if look is None:
                continue
            near = min(free, key=lambda person: person.distance(look), default=None)
            if near is not None and near.distance(look) < SAME_TEXTURE:
                near.looks.append(look)
                free.remove(near)
            else:
                people.append(_Person([look]))
    least = 2 if len(codes) > 2 else 1
    facts = [person.fact() for person in people if len(person.looks) >= least]
    return sorted(facts, key=lambda fact: -fact["height"] * fact["seen"])


def likeness(one: PersonFact, other: PersonFact) -> tuple[float, str]:
    """(0..1 for being the same person in the same costume, what was compared)."""
    face, apart = face_likeness(one, other)
    told = [f"face {1 - apart / 2:.0%} alike"]
    scores = [face]
    for area in _AREAS:
        if one[area] and other[area]:  # type: ignore[literal-required]
            shared = _overlap(one[area], other[area])  # type: ignore[literal-required]
            scores.append(_ramp(shared, 0.40, 0.65))
            told.append(f"{area} {shared:.0%}")
    if len(scores) == 1:
        scores.append(0.5)
    return float(min(scores[0], 1.0) and (np.prod(scores) ** (1 / len(scores)))), ", ".join(told)


def face_likeness(one: PersonFact, other: PersonFact) -> tuple[float, float]:
    """(0..1 for being the same face whatever is worn, distance of the faces' patterns)."""
    apart = _texture_distance(_unpacked(one["texture"]), _unpacked(other["texture"]))
    return _ramp(SAME_TEXTURE - apart, 0.0, 0.15), apart


@dataclass(slots=True)
class _Look:
    """One face in one frame."""

    skin: Values
    sides: Values
    height: float
    texture: Values
    areas: dict[str, Values]
    face: Face
    frame: int


@dataclass(slots=True)
class _Person:
    looks: list[_Look] = field(default_factory=list)

    def distance(self, look: _Look) -> float:
        return _texture_distance(np.mean([each.texture for each in self.looks], axis=0),
                                 look.texture)

    def fact(self) -> PersonFact:
        skins = np.array([look.skin for look in self.looks])
        best = max(self.looks, key=lambda look: look.face.score)
        packed: dict[str, str] = {}
        for area in _AREAS:
            seen = [look.areas[area] for look in self.looks if area in look.areas]
            packed[area] = _packed(np.mean(seen, axis=0)) if seen else ""
        return PersonFact(
            skin=[round(float(v), 4) for v in np.median(skins, axis=0)],
            sides=[round(float(v), 4) for v in
                   np.median([look.sides for look in self.looks], axis=0)],
            unrest=round(float(skins[:, 0].std()), 4),
            seen=len(self.looks),
            height=round(float(np.median([look.height for look in self.looks])), 4),
            box=[best.face.x, best.face.y, best.face.width, best.face.height],
            frame=best.frame,
            texture=_packed(np.mean([look.texture for look in self.looks], axis=0)),
            hair=packed["hair"], costume=packed["costume"],
        )


def _look(gray: NDArray[np.uint8], code: Rgb, light: Values, face: Face,
          number: int) -> _Look | None:
    """A face's measures, or None where too little of its skin is usable."""
    rows, columns = gray.shape
    across, down = np.meshgrid((np.arange(columns) / columns - face.x) / face.width,
                               (np.arange(rows) / rows - face.y) / face.height)
    oval = ((across - 0.5) / 0.30) ** 2 + ((down - 0.55) / 0.36) ** 2 < 1
    # Eyes, brows and mouth are no skin; beards begin at the mouth.
    oval &= ~((down > 0.28) & (down < 0.45)) & (down < 0.72)
    tones = tones_of(light)
    usable = oval & (tones[..., 0] > -6) & (light.max(axis=-1) < 40) & (code.max(axis=-1) < 0.98)
    if usable.sum() < 60:
        return None
    skin = tones[usable]
    center = np.median(skin[:, 1:], axis=0)
    near = np.hypot(*(skin[:, 1:] - center).T) < 0.35  # glasses, hair and make-up lie outside
    if near.sum() < 40:
        return None
    # The upper third of the tones: least moved by beard, shadow and expression (0.04 stops of
    # scatter within a clip; the median has 0.05, the mean 0.07).
    found = np.array([np.quantile(skin[near, 0], 0.7), *np.median(skin[near, 1:], axis=0)])
    left = usable & (across < 0.45)
    right = usable & (across > 0.55)
    sides = (np.median(tones[left], axis=0) - np.median(tones[right], axis=0)
             if left.any() and right.any() else np.zeros(3))
    areas = {}
    for name, (x0, x1, y0, y1) in _AREAS.items():
        inside = (across > x0) & (across < x1) & (down > y0) & (down < y1)
        if inside.sum() >= 0.2 * (x1 - x0) * (y1 - y0) * face.width * columns * face.height * rows:
            areas[name] = _relative(tones[inside] - found)
    return _Look(found, sides, face.height, _texture(gray, face), areas, face, number)


def tones_of(light: Values) -> Values:
    """(stops over mid grey, log2 red/green, log2 blue/green) of ACEScg light."""
    safe = np.maximum(light, 1e-5)
    stops = np.log2(safe @ np.array([0.2722287, 0.6740818, 0.0536895]) / 0.18)
    return np.stack([stops, np.log2(safe[..., 0] / safe[..., 1]),
                     np.log2(safe[..., 2] / safe[..., 1])], axis=-1)


def _relative(tones: Values) -> Values:
    """Histogram of colors relative to the skin: chroma by chroma by stops, smoothed."""
    inside = np.clip(tones[:, [1, 2, 0]], [-1.79, -1.79, -5.99], [1.79, 1.79, 2.99])
    counts, _ = np.histogramdd(inside, bins=(_CHROMA, _CHROMA, _STOPS))
    smooth = gaussian_filter(counts, (0.7, 0.7, 0.7))
    return np.asarray(smooth / max(float(smooth.sum()), 1e-9), np.float64)


def _texture(gray: NDArray[np.uint8], face: Face) -> Values:
    """Uniform local binary patterns of the face, 6 x 6 blocks of 59: shape (36, 59)."""
    rows, columns = gray.shape
    left, top = face.x * columns, face.y * rows
    width, height = face.width * columns, face.height * rows
    box = gray[max(0, int(top + 0.12 * height)):int(top + height),
               max(0, int(left + 0.1 * width)):int(left + 0.9 * width)]
    small = cv2.equalizeHist(cv2.resize(box, (66, 66), interpolation=cv2.INTER_AREA))
    soft = cv2.GaussianBlur(small, (3, 3), 0).astype(np.int16)
    middle = soft[1:-1, 1:-1]
    code = np.zeros(middle.shape, np.int64)
    for bit, (down, right) in enumerate(_AROUND):
        code |= (soft[1 + down:65 + down, 1 + right:65 + right] >= middle).astype(np.int64) << bit
    kinds = _UNIFORM[code]
    blocks = [np.bincount(kinds[_STRIDE * i + 2:_STRIDE * i + 2 + _BLOCK,
                                _STRIDE * j + 2:_STRIDE * j + 2 + _BLOCK].ravel(),
                          minlength=_BINS) for i in range(_MEET) for j in range(_MEET)]
    counts = np.array(blocks, np.float64)
    return np.asarray(counts / counts.sum(axis=1, keepdims=True), np.float64)


def _texture_distance(one: Values, other: Values) -> float:
    """Mean chi-square of the blocks, 0..2; a face and its mirror image count as one."""
    one, other = one.reshape(_MEET * _MEET, _BINS), other.reshape(_MEET * _MEET, _BINS)
    mirrored = other.reshape(_MEET, _MEET, _BINS)[:, ::-1][..., _FLIP].reshape(-1, _BINS)
    return min(float((((one - each) ** 2) / (one + each + 1e-9)).sum() / len(one))
               for each in (other, mirrored))


_AROUND = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
_MIRROR_BIT = (2, 1, 0, 7, 6, 5, 4, 3)


def _uniform_table() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(kind of each code, kind of the mirrored code of each kind)."""
    kinds = np.full(256, _BINS - 1, np.int64)
    uniform = [code for code in range(256)
               if sum((code >> k & 1) != (code >> (k + 1) % 8 & 1) for k in range(8)) <= 2]
    for kind, code in enumerate(uniform):
        kinds[code] = kind
    flip = np.arange(_BINS)
    for kind, code in enumerate(uniform):
        flip[kind] = kinds[sum((code >> k & 1) << _MIRROR_BIT[k] for k in range(8))]
    return kinds, flip


_UNIFORM, _FLIP = _uniform_table()


def _stretched(gray: NDArray[np.float32]) -> NDArray[np.float32]:
    """A log picture uses a third of its codes: stretched, the patterns survive eight bits."""
    low, high = np.quantile(gray, [0.005, 0.995])
    return np.asarray(np.clip((gray - low) / max(float(high - low), 1e-3), 0, 1), np.float32)


def _packed(values: Values) -> str:
    flat = np.sqrt(values.ravel())
    eight = np.round(np.clip(flat, 0, 1) * 255).astype(np.uint8)
    return base64.b64encode(eight.tobytes()).decode("ascii")


def _unpacked(text: str) -> Values:
    raw = np.frombuffer(base64.b64decode(text), np.uint8).astype(np.float64) / 255
    return np.asarray(raw**2, np.float64)


def _overlap(one: str, other: str) -> float:
    a, b = _unpacked(one), _unpacked(other)
    shared: Any = np.minimum(a / max(a.sum(), 1e-9), b / max(b.sum(), 1e-9)).sum()
    return float(shared)


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))
