"""Sound under the picture: which stretch of which sound stream each event of the edit brings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from microfinish.core.media import Media, Sound
from microfinish.core.mix import (
    DECLICK_SAMPLES,
    DIALOGUE,
    EFFECTS,
    MUSIC,
    SAMPLE_RATE,
    DialogueSheet,
    MixClip,
    ShotSound,
)
from microfinish.core.sampling import step_of
from microfinish.core.sync import Match, SyncTable
from microfinish.core.time import format_timecode, sample_position
from microfinish.core.timeline import Event, Timeline

_PULL = Fraction(6, 100)
"""Sound follows a pull-up of up to 6 % (23.976 to 25 is 4.3 %); beyond that it is an effect."""

_BUSES = {"music": MUSIC, "mx": MUSIC, "score": MUSIC, "effects": EFFECTS, "effect": EFFECTS,
          "fx": EFFECTS, "sfx": EFFECTS, "foley": EFFECTS, "ambience": EFFECTS}

_TIMECODE_TRACKS = frozenset({"ltc", "tc", "timecode", "time code", "smpte"})


@dataclass(frozen=True, slots=True)
class _Source:
    """A sound stream under a camera file's clock: sample = origin + seconds * pace."""

    media: Media
    stream: int
    sound: Sound
    origin: Fraction
    drift_ppm: float
    channels: tuple[int, ...]

    @property
    def pace(self) -> Fraction:
        return self.sound.sample_rate * (1 + Fraction(self.drift_ppm) / 1_000_000)


def dialogue_clips(
    timeline: Timeline,
    media: Mapping[str, Media],
    sync: SyncTable,
    sheet: DialogueSheet,
    conform: str = "time",
    bus: str = DIALOGUE,
    shots: Mapping[str, ShotSound] | None = None,
) -> tuple[tuple[MixClip, ...], tuple[str, ...]]:
    """(the clips that the edit brings to a bus, notices for the mixer).

    The edit's own A events say what sounds, where it has any; otherwise each event of the base
    picture track brings its sound, as dialogue. The same stretch on two A tracks (a stereo pair)
    counts once. An event's role decides its bus. `shots` says by shot id what differs.
    """
    shots = shots or {}
    clips: list[MixClip] = []
    notices: list[str] = []
    for track in _tracks(timeline, bus):
        placed = [(event, None if (own := shots.get(event.shot)) and own.mute else
                   _clip(event, timeline, media, sync, _for_shot(sheet, own), conform, notices))
                  for event in track]
        clips += [_faded(clip, shots.get(clip.label), timeline.rate)
                  for clip in _joined(placed, timeline, media)]
    return tuple(sorted(clips, key=lambda c: (c.start, c.end, c.source))), tuple(notices)


def _for_shot(sheet: DialogueSheet, own: ShotSound | None) -> DialogueSheet:
    if own is None:
        return sheet
    return replace(sheet, source=own.source or sheet.source, tracks=own.tracks or sheet.tracks,
                   gain_db=sheet.gain_db + own.gain_db)


def _faded(clip: MixClip, own: ShotSound | None, rate: Fraction) -> MixClip:
    """The clip with the fades that its shot asks for; at least as long as the declick."""
    if own is None:
        return clip
    into, out = (
        had if asked is None else min(clip.length, max(DECLICK_SAMPLES,
                                                       round(asked * SAMPLE_RATE / rate)))
        for asked, had in ((own.fade_in, clip.fade_in), (own.fade_out, clip.fade_out)))
    return replace(clip, fade_in=into, fade_out=out)


def bus_of(role: str) -> str:
    """The bus of a sound's role: `music` and `effects` have their own, all else is dialogue.

    Editors write subroles after a point or a dash: `effects.foley`, `Music-1`.
    """
    return _BUSES.get(re.split(r"[^a-z]", role.strip().lower(), maxsplit=1)[0], DIALOGUE)


