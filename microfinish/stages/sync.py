"""sync: which recorder file belongs to which camera file, by timecode, then by waveform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from microfinish.core.media import Media, MediaLog
from microfinish.core.sync import Match, Segment, SyncSheet, SyncTable
from microfinish.core.sync_sheet import Declared, declared_matches
from microfinish.core.time import format_timecode
from microfinish.pipeline.stage import Context, Input, Inputs
from microfinish.project.episode import Episode
from microfinish.stages.linear_timecode import LTC, linear_timecode
from microfinish.stages.sync_groups import Row, agreed
from microfinish.stages.sync_pairs import Ears, Heard

_DAY = 86_400
_FRAME_SLACK = Fraction(1, 5)


class SyncStage:
    """Pairs camera and recorder files. What it measured is kept per pair of contents."""

    name = "sync"
    version = 2
    after = ("log",)
    body = SyncTable

    def inputs(self, episode: Episode) -> Inputs:
        human = episode.human("sync", SyncSheet)
        return Inputs.of(log=episode.document("log", MediaLog),
                         sync_yaml=Input(human.digest, human.load))

    def run(self, inputs: Inputs, ctx: Context) -> SyncTable:
        log: MediaLog = inputs["log"]
        cameras = [media for media in log.media if media.picture]
        recorders = [media for media in log.media if not media.picture and media.sounds]
        said = declared_matches(inputs["sync_yaml"] or SyncSheet(), cameras, recorders)
        ears = Ears(ctx)
        clocks = _clocks([*cameras, *recorders], ctx)
        rows = ctx.map(lambda camera: _row(camera, recorders, said.get(camera.path), clocks, ears),
                       cameras, "sync")
        return SyncTable(tuple(agreed(rows, recorders, ears, ctx)))

    def missing(self, body: SyncTable, episode: Episode) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of day, in seconds, at a file's first frame or sample; `told` says by what."""

    seconds: Fraction
    told: str = ""


def _clocks(files: Sequence[Media], ctx: Context) -> dict[str, Clock]:
    """What every file's timecode says; a timecode track is asked where the file states none."""
    clocks = {}
    for media in files:
        stated = start_seconds(media)
        # log says the frame of a timecode track; the track says it to the sample
        if stated is not None and media.timecode_source != LTC:
            clocks[media.path] = Clock(stated)
    silent = [media for media in files if media.path not in clocks]
    tracks = ctx.map(lambda media: linear_timecode(media, ctx), silent, "timecode tracks")
    for media, found in zip(silent, tracks, strict=True):
        if found:
            clocks[media.path] = Clock(found.seconds, found.told)
    return clocks


def start_seconds(media: Media) -> Fraction | None:
    """The time of day at the start of a file that states its timecode.

    At 23.976 a label's time of day is frame / (24000/1001) seconds; reading the label as a clock
    would be 45 s off at noon.
    """
    if media.start_sample is not None and media.sounds:
        return Fraction(media.start_sample, media.sounds[0].sample_rate)
    if media.start_frame is not None and media.timecode_rate:
        return Fraction(media.start_frame) / media.timecode_rate
    return None


def timecode_offset(
    camera: Media, recorder: Media, clocks: Mapping[str, Clock] | None = None
) -> Fraction | None:
    """Seconds into the recorder file at which the camera's first frame falls, by time of day.

    Exact: frames at the timecode's rate against samples since midnight. None where a file has no
    timecode, or they did not run together.
    """
    if clocks is None:
        stated = {media.path: start_seconds(media) for media in (camera, recorder)}
        clocks = {path: Clock(value) for path, value in stated.items() if value is not None}
    start, recorded = clocks.get(camera.path), clocks.get(recorder.path)
    if start is None or recorded is None or camera.picture is None:
        return None
    camera_length = Fraction(camera.picture.frames) / camera.picture.rate
    sound = recorder.sounds[0]
    recorder_length = Fraction(sound.samples, sound.sample_rate)
    for midnight in (0, _DAY, -_DAY):
        offset = start.seconds - recorded.seconds + midnight
        if -camera_length < offset < recorder_length:
            return offset
    return None


def _row(camera: Media, recorders: Sequence[Media], said: Declared | None,
         clocks: Mapping[str, Clock], ears: Ears) -> Row:
    """What a person said about a camera file, or what was found."""
    if said is None:
        return _found(camera, recorders, clocks, ears)
    if said.match is not None:
        return Row(camera, said.match, fixed=True)
    row = _found(camera, [said.recorder] if said.recorder else [], clocks, ears)
    why = f"{said.place} names the file; {row.match.reason}"
    if not row.match.sound:
        why += "; write its offset there"
    return replace(row, match=replace(row.match, reason=why), fixed=True)


