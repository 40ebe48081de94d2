"""Cues of music, effects, ADR, foley: from timecodes in `mix.yaml` to samples on a bus."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from microfinish.core.bars import Bars, Stretch, fitted, looped
from microfinish.core.errors import InputError, Problem
from microfinish.core.follow_cues import CueNote, Spotting, shot_frame
from microfinish.core.mix import (
    DECLICK_SAMPLES,
    MUSIC,
    SAMPLE_RATE,
    AdrSheet,
    CueSheet,
    Dip,
    MixClip,
    MusicSheet,
)
from microfinish.core.time import parse_timecode, sample_position

JOIN_SAMPLES = 960
"""20 ms before the bar line at which music goes on elsewhere: its first beat is whole."""


@dataclass(frozen=True, slots=True)
class CueFile:
    """A music or effects file as found in the project."""

    path: str
    digest: str
    sample_rate: int
    channels: int
    samples: int


def cue_clips(
    cues: Sequence[CueSheet], files: Mapping[str, CueFile], spotting: Spotting, bus: str
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
            clips += _clips(cue, file, spotting, bus, notes)
        except InputError as error:
            problems.append(Problem(error.message, error.where or cue.where, error.hint))
    ordered = tuple(sorted(clips, key=lambda c: (c.start, c.source)))
    return ordered, tuple(problems), tuple(notes)


def _clips(cue: CueSheet, file: CueFile, spotting: Spotting, bus: str, notes: list[CueNote]
           ) -> list[MixClip]:
    timeline = spotting.timeline
    rate = timeline.rate
    begin = _inside(cue.in_, cue, file, rate) if cue.in_ else Fraction(0)
    until = (_inside(cue.out, cue, file, rate) if cue.out
             else Fraction(file.samples, file.sample_rate))
    if until <= begin:
        raise InputError(f"{cue.file}: out {cue.out or 'at its end'} is not after in {cue.in_}",
                         where=cue.where, hint="out is exclusive and counts from the file's start")
    pieces = _pieces(cue, begin, until, rate, notes) if isinstance(cue, MusicSheet) else (
        (begin, until),)
    lasts = sum((end - start for start, end in pieces), Fraction(0))
    at, note = spotting.place(cue, math.ceil(lasts * rate), bus == MUSIC)
    notes += [note] if note else []
    if at is None:
        return []
    start = sample_position(at, rate, SAMPLE_RATE)
    total = sample_position(timeline.frames, rate, SAMPLE_RATE)
    whole = _laid(cue, file, pieces, start, min(total, start + int(lasts * SAMPLE_RATE)), bus)
    # Whole fades count from the cue's own ends, also where the episode ends first.
    fade_in = max(_frames(cue.fade_in, rate), DECLICK_SAMPLES if cue.in_ else 0)
    cut = bool(cue.out) or whole[-1].end == total or pieces[-1][1] != until
    fade_out = max(_frames(cue.fade_out, rate), DECLICK_SAMPLES if cut else 0)
    whole[0] = replace(whole[0], fade_in=min(fade_in, whole[0].length))
    whole[-1] = replace(whole[-1], fade_out=min(fade_out, whole[-1].length))
    return whole


def _laid(cue: CueSheet, file: CueFile, pieces: tuple[Stretch, ...], start: int, end: int, bus: str
          ) -> list[MixClip]:
    """The pieces one after the other up to `end`, crossfaded where one goes on elsewhere."""
    laid: list[MixClip] = []
    done = Fraction(0)
    for source, until in pieces:
        first = start + int(done * SAMPLE_RATE)
        done += until - source
        last = min(end, start + int(done * SAMPLE_RATE))
        if laid and (first >= end or last <= first):
            break
        early = JOIN_SAMPLES if laid and source * SAMPLE_RATE >= JOIN_SAMPLES else 0
        clip = MixClip(
            source=file.path, digest=file.digest, stream=0, sample_rate=file.sample_rate,
            source_start=(source - Fraction(early, SAMPLE_RATE)) * file.sample_rate,
            start=first - early, end=max(last, first), gain_db=cue.gain_db,
            duck=cue.duck and bus == MUSIC, label=cue.file.rpartition("/")[2])
        if laid:
            over = min(early or DECLICK_SAMPLES, laid[-1].length)
            laid[-1] = replace(laid[-1], fade_out=over, even=True)
            clip = replace(clip, fade_in=min(early, clip.length), even=True)
        laid.append(clip)
    return laid


def _pieces(cue: MusicSheet, begin: Fraction, until: Fraction, rate: Fraction,
            notes: list[CueNote]) -> tuple[Stretch, ...]:
    """The stretches of its file that a music cue plays."""
    if not cue.length:
        return ((begin, until),)
    wanted = parse_timecode(cue.length, rate, False) / rate
    if wanted <= 0:
        raise InputError(f"{cue.file}: a length of {cue.length} is nothing", where=cue.where,
                         hint="length is a duration: 00:00:32:00")
    bars = _bars(cue, rate)
    if cue.loop:
        return looped(begin, until, wanted, bars)
    if bars is None:
        raise InputError(f"{cue.file} cannot be brought to {cue.length}: its tempo is not known",
                         where=cue.where, hint="write its bpm: (beats per minute), or loop: true")
    pieces = fitted(begin, until, wanted, bars)
    got = sum((end - start for start, end in pieces), Fraction(0))
    notes.append(CueNote(
        "info" if abs(got - wanted) <= bars.length else "warning",
        f"{cue.file} lasts {float(got):.2f} s instead of {float(until - begin):.2f} s: "
        f"{len(pieces) - 1} joins on bars of {float(bars.length):.2f} s, "
        f"{float(got - wanted):+.2f} s to {cue.length}", cue.where,
        "" if abs(got - wanted) <= bars.length else "write loop: true, or use another part of it"))
    return pieces


def _bars(cue: MusicSheet, rate: Fraction) -> Bars | None:
    if not cue.bpm:
        return None
    at = parse_timecode(cue.bar_at, rate, False) / rate if cue.bar_at else Fraction(0)
    return Bars(at, 60 * cue.beats / Fraction(cue.bpm).limit_denominator(10_000))


def adr_dips(cues: Sequence[AdrSheet], files: Mapping[str, CueFile], spotting: Spotting
             ) -> tuple[Dip, ...]:
    """Where production dialogue makes room for lines that were spoken again.

    The cues are those that `cue_clips` found nothing wrong with. Raises InputError.
    """
    timeline = spotting.timeline
    dips = []
    for cue in cues:
        file = files[cue.file]
        clips = _clips(cue, file, spotting, "ADR", [])
        if not clips:
            continue
        start, end = clips[0].start, clips[-1].end
        if ":" in cue.replaces:
            frames = parse_timecode(cue.replaces, timeline.rate, False)
            end = start + _frames(frames, timeline.rate)
        elif cue.replaces:
            first = shot_frame(cue.replaces, timeline, spotting.media, spotting.conform, cue.where)
            shot = next(e.shot for e in timeline.shots() if first in e.record)
            last = max(e.record.end for e in timeline.shots() if e.shot == shot)
            start, end = (sample_position(f, timeline.rate, SAMPLE_RATE) for f in (first, last))
        dips.append(Dip(start, end, cue.under_db,
                        max(DECLICK_SAMPLES, _frames(cue.over, timeline.rate))))
    return tuple(sorted(dips, key=lambda dip: (dip.start, dip.end)))


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
