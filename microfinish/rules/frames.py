"""C04: as many frames as the timeline, in closed groups no longer than ordered."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from microfinish.core.deliver import Requirement
from microfinish.rules.rule import Evidence, Hit, Rule, severity_of, source_of

_FIX_GOP = "use an encode preset with open-gop=0 and a shorter gop_seconds"


def check(evidence: Evidence) -> Iterator[Hit]:
    """Frame count, open groups, and the longest group."""
    have, want = evidence.picture.frames, evidence.timeline.frames
    if have != want:
        yield Hit("the file's length is not the timeline's", f"{have} frames", f"{want} frames",
                  frame=min(have, want))
    yield from _open_groups(evidence)
    yield from _long_groups(evidence)


def _open_groups(evidence: Evidence) -> Iterator[Hit]:
    track, asked = evidence.boxes.track("vide"), evidence.platform.requirement("closed_gop")
    if track is None or track.sync_samples is None or all(evidence.streams.key_units):
        return
    number = evidence.streams.key_units.index(False)
    frame = track.sync_samples[number] if number < len(track.sync_samples) else 0
    yield Hit("a group of pictures is open", "key frame without IDR", "closed groups",
              severity_of(asked) if asked else "warning", frame,
              source_of(asked) if asked else "", _FIX_GOP)


def _long_groups(evidence: Evidence) -> Iterator[Hit]:
    track, rate = evidence.boxes.track("vide"), evidence.timeline.rate
    if track is None or track.sync_samples is None:
        return
    borders = [*track.sync_samples, track.samples]
    length, start = max((after - before, before)
                        for before, after in pairwise(borders))
    asked = evidence.platform.requirement("max_gop_seconds")
    ordered = evidence.platform.picture.gop_seconds
    limit, severity, source = _limit(asked, ordered)
    # gop_seconds becomes whole frames when it is encoded: 2 s at 23.976 are 48.
    if limit and length > round(limit * rate):
        yield Hit("a group of pictures is too long", f"{float(length / rate):.2f} s",
                  f"at most {limit:g} s", severity, start, source, _FIX_GOP)


def _limit(asked: Requirement | None, ordered: float) -> tuple[float, str, str]:
    if asked:
        return float(asked.value), severity_of(asked), source_of(asked)
    return ordered, "warning", "encode preset: gop_seconds"


RULE = Rule(
    id="C04",
    title="frames and groups of pictures",
    severity="error",
    threshold="the locked timeline; platform: closed_gop, max_gop_seconds",
    source="the picture lock",
    fix="run master again; the file was made from another revision",
    check=check,
)
