"""Relinking: which media file an event of an edit list means, by evidence, and never a guess.

Everything that speaks for a file has its points, and the file with the most is meant:

| evidence | points |
|---|---|
| identity: a UMID, package id or content digest that list and file both state | 1000 |
| path: the reel is the end of the file's path | 300 |
| file: the reel is the file's name | 160 |
| reel: the reel is the file's tape or roll | 120 |
| cut reel: the reel is the first 7 letters or more of a name or roll | 80 |
| name: the clip or file name is the file's | 60 |
| folder: the folders around a file name are the file's, each | 10 |
| span: the file holds all of the source, not its first frame alone | 6 |
| length: the file is as long as the list says | 4 |
| rate: the file runs at the rate that the list counts at | 2 |

A file must be called by its identity, reel or name to be a candidate, and must hold the first
source frame (`timecode`). Several files that fit equally are an error that lists them; byte
identical copies are one file. Names are compared without case, in NFC and without extension.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from microfinish.core.edit import EditLine
from microfinish.core.errors import InputError, Problem
from microfinish.core.media import Media
from microfinish.core.media_index import MediaIndex, folded, folded_path, whole
from microfinish.core.time import format_timecode, nominal_fps, parse_timecode
from microfinish.core.timeline import Evidence

POINTS = {"identity": 1000, "path": 300, "file": 160, "reel": 120, "cut reel": 80, "name": 60,
          "folder": 10, "span": 6, "length": 4, "rate": 2}
"""What each kind of evidence counts: who a file is outweighs what fits it, by any sum."""
_CALLED = ("identity", "path", "file", "reel", "cut reel", "name")
_MOST_FOLDERS = 4


def own_rate(media: Media, timeline_rate: Fraction) -> Fraction:
    """The rate that the media's own frames count at; the timeline's where it states none."""
    if media.picture:
        return media.picture.rate
    return media.timecode_rate or timeline_rate


def own_frames(media: Media, timeline_rate: Fraction) -> int:
    """How many frames of its own rate the media holds."""
    if media.picture:
        return media.picture.frames
    rate = own_rate(media, timeline_rate)
    return max((int(Fraction(sound.samples) / sound.sample_rate * rate)
                for sound in media.sounds), default=0)


def is_still(media: Media) -> bool:
    """A single picture: it has no timecode to honor and can be held for any length."""
    return media.picture is not None and media.picture.frames == 1 and not media.sounds


def frame_of(label: str | int, media: Media, timeline_rate: Fraction, drop: bool | None) -> int:
    """The frame of the file that a source label names; it may lie outside the file.

    A label counts at the media's rate and, where the media states its timecode, in the media's
    drop-frame or non-drop counting. Whole numbers count from the start of the file. A file
    without timecode starts at 00:00:00:00. Raises InputError for a label that does not exist.
    """
    if isinstance(label, int):
        return label
    rate = own_rate(media, timeline_rate)
    counting = media.timecode_drop if media.start_frame is not None else drop
    try:
        number = parse_timecode(label, rate, counting)
    except InputError:
        if counting is None:
            raise
        number = parse_timecode(label, rate)
    frame = number - (media.start_frame or 0)
    if frame < 0 and media.start_frame is not None:
        # recordings that run over midnight go on from 00:00:00:00
        day = parse_timecode("23:59:59:00", rate, media.timecode_drop) + nominal_fps(rate)
        if frame + day < own_frames(media, timeline_rate):
            return frame + day
    return frame


def line_frame(line: EditLine, label: str | int, media: Media, timeline_rate: Fraction) -> int:
    """`frame_of` for a label of `line`, with what the line says about the file it was cut from.

    Frames counted at another rate than the media's are those at the same time.
    """
    own = own_rate(media, timeline_rate)
    counted = line.source_rate or own
    if isinstance(label, str) and media.start_frame is None and line.source_start is not None:
        label = parse_timecode(label, counted, line.source_drop) - line.source_start
    if isinstance(label, int) and counted != own:
        # times that fall a hair before a frame mean that frame
        return (Fraction(label) * own / counted + Fraction(1, 50)).__floor__()
    return frame_of(label, media, timeline_rate, line.source_drop)


@dataclass(frozen=True, slots=True)
class Found:
    """The answer of `relink`: the media, or the problem; `note` says what to report anyway.

    `missing` is the name of a file that is nowhere; empty where several could be meant. `doubt` is
    what in the list or among the media speaks against the file that was chosen, `evidence` what
    speaks for it.
    """

    media: Media | None = None
    problem: Problem | None = None
    note: str = ""
    missing: str = ""
    doubt: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A file that the list may mean; `by` is what calls it so, the strongest first."""

    media: Media
    by: tuple[str, ...]
    folders: int = 0

    @property
    def score(self) -> int:
        return sum(POINTS.get(kind, 0) for kind in self.by) + POINTS["folder"] * self.folders

    @property
    def called(self) -> int:
        """The points for being called so, without those for what fits."""
        return sum(POINTS[kind] for kind in self.by if kind in _CALLED)

    @property
    def evidence(self) -> Evidence:
        folder = ("folder",) if self.folders else ()
        return Evidence(self.score, (*self.by, *folder))


