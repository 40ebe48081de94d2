"""Relinking: which media file an event of an edit list means, and never a guess.

By reel and timecode coverage first, then by clip or file name. Names are compared without case,
in NFC and without extension. Several files that fit equally are an error that lists them; byte
identical copies are one file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction

from microfinish.core.edit import EditLine
from microfinish.core.errors import InputError, Problem
from microfinish.core.media import Media
from microfinish.core.time import format_timecode, nominal_fps, parse_timecode

SHORT_REEL = 7
"""From this length on, an EDL's reel may be the start of a longer name: CMX cuts at 8."""


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
    what in the list speaks against the media that were chosen.
    """

    media: Media | None = None
    problem: Problem | None = None
    note: str = ""
    missing: str = ""
    doubt: str = ""


def relink(line: EditLine, files: Iterable[Media], timeline_rate: Fraction) -> Found:
    """The one file that an event means.

    Only the source in must lie inside the file to tell candidates apart; how much of the rest
    is missing is for the caller to say.
    """
    kind = [media for media in files if _has_track(media, line.tracks)]
    tiers = _by_reel(line, kind)
    by_name = _by_name(line, kind)
    for tier in (*tiers, by_name):
        holding = [media for media in tier if _holds(media, line, timeline_rate)]
        group = _both(holding, by_name) or holding
        found = _one(group)
        if found is not None:
            return Found(found, note=_copies(group), doubt=_contradiction(line, found, by_name))
        if group:
            return Found(problem=_ambiguous(line, group, timeline_rate))
    by_reel = next(iter(tiers), [])
    return _outside(line, by_reel, by_name, kind, timeline_rate)


def _contradiction(line: EditLine, found: Media, by_name: list[Media]) -> str:
    """A reel and a clip name that mean different files: the reel decides, and it is said."""
    if not by_name or found in by_name:
        return ""
    others = ", ".join(media.path for media in by_name[:3])
    return f"the reel {line.reel} decides, but the clip name means {others}"


def _outside(line: EditLine, by_reel: list[Media], by_name: list[Media], kind: list[Media],
             rate: Fraction) -> Found:
    """No candidate holds the source in: name the file that was meant, or that none is there."""
    for group in (_both(by_reel, by_name), by_name, by_reel):
        found = _one(group)
        if found is not None:
            return Found(found)
    listed = by_name or by_reel
    if listed:
        return Found(problem=Problem(
            f"{_said(line)}: no file of that name holds {line.source_in}", line.where,
            "files: " + "; ".join(span_text(media, rate) for media in listed[:6])),
            missing=_wanted(line))
    return Found(problem=Problem(f"{_said(line)}: no media of that reel or name", line.where,
                                 _nearest(line, kind)), missing=_wanted(line))


def span_text(media: Media, timeline_rate: Fraction) -> str:
    """`day1/A001C003.mov 01:00:00:00-01:00:10:00`: a file with the timecode it holds."""
    rate = own_rate(media, timeline_rate)
    start = media.start_frame or 0
    end = start + own_frames(media, timeline_rate)
    if is_still(media):
        return f"{media.path} (still)"
    return (f"{media.path} {format_timecode(start, rate, media.timecode_drop)}-"
            f"{format_timecode(end, rate, media.timecode_drop)}")


def folded(name: str) -> str:
    """A name as it is compared: no folder, no extension, NFC, no case."""
    last = re.split(r"[\\/]", name.strip())[-1]
    last = re.sub(r"\.[A-Za-z][A-Za-z0-9]{1,4}$", "", last) or last
    return unicodedata.normalize("NFC", last).casefold()


def _whole(name: str) -> str:
    return unicodedata.normalize("NFC", re.split(r"[\\/]", name.strip())[-1]).casefold()


def _by_reel(line: EditLine, files: list[Media]) -> list[list[Media]]:
    """Candidates by reel, the most telling sense first: path, file name, tape reel, cut name."""
    if not line.names_a_reel:
        return []
    path, reel, stem = _folded_path(line.reel), _whole(line.reel), folded(line.reel)
    by_path = [m for m in files if "/" in path and _ends_path(_folded_path(m.path), path)]
    by_file = [m for m in files if reel in _names(m) or stem in _names(m)]
    by_tape = [m for m in files if m.reel and reel == _whole(m.reel)]
    cut = [m for m in files if len(reel) >= SHORT_REEL and any(
        name.startswith(reel) for name in (*_names(m), _whole(m.reel)))]
    return [tier for tier in (by_path, by_file, by_tape, cut) if tier]


def _folded_path(path: str) -> str:
    return unicodedata.normalize("NFC", path.strip().replace("\\", "/")).casefold()


def _ends_path(path: str, wanted: str) -> bool:
    wanted = wanted.removeprefix("./")
    return any(f"/{candidate}".endswith(f"/{wanted}")
               for candidate in (path, path.rpartition(".")[0]))


def _by_name(line: EditLine, files: list[Media]) -> list[Media]:
    """Files by clip or file name; the first name that any file bears decides."""
    for name in line.names:
        found = [media for media in files
                 if _whole(name) in _names(media) or folded(name) in _names(media)]
        if found:
            return found
    return []


def _names(media: Media) -> tuple[str, ...]:
    return (_whole(media.path), folded(media.path), _whole(media.name),
            _without_ending(media.path))


def _without_ending(path: str) -> str:
    return _whole(path).rpartition(".")[0] or _whole(path)


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


def _both(first: list[Media], second: list[Media]) -> list[Media]:
    return [media for media in first if media in second]


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
    return f"event {line.number} ({_wanted(line)})"


def _wanted(line: EditLine) -> str:
    """What the line calls its file: `A001 / rooftop.mov`."""
    name = next((n for n in line.names if n and n != line.reel), "")
    known = line.reel if line.names_a_reel else ""
    return " / ".join(filter(None, (known, name))) or "unnamed"


def _nearest(line: EditLine, files: list[Media]) -> str:
    names = sorted({media.name for media in files})
    wanted = [name for name in (line.reel, *line.names) if name]
    near = [close for name in wanted for close in get_close_matches(name, names, 3, 0.6)]
    if near:
        return f"did you mean {' or '.join(dict.fromkeys(near))}?"
    if not names:
        return ("there are no media: put camera files under media/, or name their folder under "
                "`media_roots` in microfinish.yaml")
    return (f"the media are {', '.join(names[:8])}{' ...' if len(names) > 8 else ''}; more "
            "folders can be named under `media_roots` in microfinish.yaml")
