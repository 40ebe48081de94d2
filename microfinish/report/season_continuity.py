"""The same face and the same set through a season, measured on the graded picture.

Nothing is rendered: a few frames of every shot go through the shot's exact color chain. What was
measured is kept as facts by the content of the media and of the chain, so a second look costs
what changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from microfinish.core.cdl import Triple
from microfinish.core.color_decode import Decode
from microfinish.core.color_difference import lab_of_rec709
from microfinish.core.continuity import Seen
from microfinish.core.sampling import source_frame
from microfinish.core.timeline import Event
from microfinish.documents.digest import digest
from microfinish.media.color_people import PersonFact, face_likeness, people_in
from microfinish.media.color_register import register, view_of
from microfinish.media.lut import exact
from microfinish.media.sampled_frames import Rgb, sample_frames
from microfinish.media.stills import Pixels, screen
from microfinish.project.facts import Facts
from microfinish.report.shot_stills import Sources

PORTRAIT_VERSION = 1
SET_VERSION = 1
SAMPLES, SIDE = 3, 480
SAME = 0.25
"""Likeness from which two shots of a season show the same person: costumes change between
episodes, so the face decides more than inside a scene."""
MOST_SET_PAIRS = 150


@dataclass(frozen=True, slots=True)
class SeasonShot:
    """A shot of the season and where its pictures come from."""

    episode: str
    event: Event
    sources: Sources

    @property
    def frames(self) -> tuple[int, ...]:
        picture = self.sources.media[self.event.media].picture
        assert picture is not None
        length = self.event.record.length
        found = (source_frame(self.event, picture.rate, self.sources.timeline.rate,
                              self.event.record.start + (2 * k + 1) * length // (2 * SAMPLES),
                              self.sources.conform) for k in range(SAMPLES))
        return tuple(dict.fromkeys(min(max(0, frame), picture.frames - 1) for frame in found))

    @property
    def key(self) -> str:
        grade = self.sources.grades[self.event.shot]
        return digest((self.sources.media[self.event.media].digest, self.frames, grade.chain,
                       grade.matrix, grade.code_range))

    def graded(self, frames: Sequence[int]) -> list[Rgb]:
        """These frames as the screen shows them, whole and small, code values 0..1."""
        grade = self.sources.grades[self.event.shot]
        media = self.sources.media[self.event.media]
        assert media.picture is not None
        codes = sample_frames(self.sources.root / media.path, media.picture, frames, SIDE,
                              Decode(grade.matrix, grade.code_range))
        return list(exact(grade.chain, np.stack(codes), self.sources.resolve_lut))


def season_shots(episode: str, sources: Sources) -> list[SeasonShot]:
    """The shots of an episode with a picture of their own."""
    return [SeasonShot(episode, event, sources) for event in sources.shots()
            if event.media in sources.media and sources.media[event.media].picture is not None]


def portraits(shot: SeasonShot, facts: Facts) -> list[PersonFact]:
    """The people of a shot as graded: `skin` is then of display-linear Rec.709."""
    def measure() -> Any:
        codes = [np.clip(code, 0, 1) for code in shot.graded(shot.frames)]
        return people_in(codes, [_light(code) for code in codes])

    found: list[PersonFact] = facts.get("portrait", PORTRAIT_VERSION, shot.key, measure)
    return found


def faces_of(shots: Sequence[SeasonShot], found: Sequence[Sequence[PersonFact]]) -> list[Seen]:
    """Every face of the season by whose it is: "face 1" is seen most."""
    people: list[list[tuple[SeasonShot, PersonFact]]] = []
    for shot, facts in zip(shots, found, strict=True):
        for fact in facts:
            scored = [(max(face_likeness(fact, other)[0] for _, other in known[:3]), index)
                      for index, known in enumerate(people)]
            best, index = max(scored, default=(0.0, 0))
            if best >= SAME:
                people[index].append((shot, fact))
            else:
                people.append([(shot, fact)])
    ordered = sorted((known for known in people if len(known) > 1), key=lambda known: -len(known))
    return [Seen(f"face {number}", shot.episode, shot.event.shot, _lab_of_skin(fact),
                 shot.frames[fact["frame"]], _box(fact["box"]))
            for number, known in enumerate(ordered, 1) for shot, fact in known]


def sets_of(shots: Sequence[SeasonShot], facts: Facts,
            told: Callable[[int, int], None] = lambda done, total: None) -> tuple[list[Seen], int]:
    """Every set that shots of different episodes show, by registration of their middles, and how
    many pairs of shots were not looked at.

    Each shot of such a set is compared on what it shares with the set's first shot. At most
    `MOST_SET_PAIRS` pairs are looked at, one shot per file and episode, near episodes first.
    """
    chosen: dict[tuple[str, str], SeasonShot] = {}
    for shot in shots:
        chosen.setdefault((shot.episode, shot.event.media), shot)
    order = list(dict.fromkeys(shot.episode for shot in shots))
    place = {episode: index for index, episode in enumerate(order)}
    members = list(chosen.values())
    every = sorted(((place[b.episode] - place[a.episode], i, j) for i, a in enumerate(members)
                    for j, b in enumerate(members)
                    if i < j and a.episode != b.episode))
    pairs = every[:MOST_SET_PAIRS]
    root = list(range(len(members)))
    views: dict[int, Any] = {}

    def view(index: int) -> Any:
        if index not in views:
            shot = members[index]
            code = np.clip(shot.graded(shot.frames[len(shot.frames) // 2:][:1])[0], 0, 1)
            views[index] = view_of(code, _light(code))
        return views[index]

    found: dict[int, list[Seen]] = {}
    for done, (_, i, j) in enumerate(pairs, 1):
        told(done, len(pairs))
        first = root[i]
        if root[j] != j or first == j:
            continue
        fact = facts.get("set", SET_VERSION, digest((members[first].key, members[j].key)),
                         lambda: register(view(first), view(j)))  # noqa: B023
        if fact is None:
            continue
        root[j] = first
        here, there = (np.median([pair[side] for pair in fact["pairs"]], axis=0)
                       for side in (0, 1))
        if first not in found:
            found[first] = [_set(members[first], here)]
        found[first].append(_set(members[j], there))
    seen_sets = [Seen(f"set {number}", seen.episode, seen.shot, seen.lab, seen.frame, seen.box)
                 for number, group in enumerate(
                     sorted(found.values(), key=lambda group: -len(group)), 1) for seen in group]
    return seen_sets, len(every) - len(pairs)


def picture_of(shot: SeasonShot, seen: Seen) -> Pixels:
    """The face with some room around it, or the whole picture of a set, 8-bit as graded."""
    picture = screen(shot.graded([seen.frame])[0])
    height, width = picture.shape[:2]
    x, y, w, h = seen.box
    if w >= 1:
        return picture
    left, right = max(0, int((x - 0.35 * w) * width)), int((x + 1.35 * w) * width)
    top, bottom = max(0, int((y - 0.35 * h) * height)), int((y + 1.35 * h) * height)
    return np.ascontiguousarray(picture[top:bottom, left:right])


def _set(shot: SeasonShot, light: NDArray[np.float64]) -> Seen:
    red, green, blue = (float(value) for value in light)
    return Seen("", shot.episode, shot.event.shot, lab_of_rec709((red, green, blue)),
                shot.frames[len(shot.frames) // 2], (0.0, 0.0, 1.0, 1.0))


def _light(code: Rgb) -> NDArray[np.float64]:
    """Display-linear light by BT.1886; a little above black, where logarithms end."""
    return np.asarray(np.maximum(code.astype(np.float64), 1e-3) ** 2.4, np.float64)


def _lab_of_skin(fact: PersonFact) -> Triple:
    stops, red, blue = fact["skin"]
    r, g, b = 2.0**red, 1.0, 2.0**blue
    scale = 0.18 * 2.0**stops / (0.2722287 * r + 0.6740818 * g + 0.0536895 * b)
    return lab_of_rec709((r * scale, g * scale, b * scale))


def _box(values: Sequence[float]) -> tuple[float, float, float, float]:
    x, y, width, height = values
    return x, y, width, height
