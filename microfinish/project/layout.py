"""Every path of a project, here alone."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

SETTINGS = "microfinish.yaml"
EDIT_LISTS = ("edit.edl", "edit.fcpxml", "edit.fcpxmld", "edit.xml", "edit.otio", "edit.aaf",
              "edit.yaml")
BUNDLED = {".fcpxmld": "Info.fcpxml"}
"""Edit lists that are folders, and the file in them that is read."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A project's folder, and where everything in it is. Nothing here touches the disk."""

    root: Path

    @property
    def settings(self) -> Path:
        return self.root / SETTINGS

    @property
    def media(self) -> Path:
        return self.root / "media"

    @property
    def music(self) -> Path:
        return self.root / "music"

    @property
    def sfx(self) -> Path:
        return self.root / "sfx"

    @property
    def relinked(self) -> Path:
        """The files that `run --relink` found elsewhere."""
        return self.root / "relinked.yaml"

    @property
    def vfx(self) -> Path:
        """The season's VFX returns: `vfx/ep001_sh050_v003.mov`, `vfx/ep001/sh050_v003.mov`."""
        return self.root / "vfx"

    @property
    def presets(self) -> Path:
        return self.root / "presets"

    @property
    def episodes(self) -> Path:
        return self.root / "episodes"

    @property
    def review(self) -> Path:
        return self.root / "review"

    @property
    def private(self) -> Path:
        return self.root / ".microfinish"

    @property
    def store(self) -> Path:
        """The store's folder: `MICROFINISH_STORE` where it is set, to share one."""
        chosen = os.environ.get("MICROFINISH_STORE")
        return Path(chosen).expanduser().absolute() if chosen else self.private / "store"

    @property
    def logs(self) -> Path:
        return self.private / "logs"

    @property
    def locks(self) -> Path:
        """Never in the store: a shared store serves projects with episodes of the same name."""
        return self.private / "locks"

    def lock(self, episode: str) -> Path:
        return self.locks / f"{episode}.lock"

    def episode(self, episode: str) -> Path:
        return self.episodes / episode

    def episode_vfx(self, episode: str) -> Path:
        """VFX returns of one episode: `episodes/ep001/vfx/sh050_v003.mov`."""
        return self.episodes / episode / "vfx"

    def dubs(self, episode: str) -> Path:
        """Dialogue in other languages: `episodes/ep001/dubs/es/*.wav`."""
        return self.episodes / episode / "dubs"

    def human(self, episode: str, name: str) -> Path:
        """A human file of an episode: `grade` is `episodes/ep001/grade.yaml`."""
        return self.root.joinpath("episodes", episode, f"{name}.yaml")

    def subtitles(self, episode: str) -> Path:
        return self.root.joinpath("episodes", episode, "subtitles")

    def documents(self, episode: str) -> Path:
        return self.episodes / episode / "documents"

    def document(self, episode: str, kind: str) -> Path:
        return self.root.joinpath("episodes", episode, "documents", f"{kind}.yaml")

    def deliver(self, episode: str) -> Path:
        return self.root / "deliver" / episode

    def deliverable(self, episode: str, platform: str, extension: str, language: str = "") -> Path:
        """A master: `deliver/ep001/tiktok.mp4`, or `tiktok.es.mp4` where there are languages."""
        name = f"{platform}.{language}" if language else platform
        return self.deliver(episode) / f"{name}.{extension}"

    @property
    def previews(self) -> Path:
        """Where previews are put: beside `deliver`, never in it."""
        return self.root / "preview"

    def preview(self, episode: str) -> Path:
        """Named so that it cannot be taken for a master once it has left its folder."""
        return self.previews / f"{episode}.preview.mp4"

    def still(self, episode: str) -> Path:
        """The picture that `watch` keeps fresh."""
        return self.previews / f"{episode}.grade.png"

    def shown(self, path: Path) -> str:
        """The name of a path in messages and documents: relative to the project, with slashes."""
        # as text first: pathlib takes a tenth of what `status` of a season may cost
        root, text = f"{self.root}{os.sep}", str(path)
        if text.startswith(root):
            return text[len(root):].replace(os.sep, "/")
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.as_posix()


class PreviewLayout(Layout):
    """The same project for previews: its own documents and locks, so that a preview never
    disturbs a run, nor waits for one."""

    __slots__ = ()

    def lock(self, episode: str) -> Path:
        return self.locks / f"{episode}.preview.lock"

    def documents(self, episode: str) -> Path:
        return self.private / "preview" / episode

    def document(self, episode: str, kind: str) -> Path:
        return self.documents(episode) / f"{kind}.yaml"

    def deliver(self, episode: str) -> Path:
        return self.previews
