"""CMX3600 events: the lines of an EDL gathered into groups of one or two sides.

A cut has one side. A dissolve, wipe or key is written as two event lines, of which the first is
the outgoing side with no length; notes, speed lines and sound channels that follow belong to the
group, FROM to the outgoing and TO to the incoming side.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from microfinish.core.cdl import Cdl, Triple
from microfinish.core.edit import UNREADABLE_EVENT
from microfinish.core.timeline import Loss
from microfinish.interchange.edl_lines import EdlLine, tracks

MARK_COLORS = frozenset({"RED", "GREEN", "BLUE", "CYAN", "MAGENTA", "YELLOW", "BLACK", "WHITE",
                         "ORANGE", "PINK", "PURPLE"})
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_LOCATOR = re.compile(r"(?P<at>\d{1,2}[:;.]\d{2}[:;.]\d{2}[:;.,]\d{2,3})\s*(?P<rest>.*)")
_NAME_NOTES = {"FROM CLIP NAME", "FROM CLIP", "FROM FILE", "TO CLIP NAME", "TO CLIP", "TO FILE",
               "SOURCE FILE"}


@dataclass(slots=True)
class Side:
    """One event line and what later lines say about it."""

    line: EdlLine
    dropping: bool
    tracks: tuple[str, ...]
    names: list[str] = field(default_factory=list)
    reels: list[str] = field(default_factory=list)
    fps: Fraction | None = None
    fps_decimals: int = 0
    motion_line: EdlLine | None = None
    slope_offset_power: tuple[Triple, Triple, Triple] | None = None
    saturation: float | None = None
    comments: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return self.line.fields["record_in"] == self.line.fields["record_out"]

    @property
    def kind(self) -> str:
        return self.line.fields["kind"].upper().replace(" ", "")

    @property
    def cdl(self) -> Cdl | None:
        """The ASC CDL of the side's notes; saturation alone is one too."""
        if self.slope_offset_power is None and self.saturation is None:
            return None
        neutral = Cdl()
        slope, offset, power = self.slope_offset_power or (
            neutral.slope, neutral.offset, neutral.power)
        saturation = neutral.saturation if self.saturation is None else self.saturation
        return Cdl(slope, offset, power, saturation)


@dataclass(slots=True)
class Group:
    """`incoming` is what the timeline gets; `outgoing` the zero-length side before it."""

    incoming: Side
    outgoing: Side | None = None
    to_side: bool = False
    has_to_name: bool = False

    @property
    def mixes(self) -> bool:
        return self.incoming.kind != "C"

    def side(self, to: bool) -> Side | None:
        """Where a FROM (or TO) note belongs; None where it names the event before."""
        if to or not self.mixes:
            return self.incoming
        return self.outgoing


@dataclass(slots=True)
class Gathered:
    """Everything an EDL says, in its own words."""

    title: str = ""
    groups: list[Group] = field(default_factory=list)
    locators: list[EdlLine] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)


