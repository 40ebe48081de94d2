"""Final Cut Pro 7 XML (xmeml 4 and 5, as Premiere and Resolve write it): bytes to an edit list.

Rates are a timebase with an NTSC flag, so they are exact. The record length decides; `out` may
be one short. A start or end of -1 lies at the transition beside it. Apple: Final Cut Pro XML
Interchange Format, version 5.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from microfinish.core.edit import EditLine, EditList
from microfinish.core.errors import InputError, Where
from microfinish.core.sampling import moved_keys
from microfinish.core.time import Span, format_rate
from microfinish.core.timeline import Loss, Transition
from microfinish.interchange.fcp7_marks import marks_of
from microfinish.interchange.fcp7_media import Cut, edit_line, rate_of, timecode_of
from microfinish.interchange.fcp7_pieces import media_cuts
from microfinish.interchange.fcp7_placed import MOTION, size_of, spot_of
from microfinish.interchange.fcp7_speed import number, time_remap
from microfinish.interchange.fcp7_track import KNOWN, Item, into, item_of, out_of, outermost
from microfinish.interchange.mixes import kind_of
from microfinish.interchange.spot import FULL_FRAME, Size, Spot, centered, hides
from microfinish.interchange.topmost import topmost
from microfinish.interchange.xmltext import Element, parse_document

MAX_NESTING = 20
_CANVAS: Size = (1920.0, 1080.0)
"""What a sequence that states no size is taken for."""
_BLACK = {"slug", "black", "black video", "blackvideo"}
_ITEMS = ("clipitem", "generatoritem", "transitionitem")


def read(data: bytes, file: str, rate: Fraction) -> EditList:
    """The edit list in an xmeml file's one sequence; `rate` is the season's, to compare with.

    Raises InputError where there is no sequence, where there are several, or where its rate or
    its events cannot be read.
    """
    document = parse_document(data, file)
    reader = _Reader(document.root, file)
    if document.note:
        reader.lose(document.root, "warning", document.note)
    return reader.edit_list(rate)


class _Reader:
    def __init__(self, root: Element, file: str) -> None:
        self.root, self.file = root, file
        self.losses: list[Loss] = []
        self.named: dict[tuple[str, str], Element] = {}
        for element in root.iter():
            if element.tag in ("file", "sequence") and element.children and element.get("id"):
                self.named.setdefault((element.tag, element.get("id")), element)

    def lose(self, element: Element, severity: str, reason: str) -> None:
        text = f"{element.shown(60)} {element.value('name')}".strip()
        self.losses.append(Loss(self.file, element.line, text, severity, reason))

    def _where(self, element: Element) -> Where:
        return Where(self.file, element.line, element.column)

    def edit_list(self, season_rate: Fraction) -> EditList:
        sequence = self._sequence()
        rate = rate_of(sequence)
        if rate is None:
            raise InputError("the sequence states no frame rate", where=self._where(sequence),
                             hint="export it again; <rate> must hold a <timebase>")
        if rate != season_rate:
            self.lose(sequence, "warning", f"the sequence runs at {format_rate(rate)}, "
                                           f"the season at {format_rate(season_rate)}")
        start, drop = timecode_of(sequence, rate)
        stated = size_of(sequence)
        cuts = self._cuts(sequence, rate, 0)
        if not cuts:
            raise InputError("the sequence has no clips", where=self._where(sequence),
                             hint="export the sequence of the episode, not an empty one")
        marks = marks_of(sequence, cuts, rate, start, self.file, self.lose)
        cuts = [*_lead(cuts, sequence, rate), *cuts]
        canvas = stated or _CANVAS
        written = [edit_line(cut, start, self.file, canvas) for cut in cuts]
        smaller = [line for cut, line in zip(cuts, written, strict=True)
                   if line.placement and not hides(cut.spot, canvas)]
        lines = tuple(replace(line, number=f"{index:03}") for index, line in enumerate(
            topmost(written, rate, self._lose_line, smaller), 1))
        for line in lines:
            if line.placement and line.tracks == ("V",):
                self._lose_line(line, "warning", FULL_FRAME)
        losses = tuple(sorted(self.losses, key=lambda loss: loss.line))
        width, height = stated or (0, 0)
        return EditList(self.file, rate, lines, losses, sequence.value("name"), drop, start,
                        (round(width), round(height)), marks)

    def _lose_line(self, line: EditLine, severity: str, reason: str) -> None:
        self.losses.append(Loss(self.file, line.where.line if line.where else 0, line.text,
                                severity, reason))

    def _sequence(self) -> Element:
        if self.root.tag != "xmeml":
            raise InputError(f"<{self.root.tag}> is no Final Cut Pro 7 XML",
                             where=self._where(self.root),
                             hint="the root must be <xmeml>; name FCPXML files edit.fcpxml")
        found = list(outermost(self.root))
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(item.value("name") or item.get("id") for item in found[:8])
            raise InputError(f"the file holds {len(found)} sequences: {names}",
                             where=self._where(found[1]),
                             hint="export only the sequence of this episode")
        raise InputError("the file holds no sequence", where=self._where(self.root),
                         hint="export a sequence as Final Cut Pro XML")

    # tracks

    def _cuts(self, sequence: Element, rate: Fraction, depth: int) -> list[Cut]:
        """Everything in a sequence. A nested sequence of several tracks takes as many here."""
        found: list[Cut] = []
        canvas = size_of(sequence) or _CANVAS
        for kind, letter in (("video", "V"), ("audio", "A")):
            media = next((part for m in sequence.all("media")
                          if (part := m.first(kind)) is not None), None)
            top = 0
            for index, track in enumerate(media.all("track") if media else [], 1):
                name = f"{letter}{index}"
                if track.value("enabled").upper() == "FALSE":
                    if track.all(*_ITEMS):
                        self.lose(track, "info", f"track {name} is switched off; not used")
                    continue
                cuts = self._track(track, name, rate, depth, canvas)
                found += [replace(cut, track=_layer(letter, top + cut.layer)) for cut in cuts]
                top += max((cut.layer for cut in cuts), default=1)
        return found

    def _track(self, track: Element, name: str, rate: Fraction, depth: int,
               canvas: Size) -> list[Cut]:
        for holder in (track, *track.all(*_ITEMS)):
            for child in holder.children:
                if child.tag not in KNOWN:
                    self.lose(child, "warning", "the element is not understood")
        items = self._items(track)
        found: list[Cut] = []
        for index, item in enumerate(items):
            if item.fades:
                found += self._fade_out(items, index, name, rate)
            elif not item.enabled:
                self.lose(item.element, "info", "a disabled clip is left out")
            else:
                found += self._clip(items, index, name, rate, depth, canvas)
        return found

    def _items(self, track: Element) -> list[Item]:
        found = []
        for element in track.all(*_ITEMS):
            item = item_of(element)
            if item.fades:
                if item.start is None or item.end is None or item.end <= item.start:
                    self.lose(element, "warning", "a transition without a length is not used")
                    continue
                self._name_fade(element)
            found.append(item)
        return found

    def _name_fade(self, element: Element) -> None:
        lost = kind_of(element.value("effect", "name"))[1]
        if lost:
            self.lose(element, "warning", lost)

    def _fade_out(self, items: list[Item], index: int, name: str,
                  rate: Fraction) -> list[Cut]:
        """The black at the end of a fade: only where no clip follows under the transition."""
        fade = items[index]
        if into(items, index):
            return []
        if not out_of(items, index):
            self.lose(fade.element, "warning", "the transition has a clip on neither side")
            return []
        return [Cut(fade.element, name, fade.record, rate, black=True,
                    transition=_mix(fade, name, fade.record.length))]

    # clips

    def _clip(self, items: list[Item], index: int, name: str, rate: Fraction,
              depth: int, canvas: Size) -> list[Cut]:
        item = items[index]
        lead = items[index - 1] if index and into(items, index - 1) is item else None
        tail = (items[index + 1]
                if index + 1 < len(items) and out_of(items, index + 1) is item else None)
        start = lead.start if lead else item.start
        end = tail.start if tail else item.end
        if start is None or end is None or end <= start:
            self.lose(item.element, "error", "the clip has no place: start or end is missing, "
                                             "or a transition covers it whole")
            return []
        # where the start is written although a transition precedes it, in belongs to that start
        early = item.start - start if item.start is not None else 0
        late = tail.record.length if tail and item.end is None else 0
        cuts = self._content(item.element, Span(start, end), early, late, name, rate, depth)
        cuts = self._placed(item.element, cuts, canvas) if name.startswith("V") else cuts
        if lead and cuts:
            frames = min(lead.record.length, cuts[0].record.length)
            if frames < lead.record.length:
                self.lose(lead.element, "warning", "the transition is longer than its clip; "
                                                   f"{frames} frames are used")
            cuts[0] = replace(cuts[0], transition=_mix(lead, name, frames),
                              from_black=out_of(items, index - 1) is None)
        return cuts

    def _placed(self, element: Element, cuts: list[Cut], canvas: Size) -> list[Cut]:
        """The cuts of a clip, where its motion puts them on the sequence's canvas."""
        nested = element.first("sequence")
        holder = None if nested is None else self.named.get(("sequence", nested.get("id")), nested)
        if holder is not None:
            size = size_of(holder) or canvas
        else:
            file = self._file(element) if element.tag == "clipitem" and not (
                element.first("multiclip")) else None
            size = size_of(file) or canvas
        outer = spot_of(element, size, canvas, self.lose)
        if holder is None:
            return [replace(cut, spot=outer) if not cut.black else cut for cut in cuts]
        return [self._within(element, cut, outer or centered(size, canvas))
                if not cut.black and (outer or cut.spot) else cut for cut in cuts]

    def _within(self, element: Element, cut: Cut, outer: Spot) -> Cut:
        inner = cut.spot or centered(size_of(cut.file) or outer.size, outer.size)
        spot, whole = inner.inside(outer)
        if not whole:
            self.lose(element, "warning", "a picture in it is turned; its crop is not used on it")
        return replace(cut, spot=spot)

    def _content(self, element: Element, record: Span, early: int, late: int, name: str,
                 rate: Fraction, depth: int) -> list[Cut]:
        """What a clip shows over `record`; in and out lie `early` and `late` frames farther."""
        self._report_effects(element, name)
        if element.tag == "generatoritem":
            return self._generated(element, record, name, rate,
                                   element.value("effect", "effectid"))
        nested = element.first("sequence")
        if nested is not None:
            nested = self.named.get(("sequence", nested.get("id")), nested)
            return self._nested(element, nested, record, early, name, rate, depth)
        file = self._file(element)
        source = file.value("mediaSource") if file else ""
        if source and not source.casefold().startswith("slug"):
            return self._generated(element, record, name, rate, source)
        if source and not (file and file.value("pathurl")):
            # Premiere writes every generator of its own as a slug, and names it
            label = element.value("name") or source
            return self._generated(element, record, name, rate, label)
        return media_cuts(element, file, record, early, late, name, rate, self.lose)

    def _report_effects(self, element: Element, name: str) -> None:
        effects = (filter_.first("effect") for filter_ in element.all("filter")
                   if filter_.value("enabled").upper() != "FALSE")
        names = [effect.value("name") or effect.value("effectid") for effect in effects
                 if effect and effect.value("effectid").casefold() not in MOTION]
        if names:
            severity = "warning" if name.startswith("V") else "info"
            self.lose(element, severity, f"not reproduced: {', '.join(dict.fromkeys(names))}")

    def _generated(self, element: Element, record: Span, name: str, rate: Fraction,
                   source: str) -> list[Cut]:
        if source.casefold() not in _BLACK:
            self.lose(element, "error", f"the generator {source or 'without a name'} is not "
                                        "rendered; what lies below it is seen")
        if name != "V1" and (source.casefold() not in _BLACK or not name.startswith("V")):
            return []
        return [Cut(element, name, record, rate, black=True)]

    def _file(self, element: Element) -> Element | None:
        """The file of a clip, or of the active angle of a multiclip."""
        holder: Element | None = element
        multiclip = element.first("multiclip")
        if multiclip is not None:
            angles = multiclip.all("angle")
            active = next((a for a in angles if a.value("activevideoangle").upper() == "TRUE"),
                          angles[0] if angles else None)
            holder = active.first("clip") if active else None
            self.lose(element, "info", "of a multiclip the active angle is used")
        file = holder.first("file") if holder else None
        return self.named.get(("file", file.get("id")), file) if file is not None else None

    # nested sequences

    def _nested(self, element: Element, nested: Element, record: Span, early: int, name: str,
                rate: Fraction, depth: int) -> list[Cut]:
        """The inside of a nested sequence, each of its tracks on a layer of its own."""
        inner_rate = rate_of(nested) or rate
        entry = number(element.value("in"))
        if (depth >= MAX_NESTING or inner_rate != rate or entry is None or entry < 0
                or time_remap(element) or (rate_of(element) or rate) != rate):
            self.lose(element, "error", "the nested sequence has a speed or a rate of its own "
                                        "and is left out; flatten it before exporting")
            return []
        inner = [cut for cut in self._cuts(nested, rate, depth + 1) if cut.track[0] == name[0]]
        tracks = list(dict.fromkeys(cut.track for cut in inner))
        if name[0] == "A" and len(tracks) > 1:
            # a stereo clip is written as two tracks, left and right in turn
            tracks = tracks[(int(name[1:]) - 1) % 2::2]
        begin = round(entry) - early
        window = Span(begin, begin + record.length) if begin >= 0 else Span(0, record.length)
        layers = {track: index for index, track in enumerate(tracks, 1)}
        found = [replace(part, track=name, layer=layers[cut.track],
                         record=part.record.shifted(record.start - begin))
                 for cut in inner if cut.track in tracks and (part := _trimmed(cut, window, rate))]
        for marker in nested.all("marker"):
            self.lose(marker, "info", "markers of a nested sequence itself are not used")
        self.lose(element, "info", f"a nested sequence: its {len(found)} clips are used")
        return found


def _lead(cuts: list[Cut], sequence: Element, rate: Fraction) -> list[Cut]:
    """Black from the start of the sequence to its first picture: a gap counts here."""
    first = min((cut.record.start for cut in cuts if cut.track.startswith("V")), default=0)
    return [Cut(sequence, "V", Span(0, first), rate, black=True)] if first else []


def _trimmed(cut: Cut, window: Span, rate: Fraction) -> Cut | None:
    """The part of a cut inside a window, both at `rate`; a transition may lose its head."""
    record = cut.record.overlap(window)
    if record is None:
        return None
    gone = record.start - cut.record.start
    transition = cut.transition
    if transition and gone:
        left = transition.frames - gone
        transition = replace(transition, frames=left) if left > 0 else None
    return replace(cut, record=record, transition=transition,
                   retime=moved_keys(cut.retime, gone),
                   source=cut.source + gone * cut.speed * cut.rate / rate)


def _layer(letter: str, number: int) -> str:
    return "V" if (letter, number) == ("V", 1) else f"{letter}{number}"


def _mix(fade: Item, track: str, frames: int) -> Transition:
    kind = kind_of(fade.element.value("effect", "name"))[0]
    return Transition(kind if track.startswith("V") else "dissolve", frames)
