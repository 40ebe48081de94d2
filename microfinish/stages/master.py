"""master: the deliverables. Renders the segments the store lacks, joins them, muxes the sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from microfinish.core.color import Grades, LookLut
from microfinish.core.deliver import Master, Masters, Platform, SoundSpec
from microfinish.core.frame import Framings, Raster
from microfinish.core.media import MediaLog
from microfinish.core.mix import MixPlan
from microfinish.core.time import format_timecode
from microfinish.core.timeline import PictureLock, Timeline
from microfinish.core.title import Titles
from microfinish.core.vfx import Returns, with_return_media, with_returns
from microfinish.documents.digest import digest
from microfinish.pipeline.events import Counted, Notice
from microfinish.pipeline.stage import Context, Input, Inputs
from microfinish.project.deliverables import platforms
from microfinish.project.episode import Episode
from microfinish.render.cutting import Decisions, Look, cut
from microfinish.render.encoding import segment_suffix
from microfinish.render.segment import RENDER_VERSION, Encode, Placed
from microfinish.stages.dubs import Dubs, dub_files, dubbed
from microfinish.stages.returns import vfx_input


@dataclass(frozen=True, slots=True)
class _Version:
    """One file to deliver: a platform in a language ("" where nothing in the picture speaks).
    `dub` is the language of its dialogue, where that is not the original."""

    platform: Platform
    language: str
    path: str
    dub: str = ""


class MasterStage:
    """Decides and makes the deliverables of a locked episode."""

    name = "master"
    version = 2
    after = ("log", "lock", "vfx", "grade", "reframe", "title", "mix")
    body = Masters
    final = True

    def inputs(self, episode: Episode) -> Inputs:
        from microfinish.media.ffmpeg import ffmpeg_identity

        settings = episode.settings
        dubs = dub_files(episode)
        return Inputs.of(
            **({"dubs": dubs} if dubs else {}),
            log=episode.document("log", MediaLog),
            lock=episode.document("lock", PictureLock),
            vfx=vfx_input(episode),
            grade=episode.document("grade", Grades),
            reframe=episode.document("reframe", Framings),
            title=episode.document("title", Titles),
            mix=episode.document("mix", MixPlan),
            platforms=platforms(episode),
            settings_languages=settings.languages,
            settings_title=settings.title,
            settings_raster=settings.raster,
            settings_conform=settings.conform,
            tools=(ffmpeg_identity(), RENDER_VERSION),
            # Where LUT files lie now; what they hold is part of the grade document.
            lut_files=Input(digest("lut files"), lambda: lut_finder(episode)),
        )

    def missing(self, body: Masters, episode: Episode) -> tuple[str, ...]:
        root = episode.project.root
        return tuple(m.path for m in body.masters
                     if not (root / m.path).is_file()
                     or (root / m.path).stat().st_size != m.size_bytes)

    def run(self, inputs: Inputs, ctx: Context) -> Masters:
        lock: PictureLock = inputs["lock"]
        timeline = with_returns(lock.current.timeline, inputs["vfx"])
        languages = inputs["settings_languages"]
        dubs: Dubs = inputs.get("dubs") or {}
        versions = tuple(_versions(inputs["platforms"], languages, inputs["title"], ctx.episode,
                                   tuple(dubs)))
        check_fonts(inputs["title"])
        placed = cut(timeline, decisions(inputs))
        encodes = {v.path: encodes_of(v.platform, v.language, placed, timeline, inputs["title"],
                                      inputs["settings_raster"]) for v in versions}
        keys = Keys(inputs["tools"])
        render_missing(placed, encodes, keys, inputs, ctx)
        sounds = {}
        for dub in dict.fromkeys(version.dub for version in versions):
            plan = inputs["mix"] if not dub else dubbed(
                inputs["mix"], dubs[dub], lock.current.timeline, ctx.root)
            sounds[dub] = soundtracks({v.platform.sound for v in versions if v.dub == dub}, plan,
                                      ctx)
        masters = tuple(
            _deliver(version, placed, encodes[version.path], keys, sounds[version.dub], timeline,
                     inputs, ctx)
            for version in versions
        )
        return Masters(lock.current.revision, masters)


def lut_finder(episode: Episode) -> Callable[[LookLut], Path]:
    from microfinish.project.lut_files import find_lut

    return lambda lut: find_lut(episode.project.presets, lut.file)


def _versions(specs: tuple[Platform, ...], languages: tuple[str, ...], titles: Titles,
              episode: str, dubs: tuple[str, ...] = ()) -> Iterator[_Version]:
    """A file per platform and language: those of burnt subtitles, and those of dubs."""
    for platform in specs:
        titled = languages if platform.burn_subtitles and titles.tracks else ("",)
        spoken = (*titled, *(dub for dub in dubs if dub not in titled))
        for language in spoken:
            name = platform.name if len(spoken) == 1 or not language else (
                f"{platform.name}.{language}")
            yield _Version(platform, language, f"deliver/{episode}/{name}.{platform.extension}",
                           language if language in dubs else "")


def log_of(inputs: Inputs) -> MediaLog:
    """The media that the picture is made of: the log's, and the VFX returns."""
    return with_return_media(inputs["log"], inputs.get("vfx") or Returns())


