"""Every built-in rule, in the order a report lists them."""

from __future__ import annotations

from microfinish.core.finding import Finding
from microfinish.rules import (
    black,
    color_tags,
    constant_rate,
    container,
    edit_list,
    frames,
    freeze,
    loudness,
    raster,
    silence,
    size,
    skew,
    true_peak,
)
from microfinish.rules.rule import Evidence, Rule

RULES: tuple[Rule, ...] = (
    container.RULE,
    edit_list.RULE,
    skew.RULE,
    frames.RULE,
    constant_rate.RULE,
    raster.RULE,
    color_tags.RULE,
    size.RULE,
    black.RULE,
    freeze.RULE,
    loudness.RULE,
    true_peak.RULE,
    silence.RULE,
)


def check_file(evidence: Evidence) -> tuple[Finding, ...]:
    """All findings of one delivered file, rule by rule."""
    return tuple(finding for rule in RULES for finding in rule.findings(evidence))
