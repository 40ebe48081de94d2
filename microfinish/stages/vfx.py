"""vfx: which delivered version stands in for each shot that was given to VFX.

The picture lock stays what the editor cut. This document is a decision of its own beside it, read
by what makes the picture; without a return the camera file is shown again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from microfinish.core.color import CameraPreset
from microfinish.core.color_chain import AUTOMATIC_CAMERAS, fits, names_of
from microfinish.core.finding import Finding
from microfinish.core.media import Media, MediaLog
from microfinish.core.relink import frame_of, own_frames, own_rate
from microfinish.core.settings import VfxSettings
from microfinish.core.shot_key import follow_keys
from microfinish.core.time import format_rate, format_timecode
from microfinish.core.timeline import PictureLock
from microfinish.core.vfx import Pulled, Return, Returns, VfxSheet, VfxShot, place
from microfinish.core.vfx_color import camera_of_return
from microfinish.core.vfx_names import ReturnName, return_name
from microfinish.documents.digest import digest
from microfinish.pipeline.events import Notice
from microfinish.pipeline.stage import Context, Input, Inputs
from microfinish.project.episode import Episode
from microfinish.project.paths import media_files
from microfinish.project.project import Project
from microfinish.stages.cameras import CAMERA_PREFIX, camera_inputs

_IMAGES = frozenset((".exr", ".dpx", ".tif", ".tiff", ".png", ".jpg", ".cin"))


@dataclass(frozen=True, slots=True)
class _Files:
    """`own` are this episode's returns with their contents; `strays` those that no name places;
    `sequences` folders of single pictures."""

    own: tuple[tuple[str, str], ...] = ()
    strays: tuple[str, ...] = ()
    sequences: tuple[str, ...] = ()


class VfxStage:
    """Decides which returns are shown."""

    name = "vfx"
    version = 1
    after = ("log", "lock")
    body = Returns

    def inputs(self, episode: Episode) -> Inputs:
        from microfinish.media.versions import PROBE

        files = _files(episode)
        sheet = episode.human("vfx", VfxSheet)
        # read only where there is something to show: they tell a log camera from a finished one
        cameras = camera_inputs(episode) if files.own or sheet.value else {}
        return Inputs.of(
            **cameras,
            settings_cameras=tuple(episode.settings.cameras.items()) if cameras else (),
            log=episode.document("log", MediaLog),
            lock=episode.document("lock", PictureLock),
            vfx_yaml=sheet,
            files=Input(digest((files.own, files.strays, files.sequences)), lambda: files),
            settings_vfx=episode.settings.vfx,
            settings_conform=episode.settings.conform,
            measures=PROBE,
        )

    def missing(self, body: Returns, episode: Episode) -> tuple[str, ...]:
        return ()

    def run(self, inputs: Inputs, ctx: Context) -> Returns:
        files: _Files = inputs["files"]
        for name in files.strays:
            ctx.emit(Notice("", "warning", f"{name} is not used: its name says no shot, version or "
                            "episode", "name it ep001_sh050_v001.mov, or put sh050_v001.mov into "
                            "episodes/ep001/vfx/"))
        for name in files.sequences:
            ctx.emit(Notice("", "warning", f"{name} holds an image sequence, which is not read",
                            "deliver the return as a movie: ProRes 4444 or DNxHR 444"))
        sheet: VfxSheet = inputs["vfx_yaml"] or VfxSheet()
        if not files.own and not sheet.shots:
            return Returns()
        work = _Work(inputs, ctx, sheet)
        body = Returns(tuple(work.returns()), tuple(work.findings))
        for finding in body.findings:
            ctx.emit(Notice(ctx.episode, "info" if finding.severity == "info" else "warning",
                            finding.message, finding.fix))
        return body


class _Work:
    """One run's way from files to returns; collects what does not fit."""

    def __init__(self, inputs: Inputs, ctx: Context, sheet: VfxSheet) -> None:
        self.ctx, self.sheet = ctx, sheet
        self.inputs = inputs
        self.log: MediaLog = inputs["log"]
        self.lock: PictureLock = inputs["lock"]
        self.settings: VfxSettings = inputs["settings_vfx"]
        self.conform: str = inputs["settings_conform"]
        self.findings: list[Finding] = []
        self.handles = self.settings.handles if sheet.handles is None else sheet.handles
        self.versions: dict[str, dict[int, list[tuple[str, str]]]] = defaultdict(
            lambda: defaultdict(list))
        for shown, content in inputs["files"].own:
            name = return_name(shown)
            assert name is not None, f"{shown} was listed as a return"
            self.versions[name.shot][name.version].append((shown, content))
        self.pulled = self._pulled()
        previous = ctx.previous if isinstance(ctx.previous, Returns) else Returns()
        self.before = {(back.shot, back.media.digest): back for back in previous.returns}

    def _pulled(self) -> dict[str, list[Pulled]]:
        """What each shot asked for, in every cut, the newest first."""
        from microfinish.interchange.turnover import pulls

        found: dict[str, list[Pulled]] = defaultdict(list)
        for revision in reversed(self.lock.revisions):
            for pull in pulls(revision.timeline, self.log, self.handles, self.conform):
                found[pull.event.shot].append(
                    Pulled(revision.revision, pull.event.media, pull.used, pull.span))
        return found

    def returns(self) -> Iterator[Return]:
        followed = follow_keys({key: entry.where for key, entry in self.sheet.shots.items()},
                               self.lock, self.log)
        for key, message in followed.parked.items():
            self.ctx.emit(Notice(self.ctx.episode, "info", message,
                                 where=self.sheet.shots[key].where))
        written = {shot: self.sheet.shots[key] for shot, key in followed.shots.items()}
        now = self.lock.current
        shown = {event.shot: event for event in now.timeline.shots() if event.media}
        for shot in sorted({*self.versions, *(s for s, entry in written.items()
                                              if entry.version is not None)}):
            asked = written.get(shot, VfxShot())
            if shot not in shown:
                gone = shot in self.pulled
                self._say("info" if gone else "warning", shot,
                          f"{shot} is not in this cut; its return waits" if gone else
                          f"there is no shot {shot}: its return is not used",
                          fix="" if gone else f"microfinish show {self.ctx.episode} lock lists "
                                              "the shots")
            elif not asked.off:
                back = self._return(shot, shown[shot].media, asked)
                if back is not None:
                    yield back

    def _return(self, shot: str, plate: str, asked: VfxShot) -> Return | None:
        versions = self.versions[shot]
        version = asked.version if asked.version is not None else max(versions, default=0)
        files = versions.get(version, [])
        if not files:
            known = ", ".join(f"v{number:03}" for number in sorted(versions)) or "none"
            self._say("error", shot, f"v{version:03} is pinned in vfx.yaml and is not there",
                      fix=f"there are: {known}")
            return None
        if len({content for _, content in files}) > 1:
            self._say("error", shot, f"{len(files)} files are v{version:03}: "
                      f"{', '.join(name for name, _ in files)}", files[0][0],
                      "keep one, or give the newer one the next version")
            return None
        media, faults = self._measured(*files[0])
        if media is None:
            self._say("error", shot, f"{files[0][0]} cannot be used: {faults}", files[0][0],
                      "have it delivered again, or pin the version before in vfx.yaml")
            return None
        return self._placed(shot, version, media, plate, asked)

    def _measured(self, shown: str, content: str) -> tuple[Media | None, str]:
        from microfinish.stages.log import measured

        media, findings = measured(shown, content, self.ctx)
        if media.picture is None:
            return None, "; ".join(f.message for f in findings) or "it holds no picture"
        return media, ""

    def _placed(self, shot: str, version: int, media: Media, plate: str,
                asked: VfxShot) -> Return | None:
        camera = self.log.by_path()[plate]
        rate = own_rate(camera, self.lock.current.timeline.rate)
        if media.picture is None or media.picture.rate != rate:
            runs = format_rate(media.picture.rate) if media.picture else "no rate"
            self._say("error", shot, f"{media.path} runs at {runs}, its camera file at "
                      f"{format_rate(rate)}", media.path, "have it rendered at its plate's rate")
            return None
        current = [p for p in self.pulled[shot] if p.revision == self.lock.current.revision]
        timecode = (None if media.start_frame is None or camera.start_frame is None
                    else media.start_frame - camera.start_frame)
        written = None if asked.first is None else frame_of(asked.first, camera, rate, None)
        found = place(own_frames(media, rate), plate, (p.used for p in current),
                      self.pulled[shot], timecode, written, self.before.get((shot, media.digest)))
        if found.refused:
            self._say("error", shot, f"{media.path} {found.refused}", media.path,
                      "have it rendered with these frames, say where it begins with `first` in "
                      "vfx.yaml, or pin another version; until then the camera's picture is shown",
                      str(found.lacking) if found.lacking else "",
                      self._needed(current, camera))
            return None
        if found.doubt:
            self._say("warning", shot, f"{media.path} {found.doubt}", media.path,
                      "say where it begins with `first` in vfx.yaml")
        color = asked.color or self.sheet.color or self.settings.color
        back = Return(shot, version, plate, found.offset, found.placed_by, color, media)
        self._judge_tag(back, camera)
        return back

    def _judge_tag(self, back: Return, plate: Media) -> None:
        """Say where a return's own tag says finished picture and, since nobody says what it is,
        it is read as camera log."""
        patterns = self.inputs["settings_cameras"]
        if back.color or back.media.picture is None or any(
                fits(pattern, names_of(back.media)) for pattern, _ in patterns):
            return
        transfer = back.media.picture.transfer
        camera = camera_of_return(back, plate, patterns)
        preset: CameraPreset = self.inputs[CAMERA_PREFIX + camera.preset]
        if AUTOMATIC_CAMERAS.get(transfer) is None or preset.referred != "scene":
            return
        self._say("warning", back.shot, f"{back.media.path} is tagged {transfer} but read as "
                  f"{camera.preset}, as its camera file", back.media.path,
                  "say which it is in vfx.yaml: `color: camera` if it holds the camera's log, or a "
                  f"camera preset such as `color: {AUTOMATIC_CAMERAS[transfer]}`")

    def _needed(self, current: Iterable[Pulled], camera: Media) -> str:
        rate, start = own_rate(camera, self.lock.current.timeline.rate), camera.start_frame or 0
        return "; ".join(
            f"{format_timecode(start + p.used.start, rate, camera.timecode_drop)}-"
            f"{format_timecode(start + p.used.end, rate, camera.timecode_drop)} of {camera.path}"
            for p in current)

    def _say(self, severity: str, shot: str, message: str, file: str = "", fix: str = "",
             measured: str = "", expected: str = "") -> None:
        text = message if message.startswith(shot) else f"{shot}: {message}"
        self.findings.append(Finding("vfx.return", severity, text, file, shot=shot, fix=fix,
                                     measured=f"{measured} frames lacking" if measured else "",
                                     expected=expected))


