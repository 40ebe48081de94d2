"""OpenTimelineIO to an edit list: clips, gaps, transitions and time warps in exact frames.

A clip's source range has its record length; a time warp scales what lies under it. Positions
are summed in exact seconds and rounded once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from microfinish.core.edit import EditLine, EditList
from microfinish.core.errors import InputError, Where
from microfinish.core.time import Span, allows_drop_frame, format_rate, format_timecode
from microfinish.core.timeline import Loss, RetimeKey, Transition
from microfinish.interchange.mixes import kind_of
from microfinish.interchange.otio_item import (
    cdl_of,
    ids_of,
    media_path_of,
    media_seconds_of,
    names_of,
    own_metadata,
    reel_of,
)
from microfinish.interchange.otio_json import lines_of, loads
from microfinish.interchange.otio_marks import MarkPlace, clip_places, marks_of, stack_places
from microfinish.interchange.otio_own import canvas_of, placement_of, retime_of
from microfinish.interchange.otio_time import frames_of, rate_of, seconds_of, speed_of
from microfinish.interchange.topmost import topmost

MAX_NESTING = 20
_BLACK = {"black", "slug", "black video", ""}


def read(data: bytes, file: str, rate: Fraction) -> EditList:
    """The edit list in an .otio file's one timeline; `rate` is the season's.

    Raises InputError for a file that OpenTimelineIO cannot read, or that holds no timeline or
    several, and where times in it are no times.
    """
    root, text, losses = loads(data, file)
    return edit_list(root, file, rate, text, losses)


def edit_list(root: Any, file: str, rate: Fraction, text: str = "",
              losses: list[Loss] | None = None) -> EditList:
    """The edit list of OpenTimelineIO objects; `text` is what they were read from, for lines."""
    try:
        # OpenTimelineIO makes its Python objects anew unless somebody holds them
        held = list(_walk(root))
        return _Reader(file, rate, _lines(held, text), losses or []).edit_list(root)
    except InputError as error:
        if error.where is not None:
            raise
        raise InputError(error.message, where=Where(file), hint=error.hint) from None


def _lines(held: list[Any], text: str) -> dict[int, int]:
    """id of a clip or transition -> its line: they stand in the text in the order of play."""
    found: dict[int, int] = {}
    for schema, type_ in (("Clip", otio.schema.Clip), ("Transition", otio.schema.Transition)):
        objects = [item for item in held if isinstance(item, type_)]
        lines = lines_of(text, schema)
        if len(objects) == len(lines):
            found.update({id(item): line for item, line in zip(objects, lines, strict=True)})
    return found


def _walk(item: Any) -> Iterator[Any]:
    if isinstance(item, otio.schema.Timeline):
        yield from _walk(item.tracks)
    elif isinstance(item, (otio.core.Composition, otio.schema.SerializableCollection)):
        for child in item:
            yield from _walk(child)
    else:
        yield item


@dataclass(frozen=True, slots=True)
class _Cut:
    """A clip, or black, on a track: `start` and `end` in seconds from the track's start.

    `source` is the first frame shown, in frames of the source at `rate` as the file counts them.
    `keys` are (seconds from `start`, frames from the file's first) of a variable speed. `layer`
    counts what a nested composition lays over each other.
    """

    item: Any
    start: Fraction
    end: Fraction
    source: Fraction = Fraction(0)
    rate: Fraction = Fraction(1)
    speed: Fraction = Fraction(1)
    fade: Fraction = Fraction(0)
    from_black: bool = False
    black: bool = False
    keys: tuple[tuple[Fraction, Fraction], ...] = ()
    layer: int = 1
    mix: str = "dissolve"


class _Reader:
    def __init__(self, file: str, season_rate: Fraction, lines: dict[int, int],
                 losses: list[Loss]) -> None:
        self.file, self.season_rate = file, season_rate
        self.lines, self.losses = lines, losses
        self.rate = season_rate

    def lose(self, item: Any, severity: str, reason: str) -> None:
        text = f"{type(item).__name__} {getattr(item, 'name', '') or ''}".strip()
        self.losses.append(Loss(self.file, self.lines.get(id(item), 0), text, severity, reason))

    def edit_list(self, root: Any) -> EditList:
        timeline = self._timeline(root)
        rate = self.rate = self._rate(timeline)
        start = (round(seconds_of(timeline.global_start_time) * rate)
                 if timeline.global_start_time is not None else 0)
        drop = allows_drop_frame(rate) and bool(own_metadata(timeline).get("drop_frame"))
        found: list[EditLine] = []
        tops: Counter[str] = Counter()
        places: list[MarkPlace] = []
        begin, length = Fraction(start) / rate, Fraction(0)
        for track in timeline.tracks or ():
            letter = self._letter(track)
            if letter:
                cuts = self._track(track, 0)
                length = max([length, *(cut.end for cut in cuts)])
                places += self._stack(track, begin, length) + self._marks(cuts)
                for cut in cuts:
                    number = tops[letter] + cut.layer
                    name = "V" if (letter, number) == ("V", 1) else f"{letter}{number}"
                    if round(cut.end * rate) > round(cut.start * rate) and (
                            name == "V" or not _is_generated(cut.item)):
                        found.append(self._line(cut, name, rate, start))
                tops[letter] += max((cut.layer for cut in cuts), default=1)
        if not found:
            raise InputError("the timeline has no clips", where=Where(self.file),
                             hint="export the timeline of the episode, not an empty one")
        first = min((line.record.start for line in found
                     if line.record and line.tracks[0].startswith("V")), default=start)
        if first > start:
            found.insert(0, EditLine("", ("V",), names=("gap",), record=Span(start, first),
                                     black=True, where=Where(self.file), text="gap"))
        places += self._stack(timeline.tracks, begin, length)
        numbered = tuple(replace(line, number=f"{index:03}") for index, line in enumerate(
            topmost(found, rate, self._lose_line), 1))
        losses = tuple(sorted(self.losses, key=lambda loss: loss.line))
        return EditList(self.file, rate, numbered, losses, timeline.name or "", drop, start,
                        canvas_of(own_metadata(timeline)),
                        marks_of(places, rate, start, self.file))

    def _stack(self, stack: Any, begin: Fraction, length: Fraction) -> list[MarkPlace]:
        found, others = stack_places(stack.markers, begin, length)
        for _ in others:
            self.lose(stack, "warning", "a marker without a time is left out")
        return found

    def _marks(self, cuts: list[_Cut]) -> list[MarkPlace]:
        """Where the markers of clips are seen."""
        found: list[MarkPlace] = []
        for cut in cuts:
            plain = not cut.black and not cut.keys
            shown, others = clip_places(getattr(cut.item, "markers", ()), cut.start, cut.end,
                                        cut.source, cut.rate, cut.speed if plain else Fraction(0))
            found += shown
            for _ in others:
                self.lose(cut.item, "info", "a marker is left out: its clip has a changing speed, "
                                            "or the edit does not show its frame")
        return found

    def _lose_line(self, line: EditLine, severity: str, reason: str) -> None:
        self.losses.append(Loss(self.file, line.where.line if line.where else 0, line.text,
                                severity, reason))

    def _timeline(self, root: Any) -> Any:
        found = ([root] if isinstance(root, otio.schema.Timeline) else
                 [item for item in root if isinstance(item, otio.schema.Timeline)]
                 if isinstance(root, otio.schema.SerializableCollection) else [])
        if len(found) == 1:
            return found[0]
        what = f"{len(found)} timelines" if found else f"a {type(root).__name__} and no timeline"
        raise InputError(f"the file holds {what}", where=Where(self.file),
                         hint="export the one timeline of this episode")

    def _rate(self, timeline: Any) -> Fraction:
        """The global start's rate, else what the picture's items count at."""
        if timeline.global_start_time is not None:
            rate = rate_of(timeline.global_start_time)
        else:
            rates = Counter(rate_of(item.source_range.duration) for item in _walk(timeline)
                            if getattr(item, "source_range", None) is not None)
            common = rates.most_common(1)
            rate = common[0][0] if common else self.season_rate
            if len(rates) > 1:
                self.lose(timeline, "warning", "the timeline states no rate and its clips several: "
                                               f"{format_rate(rate)} is used")
        if rate != self.season_rate:
            self.lose(timeline, "warning", f"the timeline runs at {format_rate(rate)}, the season "
                                           f"at {format_rate(self.season_rate)}")
        return rate

    def _letter(self, track: Any) -> str:
        kind = getattr(track, "kind", "")
        letter = {"Video": "V", "Audio": "A"}.get(kind, "")
        if not letter or not isinstance(track, otio.schema.Track):
            self.lose(track, "error", "neither a video nor an audio track; it is not used")
            return ""
        if not track.enabled:
            self.lose(track, "info", "the track is switched off; not used")
        return letter

    # one track

    def _track(self, track: Any, depth: int, whole: bool = False) -> list[_Cut]:
        """The cuts of a track, within its own range unless the `whole` is asked for."""
        if not track.enabled:
            return []
        items = list(track)
        found: list[_Cut] = []
        at = Fraction(0)
        for index, item in enumerate(items):
            if isinstance(item, otio.schema.Transition):
                found += self._fade_out(items, index, at)
                continue
            length = self._length(item)
            cuts = [replace(cut, start=cut.start + at, end=cut.end + at)
                    for cut in self._content(item, length, depth, track.kind)]
            at += length
            if cuts:
                found += self._faded(items, index, cuts)
        if track.source_range is None or whole:
            return found
        begin, length = (seconds_of(time) for time in (track.source_range.start_time,
                                                       track.source_range.duration))
        parts = [part for cut in found if (part := _trimmed(cut, begin, length))]
        if found and not parts:
            # old versions of OpenTimelineIO's EDL adapter wrote ranges far outside the track
            self.lose(track, "warning", "the track's own range holds none of its clips; it is "
                                        "not used")
            return found
        return parts

    def _length(self, item: Any) -> Fraction:
        """How long an item lasts on its track, in seconds."""
        try:
            return max(seconds_of(item.trimmed_range().duration), Fraction(0))
        except (otio.exceptions.OTIOError, NotImplementedError, ValueError):
            self.lose(item, "error", "the item states no length and is left out")
            return Fraction(0)

    def _content(self, item: Any, length: Fraction, depth: int, kind: str) -> list[_Cut]:
        if isinstance(item, otio.schema.Gap):
            if item.effects:
                self._speed(item)
            return []
        if isinstance(item, (otio.schema.Stack, otio.schema.Track)):
            return self._nested(item, length, depth, kind)
        if not isinstance(item, otio.schema.Clip):
            self.lose(item, "error", "neither clip nor gap; it is left out")
            return []
        if not item.enabled:
            self.lose(item, "info", "a disabled clip is left out")
            return []
        speed = self._speed(item)
        if not length:
            return []
        if isinstance(item.media_reference, otio.schema.GeneratorReference):
            if _is_generated(item):
                self.lose(item, "error", f"the generator {item.media_reference.generator_kind} is "
                                         "not rendered; what lies below it is seen")
            return [_Cut(item, Fraction(0), length, black=True)]
        trimmed = item.trimmed_range()
        keys = retime_of(own_metadata(item))
        if keys is None:
            self.lose(item, "error", "its variable speed cannot be read; the speed is constant")
        return [_Cut(item, Fraction(0), length, frames_of(trimmed.start_time),
                     rate_of(trimmed.start_time), Fraction(1) if keys else speed,
                     keys=tuple((key.record / self.rate, key.source) for key in keys or ()))]

    def _speed(self, item: Any) -> Fraction:
        speed = Fraction(1)
        others = []
        for effect in item.effects:
            if isinstance(effect, otio.schema.LinearTimeWarp):
                speed *= speed_of(effect.time_scalar)
            elif isinstance(effect, otio.schema.TimeEffect):
                self.lose(item, "error", f"the time effect {effect.effect_name or ''} is not "
                                         "reproduced: its frames are wrong")
            else:
                others += _effect_names(effect)
        if others:
            self.lose(item, "warning", f"not reproduced: {', '.join(dict.fromkeys(others))}")
        return speed

    def _nested(self, item: Any, length: Fraction, depth: int, kind: str) -> list[_Cut]:
        """The inside of a nested composition, each of its tracks on a layer of its own."""
        speed = self._speed(item)
        if not item.enabled or depth >= MAX_NESTING or speed <= 0:
            if item.enabled:
                self.lose(item, "error", f"a nested {type(item).__name__.lower()} "
                          + ("that stands still or plays backward" if speed <= 0 else
                             f"more than {MAX_NESTING} deep")
                          + " is left out; flatten it before exporting")
            return []
        if isinstance(item, otio.schema.Track):
            layers = [self._track(item, depth + 1, whole=speed != 1)]
        else:
            # a compound clip holds picture and sound; each track takes what is its own
            layers = [self._track(child, depth + 1) if isinstance(child, otio.schema.Track)
                      else self._content(child, self._length(child), depth + 1, kind)
                      for child in item if getattr(child, "kind", kind) == kind]
        begin = Fraction(0)
        if item.source_range is not None and (isinstance(item, otio.schema.Stack) or speed != 1):
            begin = seconds_of(item.source_range.start_time)
        found: list[_Cut] = []
        top = 0
        for cuts in layers:
            found += [_sped(replace(part, layer=top + cut.layer), speed) for cut in cuts
                      if (part := _trimmed(cut, begin, length * speed))]
            top += max((cut.layer for cut in cuts), default=0)
        if found:
            self.lose(item, "info", "a nested composition: its clips are used")
        return found

    # transitions

    def _faded(self, items: list[Any], index: int, cuts: list[_Cut]) -> list[_Cut]:
        """An item's cuts, moved to begin and end where the transitions beside it do."""
        lead = items[index - 1] if index else None
        tail = items[index + 1] if index + 1 < len(items) else None
        if isinstance(tail, otio.schema.Transition):
            cuts[-1] = replace(cuts[-1], end=cuts[-1].end - seconds_of(tail.in_offset))
        if isinstance(lead, otio.schema.Transition):
            early, late = seconds_of(lead.in_offset), seconds_of(lead.out_offset)
            # at the head of a track there is nothing to begin earlier in
            early = early if index > 1 else Fraction(0)
            head = cuts[0]
            cuts[0] = replace(head, start=head.start - early, fade=early + late,
                              source=head.source - early * head.speed * head.rate,
                              from_black=not _plays(items, index - 2))
            kind, lost = _mix_kind(lead)
            cuts[0] = replace(cuts[0], mix=kind)
            if lost:
                self.lose(lead, "warning", lost)
        return cuts

    def _fade_out(self, items: list[Any], index: int, at: Fraction) -> list[_Cut]:
        """The black at the end of a fade: only where no clip follows the transition."""
        fade = items[index]
        if _plays(items, index + 1):
            return []
        if not _plays(items, index - 1):
            self.lose(fade, "warning", "the transition has a clip on neither side")
            return []
        start, end = at - seconds_of(fade.in_offset), at
        if index + 1 < len(items):
            end += seconds_of(fade.out_offset)
        return [_Cut(fade, start, end, fade=end - start, black=True,
                     mix=_mix_kind(fade)[0])] if end > start else []

    # one line

    def _line(self, cut: _Cut, name: str, rate: Fraction, start: int) -> EditLine:
        item = cut.item
        record = Span(round(cut.start * rate), round(cut.end * rate))
        frames = min(round(cut.fade * rate), record.length)
        if frames < round(cut.fade * rate):
            self.lose(item, "warning", f"the transition is longer than its clip; {frames} frames "
                                       "are used")
        line = EditLine(
            "", (name,), names=(item.name or "black",), record=record.shifted(start),
            transition=Transition(cut.mix, frames) if frames else None, black=cut.black,
            from_black=cut.from_black, where=Where(self.file, self.lines.get(id(item), 0)),
            text=f"{type(item).__name__} {item.name or ''}".strip())
        if cut.black:
            return line
        role = own_metadata(item).get("role", "")
        line = replace(_sourced(line, cut), names=names_of(item), reel=reel_of(item),
                       speed=cut.speed, by_time=True, cdl=cdl_of(item), ids=ids_of(item),
                       media_path=media_path_of(item), media_seconds=media_seconds_of(item),
                       role=role if isinstance(role, str) else "",
                       placement=placement_of(own_metadata(item)) if name.startswith("V") else None)
        if not cut.keys:
            return line
        known = getattr(item.media_reference, "available_range", None)
        first = round(cut.source) - (round(frames_of(known.start_time)) if known else 0)
        return replace(line, retime=tuple(RetimeKey(time * rate, source - first)
                                          for time, source in cut.keys))


def _sourced(line: EditLine, cut: _Cut) -> EditLine:
    """The line with its source in: a label where the file states timecode, else a frame."""
    known = getattr(cut.item.media_reference, "available_range", None)
    own = rate_of(known.start_time) if known is not None else cut.rate
    first = max(0, round(cut.source * own / cut.rate))
    if known is None:
        return replace(line, source_in=format_timecode(first, own), source_drop=False,
                       source_rate=own)
    begin = max(0, round(frames_of(known.start_time)))
    if begin < own or allows_drop_frame(own) or line.tracks[0].startswith("A"):
        # drop-frame or not is nowhere stated: the distance from the file's start is sure
        return replace(line, source_in=max(0, first - begin), source_rate=own)
    return replace(line, source_in=format_timecode(first, own), source_drop=False,
                   source_rate=own, source_start=begin)


def _plays(items: list[Any], index: int) -> bool:
    """Whether there is a picture or sound at this place of a track."""
    if not 0 <= index < len(items):
        return False
    item = items[index]
    return not isinstance(item, (otio.schema.Gap, otio.schema.Transition)) and bool(
        getattr(item, "enabled", True))


def _is_generated(item: Any) -> bool:
    reference = getattr(item, "media_reference", None)
    return (isinstance(reference, otio.schema.GeneratorReference)
            and not {reference.generator_kind.casefold(), item.name.casefold()} <= _BLACK)


def _trimmed(cut: _Cut, begin: Fraction, length: Fraction) -> _Cut | None:
    """The part of a cut inside a window of its composition, counted from the window's start."""
    start, end = max(cut.start, begin), min(cut.end, begin + length)
    if start >= end:
        return None
    gone = start - cut.start
    return replace(cut, keys=tuple((time - gone, source) for time, source in cut.keys),
                   start=start - begin, end=end - begin,
                   fade=max(cut.fade - gone, Fraction(0)),
                   source=cut.source + gone * cut.speed * cut.rate)


def _mix_kind(fade: Any) -> tuple[str, str]:
    """(kind, what is lost) of a transition."""
    if fade.transition_type == otio.schema.TransitionTypes.SMPTE_Dissolve:
        return "dissolve", ""
    return kind_of(fade.name or fade.transition_type or "a transition")


def _effect_names(effect: Any) -> list[str]:
    """The name of an effect; none where Resolve says that it is off or as it always is."""
    resolve = effect.metadata.get("Resolve_OTIO", None)
    if resolve is not None and hasattr(resolve, "get"):
        if not resolve.get("Enabled", True) or not resolve.get("Parameters", True):
            return []
        return [str(resolve.get("Effect Name", "") or "an effect")]
    return [effect.effect_name or effect.name or "an effect"]


def _sped(cut: _Cut, speed: Fraction) -> _Cut:
    """A cut of a composition that plays `speed` times as fast."""
    if speed == 1:
        return cut
    return replace(cut, start=cut.start / speed, end=cut.end / speed, fade=cut.fade / speed,
                   speed=cut.speed * speed,
                   keys=tuple((time / speed, source) for time, source in cut.keys))