def relink(line: EditLine, files: Iterable[Media] | MediaIndex, timeline_rate: Fraction) -> Found:
    """The one file that an event means.

    Only the source in must lie inside the file to tell candidates apart; how much of the rest
    is missing is for the caller to say. Give many lines one `MediaIndex`.
    """
    index = files if isinstance(files, MediaIndex) else MediaIndex(files)
    called = _called(line, index)
    holding = [_weighed(candidate, line, timeline_rate) for candidate in called
               if _holds(candidate.media, line, timeline_rate)]
    if not holding:
        return _outside(line, called, index, timeline_rate)
    best = max(candidate.score for candidate in holding)
    group = [candidate for candidate in holding if candidate.score == best]
    found = _one([candidate.media for candidate in group])
    if found is None:
        return Found(problem=_ambiguous(line, [c.media for c in group], timeline_rate))
    chosen = next(candidate for candidate in group if candidate.media is found)
    others = [c for c in holding if c.media.digest != found.digest or not found.digest]
    doubts = (_contradiction(line, chosen, called),
              _out_of_reach(line, chosen, called, holding))
    notes = (_copies([c.media for c in group]), _close(chosen, others))
    return Found(found, note="; ".join(filter(None, notes)),
                 doubt="; ".join(filter(None, doubts)), evidence=chosen.evidence)


def _called(line: EditLine, index: MediaIndex) -> list[_Candidate]:
    """Every file of the right kind that the line calls by identity, reel or name."""
    by: dict[str, list[str]] = {}
    media: dict[str, Media] = {}

    def add(kind: str, found: Iterable[Media]) -> None:
        for file in found:
            if _has_track(file, line.tracks):
                media[file.path] = file
                by.setdefault(file.path, []).append(kind)

    add("identity", index.identified(line.ids))
    if line.names_a_reel:
        kinds = (("path", index.of_path(line.reel)),
                 ("file", index.named(whole(line.reel), folded(line.reel))),
                 ("reel", index.of_reel(line.reel)), ("cut reel", index.beginning(line.reel)))
        seen: set[str] = set()
        for kind, found in kinds:
            # a reel calls a file once, in its most telling sense
            add(kind, (file for file in found if file.path not in seen))
            seen |= {file.path for file in found}
    add("name", _by_name(line, index))
    return [_Candidate(media[path], tuple(kinds), _folders(line, media[path]))
            for path, kinds in by.items()]


def _by_name(line: EditLine, index: MediaIndex) -> list[Media]:
    """Files by clip or file name; the first name that any file bears decides."""
    for name in line.names:
        found = [media for media in index.named(whole(name), folded(name))
                 if _has_track(media, line.tracks)]
        if found:
            return found
    return []


def _folders(line: EditLine, media: Media) -> int:
    """How many folders above the file are the same in the list and on disk."""
    best = 0
    for name in (*line.names, line.media_path):
        wanted = folded_path(name).split("/")[:-1]
        for path in (media.path, *media.formerly):
            have = folded_path(path).split("/")[:-1]
            same = 0
            for ours, theirs in zip(reversed(have), reversed(wanted), strict=False):
                if ours != theirs or same == _MOST_FOLDERS:
                    break
                same += 1
            best = max(best, same)
    return best


