"""reframe: which part of each shot becomes the vertical frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from microfinish.core.crop_path import (
    Sighting,
    Size,
    box_crop,
    centre,
    crop_size,
    follow,
    hold,
    through,
)
from microfinish.core.errors import InputError, Problem, ProblemsError, Where
from microfinish.core.face_track import Face, main_face
from microfinish.core.finding import Finding
from microfinish.core.follow import doubt_of, label, stated, written_in
from microfinish.core.follow_path import Taken, carried_offset, within
from microfinish.core.frame import (
    Framing,
    Framings,
    PathKey,
    PointKey,
    Raster,
    ReframeSheet,
    ShotReframe,
)
from microfinish.core.media import Media, MediaLog, Picture
from microfinish.core.sampling import source_frame, step_of
from microfinish.core.shot_key import follow_keys
from microfinish.core.shot_key import source_frame as frame_of_label
from microfinish.core.timeline import Event, PictureLock, Revision, Timeline
from microfinish.core.vfx import Returns, resized, with_return_media, with_returns
from microfinish.pipeline.events import Notice
from microfinish.pipeline.stage import Context, Input, Inputs
from microfinish.project.episode import Episode
from microfinish.stages.insets import as_edited, insets
from microfinish.stages.reframe_recut import as_before, unsure
from microfinish.stages.returns import vfx_input
from microfinish.stages.steadying import amount_for, steady

_SAMPLES_PER_SECOND = 3
_FEWEST, _MOST = 6, 12

NO_FACE = "no face found: centre"

LARGEST_ZOOM = 2.5
"""A crop of 720p fills 1080x1920 at 2.7 times its size, one of 1080p at 1.8."""


class ReframeStage:
    """Decides the crop path of every shot: as the editor asks, else after the main face."""

    name = "reframe"
    version = 3
    after = ("log", "lock", "vfx")
    body = Framings

    def inputs(self, episode: Episode) -> Inputs:
        sheet = episode.human("reframe", ReframeSheet)
        return Inputs.of(
            log=episode.document("log", MediaLog),
            lock=episode.document("lock", PictureLock),
            vfx=vfx_input(episode),
            sheet=Input(sheet.digest, lambda: sheet.value),
            raster=episode.settings.raster,
            conform=episode.settings.conform,
        )

    def run(self, inputs: Inputs, ctx: Context) -> Framings:
        log: MediaLog = inputs["log"]
        lock: PictureLock = inputs["lock"]
        timeline = lock.current.timeline
        sheet: ReframeSheet = inputs["sheet"] or ReframeSheet()
        places = {key: entry.where for key, entry in sheet.shots.items()}
        digest = inputs.digests()["sheet"]
        followed = follow_keys(places, lock, log, stated(lock, sheet.revision) if sheet.revision
                               else written_in(lock, "reframe.yaml", digest))
        for key, message in followed.parked.items():
            ctx.emit(Notice(ctx.episode, "info", message, where=sheet.shots[key].where))
        asked = followed.shots
        written = {event.shot: event for event in followed.written.timeline.picture()}
        before = as_before(lock)
        findings: list[Finding] = []
        seen, files = _as_sized(timeline, log, inputs["vfx"])
        shots = [
            _Shot(event, picture, media, inputs["raster"], timeline.rate, inputs["conform"],
                  written.get(followed.was.get(event.shot, event.shot)))
            for event, media, picture in _shown(seen.picture(), files)
        ]
        upper = insets(seen, files, inputs["raster"], asked, sheet)
        framings: dict[str, Framing] = {}
        problems: list[Problem] = []
        for shot in shots:
            if shot.event.shot in asked and not _only_steadied(sheet.shots[asked[shot.event.shot]]):
                try:
                    entry = sheet.shots[asked[shot.event.shot]]
                    framings[shot.event.shot] = _as_asked(shot, entry)
                    findings += unsure(shot.was, shot.event, shot.size, entry,
                                       framings[shot.event.shot], lock, followed)
                except InputError as error:
                    problems.append(Problem(error.message, error.where, error.hint))
        if problems:
            raise ProblemsError(tuple(problems))
        for shot in shots:
            edited = as_edited(shot.event, shot.picture, timeline.canvas, shot.raster)
            if edited and shot.event.shot not in framings:
                framings[shot.event.shot] = edited
        rest = [shot for shot in shots if shot.event.shot not in framings]
        decided = ctx.map(lambda shot: _by_default(shot, sheet.default, ctx), rest, "faces")
        framings |= {framing.shot: framing for framing in decided}
        shaky = [shot for shot in shots if amount_for(sheet, asked.get(shot.event.shot))]
        framings |= {framing.shot: framing for framing in ctx.map(
            lambda shot: _steadied(shot, framings[shot.event.shot], amount_for(
                sheet, asked.get(shot.event.shot)), timeline, ctx), shaky, "shake")}
        findings += [found for shot in rest if (found := _lost_face(
            shot, before.get(shot.event.shot), framings[shot.event.shot], lock, log, ctx))]
        doubt = "" if sheet.revision else doubt_of(lock, "reframe.yaml", digest)
        if doubt and any(isinstance(key.at, int) for entry in sheet.shots.values()
                         for key in entry.keyframes):
            ctx.emit(Notice(ctx.episode, "warning", doubt, "where frames of keyframes still count "
                            "in the old cut, write revision: N at its top"))
        for found in findings:
            ctx.emit(Notice(ctx.episode, "warning", found.message, found.fix, Where(found.file)))
        for framing in framings.values():
            zoom = inputs["raster"].height / framing.height
            if framing.fit == "crop" and zoom > LARGEST_ZOOM:
                ctx.emit(Notice(ctx.episode, "warning", f"{framing.shot} is enlarged {zoom:.1f} "
                                "times and will look soft", f"its crop is {framing.width}x"
                                f"{framing.height}; `fit: blur` in reframe.yaml enlarges less"))
        return Framings(inputs["raster"],
                        (*(framings[shot.event.shot] for shot in shots), *upper),
                        (*findings, *followed.findings("reframe", places)))

    def missing(self, body: Framings, episode: Episode) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class _Shot:
    event: Event
    picture: Picture
    media: Media
    raster: Raster
    rate: Fraction
    conform: str
    was: Event | None = None
    """The shot as it was in the cut that `reframe.yaml` is written for."""

    @property
    def size(self) -> Size:
        return self.picture.upright_size

    @property
    def crop(self) -> Size:
        return crop_size(self.size, self.picture.upright_aspect, self.raster)

    def source_frame(self, offset: int) -> int:
        """The source frame on screen `offset` record frames after the shot's first."""
        return source_frame(self.event, self.picture.rate, self.rate,
                            self.event.record.start + offset, self.conform)

    def taken(self, event: Event) -> Taken:
        """This shot as an event of any revision shows it."""
        return Taken(event, step_of(event.speed, self.picture.rate, self.rate, self.conform))

    def framing(self, path: tuple[PathKey, ...], reason: str, crop: Size | None = None) -> Framing:
        width, height = crop or self.crop
        return Framing(self.event.shot, "crop", width, height, path, reason)

    def whole(self, fit: str, reason: str) -> Framing:
        return Framing(self.event.shot, fit, *self.size, (), reason)


