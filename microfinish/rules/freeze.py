"""V02: pictures that stand still without the edit holding them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from microfinish.core.sampling import shown_frames
from microfinish.core.timeline import Event
from microfinish.rules.black import declared_black
from microfinish.rules.rule import Evidence, Hit, Rule, runs

_RECODED = (0.01, 0.05)
"""A held picture coded afresh at a key frame changes by up to this, on the mean and locally.

Measured with the built-in encode: 0.0066 and 0.033. A cut changes by far more.
"""


def check(evidence: Evidence) -> Iterator[Hit]:
    """Still stretches of a second (warning) or three (error), holds of the edit excepted."""
    limits, rate = evidence.limits, evidence.timeline.rate
    for start, end in runs(_still(evidence)):
        # The picture that is held shows first one frame before the first that equals it.
        first = max(0, start - 1)
        seconds = float((end - first) / rate)
        if seconds < limits.freeze_warning_seconds:
            continue
        severe = seconds >= limits.freeze_error_seconds
        limit = limits.freeze_error_seconds if severe else limits.freeze_warning_seconds
        yield Hit("the picture is frozen", f"{end - first} frames ({seconds:.2f} s)",
                  f"less than {limit:g} s", "error" if severe else "warning", first)


def _still(evidence: Evidence) -> list[bool]:
    """Per frame, whether it shows what the frame before showed, and nothing excuses that."""
    limits, picture = evidence.limits, evidence.picture
    noise = (10 ** (limits.freeze_noise_db / 20), 10 ** (limits.freeze_local_db / 20))
    excused, keys = _excused(evidence), _key_frames(evidence)
    still: list[bool] = []
    for frame, (mean, local) in enumerate(zip(picture.change, picture.local_change, strict=True)):
        allowed = _RECODED if frame in keys and still and still[-1] else noise
        held = mean <= allowed[0] and local <= allowed[1]
        dark = picture.near_max[frame] <= limits.black_luma
        still.append(frame > 0 and held and not dark and frame not in excused)
    return still


def _excused(evidence: Evidence) -> set[int]:
    """Frames that the edit itself holds, or leaves black."""
    held = {frame for event in evidence.timeline.picture() if event.speed == 0
            for frame in event.record}
    held |= {frame for event in evidence.timeline.picture() if event.retime
             for frame in _held_by_the_curve(event)}
    return held | declared_black(evidence.timeline)


def _held_by_the_curve(event: Event) -> Iterator[int]:
    """Frames that show, by their event's variable speed, what the one before showed."""
    shown = shown_frames(event, Fraction(1), 0, event.record.length)
    for frame, (before, here) in enumerate(pairwise(shown), event.record.start + 1):
        if before == here:
            yield frame


def _key_frames(evidence: Evidence) -> set[int]:
    track = evidence.boxes.track("vide")
    if track is None or track.sync_samples is None:
        return set()
    # In closed groups a key frame stands at the same place in decoding and in showing order.
    return set(track.sync_samples)


RULE = Rule(
    id="V02",
    title="freeze",
    severity="error",
    threshold="qc: freeze_noise_db, freeze_local_db, freeze_warning_seconds, freeze_error_seconds",
    source="trade convention; ffmpeg freezedetect's default of -60 dB",
    fix="look at the shot; where the hold is meant, give the event speed 0 in the edit",
    check=check,
)
