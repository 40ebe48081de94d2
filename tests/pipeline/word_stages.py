"""A season of text: small stages that read human text files and each other's documents.

The chain is  script -> cast -> poster,  script -> scenes,  (cast, scenes) -> movie.
Lines of a text file that start with # are comments: they change the file, not the decision.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from microfinish.pipeline.events import Event, Notice, StageFinished, StageSkipped, StageStarted
from microfinish.pipeline.plan import EVERYTHING, Selection
from microfinish.pipeline.result import RunResult
from microfinish.pipeline.run import run
from microfinish.pipeline.stage import Context, Input, Inputs
from microfinish.project.project import Project

CHAIN = ("script", "cast", "poster", "scenes", "movie")
AFTER = {
    "script": (),
    "cast": ("script",),
    "poster": ("cast",),
    "scenes": ("script",),
    "movie": ("cast", "scenes"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """The body of every document here."""

    words: tuple[str, ...]


class TextStage:
    """Decides on the words of `<name>.txt` and of the documents before it."""

    body = Words

    def __init__(self, name: str, version: int = 1, work: Callable[[Context], Any] | None = None):
        self.name = name
        self.version = version
        self.after = AFTER[name]
        self.work = work

    def inputs(self, episode: Any) -> Inputs:
        own = episode.project.root / "episodes" / episode.name / f"{self.name}.txt"
        documents = {kind: episode.document(kind, Words) for kind in self.after}
        return Inputs.of(**{f"{self.name}.txt": _text_file(own)}, **documents)

    def run(self, inputs: Inputs, ctx: Context) -> Words:
        if self.work:
            self.work(ctx)
        lines = inputs[f"{self.name}.txt"].splitlines()
        words = [line for line in lines if not line.startswith("#")]
        for kind in self.after:
            words += inputs[kind].words
        return Words(tuple(words))

    def missing(self, body: Words, episode: Any) -> tuple[str, ...]:
        return ()


def _text_file(path: Path) -> Input:
    if not path.is_file():
        return Input("absent", str)
    return Input(hashlib.sha256(path.read_bytes()).hexdigest(), path.read_text)


@dataclass
class Season:
    """A project on disk, the stages it runs with, and what its last run told."""

    root: Path
    table: dict[str, Callable[[], Any]]
    events: list[Event] = field(default_factory=list)

    def project(self) -> Project:
        return Project.open(self.root)

    def run(self, *episodes: str, selection: Selection = EVERYTHING, **more: Any) -> RunResult:
        self.events.clear()
        project = self.project()
        names = episodes or project.episodes()
        more.setdefault("emit", self.events.append)
        return run(project, names, selection, table=self.table, **more)

    def ran(self, episode: str = "ep001") -> list[str]:
        return [e.stage for e in self.of(StageStarted) if e.episode == episode]

    def skipped(self, episode: str = "ep001") -> list[str]:
        return [e.stage for e in self.of(StageSkipped) if e.episode == episode]

    def unchanged(self) -> list[str]:
        return [e.stage for e in self.of(StageFinished) if not e.changed]

    def why(self, stage: str) -> tuple[str, ...]:
        return next(e.reasons for e in self.of(StageStarted) if e.stage == stage)

    def notices(self) -> list[Notice]:
        return self.of(Notice)

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def write(self, name: str, text: str, episode: str = "ep001") -> None:
        (self.root / "episodes" / episode / name).write_text(text)

    def document(self, kind: str, episode: str = "ep001") -> Path:
        return self.root / "episodes" / episode / "documents" / f"{kind}.yaml"

    def replace(self, name: str, **changes: Any) -> None:
        """Stand another stage of that name into the table."""
        self.table[name] = partial(TextStage, name, **changes)


def make_season(root: Path, episodes: int = 1) -> Season:
    root.mkdir(exist_ok=True)
    (root / "microfinish.yaml").write_text(f"title: Words\nstages: [{', '.join(CHAIN)}]\n")
    for number in range(1, episodes + 1):
        folder = root / "episodes" / f"ep{number:03}"
        folder.mkdir(parents=True)
        for name in CHAIN:
            (folder / f"{name}.txt").write_text(f"{name} of {number}\n")
    return Season(root, standard_table())


def standard_table() -> dict[str, Callable[[], Any]]:
    """Every stage as it comes."""
    return {name: partial(TextStage, name) for name in CHAIN}
