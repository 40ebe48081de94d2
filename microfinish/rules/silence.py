"""A04: holes in the sound."""

from __future__ import annotations

from collections.abc import Iterator

from microfinish.core.measured import PEAK_BLOCK_MS
from microfinish.core.time import frame_time
from microfinish.rules.rule import Evidence, Hit, Rule, runs


def check(evidence: Evidence) -> Iterator[Hit]:
    """Stretches in which no channel rises over the silence level, declared ones excepted."""
    if evidence.sound is None:
        return
    limits = evidence.limits
    declared = _declared(evidence)
    quiet = [peak <= limits.silence_dbfs and not any(a <= n * PEAK_BLOCK_MS < b
                                                     for a, b in declared)
             for n, peak in enumerate(evidence.sound.block_peaks_dbfs)]
    for start, end in runs(quiet):
        seconds = (end - start) * PEAK_BLOCK_MS / 1000
        if seconds >= limits.max_silence_seconds:
            yield Hit("the sound is silent", f"{seconds:.2f} s",
                      f"less than {limits.max_silence_seconds:g} s below "
                      f"{limits.silence_dbfs:g} dBFS",
                      frame=evidence.frame_of(start * PEAK_BLOCK_MS / 1000))


def _declared(evidence: Evidence) -> list[tuple[float, float]]:
    """Milliseconds that the edit itself leaves silent: sound events without media."""
    rate = evidence.timeline.rate
    return [(float(frame_time(e.record.start, rate)) * 1000,
             float(frame_time(e.record.end, rate)) * 1000)
            for e in evidence.timeline.sound() if e.media == ""]


RULE = Rule(
    id="A04",
    title="silence",
    severity="error",
    threshold="qc: silence_dbfs, max_silence_seconds",
    source="trade convention: a hole of a second reads as a fault",
    fix="listen there; lay atmosphere under the hole, or cut silence in so that it is declared",
    check=check,
)
