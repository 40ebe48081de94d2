"""C01: the file is whole, decodes without complaint, and its index stands where players want it."""

from __future__ import annotations

from collections.abc import Iterator

from microfinish.rules.rule import Evidence, Hit, Rule, severity_of, source_of


def check(evidence: Evidence) -> Iterator[Hit]:
    """Decoder complaints, bytes after the last box, a missing sound track, the index's place."""
    boxes = evidence.boxes
    errors = evidence.picture.errors + (evidence.sound.errors if evidence.sound else ())
    if errors:
        yield Hit("the file does not decode cleanly", errors[0], "no decoder error",
                  source="ISO/IEC 14496-12", fix="delete the file and run master again")
    if boxes.trailing_bytes:
        yield Hit("bytes follow the last box", f"{boxes.trailing_bytes} bytes", "none")
    if evidence.sound is None:
        yield Hit("the file has no sound", "no sound track", "one sound track",
                  fix="run mix, then master")
    asked = evidence.platform.requirement("faststart")
    if asked and asked.value is True and not boxes.faststart:
        yield Hit("the index (moov) stands behind the media", "moov last", "moov first",
                  severity_of(asked), source=source_of(asked))


RULE = Rule(
    id="C01",
    title="container",
    severity="error",
    threshold="platform: faststart",
    source="ISO/IEC 14496-12; the platform's upload page",
    fix="run master again; -movflags +faststart puts the index first",
    check=check,
)
