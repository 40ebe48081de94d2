"""A04: holes in the sound."""

from __future__ import annotations

from collections.abc import Iterator

from microfinish.core.measured import PEAK_BLOCK_MS
from microfinish.core.time import frame_time
from microfinish.core.timeline import Event
from microfinish.rules.rule import Evidence, Hit, Rule, runs

_Stretch = tuple[float, float]
"""From and to, in milliseconds."""


def check(evidence: Evidence) -> Iterator[Hit]:
    """Stretches in which no channel rises over the silence level, declared ones excepted."""
    if evidence.sound is None:
        return
    limits = evidence.limits
    declared, muted, heard = _declared(evidence), *_muted(evidence)

    def is_meant(at: float) -> bool:
        return _lies(at, declared) or (_lies(at, muted) and not _lies(at, heard))

    quiet = [peak <= limits.silence_dbfs and not is_meant(n * PEAK_BLOCK_MS)
             for n, peak in enumerate(evidence.sound.block_peaks_dbfs)]
    for start, end in runs(quiet):
        seconds = (end - start) * PEAK_BLOCK_MS / 1000
        if seconds >= limits.max_silence_seconds:
            yield Hit("the sound is silent", f"{seconds:.2f} s",
                      f"less than {limits.max_silence_seconds:g} s below "
                      f"{limits.silence_dbfs:g} dBFS",
                      frame=evidence.frame_of(start * PEAK_BLOCK_MS / 1000))


def _declared(evidence: Evidence) -> list[_Stretch]:
    """Milliseconds that the edit itself leaves silent: sound events without media."""
    return [_stretch(e, evidence) for e in evidence.timeline.sound() if e.media == ""]


def _muted(evidence: Evidence) -> tuple[list[_Stretch], list[_Stretch]]:
    """What the mix mutes because its speed is changed (core.dialogue), and what sounds."""
    events = [e for e in evidence.timeline.sound() or evidence.timeline.picture() if e.media]
    stretches: tuple[list[_Stretch], list[_Stretch]] = ([], [])
    for event in events:
        sounds = not event.retime and event.speed == 1
        stretches[sounds].append(_stretch(event, evidence))
    return stretches


def _stretch(event: Event, evidence: Evidence) -> _Stretch:
    rate = evidence.timeline.rate
    return (float(frame_time(event.record.start, rate)) * 1000,
            float(frame_time(event.record.end, rate)) * 1000)


def _lies(at: float, stretches: list[_Stretch]) -> bool:
    return any(start <= at < end for start, end in stretches)


RULE = Rule(
    id="A04",
    title="silence",
    severity="error",
    threshold="qc: silence_dbfs, max_silence_seconds",
    source="trade convention: a hole of a second reads as a fault",
    fix="listen there; lay atmosphere under the hole, or cut silence in so that it is declared",
    check=check,
)
