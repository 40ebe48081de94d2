"""C07: container and bitstream both say BT.709, limited range."""

from __future__ import annotations

from collections.abc import Iterator

from microfinish.rules.rule import Evidence, Hit, Rule

_BT709 = 1


def check(evidence: Evidence) -> Iterator[Hit]:
    """One finding per wrong tag of the decoded picture, and one for a container that disagrees."""
    streams = evidence.streams
    for name, have, want in (("primaries", streams.primaries, "bt709"),
                             ("transfer", streams.transfer, "bt709"),
                             ("matrix", streams.matrix, "bt709"),
                             ("range", streams.code_range, "tv")):
        if have != want:
            yield Hit(f"the color {name} tag is wrong", have, want, frame=0)
    track = evidence.boxes.track("vide")
    tag = track.color if track else None
    if tag is None:
        yield Hit("the container has no color tag", "no colr box", "colr 1-1-1",
                  severity="warning")
    elif (tag.primaries, tag.transfer, tag.matrix) != (_BT709,) * 3 or tag.full_range:
        yield Hit("the container's color tag is wrong",
                  f"colr {tag.primaries}-{tag.transfer}-{tag.matrix}"
                  + (" full range" if tag.full_range else ""), "colr 1-1-1 limited")


RULE = Rule(
    id="C07",
    title="color tags",
    severity="error",
    threshold="bt709, limited",
    source="ITU-R BT.709; ITU-T H.273; YouTube and Meta upload pages",
    fix="run master again; untagged files look washed out or too dark on phones",
    check=check,
)
