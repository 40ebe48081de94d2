"""C05: every frame lasts as long as every other, at a rate the platform takes."""

from __future__ import annotations

from collections.abc import Iterator

from microfinish.core.time import format_rate
from microfinish.rules.rule import Evidence, Hit, Rule, severity_of, source_of


def check(evidence: Evidence) -> Iterator[Hit]:
    """The first frame off the timeline's grid, by more than one tick, and the rate's limits."""
    track, rate = evidence.boxes.track("vide"), evidence.timeline.rate
    if track is not None:
        times = sorted(track.presentation_times())
        for number, time in enumerate(times):
            off = (time - times[0]) - number * track.timescale / rate
            if abs(off) > 1:
                yield Hit("frames do not come at a constant rate",
                          f"frame {number} is {float(off) / track.timescale * 1000:+.1f} ms off",
                          f"every frame on the {format_rate(rate)} fps grid", frame=number)
                break
    for key, word, outside in (("min_rate", "at least", float.__lt__),
                               ("max_rate", "at most", float.__gt__)):
        asked = evidence.platform.requirement(key)
        if asked and outside(float(rate), float(asked.value)):
            yield Hit("the platform does not take this frame rate", f"{format_rate(rate)} fps",
                      f"{word} {asked.value} fps", severity_of(asked), source=source_of(asked),
                      fix="deliver another rate, or leave this platform out")


RULE = Rule(
    id="C05",
    title="constant frame rate",
    severity="error",
    threshold="the timeline's rate, one tick; platform: min_rate, max_rate",
    source="Facebook Reels: fixed fps; every edit counts frames on a constant grid",
    fix="run master again",
    check=check,
)
