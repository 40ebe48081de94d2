"""sync: which recorder file belongs to which camera file, by timecode, then by waveform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from microfinish.core.errors import InputError
from microfinish.core.media import Media, MediaLog, Sound
from microfinish.core.sync import Match, SyncTable
from microfinish.pipeline.stage import Context, Inputs
from microfinish.project.episode import Episode

WAVEFORM_VERSION = 1
SEARCH_SECONDS = 2
_ANALYSIS_RATE = 48_000
_DAY = 86_400


class SyncStage:
    """Pairs camera and recorder files. What it measured is kept per pair of contents."""

    name = "sync"
    version = 1
    after = ("log",)
    body = SyncTable

    def inputs(self, episode: Episode) -> Inputs:
        return Inputs.of(log=episode.document("log", MediaLog))

    def run(self, inputs: Inputs, ctx: Context) -> SyncTable:
        log: MediaLog = inputs["log"]
        cameras = [media for media in log.media if media.picture]
        recorders = [media for media in log.media if not media.picture and media.sounds]
        matches = ctx.map(lambda camera: match(camera, recorders, ctx), cameras, "sync")
        return SyncTable(tuple(matches))

    def missing(self, body: SyncTable, episode: Episode) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class _Heard:
    """What the waveforms of a pair said. `seconds` into the recorder is the camera's frame 0."""

    seconds: Fraction
    drift_ppm: float
    confidence: float
    accepted: bool
    reason: str


def match(camera: Media, recorders: Sequence[Media], ctx: Context) -> Match:
    """The row of one camera file: the recorder file that belongs to it, or why there is none."""
    if not recorders:
        return Match(camera.path, "", reason="there are no recorder files")
    rows = []
    for recorder in recorders:
        row = _by_timecode(camera, recorder, ctx)
        if row:
            rows.append(row)
    confirmed = [row for row in rows if row.method != "timecode"]
    if confirmed:
        return max(confirmed, key=lambda row: row.confidence)
    if not camera.sounds:
        # Of files that run together (a recorder's split tracks), the first by name.
        return rows[0] if rows else Match(
            camera.path, "", reason="no recorder file runs at its timecode, and it has no sound "
                                    "to compare" if camera.start_frame is not None
            else "the camera file has neither timecode nor sound")
    heard = [(recorder, _compare(camera, recorder, None, ctx)) for recorder in recorders]
    accepted = [(recorder, found) for recorder, found in heard if found.accepted]
    if accepted:
        recorder, found = max(accepted, key=lambda pair: pair[1].confidence)
        note = "; timecode disagrees" if rows else ""
        return _row(camera, recorder, found.seconds, "waveform", found, found.reason + note)
    if rows:
        return rows[0]
    recorder, best = max(heard, key=lambda pair: pair[1].confidence)
    return Match(camera.path, "", confidence=0.0,
                 reason=f"nothing matches; nearest is {recorder.path}: {best.reason}")


def _by_timecode(camera: Media, recorder: Media, ctx: Context) -> Match | None:
    """A row if both files ran at the same time of day, refined by the waveforms where it can be."""
    seconds = timecode_offset(camera, recorder)
    if seconds is None:
        return None
    if not camera.sounds:
        found = _Heard(seconds, 0.0, 0.7, True, "")
        return _row(camera, recorder, seconds, "timecode", found, "the camera has no sound")
    found = _compare(camera, recorder, seconds, ctx)
    if found.accepted:
        off = (found.seconds - seconds) * 1000
        return _row(camera, recorder, found.seconds, "timecode+waveform", found,
                    f"waveform {float(off):+.1f} ms from timecode")
    return _row(camera, recorder, seconds, "timecode", _Heard(seconds, 0.0, 0.5, True, ""),
                f"the waveform does not confirm it: {found.reason}")