_KNOWN: WeakKeyDictionary[Project, tuple[tuple[str, ...], tuple[str, ...]]] = WeakKeyDictionary()


def _season_files(project: Project) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(movies, folders of image sequences) in the project's `vfx/`; looked for once."""
    if project not in _KNOWN:
        _KNOWN[project] = _listed(project, project.layout.vfx)
    return _KNOWN[project]


def _listed(project: Project, folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not folder.is_dir():
        return (), ()
    shown = project.layout.shown
    movies = tuple(shown(path) for path in media_files(folder))
    images = {shown(path.parent) for path in folder.rglob("*")
              if path.suffix.lower() in _IMAGES and not path.name.startswith(".")}
    return movies, tuple(sorted(images))


def _files(episode: Episode) -> _Files:
    """The episode's returns: those in its own `vfx/`, and those of the season's that name it."""
    project = episode.project
    season, sequences = _season_files(project)
    here, own_sequences = _listed(project, episode.layout.episode_vfx(episode.name))
    if not (season or here or sequences or own_sequences):
        return _Files()
    episodes = project.episodes()
    mine, strays = [], []
    for path in season:
        name = return_name(path)
        meant = [] if name is None else [e for e in episodes if _means(path, name, e, episodes)]
        if episode.name in meant:
            mine.append(path)
        elif not meant:
            strays.append(path)
    for path in here:
        name = return_name(path)
        others = [e for e in episodes if e != episode.name and name and name.names(e)]
        (strays if name is None or (others and not name.names(episode.name))
         else mine).append(path)
    own = tuple((path, episode.file_digest(path)) for path in mine)
    return _Files(own, tuple(strays), (*sequences, *own_sequences))


def _means(path: str, name: ReturnName, episode: str, episodes: tuple[str, ...]) -> bool:
    """Whether a file of the season's folder is an episode's: by name, folder, or no choice."""
    folders = [part.casefold() for part in path.split("/")[:-1]]
    return (name.names(episode) or episode.casefold() in folders
            or (len(episodes) == 1 and not name.before))

