"""VFX returns: which delivered version stands in for which frames of a shot's camera file.

The edit is not touched: the picture lock goes on naming the camera file. What reads the picture
after it (grade, reframe, master) sees the timeline through `with_returns`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Annotated

from microfinish.core.errors import Where
from microfinish.core.finding import Finding
from microfinish.core.limits import Ge, Le
from microfinish.core.media import Media, MediaLog
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline

AS_CAMERA = "camera"
"""A return's color where nothing else is said: as the camera file it stands in for."""


@dataclass(frozen=True, slots=True)
class VfxShot:
    """What `vfx.yaml` says of one shot.

    `version` pins a version instead of the newest. `first` is the camera file's timecode (or frame
    from 0) of the return's first frame, where neither its timecode nor its length tell. `off`
    shows the camera file. `color` is `camera` or a camera preset such as `phone-rec709`.
    """

    version: Annotated[int, Ge(0), Le(99_999)] | None = None
    first: str | int | None = None
    color: str = ""
    off: bool = False
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class VfxSheet:
    """`vfx.yaml`, keyed by shot id. `handles` and `color` win over the season's `vfx`."""

    handles: Annotated[int, Ge(0), Le(100_000)] | None = None
    color: str = ""
    shots: dict[str, VfxShot] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Return:
    """One shot's return in use.

    Its frame 0 shows what frame `offset` of `plate`, the camera file, shows. `placed_by` tells how
    that is known. `color` is `camera` or a camera preset.
    """

    shot: str
    version: int
    plate: str
    offset: int
    placed_by: str
    color: str
    media: Media


@dataclass(frozen=True, slots=True)
class Returns:
    """The body of `vfx.yaml` in documents. A shot that has a finding shows its camera file."""

    returns: tuple[Return, ...] = ()
    findings: tuple[Finding, ...] = ()

    def by_shot(self) -> dict[str, Return]:
        return {item.shot: item for item in self.returns}


@dataclass(frozen=True, slots=True)
class Pulled:
    """Frames of a camera file that a shot asked for in one cut: `used` really shown, with what
    lies under the next transition; `span` with the handles of the pull."""

    revision: int
    plate: str
    used: Span
    span: Span


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a return begins in its camera file and how that is known, or why it is refused.

    `lacking` is the number of frames it is short of, where that is the reason.
    """

    offset: int = 0
    placed_by: str = ""
    plate: str = ""
    refused: str = ""
    lacking: int = 0
    doubt: str = ""


def place(frames: int, plate: str, needs: Iterable[Span], pulled: Iterable[Pulled],
          timecode: int | None, written: int | None = None,
          before: Return | None = None) -> Placed:
    """Where a return of `frames` frames lies in the camera file `plate`.

    `needs` are the camera frames that the current cut shows of it; `pulled` what any cut asked
    for, the newest first. `timecode` is the return's start counted from the camera file's start,
    None where either states none; `written` the same as `vfx.yaml` says it; `before` how the same
    file was placed in an earlier run. What is written decides; then a timecode that lies in the
    shot; then the place that the return had before this cut; then a length that is the shot's,
    or the shot's with the handles of a pull.
    """
    needs, pulled = tuple(needs), tuple(pulled)
    fitting = [(span.start, p, kind) for p in pulled for span, kind in (
        (p.used, "the shot"), (p.span, "the shot with its handles")) if span.length == frames]
    if written is not None:
        found = Placed(written, "vfx.yaml", plate)
    elif timecode is not None and any(
            need.overlap(Span(timecode, timecode + frames)) for need in needs):
        found = Placed(timecode, "its timecode", plate)
        known = [start for start, p, _ in fitting if p.plate == plate]
        if known and timecode not in known:
            return Placed(refused="its timecode and its length mean different frames")
    elif before is not None:
        found = Placed(before.offset, before.placed_by, before.plate)
    elif fitting:
        start, pull, kind = fitting[0]
        others = {s for s, p, _ in fitting if p.plate == pull.plate} - {start}
        doubt = f"could begin at frame {min(others)} of it as well" if others else ""
        found = Placed(start, f"its length: {kind} of revision {pull.revision}", pull.plate,
                       doubt=doubt)
    else:
        asked = sorted({need.length for need in needs})
        with_handles = sorted({p.span.length for p in pulled[:1]})
        lacking = max(0, asked[-1] - frames) if asked else 0
        return Placed(lacking=lacking, refused=(
            f"is {frames} frames long; the shot is {_words(asked)}, with the handles of its pull "
            f"{_words(with_handles)}"))
    if found.plate != plate:
        return Placed(refused=f"was made for {found.plate}, and the shot now shows {plate}")
    head = max((max(0, found.offset - need.start) for need in needs), default=0)
    tail = max((max(0, need.end - found.offset - frames) for need in needs), default=0)
    if head or tail:
        ends = " and ".join(text for text in (
            f"{head} at its head" if head else "", f"{tail} at its tail" if tail else "") if text)
        return Placed(refused=f"needs {head + tail} more frames: {ends}", lacking=head + tail)
    return found


def _words(lengths: Iterable[int]) -> str:
    return " or ".join(map(str, lengths)) or "unknown"


def with_returns(timeline: Timeline, returns: Returns) -> Timeline:
    """The timeline as it is seen: the pictures of replaced shots come from their returns."""
    known = returns.by_shot()
    if not known:
        return timeline
    return replace(timeline, events=tuple(_replaced(event, known) for event in timeline.events))


def _replaced(event: Event, known: dict[str, Return]) -> Event:
    back = known.get(event.shot)
    if back is None or not event.track.startswith("V") or event.media != back.plate:
        return event
    return replace(
        event, media=back.media.path, source=event.source.shifted(-back.offset),
        retime=tuple(replace(key, source=key.source - back.offset) for key in event.retime))


def with_return_media(log: MediaLog, returns: Returns) -> MediaLog:
    """The log with the files of the returns."""
    if not returns.returns:
        return log
    own = tuple({back.media.path: back.media for back in returns.returns}.values())
    return replace(log, media=(*log.media, *own))


def resized(returns: Returns, log: MediaLog) -> Returns:
    """Those returns whose upright picture has another size than their camera file's."""
    files = log.by_path()
    return Returns(tuple(back for back in returns.returns
                         if _size(back.media) != _size(files.get(back.plate))))


def _size(media: Media | None) -> tuple[int, int, Fraction] | None:
    picture = media.picture if media else None
    return (*picture.upright_size, picture.upright_aspect) if picture else None
