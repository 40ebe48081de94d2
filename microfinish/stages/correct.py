"""correct: white balance and exposure per shot, with evidence and bounds, or an honest no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from microfinish.core.color import (
    Balance,
    CameraPreset,
    Corrections,
    InputTransform,
    ShotCorrection,
)
from microfinish.core.color_chain import Camera, camera_of, input_transform
from microfinish.core.color_decode import Decode
from microfinish.core.color_match import Measured, propose, scenes_by_cutting
from microfinish.core.media import Media, MediaLog, Picture
from microfinish.core.settings import CorrectSettings
from microfinish.core.time import Span
from microfinish.core.timeline import Event, PictureLock
from microfinish.documents.digest import digest
from microfinish.pipeline.stage import Context, Inputs
from microfinish.project.episode import Episode
from microfinish.stages.cameras import CAMERA_PREFIX, camera_inputs

SAMPLES = 5


class CorrectStage:
    """Proposes one technical correction per camera set-up; applies the confident ones."""

    name = "correct"
    version = 1
    after = ("log", "lock")
    body = Corrections

    def inputs(self, episode: Episode) -> Inputs:
        settings = episode.settings
        return Inputs.of(
            log=episode.document("log", MediaLog),
            lock=episode.document("lock", PictureLock),
            settings_correct=settings.correct,
            settings_cameras=tuple(settings.cameras.items()),
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
                shots.setdefault(event.shot, (event, media))
        scenes = _scenes(lock.current.timeline.picture(), files)
        jobs = [_job(event, media, inputs) for event, media in shots.values()]
        facts = ctx.map(lambda job: _measure(job, ctx), jobs, "measuring color")
        found = {job.shot: fact for job, fact in zip(jobs, facts, strict=True) if fact}
        measured = [_measured(job, found[job.shot], scenes) for job in jobs if job.shot in found]
        solved = {c.shot: c for c in propose(measured, settings.mode, settings.min_confidence)}
        return Corrections(settings.mode, tuple(
            solved.get(job.shot) or _abstained(job) for job in jobs))

    def missing(self, body: Corrections, episode: Episode) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class _Job:
    """One shot to look at."""

    shot: str
    media: Media
    picture: Picture
    frames: tuple[int, ...]
    given: InputTransform
    decode: Decode

    @property
    def measures(self) -> bool:
        """Finished pictures (phones, generated) were balanced by their maker: left alone."""
        return self.given.referred == "scene"

    @property
    def group(self) -> str:
        """The camera set-up: camera letter and scene where the scene is known, else the file."""
        return _group(self.media)


def _group(media: Media) -> str:
    letter = _camera_letter(media)
    return f"{media.scene}/{letter}" if media.scene and letter else media.name


def _camera_letter(media: Media) -> str:
    """`A` of A001C003: reels begin with the camera's letter."""
    reel = media.reel or media.name
    return reel[0].upper() if reel[:1].isalpha() and reel[1:2].isdigit() else ""


def _scenes(events: tuple[Event, ...], files: dict[str, Media]) -> dict[str, str]:
    """Scene of every set-up: as logged, else by how the edit cuts between cameras."""
    order = [(_group(files[event.media]), _camera_letter(files[event.media]))
             for event in events if event.media in files]
    scenes = scenes_by_cutting([(group, letter or group) for group, letter in order])
    for media in files.values():
        if media.scene:
            scenes[_group(media)] = f"scene {media.scene}"
    return scenes


def _job(event: Event, media: Media, inputs: Inputs) -> _Job:
    assert media.picture is not None
    camera: Camera = camera_of(media, inputs["settings_cameras"])
    preset: CameraPreset = inputs[CAMERA_PREFIX + camera.preset]
    given, code_range = input_transform(preset, camera.ref, camera.decode)
    frames = _spread(event.source, media.picture.frames)
    return _Job(event.shot, media, media.picture, frames, given,
                Decode(camera.decode.matrix, code_range))


def _spread(source: Span, available: int) -> tuple[int, ...]:
    """Frames at the middles of equal parts of the span, inside the file."""
    length = max(1, source.length)
    last = max(0, available - 1)
    found = (source.start + (2 * k + 1) * length // (2 * SAMPLES) for k in range(SAMPLES))
    return tuple(dict.fromkeys(min(max(0, frame), last) for frame in found))


def _measure(job: _Job, ctx: Context) -> Any:
    if not job.measures:
        return None
    from microfinish.media.color_measure import MEASURE_VERSION, measure_color

    key = digest((job.media.digest, job.frames, job.given, job.decode.matrix,
                  job.decode.code_range))

    def compute() -> Any:
        return measure_color(ctx.path(job.media.path), job.picture, list(job.frames), job.given,
                             job.decode)

    return ctx.facts.get("color", MEASURE_VERSION, key, compute)


def _measured(job: _Job, fact: Any, scenes: dict[str, str]) -> Measured:
    return Measured(job.shot, scenes.get(job.group, job.group), job.group, fact["stops"],
                    fact["clipped"], tuple(fact["neutral"]), tuple(fact["white"]), fact["share"],
                    fact["depth"], fact["tiles"], fact["unrest"])


def _abstained(job: _Job) -> ShotCorrection:
    why = "too little usable picture" if job.measures else "a finished picture, left as it is"
    return ShotCorrection(job.shot, Balance(), why, 0.0, "abstained", job.group)
