"""A change list as rows: the same columns for the terminal, for CSV and for the page."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from microfinish.core.change_words import describe, label, source, trim_words
from microfinish.core.changes import KINDS, Change
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline

COLUMNS = ("shot", "change", "was at", "is at", "frames", "what")


@dataclass(frozen=True, slots=True)
class Compared:
    """Two cuts by their names, such as `revision 1` and `edit`, and the changes between them."""

    from_name: str
    to_name: str
    before: Timeline
    after: Timeline
    changes: tuple[Change, ...]


def table_rows(compared: Compared) -> list[tuple[str, ...]]:
    """One row per changed shot or sound event."""
    return [_row(change, compared) for change in compared.changes if change.changed]


def _row(change: Change, compared: Compared) -> tuple[str, ...]:
    old, new = change.before, change.after
    return (name_of(change), ", ".join(change.kinds), _at(compared.before, old),
            _at(compared.after, new), _lengths(old, new), words_of(change, compared))


def name_of(change: Change) -> str:
    """The shot's id, or the track of a sound event."""
    event = change.after or change.before
    return change.shot if not change.sound or event is None else event.track


def words_of(change: Change, compared: Compared) -> str:
    """What was done, as far as the other columns do not say it; the media where a shot came,
    went or was replaced."""
    doubt = f"could be {' or '.join(change.could_be)} as well" if change.could_be else ""
    if change.before is None and change.after is not None:
        return "; ".join(filter(None, (source(change.after), doubt)))
    if change.after is None and change.before is not None:
        return source(change.before)
    told = zip(change.kinds, describe(change, compared.before, compared.after), strict=True)
    words = (_brief(kind, text, change) for kind, text in told)
    return "; ".join(filter(None, (*words, doubt)))


def _brief(kind: str, text: str, change: Change) -> str:
    """A kind's words beside columns that name the kind, both places and both lengths."""
    if kind in ("moved", "unchanged") and change.before and change.after:
        return ""
    if kind == "trimmed":
        return trim_words(change)
    if kind == "replaced" and change.before and change.after:
        return f"{source(change.after)} for {source(change.before)}"
    return text


def summary(compared: Compared) -> str:
    """`12 shots: 9 unchanged, 2 trimmed, 1 inserted; 40 frames shorter`."""
    picture = [change for change in compared.changes if not change.sound]
    counts = Counter(kind for change in picture for kind in change.kinds)
    told = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if counts[kind])
    sound = sum(change.changed for change in compared.changes if change.sound)
    longer = compared.after.frames - compared.before.frames
    parts = [f"{len(picture)} shots: {told}" if picture else "no shots"]
    if sound:
        parts.append(f"{sound} changes of sound")
    if longer:
        parts.append(f"{abs(longer)} frames {'longer' if longer > 0 else 'shorter'}")
    return "; ".join(parts)


def csv_text(compared: Compared) -> str:
    """Every shot and sound event, unchanged ones too, with frames and timecodes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("shot", "track", "kinds", "media", "record_in_before", "record_out_before",
                     "record_in_after", "record_out_after", "timecode_before", "timecode_after",
                     "head", "tail", "parent", "what", "source_before", "source_in_before",
                     "source_out_before", "source_in_after", "source_out_after"))
    for change in compared.changes:
        event = change.after or change.before
        writer.writerow((
            change.shot, event.track if event else "", "+".join(change.kinds),
            event.media if event else "", *_frames(change.before), *_frames(change.after),
            _at(compared.before, change.before), _at(compared.after, change.after),
            change.trim.head, change.trim.tail, change.parent, words_of(change, compared),
            change.before.media if change.before else "", *_sources(change.before),
            *_sources(change.after)))
    return text.getvalue()


def changes_answer(found: Iterable[Change]) -> list[dict[str, object]]:
    """The documented form of the shots' changes: records [in, out], or null."""
    return [{"shot": change.shot, "kinds": list(change.kinds),
             "record_before": _pair(change.before), "record_after": _pair(change.after)}
            for change in found if not change.sound]


def ambiguous_answer(found: Iterable[Change]) -> list[dict[str, object]]:
    """The shots of which the cut alone does not say who they are."""
    return [{"shot": change.shot, "could_be": list(change.could_be)}
            for change in found if change.could_be]


def sound_answer(found: Iterable[Change]) -> list[dict[str, object]]:
    """The sound events that changed, in the same form, with their track and file."""
    rows: list[dict[str, object]] = []
    for change in found:
        event = change.after or change.before
        if change.sound and change.changed and event is not None:
            rows.append({"track": event.track, "media": event.media, "kinds": list(change.kinds),
                         "record_before": _pair(change.before),
                         "record_after": _pair(change.after)})
    return rows


def _pair(event: Event | None) -> list[int] | None:
    return [event.record.start, event.record.end] if event else None


def _frames(event: Event | None) -> Sequence[object]:
    return (event.record.start, event.record.end) if event else ("", "")


def _sources(event: Event | None) -> Sequence[object]:
    return (event.source.start, event.source.end) if event else ("", "")


def _at(timeline: Timeline, event: Event | None) -> str:
    return label(timeline, event.record.start) if event else ""


def _lengths(old: Event | None, new: Event | None) -> str:
    spans: list[Span] = [event.record for event in (old, new) if event]
    lengths = list(dict.fromkeys(span.length for span in spans))
    return " > ".join(map(str, lengths))