def timecode_offset(camera: Media, recorder: Media) -> Fraction | None:
    """Seconds into the recorder file at which the camera's first frame falls, by time of day.

    Exact: frames at the timecode's rate against samples since midnight. At 23.976 a label's time
    of day is frame / (24000/1001) seconds; reading the label as a clock would be 45 s off at noon.
    None where a file states no timecode, or they did not run together.
    """
    start = _start_seconds(camera)
    recorded = _start_seconds(recorder)
    if start is None or recorded is None or camera.picture is None:
        return None
    camera_length = Fraction(camera.picture.frames) / camera.picture.rate
    sound = recorder.sounds[0]
    recorder_length = Fraction(sound.samples, sound.sample_rate)
    for midnight in (0, _DAY, -_DAY):
        offset = start - recorded + midnight
        if -camera_length < offset < recorder_length:
            return offset
    return None


def _start_seconds(media: Media) -> Fraction | None:
    if media.start_sample is not None and media.sounds:
        return Fraction(media.start_sample, media.sounds[0].sample_rate)
    if media.start_frame is not None and media.timecode_rate:
        return Fraction(media.start_frame) / media.timecode_rate
    return None


def _row(camera: Media, recorder: Media, seconds: Fraction, method: str, found: _Heard,
         reason: str) -> Match:
    rate = recorder.sounds[0].sample_rate
    return Match(camera.path, recorder.path, (seconds * rate).limit_denominator(10**6), rate,
                 round(found.drift_ppm, 3), method, found.confidence, reason)


def _compare(camera: Media, recorder: Media, near: Fraction | None, ctx: Context) -> _Heard:
    """The waveforms of a pair, measured once per pair of contents."""

    def measure() -> dict[str, Any]:
        return _measured(camera, recorder, near, ctx)

    key = f"{camera.digest}:{recorder.digest}:{near}"
    fact: Any = ctx.facts.get("waveform-sync", WAVEFORM_VERSION, key, measure)
    return _Heard(Fraction(fact["seconds"]), fact["drift_ppm"], fact["confidence"],
                  fact["accepted"], fact["reason"])


def _measured(
    camera: Media, recorder: Media, near: Fraction | None, ctx: Context
) -> dict[str, Any]:
    from microfinish.media.waveform_sync import find_offset

    sound = camera.sounds[0]
    try:
        one = _sound(camera, ctx, Fraction(0), None)
        begin, length = Fraction(0), None
        if near is not None:  # read only what the camera can lie in
            reach = SEARCH_SECONDS + 1
            begin = max(Fraction(0), Fraction(int(near) - reach))
            length = Fraction(sound.samples, sound.sample_rate) + 2 * reach + 1
        other = _sound(recorder, ctx, begin, length)
    except InputError as error:
        return {"seconds": "0", "drift_ppm": 0.0, "confidence": 0.0, "accepted": False,
                "reason": error.message}
    expected = None if near is None else near - begin + sound.start
    found = find_offset(one, other, _ANALYSIS_RATE, near=expected, within_seconds=SEARCH_SECONDS)
    # What was found is the camera's first sample; the row is about its first frame.
    drift = 1 + Fraction(found.drift_ppm).limit_denominator(10**6) / 1_000_000
    seconds = (found.seconds + begin - sound.start * drift).limit_denominator(10**9)
    return {"seconds": str(seconds), "drift_ppm": found.drift_ppm,
            "confidence": found.confidence, "accepted": found.accepted, "reason": found.reason}


def _sound(media: Media, ctx: Context, begin: Fraction, length: Fraction | None) -> Any:
    """The first stream of a file from `begin` seconds on, for `length` seconds, at 48 kHz."""
    from microfinish.media.sound import read_all, read_range, resampled

    stream: Sound = media.sounds[0]
    path = ctx.path(media.path)
    if length is None:
        samples, rate = read_all(path, 0)
        return resampled(samples, Fraction(rate))
    rate = stream.sample_rate
    count = min(int(length * rate), stream.samples - int(begin * rate))
    return resampled(read_range(path, 0, int(begin * rate), max(0, count)), Fraction(rate))
