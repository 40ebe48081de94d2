"""Cleanup of the dialogue clips of a mix: each measured where it lies in its file, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from math import ceil, floor
from typing import Any

from microfinish.core.cleanup import Cleaned, Cleanup, Figures, Tool, Treatment, leveled
from microfinish.core.mix import DialogueSheet, MixClip, MixSheet, ShotSound
from microfinish.documents.digest import digest
from microfinish.pipeline.stage import Context

NO_CLEANUP = "none"


@dataclass(frozen=True, slots=True)
class Tidied:
    """Clips with their treatment, in the order they came; `rooms` is (first sample, samples) of
    the room tone in the source of each clip that has any."""

    clips: tuple[MixClip, ...]
    report: tuple[Cleaned, ...] = ()
    rooms: Mapping[MixClip, tuple[int, int]] | None = None


def named_cleanups(sheet: MixSheet) -> tuple[str, ...]:
    """The presets that shots name beside the dialogue's own."""
    return tuple(sorted({shot.cleanup for shot in sheet.shots.values()}
                        - {"", NO_CLEANUP, sheet.dialogue.cleanup}))


def tidied(clips: tuple[MixClip, ...], sheet: MixSheet, shots: Mapping[str, ShotSound],
           default: Cleanup, named: Mapping[str, Cleanup], ctx: Context) -> Tidied:
    """The clips with what is to be done to each, measured only where something may be."""
    allowed = [_allowed(sheet.dialogue, shots.get(clip.label), default, named) for clip in clips]
    if all(asked == Cleanup(asked.title) for asked in allowed) and not sheet.dialogue.room_tone:
        return Tidied(clips)
    groups: dict[tuple[object, ...], list[int]] = {}
    for index, clip in sorted(enumerate(clips), key=lambda pair: pair[1].source_start):
        groups.setdefault((clip.source, clip.stream, clip.channels), []).append(index)
    found: dict[int, dict[str, Any]] = {}
    for indices, facts in zip(groups.values(), ctx.map(
            lambda group: _measured([clips[k] for k in group], [allowed[k] for k in group], ctx),
            list(groups.values()), "listening to dialogue"), strict=True):
        found |= dict(zip(indices, facts, strict=True))
    return _leveled(clips, allowed, found, shots)


def _allowed(dialogue: DialogueSheet, shot: ShotSound | None, default: Cleanup,
             named: Mapping[str, Cleanup]) -> Cleanup:
    chosen = default
    if shot is not None and shot.cleanup and shot.cleanup != dialogue.cleanup:
        chosen = Cleanup() if shot.cleanup == NO_CLEANUP else named[shot.cleanup]
    for tool in (*dialogue.bypass, *(shot.bypass if shot else ())):
        chosen = without(chosen, tool)
    return chosen


def without(cleanup: Cleanup, tool: Tool) -> Cleanup:
    """The preset with one tool off."""
    off: dict[Tool, dict[str, Any]] = {
        "highpass": {"highpass_hz": 0.0}, "declip": {"declip": False},
        "declick": {"declick": False}, "hum": {"hum": False, "hum_hz": 0.0},
        "denoise": {"denoise_db": 0.0}, "deess": {"deess_db": 0.0}, "external": {"external": ()},
        "level": {"level_db": 0.0}}
    return replace(cleanup, **off[tool])


def _measured(clips: list[MixClip], allowed: list[Cleanup], ctx: Context) -> list[dict[str, Any]]:
    """The facts of clips of one stream, by stretches that lie near each other."""
    from microfinish.media.cleanup import AROUND_SECONDS, CLEANUP_VERSION
    from microfinish.media.processors import version

    out: list[dict[str, Any]] = []
    around = AROUND_SECONDS * clips[0].sample_rate
    stretches: list[list[int]] = []
    for index, clip in enumerate(clips):
        near = stretches and allowed[index] == allowed[stretches[-1][0]] and (
            clip.source_start - _range(clips[stretches[-1][-1]])[1] < around)
        if near:
            stretches[-1].append(index)
        else:
            stretches.append([index])
    for stretch in stretches:
        part, asked = [clips[k] for k in stretch], replace(
            allowed[stretch[0]], title="", level_db=0.0, level_lufs=None)
        plugins = [(tool.use, version(tool.use)) for tool in asked.external]
        key = digest((part[0].digest, part[0].stream, part[0].channels,
                      [_range(clip) for clip in part], asked, plugins))
        facts: Any = ctx.facts.get("cleanup", CLEANUP_VERSION, key,
                                   partial(_listen, part, asked, ctx))
        out += facts
    return out


def _range(clip: MixClip) -> tuple[int, int]:
    """First and exclusive last sample of the source that a clip plays."""
    played = clip.length * clip.sample_rate * clip.speed / 48_000
    return max(0, floor(clip.source_start)), max(1, ceil(clip.source_start + played))


def _listen(clips: list[MixClip], asked: Cleanup, ctx: Context) -> list[dict[str, Any]]:
    from microfinish.media.cleanup import AROUND_SECONDS, judged
    from microfinish.media.sound import read_range, stereo

    first_clip = clips[0]
    around = round(AROUND_SECONDS * first_clip.sample_rate)
    ranges = [_range(clip) for clip in clips]
    first = max(0, ranges[0][0] - around)
    length = max(end for _, end in ranges) + around - first
    sound = stereo(read_range(ctx.path(first_clip.source), first_clip.stream, first, length),
                   first_clip.channels)
    facts = []
    for verdict in judged(sound, first_clip.sample_rate, first, ranges, asked):
        done = {key: value for key, value in asdict(verdict.done).items() if key != "external"}
        facts.append({"before": asdict(verdict.before), "after": asdict(verdict.after),
                      "done": done, "room": verdict.room, "notes": verdict.notes})
    return facts


def _leveled(clips: tuple[MixClip, ...], allowed: list[Cleanup], found: dict[int, dict[str, Any]],
             shots: Mapping[str, ShotSound]) -> Tidied:
    after = [Figures(**found[k]["after"]) for k in range(len(clips))]
    who = [(shot.who if (shot := shots.get(clip.label)) and shot.who
            else f"{clip.source} {clip.channels}",
            (figures.speech_lufs or -99.0) + clip.gain_db,
            figures.speech_seconds if figures.speech_lufs is not None else 0.0)
           for clip, figures in zip(clips, after, strict=True)]
    by_preset = {digest(asked): leveled(who, asked) for asked in allowed}
    out, report, rooms = [], [], {}
    for index, (clip, asked) in enumerate(zip(clips, allowed, strict=True)):
        fact = found[index]
        done = _treatment(fact["done"], asked, by_preset[digest(asked)][index])
        treated = replace(clip, treatment=done)
        out.append(treated)
        if fact["room"]:
            rooms[treated] = (int(fact["room"][0]), int(fact["room"][1]))
        if asked != Cleanup(asked.title):
            report.append(Cleaned(clip.label, clip.source, clip.start, Figures(**fact["before"]),
                                  after[index], done, tuple(fact["notes"])))
    return Tidied(tuple(out), tuple(report), rooms)


def _treatment(fact: dict[str, Any], asked: Cleanup, level_db: float) -> Treatment:
    return Treatment(**{**fact, "notches_hz": tuple(fact["notches_hz"]),
                        "room": tuple(fact["room"]), "level_db": level_db,
                        "external": asked.external})
