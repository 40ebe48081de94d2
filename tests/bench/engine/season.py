"""A finished season made of text: documents of real size, tiny files in place of media and masters.

Nothing is measured or rendered. The stages' own `inputs` are asked what the documents were made
from, so that every document is up to date.
"""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

from microfinish.core.color import (
    Balance,
    Chain,
    Corrections,
    Grades,
    InputTransform,
    ShotCorrection,
    ShotGrade,
)
from microfinish.core.deliver import Master, Masters
from microfinish.core.finding import Findings
from microfinish.core.frame import Framing, Framings, PathKey, Raster
from microfinish.core.media import Media, MediaLog, Picture, Sound
from microfinish.core.mix import Bus, MixClip, MixPlan
from microfinish.core.sync import Match, SyncTable
from microfinish.core.time import Span
from microfinish.core.timeline import Event, PictureLock, Revision, Timeline
from microfinish.core.title import Box, Cue, Titles, TitleStyle, TitleTrack
from microfinish.core.vfx import Returns
from microfinish.documents import record
from microfinish.documents.digest import digest
from microfinish.pipeline.registry import stages_for
from microfinish.project.project import Project

RATE = Fraction(25)
PLATFORMS = ("tiktok", "youtube-shorts", "reelshort")
SHOT_FRAMES = 60
MASTER_BYTES = 400_000
_SEGMENT = "0123456789abcdef0123456789abcdef"


def make_season(root: Path, episodes: int, shots: int = 30, files: int = 40) -> Project:
    """Write the season under `root`. Every other media file is big enough to have its hash kept."""
    _text(root / "microfinish.yaml",
          'title: Bench\nrate: "25"\nraster: 1080x1920\n'
          'cameras: {"A*": sony-slog3-sgamut3cine, "B*": {preset: arri-logc3, ei: 800}}\n'
          f"look: looks/cool-isolation\nplatforms: [{', '.join(PLATFORMS)}]\nlanguages: [en]\n")
    for index in range(files):
        _hollow(root / _media_name(index), 300_000 + index if index % 2 else 3_000)
    for index in range(1, episodes + 1):
        _human_files(root, f"ep{index:03}", shots)
    project = Project(root)
    for name in project.episodes():
        _documents(project, name, shots, files)
    return project


def _human_files(root: Path, name: str, shots: int) -> None:
    folder = root / "episodes" / name
    events = "".join(f"  - {{media: {Path(_media_name(n)).stem}, in: {n * 9}, out: {n * 9 + 60}}}\n"
                     for n in range(shots))
    cues = "".join(f"{n + 1}\n00:00:{n:02},000 --> 00:00:{n:02},900\nWords {n}\n\n"
                   for n in range(shots))
    _text(folder / "edit.yaml", "events:\n" + events)
    # Each episode's own: what is kept by content must not serve a hundred of them at once.
    _text(folder / "grade.yaml", f"# {name}\nshots:\n" + "".join(
        f"  sh{n:03}: {{exposure: 0.{n % 9}, cdl: {{slope: [1.0{n % 9}, 1, 0.98]}}}}\n"
        for n in range(0, shots, 3)))
    _text(folder / "mix.yaml", f"# {name}\nmusic: [{{file: music/theme.wav, gain_db: -6}}]\n")
    _text(folder / "titles.yaml", f"# {name}\noffset_frames: 2\n")
    _text(folder / "reframe.yaml", "shots: {sh001: {point: [0.62, 0.4]}}\n")
    _text(folder / "subtitles" / "en.srt", cues)
    _text(root / "music" / "theme.wav", "tiny")


def _documents(project: Project, name: str, shots: int, files: int) -> None:
    bodies = _bodies(name, shots, files)
    for platform in PLATFORMS:
        _hollow(project.root / _master_path(name, platform), MASTER_BYTES)
    for stage in stages_for(project.settings.stages):
        path = project.layout.document(name, stage.name)
        digests = stage.inputs(project.episode(name)).digests()
        record.write(path, stage.name, stage.version, digests, bodies[stage.name])


def _bodies(name: str, shots: int, files: int) -> dict[str, Any]:
    log = MediaLog(tuple(_media(n) for n in range(files)))
    timeline = Timeline(RATE, tuple(_event(n, files) for n in range(shots)))
    ids = tuple(f"sh{n:03}" for n in range(shots))
    cues = tuple(Cue(Span(n * SHOT_FRAMES, n * SHOT_FRAMES + 40), (f"Words {n}", "and more"))
                 for n in range(shots))
    return {
        "log": log,
        "sync": SyncTable(tuple(Match(m.path, "", reason="there are no recorder files")
                                for m in log.media)),
        "assemble": timeline,
        "lock": PictureLock((Revision(1, digest(timeline), "2026-01-01", "me", "", timeline),)),
        "vfx": Returns(),
        "correct": Corrections("apply", tuple(
            ShotCorrection(shot, Balance(0.25, -120.0, 0.001), "grey 0.18", 0.9, "applied", "A")
            for shot in ids)),
        "grade": Grades(tuple(
            ShotGrade(shot, "sony-slog3-sgamut3cine", "full", "bt709",
                      Chain(InputTransform("scene", "S-Log3 S-Gamut3.Cine")), {"look": "season"})
            for shot in ids)),
        "reframe": Framings(Raster(1080, 1920), tuple(
            Framing(shot, "crop", 608, 1080, (PathKey(0, 656.0, 0.0),), "centre")
            for shot in ids)),
        "title": Titles((TitleTrack("en", "universal", Box(120, 200, 960, 1500), TitleStyle(),
                                    cues),)),
        "mix": MixPlan(RATE, timeline.frames, timeline.frames * 1920, (Bus("DX", tuple(
            MixClip(m.path, m.digest, 0, 48000, Fraction(0), n * 115200, (n + 1) * 115200)
            for n, m in enumerate(log.media[:shots]))),)),
        "master": Masters(1, tuple(
            Master(platform, "en", _master_path(name, platform), digest(platform),
                   MASTER_BYTES, timeline.frames, -14.0, -1.2, (_SEGMENT,) * shots)
            for platform in PLATFORMS)),
        "qc": Findings(tuple(_master_path(name, platform) for platform in PLATFORMS), ()),
    }


def _event(index: int, files: int) -> Event:
    start = index * SHOT_FRAMES
    return Event(f"sh{index:03}", "V1", _media_name(index % files), Span(10, 10 + SHOT_FRAMES),
                 Span(start, start + SHOT_FRAMES), name=f"clip {index}")


def _media(index: int) -> Media:
    path = _media_name(index)
    return Media(path, digest(path), 3_000, Path(path).stem, 90_000, RATE, False, "tmcd",
                 picture=Picture("h264", 1920, 1080, RATE, 3_000),
                 sounds=(Sound(0, "pcm_s16le", 48_000, 2, 5_760_000),))


def _media_name(index: int) -> str:
    return f"media/day{index % 4}/{'AB'[index % 2]}001C{index:03}.mov"


def _master_path(name: str, platform: str) -> str:
    return f"deliver/{name}/{platform}.mp4"


def _hollow(path: Path, size: int) -> None:
    """A file of zeros that takes no room, dated so that its hash may be kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(size)
    os.utime(path, (1_700_000_000, 1_700_000_000))


def _text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
