"""What an assistant editor reads about each media file: one row of plain words per file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from fractions import Fraction

from microfinish.core.errors import InputError
from microfinish.core.media import Media, Picture, Sound
from microfinish.core.media_findings import UNKNOWN, camera_letter
from microfinish.core.time import format_rate, format_timecode

COLUMNS = ("file", "reel", "timecode in", "out", "frames", "rate", "picture", "color", "sound",
           "scene", "take", "camera", "lens")
_MODELS = ("camera model", "com.apple.quicktime.model", "model", "product_name")
_LENSES = ("lens", "lens model", "lens type")
CSV_COLUMNS = (*COLUMNS, "timecode from", "size bytes", "digest", "findings")


def sheet_row(media: Media) -> tuple[str, ...]:
    """The cells of `COLUMNS`; out is exclusive, as in an EDL. Empty where the file has no such
    thing."""
    picture = media.picture
    start, end = timecode_range(media)
    count = frames(media)
    return (media.path, media.reel, start, end, "" if count is None else str(count),
            rate_words(media), picture_words(picture) if picture else "",
            color_words(picture) if picture else "",
            " + ".join(sound_words(sound) for sound in media.sounds), media.scene, media.take,
            camera_words(media), lens_words(media))


def camera_words(media: Media) -> str:
    """The camera's letter and model, as far as the file, its name or a log says."""
    said = {key.casefold(): value for key, value in media.tags.items()}
    letter = said.get("camera", "") or (camera_letter(media) if media.picture else "")
    model = next((said[key] for key in _MODELS if said.get(key)), "")
    return " ".join(dict.fromkeys(filter(None, (letter, model))))


def lens_words(media: Media) -> str:
    """The lens, and its focal length where that stands apart."""
    said = {key.casefold(): value for key, value in media.tags.items()}
    lens = next((said[key] for key in _LENSES if said.get(key)), "")
    focal = said.get("focal length", "")
    focal = f"{focal} mm" if focal.replace(".", "").isdecimal() else focal
    return " ".join(filter(None, (lens, focal)))


def sheet_csv(files: Iterable[Media], findings: dict[str, list[str]]) -> str:
    """The rows as CSV (RFC 4180, CRLF); `findings` are the messages by file path."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(CSV_COLUMNS)
    for media in files:
        rows.writerow([_inert(cell) for cell in (
            *sheet_row(media), media.timecode_source, str(media.size_bytes), media.digest,
            "; ".join(findings.get(media.path, ())))])
    return text.getvalue()


def frames(media: Media) -> int | None:
    """Frames of the picture's rate, or of the rate that a recorder file's timecode counts at."""
    if media.picture:
        return media.picture.frames
    if media.timecode_rate is None:
        return None
    return max((int(_seconds(sound) * media.timecode_rate) for sound in media.sounds), default=0)


def timecode_range(media: Media) -> tuple[str, str]:
    """Start and exclusive end of the file's timecode; two empty texts where it states none.

    A recorder file that counts samples and names no frame rate gets a time of day in ms.
    """
    count = frames(media)
    if media.start_frame is not None and media.timecode_rate and count is not None:
        return (_label(media.start_frame, media.timecode_rate, media.timecode_drop),
                _label(media.start_frame + count, media.timecode_rate, media.timecode_drop))
    if media.start_sample is not None and media.sounds:
        start = Fraction(media.start_sample, media.sounds[0].sample_rate)
        return _clock(start), _clock(start + max(map(_seconds, media.sounds)))
    return "", ""


def rate_words(media: Media) -> str:
    """`25`, `30 VFR (29.71 measured)`, `29.97 DF`; interlaced files say so."""
    picture = media.picture
    rate = picture.rate if picture else media.timecode_rate
    if rate is None:
        return ""
    words = [format_rate(rate)]
    if media.timecode_drop:
        words.append("DF")
    if picture and picture.variable:
        words.append(f"VFR ({float(picture.measured_rate):.2f} measured)"
                     if picture.measured_rate else "VFR")
    if picture and picture.interlaced:
        words.append("interlaced")
    return " ".join(words)


def picture_words(picture: Picture) -> str:
    """`hevc 1920x1080 rotated 90`: stored pixels, and how they are shown."""
    words = [f"{picture.codec} {picture.width}x{picture.height}"]
    if picture.rotation:
        words.append(f"rotated {picture.rotation}")
    if picture.mirrored:
        words.append("mirrored")
    if picture.sample_aspect != 1:
        words.append(f"pixel {picture.sample_aspect.numerator}:{picture.sample_aspect.denominator}")
    return " ".join(words)


def color_words(picture: Picture) -> str:
    """`10 bit tv, bt2020/arib-std-b67/bt2020nc`: depth and range, then primaries, transfer and
    matrix as one word where they agree; `untagged` where the file says nothing."""
    tags = [picture.primaries, picture.transfer, picture.matrix]
    known = {tag for tag in tags if tag != UNKNOWN}
    named = "untagged" if not known else (
        tags[0] if len(set(tags)) == 1 else "/".join(
            "?" if tag == UNKNOWN else tag for tag in tags))
    depth = f"{picture.bit_depth} bit"
    if picture.code_range != UNKNOWN:
        depth += f" {picture.code_range}"
    return f"{depth}, {named}"


def sound_words(sound: Sound) -> str:
    """`2 ch 48 kHz (Boom, Lav 1)`."""
    names = f" ({', '.join(filter(None, sound.names))})" if any(sound.names) else ""
    return f"{sound.channels} ch {sound.sample_rate / 1000:g} kHz{names}"


def _seconds(sound: Sound) -> Fraction:
    return Fraction(sound.samples, sound.sample_rate)


def _label(frame: int, rate: Fraction, drop: bool) -> str:
    try:
        return format_timecode(frame, rate, drop)
    except (InputError, ValueError):  # a rate without timecode, such as 12.5
        return str(frame)


def _clock(seconds: Fraction) -> str:
    whole = round(seconds * 1000)
    return (f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}"
            f".{whole % 1000:03}")


def _inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
