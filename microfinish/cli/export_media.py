"""The files of a turnover that are made and not written: reference picture, stems, the seal."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from platform import node
from typing import TYPE_CHECKING

from microfinish import __version__

if TYPE_CHECKING:
    from microfinish.cli.session import Session
    from microfinish.project.episode import Episode
    from microfinish.project.project import Project


def add_media(session: Session, episode: Episode, formats: tuple[str, ...], folder: Path,
              notes: list[str]) -> list[str]:
    """Make what `formats` asks for, under bars; the new files' names inside `folder`."""
    wanted = [format_ for format_ in ("cube", "picture", "stems") if format_ in formats]
    if not wanted:
        return []
    from microfinish.cli.progress import display
    from microfinish.pipeline.aside import aside
    from microfinish.pipeline.stage import Options
    from microfinish.stages.turnover_color import shot_cubes
    from microfinish.stages.turnover_media import reference_picture, stems

    makers = {"cube": shot_cubes, "picture": reference_picture, "stems": stems}
    names: list[str] = []
    with display(session, (episode.name,), ()) as show:
        for format_ in wanted:
            made = aside(episode, partial(makers[format_], episode, folder), Options(), show)
            names += [path.relative_to(folder).as_posix() for path in made.files]
            notes += made.notes
    return names


def check_media(episode: Episode, formats: tuple[str, ...]) -> None:
    """Raise ProblemsError where media that `picture` and `stems` are made of are gone, before
    anything is written. Lists need no media."""
    from microfinish.core.errors import Problem, ProblemsError
    from microfinish.core.media import MediaLog
    from microfinish.core.mix import MixPlan
    from microfinish.core.timeline import PictureLock
    from microfinish.core.vfx import Returns

    needed: list[str] = []
    if "picture" in formats and episode.document("lock").exists:
        lock: PictureLock = episode.document("lock", PictureLock).load()
        needed += [event.media for event in lock.current.timeline.events if event.media
                   and event.track.startswith("V")]
        if episode.document("vfx").exists:
            returns: Returns = episode.document("vfx", Returns).load()
            needed += [back.media.path for back in returns.returns]
    if {"picture", "stems"} & {*formats} and episode.document("mix").exists:
        mix: MixPlan = episode.document("mix", MixPlan).load()
        needed += [clip.source for bus in mix.buses for clip in bus.clips if clip.source]
    if not needed:
        return
    log: MediaLog = episode.document("log", MediaLog).load()
    files = log.by_path()
    places = dict.fromkeys(files[name].path if name in files else name for name in needed)
    gone = [name for name in places if not (episode.layout.root / name).is_file()]
    if gone:
        raise ProblemsError(tuple(Problem(
            f"{name} is not there", None, f"the documents are out of date: "
            f"`microfinish run {episode.name}` first, with `--relink FOLDER` if the media lie "
            "elsewhere" if name == gone[0] else "") for name in gone))


def check_folder(folder: Path, project: Project) -> None:
    """Raise InputError for a folder that a turnover may not be: it is sealed whole, and nothing
    is written among the media."""
    from microfinish.core.errors import InputError

    place = folder.resolve()
    if project.root.resolve().is_relative_to(place):
        raise InputError(f"{folder} holds the project: a turnover is a folder of its own",
                         hint="name a folder that is not there yet, such as --out ../to-color")
    if place.is_relative_to(project.layout.media.resolve()):
        raise InputError(f"{folder} lies among the media",
                         hint="media/ is read only: put the turnover elsewhere")


def seal(folder: Path) -> str:
    """Record every file of the folder in an ASC MHL manifest; its name inside the folder."""
    from microfinish.stages.sealing import seal_anew

    sealed = seal_anew(folder, datetime.now(UTC), host=node(), tool_version=__version__)
    return sealed.manifest.relative_to(folder).as_posix()
