"""What the set-ups of a scene share, looked for in order: a chart, the same set, the same face."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from microfinish.core.color import InputTransform
from microfinish.core.color_chart import chart_pairs
from microfinish.core.color_decode import Decode
from microfinish.core.color_links import Link
from microfinish.core.color_match import CHART
from microfinish.core.media import Media, Picture
from microfinish.documents.digest import digest
from microfinish.pipeline.stage import Context

LOOKED_AT = 3
"""Shots of a set-up that stand for it: its longest."""
MOST_PAIRS = 240
"""Pairs of shots that are laid over each other in one episode; said where there would be more."""
CHART_SECONDS = (0.5, 1.5)
"""Where in a file, beside the shot itself, a chart is held up: with the slate."""


@dataclass(frozen=True, slots=True)
class Job:
    """One shot to look at. `group` is its camera set-up."""

    shot: str
    group: str
    length: int
    media: Media
    picture: Picture
    frames: tuple[int, ...]
    given: InputTransform
    decode: Decode
    output: str = "aces2-rec709"
    alone: bool = False
    """Nothing in the episode that it could be matched to."""

    @property
    def finished(self) -> bool:
        """A phone's, generated or graded picture: its maker balanced it, so it is matched only
        to what it shares with another, within narrow bounds."""
        return self.given.referred != "scene"

    @property
    def measures(self) -> bool:
        return not (self.finished and self.alone)

    @property
    def key(self) -> str:
        known = (self.media.digest, self.frames, self.given, self.decode.matrix,
                 self.decode.code_range)
        return digest((*known, self.output) if self.finished else known)


    @property
    def head(self) -> tuple[int, ...]:
        """The frames of the file in which a chart may be held up."""
        found = (int(seconds * self.picture.rate) for seconds in CHART_SECONDS)
        return () if self.finished else tuple(n for n in found if n < self.picture.frames)


class Evidence:
    """Measures shots and pairs of shots, each once per content, through the facts.

    A file is decoded once, for all of its `jobs`, as soon as one of them is not known.
    """

    def __init__(self, ctx: Context, jobs: Sequence[Job]) -> None:
        self._ctx = ctx
        self._views: dict[str, Any] = {}
        self._codes: dict[str, dict[int, Any]] = {}
        self._wanted: dict[str, set[int]] = {}
        for job in jobs:
            if job.measures:
                self._wanted.setdefault(job.media.path, set()).update(job.frames, job.head)
        self._lock = threading.Lock()
        self._locks = {path: threading.Lock() for path in self._wanted}

    def shot(self, job: Job) -> Any:
        """The `ShotFact` of a shot; None for a finished picture without company."""
        if not job.measures:
            return None
        from microfinish.media.color_shot import SHOT_VERSION, measure_shot

        return self._ctx.facts.get("color", SHOT_VERSION, job.key,
                                   lambda: measure_shot(self._sampled(job), not job.finished))

    def chart(self, job: Job) -> Any:
        """The chart at the head of the shot's file, as a one-element list, or None."""
        from microfinish.media.color_chart import CHART_VERSION
        from microfinish.media.color_shot import head_chart, sampled_of

        if not job.head:
            return None
        key = digest((job.media.digest, job.head, job.given, job.decode.matrix,
                      job.decode.code_range))
        return self._ctx.facts.get(
            "chart", CHART_VERSION, key,
            lambda: head_chart(sampled_of(self._small(job, job.head), job.given)))

    def background(self, one: Job, other: Job) -> Any:
        """The `RegisteredFact` of two shots, or None."""
        from microfinish.media.color_shot import PAIR_VERSION, best_registration

        return self._ctx.facts.get(
            "color-pair", PAIR_VERSION, digest((one.key, other.key)),
            lambda: best_registration(self._view(one), self._view(other)))

    def _sampled(self, job: Job) -> Any:
        """The shot's frames; while they are here, what registering them needs is kept."""
        from microfinish.media.color_shot import sampled_of, views_of

        frames = sampled_of(self._small(job, job.frames), job.given, job.output)
        views = views_of(frames)
        with self._lock:
            self._views[job.key] = views
        return frames

    def _small(self, job: Job, frames: Sequence[int]) -> list[Any]:
        """Frames of the job's file; the first that asks has all that are wanted decoded."""
        from microfinish.media.color_shot import small_codes

        path = job.media.path
        with self._locks[path]:
            if path not in self._codes:
                wanted = sorted(self._wanted[path])
                self._codes[path] = dict(zip(wanted, small_codes(
                    self._ctx.path(path), job.picture, wanted, job.decode), strict=True))
            return [self._codes[path][frame] for frame in frames]

    def _view(self, job: Job) -> Any:
        if job.key not in self._views:
            self._sampled(job)
        return self._views[job.key]


