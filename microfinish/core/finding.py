"""Findings: one result of a check, with its place, what was measured and what was expected."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`severity` is error, warning or info. `at` is a record timecode or a media time, as text.

    `measured` and `expected` are short texts with units ("-13.2 LUFS", "-14.0 ±0.5 LUFS").
    `was` is the record timecode in the older cut, of what a re-cut did; `at` is then that of the
    current one, "" where it has no place any more.
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
    was: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """The body of `qc.yaml`: what was found in the files named in `checked`."""

    checked: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class QcPreset:
    """A file in presets/qc: what the rules call black, frozen and silent, and how much is too much.

    Luma is 0 (black) to 1 (white); 98 % of a frame must be darker than
    `black_luma` for it to be black. Margins are how far the checking meter may differ from the
    one that made the mix.
    """

    title: str = ""
    black_luma: float = 0.1
    max_black_frames: int = 2
    max_black_tail_seconds: float = 0.5
    freeze_noise_db: float = -60.0
    freeze_local_db: float = -40.0
    freeze_warning_seconds: float = 1.0
    freeze_error_seconds: float = 3.0
    silence_dbfs: float = -60.0
    max_silence_seconds: float = 1.0
    loudness_margin_lu: float = 0.1
    true_peak_margin_db: float = 0.1
    max_start_skew_ms: float = 1.0
    max_end_skew_frames: float = 1.0
