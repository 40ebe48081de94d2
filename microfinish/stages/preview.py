"""preview: the chain on any cut, locked or not, ending in one small file that says PREVIEW.

Three stages differ from a run's: assemble puts slugs where media are offline, lock takes the edit
as if it were locked and writes no lock, and master makes a preview. Their documents, and those of
the stages between, lie beside those of the run; what both would decide alike is taken over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import cast

from microfinish.core.color import Grades
from microfinish.core.deliver import Master, Masters, Platform, SoundSpec
from microfinish.core.frame import Framings
from microfinish.core.media import MediaLog
from microfinish.core.mix import MixPlan
from microfinish.core.timeline import PictureLock, Revision, Timeline
from microfinish.core.title import SafeArea, Titles
from microfinish.core.vfx import with_returns
from microfinish.documents.digest import digest
from microfinish.pipeline.registry import BUILT_IN, Maker
from microfinish.pipeline.stage import Context, Input, Inputs
from microfinish.project.deliverables import platforms
from microfinish.project.episode import Episode
from microfinish.render.ass import ass_text
from microfinish.render.burn_in import BurnIn, burn_in_text
from microfinish.render.cutting import cut
from microfinish.render.encoding import segment_suffix
from microfinish.render.preview import CUBE_POINTS, piece_spec, preview_raster
from microfinish.render.segment import RENDER_VERSION, Encode
from microfinish.stages.assemble import AssembleStage
from microfinish.stages.lock import LockStage, agrees, check_document, human_files, used_files
from microfinish.stages.master import (
    Keys,
    check_fonts,
    decisions,
    lut_finder,
    render_missing,
    soundtracks,
    stored_piece,
)
from microfinish.stages.returns import vfx_input

PREVIEW_VERSION = 1
"""Raise when the same decisions would now give another preview."""
_BY = "preview"
UNLOCKED = "edit, not locked"


def preview_table(revision: int = 0) -> Mapping[str, Maker]:
    """The stages of a preview: of the edit as it is, or of an old revision of the lock."""
    own = {"assemble": PreviewAssembleStage, "lock": partial(PreviewLockStage, revision),
           "master": PreviewStage}
    return {**BUILT_IN, **cast(dict[str, Maker], own)}


class PreviewAssembleStage(AssembleStage):
    """The timeline, with slugs for media that are offline."""

    slugs = True


class PreviewLockStage(LockStage):
    """The picture lock as it would be after `--relock`; the real one stays as it is."""

    def __init__(self, revision: int = 0) -> None:
        self.revision = revision

    def inputs(self, episode: Episode) -> Inputs:
        run = episode.finished or episode
        check_document(run)
        locked = run.document("lock", PictureLock)
        human, used = human_files(episode), used_files(run)
        return Inputs.of(
            assemble=episode.document("assemble", Timeline),
            locked=Input(locked.digest,
                         lambda: locked.load() if locked.exists else PictureLock(())),
            revision=self.revision,
            kept_human_files=Input(digest(human), lambda: human),
            used_human_files=Input(digest(used), lambda: used))

    def held(self, episode: Episode) -> None:
        """Nothing holds a preview."""

    def run(self, inputs: Inputs, ctx: Context) -> PictureLock:
        locked: PictureLock = inputs["locked"]
        if not self.revision and locked.revisions and agrees(locked, inputs["assemble"]):
            return locked
        options = replace(ctx.options, relock=True, note="", back_to=self.revision)
        made = super().run(inputs, replace(ctx, previous=locked, options=options,
                                           emit=lambda event: None))
        if made == locked:
            return locked
        note = f"revision {self.revision}" if self.revision else UNLOCKED
        return PictureLock((*made.revisions[:-1], _marked(made.current, note)))


def _marked(revision: Revision, note: str) -> Revision:
    """A revision nobody locked: the same cut gives the same document at any time."""
    return replace(revision, at="", by=_BY, note=note, seal="")


class PreviewStage:
    """Makes `preview/EP.preview.mp4`: small, quickly encoded, with its timecode in the picture."""

    name = "master"
    version = PREVIEW_VERSION
    after = ("log", "lock", "vfx", "grade", "reframe", "title", "mix")
    body = Masters

    def inputs(self, episode: Episode) -> Inputs:
        from microfinish.media.ffmpeg import ffmpeg_identity

        settings = episode.settings
        specs = platforms(episode)
        shown = next((p for p in specs if p.burn_subtitles), specs[0] if specs else None)
        area = shown.safe_area if shown else "safe-areas/universal"
        return Inputs.of(
            log=episode.document("log", MediaLog),
            lock=episode.document("lock", PictureLock),
            vfx=vfx_input(episode),
            grade=episode.document("grade", Grades),
            reframe=episode.document("reframe", Framings),
            title=episode.document("title", Titles),
            mix=episode.document("mix", MixPlan),
            platform=shown,
            sound=_sound(specs),
            safe_area=episode.project.presets.resolve("safe-areas", area, SafeArea).value,
            settings_languages=settings.languages,
            settings_title=settings.title,
            settings_raster=settings.raster,
            settings_conform=settings.conform,
            tools=(ffmpeg_identity(), RENDER_VERSION),
            lut_files=Input(digest("lut files"), lambda: lut_finder(episode)),
            path=episode.layout.shown(episode.layout.preview(episode.name)),
        )

    def missing(self, body: Masters, episode: Episode) -> tuple[str, ...]:
        root = episode.project.root
        return tuple(m.path for m in body.masters if not (root / m.path).is_file())

    def run(self, inputs: Inputs, ctx: Context) -> Masters:
        from microfinish.media.previewing import PreviewParts, make_preview

        current: Revision = inputs["lock"].current
        timeline, raster = current.timeline, inputs["settings_raster"]
        check_fonts(inputs["title"])
        placed = cut(with_returns(timeline, inputs["vfx"]), decisions(inputs, CUBE_POINTS))
        encode = Encode(piece_spec(raster))
        keys = Keys(inputs["tools"])
        render_missing(placed, {"preview": (encode,) * len(placed)}, keys, inputs, ctx,
                       CUBE_POINTS)
        names = tuple(keys.of(piece, encode) for piece in placed)
        sound = soundtracks({inputs["sound"]}, inputs["mix"], ctx)[inputs["sound"]]
        title = f"{inputs['settings_title']} {ctx.episode}".strip()
        suffix = segment_suffix(encode.spec)
        parts = PreviewParts([stored_piece(ctx, key, suffix) for key in names], sound.path,
                             _scripts(inputs, current, ctx.episode), timeline.rate,
                             timeline.frames, f"PREVIEW {title}")
        with ctx.store.scratch() as scratch:
            content, size = make_preview(parts, ctx.path(inputs["path"]), scratch, ctx.cancelled)
        made = Master("preview", _language(inputs), inputs["path"], content, size,
                      timeline.frames, sound.integrated_lufs, sound.true_peak_dbtp, names)
        return Masters(current.revision, (made,))


def cut_name(current: Revision) -> str:
    """Which cut a preview shows, as its picture says it."""
    return current.note if current.by == _BY else f"revision {current.revision}"


def _sound(specs: tuple[Platform, ...]) -> SoundSpec:
    """A soundtrack that a master needs as well, where one fits into MP4."""
    return next((p.sound for p in specs if p.sound.codec == "aac"), SoundSpec())


def _language(inputs: Inputs) -> str:
    """The first language that has subtitles."""
    spoken = {track.language for track in inputs["title"].tracks}
    return next((word for word in inputs["settings_languages"] if word in spoken), "")


def _scripts(inputs: Inputs, current: Revision, episode: str) -> list[str]:
    """What is burnt, from the bottom up: slugs, timecode and label, then the subtitles."""
    small = preview_raster(inputs["settings_raster"])
    top = inputs["safe_area"].box(small.width, small.height).top
    scripts = [burn_in_text(BurnIn(f"{episode} {cut_name(current)}", small, top), current.timeline)]
    platform: Platform | None = inputs["platform"]
    track = (inputs["title"].track(_language(inputs), platform.safe_area)
             if platform and platform.burn_subtitles else None)
    if track is not None and track.cues:
        scripts.append(ass_text(track, small, current.timeline.rate))
    return scripts
