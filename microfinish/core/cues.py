"""Music and effects cues: from timecodes in `mix.yaml` to samples on a bus."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from microfinish.core.errors import InputError, Problem
from microfinish.core.follow_cues import CueNote, Spotting
from microfinish.core.mix import DECLICK_SAMPLES, MUSIC, SAMPLE_RATE, CueSheet, MixClip
from microfinish.core.time import parse_timecode, sample_position


@dataclass(frozen=True, slots=True)
class CueFile:
    """A music or effects file as found in the project."""

    path: str
    digest: str
    sample_rate: int
    channels: int
    samples: int


def cue_clips(
    cues: tuple[CueSheet, ...], files: Mapping[str, CueFile], spotting: Spotting, bus: str
) -> tuple[tuple[MixClip, ...], tuple[Problem, ...], tuple[CueNote, ...]]:
    """(the clips of a bus, every problem of its cues, what re-cuts did to them).

    Files not in `files` are missing ones. Parked cues have no clip.
    """
    clips: list[MixClip] = []
    problems: list[Problem] = []
    notes: list[CueNote] = []
    for cue in cues:
        file = files.get(cue.file)
        if file is None:
            problems.append(Problem(f"there is no file {cue.file}", cue.where,
                                    "write the path from the project's folder: music/theme.wav"))
            continue
        try:
            clip = _clip(cue, file, spotting, bus, notes)
        except InputError as error:
            problems.append(Problem(error.message, error.where or cue.where, error.hint))
            continue
        clips += [clip] if clip else []
    ordered = tuple(sorted(clips, key=lambda c: (c.start, c.source)))
    return ordered, tuple(problems), tuple(notes)


def _clip(cue: CueSheet, file: CueFile, spotting: Spotting, bus: str, notes: list[CueNote]
          ) -> MixClip | None:
    timeline = spotting.timeline
    rate = timeline.rate
    begin = _inside(cue.in_, cue, file, rate) if cue.in_ else Fraction(0)
    length = Fraction(file.samples, file.sample_rate)
    until = _inside(cue.out, cue, file, rate) if cue.out else length
    if until <= begin:
        raise InputError(f"{cue.file}: out {cue.out or 'at its end'} is not after in {cue.in_}",
                         where=cue.where, hint="out is exclusive and counts from the file's start")
    at, note = spotting.place(cue, math.ceil((until - begin) * rate), bus == MUSIC)
    notes += [note] if note else []
    if at is None:
        return None
    start = sample_position(at, rate, SAMPLE_RATE)
    total = sample_position(timeline.frames, rate, SAMPLE_RATE)
    end = min(total, start + int((until - begin) * SAMPLE_RATE))
    # Whole fades count from the cue's own ends, also where the episode ends first.
    fade_in = max(_frames(cue.fade_in, rate), DECLICK_SAMPLES if cue.in_ else 0)
    cut = bool(cue.out) or end == total
    fade_out = max(_frames(cue.fade_out, rate), DECLICK_SAMPLES if cut else 0)
    return MixClip(
        source=file.path, digest=file.digest, stream=0, sample_rate=file.sample_rate,
        source_start=begin * file.sample_rate, start=start, end=max(end, start),
        gain_db=cue.gain_db, fade_in=min(fade_in, end - start), fade_out=min(fade_out, end - start),
        duck=cue.duck and bus == MUSIC, label=cue.file.rpartition("/")[2],
    )


def _inside(label: str, cue: CueSheet, file: CueFile, rate: Fraction) -> Fraction:
    """Seconds from the file's start to a timecode within it. Raises InputError."""
    seconds = parse_timecode(label, rate, False) / rate
    length = Fraction(file.samples, file.sample_rate)
    if seconds > length:
        raise InputError(f"{cue.file} has no {label}: it is {float(length):.2f} s long",
                         where=cue.where, hint="in and out count from the start of the file")
    return seconds


def _frames(frames: int, rate: Fraction) -> int:
    return round(frames * SAMPLE_RATE / rate)
