"""What an editor should know about a media file before cutting with it."""

from __future__ import annotations

from collections.abc import Iterator

from microfinish.core.finding import Finding
from microfinish.core.media import Media, Picture
from microfinish.core.time import format_rate

UNKNOWN = "unknown"


def media_findings(media: Media) -> tuple[Finding, ...]:
    """Everything odd about one file: variable rate, rotation, color tags, fields, pixel shape."""
    if media.picture is None:
        return ()
    return tuple(_findings(media, media.picture))


def _findings(media: Media, picture: Picture) -> Iterator[Finding]:
    path = media.path
    if picture.variable:
        yield Finding(
            "log.variable-rate", "warning",
            f"{path} has a variable frame rate; it is conformed to {format_rate(picture.rate)} "
            "by its timestamps", path, measured=f"{float(picture.measured_rate):.3f} fps",
            expected=f"{format_rate(picture.rate)} fps")
    if picture.rotation or picture.mirrored:
        turn = f"turned {picture.rotation} degrees clockwise" if picture.rotation else ""
        flip = "flipped left to right" if picture.mirrored else ""
        yield Finding("log.rotation", "info",
                      f"{path} is shown {' and '.join(filter(None, (turn, flip)))}, "
                      "as its file asks", path)
    unknown = [name for name, value in (("matrix", picture.matrix),
                                        ("primaries", picture.primaries),
                                        ("transfer", picture.transfer),
                                        ("range", picture.code_range)) if value == UNKNOWN]
    if unknown:
        yield Finding("log.color-tags", "info",
                      f"{path} does not state its {', '.join(unknown)}", path,
                      fix="name its camera under `cameras` in microfinish.yaml")
    if picture.interlaced:
        yield Finding("log.interlaced", "warning", f"{path} is interlaced", path,
                      fix="deinterlace it before cutting")
    if picture.sample_aspect != 1:
        yield Finding("log.pixel-shape", "info", f"{path} has pixels that are not square", path,
                      measured=f"{picture.sample_aspect.numerator}:"
                               f"{picture.sample_aspect.denominator}", expected="1:1")