def _tracks(timeline: Timeline, bus: str) -> list[list[Event]]:
    """The events that sound on a bus, track by track, without repeats."""
    sounding: Iterable[Event] = timeline.sound()
    if sounding:
        sounding = [event for event in sounding if bus_of(event.role) == bus]
    elif bus == DIALOGUE:
        sounding = timeline.picture()
    seen: set[tuple[object, ...]] = set()
    tracks: dict[str, list[Event]] = {}
    for event in sorted(sounding, key=lambda e: (_track_order(e.track), e.record.start)):
        what = (event.media, event.source, event.record, event.speed)
        if what not in seen:
            seen.add(what)
            tracks.setdefault(event.track, []).append(event)
    return list(tracks.values())


def _track_order(track: str) -> tuple[int, str]:
    digits = "".join(char for char in track if char.isdigit())
    return (int(digits) if digits else 1, track)


def _clip(
    event: Event, timeline: Timeline, media: Mapping[str, Media], sync: SyncTable,
    sheet: DialogueSheet, conform: str, notices: list[str],
) -> MixClip | None:
    """What `event` sounds like, without fades; None for silence."""
    file = media.get(event.media)
    if file is None or not event.record.length:
        return None
    shown = f"{event.shot or file.name} {format_timecode(event.record.start, timeline.rate)}"
    rate = media_rate(file, timeline.rate)
    pull = step_of(event.speed, rate, timeline.rate, conform) * timeline.rate / rate
    if event.retime:
        if file.sounds or sync.for_camera(file.path):
            notices.append(f"{shown}: muted, its speed varies")
        return None
    if event.speed != 1 or abs(pull - 1) > _PULL:
        if file.sounds or sync.for_camera(file.path):
            notices.append(f"{shown}: muted, its speed is {event.speed}")
        return None
    begin = Fraction(event.source.start) / rate
    until = begin + event.record.length / timeline.rate * pull
    source = _source(file, media, sync, sheet, (begin, until), shown, notices)
    if source is None:
        return None
    start = sample_position(event.record.start, timeline.rate, SAMPLE_RATE)
    end = sample_position(event.record.end, timeline.rate, SAMPLE_RATE)
    # The sample nearest to the frame's start is up to half a sample away from it.
    late = Fraction(start, SAMPLE_RATE) - Fraction(event.record.start) / timeline.rate
    return MixClip(
        source=source.media.path, digest=source.media.digest, stream=source.stream,
        sample_rate=source.sound.sample_rate,
        source_start=(source.origin + (begin + late * pull) * source.pace).limit_denominator(10**6),
        start=start, end=end, drift_ppm=source.drift_ppm, speed=pull, gain_db=sheet.gain_db,
        channels=source.channels, label=event.shot,
    )


def _source(
    file: Media, media: Mapping[str, Media], sync: SyncTable, sheet: DialogueSheet,
    seconds: tuple[Fraction, Fraction], shown: str, notices: list[str],
) -> _Source | None:
    """The stream to use for `seconds` of a camera file: recorder, camera, or None for silence."""
    match = sync.for_camera(file.path) if file.picture and sheet.source != "camera" else None
    recorder = _recorder(match, media, sheet, seconds[0]) if match else None
    if match and any(seconds[0] < segment.begin < seconds[1] for segment in match.segments):
        notices.append(f"{shown}: the sound's sync steps inside this shot, check its lips")
    if recorder and _covers(recorder, seconds):
        return recorder
    if recorder:
        notices.append(f"{shown}: the recorder file {recorder.media.path} does not cover this shot")
    if sheet.source == "recorder" and file.picture and not recorder:
        notices.append(f"{shown}: no recorder file matched, camera sound is used")
    if not file.sounds:
        notices.append(f"{shown}: silent, {file.path} has no sound")
        return recorder
    sound = file.sounds[0]
    picked = () if file.picture else _picked(sound, sheet)
    return _Source(file, 0, sound, -sound.start * sound.sample_rate, 0.0, picked)


def _recorder(
    match: Match, media: Mapping[str, Media], sheet: DialogueSheet, begin: Fraction
) -> _Source | None:
    file = media.get(match.sound)
    if file is None or not file.sounds:
        return None
    origin, drift_ppm = match.at(begin)
    return _Source(file, 0, file.sounds[0], origin, drift_ppm, _picked(file.sounds[0], sheet))


