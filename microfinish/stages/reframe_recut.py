"""What a re-cut leaves to decide about framings: other takes, paths and faces that were cut off."""

from __future__ import annotations

from collections.abc import Iterator

from microfinish.core.finding import Finding
from microfinish.core.follow import label
from microfinish.core.follow_path import left_alone
from microfinish.core.frame import Framing, ShotReframe
from microfinish.core.shot_key import Followed
from microfinish.core.timeline import Event, PictureLock, Revision


def unsure(was: Event | None, now: Event, size: tuple[int, int], asked: ShotReframe,
           framing: Framing, lock: PictureLock, followed: Followed) -> Iterator[Finding]:
    """What a person must look at: a framing of another take, a path of which nothing is left."""
    if was is None or framing.fit != "crop" or followed.written is lock.current:
        return
    name, first = now.shot, framing.path[0]
    middle = (f"[{(first.x + framing.width / 2) / size[0]:.2f}, "
              f"{(first.y + framing.height / 2) / size[1]:.2f}]")
    if was.media != now.media:
        what = (f"{name} is another take now: its framing was made for {was.media}, it shows "
                f"{now.media}")
    elif asked.keyframes and left_alone(framing.path, now.record.length):
        what = f"all keyframes of {name} lie in what was cut off: the crop stands still"
    else:
        return
    old, new = followed.written.timeline, lock.current.timeline
    yield Finding("reframe.recut", "warning", what, str(asked.where or "reframe.yaml"),
                  label(new, now.record.start), name, was=label(old, was.record.start),
                  fix=f"look at it; in reframe.yaml: {name}: {{point: {middle}}}")


def as_before(lock: PictureLock) -> dict[str, tuple[Revision, Event]]:
    """Every shot that a re-cut changed, as it was in the newest revision that shows it so."""
    found: dict[str, tuple[Revision, Event]] = {}
    now = {event.shot: event for event in lock.current.timeline.picture()}
    for revision in lock.revisions[:-1]:
        for event in revision.timeline.picture():
            same = now.get(event.shot, event)
            if (event.media, event.source) != (same.media, same.source):
                found[event.shot] = (revision, event)
    return found