def _as_sized(timeline: Timeline, log: MediaLog,
              returns: Returns) -> tuple[Timeline, MediaLog]:
    """The timeline with VFX returns of another size than their camera file: those are framed by
    their own picture. A return of the same size keeps the framing that the camera file has."""
    other = resized(returns, log)
    return with_returns(timeline, other), with_return_media(log, other)


def _shown(events: tuple[Event, ...], log: MediaLog) -> Iterator[tuple[Event, Media, Picture]]:
    """Every shot once, with its longest event, in record order; black has no framing."""
    files = log.by_path()
    longest: dict[str, Event] = {}
    for event in events:
        known = longest.get(event.shot)
        if known is None or event.record.length > known.record.length:
            longest[event.shot] = event
    for event in longest.values():
        media = files.get(event.media)
        if media is not None and media.picture is not None:
            yield event, media, media.picture


def _only_steadied(entry: ShotReframe) -> bool:
    return entry.stabilize is not None and not (
        entry.point or entry.fit or entry.box or entry.keyframes)


def _steadied(shot: _Shot, framing: Framing, amount: float, timeline: Timeline,
              ctx: Context) -> Framing:
    frames = [shot.source_frame(offset) for offset in range(shot.event.record.length)]
    return steady(framing, frames, shot.media, shot.picture, timeline, shot.raster, amount, ctx)


