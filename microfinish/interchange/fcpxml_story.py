"""The FCPXML story resolved: compound, multicam, synchronized and connected clips unfolded into
pieces of media in exact sequence time. Picture and sound are two walks of the same tree, since
transitions, split edits and multicam angles may treat them differently."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction

from microfinish.core.cdl import Cdl
from microfinish.core.errors import InputError, Where
from microfinish.interchange.fcpxml_items import ONE, ZERO, Item, Mix, Reader, contents, lane
from microfinish.interchange.fcpxml_marks import Place, marks_in
from microfinish.interchange.fcpxml_placed import spot_of, transformed
from microfinish.interchange.fcpxml_resources import Asset
from microfinish.interchange.fcpxml_roles import Roles
from microfinish.interchange.fcpxml_said import (
    STORY,
    clip_cdl,
    comments_of,
    composited,
    title_text,
)
from microfinish.interchange.fcpxml_view import (
    Stretch,
    View,
    chained,
    cut,
    joined,
    place_of,
    retimed,
)
from microfinish.interchange.spot import Size, Spot
from microfinish.interchange.xmltext import Element

MAX_STEPS = 50_000
"""Nested compound clips multiply; no edit of an episode comes near this."""

Layer = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Fade:
    """A transition in sequence time, at the head of a piece."""

    start: Fraction
    end: Fraction
    element: Element
    from_gap: bool = False
    kind: str = "dissolve"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one asset, or, without asset, a hole that a transition opens.

    `path` are the straight parts of a variable speed, over which `stretch` reaches. `spot` is
    where the picture lies on the canvas, None where nothing in the edit says anything about it.
    """

    stretch: Stretch
    layer: Layer
    element: Element
    asset: Asset | None = None
    fade: Fade | None = None
    role: str = ""
    comments: tuple[str, ...] = ()
    cdl: Cdl | None = None
    path: View = ()
    spot: Spot | None = None


