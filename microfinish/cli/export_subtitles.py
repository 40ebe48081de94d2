"""Subtitles for a turnover: every language in the time of the cut that is handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from microfinish.core.timeline import PictureLock
    from microfinish.project.episode import Episode


def subtitle_files(episode: Episode, lock: PictureLock | None,
                   notes: list[str]) -> dict[str, str]:
    """The episode's subtitles carried to the locked cut, as SRT and WebVTT by name in the folder.

    What a re-cut did to a cue goes into `notes`. `offset_frames` of titles.yaml is left out: it
    would count twice once the file came back. Raises InputError for files that cannot be read.
    """
    from microfinish.core.cue_timing import time_cues
    from microfinish.core.follow import carrier_for, doubt_of
    from microfinish.interchange.subtitles import read_subtitles
    from microfinish.interchange.subtitles_write import FORMATS, write_subtitles

    files = episode.subtitles()
    if not files or lock is None:
        notes.append("no subtitles: " + ("there are none in subtitles/" if lock else
                                         "the picture is not locked, so they hang on nothing"))
        return {}
    made: dict[str, str] = {}
    timeline = lock.current.timeline
    for language, path in files.items():
        shown = episode.layout.shown(path)
        name = path.relative_to(episode.folder).as_posix()
        digest = episode.file_digest(shown)
        read = read_subtitles(path.read_bytes(), shown, language)
        timing = time_cues(read.cues, timeline, 0, carrier_for(lock, name, digest))
        doubt = doubt_of(lock, name, digest)
        notes += [f"{name}: {doubt}"] if doubt else []
        notes += [f"{name}:{note.line}: {note.message}" for note in timing.notes]
        cues = [(cue.span, "\n".join(cue.texts)) for cue in timing.cues]
        for format_ in FORMATS:
            made[f"subtitles/{language}.{format_}"] = write_subtitles(
                cues, timeline.rate, format_)
    return made
