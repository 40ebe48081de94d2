"""preview: the chain on any cut, locked or not, ending in one small file that says PREVIEW.

Four stages differ from a run's: assemble puts slugs where media are offline, lock takes the edit
as if it were locked and writes no lock, correct takes what runs have measured, and master makes a
preview. Their documents, and those of the stages between, lie beside those of the run; what both
would decide alike is taken over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import cast

from microfinish.core.color import Corrections, Grades
from microfinish.core.deliver import Master, Masters, Platform, SoundSpec
from microfinish.core.frame import Framings
from microfinish.core.media import MediaLog
from microfinish.core.mix import MixPlan
from microfinish.core.time import Span
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
from microfinish.render.preview import preview_raster
from microfinish.render.segment import RENDER_VERSION
from microfinish.stages.assemble import AssembleStage
from microfinish.stages.lock import LockStage, agrees, check_document, human_files, used_files
from microfinish.stages.master import check_fonts, lut_finder, soundtracks
from microfinish.stages.preview_correct import PreviewCorrectStage, not_matched
from microfinish.stages.preview_pieces import make_pieces
from microfinish.stages.returns import vfx_input

PREVIEW_VERSION = 2
"""Raise when the same decisions would now give another preview."""
_BY = "preview"
UNLOCKED = "edit, not locked"


def preview_table(revision: int = 0) -> Mapping[str, Maker]:
    """The stages of a preview: of the edit as it is, or of an old revision of the lock."""
    own = {"assemble": PreviewAssembleStage, "lock": partial(PreviewLockStage, revision),
           "correct": PreviewCorrectStage, "master": PreviewStage}
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
    after = ("log", "lock", "vfx", "correct", "grade", "reframe", "title", "mix")
    body = Masters

    def inputs(self, episode: Episode) -> Inputs:
        from microfinish.media.ffmpeg import ffmpeg_identity

        settings = episode.settings
        # the one whose subtitles are shown stands first
        specs = tuple(sorted(platforms(episode), key=lambda spec: not spec.burn_subtitles))
        shown = specs[0] if specs else None
        area = shown.safe_area if shown else "safe-areas/universal"
        return Inputs.of(
            log=episode.document("log", MediaLog),
            lock=episode.document("lock", PictureLock),
            vfx=vfx_input(episode),
            grade=episode.document("grade", Grades),
            reframe=episode.document("reframe", Framings),
            title=episode.document("title", Titles),
            mix=episode.document("mix", MixPlan),
            correct=_corrections(episode),
            platforms=specs,
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
        timeline = current.timeline
        check_fonts(inputs["title"])
        pieces = make_pieces(inputs, with_returns(timeline, inputs["vfx"]), inputs["platforms"],
                             _language(inputs), ctx)
        sound = soundtracks({inputs["sound"]}, inputs["mix"], ctx, rough=True)[inputs["sound"]]
        title = f"{inputs['settings_title']} {ctx.episode}".strip()
        parts = PreviewParts(pieces.paths, sound.path,
                             _scripts(inputs, current, ctx.episode, pieces.titled), timeline.rate,
                             timeline.frames, f"PREVIEW {title}")
        with ctx.store.scratch() as scratch:
            content, size = make_preview(parts, ctx.path(inputs["path"]), scratch, ctx.cancelled)
        made = Master("preview", _language(inputs), inputs["path"], content, size,
                      timeline.frames, sound.integrated_lufs, sound.true_peak_dbtp, pieces.keys)
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


def _corrections(episode: Episode) -> Input:
    """The correct document; none where a project's chain has no such stage."""
    document = episode.document("correct", Corrections)
    if not document.exists:
        return Input(digest(Corrections("off", ())), lambda: Corrections("off", ()))
    return Input(document.digest, document.load)


def _scripts(inputs: Inputs, current: Revision, episode: str, titled: tuple[Span, ...]
             ) -> list[str]:
    """What is burnt, from the bottom up: slugs, timecode and label, then the subtitles where the
    pieces do not have them."""
    timeline, small = current.timeline, preview_raster(inputs["settings_raster"])
    top = inputs["safe_area"].box(small.width, small.height).top
    burn = BurnIn(f"{episode} {cut_name(current)}", small, top,
                  frozenset(not_matched(inputs["correct"])))
    scripts = [burn_in_text(burn, timeline)]
    platform = next(iter(inputs["platforms"]), None)
    track = (inputs["title"].track(_language(inputs), platform.safe_area)
             if platform and platform.burn_subtitles else None)
    if track is not None:
        track = replace(track, cues=tuple(replace(cue, span=part) for cue in track.cues
                                          for part in _outside(cue.span, titled)))
        if track.cues:
            scripts.append(ass_text(track, small, timeline.rate))
    return scripts


def _outside(span: Span, taken: tuple[Span, ...]) -> tuple[Span, ...]:
    """What is left of a span; `taken` is in order and does not overlap."""
    left = []
    start = span.start
    for each in taken:
        part = each.overlap(span)
        if part:
            left.append(Span(start, part.start))
            start = part.end
    return tuple(part for part in (*left, Span(start, span.end)) if part.length)