class Story:
    """One walk. `kind` is picture or sound; `pieces` and `marks` grow."""

    def __init__(self, reader: Reader, kind: str, canvas: Size) -> None:
        self.reader = reader
        self.kind = kind
        self.canvas = canvas
        self.pieces: list[Piece] = []
        self.marks: list[Place] = []
        self.losses = reader.losses
        self._steps = 0
        self._inside: list[str] = []
        self._frames: list[tuple[Spot, bool]] = []
        self._roles = Roles(reader.losses)

    def sequence(self, sequence: Element, view: View, layer: Layer = (0,)) -> None:
        """Everything in a sequence's spine; `view` is in the sequence's own time."""
        rate = self.reader.resources.rate(sequence.get("format")) or self.reader.rate
        self.losses.children(sequence)
        origin = self.reader.time(sequence, "tcStart") or ZERO
        for spine in sequence.all("spine"):
            self._run(spine, view, layer, origin, rate)

    def _place(self, item: Item, view: View, layer: Layer, rate: Fraction) -> None:
        element = item.element
        self._step(element)
        self.losses.children(element)
        self._anchored(item, view, layer, rate)
        before = len(self.pieces)
        if element.get("enabled") == "0":
            self.losses.add(element, "info", "the clip is disabled in the edit; it is left out")
        elif self.kind == "picture":
            self.marks += marks_in(item, view, rate, self.reader)
        if element.get("enabled") != "0" and element.get("srcEnable", "all") in (
                "all", self._kind_name, ""):
            self._contents(item, view, layer, rate)
        if item.mix is not None:
            self._fade(item.mix, before, view, layer, element)

    @property
    def _kind_name(self) -> str:
        return "video" if self.kind == "picture" else "audio"

    def _contents(self, item: Item, view: View, layer: Layer, rate: Fraction) -> None:
        element = item.element
        if self.kind == "sound":
            item = self._split_edit(item)
        inner = cut(view, item.begin, item.end, item.start, item.factor)
        points = self.reader.points(element, eased=self.kind == "picture")
        if points:
            inner = retimed(inner, points)
        if not inner or element.tag == "gap":
            return
        if element.tag in ("asset-clip", "video", "audio"):
            self._media(element, inner, layer)
        elif element.tag in ("clip", "sync-clip"):
            with (self._roles.muted(element.all("sync-source"), layer),
                  self._framed(element, self._content_size(element))):
                begin = min(stretch.at for stretch in inner)
                self._run(element, inner, (*layer, 0), begin, rate)
        elif element.tag == "ref-clip":
            with self._roles.muted([element], layer):
                self._compound(element, inner, layer)
        elif element.tag == "mc-clip":
            self._multicam(element, inner, layer)
        elif element.tag == "spine":
            inside = self.reader.resources.rate(element.get("format")) or rate
            self._run(element, inner, layer, ZERO, inside)
        else:
            self._text(element)

    @contextmanager
    def _framed(self, element: Element, size: Size | None) -> Iterator[None]:
        """While inside, pictures lie in a container of that size, itself placed by `element`."""
        if self.kind == "sound":
            yield
            return
        canvas = self._frames[-1][0].size if self._frames else self.canvas
        self._frames.append((spot_of(element, size or canvas, canvas, self.losses),
                             transformed(element)))
        try:
            yield
        finally:
            self._frames.pop()

    def _content_size(self, element: Element) -> Size | None:
        """The frame of a clip or synchronized clip: its format's, else that of its first file."""
        own = self.reader.resources.size(element.get("format"))
        assets = (self.reader.resources.asset(child.get("ref")) for child in contents(element))
        return own or next((asset.size for asset in assets if asset and asset.size), None)

    def _spot(self, element: Element, asset: Asset) -> Spot | None:
        """Where the picture of a file lies on the canvas; None where nobody moved it."""
        if not transformed(element) and not any(moved for _, moved in self._frames):
            return None
        canvas = self._frames[-1][0].size if self._frames else self.canvas
        spot = spot_of(element, asset.size or canvas, canvas, self.losses)
        for outer, _ in reversed(self._frames):
            spot, whole = spot.inside(outer)
            if not whole:
                self.losses.add(element, "warning", "it is turned inside a cropped clip; the "
                                                    "outer crop is not used")
        return spot

    def _run(self, parent: Element, view: View, layer: Layer, origin: Fraction,
             rate: Fraction) -> None:
        """Everything that stands in a row in `parent`."""
        items, endings = self.reader.run(parent, origin, rate, self.kind)
        for item in items:
            self._place(item, view, layer, rate)
        for mix in endings:
            self._open(mix, view, layer, mix.element)

    def _text(self, element: Element) -> None:
        what = {"title": "the title", "caption": "the caption"}.get(element.tag)
        if what is None:
            return self.losses.add(element, "warning", "the element is not understood")
        text = title_text(element)
        self.losses.add(element, "info", f"{what} is not burnt in; put it into titles.yaml or "
                                         "subtitles/", f"{element.shown(60)} {text}".strip())

    def _split_edit(self, item: Item) -> Item:
        """J and L cuts: a clip's sound may begin and end elsewhere than its picture."""
        element = item.element
        start = self.reader.time(element, "audioStart")
        duration = self.reader.time(element, "audioDuration")
        if start is not None:
            item = item.beginning(item.begin + (start - item.start) / item.factor)
        if duration is not None and duration > 0:
            item = replace(item, end=item.begin + duration)
        return item if item.end > item.begin else replace(item, end=item.begin)

    def _anchored(self, item: Item, view: View, layer: Layer, rate: Fraction) -> None:
        """What is connected to an item: its offset counts in the item's own time, its length in
        that of the container, and the item's out does not end it."""
        if item.element.tag == "spine":
            return
        holds = item.element.tag in ("clip", "sync-clip")
        for child in item.element.children:
            if child.tag not in STORY or (holds and not lane(child)):
                continue
            offset = self.reader.time(child, "offset")
            begin = item.begin if offset is None else (
                item.begin + (offset - item.start) / item.factor)
            at = (*layer, lane(child))
            chosen = self.reader.chosen(child)
            placed = chosen and self.reader.item(chosen, begin, rate)
            if placed:
                self._place(placed, view, at, rate)

    # what refers to resources

    def _media(self, element: Element, inner: View, layer: Layer) -> None:
        asset = self.reader.resources.asset(element.get("ref"))
        if asset is None:
            name = self.reader.resources.effect_name(element.get("ref"))
            if name:
                self.losses.add(element, "warning", f"the generator {name} is not reproduced; "
                                                    "it is black")
            else:
                self.losses.add(element, "error", f"it refers to {element.get('ref') or 'nothing'}"
                                                  ", which is no asset of this file")
            return
        role = ""
        if self.kind == "picture":
            if element.tag == "audio" or not asset.has_picture:
                return
            if any(number > 0 for number in layer) and composited(element):
                self.losses.add(element, "error", "it is distorted or masked over another picture;"
                                                  " it hides what lies below as if it were not")
        else:
            mute = element.tag == "video" or not asset.has_sound
            heard = None if mute else self._roles.of(element)
            if heard is None or self._roles.silent(heard, layer, element):
                return
            role = heard
        view = self._in_asset(element, asset, joined(inner))
        comments, cdl = comments_of(element), clip_cdl(element)
        spot = self._spot(element, asset) if self.kind == "picture" else None
        rows = chained(view) if self.kind == "picture" else [(stretch,) for stretch in view]
        for row in rows:
            whole = replace(row[0], end=row[-1].end)
            self.pieces.append(Piece(whole, layer, element, asset, None, role, comments, cdl,
                                     row if len(row) > 1 else (), spot))

    def _in_asset(self, element: Element, asset: Asset, view: View) -> View:
        """Time maps of some programs count from the file's first frame instead of its timecode."""
        if not asset.start or asset.duration is None or not element.first("timeMap") or not view:
            return view
        values = [time for s in view for time in (s.at, s.local(s.end))]
        if min(values) >= 0 and max(values) <= asset.duration < asset.start:
            self.losses.add(element, "info", "its speed change counts from the start of the file")
            return tuple(replace(stretch, at=stretch.at + asset.start) for stretch in view)
        return view

    def _compound(self, element: Element, inner: View, layer: Layer) -> None:
        ref = element.get("ref")
        media = self.reader.resources.get(ref, "media")
        sequence = media.first("sequence") if media else None
        if sequence is None:
            return self.losses.add(element, "error", f"it refers to {ref or 'nothing'}, which is "
                                                     "no compound clip of this file")
        if self._enter(element, ref):
            begin = self.reader.time(sequence, "tcStart") or ZERO
            duration = self.reader.time(sequence, "duration")
            end = begin + duration if duration else None
            with self._framed(element, self.reader.resources.size(sequence.get("format"))):
                self.sequence(sequence, cut(inner, begin, end, begin), (*layer, 0))
            self._inside.pop()

    def _multicam(self, element: Element, inner: View, layer: Layer) -> None:
        ref = element.get("ref")
        media = self.reader.resources.get(ref, "media")
        multicam = media.first("multicam") if media else None
        if multicam is None:
            return self.losses.add(element, "error", f"it refers to {ref or 'nothing'}, which is "
                                                     "no multicam clip of this file")
        sources = element.all("mc-source")
        wanted = [s for s in sources if s.get("srcEnable", "all") in ("all", self._kind_name)]
        angles = multicam.all("mc-angle")
        ids = [source.get("angleID") for source in wanted]
        chosen = [angle for angle in angles if angle.get("angleID") in ids]
        if not sources:
            chosen = angles[:1]
            self.losses.add(element, "warning", "it names no active angle; the first is used")
        elif wanted and len(chosen) < len(set(ids)):
            self.losses.add(element, "error", "it names an angle that the multicam clip lacks")
        if not self._enter(element, ref):
            return
        rate = self.reader.resources.rate(multicam.get("format")) or self.reader.rate
        begin = self.reader.time(multicam, "tcStart") or ZERO
        for source in wanted:
            self.losses.children(source)
        for angle in chosen:
            active = [s for s in wanted if s.get("angleID") == angle.get("angleID")]
            with (self._roles.muted(active, layer),
                  self._framed(element, self.reader.resources.size(multicam.get("format")))):
                self._run(angle, inner, (*layer, 0), begin, rate)
        self._inside.pop()

    def _enter(self, element: Element, ref: str) -> bool:
        if ref in self._inside or len(self._inside) > 40:
            self.losses.add(element, "error", "the compound clip holds itself; it is left out")
            return False
        self._inside.append(ref)
        return True

    # transitions

    def _fade(self, mix: Mix, before: int, view: View, layer: Layer, element: Element) -> None:
        """Give the pieces that an item begins with its transition; a hole where it has none."""
        start = place_of(view, mix.offset)
        fade = self._in_sequence(mix, view)
        if fade is None:
            return
        heads = [index for index in range(before, len(self.pieces))
                 if self.pieces[index].stretch.start == start
                 and self.pieces[index].layer[:len(layer)] == layer]
        for index in heads:
            self.pieces[index] = replace(self.pieces[index], fade=fade)
        if not heads:
            self._open(mix, view, layer, element)

    def _open(self, mix: Mix, view: View, layer: Layer, element: Element) -> None:
        fade = self._in_sequence(mix, view)
        if fade is not None:
            self.pieces.append(Piece(Stretch(fade.start, fade.end, ZERO, ONE), layer, element,
                                     fade=fade))

    def _in_sequence(self, mix: Mix, view: View) -> Fade | None:
        start = place_of(view, mix.offset)
        end = place_of(view, mix.offset + mix.duration)
        if start is not None and end is not None and end - start == mix.duration:
            return Fade(start, end, mix.element, mix.from_gap, mix.kind)
        if any(s.start < s.end for s in cut(view, mix.offset, mix.offset + mix.duration, ZERO)):
            self.losses.add(mix.element, "warning", "the transition is cut or retimed by its "
                                                    "compound clip; it is a cut")
        return None

    def _step(self, element: Element) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS or len(self.pieces) > MAX_STEPS:
            raise InputError("the edit unfolds into too many clips",
                             where=Where(self.reader.file, element.line, element.column),
                             hint="compound clips hold each other many times over: break them "
                                  "apart in the editor")
