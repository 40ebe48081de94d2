"""An episode: its human files, its documents, its settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from microfinish.core.errors import InputError, Where
from microfinish.core.settings import Season
from microfinish.documents import record
from microfinish.documents.record import Header
from microfinish.project.layout import BUNDLED, EDIT_LISTS, Layout
from microfinish.project.paths import natural_key, nfc

if TYPE_CHECKING:
    from microfinish.project.project import Project

T = TypeVar("T")

ABSENT = "absent"
"""The digest of a file that is not there."""

_BODIES = {
    "log": "media:MediaLog", "sync": "sync:SyncTable", "assemble": "timeline:Timeline",
    "lock": "timeline:PictureLock", "vfx": "vfx:Returns", "correct": "color:Corrections",
    "grade": "color:Grades", "reframe": "frame:Framings", "title": "title:Titles",
    "mix": "mix:MixPlan", "master": "deliver:Masters", "qc": "finding:Findings",
}
_SUBTITLES = (".srt", ".vtt", ".ass", ".ssa")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")


class Human(Generic[T]):
    """A human file that may or may not be there. Read when its `value` is first asked for."""

    def __init__(self, path: Path, digest: str, load: Callable[[], T]) -> None:
        self.path = path
        self.digest = digest
        self._load = load

    @property
    def exists(self) -> bool:
        return self.digest != ABSENT

    @cached_property
    def value(self) -> T | None:
        """What the file says; None where there is none. Raises ProblemsError."""
        return self._load() if self.exists else None

    def load(self) -> T | None:
        """`value`, as a call: what an `Input` of a stage wants."""
        return self.value


class DocumentRef:
    """A stage's document: cheap to compare, read only when asked.

    It shows the document as it was when it was first looked at.
    """

    def __init__(self, path: Path, shown: str, type_: Any) -> None:
        self.path = path
        self.shown = shown
        self.type = type_

    @cached_property
    def header(self) -> Header | None:
        """The document's header; None where there is no document. Raises EditedByHand."""
        return record.read_header(self.path, self.shown)

    @property
    def exists(self) -> bool:
        return self.header is not None

    @property
    def digest(self) -> str:
        """The body's hash, or "absent"."""
        return self.header.body if self.header else ABSENT

    def load(self) -> Any:
        """The body as a noun. Raises InputError where there is no such document."""
        return record.read_body(self.path, self.type, self.shown)


class Episode:
    """A folder under `episodes/`, as it is on disk now. Make a new one to look again."""

    def __init__(self, project: Project, name: str) -> None:
        self.project = project
        self.name = name
        self._documents: dict[str, DocumentRef] = {}

    @property
    def layout(self) -> Layout:
        """The project's layout; its methods take this episode's name."""
        return self.project.layout

    @property
    def folder(self) -> Path:
        return self.layout.episode(self.name)

    @property
    def finished(self) -> Episode | None:
        """Of a preview: the episode as runs know it. None for an episode that is no preview."""
        season = self.project.finished
        return Episode(season, self.name) if season else None

    @cached_property
    def settings(self) -> Season:
        """The season's settings under this episode's `episode.yaml`. Raises ProblemsError."""
        return self.project.settings_of(self.layout.human(self.name, "episode"))

    def human(self, name: str, type_: type[T]) -> Human[T]:
        """The human file `NAME.yaml` of this episode."""
        from microfinish.documents.validate import load

        path = self.layout.human(self.name, name)
        shown = self.layout.shown(path)
        return Human(path, self._digest(path), lambda: load(path, type_, shown))

    def document(self, kind: str, type_: Any = None) -> DocumentRef:
        """The document that stage `kind` writes. `type_` is its body's; built-in kinds know it."""
        known = self._documents.get(kind)
        if known is None or (type_ and type_ is not known.type):
            path = self.layout.document(self.name, kind)
            known = DocumentRef(path, self.layout.shown(path), type_ or _body_type(kind))
            self._documents[kind] = known
        return known

    def edit_list(self) -> Path | None:
        """The edit list in the episode's folder; of a bundle, the file in it that is read.

        Raises InputError where there are two."""
        present = _names(self.folder)
        found = [name for name in sorted(present) if name.casefold() in EDIT_LISTS]
        if len(found) > 1:
            raise InputError(f"{self.name} has two edit lists: {' and '.join(found)}",
                             where=Where(self.layout.shown(self.folder / found[0])),
                             hint="keep one; rename or remove the other")
        if not found:
            return None
        path = self.folder / found[0]
        inside = BUNDLED.get(path.suffix.lower())
        if inside and not (path / inside).is_file():
            raise InputError(f"{found[0]} holds no {inside}",
                             where=Where(self.layout.shown(path)),
                             hint="copy the whole bundle as the editor exported it")
        return path / inside if inside else path

    def subtitles(self) -> dict[str, Path]:
        """Subtitle files by language tag: `subtitles/pt-BR.srt` is `pt-BR`.

        Raises InputError for a name that is no language tag and for two files of one language.
        """
        folder = self.layout.subtitles(self.name)
        found: dict[str, Path] = {}
        for name in sorted(_names(folder), key=natural_key):
            path = folder / name
            if path.suffix.lower() not in _SUBTITLES or name.startswith("."):
                continue
            where = Where(self.layout.shown(path))
            if not _LANGUAGE.match(path.stem):
                raise InputError(f"{name} is not named after a language", where=where,
                                 hint="name it by its language tag: en.srt, pt-BR.srt, zh-Hans.srt")
            if path.stem in found:
                raise InputError(f"two subtitle files for {path.stem}: "
                                 f"{found[path.stem].name} and {name}", where=where,
                                 hint="keep one")
            found[path.stem] = path
        return found

    def file_digest(self, relative: str) -> str:
        """The content hash of a project file, or "absent". `relative` is project-relative."""
        return self._digest(self.project.root / relative)

    def _digest(self, path: Path) -> str:
        if not path.is_file():
            return ABSENT
        return self.project.hashes.of(path, self.layout.shown(path))


def _body_type(kind: str) -> Any:
    if kind not in _BODIES:
        raise ValueError(f"the body type of {kind!r} documents must be given")
    module, _, name = _BODIES[kind].partition(":")
    return getattr(import_module(f"microfinish.core.{module}"), name)


def _names(folder: Path) -> set[str]:
    try:
        return {nfc(path.name) for path in folder.iterdir()}
    except (FileNotFoundError, NotADirectoryError):
        return set()
