"""A project: a folder with `microfinish.yaml`, one season."""

from __future__ import annotations

import os
import threading
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from microfinish.core.errors import InputError, Where
from microfinish.core.settings import Season
from microfinish.project.episode import Episode
from microfinish.project.facts import Facts
from microfinish.project.hashes import Hashes
from microfinish.project.layout import SETTINGS, Layout, PreviewLayout
from microfinish.project.paths import best_name, files_below, is_media, natural_key
from microfinish.project.presets import Presets
from microfinish.project.store import Store


class Project:
    """An open project. Opening reads nothing; settings are read when first asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.layout = Layout(root)
        self.finished: Project | None = None
        self.store = Store(self.layout.store)
        self.hashes = Hashes(self.store)
        self.facts = Facts(self.store, self.hashes)
        self.presets = Presets(root)
        self._episode_settings: dict[tuple[str, bytes], Season] = {}
        self._digests_mutex = threading.Lock()
        self._digests: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {}

    @classmethod
    def open(cls, folder: Path) -> Project:
        """The project in `folder` or in the nearest folder above. Raises InputError."""
        start = folder.expanduser().absolute()
        if not start.is_dir():
            raise InputError(f"there is no folder {folder}")
        for candidate in (start, *start.parents):
            if (candidate / SETTINGS).is_file():
                return cls(candidate)
        raise InputError(f"no {SETTINGS} in {start} or in a folder above it",
                         hint="go to the project's folder, name it with -C DIR, "
                              "or begin one with `microfinish new DIR`")

    def preview(self) -> Project:
        """This season for previews: the same settings, media and store, other documents. What
        runs have decided is in the preview's `finished`."""
        made = Project(self.root)
        made.layout = PreviewLayout(self.root)
        made.finished = self
        made.store, made.hashes, made.facts = self.store, self.hashes, self.facts
        made.presets = self.presets
        return made

    @cached_property
    def settings(self) -> Season:
        """The season's settings. Raises ProblemsError with everything wrong in the file."""
        from microfinish.documents.validate import load

        return load(self.layout.settings, Season, SETTINGS)

    def settings_of(self, overrides: Path) -> Season:
        """The season's settings under an episode's overrides, if that file is there."""
        from microfinish.documents.places import merge
        from microfinish.documents.validate import read, validate
        from microfinish.documents.yamltext import decode, parse

        try:
            data = overrides.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return self.settings
        shown = self.layout.shown(overrides)
        known = self._episode_settings.get((shown, data))
        if known is None:
            season = read(self.layout.settings, SETTINGS)
            known = validate(merge(season, parse(decode(data, shown), shown)), Season)
            self._episode_settings[shown, data] = known
        return known

    def episodes(self) -> tuple[str, ...]:
        """The names of all episodes, `ep2` before `ep10`."""
        try:
            names = [path.name for path in self.layout.episodes.iterdir()
                     if path.is_dir() and not path.name.startswith((".", "_"))]
        except (FileNotFoundError, NotADirectoryError):
            return ()
        return tuple(sorted(names, key=natural_key))

    def episode(self, name: str) -> Episode:
        """An episode by name, as it is on disk now. Raises InputError with the nearest names."""
        if self.layout.episode(name).is_dir() and name not in ("", ".", "..") \
                and not set(name) & set("/\\"):
            return Episode(self, name)
        names = self.episodes()
        if found := best_name(name, names):
            return Episode(self, found)
        near = get_close_matches(name, names, 3, 0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else (
            f"episodes: {', '.join(names[:12])}{', …' if len(names) > 12 else ''}" if names
            else "make a folder under episodes/ and put its edit list there")
        raise InputError(f"there is no episode {name}", where=Where("episodes"), hint=hint)

    def media_digests(self) -> tuple[tuple[str, str], ...]:
        """Every file of `media_files` with its content hash: one look per process, whatever the
        number of episodes that ask. Raises InputError for a file that cannot be read."""
        return self.digests(self.media_files())

    def digests(self, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """Project-relative files with their content hashes; the same question is answered once
        per process. Raises InputError for a file that cannot be read."""
        with self._digests_mutex:
            if names not in self._digests:
                found = self.hashes.of_all([(self.root / name, name) for name in names])
                self._digests[names] = tuple(zip(names, found, strict=True))
            return self._digests[names]

    def media_files(self) -> tuple[str, ...]:
        """Camera and recorder files under `media/`, then those under each of `media_roots`.

        Scanned once per process; a file that two folders reach is listed once. Names are
        project-relative, or begin as their root is written. Raises InputError for a root that
        is not there or that holds the project.
        """
        return self._media_files

    @cached_property
    def _media_files(self) -> tuple[str, ...]:
        return tuple(name for name in self._beside if is_media(name))

    def sidecars(self, *suffixes: str) -> tuple[str, ...]:
        """Other files beside the media, such as `.ale`; found and named as `media_files` are."""
        return tuple(name for name in self._beside
                     if name.lower().endswith(suffixes) and not is_media(name))

    @cached_property
    def _beside(self) -> tuple[str, ...]:
        own = tuple(self.layout.shown(path) for path in files_below(self.layout.media))
        roots, singles = self.media_folders()[1:], self.relinked()
        if not roots and not singles:
            return own
        found = {os.path.realpath(self.root / name): name for name in own}
        for shown, folder in roots:
            for path in files_below(folder):
                found.setdefault(os.path.realpath(path),
                                 f"{shown}/{path.relative_to(folder).as_posix()}")
        for name in singles:
            if (self.root / name).is_file():
                found.setdefault(os.path.realpath(self.root / name), name)
        return tuple(found.values())

    def relinked(self) -> tuple[str, ...]:
        """The single files that `relinked.yaml` names, there or not; named as under a root."""
        from microfinish.core.media import Relinked
        from microfinish.documents.validate import load

        path = self.layout.relinked
        if not path.is_file():
            return ()
        return load(path, Relinked, self.layout.shown(path)).files

    def media_folders(self) -> tuple[tuple[str, Path], ...]:
        """(name in documents, folder) of `media/` and of each of `media_roots`.

        Raises InputError for a root that is not there or that holds the project.
        """
        return ((self.layout.shown(self.layout.media), self.layout.media),
                *map(self._media_root, self.settings.media_roots))

    def _media_root(self, written: str) -> tuple[str, Path]:
        place = Path(written).expanduser()
        folder = self.root / place
        if not written.strip() or not folder.is_dir():
            raise InputError(f"media_roots: there is no folder {written or '(empty)'}",
                             where=Where(SETTINGS),
                             hint="mount the volume or correct the path; a relative one begins at "
                                  "the project's folder")
        if self.root.resolve().is_relative_to(folder.resolve()):
            raise InputError(f"media_roots: {written} holds this project, masters and all",
                             where=Where(SETTINGS),
                             hint="name the folders of the camera files")
        return place.as_posix(), folder
