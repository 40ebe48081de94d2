"""What a format has no words for: said when a timeline is written, so that nobody relies on it."""

from __future__ import annotations

from microfinish.core.timeline import DIPS, Event, Timeline


def unsaid(timeline: Timeline, target: str) -> tuple[str, ...]:
    """What of a timeline a list of that format (edl, fcpxml, fcp7, otio) does not say, in words.

    One line per kind, with the shots that it concerns.
    """
    picture = [event for event in timeline.events if event.track.startswith("V")]
    found = []
    if target == "edl":
        found.append(_said([event for event in picture if event.overlays],
                           "lies over the picture and is not in the EDL, which has one picture "
                           "track: hand over FCPXML or XML too"))
    if target in ("edl", "otio"):
        where = "the EDL" if target == "edl" else "OTIO, for programs other than this one,"
        found.append(_said([event for event in timeline.events if event.retime],
                           f"has a variable speed, of which {where} says the average"))
    if target == "otio":
        found.append(_said([event for event in picture if event.placement],
                           "has its place on the canvas in microfinish's own metadata only"))
    if target in ("edl", "fcpxml"):
        dips = [event for event in picture if event.transition and event.transition.kind in DIPS]
        found.append(_said(dips, "comes in through a color, which is written as a dissolve"))
    if target in ("edl", "fcp7"):
        roles = sorted({event.role for event in timeline.events if event.role})
        if roles:
            name = "an EDL" if target == "edl" else "Final Cut Pro 7 XML"
            found.append(f"{name} has no sound roles: {', '.join(roles)} are on their tracks only")
    return tuple(line for line in found if line)


def _said(events: list[Event], words: str) -> str:
    names = list(dict.fromkeys(event.shot or event.name or event.media for event in events))
    return f"{', '.join(names)}: {words}" if names else ""