def _found(camera: Media, recorders: Sequence[Media], clocks: Mapping[str, Clock], ears: Ears
           ) -> Row:
    """The recorder file that belongs to a camera file, with every pair that was heard, or why
    there is none."""
    if not recorders:
        return Row(camera, Match(camera.path, "", reason="there are no recorder files"))
    by_time = []
    for recorder in recorders:
        row = _by_timecode(camera, recorder, clocks, ears)
        if row:
            by_time.append(row)
    confirmed = [row for row in by_time if row.heard]
    if confirmed:
        best = max(confirmed, key=lambda row: row.match.confidence)
        return replace(best, heard={path: found for row in confirmed
                                    for path, found in row.heard.items()})
    if not camera.sounds:
        # Of files that run together (a recorder's split tracks), the first by name.
        return by_time[0] if by_time else Row(camera, Match(
            camera.path, "", reason="no recorder file runs at its timecode, and it has no sound "
                                    "to compare" if camera.path in clocks
            else "the camera file has neither timecode nor sound"))
    heard = {recorder.path: ears.compare(camera, recorder) for recorder in recorders}
    accepted = {path: found for path, found in heard.items() if found.accepted}
    if accepted:
        path = max(accepted, key=lambda name: accepted[name].confidence)
        recorder = next(media for media in recorders if media.path == path)
        note = "; timecode disagrees" if by_time else ""
        found = accepted[path]
        return Row(camera, matched(camera, recorder, "waveform", found, found.reason + note),
                   accepted)
    if by_time:
        return by_time[0]
    path, nearest = max(heard.items(), key=lambda item: item[1].confidence)
    return Row(camera, Match(camera.path, "", confidence=0.0,
                             reason=f"nothing matches; nearest is {path}: {nearest.reason}"))


def _by_timecode(camera: Media, recorder: Media, clocks: Mapping[str, Clock], ears: Ears
                 ) -> Row | None:
    """A row if both files ran at the same time of day, refined by the waveforms where it can be."""
    seconds = timecode_offset(camera, recorder, clocks)
    if seconds is None:
        return None
    source = "".join(f"; {clock.told}" for media in (camera, recorder)
                     if (clock := clocks[media.path]).told)
    if not camera.sounds:
        sure = Heard(seconds, 0.0, 0.7, True, "")
        return Row(camera, matched(camera, recorder, "timecode", sure,
                                   f"the camera has no sound{source}"))
    found = ears.compare(camera, recorder, seconds)
    if found.accepted:
        off = (found.seconds - seconds) * 1000
        told = f"waveform {float(off):+.1f} ms from timecode{source}"
        return Row(camera, matched(camera, recorder, "timecode+waveform", found, told),
                   {recorder.path: found})
    unsure = Heard(seconds, 0.0, 0.5, True, "")
    return Row(camera, matched(camera, recorder, "timecode", unsure,
                               f"the waveform does not confirm it: {found.reason}{source}"))


def matched(camera: Media, recorder: Media, method: str, found: Heard, reason: str) -> Match:
    """The row of a pair; where the lag steps, its segments, and what the steps are."""
    rate = recorder.sounds[0].sample_rate

    def samples(seconds: Fraction) -> Fraction:
        return (seconds * rate).limit_denominator(10**6)

    segments = tuple(Segment(max(begin, Fraction(0)), samples(seconds), round(drift, 3))
                     for begin, seconds, drift in found.stretches)
    told = "".join(f"; {step}" for step in _steps(camera, found))
    return Match(camera.path, recorder.path, samples(found.seconds), rate,
                 round(found.drift_ppm, 3), method, found.confidence, reason + told, segments)


def _steps(camera: Media, found: Heard) -> list[str]:
    """Each step of the lag, in frames where it is whole frames."""
    if camera.picture is None:
        return []
    rate = camera.picture.rate
    told = []
    for (_, before, slow), (begin, after, fast) in pairwise(found.stretches):
        gap = after - before + begin * (Fraction(fast) - Fraction(slow)) / 1_000_000
        frames = round(gap * rate)
        at = format_timecode(round(begin * rate), rate)
        if frames and abs(gap * rate - frames) <= _FRAME_SLACK:
            what = "dropped" if frames > 0 else "repeated"
            told.append(f"the camera {what} {abs(frames)} frame{'s' * (abs(frames) != 1)} "
                        f"about {at} into the file")
        else:
            told.append(f"the sound steps by {float(gap) * 1000:+.1f} ms about {at} into the file")
    return told
