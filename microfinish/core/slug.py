"""Slugs: black in a preview that stands for media that are offline, and says whose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline

OFFLINE = "OFFLINE"
"""What a slug is called in lists and in the picture."""


@dataclass(frozen=True, slots=True)
class Slug:
    """A stretch of the timeline whose media are offline: `clip` is the name the edit gives it."""

    clip: str
    track: str
    record: Span


def slug_name(clip: str) -> str:
    """The name of an event that stands for a clip that is offline.

    >>> slug_name("A001C003")
    'OFFLINE A001C003'
    """
    return f"{OFFLINE} {clip}".strip()


def slug_of(event: Event) -> Slug | None:
    """The slug that an event is; None for pictures, sounds, and black that is meant."""
    if event.media or event.name.split(" ")[0] != OFFLINE:
        return None
    return Slug(event.name.removeprefix(OFFLINE).strip(), event.track, event.record)


def slugs(timeline: Timeline) -> Iterator[Slug]:
    """Every slug of a timeline in record order, pictures before sounds."""
    for event in (*timeline.picture(), *timeline.sound()):
        found = slug_of(event)
        if found is not None:
            yield found
