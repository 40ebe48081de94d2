"""The pictures and sounds of a turnover: a reference picture with burnt timecode, and stems.

Both come from the decisions and the render path of the masters; nothing here decides anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from microfinish.core.deliver import EncodePreset, LoudnessPreset, SoundSpec
from microfinish.core.errors import InputError, Where
from microfinish.core.frame import Raster
from microfinish.core.mix import DIALOGUE, PRINT
from microfinish.core.time import format_timecode
from microfinish.core.timeline import PictureLock, Timeline
from microfinish.core.vfx import with_returns
from microfinish.pipeline.stage import Context, Inputs
from microfinish.project.deliverables import picture_spec
from microfinish.project.episode import Episode
from microfinish.stages.master import (
    Keys,
    MasterStage,
    decisions,
    render_missing,
    soundtracks,
    stored_piece,
)

PRESET = "h264-reference"
_WIDEST = 540


@dataclass(frozen=True, slots=True)
class Made:
    """A file of the turnover, and what should be read before it is used."""

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def reference_picture(episode: Episode, folder: Path, ctx: Context) -> Made:
    """Write `EP_reference.mov`: the finished picture and mix, small, with burnt timecode.

    Rendered as masters are, in segments that the store keeps: after a change only what changed
    is rendered. Raises InputError where a stage has not run.
    """
    from microfinish.media.mastering import Parts, make_master
    from microfinish.render.cutting import cut
    from microfinish.render.encoding import segment_suffix
    from microfinish.render.reference import reference_text
    from microfinish.render.segment import Encode

    inputs = _inputs(episode, ("lock", "grade", "reframe", "mix"))
    timeline = _timeline(inputs)
    preset: EncodePreset = episode.project.presets.resolve("encodes", PRESET, EncodePreset).value
    settings = episode.settings
    raster = preset.picture.raster or _small(settings.raster)
    spec = picture_spec(replace(preset.picture, raster=raster), raster, settings.rate)
    media = inputs["log"].by_path()
    placed = cut(with_returns(timeline, inputs["vfx"]), decisions(inputs))
    encodes = tuple(Encode(spec, reference_text(timeline, media, settings.conform, raster,
                                                piece.span)) for piece in placed)
    keys = Keys(inputs["tools"])
    render_missing(placed, {PRESET: encodes}, keys, inputs, ctx)
    sound_spec = _sound_spec(episode, inputs, preset)
    sound = soundtracks({sound_spec}, inputs["mix"], ctx)[sound_spec]
    parts = Parts([stored_piece(ctx, keys.of(piece, encode), segment_suffix(spec))
                   for piece, encode in zip(placed, encodes, strict=True)],
                  sound.path, timeline.rate, timeline.frames, preset.container,
                  (("title", f"{settings.title} {episode.name} reference".strip()),),
                  format_timecode(timeline.start_frame, timeline.rate, timeline.drop))
    path = folder / f"{episode.name}_reference.{preset.extension}"
    with ctx.store.scratch() as scratch:
        make_master(parts, path, scratch)
    return Made((path,))


def stems(episode: Episode, folder: Path, ctx: Context) -> Made:
    """Write the mix and its stems as 24-bit Broadcast Wave; the stems sum to the mix.

    It is the mix before the loudness of any platform. Raises InputError where a stage has not run.
    """
    from microfinish.media.mixdown import mixdown
    from microfinish.media.music_and_effects import MOST_LEAK_DB, empty_under_speech, leak_db
    from microfinish.media.stems import write_stems

    inputs = _inputs(episode, ("lock", "mix"))
    timeline = _timeline(inputs)
    mix = mixdown(inputs["mix"], ctx.root)
    notes = ["the stems are the mix before loudness: they sum to the MIX file"]
    if DIALOGUE in mix.stems and PRINT not in mix.stems:
        rest = mix.mix - mix.stems[DIALOGUE]
        leak, empty = (check(rest, mix.stems[DIALOGUE]) for check in (leak_db, empty_under_speech))
        if leak > MOST_LEAK_DB:
            notes.append(f"the M&E has dialogue in it, {-leak:.0f} dB below the DX stem: take "
                         "camera sound off the effects and music tracks")
        if empty:
            notes.append(f"the M&E is silent under {empty:.1f} s of speech: a dub has nothing "
                         "behind its words there; lay backgrounds and foley")
    written = write_stems(mix.stems, mix.mix, folder, episode.name, timeline.start_frame,
                          timeline.rate, timeline.drop)
    if written.gain_db:
        notes.append(f"the stems are {-written.gain_db:g} dB quieter than the mix, whose peaks "
                     "would not fit into a file")
    return Made(tuple(written.files.values()), tuple(notes))


def _inputs(episode: Episode, needed: tuple[str, ...]) -> Inputs:
    for kind in needed:
        if kind not in episode.settings.stages or not episode.document(kind).exists:
            raise InputError(f"{episode.name} has no {kind} document yet",
                             where=Where(f"episodes/{episode.name}"),
                             hint=f"`microfinish run {episode.name} --to mix` makes what a "
                                  "reference picture and stems are made of")
    return MasterStage().inputs(episode)


def _timeline(inputs: Inputs) -> Timeline:
    lock: PictureLock = inputs["lock"]
    return lock.current.timeline


def _small(raster: Raster) -> Raster:
    """The season's raster at most 540 pixels wide, both sides even."""
    if raster.width <= _WIDEST:
        return raster
    return Raster(_WIDEST, round(raster.height * _WIDEST / raster.width / 2) * 2)


def _sound_spec(episode: Episode, inputs: Inputs, preset: EncodePreset) -> SoundSpec:
    """The sound of the first platform that takes AAC, which its master may have made already."""
    for platform in inputs["platforms"]:
        if platform.sound.codec == preset.sound.codec:
            spec: SoundSpec = platform.sound
            return spec
    loudness = episode.project.presets.resolve(
        "loudness", episode.settings.loudness or "loudness/mobile-short", LoudnessPreset).value
    sound = preset.sound
    return SoundSpec(sound.codec, sound.sample_rate, sound.channels, sound.bitrate_kbps,
                     loudness.target_lufs, loudness.tolerance_lu, loudness.max_true_peak_dbtp)
