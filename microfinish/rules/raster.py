"""C06: the picture has the size, shape, orientation and pixel format that was ordered."""

from __future__ import annotations

from collections.abc import Iterator

from microfinish.rules.rule import Evidence, Hit, Rule, severity_of, source_of

_LIMITS = {
    "min_width": ("width", "at least", int.__lt__), "max_width": ("width", "at most", int.__gt__),
    "min_height": ("height", "at least", int.__lt__),
    "max_height": ("height", "at most", int.__gt__),
}


def check(evidence: Evidence) -> Iterator[Hit]:
    """Raster, sample aspect, rotation, pixel format, interlacing, and the platform's sizes."""
    streams, spec = evidence.streams, evidence.platform.picture
    want = spec.raster or evidence.raster
    if (streams.width, streams.height) != (want.width, want.height):
        yield Hit("the picture has another size", f"{streams.width}x{streams.height}", str(want))
    if streams.sample_aspect != 1:
        yield Hit("pixels are not square", f"sample aspect {streams.sample_aspect}", "1")
    track = evidence.boxes.track("vide")
    if track is not None and not track.is_upright:
        yield Hit("the file asks players to turn or mirror the picture", "a display matrix", "none")
    if streams.pixel_format != spec.pixel_format:
        yield Hit("the pixel format is another", streams.pixel_format, spec.pixel_format)
    if streams.interlaced:
        yield Hit("the picture is interlaced", "interlaced", "progressive")
    for key, (side, word, outside) in _LIMITS.items():
        asked = evidence.platform.requirement(key)
        have = int(getattr(streams, side))
        if asked and outside(have, int(asked.value)):
            yield Hit(f"the platform does not take this {side}", f"{have} px",
                      f"{word} {asked.value} px", severity_of(asked), source=source_of(asked),
                      fix="set another raster in microfinish.yaml or in the encode preset")


RULE = Rule(
    id="C06",
    title="raster and pixels",
    severity="error",
    threshold="season: raster; encode: pixel_format; platform: min_/max_ width and height",
    source="the season's raster and the encode preset",
    fix="run master again",
    check=check,
)
