"""Timecode on a sound track of files that state none: measured once per content, for log and sync.

log gives such a file its start timecode, to the frame; sync takes the time of day to the sample.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from microfinish.core.errors import InputError
from microfinish.core.media import Media
from microfinish.core.time import allows_drop_frame, nominal_fps
from microfinish.pipeline.stage import Context

LTC_VERSION = 2
LTC = "ltc"
"""What `Media.timecode_source` says of such a file."""
_LTC_SECONDS = 12
_LOWEST_RATE = 8000
"""A bit of timecode is a 2400th of a second: slower sound cannot hold it."""
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Linear:
    """Timecode found on a track: the time of day at the file's second 0, what the code counts at,
    and where it was found in words."""

    seconds: Fraction
    rate: Fraction
    drop: bool
    told: str


def linear_timecode(media: Media, ctx: Context) -> Linear | None:
    """The timecode on one of the tracks of a file; None where there is none, or it runs back."""
    if not media.sounds or media.sounds[0].sample_rate < _LOWEST_RATE:
        return None
    fact: Any = ctx.facts.get("ltc", LTC_VERSION, media.digest, lambda: _measured(media, ctx))
    if not fact["told"]:
        return None
    return Linear(Fraction(fact["seconds"]), Fraction(fact["rate"]), fact["drop"], fact["told"])


def labelled(media: Media, ctx: Context) -> Media:
    """The media with the start timecode of its timecode track, if it states none itself."""
    if media.start_frame is not None or media.start_sample is not None:
        return media
    found = linear_timecode(media, ctx)
    if found is None:
        return media
    rate = media.picture.rate if media.picture else found.rate
    # a camera at 29.97 beside a box at 30 shows the box's labels
    same = nominal_fps(rate) == nominal_fps(found.rate)
    frame = round(found.seconds * (found.rate if same else rate))
    return replace(media, start_frame=frame, timecode_rate=rate, timecode_source=LTC,
                   timecode_drop=found.drop and allows_drop_frame(rate))


def _measured(media: Media, ctx: Context) -> dict[str, Any]:
    """A second in four places of every track is asked, then 12 s where there is timecode."""
    from microfinish.media.ltc import carries_ltc, decode_ltc
    from microfinish.media.sound import read_range

    stream = media.sounds[0]
    rate, length = stream.sample_rate, min(stream.samples, _LTC_SECONDS * stream.sample_rate)
    path = ctx.path(media.path)
    for begin in dict.fromkeys((stream.samples - length) * place // 3 for place in range(4)):
        try:
            piece = read_range(path, 0, begin, min(length, rate + rate // 4))
            heard = [channel for channel in range(piece.shape[1])
                     if carries_ltc(piece[:, channel], rate)]
            piece = read_range(path, 0, begin, length) if heard else piece
        except InputError:
            break
        for channel in heard:
            found = decode_ltc(piece[:, channel], rate)
            if found and not found.reverse:
                seconds = found.seconds_at(-begin, rate) - stream.start
                return {"seconds": str(seconds % _DAY), "rate": str(found.rate),
                        "drop": found.drop,
                        "told": f"LTC on track {channel + 1} of {media.name}, "
                                f"{found.agreed} of {found.decoded} frames agree"}
    return {"seconds": "0", "rate": "0", "drop": False, "told": ""}