class Gatherer:
    """Reads lines in order; `result` grows. One instance per file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.result = Gathered()
        self._dropping = False
        self._handlers = {"title": self._title, "count": self._count, "event": self._event,
                          "motion": self._motion, "sound": self._sound, "note": self._note,
                          "effect": self._effect, "comment": self._comment,
                          "unknown": self._unknown}

    def read(self, line: EdlLine) -> None:
        handler = self._handlers.get(line.kind)
        if handler:
            handler(line)

    def lose(self, line: EdlLine, severity: str, reason: str) -> None:
        self.result.losses.append(
            Loss(self.file, line.number, line.text.strip(), severity, reason))

    @property
    def _group(self) -> Group | None:
        return self.result.groups[-1] if self.result.groups else None

    def _title(self, line: EdlLine) -> None:
        self.result.title = self.result.title or line.fields["title"]

    def _count(self, line: EdlLine) -> None:
        mode = re.sub(r"[^A-Z]", "", line.fields["mode"].upper())
        if mode.startswith(("DROP", "NONDROP")):
            self._dropping = mode.startswith("DROP")
        else:
            self.lose(line, "warning", "FCM is neither DROP FRAME nor NON-DROP FRAME")

    def _event(self, line: EdlLine) -> None:
        side = Side(line, self._dropping, tracks(line.fields["tracks"]))
        if line.fields["rest"]:
            self.lose(line, "info", f"what follows the timecodes is not read: "
                                    f"{line.fields['rest']}")
        before = self._group
        if (side.kind != "C" and before and not before.mixes and before.incoming.empty
                and before.incoming.line.fields["record_in"] == line.fields["record_in"]
                and before.incoming.tracks == side.tracks):
            self.result.groups[-1] = Group(side, before.incoming)
        else:
            self.result.groups.append(Group(side))

    def _motion(self, line: EdlLine) -> None:
        group = self._group
        if group is None:
            return self.lose(line, "warning", "a speed line before the first event")
        side = _motion_side(group, line)
        if side is None:
            return self.lose(line, "warning", "the speed line names a reel that the event above "
                                              "does not use; it is not applied")
        if side.motion_line is not None:
            return self.lose(line, "warning", "a second speed for the same event is not applied")
        text = line.fields["fps"].replace(" ", "")
        side.fps, side.fps_decimals = Fraction(text), len(text.partition(".")[2])
        side.motion_line = line
        if side is group.outgoing:
            self.lose(line, "info", "the outgoing side of a transition runs on at the speed of "
                                    "its own event")

    def _sound(self, line: EdlLine) -> None:
        group = self._group
        if group is None:
            return self.lose(line, "warning", "sound channels before the first event")
        extra = tuple(f"A{int(channel)}" for channel in line.fields["channels"].split())
        for side in filter(None, (group.incoming, group.outgoing)):
            side.tracks = tuple(dict.fromkeys(side.tracks + extra))

    def _note(self, line: EdlLine) -> None:
        group, key = self._group, line.fields["key"].upper()
        if key == "LOC" and _LOCATOR.match(line.fields["value"]):
            self.result.locators.append(line)
            return None
        if group is None:
            return self.lose(line, "info", "a note before the first event")
        if key in _NAME_NOTES:
            return self._name(group, key, line)
        side = group.side(group.to_side) or group.incoming
        if key == "ASC_SOP":
            self._slope_offset_power(side, line)
        elif key == "ASC_SAT":
            self._saturation(side, line)
        elif key == "FINAL CUT PRO REEL":
            side.reels.append(line.fields["value"].upper().partition("REPLACED BY")[0].strip())
        else:
            side.comments.append(line.text.strip())
            reason = ("a marker without its timecode" if key == "LOC"
                      else "keys are not composited")
            self.lose(line, "info" if key == "LOC" else "warning", reason)

    def _name(self, group: Group, key: str, line: EdlLine) -> None:
        if key != "SOURCE FILE":
            group.to_side = key.startswith("TO ")
            group.has_to_name = group.has_to_name or group.to_side
        side = group.side(group.to_side)
        if side is not None and line.fields["value"]:
            side.names.append(line.fields["value"])

    def _slope_offset_power(self, side: Side, line: EdlLine) -> None:
        numbers = [float(text) for text in _NUMBER.findall(line.fields["value"])]
        if len(numbers) != 9:
            return self.lose(line, "warning", "ASC_SOP needs nine numbers; it is not applied")
        slope, offset, power = (
            (numbers[at], numbers[at + 1], numbers[at + 2]) for at in (0, 3, 6))
        if min(slope) < 0 or min(power) <= 0:
            return self.lose(line, "warning", "ASC CDL wants slope >= 0 and power > 0; "
                                              "it is not applied")
        side.slope_offset_power = (slope, offset, power)

    def _saturation(self, side: Side, line: EdlLine) -> None:
        numbers = [float(text) for text in _NUMBER.findall(line.fields["value"])]
        if len(numbers) != 1 or numbers[0] < 0:
            return self.lose(line, "warning", "ASC_SAT needs one number >= 0; it is not applied")
        side.saturation = numbers[0]

    def _effect(self, line: EdlLine) -> None:
        text = line.fields["value"].upper()
        if self._group:
            self._group.incoming.comments.append(line.text.strip())
        if "DISSOLVE" in text or (self._group and self._group.mixes and "BLEND" in text):
            return
        self.lose(line, "warning", "the effect is not reproduced")

    def _comment(self, line: EdlLine) -> None:
        text = line.fields["value"].upper()
        if self._group:
            self._group.incoming.comments.append(line.text.strip())
        if not text.strip("* ") or "FREEZE FRAME" in text:
            return
        self.lose(line, "info", "kept as a comment")

    def _unknown(self, line: EdlLine) -> None:
        event_like = re.match(r"^\s*\d{1,6}\s", line.text) is not None
        self.lose(line, "error" if event_like else "warning",
                  UNREADABLE_EVENT if event_like else "the line is not understood")


def locator(line: EdlLine) -> tuple[str, str, str]:
    """(timecode, color, text) of a LOC line; the color is its first word where it is one."""
    found = _LOCATOR.match(line.fields["value"])
    assert found is not None
    first, _, text = found["rest"].partition(" ")
    if first.upper() in MARK_COLORS:
        return found["at"], first.lower(), text.strip()
    return found["at"], "", found["rest"].strip()


def _motion_side(group: Group, line: EdlLine) -> Side | None:
    """The side whose reel the speed line names; where both do, the one whose source in it names."""
    reel, at = line.fields["reel"].upper(), line.fields.get("at")
    sides = [side for side in (group.incoming, group.outgoing) if side is not None
             and _same_reel(side.line.fields["reel"].upper(), reel)]
    exact = [side for side in sides if at and side.line.fields["source_in"] == at]
    return next(iter(exact or sides), None)


def _same_reel(event: str, motion: str) -> bool:
    # a fixed 8-column field cuts the reel of one of the two lines in some writers
    return event == motion or (len(motion) >= 7 and event.startswith(motion)) or (
        len(event) >= 7 and motion.startswith(event))
