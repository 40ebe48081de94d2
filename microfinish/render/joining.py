"""Join segments and mux the soundtrack: stream copies only, no edit list, both streams from 0."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from microfinish.render.encoding import frame_ticks, timescale


def concat_list(paths: Sequence[str]) -> str:
    """A script for ffmpeg's concat demuxer; quotes inside paths are escaped its way."""
    quoted = (path.replace("'", "'\\''") for path in paths)
    return "ffconcat version 1.0\n" + "".join(f"file '{path}'\n" for path in quoted)


def mux_arguments(
    list_path: str, sound_path: str, out_path: str, rate: Fraction, container: str,
    metadata: Sequence[tuple[str, str]] = (), timecode: str = "",
) -> list[str]:
    """ffmpeg's arguments that join the segments of a concat list and mux a finished soundtrack.

    YouTube and Meta demand files without edit lists. Without one, B-frames would push the picture
    80 ms late (measured) unless composition offsets may be negative. The concat demuxer adds up
    durations in microseconds: timestamps are put back on whole frames.
    """
    ticks = frame_ticks(rate)
    on_frames = f"setts=pts=round(PTS/{ticks})*{ticks}:dts=round(DTS/{ticks})*{ticks}"
    arguments = ["-y", "-f", "concat", "-safe", "0", "-i", list_path]
    if sound_path:
        arguments += ["-i", sound_path, "-map", "0:v:0", "-map", "1:a:0"]
    else:
        arguments += ["-map", "0:v:0"]
    flags = "+faststart+write_colr"
    if container == "mp4":
        flags += "+negative_cts_offsets"
    if any(name not in {"title"} for name, _ in metadata):
        flags += "+use_metadata_tags"
    arguments += ["-c", "copy", "-bsf:v", on_frames, "-use_editlist", "0", "-movflags", flags,
                  "-video_track_timescale", str(timescale(rate)),
                  "-movie_timescale", str(timescale(rate)),
                  "-fflags", "+bitexact", "-map_metadata", "-1"]
    for name, value in metadata:
        arguments += ["-metadata", f"{name}={value}"]
    if timecode:
        arguments += ["-timecode", timecode]
    return [*arguments, "-f", container, out_path]
