"""Which files an episode must become: its platforms, resolved from the presets they name."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction

from microfinish.core.deliver import (
    CERTAINTIES,
    LEVELS,
    EncodePreset,
    LoudnessPreset,
    PicturePreset,
    PictureSpec,
    Platform,
    PlatformPreset,
    Requirement,
    SoundSpec,
    h264_level,
)
from microfinish.core.errors import InputError, Problem, ProblemsError, Where
from microfinish.core.finding import QcPreset
from microfinish.core.frame import Raster
from microfinish.project.episode import Episode
from microfinish.project.presets import Resolved

_SAID = ("level", "certainty", "source", "checked_on")
_REFERENCES = ("title", "encode", "loudness", "safe_area", "burn_subtitles")
_LIMITS = tuple(f.name for f in fields(PlatformPreset) if f.name not in _REFERENCES)


def platforms(episode: Episode) -> tuple[Platform, ...]:
    """The episode's platforms in the order of its settings, each resolved to plain values.

    The season's loudness wins over a platform's, unless the platform calls its own a must.
    Raises ProblemsError with all unknown or broken presets at once. Episodes of equal settings
    share one result.
    """
    settings, known = episode.settings, episode.project.presets.platforms
    key = (settings.platforms, settings.loudness, settings.raster, settings.rate)
    if key not in known:
        known[key] = _resolved(episode)
    return known[key]


def _resolved(episode: Episode) -> tuple[Platform, ...]:
    found: list[Platform] = []
    problems: list[Problem] = []
    for index, name in enumerate(episode.settings.platforms):
        try:
            found.append(_platform(episode, name))
        except ProblemsError as error:
            problems += error.problems
        except InputError as error:
            problems.append(_placed(episode, name, index, error))
    if problems:
        raise ProblemsError(tuple(problems))
    return tuple(found)


def _placed(episode: Episode, name: str, index: int, error: InputError) -> Problem:
    """The problem at the line of settings that names the preset, where the settings name it."""
    from microfinish.documents.validate import read

    if error.where is not None:
        return Problem(error.message, error.where, error.hint)
    layout = episode.layout
    own = layout.human(episode.name, "episode")
    for path in (own, layout.settings):
        parsed = read(path, layout.shown(path)) if path.is_file() else None
        if parsed is None or not isinstance(parsed.data, dict):
            continue
        loudness = str(parsed.data.get("loudness", ""))
        if _plain_name(loudness) and f"loudness/{_plain_name(loudness)}" in error.message:
            return parsed.problem(parsed.mark(["loudness"]), error.message, error.hint)
        if "platforms" in parsed.data:
            mark = parsed.mark(["platforms", index])
            message = error.message if name in error.message else (
                f"platform {name}: {error.message}")
            return parsed.problem(mark, message, error.hint)
    return Problem(error.message, error.where, error.hint)


def _platform(episode: Episode, name: str) -> Platform:
    presets, settings = episode.project.presets, episode.settings
    resolved = presets.resolve("platforms", name, PlatformPreset)
    preset: PlatformPreset = resolved.value
    requirements = _requirements(resolved)
    encode = presets.resolve("encodes", preset.encode, EncodePreset).value
    fixed = next((r for r in requirements if r.key == "loudness" and r.level == "must"), None)
    chosen = preset.loudness if fixed or not settings.loudness else settings.loudness
    loudness = presets.resolve("loudness", chosen, LoudnessPreset).value
    return Platform(
        name=_plain_name(name),
        title=preset.title,
        container=encode.container,
        extension=encode.extension,
        picture=picture_spec(encode.picture, settings.raster, settings.rate),
        sound=_sound_spec(encode, loudness),
        safe_area=_plain_name(preset.safe_area),
        burn_subtitles=preset.burn_subtitles,
        min_seconds=preset.min_seconds,
        max_seconds=preset.max_seconds,
        max_bytes=preset.max_bytes,
        requirements=requirements,
    )


def picture_spec(preset: PicturePreset, raster: Raster, rate: Fraction) -> PictureSpec:
    """The preset for a season of `raster` and `rate`: numbers as text, `level: auto` worked out."""
    level = h264_level(preset.raster or raster, rate)
    options = tuple(
        (name, level if (name, value) == ("level", "auto") else str(value))
        for name, value in preset.options.items()
    )
    return PictureSpec(preset.encoder, preset.pixel_format, options, preset.dither,
                       preset.gop_seconds, preset.raster)


def _sound_spec(encode: EncodePreset, loudness: LoudnessPreset) -> SoundSpec:
    sound = encode.sound
    return SoundSpec(sound.codec, sound.sample_rate, sound.channels, sound.bitrate_kbps,
                     loudness.target_lufs, loudness.tolerance_lu, loudness.max_true_peak_dbtp,
                     loudness.anchor)


def _requirements(resolved: Resolved[PlatformPreset]) -> tuple[Requirement, ...]:
    found = []
    for key in ("loudness", *_LIMITS):
        value = getattr(resolved.value, key)
        note = resolved.notes.get(key, {})
        if value is not None and (note or key != "loudness"):
            _check_note(resolved, key, note)
            found.append(Requirement(key, value, **{k: note[k] for k in _SAID if k in note}))
    return tuple(found)


def _check_note(resolved: Resolved[PlatformPreset], key: str, note: dict[str, str]) -> None:
    """A level or certainty that is none would quietly turn a failure into a warning."""
    for said, allowed in (("level", LEVELS), ("certainty", CERTAINTIES)):
        if said in note and note[said] not in allowed:
            file, _, line = resolved.origins.get(key, "").rpartition(":")
            raise InputError(f"{key}: {note[said]!r} is not a {said}",
                             where=Where(file, int(line)) if line.isdigit() else None,
                             hint=f"write one of {', '.join(allowed)}")


def _plain_name(reference: str) -> str:
    """`tiktok` of `platforms/tiktok` and of `presets/tiktok.yaml`: for files and people."""
    return reference.rpartition("/")[2].removesuffix(".yaml")


def qc_preset(episode: Episode) -> QcPreset:
    """The thresholds of the QC rules: the preset the season's option `qc` names, or `default`."""
    name = str(episode.settings.options.get("qc", "default"))
    preset: QcPreset = episode.project.presets.resolve("qc", name, QcPreset).value
    return preset