def _weighed(candidate: _Candidate, line: EditLine, rate: Fraction) -> _Candidate:
    """The candidate, which holds the source in, with what else about it fits the list."""
    media, by = candidate.media, [*candidate.by]
    if line.source_in is not None and not is_still(media):
        by.append("timecode")
        if _holds_all(media, line, rate):
            by.append("span")
    own = own_rate(media, rate)
    if line.media_seconds is not None and abs(
            own_frames(media, rate) / own - line.media_seconds) * own < 1:
        by.append("length")
    if line.source_rate is not None and line.source_rate == own:
        by.append("rate")
    return _Candidate(media, tuple(by), candidate.folders)


def by_timecode(line: EditLine, files: Iterable[Media], timeline_rate: Fraction) -> list[Media]:
    """Files of the right kind and rate that state the timecode of all of the line's source.

    Not called by the line, so none of them is meant for sure.
    """
    if not isinstance(line.source_in, str):
        return []
    counted = line.source_rate or timeline_rate
    plain = line.speed == 1 and not line.retime and line.source_out is not None
    return [media for media in files
            if media.start_frame is not None and not is_still(media)
            and _has_track(media, line.tracks) and own_rate(media, timeline_rate) == counted
            and _holds(media, line, timeline_rate)
            and (not plain or _holds_all(media, line, timeline_rate))]


def _contradiction(line: EditLine, chosen: _Candidate, called: list[_Candidate]) -> str:
    """A reel and a clip name that mean different files: the reel decides, and it is said."""
    by_name = [c.media for c in called if "name" in c.by]
    if not by_name or "name" in chosen.by:
        return ""
    others = ", ".join(media.path for media in by_name[:3])
    by = "identity" if "identity" in chosen.by else f"reel {line.reel}"
    return f"the {by} decides, but the clip name means {others}"


def _close(chosen: _Candidate, others: list[_Candidate]) -> str:
    """Said where only what fits, and not what it is called, told the file from another."""
    rivals = [c for c in others if c.called == chosen.called and c is not chosen]
    if not rivals:
        return ""
    rival = max(rivals, key=lambda c: c.score)
    by = [kind for kind in chosen.evidence.by if kind not in rival.evidence.by] or ["folder"]
    words = {"span": "it holds the whole source", "length": "its length is the list's",
             "rate": "its rate is the list's", "folder": "its folders are the list's"}
    why = " and ".join(words[kind] for kind in by if kind in words)
    return f"called the same as {rival.media.path}, taken because {why}"


def _out_of_reach(line: EditLine, chosen: _Candidate, called: list[_Candidate],
                  holding: list[_Candidate]) -> str:
    """Said where a file that is called so more plainly does not hold the source in."""
    held = {candidate.media.path for candidate in holding}
    better = [c for c in called if c.media.path not in held and c.called > chosen.called]
    if not better:
        return ""
    plainest = max(better, key=lambda c: c.called)
    return (f"{plainest.media.path} is called so more plainly, but does not hold "
            f"{line.source_in}")


def _outside(line: EditLine, called: list[_Candidate], index: MediaIndex,
             rate: Fraction) -> Found:
    """No candidate holds the source in: name the file that was meant, or that none is there."""
    if called:
        named = [c for c in called if "name" in c.by] or called
        most = max(c.score for c in named)
        group = [c for c in named if c.score == most]
        found = _one([c.media for c in group])
        if found is not None:
            return Found(found, evidence=group[0].evidence)
        return Found(problem=Problem(
            f"{_said(line)}: no file of that reel or name holds {line.source_in}", line.where,
            "files: " + "; ".join(span_text(c.media, rate) for c in named[:6])
            + "; if it lies elsewhere: `microfinish run --relink FOLDER`"),
            missing=wanted(line))
    return Found(problem=Problem(f"{_said(line)}: no media of that reel or name", line.where,
                                 _nearest(line, index)), missing=wanted(line))


