"""FCPXML story elements as items of known time: where each stands in its container, where its own
time starts, how it is retimed, and which transitions pull its ends apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from microfinish.core.errors import InputError
from microfinish.core.time import parse_rate
from microfinish.interchange.fcpxml_resources import Resources
from microfinish.interchange.fcpxml_said import STORY, Losses
from microfinish.interchange.fcpxml_speed import time_map
from microfinish.interchange.fcpxml_time import time_of
from microfinish.interchange.fcpxml_view import Points
from microfinish.interchange.mixes import kind_of
from microfinish.interchange.xmltext import Element

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Mix:
    """A transition: from `offset` on, for `duration`, in the container's time. `from_gap`: it
    comes from nothing or from a gap, however little of the gap it leaves."""

    element: Element
    kind: str
    offset: Fraction
    duration: Fraction
    from_gap: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A story element from `begin` to `end` of its container's time; its own time is `start` at
    `begin` and runs `factor` times as fast. `mix` is how it comes in."""

    element: Element
    begin: Fraction
    end: Fraction
    start: Fraction
    factor: Fraction = ONE
    mix: Mix | None = None

    def beginning(self, begin: Fraction) -> Item:
        """The same item from another begin on, showing the same at every time."""
        return replace(self, begin=begin, start=self.start + (begin - self.begin) * self.factor)


