"""C08: length, size and data rate within what the platform takes."""

from __future__ import annotations

from collections.abc import Iterator

from microfinish.rules.rule import Evidence, Hit, Rule, severity_of, source_of

_SHORTER = "cut the episode, or leave this platform out"
_SMALLER = "name an encode preset with a higher crf or a lower maxrate for this platform"


def check(evidence: Evidence) -> Iterator[Hit]:
    """Each limit the platform states is one comparison."""
    seconds = evidence.seconds
    kbps = evidence.size_bytes * 8 / 1000 / seconds if seconds else 0.0
    for key, have, unit, fix in (
        ("min_seconds", seconds, "s", "leave this platform out of the short episodes"),
        ("max_seconds", seconds, "s", _SHORTER),
        ("max_bytes", float(evidence.size_bytes), "bytes", _SMALLER),
        ("min_kbps", kbps, "kbit/s", "name an encode preset with a lower crf"),
        ("max_kbps", kbps, "kbit/s", _SMALLER),
    ):
        asked = evidence.platform.requirement(key)
        if asked is None:
            continue
        low, limit = key.startswith("min"), float(asked.value)
        if have < limit if low else have > limit:
            what = {"s": "length", "bytes": "size", "kbit/s": "data rate"}[unit]
            yield Hit(f"the platform does not take this {what}", f"{_number(have)} {unit}",
                      f"at {'least' if low else 'most'} {_number(limit)} {unit}",
                      severity_of(asked), source=source_of(asked), fix=fix)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.5g}"


RULE = Rule(
    id="C08",
    title="length, size and data rate",
    severity="error",
    threshold="platform: min_seconds, max_seconds, max_bytes, min_kbps, max_kbps",
    source="the platform's upload page",
    fix=_SMALLER,
    check=check,
)
