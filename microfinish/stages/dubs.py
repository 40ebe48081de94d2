"""Dubs: another language's dialogue in the place of the original, its music ducked anew.

A dubbing house puts its WAV files into `episodes/EP/dubs/LANG/`. Each lies where its timecode says
(bext or iXML); one without timecode begins with the first frame. Dubs are spoken to a locked
picture, so they do not move with a re-cut.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from microfinish.core.cleanup import Cleanup
from microfinish.core.errors import InputError, Where
from microfinish.core.mix import DIALOGUE, PRINTED_BUS, SAMPLE_RATE, STEM_OF, Bus, MixClip, MixPlan
from microfinish.core.time import sample_position
from microfinish.core.timeline import Timeline
from microfinish.project.episode import Episode

Dubs = Mapping[str, tuple[tuple[str, str], ...]]
"""Per language: (project-relative path, content digest) of every file."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_DAY_SECONDS = 86_400


def dub_files(episode: Episode) -> Dubs:
    """The dubs of an episode. Raises InputError for a folder that is not named as a language."""
    folder = episode.layout.dubs(episode.name)
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not place.is_dir() or place.name.startswith("."):
            continue
        shown = episode.layout.shown(place)
        if not _LANGUAGE.fullmatch(place.name):
            raise InputError(f"{shown} is not named after a language", where=Where(shown),
                             hint="name it by its language tag: es, pt-BR, zh-Hans")
        files = [episode.layout.shown(path) for path in sorted(place.iterdir())
                 if path.suffix.lower() == ".wav" and not path.name.startswith(".")]
        if files:
            found[place.name] = tuple((file, episode.file_digest(file)) for file in files)
    return found


def dubbed(plan: MixPlan, files: tuple[tuple[str, str], ...], timeline: Timeline, root: Path
           ) -> MixPlan:
    """The plan with `files` as its dialogue; music and effects are as they were before ducking.

    Raises InputError where a file lies outside the programme, or where the original's words are in
    a printed mix.
    """
    if any(PRINTED_BUS[stem.role] not in ("MX", "FX", DIALOGUE) for stem in plan.printed):
        raise InputError("a printed mix has the original dialogue in it: no dub can be laid",
                         where=Where(files[0][0]),
                         hint="give printed music and effects as stems in mix.yaml")
    clips = tuple(_clip(file, digest, timeline, plan.samples, root) for file, digest in files)
    others = tuple(bus for bus in plan.buses if STEM_OF.get(bus.name, bus.name) != DIALOGUE)
    return replace(plan, buses=(Bus(DIALOGUE, clips), *others), cleanup=Cleanup(), dips=(),
                   cleaned=(), notices=(), findings=(),
                   printed=tuple(stem for stem in plan.printed
                                 if PRINTED_BUS[stem.role] != DIALOGUE))


def _clip(file: str, digest: str, timeline: Timeline, samples: int, root: Path) -> MixClip:
    from microfinish.media.bwf import read_bwf
    from microfinish.media.sound import describe

    rate, _, length = describe(root / file)
    header = read_bwf(root / file)
    start = 0
    if header and header.time_reference:
        begins = sample_position(timeline.start_frame, timeline.rate, SAMPLE_RATE)
        start = round(Fraction(header.time_reference * SAMPLE_RATE, header.clock_rate or rate)
                      ) - begins
    end = start + round(Fraction(length * SAMPLE_RATE, rate))
    if end <= 0 or start >= samples:
        raise InputError(f"{file} lies outside the episode: its timecode is {_clock(start)} from "
                         "the first frame", where=Where(file),
                         hint="print it from the episode's timecode, or without any from its first "
                              "frame on")
    return MixClip(file, digest, 0, rate, Fraction(0), start, end,
                   label=file.rpartition("/")[2])


def _clock(samples: int) -> str:
    seconds = abs(samples) / SAMPLE_RATE % _DAY_SECONDS
    sign = "-" if samples < 0 else "+"
    return f"{sign}{seconds // 3600:02.0f}:{seconds % 3600 // 60:02.0f}:{seconds % 60:04.1f}"