def check_fonts(titles: Titles) -> None:
    """libass substitutes a missing font without a word; then the wrapping would be wrong."""
    from microfinish.media.fonts import require_font

    for font in {(t.style.font, t.style.bold, t.font_digest) for t in titles.tracks}:
        require_font(*font)


def decisions(inputs: Inputs, points: int = 0) -> Decisions:
    """What the picture depends on. `points` per axis of the cubes; 0 is a master's number."""
    from microfinish.media.lut import SIZE, cube_key

    grades: Grades = inputs["grade"]
    looks = {grade.shot: Look(cube_key(grade.chain, points or SIZE), grade.code_range, grade.matrix,
                              grade.texture)
             for grade in grades.shots}
    log = log_of(inputs)
    framings: Framings = inputs["reframe"]
    return Decisions(log.by_path(), framings.by_shot(), looks, inputs["settings_raster"],
                     inputs["settings_conform"])


def encodes_of(platform: Platform, language: str, placed: tuple[Placed, ...], timeline: Timeline,
               titles: Titles, raster: Raster) -> tuple[Encode, ...]:
    """How every piece is encoded for a platform in a language, with its part of the titles."""
    from microfinish.render.ass import ass_text, touches

    track = titles.track(language, platform.safe_area) if platform.burn_subtitles else None
    size = platform.picture.raster or raster
    return tuple(
        Encode(platform.picture,
               ass_text(track, size, timeline.rate, piece.span)
               if track is not None and touches(track, piece.span) else "")
        for piece in placed
    )


class Keys:
    """Content keys of encoded segments, each worked out once."""

    def __init__(self, tools: tuple[str, int]) -> None:
        self._tools = tools
        self._known: dict[tuple[int, Encode], str] = {}

    def of(self, piece: Placed, encode: Encode) -> str:
        known = (id(piece), encode)
        if known not in self._known:
            self._known[known] = digest(("segment", self._tools, piece.segment, encode))
        return self._known[known]


def render_missing(placed: tuple[Placed, ...], encodes: Mapping[str, tuple[Encode, ...]],
                   keys: Keys, inputs: Inputs, ctx: Context, points: int = 0) -> None:
    """Render what the store lacks: per piece, the encodes that stand at its place in `encodes`."""
    from microfinish.media.rendering import RenderJob, render

    jobs: dict[str, RenderJob] = {}
    seen: set[str] = set()
    reused = 0
    for index, piece in enumerate(placed):
        wanted: list[tuple[Encode, str]] = []
        for encode in dict.fromkeys(each[index] for each in encodes.values()):
            key = keys.of(piece, encode)
            if key in seen:
                continue
            seen.add(key)
            if ctx.store.get(key, segment_suffix(encode.spec)) is None:
                wanted.append((encode, key))
            else:
                reused += 1
        if wanted:
            label = f"{ctx.episode} {piece.shot} " + format_timecode(
                piece.span.start, piece.segment.rate)
            jobs[wanted[0][1]] = RenderJob(label, piece.segment, tuple(wanted))
    if reused:
        ctx.emit(Counted(ctx.episode, "reused", reused))
    if not jobs:
        return
    files = _files(placed, inputs, ctx, points)

    def work(job: RenderJob) -> None:
        render(job, files, ctx.store, ctx.cancelled)
        ctx.emit(Counted(ctx.episode, "rendered", len(job.encodes)))

    ctx.map(work, sorted(jobs.values(), key=lambda job: -job.cost), "segments")