class Reader:
    """Items of elements, with what the resources say about defaults."""

    def __init__(self, resources: Resources, rate: Fraction, losses: Losses) -> None:
        self.resources = resources
        self.rate = rate
        self.losses = losses
        self.file = resources.file

    def time(self, element: Element, name: str) -> Fraction | None:
        return time_of(element, name, self.file)

    def item(self, element: Element, begin: Fraction, rate: Fraction) -> Item | None:
        """The item of a story element that begins at `begin` of a container of that rate."""
        points = self.points(element)
        start = self.time(element, "start")
        if start is None:
            start = points[0][0] if points else self._default_start(element)
        factor = self._factor(element, rate)
        duration = self.time(element, "duration")
        if duration is None:
            duration = self._default_duration(element, start, points, factor)
        if duration is None or duration <= 0:
            self.losses.add(element, "error", "it has no duration; it is left out")
            return None
        return Item(element, begin, begin + duration, start, factor)

    def points(self, element: Element, eased: bool = True) -> Points:
        """The time map of a clip; empty where it plays at its own speed."""
        return time_map(element, self.rate, self.time, self.losses, eased)

    def _factor(self, element: Element, rate: Fraction) -> Fraction:
        """How much faster than time a clip runs whose frames are shown one for one."""
        conform = element.first("conform-rate")
        if conform is None or conform.get("scaleEnabled", "1") == "0":
            return ONE
        text = conform.get("srcFrameRate")
        if not text:
            return ONE
        try:
            return rate / parse_rate(text)
        except InputError:
            self.losses.add(conform, "error", f"{text!r} is not a frame rate; time is kept")
            return ONE

    def _default_start(self, element: Element) -> Fraction:
        if element.tag in ("gap", "spine"):
            return ZERO
        ref = element.get("ref")
        asset = self.resources.asset(ref)
        if asset:
            return asset.start
        inner = self._sequence(ref)
        if inner is not None:
            return self.time(inner, "tcStart") or ZERO
        if element.tag in ("clip", "sync-clip"):
            offsets = [self.time(child, "offset") for child in contents(element)]
            return min((offset for offset in offsets if offset is not None), default=ZERO)
        return ZERO

    def _default_duration(self, element: Element, start: Fraction, points: Points,
                          factor: Fraction) -> Fraction | None:
        if element.tag == "spine":
            items, endings = self.run(element, ZERO, self.rate, "picture")
            ends = [item.end for item in items] + [m.offset + m.duration for m in endings]
            return max(ends, default=None)
        asset = self.resources.asset(element.get("ref"))
        inner = self._sequence(element.get("ref"))
        if points:
            return (points[-1][0] - start) / factor
        if asset and asset.end is not None:
            return (asset.end - start) / factor
        if inner is not None:
            length = self.time(inner, "duration")
            begin = self.time(inner, "tcStart") or ZERO
            return None if length is None else (begin + length - start) / factor
        return None

    def _sequence(self, ref: str) -> Element | None:
        media = self.resources.get(ref, "media")
        return media and (media.first("sequence") or media.first("multicam"))

    def run(self, parent: Element, origin: Fraction, rate: Fraction,
            kind: str) -> tuple[list[Item], list[Mix]]:
        """The items that stand one after the other in a container, transitions worked in, and
        the transition that leads to nothing at the end."""
        items: list[Item] = []
        pending: Mix | None = None
        cursor = origin
        for child in parent.children:
            if child.tag == "transition":
                mix = self._mix(child, cursor)
                if mix is not None and _concerns(child, kind):
                    if pending is not None:
                        self.losses.add(child, "warning", "two transitions in a row; the second "
                                                          "is left out")
                        continue
                    pending = mix
                continue
            if child.tag not in STORY or (lane(child) and parent.tag != "spine"):
                continue
            chosen = self.chosen(child)
            offset = self.time(child, "offset")
            item = chosen and self.item(chosen, cursor if offset is None else offset, rate)
            if not item:
                continue
            cursor = item.end
            if pending is not None:
                item = self._joined(items, item, pending, kind)
                pending = None
            items.append(item)
        if pending is None:
            return items, []
        if kind == "sound":
            self.losses.add(pending.element, "info", "the sound's fade out is not taken over")
            return items, []
        self._end_at(items, pending)
        return items, [pending]

    def chosen(self, element: Element) -> Element | None:
        """An audition's active clip, which is its first; any other element itself."""
        for _ in range(20):
            if element.tag != "audition":
                return element
            inside = [child for child in element.children if child.tag in STORY]
            if not inside:
                self.losses.add(element, "error", "an audition without clips")
                return None
            if len(inside) > 1:
                self.losses.add(element, "info", f"the active clip of {len(inside)} auditioned "
                                                 "is used")
            element = inside[0]
        return None

    def _mix(self, element: Element, cursor: Fraction) -> Mix | None:
        duration = self.time(element, "duration")
        if duration is None or duration <= 0:
            self.losses.add(element, "warning", "a transition without duration is a cut")
            return None
        offset = self.time(element, "offset")
        effects = element.all("filter-video")
        name = next((self.resources.effect_name(e.get("ref")) or e.get("name") for e in effects),
                    "") or element.get("name")
        kind, lost = kind_of(name)
        if effects and lost:
            self.losses.add(element, "warning", lost)
        for child in element.children:
            if child.tag not in ("filter-video", "filter-audio", "metadata", "reserved"):
                reason = ("markers on transitions are not kept" if "marker" in child.tag
                          else "the element is not understood")
                self.losses.add(child, "info" if "marker" in child.tag else "warning", reason)
        begin = cursor - duration / 2 if offset is None else offset
        return Mix(element, kind if effects else "dissolve", begin, duration)

    def _joined(self, items: list[Item], item: Item, mix: Mix, kind: str) -> Item:
        """The item after a transition, and the end of the one before."""
        silent = [side for side, there in (("in", items[-1:]), ("out", [item]))
                  if all(one.element.tag == "gap" for one in there)]
        if kind == "sound" and silent:
            self.losses.add(mix.element, "info", f"the sound's fade {silent[0]} is not taken over")
            return item
        self._end_at(items, mix)
        return self._mixed(item, replace(mix, from_gap="in" in silent))

    def _end_at(self, items: list[Item], mix: Mix) -> None:
        """The item before a transition ends where the transition begins; it runs on beneath."""
        if items and mix.offset < items[-1].end:
            last = items[-1]
            items[-1] = replace(last, end=max(last.begin, mix.offset))

    def _mixed(self, item: Item, mix: Mix) -> Item:
        if not mix.offset <= item.begin <= mix.offset + mix.duration:
            self.losses.add(mix.element, "warning", "the transition does not touch its clip; "
                                                    "it is a cut")
            return item
        return replace(item.beginning(mix.offset), mix=mix)


def lane(element: Element) -> int:
    """A story element's lane; 0 is the container's own line. Damaged numbers are lane 1."""
    text = element.get("lane", "0")
    try:
        return int(text)
    except ValueError:
        return 1


def contents(container: Element) -> list[Element]:
    """What a clip or sync-clip holds, without what is connected to it."""
    return [child for child in container.children if child.tag in STORY and not lane(child)]


def _concerns(transition: Element, kind: str) -> bool:
    """Whether a transition mixes picture (or sound): it names the effects of what it mixes."""
    both = not transition.first("filter-video") and not transition.first("filter-audio")
    wanted = "filter-video" if kind == "picture" else "filter-audio"
    return both or transition.first(wanted) is not None
