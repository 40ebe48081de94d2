"""A01: the delivered sound is as loud as ordered, measured after decoding by another meter."""

from __future__ import annotations

from collections.abc import Iterator

from microfinish.rules.rule import Evidence, Hit, Rule

_UNMEASURABLE_LUFS = -69.9
"""Below the absolute gate of BS.1770 there is no loudness; the meter then says -70."""


def check(evidence: Evidence) -> Iterator[Hit]:
    """Integrated loudness against the target, the two meters' difference allowed for."""
    if evidence.sound is None:
        return
    order, measured = evidence.platform.sound, evidence.sound.integrated_lufs
    if order.anchor == "dialogue":
        return  # the file alone does not tell who speaks; master measured it and failed closed
    allowed = order.tolerance_lu + evidence.limits.loudness_margin_lu
    expected = f"{order.target_lufs:.1f} ±{order.tolerance_lu:g} LUFS"
    if measured <= _UNMEASURABLE_LUFS:
        yield Hit("the sound is too quiet to have a loudness", "below -70 LUFS", expected)
    elif abs(measured - order.target_lufs) > allowed + 1e-9:
        way = "loud" if measured > order.target_lufs else "quiet"
        yield Hit(f"the sound is too {way}", f"{measured:.1f} LUFS", expected)


RULE = Rule(
    id="A01",
    title="integrated loudness",
    severity="error",
    threshold="loudness preset: target_lufs, tolerance_lu; qc: loudness_margin_lu",
    source="ITU-R BS.1770-5, EBU Tech 3341",
    fix="run mix, then master; a mix that cannot reach the target says so in its document",
    check=check,
)
