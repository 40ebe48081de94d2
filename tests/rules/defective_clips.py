"""Three-second clips with one known defect each, muxed like a delivered file."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from microfinish.core.deliver import PictureSpec, Platform, Requirement, SoundSpec
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline

RATE = Fraction(25)
FRAMES = 75
# Tags are set on the frames: ffmpeg 9 lets them win over the encoder's options.
TAGS = "color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
EXACT = ["-use_editlist", "0", "-movflags", "+faststart+negative_cts_offsets"]
# A 1 kHz tone in both channels at -14.0 LUFS: BS.1770 reads a stereo sine of amplitude a as
# 20 log10(a) + 0.0 LUFS (997 Hz calibration), so a = 10 ** (-14 / 20) = 0.1995.
TONE = "aevalsrc=0.1995*sin(2*PI*997*t)|0.1995*sin(2*PI*997*t):s=48000:d={seconds}"


@dataclass(frozen=True)
class Clip:
    """How a clip differs from a clean one."""

    picture: str = "null"
    sound: str = "anull"
    sound_seconds: float = 3.0
    x264: str = "open-gop=0:keyint=50"
    tags: str = TAGS
    mux: tuple[str, ...] = tuple(EXACT)
    before_picture: tuple[str, ...] = ()
    before_sound: tuple[str, ...] = ()
    size: str = "108x192"


def make_clip(folder: Path, clip: Clip) -> Path:
    """Encode picture and sound alone, then mux: B-frames on, sound trimmed by its priming."""
    from microfinish.media.ffmpeg import run

    picture, sound, out = folder / "v.mp4", folder / "a.aac", folder / "out.mp4"
    run(["-y", "-f", "lavfi", "-i", f"testsrc2=s={clip.size}:r=25:d=3",
         "-vf", f"noise=alls=4:allf=t,{clip.picture},format=yuv420p,setparams={clip.tags}",
         "-fps_mode", "passthrough", "-c:v", "libx264", "-threads", "1", "-crf", "17",
         "-bf", "2", "-preset", "veryfast", "-x264-params", clip.x264,
         "-video_track_timescale", "25000", str(picture)])
    run(["-y", "-f", "lavfi", "-i", TONE.format(seconds=clip.sound_seconds),
         "-af", f"{clip.sound},atrim=start_sample=1024,asetpts=PTS-STARTPTS",
         "-c:a", "aac", "-b:a", "192k", "-f", "adts", str(sound)])
    run(["-y", *clip.before_picture, "-i", str(picture), *clip.before_sound, "-i", str(sound),
         "-map", "0:v", "-map", "1:a", "-c", "copy", *clip.mux,
         "-video_track_timescale", "25000", str(out)])
    return out


def platform(*requirements: Requirement) -> Platform:
    """A platform that takes the clean clip."""
    return Platform(
        name="test", title="Test", container="mp4",
        picture=PictureSpec("libx264", "yuv420p", gop_seconds=2.0),
        sound=SoundSpec(tolerance_lu=0.2), safe_area="universal", requirements=requirements)


def must(key: str, value: bool | int | float, certainty: str = "A") -> Requirement:
    return Requirement(key, value, "must", certainty, "the platform's page", "2026-11-20")


STRICT = platform(must("edit_list", False), must("faststart", True), must("closed_gop", True),
                  must("max_seconds", 90), must("min_seconds", 3), must("max_bytes", 10_000_000))


def timeline(*events: Event) -> Timeline:
    """By default one shot of 75 frames; the record timecode starts at 01:00:00:00."""
    whole = Event("A@1", "V1", "media/a.mov", Span(0, FRAMES), Span(0, FRAMES))
    return Timeline(RATE, events or (whole,), start_frame=90_000)
