"""correct: white balance and exposure per shot, with evidence and bounds, or an honest no."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from microfinish.core.color import Balance, CameraPreset, Corrections, ShotCorrection
from microfinish.core.color_chain import Camera, camera_of, input_transform
from microfinish.core.color_decode import Decode
from microfinish.core.color_links import Link, is_intended
from microfinish.core.color_match import Measured, propose, scenes_by_cutting
from microfinish.core.color_solve import balance_between
from microfinish.core.media import Media, MediaLog
from microfinish.core.settings import CorrectSettings
from microfinish.core.time import Span
from microfinish.core.timeline import Event, PictureLock
from microfinish.pipeline.events import Notice
from microfinish.pipeline.stage import Context, Inputs
from microfinish.project.episode import Episode
from microfinish.stages.cameras import CAMERA_PREFIX, camera_inputs
from microfinish.stages.correct_evidence import (
    MOST_PAIRS,
    Evidence,
    Job,
    background_links,
    chart_links,
    face_links,
    pairs_to_look_at,
    representatives,
)

DEFAULT_OUTPUT = "aces2-rec709"
SAMPLES = 5
CLOSE = 6
"""Cuts within which set-ups may be of one scene that nobody logged."""
SAME_SCENE = 0.6


class CorrectStage:
    """Proposes one technical correction per camera set-up; applies the confident ones."""

    name = "correct"
    version = 3
    after = ("log", "lock")
    body = Corrections

    def inputs(self, episode: Episode) -> Inputs:
        settings = episode.settings
        return Inputs.of(
            log=episode.document("log", MediaLog),
            lock=episode.document("lock", PictureLock),
            settings_correct=settings.correct,
            settings_cameras=tuple(settings.cameras.items()),
            settings_output=settings.output,
            **camera_inputs(episode),
        )

    def run(self, inputs: Inputs, ctx: Context) -> Corrections:
        settings: CorrectSettings = inputs["settings_correct"]
        log: MediaLog = inputs["log"]
        lock: PictureLock = inputs["lock"]
        if settings.mode == "off":
            return Corrections("off", ())
        files = log.by_path()
        shots: dict[str, tuple[Event, Media]] = {}
        for event in lock.current.timeline.shots():
            media = files.get(event.media)
            if media is not None and media.picture is not None:
                known = shots.get(event.shot)
                if known is None or event.source.length > known[0].source.length:
                    shots[event.shot] = (event, media)
        scenes = _scenes(lock.current.timeline.picture(), files)
        for _, media in shots.values():  # seen over other pictures alone: a scene of its own
            scenes.setdefault(set_up(media), f"over: {set_up(media)}")
        near = _neighbors(lock.current.timeline.picture(), files)
        jobs = _with_company([_job(event, media, inputs) for event, media in shots.values()],
                             scenes, near)
        evidence = Evidence(ctx, jobs)
        facts = ctx.map(evidence.shot, jobs, "measuring color")
        found = {job.shot: fact for job, fact in zip(jobs, facts, strict=True)
                 if fact and fact["color"]}
        links, scenes = _links([job for job in jobs if job.shot in found], found, scenes, near,
                               evidence, ctx)
        measured = [_measured(job, found[job.shot], scenes)
                    for job in jobs if job.shot in found]
        solved = {c.shot: c for c in propose(measured, settings.mode, settings.min_confidence,
                                             links)}
        return Corrections(settings.mode, tuple(
            solved.get(job.shot) or _abstained(job) for job in jobs))

    def missing(self, body: Corrections, episode: Episode) -> tuple[str, ...]:
        return ()


def set_up(media: Media) -> str:
    """The camera set-up of a file: scene and camera where both are told, else the file."""
    letter = _camera_letter(media)
    return f"{media.scene}/{letter}" if media.scene and letter else media.name


def _camera_letter(media: Media) -> str:
    """`A` of A001C003: reels begin with the camera's letter."""
    reel = media.reel or media.name
    return reel[0].upper() if reel[:1].isalpha() and reel[1:2].isdigit() else ""


def _scenes(events: tuple[Event, ...], files: dict[str, Media]) -> dict[str, str]:
    """Scene of every set-up: as logged, else by how the edit cuts between cameras."""
    order = [(set_up(files[event.media]), _camera_letter(files[event.media]))
             for event in events if event.media in files]
    scenes = scenes_by_cutting([(group, letter or group) for group, letter in order])
    for media in files.values():
        if media.scene:
            scenes[set_up(media)] = f"scene {media.scene}"
    return scenes


