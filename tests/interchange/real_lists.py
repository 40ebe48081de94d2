"""The real edit lists, media that fit them, and what of a timeline must survive a list."""

import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from microfinish.core.edit import EditList
from microfinish.core.errors import InputError, ProblemsError
from microfinish.core.media import Media, MediaLog, Picture, Sound
from microfinish.core.time import parse_timecode
from microfinish.core.timeline import Timeline
from microfinish.interchange.edl import read

DAY = 86_400
RATE = Fraction(25)
HERE = "MICROFINISH_TESTDATA" in os.environ
CORPUS = Path(os.environ.get("MICROFINISH_TESTDATA", "")) / "interchange"
needs_corpus = pytest.mark.skipif(
    not HERE, reason="MICROFINISH_TESTDATA is not set: no real lists here")


def lists(extension: str = "edl") -> list[Path]:
    """Every real file with this extension."""
    return sorted(CORPUS.rglob(f"*.{extension}")) if HERE else []


def camera(name: str, start: int | None = 0, frames: int = 1_000_000, rate: Fraction = RATE,
           **more: object) -> Media:
    return replace(Media(f"media/{name}", f"d-{name}", 1, reel=name.partition(".")[0],
                         start_frame=start, timecode_rate=rate,
                         picture=Picture("h264", 320, 180, rate, frames),
                         sounds=(Sound(1, "pcm", 48000, 2, frames * 2000),)), **more)


def bare(made: Timeline) -> list[tuple[object, ...]]:
    """What must survive: everything but places in files."""
    return [(e.track, e.media, e.source, e.record, e.speed, e.transition, e.cdl)
            for e in made.events]


def media_for(edit: EditList) -> MediaLog:
    """A day-long file for every source that the list names."""
    frames = DAY * round(edit.rate)
    names: dict[str, Media] = {}
    for line in edit.lines:
        if not line.black:
            name = line.reel if line.names_a_reel or not line.names else line.names[0]
            names.setdefault(name.casefold(), camera(
                name.replace("/", "_") + ".mov", 0, frames, edit.rate, reel=name))
    return MediaLog(tuple(names.values()))


def first_rate(path: Path, events: int = 120) -> EditList:
    """The list at the first rate at which all its labels exist, its first events alone."""
    for rate in (Fraction(24), RATE, Fraction(30000, 1001), Fraction(60)):
        try:
            edit = read(path.read_bytes(), path.name, rate)
            for line in edit.lines:
                for label in (line.source_in, line.source_out):
                    parse_timecode(str(label), rate, line.source_drop)
            return replace(edit, lines=edit.lines[:events])
        except (ProblemsError, InputError):
            continue
    raise AssertionError(f"{path.name} fits no rate")
