"""Pairs of edits with known operations: what an editor did to a locked cut, recorded as it is done.

A scene is covered by setups with several takes each; takes say the same lines at about the same
source time, so files differ while their numbers look alike (near duplicates). Shots repeat, come
back to a take where they left it (intercutting), lie razor-cut side by side, and stand between
black. `pair(seed)` builds a cut, operates on it and gives both timelines with the truth.

The truth is what was done, in this normal form, since different deeds can end in one picture:
- what was moved is what was picked up, as long as no fewer moves explain the order; else as few
  shots as possible were moved, and of those choices the one with the fewest frames;
- head and tail that changed unevenly are a trim, whatever slips led there;
- what came between two neighbors where something else left is a replacement, so an insertion
  never stands where a deletion was (such a draw is thrown away and counted);
- new material shows no frames that a changed shot lost: a shot deleted here and cut in again
  there was moved, and a lost end cut in elsewhere was split off (thrown away and counted).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from random import Random

from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline, Transition

RATE = Fraction(25)
TAKE_FRAMES = 2000
SPEEDS = (Fraction(1, 2), Fraction(2), Fraction(3, 4), Fraction(-1), Fraction(4, 5))


@dataclass
class Clip:
    """A shot being edited. `tag` is who it is; `kinds` what was done to it since the lock.

    `black` frames stand before it. New material has an empty `tag`.
    """

    tag: str
    media: str
    source: Span
    speed: Fraction = Fraction(1)
    dissolve: int = 0
    black: int = 0
    kinds: set[str] = field(default_factory=set)
    length: int = 0
    through: bool = False

    @property
    def record_length(self) -> int:
        return self.length or max(1, round(self.source.length / abs(self.speed)))


@dataclass(frozen=True)
class Pair:
    """Two timelines and the truth: (old tag or "new@record in") -> kinds. `identity` says for
    every record in of the new cut which old tag stands there ("" for a new shot)."""

    seed: int
    before: Timeline
    after: Timeline
    truth: dict[str, frozenset[str]]
    identity: dict[int, str]
    operations: tuple[str, ...]


class ThrownError(Exception):
    """The draw left the normal form."""


def pair(seed: int) -> tuple[Pair, int]:
    """The pair of a seed, and how many draws were thrown away for it."""
    thrown = 0
    while True:
        try:
            return _pair(Random(f"{seed}/{thrown}"), seed), thrown
        except ThrownError:
            thrown += 1


def _pair(random: Random, seed: int) -> Pair:
    editor = Editor(random, seed)
    wanted = random.randint(2, 7)
    while len(editor.done) < wanted:
        editor.operate()
    return editor.result()


class Editor:
    """Cuts an episode, then changes it, keeping a diary."""

    def __init__(self, random: Random, seed: int) -> None:
        self.random, self.seed = random, seed
        self.old = self._first_cut()
        self.cut = [replace(clip, kinds=set()) for clip in self.old]
        self.gone: dict[str, set[str]] = {}
        self.lost: list[tuple[str, Span]] = []
        self.fresh: list[tuple[str, Span]] = []
        self.picked_up: set[str] = set()
        self.slid: list[tuple[list[str], int, int]] = []
        self.done: list[str] = []
        self.touched: set[str] = set()

    # the cut

    def _first_cut(self) -> list[Clip]:
        random, clips = self.random, []
        setups, heads = random.randint(2, 5), {}
        for _ in range(random.randint(10, 32)):
            media = self._take(random.randrange(setups))
            length = random.randint(12, 90)
            how = random.random()
            earlier = [clip for clip in clips if clip.media == media]
            if how < 0.35 and media in heads:
                start = heads[media]  # intercut: the take goes on where it was left
            elif how < 0.55 and earlier:
                start = max(0, random.choice(earlier).source.start + random.randint(-8, 8))
            elif how < 0.63 and earlier:  # the very same frames again
                again = random.choice(earlier).source
                start, length = again.start, again.length
                if clips[-1].media == media and clips[-1].source == again:
                    continue  # not twice in a row: nobody could tell the two apart
            else:
                start = random.randint(0, 1200)
            clips.append(Clip("", media, Span(start, start + length),
                              random.choice(SPEEDS) if random.random() < 0.06 else Fraction(1),
                              random.choice((6, 10)) if random.random() < 0.1 else 0,
                              random.randint(5, 30) if random.random() < 0.06 else 0))
            heads[media] = start + length
            if random.random() < 0.12:  # a razor cut nobody closed
                half = random.randint(12, 60)
                clips[-1].speed = Fraction(1)
                clips.append(Clip("", media, Span(start + length, start + length + half),
                                  through=True))
                heads[media] += half
        for index, clip in enumerate(clips):
            clip.tag = f"o{index}"
            clip.length = clip.record_length
        return clips

    def _take(self, setup: int) -> str:
        return f"media/A00{setup + 1}_T{self.random.randint(1, 3)}.mov"

    # the operations

    def operate(self) -> None:
        name = self.random.choices(
            ("trim", "slip", "move", "swap", "delete", "insert", "replace", "split", "join",
             "retime", "dissolve", "black", "slide"),
            (5, 3, 3, 1, 3, 3, 3, 2.5, 3, 2, 1, 0.7, 1))[0]
        if getattr(self, f"_{name}")():
            self.done.append(name)

    def _pick(self, steady: bool = True) -> Clip | None:
        """An untouched shot. Played forward if `steady`."""
        free = [clip for clip in self.cut if clip.tag and clip.tag not in self.touched
                and (clip.speed == 1 or not steady)]
        if not free:
            return None
        clip = self.random.choice(free)
        self.touched.add(clip.tag)
        return clip

    def _set(self, clip: Clip, source: Span) -> None:
        if source.start < 0 or source.end > TAKE_FRAMES or source.length < 6:
            raise ThrownError
        was = clip.source
        if was.start < source.start:
            self.lost.append((clip.media, Span(was.start, min(source.start, was.end))))
        if source.end < was.end:
            self.lost.append((clip.media, Span(max(source.end, was.start), was.end)))
        if source.start < was.start:
            self.fresh.append((clip.media, Span(source.start, min(was.start, source.end))))
        if was.end < source.end:
            self.fresh.append((clip.media, Span(max(was.end, source.start), source.end)))
        clip.source = source
        clip.length = 0
        clip.length = clip.record_length

    def _trim(self) -> bool:
        clip = self._pick()
        if clip is None:
            return False
        by = [0, 0]
        for end in self.random.choice(([0], [1], [0, 1])):
            room = clip.source.length // 2 - 4
            by[end] = self.random.choice((-1, 1)) * self.random.randint(1, max(1, min(30, room)))
        if by[0] + by[1] == 0:
            by[1] += 1  # both ends the same way would be a slip
        self._set(clip, Span(clip.source.start - by[0], clip.source.end + by[1]))
        clip.kinds.add("trimmed")
        return True

    def _slip(self) -> bool:
        clip = self._pick()
        if clip is None:
            return False
        far = 2 if self.random.random() < 0.1 else 0.6
        by = self.random.choice((-1, 1)) * self.random.randint(
            1, max(1, int(clip.source.length * far)))
        self._set(clip, clip.source.shifted(by))
        clip.kinds.add("slipped")
        return True

    def _move(self) -> bool:
        clip = self._pick(steady=False)
        if clip is None or len(self.cut) < 6:
            return False
        at = self.cut.index(clip)
        to = self.random.choice([i for i in range(len(self.cut)) if abs(i - at) >= 2])
        self.cut.insert(to, self.cut.pop(at))
        self.picked_up.add(clip.tag)
        if self.random.random() < 0.2 and clip.speed == 1:  # moved and trimmed
            self._set(clip, Span(clip.source.start + self.random.randint(1, 4), clip.source.end))
            clip.kinds.add("trimmed")
        return True

    def _swap(self) -> bool:
        first, second = self._pick(steady=False), self._pick(steady=False)
        if first is None or second is None:
            return False
        if (first.media, first.source) == (second.media, second.source):
            raise ThrownError  # nothing changed
        a, b = self.cut.index(first), self.cut.index(second)
        self.cut[a], self.cut[b] = second, first
        self.picked_up |= {first.tag, second.tag}
        return True

    def _delete(self) -> bool:
        clip = self._pick(steady=False)
        if clip is None:
            return False
        self._leave(clip, "deleted")
        at = self.cut.index(clip)
        if self.random.random() < 0.15 and at + 1 < len(self.cut):  # lifted: black stays
            self.cut[at + 1].black += clip.record_length + clip.black
        self.cut.remove(clip)
        return True

    def _leave(self, clip: Clip, kind: str) -> None:
        self.gone[clip.tag] = {kind}
        self.lost.append((clip.media, clip.source))

    def _new_clip(self, length: int, media: str = "") -> Clip:
        random = self.random
        media = media or self._take(random.randrange(6))
        alike = [clip for clip in self.cut if clip.media == media and clip.tag]
        if alike and random.random() < 0.4:  # a repeat, or nearly one
            start = max(0, random.choice(alike).source.start + random.randint(-6, 6))
        else:
            start = random.randint(0, 1800)
        source = Span(start, start + length)
        self.fresh.append((media, source))
        return Clip("", media, source, length=length)

    def _insert(self) -> bool:
        clip = self._new_clip(self.random.randint(12, 90))
        clip.kinds.add("inserted")
        self.cut.insert(self.random.randint(0, len(self.cut)), clip)
        return True

    def _replace(self) -> bool:
        clip = self._pick()
        if clip is None:
            return False
        takes = [name for t in (1, 2, 3) if (name := f"{clip.media[:-5]}{t}.mov") != clip.media]
        self.lost.append((clip.media, clip.source))
        clip.media = self.random.choice(takes)
        shift, grow = self.random.randint(-10, 10), 0
        if self.random.random() < 0.3:  # the new take is said slower or faster
            grow = self.random.randint(-clip.source.length // 3, clip.source.length // 3)
        start = max(0, clip.source.start + shift)
        clip.source = Span(start, start + max(8, clip.source.length + grow))
        self.fresh.append((clip.media, clip.source))
        clip.length = clip.source.length
        clip.kinds.add("replaced")
        return True

    def _split(self) -> bool:
        clip = self._pick()
        if clip is None or clip.source.length < 24:
            return False
        source = clip.source
        cut = self.random.randint(source.start + 8, source.end - 8)
        gap = 0
        if self.random.random() < 0.3:
            gap = self.random.randint(1, max(1, (source.end - cut) // 2 - 4))
            self.lost.append((clip.media, Span(cut, cut + gap)))
        parts = (Span(source.start, cut), Span(cut + gap, source.end))
        if parts[0].length == parts[1].length:
            raise ThrownError
        kinds = {"split"} | ({"trimmed"} if gap else set())
        heir = 0 if parts[0].length > parts[1].length else 1
        pieces = [replace(clip, tag=clip.tag if i == heir else f"{clip.tag}'", source=part,
                          length=part.length, kinds=set(kinds),
                          dissolve=clip.dissolve if i == 0 else 0,
                          black=clip.black if i == 0 else 0) for i, part in enumerate(parts)]
        self.touched.add(f"{clip.tag}'")
        if self.random.random() < 0.4:  # a cutaway between the parts
            away = self._new_clip(self.random.randint(12, 50), self._take(5))
            away.kinds.add("inserted")
            pieces.insert(1, away)
        at = self.cut.index(clip)
        self.cut[at:at + 1] = pieces
        return True

    def _join(self) -> bool:
        for first, second in zip(self.cut, self.cut[1:], strict=False):
            if (second.through and first.media == second.media and first.tag and second.tag
                    and first.source.end == second.source.start and first.speed == second.speed == 1
                    and not {first.tag, second.tag} & self.touched
                    and first.source.length != second.source.length and not second.black):
                self.touched |= {first.tag, second.tag}
                heir = first if first.source.length > second.source.length else second
                other = second if heir is first else first
                self.gone[other.tag] = {"joined"}
                heir.source = Span(first.source.start, second.source.end)
                heir.length, heir.dissolve, heir.black = heir.source.length, first.dissolve, \
                    first.black
                heir.kinds.add("joined")
                self.cut.remove(other)
                return True
        return False

    def _retime(self) -> bool:
        clip = self._pick()
        if clip is None:
            return False
        clip.speed = self.random.choice(SPEEDS)
        if self.random.random() < 0.5 and clip.speed > 0:  # fit into the slot: the source changes
            length = clip.length
            source = Span(clip.source.start, clip.source.start + round(length * clip.speed))
            if source.length < 6:
                raise ThrownError
            self._set(clip, source)
            clip.length = length
        else:
            clip.length = 0
            clip.length = clip.record_length
        clip.kinds.add("retimed")
        return True

    def _dissolve(self) -> bool:
        clip = self._pick(steady=False)
        if clip is None:
            return False
        clip.dissolve = 0 if clip.dissolve else self.random.choice((4, 8, 12))
        clip.kinds.add("transition")
        return True

    def _black(self) -> bool:
        """More black, or less: all behind it is pushed, nothing is changed."""
        clip = self.random.choice(self.cut[1:])
        clip.black = 0 if clip.black else self.random.randint(3, 40)
        return True

    def _slide(self) -> bool:
        """A shot slides in black while its neighbors stay."""
        for at in range(1, len(self.cut) - 1):
            clip, after = self.cut[at], self.cut[at + 1]
            around = [c.tag for c in self.cut[at - 1:at + 2]]
            old = [clip.tag for clip in self.old]
            together = around[0] in old and old[old.index(around[0]):][:3] == around
            together = together and all(
                c.black == self.old[old.index(c.tag)].black for c in (clip, after))
            if together and not self.touched & set(around) and after.black > 4:
                by = self.random.randint(2, after.black - 2)
                clip.black, after.black = clip.black + by, after.black - by
                clip.kinds.add("moved")
                self.touched |= set(around)
                self.slid.append((around, clip.black, after.black))
                return True
        return False

    # the truth

    def result(self) -> Pair:
        self._check_normal_form()
        moved = self._moved()
        truth = {tag: frozenset(kinds) for tag, kinds in self.gone.items()}
        identity = {}
        after = timeline_of(self.cut)
        shots = [event for event in after.events if event.media]
        for clip, event in zip(self.cut, shots, strict=True):
            kinds = set(clip.kinds) | ({"moved"} if clip.tag in moved else set())
            new = clip.tag.endswith("'") or not clip.tag
            name = f"new@{event.record.start}" if new else clip.tag
            identity[event.record.start] = "" if new else clip.tag
            truth[name] = frozenset(kinds or {"unchanged"})
        return Pair(self.seed, timeline_of(self.old), after, truth, identity, tuple(self.done))

    def _moved(self) -> set[str]:
        """The shots out of order, in the normal form."""
        place = {clip.tag: index for index, clip in enumerate(self.old)}
        standing = [(place[c.tag.rstrip("'")], c.source.start, c) for c in self.cut if c.tag]
        best: list[tuple[int, int, frozenset[str]]] = []
        for index, (old, start, clip) in enumerate(standing):
            options = [best[i] for i in range(index) if standing[i][:2] < (old, start)]
            count, frames, tags = max(options, default=(0, 0, frozenset()), key=lambda b: b[:2])
            best.append((count + 1, frames + clip.record_length, tags | {clip.tag}))
        kept = max(best, key=lambda b: b[:2])[2]
        everyone = {clip.tag for _, _, clip in standing}
        still = [(old, start) for old, start, clip in standing if clip.tag not in self.picked_up]
        if still == sorted(still) and len(still) == len(kept):
            return everyone & self.picked_up
        return everyone - kept

    def _check_normal_form(self) -> None:
        for media, span in self.fresh:
            if any(media == other and span.overlap(lost) for other, lost in self.lost):
                raise ThrownError
        now = [clip.tag for clip in self.cut]
        for around, *black in self.slid:
            at = now.index(around[1])
            if now[at - 1:at + 2] != around or black != [c.black for c in self.cut[at:at + 2]]:
                raise ThrownError
        moved = self._moved()
        order = [clip.tag for clip in self.old]
        anchors = [c.tag for c in self.cut if c.tag in order and c.tag not in moved
                   and "replaced" not in c.kinds]
        where = {tag: index for index, tag in enumerate(anchors)}

        def block(sequence: list[str], at: int) -> int:
            return max((where[tag] for tag in sequence[:at] if tag in where), default=-1)

        left = {block(order, order.index(tag)) for tag, kinds in self.gone.items()
                if "deleted" in kinds}
        left |= {block(order, order.index(c.tag)) for c in self.cut if "replaced" in c.kinds
                 and c.tag in moved}
        came = {block(now, index) for index, clip in enumerate(self.cut) if not clip.tag}
        changed = [block(order, order.index(c.tag)) for c in self.cut if "replaced" in c.kinds]
        if left & came or set(changed) & (left | came) or any(
                "replaced" in c.kinds and c.tag in moved for c in self.cut):
            raise ThrownError


def timeline_of(clips: list[Clip]) -> Timeline:
    """The timeline of a cut, black filled in, without ids."""
    events, at = [], 0
    for clip in clips:
        if clip.black:
            events.append(Event("", "V", "", Span(0, clip.black), Span(at, at + clip.black)))
            at += clip.black
        length = clip.record_length
        events.append(Event(
            "", "V", clip.media, clip.source, Span(at, at + length), clip.speed,
            Transition("dissolve", clip.dissolve) if clip.dissolve else None))
        at += length
    return Timeline(RATE, tuple(events), start_frame=90_000)