def representatives(jobs: Iterable[Job]) -> dict[str, list[Job]]:
    """The longest shots of every set-up, at most `LOOKED_AT`, in a fixed order."""
    groups: dict[str, list[Job]] = {}
    for job in jobs:
        groups.setdefault(job.group, []).append(job)
    return {group: sorted(members, key=lambda job: (-job.length, job.shot))[:LOOKED_AT]
            for group, members in groups.items()}


def pairs_to_look_at(chosen: Mapping[str, Sequence[Job]], scenes: Mapping[str, str],
                     near: Mapping[str, set[str]]) -> list[tuple[Job, Job]]:
    """Pairs of shots of different set-ups of one scene, or of set-ups that the edit shows close
    to each other while nobody logged their scenes; set-ups' longest shots first."""
    found = []
    for one, other in combinations(chosen, 2):
        if scenes[one] == scenes[other] or other in near.get(one, set()):
            found += [(abs(i + j), a, b) for i, a in enumerate(chosen[one])
                      for j, b in enumerate(chosen[other])]
    return [(a, b) for _, a, b in sorted(found, key=lambda entry: entry[0])]


def background_links(pairs: Sequence[tuple[Job, Job]], facts: Sequence[Any]) -> list[Link]:
    """The best registration of every two set-ups as a link; it may have no confidence."""
    from microfinish.media.color_shot import background_evidence

    best: dict[tuple[str, str], Link] = {}
    for (one, other), fact in zip(pairs, facts, strict=True):
        if fact is None:
            continue
        colors, confidence, why = background_evidence(fact)
        link = Link(one.group, other.group, "background", colors, confidence, why)
        known = best.get((one.group, other.group))
        if known is None or confidence > known.confidence:
            best[one.group, other.group] = link
    return [link for link in best.values() if link.confidence > 0]


def face_links(chosen: Mapping[str, Sequence[Job]], facts: Mapping[str, Any],
               scenes: Mapping[str, str]) -> list[Link]:
    """The same face in two set-ups of a scene: the surest pairs of shots together."""
    from microfinish.media.color_shot import face_evidence

    links = []
    for one, other in combinations(chosen, 2):
        if scenes[one] != scenes[other]:
            continue
        seen = [entry for a in chosen[one] for b in chosen[other]
                if a.shot in facts and b.shot in facts
                for entry in face_evidence(facts[a.shot]["people"], facts[b.shot]["people"])]
        if not seen:
            continue
        best = max(confidence for _, confidence, _ in seen)
        good = [entry for entry in seen if entry[1] >= 0.85 * best and entry[1] > 0]
        if good:
            links.append(Link(one, other, "face", tuple(pair for pair, _, _ in good), best,
                              max(good, key=lambda entry: entry[1])[2]))
    return links


def chart_links(found: Mapping[str, Sequence[Any]]) -> list[Link]:
    """Every set-up with a chart, linked to what the chart's maker publishes."""
    links = []
    for group, charts in found.items():
        best = min(charts, key=lambda chart: chart["miss"])
        confidence = min(1.0, max(0.0, (0.30 - best["miss"]) / 0.15))
        seen = sum(patch is not None for patch in best["patches"])
        links.append(Link(group, CHART, "chart", chart_pairs(best["patches"]), confidence,
                          f"a color chart, {seen} of 24 patches, {best['miss']:.2f} stops off "
                          "after balancing"))
    return links
