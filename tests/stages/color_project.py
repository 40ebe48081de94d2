"""A project on disk whose log and lock are written by hand, for the color stages alone."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from microfinish.core.media import Media, MediaLog, Picture
from microfinish.core.time import Span
from microfinish.core.timeline import Event, PictureLock, Revision, Timeline
from microfinish.documents import record
from microfinish.pipeline.stage import Context, Options
from microfinish.project.episode import Episode
from microfinish.project.project import Project

RATE = Fraction(25)


def media(name: str, digest: str = "d", scene: str = "", **tags: Any) -> Media:
    picture = Picture("prores", 320, 180, RATE, 100, bit_depth=10,
                      **{"pixel_format": "yuv422p10le", "code_range": "limited",
                         "matrix": "bt709", "primaries": "bt709", "transfer": "bt709", **tags})
    return Media(f"media/{name}.mov", digest, 1, reel=name, start_frame=90000,
                 timecode_rate=RATE, picture=picture, scene=scene)


def event(shot: str, file: Media, start: int, end: int, at: int, **more: Any) -> Event:
    return Event(shot, "V1", file.path, Span(start, end), Span(at, at + end - start), **more)


def episode(root: Path, files: list[Media], events: list[Event], settings: str = "",
            grade: str | None = None, **documents: Any) -> Episode:
    """An episode folder with these documents; the same root may be written again."""
    folder = root / "episodes" / "ep001"
    (folder / "documents").mkdir(parents=True, exist_ok=True)
    (root / "microfinish.yaml").write_text(f'title: Test\nrate: "25"\n{settings}')
    timeline = Timeline(RATE, tuple(events))
    lock = PictureLock((Revision(1, "x", "2026-11-20", "test", "", timeline),))
    for kind, body in {"log": MediaLog(tuple(files)), "lock": lock, **documents}.items():
        record.write(folder / "documents" / f"{kind}.yaml", kind, 1, {}, body)
    sheet = folder / "grade.yaml"
    sheet.unlink(missing_ok=True)
    if grade is not None:
        sheet.write_text(grade)
    return Project.open(root).episode("ep001")


def run(stage: Any, folder: Episode, told: list[Any] | None = None) -> Any:
    """The stage's body, through its declared inputs."""
    project = folder.project
    events = told if told is not None else []
    context = Context(folder.name, project.root, project.facts, project.store, Options(),
                      events.append, lambda: False)
    return stage.run(stage.inputs(folder), context)
