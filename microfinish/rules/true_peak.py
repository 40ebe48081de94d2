"""A02: the decoded true peak stays under the ceiling, and where it does not."""

from __future__ import annotations

from collections.abc import Iterator

from microfinish.rules.rule import Evidence, Hit, Rule


def check(evidence: Evidence) -> Iterator[Hit]:
    """One finding, at the first over; it also says where the highest one stands."""
    if evidence.sound is None:
        return
    ceiling = evidence.platform.sound.max_true_peak_dbtp
    allowed = ceiling + evidence.limits.true_peak_margin_db
    overs = [rise for rise in evidence.sound.true_peaks if rise[1] > allowed + 1e-9]
    if not overs:
        return
    highest = evidence.timecode(evidence.frame_of(overs[-1][0]))
    yield Hit("the true peak is over the ceiling",
              f"{overs[-1][1]:.1f} dBTP at {highest}", f"at most {ceiling:.1f} dBTP",
              frame=evidence.frame_of(overs[0][0]))


RULE = Rule(
    id="A02",
    title="true peak",
    severity="error",
    threshold="loudness preset: max_true_peak_dbtp; qc: true_peak_margin_db",
    source="ITU-R BS.1770-5 annex 2; AAC overshoots, so it is measured after decoding",
    fix="run mix, then master; lower the music or the ceiling of the loudness preset",
    check=check,
)
