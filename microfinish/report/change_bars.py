"""Both cuts as two bars of text, one above the other, with a letter under what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from microfinish.core.changes import Change
from microfinish.core.timeline import Event, Timeline
from microfinish.report.change_rows import Compared

LETTERS = {"moved": "M", "trimmed": "T", "slipped": "S", "retimed": "R", "replaced": "X",
           "split": "Y", "joined": "J", "inserted": "+", "deleted": "-", "transition": "D",
           "recolored": "C", "placed": "P"}


def bars(compared: Compared, width: int = 100) -> list[str]:
    """Lines of at most `width` characters. Both bars share one scale."""
    names = (compared.from_name, compared.to_name)
    gutter = max(map(len, names)) + 2
    room = max(20, width - gutter)
    frames = max(1, compared.before.frames, compared.after.frames)
    gone = {c.shot: c for c in compared.changes if not c.sound and c.changed
            and (c.after is None or c.after.shot != c.shot)}
    now = {c.shot: c for c in compared.changes if not c.sound and c.changed}
    rows = [(names[0], _bar(compared.before, frames, room)),
            ("", _marks(compared.before, gone, frames, room)),
            (names[1], _bar(compared.after, frames, room)),
            ("", _marks(compared.after, now, frames, room))]
    lines = [f"{name:<{gutter}}{text}".rstrip() for name, text in rows if name or text.strip()]
    used = [kind for kind in LETTERS if any(kind in c.kinds for c in now.values())]
    if used:
        lines.append(" " * gutter + "  ".join(f"{LETTERS[kind]} {kind}" for kind in used))
    return lines


def _cells(timeline: Timeline, frames: int, room: int) -> Iterable[tuple[Event, int, int]]:
    """(event, first column, column after the last) of every picture event that has one."""
    for event in timeline.picture():
        start, end = (frame * room // frames for frame in (event.record.start, event.record.end))
        if end > start:
            yield event, start, end


def _bar(timeline: Timeline, frames: int, room: int) -> str:
    text = [" "] * room
    for event, start, end in _cells(timeline, frames, room):
        inside = end - start - 1
        if not event.media:
            text[start:end] = "." * (end - start)
            continue
        name = event.shot if len(event.shot) <= inside else event.shot.lstrip("sh0")
        text[start:end] = "|" + (name[:inside] if len(name) <= inside else "").ljust(inside)
    return "".join(text)


def _marks(timeline: Timeline, found: Mapping[str, Change], frames: int, room: int) -> str:
    text = [" "] * room
    for event, start, end in _cells(timeline, frames, room):
        change = found.get(event.shot)
        if change is not None and event.media:
            letters = "".join(LETTERS.get(kind, "") for kind in change.kinds)
            text[start:end] = (letters * (end - start))[:end - start]
    return "".join(text).rstrip()