def span_text(media: Media, timeline_rate: Fraction) -> str:
    """`day1/A001C003.mov 01:00:00:00-01:00:10:00`: a file with the timecode it holds."""
    rate = own_rate(media, timeline_rate)
    start = media.start_frame or 0
    end = start + own_frames(media, timeline_rate)
    if is_still(media):
        return f"{media.path} (still)"
    return (f"{media.path} {format_timecode(start, rate, media.timecode_drop)}-"
            f"{format_timecode(end, rate, media.timecode_drop)}")


def _has_track(media: Media, tracks: tuple[str, ...]) -> bool:
    if any(track.startswith("V") for track in tracks):
        return media.picture is not None
    return bool(media.sounds)


def _holds(media: Media, line: EditLine, rate: Fraction) -> bool:
    if is_still(media) or line.source_in is None:
        return True
    try:
        entry = line_frame(line, line.source_in, media, rate)
    except InputError:
        return False
    return 0 <= entry < own_frames(media, rate)


def _holds_all(media: Media, line: EditLine, rate: Fraction) -> bool:
    """Whether in and out lie inside; at a speed, the out that a list prints says nothing."""
    if line.source_out is None or line.speed != 1 or line.retime:
        return False
    try:
        out = line_frame(line, line.source_out, media, rate)
    except InputError:
        return False
    return 0 <= out <= own_frames(media, rate)


def _one(group: list[Media]) -> Media | None:
    """The only file of a group; of byte-identical copies one in the project, the first by path."""
    if len(group) == 1 or (group and group[0].digest
                           and len({media.digest for media in group}) == 1):
        return min(group, key=_nearness)
    return None


def _nearness(media: Media) -> tuple[bool, str]:
    """Files of the project come before those on a card or a server."""
    outside = media.path.startswith(("/", "..")) or media.path[1:2] == ":"
    return outside, media.path


def _copies(group: list[Media]) -> str:
    """The hint that it is the same file several times; empty where there is one file."""
    if len(group) < 2:
        return ""
    paths = [media.path for media in sorted(group, key=_nearness)]
    return (f"the same file {'twice' if len(paths) == 2 else f'{len(paths)} times'}: "
            f"{', '.join(paths[:-1])} and {paths[-1]} are identical")


def _ambiguous(line: EditLine, group: list[Media], rate: Fraction) -> Problem:
    first: dict[str, str] = {}
    listed = []
    for media in sorted(group, key=_nearness):
        known = first.setdefault(media.digest, media.path) if media.digest else media.path
        same = f" (identical to {known})" if known != media.path else ""
        listed.append(span_text(media, rate) + same)
    more = f"; and {len(listed) - 8} more" if len(listed) > 8 else ""
    return Problem(f"{_said(line)} at {line.source_in} fits {len(group)} files", line.where,
                   f"candidates: {'; '.join(listed[:8])}{more}. Name the file in the edit, or "
                   "move the others out of media/")


def _said(line: EditLine) -> str:
    return f"event {line.number} ({wanted(line)})"


def wanted(line: EditLine) -> str:
    """What the line calls its file: `A001 / rooftop.mov`."""
    name = next((n for n in line.names if n and n != line.reel), "")
    known = line.reel if line.names_a_reel else ""
    return " / ".join(filter(None, (known, name))) or "unnamed"


def _nearest(line: EditLine, index: MediaIndex) -> str:
    near = [close for name in (line.reel, *line.names) if name for close in index.nearest(name)]
    if near:
        return (f"did you mean {' or '.join(list(dict.fromkeys(near))[:4])}? If it lies "
                "elsewhere: `microfinish run --relink FOLDER`")
    if not index.files:
        return ("there are no media: put camera files under media/, look elsewhere with `--relink "
                "FOLDER`, or name the folder under `media_roots` in microfinish.yaml")
    names = list(dict.fromkeys(media.name for media in index.files[:9]))
    return (f"the media are {', '.join(names[:8])}{' ...' if len(names) > 8 else ''}; look "
            "elsewhere with `--relink FOLDER`, or name the folder under `media_roots` in "
            "microfinish.yaml")