def _files(placed: tuple[Placed, ...], inputs: Inputs, ctx: Context, points: int) -> Any:
    from microfinish.media.fonts import font_dir
    from microfinish.media.lut import SIZE, cube_error, cube_file, cube_key
    from microfinish.render.picture import Files

    log = log_of(inputs)
    grades: Grades = inputs["grade"]
    used = {layer.lut for piece in placed for layer in piece.segment.every_layer if layer.lut}
    size = points or SIZE
    chains = {cube_key(grade.chain, size): grade.chain for grade in grades.shots}
    wanted = [(key, chain) for key, chain in chains.items() if key in used]
    find_lut = inputs["lut_files"]
    cubes = ctx.map(lambda pair: cube_file(pair[1], ctx.store, find_lut, size), wanted, "cubes")
    if size >= SIZE:
        _tell_coarse(grades, {key: cube_error(path) for (key, _), path in zip(
            wanted, cubes, strict=True)}, ctx)
    return Files(
        media={media.digest: str(ctx.path(media.path)) for media in log.media},
        cubes={key: str(path) for (key, _), path in zip(wanted, cubes, strict=True)},
        scripts={}, fonts=str(font_dir()),
    )


def _tell_coarse(grades: Grades, errors: Mapping[str, float], ctx: Context) -> None:
    """Name the shots whose color has steps or bends that no cube can hold."""
    from microfinish.media.lut import VISIBLE_RAMP_ERROR, cube_key

    for grade in grades.shots:
        error = errors.get(cube_key(grade.chain), 0.0)
        if error > VISIBLE_RAMP_ERROR:
            ctx.emit(Notice(
                ctx.episode, "warning",
                f"{grade.shot}: the baked color is off by up to {error:.1f} ten-bit codes on greys",
                "soften the steepest part of its curves, or the LUT of its look"))


def soundtracks(specs: set[SoundSpec], plan: MixPlan, ctx: Context,
                rough: bool = False) -> dict[SoundSpec, Any]:
    """The encoded soundtrack of every distinct spec, from the store or mixed once for all."""
    from microfinish.media.soundtracks import stored_soundtracks

    def notice(severity: str, message: str) -> None:
        ctx.emit(Notice(ctx.episode, "warning" if severity == "warning" else "info", message))

    return stored_soundtracks(specs, plan, ctx.root, ctx.store, digest, notice, rough)


def _deliver(version: _Version, placed: tuple[Placed, ...], encodes: tuple[Encode, ...],
             keys: Keys, sounds: Mapping[SoundSpec, Any], timeline: Timeline, inputs: Inputs,
             ctx: Context) -> Master:
    from microfinish.media.mastering import Parts, make_master

    platform = version.platform
    segment_keys = tuple(keys.of(piece, encode)
                         for piece, encode in zip(placed, encodes, strict=True))
    paths = [stored_piece(ctx, key, segment_suffix(platform.picture)) for key in segment_keys]
    sound = sounds[platform.sound]
    timecode = (format_timecode(timeline.start_frame, timeline.rate, timeline.drop)
                if platform.container == "mov" else "")
    title = " ".join(part for part in (inputs["settings_title"], ctx.episode) if part)
    parts = Parts(paths, sound.path, timeline.rate, timeline.frames, platform.container,
                  (("title", title),), timecode)
    with ctx.store.scratch() as scratch:
        content, size = make_master(parts, ctx.path(version.path), scratch)
    return Master(platform.name, version.language, version.path, content, size, timeline.frames,
                  sound.integrated_lufs, sound.true_peak_dbtp, segment_keys,
                  sound.dialogue_lufs, sound.dialogue_share, sound.limiter_db)


def stored_piece(ctx: Context, key: str, suffix: str) -> Path:
    """A rendered piece in the store."""
    path = ctx.store.get(key, suffix)
    assert path is not None, f"segment {key} vanished from the store during the run"
    return path