def _job(event: Event, media: Media, inputs: Inputs) -> Job:
    assert media.picture is not None
    camera: Camera = camera_of(media, inputs["settings_cameras"])
    preset: CameraPreset = inputs[CAMERA_PREFIX + camera.preset]
    given, code_range = input_transform(preset, camera.ref, camera.decode)
    frames = _spread(event.source, media.picture.frames)
    # A view of the show's own config is measured as ours: what is matched is a difference.
    output = inputs["settings_output"]
    return Job(event.shot, set_up(media), event.record.length, media, media.picture, frames, given,
               Decode(camera.decode.matrix, code_range),
               output if isinstance(output, str) else DEFAULT_OUTPUT)


def _with_company(jobs: list[Job], scenes: dict[str, str],
                  near: dict[str, set[str]]) -> list[Job]:
    """The jobs, those marked that have no other set-up in their scene or near them."""
    sizes = Counter(scenes[group] for group in {job.group for job in jobs})
    return [replace(job, alone=sizes[scenes[job.group]] < 2 and not near.get(job.group))
            for job in jobs]


def _spread(source: Span, available: int) -> tuple[int, ...]:
    """Frames at the middles of equal parts of the span, inside the file."""
    length = max(1, source.length)
    last = max(0, available - 1)
    found = (source.start + (2 * k + 1) * length // (2 * SAMPLES) for k in range(SAMPLES))
    return tuple(dict.fromkeys(min(max(0, frame), last) for frame in found))


def _links(jobs: list[Job], facts: dict[str, Any], scenes: dict[str, str],
           near: dict[str, set[str]], evidence: Evidence,
           ctx: Context) -> tuple[list[Link], dict[str, str]]:
    """What the set-ups share, and their scenes: a set that is seen in both is one scene, where
    nobody logged it."""
    chosen = representatives(jobs)
    pairs = pairs_to_look_at(chosen, scenes, near)
    if len(pairs) > MOST_PAIRS:
        ctx.emit(Notice(ctx.episode, "info", f"{len(pairs) - MOST_PAIRS} of {len(pairs)} pairs of "
                        "shots are not searched for the same set", "their longest shots are"))
        pairs = pairs[:MOST_PAIRS]
    shared = ctx.map(lambda pair: evidence.background(*pair), pairs, "comparing sets")
    links = background_links(pairs, shared)
    for link in links:
        if link.confidence >= SAME_SCENE and not is_intended(balance_between(link.pairs), "face"):
            old, new = scenes[link.second], scenes[link.first]
            if old != new and link.second in near.get(link.first, ()):
                scenes = {group: new if scene == old else scene for group, scene in scenes.items()}
    charts: dict[str, list[Any]] = {}
    files = {job.media.path: job for job in jobs}
    heads = ctx.map(evidence.chart, list(files.values()), "looking for charts")
    for job, head in zip(files.values(), heads, strict=True):
        charts.setdefault(job.group, []).extend(head or [])
    for job in jobs:
        if facts[job.shot]["chart"]:
            charts.setdefault(job.group, []).append(facts[job.shot]["chart"])
    links += chart_links({group: seen for group, seen in charts.items() if seen})
    links += face_links(chosen, facts, scenes)
    return links, scenes


def _neighbors(events: tuple[Event, ...], files: dict[str, Media]) -> dict[str, set[str]]:
    """Set-ups without a logged scene that the edit shows within a few cuts of each other."""
    order = [files[event.media] for event in events if event.media in files]
    near: dict[str, set[str]] = {}
    for index, one in enumerate(order):
        for other in order[index + 1:index + 1 + CLOSE]:
            if not (one.scene or other.scene) and set_up(one) != set_up(other):
                near.setdefault(set_up(one), set()).add(set_up(other))
                near.setdefault(set_up(other), set()).add(set_up(one))
    return near


def _measured(job: Job, facts: Any, scenes: dict[str, str]) -> Measured:
    fact, room = facts["color"], (facts["room"][0], facts["room"][1])
    return Measured(job.shot, scenes.get(job.group, job.group), job.group, fact["stops"],
                    fact["clipped"], tuple(fact["neutral"]), tuple(fact["white"]), fact["share"],
                    fact["depth"], fact["tiles"], fact["unrest"], job.length, job.finished, room)


def _abstained(job: Job) -> ShotCorrection:
    why = "too little usable picture" if job.measures else "a finished picture, left as it is"
    return ShotCorrection(job.shot, Balance(), why, 0.0, "abstained", job.group)