def _as_asked(shot: _Shot, asked: ShotReframe) -> Framing:
    """What `reframe.yaml` says. Raises InputError where it says nothing, or too much."""
    where = asked.where
    wishes = (asked.point, asked.fit, asked.box, asked.keyframes or None)
    if sum(wish is not None for wish in wishes) != 1:
        raise InputError(f"shot {shot.event.shot} needs exactly one of point, fit, box, keyframes",
                         where=where, hint="keep one of them")
    reason = _place(where)
    width, height = shot.size
    if asked.fit is not None:
        return shot.whole(asked.fit, reason)
    if asked.point is not None:
        middle = (asked.point[0] * width, asked.point[1] * height)
        return shot.framing(hold(middle, shot.crop, shot.size), reason)
    if asked.box is not None:
        return _boxed(shot, asked.box, where)
    points = [Sighting(_offset(shot, key, where), key.point[0] * width, key.point[1] * height)
              for key in asked.keyframes]
    path = within(through(points, shot.crop, shot.size), shot.event.record.length)
    return shot.framing(path, reason)


def _place(where: Where | None) -> str:
    if where is None:
        return "reframe.yaml"
    name = where.file.rpartition("/")[2]
    return f"{name}:{where.line}" if where.line else name


def _boxed(shot: _Shot, box: tuple[float, float, float, float], where: Where | None) -> Framing:
    width, height = shot.size
    left, top, wide, high = box
    if not (wide and high) or left + wide > 1 + 1e-9 or top + high > 1 + 1e-9:
        raise InputError(f"the box of shot {shot.event.shot} is not inside the picture",
                         where=where, hint="write [left, top, width, height], each 0 to 1")
    crop = box_crop((wide * width, high * height), shot.size, shot.picture.upright_aspect,
                    shot.raster)
    cut = wide * width > crop[0] + 1 or high * height > crop[1] + 1
    middle = ((left + wide / 2) * width, (top + high / 2) * height)
    note = ", larger than the frame: its sides are cut" if cut else ""
    return shot.framing(hold(middle, crop, shot.size), _place(where) + note, crop)


def _offset(shot: _Shot, key: PointKey, where: Where | None) -> int:
    """The record offset of a keyframe; timecodes are the source's. Outside the shot where a
    re-cut took its frame out."""
    was, now = shot.was or shot.event, shot.taken(shot.event)
    length = was.record.length
    if isinstance(key.at, int):
        if 0 <= key.at < length:
            return carried_offset(key.at, shot.taken(was), now)
        raise InputError(f"keyframe {key.at} lies outside shot {shot.event.shot}", where=where,
                         hint=f"the shot's frames are 0 to {length - 1}")
    wanted = frame_of_label(key.at, shot.media, where)
    for offset in range(shot.event.record.length):
        here, after = shot.source_frame(offset), shot.source_frame(offset + 1)
        if here == wanted or min(here, after) < wanted < max(here, after):
            return offset
    if was.media == shot.event.media and wanted in was.source:
        return now.offset(wanted)
    raise InputError(f"shot {shot.event.shot} does not show {key.at}", where=where,
                     hint=f"use a source timecode inside the shot, or a frame 0 to {length - 1}")


