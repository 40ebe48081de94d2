"""An independent reading of FCPXML for the tests: asked frame by frame, what is on screen?

The reader pushes intervals down the tree; this pulls: at one moment it walks to the leaf that is
seen, bottom to top, and computes the media's time from the raw numbers. Nothing of the package is
used but its verdict on rounding: a source time within 1/50 frame before a frame is that frame, a
border belongs to the nearest frame, and sound that the frame grid moves a little before its file
begins with the file.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

STORY = ("asset-clip", "clip", "video", "audio", "ref-clip", "sync-clip", "mc-clip", "title",
         "caption", "gap", "audition", "spine")


class Leaf(NamedTuple):
    """What one clip shows at one moment."""

    element: Any
    asset: Any
    media: Fraction
    pace: Fraction
    fade: tuple[Any, Fraction, Fraction] | None
    chain: tuple[int, ...]


def number(text: str | None, default: Fraction | None = None) -> Fraction | None:
    if text is None:
        return default
    above, _, below = text.strip().rstrip("s").partition("/")
    return Fraction(int(above), int(below or 1))


class Oracle:
    """One sequence of a file. `kind` is `video` or `audio`."""

    def __init__(self, root: ET.Element, sequence: ET.Element, kind: str) -> None:
        resources = root.find("resources")
        self.by_id = {e.get("id"): e for e in (resources if resources is not None else [])}
        self.sequence, self.kind = sequence, kind
        self.rate = self.rate_of(sequence.get("format"))
        self.start = number(sequence.get("tcStart"), Fraction(0))
        self.cache: dict[Any, Any] = {}

    def rate_of(self, fmt: str | None) -> Fraction | None:
        found = self.by_id.get(fmt)
        duration = found.get("frameDuration") if found is not None else None
        return 1 / number(duration) if duration else None

    def frames(self) -> int:
        """The length of the primary storyline in frames."""
        entries, _ = self.row(self.sequence.find("spine"), self.start, self.rate)
        return int((max(e[2] for e in entries) - self.start) * self.rate + Fraction(1, 2))

    def at(self, frame: int) -> list[Leaf]:
        """Leaves on show at a record frame (0 is the sequence's first), bottom to top."""
        moment = self.start + (frame + Fraction(1, 2)) / self.rate
        spine = self.sequence.find("spine")
        found = self.layers(spine, moment, self.start, self.rate, ())
        return [leaf._replace(media=leaf.media - leaf.pace / self.rate / 2) for leaf in found]

    def row(self, parent: Any, origin: Fraction, rate: Fraction) -> tuple[list[Any], list[Any]]:
        key = (parent, origin, rate)
        if key not in self.cache:
            self.cache[key] = self._row(parent, origin, rate)
        return self.cache[key]

    def _row(self, parent: Any, origin: Fraction, rate: Fraction) -> tuple[list[Any], list[Any]]:
        """((element, begin, end, start, factor) ...), ((o, d, before?, after, element) ...)."""
        entries, transitions, cursor = [], [], origin
        for child in parent:
            if child.tag == "transition":
                video, audio = child.find("filter-video"), child.find("filter-audio")
                wanted = video if self.kind == "video" else audio
                if wanted is not None or (video is None and audio is None):
                    transitions.append([number(child.get("offset")), number(child.get("duration")),
                                        len(entries), child])
            elif child.tag in STORY and (parent.tag == "spine" or child.get("lane", "0") == "0"):
                entry = self.entry(child, number(child.get("offset"), cursor), rate)
                entries.append(entry)
                cursor = entry[2]
        return entries, transitions

    def entry(self, child: Any, begin: Fraction, rate: Fraction) -> Any:
        while child.tag == "audition":
            child = next(c for c in child if c.tag in STORY)
        start, length = number(child.get("start")), number(child.get("duration"))
        points = [(number(p.get("time")), number(p.get("value"))) for p in child.iter("timept")
                  if p in list(child.find("timeMap") if child.find("timeMap") is not None else [])]
        ref = self.by_id.get(child.get("ref"))
        if start is None:
            inner = None if ref is None else (ref.find("sequence") if ref.find("sequence")
                                              is not None else ref.find("multicam"))
            if points:
                start = points[0][0]
            elif ref is not None and ref.tag == "asset":
                start = number(ref.get("start"), Fraction(0))
            elif inner is not None:
                start = number(inner.get("tcStart"), Fraction(0))
            else:
                start = Fraction(0)
        factor = Fraction(1)
        conform = child.find("conform-rate")
        if conform is not None and conform.get("scaleEnabled", "1") == "1":
            named = {"23.98": Fraction(24000, 1001), "29.97": Fraction(30000, 1001),
                     "59.94": Fraction(60000, 1001)}
            text = conform.get("srcFrameRate")
            factor = rate / (named[text] if text in named else Fraction(text))
        if length is None:
            length = number(ref.get("duration"))
        return child, begin, begin + length, start, factor, points

    def layers(self, parent: Any, moment: Fraction, origin: Fraction, rate: Fraction,
               chain: tuple[int, ...]) -> list[Leaf]:
        """Everything in a row at a moment of the row's time: lanes sorted, bottom first."""
        entries, transitions = self.row(parent, origin, rate)
        fading, hidden = {}, {}
        for offset, duration, index, element in transitions:
            before = entries[index - 1] if index else None
            after = entries[index] if index < len(entries) else None
            if self.kind == "audio" and any(side is None or side[0].tag == "gap"
                                            for side in (before, after)):
                continue
            if before is not None and offset < before[2]:
                hidden[index - 1] = offset
            if after is not None:
                fading[index] = (element, offset, duration)
            elif offset <= moment < offset + duration:
                fading[-1] = (element, offset, duration)
        found: list[tuple[int, list[Leaf]]] = []
        for index, (element, begin, end, *rest) in enumerate(entries):
            fade = fading.get(index)
            begins = fade[1] if fade else begin
            ends = hidden.get(index, end)
            local = rest[0] + (moment - begin) * rest[1]
            if self.kind == "audio" and element.get("audioStart"):
                begins = begin + (number(element.get("audioStart")) - rest[0]) / rest[1]
                ends = begins + number(element.get("audioDuration"), end - begin)
            if begins <= moment < ends and element.get("enabled") != "0":
                leaves = self.content(element, local, rest, rate, (*chain, id(element)))
                if fade and fade[1] <= moment < fade[1] + fade[2]:
                    leaves = [leaf._replace(fade=fade) for leaf in leaves] or [
                        Leaf(element, None, Fraction(0), Fraction(0), fade, chain)]
                found.append((0, leaves))
            for child in element if element.tag != "spine" else []:
                if child.tag not in STORY or (element.tag in ("clip", "sync-clip")
                                              and child.get("lane", "0") == "0"):
                    continue
                offset = number(child.get("offset"), rest[0])
                at = begin + (offset - rest[0]) / rest[1]
                if child.tag == "spine":
                    leaves = self.layers(child, moment - at, Fraction(0),
                                         self.rate_of(child.get("format")) or rate,
                                         (*chain, id(child)))
                else:
                    leaves = self.single(child, moment, at, rate, chain)
                found.append((int(child.get("lane", "0")), leaves))
        if -1 in fading:
            found.append((0, [Leaf(None, None, Fraction(0), Fraction(0), fading[-1], chain)]))
        found.sort(key=lambda pair: pair[0])
        return [leaf for _, leaves in found for leaf in leaves]

    def single(self, child: Any, moment: Fraction, at: Fraction, rate: Fraction,
               chain: tuple[int, ...]) -> list[Leaf]:
        key = ("single", child, at, rate)
        if key not in self.cache:
            wrapper = ET.Element("spine")
            wrapper.append(child)
            self.cache[key] = wrapper
            self.cache[wrapper, at, rate] = ([self.entry(child, at, rate)], [])
        return self.layers(self.cache[key], moment, at, rate, chain)

    def content(self, element: Any, local: Fraction, rest: Any, rate: Fraction,
                chain: tuple[int, ...]) -> list[Leaf]:
        """What one element shows at its own local time."""
        _, factor, points = rest
        pace = factor
        if points:
            for (t0, v0), (t1, v1) in pairwise(points):
                if local < t1 or (t1, v1) == points[-1]:
                    slope = (v1 - v0) / (t1 - t0)
                    local, pace = v0 + (local - t0) * slope, pace * slope
                    break
        if element.get("srcEnable", "all") not in ("all", self.kind):
            return []
        ref = self.by_id.get(element.get("ref"))
        if element.tag in ("asset-clip", "video", "audio"):
            has = {"video": "hasVideo", "audio": "hasAudio"}[self.kind]
            other = {"video": "audio", "audio": "video"}[self.kind]
            if ref is None or ref.tag != "asset" or ref.get(has) != "1" or element.tag == other:
                return []
            return [Leaf(element, ref, local, pace, None, chain)]
        if element.tag == "ref-clip":
            inner = ref.find("sequence")
            begin = number(inner.get("tcStart"), Fraction(0))
            if not begin <= local < begin + number(inner.get("duration")):
                return []
            found = self.layers(inner.find("spine"), local, begin,
                                self.rate_of(inner.get("format")), chain)
        elif element.tag == "mc-clip":
            inner = ref.find("multicam")
            active = [s.get("angleID") for s in element.findall("mc-source")
                      if s.get("srcEnable", "all") in ("all", self.kind)]
            begin = number(inner.get("tcStart"), Fraction(0))
            found = [leaf for angle in inner if angle.get("angleID") in active
                     for leaf in self.layers(angle, local, begin,
                                             self.rate_of(inner.get("format")), chain)]
        elif element.tag in ("clip", "sync-clip"):
            found = self.layers(element, local, local, rate, chain)
            found = [leaf for leaf in found if not self.muted(element, leaf, chain)]
        elif element.tag == "spine":
            found = self.layers(element, local, Fraction(0), rate, chain)
        else:
            return []
        return [leaf._replace(pace=leaf.pace * pace) for leaf in found]

    def muted(self, container: Any, leaf: Leaf, chain: tuple[int, ...]) -> bool:
        if self.kind == "video" or leaf.element is None:
            return False
        roles = {r.get("role") for s in container.findall("sync-source")
                 for r in s.findall("audio-role-source")
                 if r.get("active") == "0" and s.get("sourceID") == "storyline"}
        primary = leaf.element in list(container)
        named = [s.get("role") for s in leaf.element.findall("audio-channel-source")]
        return primary and bool(roles & set(named or [leaf.element.get("audioRole")]))


def source_frame(leaf: Leaf, oracle: Oracle) -> int:
    """The frame from the start of the file that a leaf shows."""
    rate = oracle.rate_of(leaf.asset.get("format")) if leaf.asset.get("hasVideo") == "1" else None
    since = (leaf.media - number(leaf.asset.get("start"), Fraction(0))) * (rate or oracle.rate)
    if leaf.pace < 0:
        return -((-(since - Fraction(1, 50))) // 1) - 1
    frame = (since + Fraction(1, 50)) // 1
    return 0 if frame == -1 else frame
