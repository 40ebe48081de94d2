"""Face tracks: the one face a shot is about, from faces found in a few of its frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

MIN_SHARE = 0.4
"""A face seen in fewer of the samples is chance: cascades see faces in foliage now and then."""


@dataclass(frozen=True, slots=True)
class Face:
    """A face's box in shares of the upright picture; `score` 0..1."""

    x: float
    y: float
    width: float
    height: float
    score: float = 1.0

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def eyes(self) -> tuple[float, float]:
        """Haar boxes hold the eyes at about two fifths of their height."""
        return self.x + self.width / 2, self.y + 0.4 * self.height


@dataclass(frozen=True, slots=True)
class FaceTrack:
    """One face through a shot: (sample number, face), and how many samples there were."""

    seen: tuple[tuple[int, Face], ...]
    samples: int

    @property
    def weight(self) -> float:
        """Size times certainty, summed: large and persistent wins."""
        return sum(face.height * (0.25 + face.score) for _, face in self.seen)


@dataclass(slots=True)
class _Growing:
    seen: list[tuple[int, Face]] = field(default_factory=list)

    def distance(self, sample: int, face: Face) -> float:
        """How far a face is from this track's last one, in allowed steps: above 1 is another."""
        last_sample, last = self.seen[-1]
        size = max(last.height, face.height)
        if not 0.55 <= face.height / last.height <= 1.8:
            return 9.0
        (ax, ay), (bx, by) = last.middle, face.middle
        allowed = size * (0.7 + 0.3 * (sample - last_sample))
        return float(((ax - bx) ** 2 + (ay - by) ** 2) ** 0.5 / allowed)


def main_face(samples: Sequence[Sequence[Face]]) -> FaceTrack | None:
    """The largest persistent face, or None where no face is seen in 40 % of the samples.

    A single sample may speak for itself only where it is the only one.
    """
    growing: list[_Growing] = []
    for number, faces in enumerate(samples):
        free = list(growing)
        for face in faces:
            near = min(free, key=lambda track: track.distance(number, face), default=None)
            if near is None or near.distance(number, face) > 1:
                growing.append(_Growing([(number, face)]))
            else:
                near.seen.append((number, face))
                free.remove(near)
    needed = max(min(2, len(samples)), MIN_SHARE * len(samples))
    tracks = [FaceTrack(tuple(track.seen), len(samples))
              for track in growing if len(track.seen) >= needed]
    return max(tracks, key=lambda track: track.weight, default=None)