def _picked(sound: Sound, sheet: DialogueSheet) -> tuple[int, ...]:
    """Recorder channels to use: as asked, else the recorder's own mix tracks, else the boom.

    Boom and lavalier in two channels comb when both are heard.
    """
    if sheet.tracks:
        return tuple(track - 1 for track in sheet.tracks if track <= sound.channels)
    names = [name.strip().casefold() for name in sound.names[: sound.channels]]
    mixes = tuple(index for index, name in enumerate(names) if "mix" in name)
    booms = tuple(index for index, name in enumerate(names) if "boom" in name)
    if sound.channels > 1 and (mixes or booms):
        return mixes[:2] or booms[:1]
    if any(name in _TIMECODE_TRACKS for name in names):  # nobody wants to hear it
        named = [*names, *[""] * (sound.channels - len(names))]
        return tuple(index for index, name in enumerate(named) if name not in _TIMECODE_TRACKS)[:1]
    return ()


def _covers(source: _Source, seconds: tuple[Fraction, Fraction]) -> bool:
    first, last = (source.origin + second * source.pace for second in seconds)
    slack = source.sound.sample_rate // 10
    return first >= -slack and last <= source.sound.samples + slack


def _joined(
    placed: list[tuple[Event, MixClip | None]], timeline: Timeline, media: Mapping[str, Media]
) -> list[MixClip]:
    """The clips of one track with their fades: crossfades over cuts and dissolves."""
    clips = [clip for _, clip in placed]
    for index, (event, clip) in enumerate(placed):
        if clip is None:
            continue
        before = clips[index - 1] if index else None
        touches = before is not None and before.end == clip.start
        frames = event.transition.frames if event.transition else 0
        if touches and before is not None:
            clips[index - 1], clips[index] = _crossed(before, clip, frames, timeline, media)
        else:
            length = max(DECLICK_SAMPLES, _samples(event, frames, timeline))
            clips[index] = replace(clip, fade_in=min(length, clip.length))
    return [clip if clip.fade_out else replace(clip, fade_out=min(DECLICK_SAMPLES, clip.length))
            for clip in clips if clip is not None]


def _crossed(
    before: MixClip, after: MixClip, frames: int, timeline: Timeline, media: Mapping[str, Media]
) -> tuple[MixClip, MixClip]:
    """Two clips that meet, overlapped: 5 ms around a cut, the whole length of a dissolve."""
    if frames:
        record_frame = round(after.start * timeline.rate / SAMPLE_RATE)
        length = sample_position(record_frame + frames, timeline.rate, SAMPLE_RATE) - after.start
        late = min(length, _tail(before, media))
        return (replace(before, end=before.end + late, fade_out=max(late, 1)),
                replace(after, fade_in=min(length, after.length)))
    half = DECLICK_SAMPLES // 2
    late, early = min(half, _tail(before, media)), min(half, _head(after))
    before = replace(before, end=before.end + late)
    after = replace(after, start=after.start - early,
                    source_start=after.source_start - _advance(after, early))
    overlap = max(late + early, 1)
    return (replace(before, fade_out=min(overlap, before.length)),
            replace(after, fade_in=min(overlap, after.length)))


def _advance(clip: MixClip, samples: int) -> Fraction:
    """How far the source moves in `samples` record samples."""
    pace = clip.sample_rate * clip.speed * (1 + Fraction(clip.drift_ppm) / 1_000_000)
    return (samples * pace / SAMPLE_RATE).limit_denominator(10**6)


def _head(clip: MixClip) -> int:
    """Record samples the source holds before the clip."""
    return max(0, int(clip.source_start * SAMPLE_RATE / clip.sample_rate))


def _tail(clip: MixClip, media: Mapping[str, Media]) -> int:
    """Record samples the source holds after the clip."""
    left = media[clip.source].sounds[clip.stream].samples - clip.source_start
    return max(0, int((left - _advance(clip, clip.length)) * SAMPLE_RATE / clip.sample_rate))


def _samples(event: Event, frames: int, timeline: Timeline) -> int:
    start = sample_position(event.record.start, timeline.rate, SAMPLE_RATE)
    return sample_position(event.record.start + frames, timeline.rate, SAMPLE_RATE) - start


def media_rate(file: Media, timeline_rate: Fraction) -> Fraction:
    """The rate a file's source frames count at: its picture's, its timecode's, the timeline's."""
    if file.picture:
        return file.picture.rate
    return file.timecode_rate or timeline_rate
