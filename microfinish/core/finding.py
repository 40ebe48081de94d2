"""Findings: one result of a check, with its place, what was measured and what was expected."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`severity` is error, warning or info. `at` is a record timecode or a media time, as text.

    `measured` and `expected` are short texts with units ("-13.2 LUFS", "-14.0 ±0.5 LUFS").
    """

    rule: str
    severity: str
    message: str
    file: str = ""
    at: str = ""
    shot: str = ""
    measured: str = ""
    expected: str = ""
    source: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """The body of `qc.yaml`: what was found in the files named in `checked`."""

    checked: tuple[str, ...]
    findings: tuple[Finding, ...]
