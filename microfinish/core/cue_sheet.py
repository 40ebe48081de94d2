"""The music cue sheet: what plays, whose it is and how long, as collecting societies ask it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from microfinish.core.mix import MUSIC, MixPlan, MixSheet, MusicSheet
from microfinish.core.time import format_timecode
from microfinish.core.timeline import Timeline

COLUMNS = ("cue", "title", "composer", "publisher", "isrc", "usage", "in", "out", "duration",
           "file")
USAGES = {"BI": "background instrumental", "BV": "background vocal", "TH": "theme"}


@dataclass(frozen=True, slots=True)
class MusicCue:
    """One piece of music as it is heard: record samples at 48 kHz, `end` exclusive.

    An empty `title` is the file's name; other empty fields are what mix.yaml does not say.
    """

    number: int
    title: str
    composer: str
    publisher: str
    isrc: str
    usage: str
    start: int
    end: int
    file: str

    @property
    def lacking(self) -> tuple[str, ...]:
        """What a society will send back the sheet for."""
        return tuple(name for name in ("composer", "publisher") if not getattr(self, name))


def music_cues(plan: MixPlan, sheet: MixSheet) -> tuple[MusicCue, ...]:
    """The music of a mix in the order in which it begins; pieces of one file that follow each
    other within a frame are one cue."""
    frame = int(plan.sample_rate / plan.rate)
    joined: list[tuple[str, int, int]] = []
    for clip in sorted(plan.bus(MUSIC).clips, key=lambda clip: (clip.source, clip.start)):
        if joined and joined[-1][0] == clip.source and clip.start <= joined[-1][2] + frame:
            joined[-1] = (clip.source, joined[-1][1], max(joined[-1][2], clip.end))
        else:
            joined.append((clip.source, clip.start, clip.end))
    joined.sort(key=lambda cue: (cue[1], cue[0]))
    return tuple(_cue(number, cue, sheet.music)
                 for number, cue in enumerate(joined, 1))


def _cue(number: int, cue: tuple[str, int, int], sheets: Sequence[MusicSheet]) -> MusicCue:
    source, start, end = cue
    named = [sheet for sheet in sheets if sheet.file == source]
    said = next((sheet for sheet in named if sheet.title or sheet.composer), None) or (
        named[0] if named else MusicSheet(source))
    name = source.rpartition("/")[2].rpartition(".")[0]
    return MusicCue(number, said.title or name, said.composer, said.publisher, said.isrc,
                    said.usage, start, end, source)


def cue_rows(cues: Sequence[MusicCue], timeline: Timeline) -> Iterator[tuple[str, ...]]:
    """One row per cue, as `COLUMNS`; in and out are record timecodes, the duration is m:ss.s."""
    for cue in cues:
        yield (str(cue.number), cue.title, cue.composer, cue.publisher, cue.isrc, cue.usage,
               _timecode(cue.start, timeline), _timecode(cue.end, timeline),
               _duration(cue.end - cue.start), cue.file)


def _timecode(sample: int, timeline: Timeline) -> str:
    frame = round(Fraction(sample, 48_000) * timeline.rate)
    return format_timecode(timeline.start_frame + frame, timeline.rate, timeline.drop)


def _duration(samples: int) -> str:
    tenths = round(samples / 4800)
    return f"{tenths // 600}:{tenths % 600 / 10:04.1f}"
