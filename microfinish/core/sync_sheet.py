"""What `sync.yaml` says, held against the files there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from fractions import Fraction

from microfinish.core.errors import InputError, Problem, ProblemsError, Where
from microfinish.core.media import Media
from microfinish.core.sync import NO_SOUND, Match, SyncEntry, SyncSheet
from microfinish.core.time import parse_timecode


@dataclass(frozen=True, slots=True)
class Declared:
    """A camera file's entry: a whole `match`, or the `recorder` to look in. `place` is where it
    is written."""

    place: str
    match: Match | None = None
    recorder: Media | None = None


def declared_matches(
    sheet: SyncSheet, cameras: Sequence[Media], recorders: Sequence[Media]
) -> dict[str, Declared]:
    """The entry of each camera file that has one, by path. An exact name wins over a pattern.

    Raises ProblemsError naming every entry that fits no camera file, names no recorder file, or
    states an offset that cannot be.
    """
    problems: list[Problem] = []
    found: dict[str, Declared] = {}
    exact_last = sorted(sheet.cameras.items(), key=lambda item: not _is_pattern(item[0]))
    for key, entry in exact_last:
        meant = [camera for camera in cameras if _fits(key, camera)]
        if not meant:
            problems.append(_unknown("camera", key, cameras, entry.where))
            continue
        try:
            declared = [_declared(camera, entry, recorders) for camera in meant]
        except InputError as error:
            problems.append(Problem(f"{key}: {error.message}", entry.where, error.hint))
            continue
        found.update({camera.path: one for camera, one in zip(meant, declared, strict=True)})
    if problems:
        raise ProblemsError(tuple(problems))
    return found


def _declared(camera: Media, entry: SyncEntry, recorders: Sequence[Media]) -> Declared:
    place = str(entry.where) if entry.where else "sync.yaml"
    if entry.sound.casefold() == NO_SOUND:
        return Declared(place, Match(camera.path, "", method="declared", confidence=1.0,
                                     reason=f"{place} says that no recorder file belongs to it"))
    if not entry.sound:
        raise InputError("it names no sound", hint="write sound: FILE, or sound: none")
    meant = [media for media in recorders if _fits(entry.sound, media)]
    if not meant:
        problem = _unknown("recorder", entry.sound, recorders, None)
        raise InputError(problem.message, hint=problem.hint)
    if len(meant) > 1:
        raise InputError(f"{entry.sound} fits {', '.join(media.path for media in meant)}",
                         hint="write the whole path of one")
    recorder = meant[0]
    if entry.offset is None:
        return Declared(place, recorder=recorder)
    sound = recorder.sounds[0]
    seconds = _seconds(entry.offset, recorder, camera)
    length = Fraction(sound.samples, sound.sample_rate)
    if seconds >= length or (camera.picture and
                             seconds <= -camera.picture.frames / camera.picture.rate):
        raise InputError(f"at {float(seconds):.3f} s the camera does not lie in {recorder.path}, "
                         f"which lasts {float(length):.3f} s",
                         hint="offset is where in the sound file the camera's first frame lies")
    return Declared(place, Match(
        camera.path, recorder.path, (seconds * sound.sample_rate).limit_denominator(10**6),
        sound.sample_rate, entry.drift_ppm, "declared", 1.0, f"{place} says so"))


def _seconds(offset: str | int | float, recorder: Media, camera: Media) -> Fraction:
    """Seconds into the recorder file, from seconds or from its timecode there."""
    text = str(offset)
    if ":" not in text:
        return Fraction(text)
    rate = recorder.timecode_rate or camera.timecode_rate
    start: Fraction | None = None
    if recorder.start_sample is not None:
        start = Fraction(recorder.start_sample, recorder.sounds[0].sample_rate)
    elif recorder.start_frame is not None and recorder.timecode_rate:
        start = recorder.start_frame / recorder.timecode_rate
    if start is None or rate is None:
        raise InputError(f"{recorder.path} has no timecode to find {text} by",
                         hint='write the offset in seconds, such as "12.254"')
    return parse_timecode(text, rate) / rate - start


def _fits(key: str, media: Media) -> bool:
    name = media.path.rpartition("/")[2]
    return any(fnmatchcase(shown.casefold(), key.casefold())
               for shown in (media.path, name, media.name))


def _is_pattern(key: str) -> bool:
    return any(letter in key for letter in "*?[")


def _unknown(what: str, key: str, files: Sequence[Media], where: Where | None) -> Problem:
    near = get_close_matches(key, [media.name for media in files], n=1, cutoff=0.5)
    some = ", ".join(media.name for media in files[:5]) or "none"
    first = f"did you mean {near[0]}? " if near else ""
    return Problem(f'no {what} file is called "{key}"', where, f"{first}there is {some}")
