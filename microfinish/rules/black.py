"""V01: black frames nobody cut in."""

from __future__ import annotations

from collections.abc import Iterator

from microfinish.core.timeline import Timeline
from microfinish.rules.rule import Evidence, Hit, Rule, runs


def check(evidence: Evidence) -> Iterator[Hit]:
    """Black stretches: a warning at the first frame and for a long tail, an error in between."""
    limits, picture, rate = evidence.limits, evidence.picture, evidence.timeline.rate
    declared = declared_black(evidence.timeline)
    dark = [luma <= limits.black_luma for luma in picture.near_max]
    for start, end in runs([is_dark and frame not in declared
                            for frame, is_dark in enumerate(dark)]):
        length = f"{end - start} frames"
        if start == 0 and end < picture.frames:
            yield Hit("the file starts black: feeds show this frame as the cover", length,
                      "picture from the first frame on", "warning", 0)
        elif end == picture.frames and start > 0:
            if (end - start) / rate > limits.max_black_tail_seconds:
                yield Hit("the file ends in a long black", length,
                          f"at most {limits.max_black_tail_seconds:g} s", "warning", start)
        elif end - start == picture.frames:
            yield Hit("the whole picture is black", length, "a picture", frame=0)
        elif end - start > limits.max_black_frames:
            yield Hit("black frames inside the picture", length,
                      f"at most {limits.max_black_frames} frames", frame=start)


def declared_black(timeline: Timeline) -> set[int]:
    """Frames the edit itself leaves black: gaps, black events, transitions from or to one,
    and dips to black."""
    shown: set[int] = set()
    mixing: set[int] = set()
    previous_black = True
    for event in timeline.picture():
        black = event.media == ""
        if not black:
            shown.update(event.record)
        through = event.transition is not None and event.transition.kind == "dip-black"
        if event.transition and (black or previous_black or through):
            start = event.record.start
            mixing.update(range(start, start + event.transition.frames))
        previous_black = black
    return (set(range(timeline.frames)) - shown) | mixing


RULE = Rule(
    id="V01",
    title="black",
    severity="error",
    threshold="qc: black_luma, max_black_frames, max_black_tail_seconds",
    source="trade convention; ffmpeg blackdetect's defaults",
    fix="look at the frame; close the gap in the edit, or cut black in so that it is declared",
    check=check,
)