def _lost_face(shot: _Shot, earlier: tuple[Revision, Event] | None, framing: Framing,
               lock: PictureLock, log: MediaLog, ctx: Context) -> Finding | None:
    """A crop that followed a face which is no longer in the shot."""
    if earlier is None or framing.reason != NO_FACE:
        return None
    revision, before = earlier
    media = log.by_path().get(before.media)
    if media is None or media.picture is None:
        return None
    old = replace(shot, event=before, picture=media.picture, media=media)
    offsets = sample_offsets(before.record.length, shot.rate, before.speed)
    track = main_face(_faces(old, offsets, ctx))
    if track is None:
        return None
    eyes = [face.eyes for _, face in track.seen]
    x, y = eyes[len(eyes) // 2]
    now = lock.current
    return Finding(
        "reframe.recut", "warning", f"the face that the crop of {shot.event.shot} followed is not "
        "in it any more: the middle is shown", "reframe.yaml",
        label(now.timeline, shot.event.record.start), shot.event.shot,
        was=label(revision.timeline, before.record.start),
        fix=f"in reframe.yaml: {shot.event.shot}: {{point: [{x:.2f}, {y:.2f}]}} is where it was")


def _by_default(shot: _Shot, rule: str, ctx: Context) -> Framing:
    """The framing of a shot the editor said nothing about."""
    width, height = shot.size
    if max(width - shot.crop[0], height - shot.crop[1]) < 2:
        return shot.framing((PathKey(0, 0.0, 0.0),),
                            "vertical source" if height > width else "source fits the frame")
    if rule in ("blur", "bars"):
        return shot.whole(rule, f"default: {rule}")
    if rule == "centre":
        return shot.framing(centre(shot.crop, shot.size), "default: centre")
    return _after_face(shot, ctx)


def _after_face(shot: _Shot, ctx: Context) -> Framing:
    offsets = sample_offsets(shot.event.record.length, shot.rate, shot.event.speed)
    samples = _faces(shot, offsets, ctx)
    track = main_face(samples)
    if track is None:
        return shot.framing(centre(shot.crop, shot.size), NO_FACE)
    width, height = shot.size
    seen = [Sighting(offsets[number], face.eyes[0] * width, face.eyes[1] * height)
            for number, face in track.seen]
    path = follow(seen, shot.crop, shot.size, shot.event.record.length, shot.rate)
    xs = sorted(sighting.x / width for sighting in seen)
    found = f"in {len(seen)} of {len(samples)} samples"
    if len(path) == 1:
        return shot.framing(path, f"face at {xs[len(xs) // 2]:.2f} {found}")
    return shot.framing(path, f"face moves from {seen[0].x / width:.2f} to "
                              f"{seen[-1].x / width:.2f} {found}: pan")


def sample_offsets(length: int, rate: Fraction, speed: Fraction) -> tuple[int, ...]:
    """Record offsets spread evenly through a shot: 3 a second, 6 to 12; a freeze needs one."""
    wanted = min(_MOST, max(_FEWEST, round(length / rate * _SAMPLES_PER_SECOND)))
    count = 1 if speed == 0 else min(length, wanted)
    return tuple((2 * i + 1) * length // (2 * count) for i in range(count))


def _faces(shot: _Shot, offsets: tuple[int, ...], ctx: Context) -> list[tuple[Face, ...]]:
    """The faces at some record offsets, measured once per media file and source frames."""
    from microfinish.media.faces import FACES_VERSION, faces_fact

    frames = [shot.source_frame(offset) for offset in offsets]
    path = ctx.path(shot.media.path)

    def measure() -> list[list[dict[str, float]]]:
        return faces_fact(path, shot.picture, frames)

    key = f"{shot.media.digest}:{','.join(map(str, frames))}"
    facts: Any = ctx.facts.get("faces", FACES_VERSION, key, measure)
    return [tuple(Face(**face) for face in faces) for faces in facts]
