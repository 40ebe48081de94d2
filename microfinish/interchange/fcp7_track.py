"""Final Cut Pro 7 tracks: clips and transitions in their order, and which touches which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from microfinish.core.time import Span
from microfinish.interchange.fcp7_speed import number
from microfinish.interchange.xmltext import Element

KNOWN = frozenset({
    "name", "enabled", "duration", "rate", "start", "end", "in", "out", "file", "filter",
    "sequence", "multiclip", "sourcetrack", "marker", "effect", "alignment", "compositemode",
    "pproTicksIn", "pproTicksOut", "masterclipid", "alphatype", "pixelaspectratio", "anamorphic",
    "link", "logginginfo", "colorinfo", "labels", "cutPointTicks", "uuid", "comments",
    "fielddominance", "updatebehavior", "itemhistory", "ismasterclip", "mediatype", "stillframe",
    "gamma", "timecode", "syncoffset", "masterclip", "enabledAudio", "format", "parentName",
    "channelcount", "media", "mpegframe", "subframeoffset", "appspecificdata",
    "generatorCapabilities", "audiochannels", "locked", "outputchannelindex", "clipitem",
    "generatoritem", "transitionitem"})
"""What tracks and what stands on them may hold: it is read, or says nothing of the edit."""


@dataclass(frozen=True, slots=True)
class Item:
    """A clip or a transition on its track, in sequence frames; None where the file says -1."""

    element: Element
    start: int | None
    end: int | None

    @property
    def fades(self) -> bool:
        return self.element.tag == "transitionitem"

    @property
    def record(self) -> Span:
        return Span(self.start or 0, self.end or 0)

    @property
    def enabled(self) -> bool:
        return self.element.value("enabled").upper() != "FALSE"


def item_of(element: Element) -> Item:
    """The item of a clip or transition element."""
    return Item(element, _frame(element, "start"), _frame(element, "end"))


def _frame(element: Element, tag: str) -> int | None:
    value = number(element.value(tag))
    return None if value is None or value < 0 else round(value)


def into(items: list[Item], index: int) -> Item | None:
    """The clip that a transition leads into; None where it ends in black."""
    fade = items[index]
    after = items[index + 1] if index + 1 < len(items) else None
    if not fade.fades or after is None or after.fades or not after.enabled:
        return None
    if fade.element.value("alignment").casefold() == "end-black":
        return None
    start = after.start
    return after if start is None or fade.record.start <= start <= fade.record.end else None


def out_of(items: list[Item], index: int) -> Item | None:
    """The clip that a transition comes out of; None where it begins in black."""
    fade = items[index]
    before = items[index - 1] if index else None
    if not fade.fades or before is None or before.fades or not before.enabled:
        return None
    if fade.element.value("alignment").casefold() == "start-black":
        return None
    end = before.end
    return before if end is None or fade.record.start <= end <= fade.record.end else None


def outermost(root: Element) -> Iterator[Element]:
    """The sequences that stand in no other one."""
    stack = list(reversed(root.children))
    while stack:
        here = stack.pop()
        if here.tag == "sequence":
            if here.children:
                yield here
        else:
            stack.extend(reversed(here.children))
