"""C02: no edit list, where the platform forbids them."""

from __future__ import annotations

from collections.abc import Iterator

from microfinish.rules.rule import Evidence, Hit, Rule, severity_of, source_of

_KINDS = {"vide": "picture", "soun": "sound"}


def check(evidence: Evidence) -> Iterator[Hit]:
    """One finding per picture or sound track that carries an edit list."""
    asked = evidence.platform.requirement("edit_list")
    if not asked or asked.value is not False:
        return
    for track in evidence.boxes.tracks:
        kind = _KINDS.get(track.handler)
        if not kind or track.edits is None:
            continue
        shown = ", ".join(
            f"{edit.duration / evidence.boxes.timescale:.3f} s from "
            + ("nothing" if edit.media_time < 0 else f"{edit.media_time / track.timescale:.3f} s")
            for edit in track.edits) or "empty"
        yield Hit(f"the {kind} track has an edit list", shown, "no edit list",
                  severity_of(asked), source=source_of(asked))


RULE = Rule(
    id="C02",
    title="edit list",
    severity="error",
    threshold="platform: edit_list",
    source="the platform's upload page",
    fix="run master again; a file from another tool needs its sound trimmed by the encoder's "
        "priming and -use_editlist 0 -movflags +negative_cts_offsets",
    check=check,
)
