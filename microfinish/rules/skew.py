"""C03: picture and sound start together and end together, edit lists honored or not."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from microfinish.rules.rule import Evidence, Hit, Rule

AAC_PACKET_SAMPLES = 1024


def check(evidence: Evidence) -> Iterator[Hit]:
    """At most one finding for the starts and one for the ends: the worse of the two readings."""
    picture, sound = evidence.boxes.track("vide"), evidence.boxes.track("soun")
    if picture is None or sound is None:
        return
    scale = evidence.boxes.timescale
    readings = {
        "edit list honored": (picture.shown(scale), sound.shown(scale)),
        "edit list ignored": ((picture.start, picture.end), (sound.start, sound.end)),
    }
    starts = {how: a[0] - v[0] for how, (v, a) in readings.items()}
    ends = {how: a[1] - v[1] for how, (v, a) in readings.items()}
    how, late = max(starts.items(), key=lambda item: abs(item[1]))
    allowed_ms = evidence.limits.max_start_skew_ms
    if abs(late) * 1000 > allowed_ms:
        yield Hit(f"the sound starts {'after' if late > 0 else 'before'} the picture ({how})",
                  _ms(late), f"within {allowed_ms:g} ms", frame=0)
    how, late = max(ends.items(), key=lambda item: abs(item[1]))
    frame = 1 / evidence.timeline.rate
    allowed = max(frame * Fraction(evidence.limits.max_end_skew_frames), _packet(evidence))
    if abs(late) > allowed:
        yield Hit(f"the sound ends {'after' if late > 0 else 'before'} the picture ({how})",
                  _ms(late), f"within {_ms(allowed)}",
                  frame=max(0, evidence.picture.frames - 1))


def _packet(evidence: Evidence) -> Fraction:
    # AAC comes in whole packets, so its end cannot be nearer than one of them.
    streams = evidence.streams
    if streams.sound_codec != "aac" or not streams.sample_rate:
        return Fraction(0)
    return Fraction(AAC_PACKET_SAMPLES, streams.sample_rate)


def _ms(seconds: Fraction) -> str:
    return f"{float(seconds) * 1000:.1f} ms"


RULE = Rule(
    id="C03",
    title="A/V start and end",
    severity="error",
    threshold="qc: max_start_skew_ms, max_end_skew_frames",
    source="EBU R37; Telestream FC-108",
    fix="run mix, then master; a sound that is too short means the mix is older than the edit",
    check=check,
)
