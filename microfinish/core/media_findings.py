"""What an editor should know about a media file before cutting with it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from microfinish.core.finding import Finding
from microfinish.core.media import Media, Picture
from microfinish.core.time import format_rate

UNKNOWN = "unknown"
NAME_ITS_CAMERA = "name its camera under `cameras` in microfinish.yaml"


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
                      fix=NAME_ITS_CAMERA)
    if picture.interlaced:
        yield Finding("log.interlaced", "warning", f"{path} is interlaced", path,
                      fix="deinterlace it before cutting")
    if picture.sample_aspect != 1:
        yield Finding("log.pixel-shape", "info", f"{path} has pixels that are not square", path,
                      measured=f"{picture.sample_aspect.numerator}:"
                               f"{picture.sample_aspect.denominator}", expected="1:1")


_CAMERA = re.compile(r"^([A-Z])\d{3}", re.IGNORECASE)
_MODELS = ("com.apple.quicktime.model", "model", "com.android.model")


def camera_letter(media: Media) -> str:
    """The camera that a reel or clip name such as `A001` states; empty where it states none."""
    match = _CAMERA.match(media.reel) or _CAMERA.match(media.name)
    return match[1].upper() if match else ""


def mixed_color(files: Iterable[Media]) -> tuple[Finding, ...]:
    """One finding per camera whose files are tagged in several ways: one input transform for all
    of them would be wrong for some."""
    cameras: dict[str, list[Media]] = defaultdict(list)
    for media in files:
        if media.picture and media.picture.frames > 1:
            cameras[_camera(media)].append(media)
    return tuple(finding for name, found in cameras.items() for finding in _mixed(name, found))


def _camera(media: Media) -> str:
    """What the files of one camera share: their model, their letter, or how their names begin."""
    model = next((media.tags[key] for key in _MODELS if media.tags.get(key)), "")
    letter = camera_letter(media)
    return model or (f"camera {letter}" if letter else
                     f"{media.name.rstrip('0123456789 ()-')}*")


def _mixed(name: str, files: list[Media]) -> Iterator[Finding]:
    tagged = Counter(_tags(media) for media in files)
    if len(tagged) < 2:
        return
    usual = tagged.most_common(1)[0][0]
    odd = [media for media in files if _tags(media) != usual]
    named = ", ".join(f"{media.path} ({_tags(media)})" for media in odd[:3])
    more = f" and {len(odd) - 3} more" if len(odd) > 3 else ""
    yield Finding("log.mixed-color", "warning",
                  f"{name}: {len(odd)} of {len(files)} files are tagged otherwise than the rest: "
                  f"{named}{more}", odd[0].path, measured=_tags(odd[0]), expected=usual,
                  fix="name each setting of the camera under `cameras` in microfinish.yaml")


def _tags(media: Media) -> str:
    picture = media.picture
    return "" if picture is None else "/".join(
        (picture.primaries, picture.transfer, picture.matrix, picture.code_range))
