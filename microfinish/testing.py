"""The contract every stage keeps, as tests that the author of a plug-in runs.

    from microfinish.testing import StageContract, sample_episode

    class TestWatermarkStage(StageContract):
        def stage(self):
            return WatermarkStage()

        def episode(self, root):
            return sample_episode(root, documents={"lock": a_picture_lock})

pytest finds the inherited tests. Without pytest, call `check_stage(stage, make_episode, root)`.
"""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

from microfinish.core.errors import Interrupted
from microfinish.documents import record
from microfinish.documents.atomic import write_text
from microfinish.pipeline.events import Event
from microfinish.pipeline.stage import Context, Inputs, Options, Stage
from microfinish.project.episode import Episode
from microfinish.project.project import Project

CANCEL_SECONDS = 5.0
"""A cancelled stage must be back within this time; on an idle machine it takes far less."""

DISPOSABLE = (".microfinish", "deliver")
"""Where a running stage may leave files: the store, and deliverables it promises by `missing`."""


class StageContract:
    """Inherit from it in a class named Test..., and say which stage and what it runs on."""

    def stage(self) -> Stage:
        """A new instance of the stage under test."""
        raise NotImplementedError("return the stage under test")

    def episode(self, root: Path) -> Episode:
        """An episode in the empty folder `root` with everything the stage reads."""
        raise NotImplementedError("return an episode; see microfinish.testing.sample_episode")

    def test_it_describes_itself(self, tmp_path: Path) -> None:
        check_description(self.stage())

    def test_equal_inputs_give_equal_decisions(self, tmp_path: Path) -> None:
        check_deterministic(self.stage(), self.episode(tmp_path))

    def test_it_reads_only_what_it_declares(self, tmp_path: Path) -> None:
        check_declares_its_inputs(self.stage(), self.episode(tmp_path))

    def test_it_writes_nothing(self, tmp_path: Path) -> None:
        check_writes_nothing(self.stage(), self.episode(tmp_path))

    def test_its_document_survives_writing_and_reading(self, tmp_path: Path) -> None:
        check_body_survives(self.stage(), self.episode(tmp_path))

    def test_it_stops_when_cancelled(self, tmp_path: Path) -> None:
        check_cancels(self.stage(), self.episode(tmp_path))


def check_stage(stage: Stage, episode: Callable[[Path], Episode], root: Path) -> None:
    """All checks, each on a fresh episode in a folder of its own under `root`."""
    check_description(stage)
    for number, check in enumerate(_ON_AN_EPISODE):
        folder = root / str(number)
        folder.mkdir(parents=True)
        check(stage, episode(folder))


def check_description(stage: Stage) -> None:
    """Name, version, `after` and body are what the framework and a reader can rely on."""
    assert stage.name.isidentifier() and stage.name == stage.name.lower(), (
        f"the name {stage.name!r} should be a lower-case word: it is a file name and a command"
    )
    assert isinstance(stage.version, int) and stage.version >= 1, "versions count from 1"
    assert isinstance(stage.after, tuple) and stage.name not in stage.after
    assert isinstance(stage.body, type) and is_dataclass(stage.body), (
        f"the body of {stage.name} should be a dataclass: documents are made of nouns"
    )


def check_deterministic(stage: Stage, episode: Episode) -> None:
    """Twice the same inputs, twice the same hashes and the same decision."""
    first, second = stage.inputs(episode), stage.inputs(episode)
    assert first.digests() == second.digests(), "inputs() names other hashes each time"
    body = stage.run(first, context(episode))
    again = stage.run(second, context(episode))
    assert record.body_text(body) == record.body_text(again), "equal inputs, another decision"
    settled = stage.run(stage.inputs(episode), context(episode, previous=body))
    assert record.body_text(body) == record.body_text(settled), (
        "a re-run that is handed its own previous decision decides otherwise, so it never settles"
    )


def check_declares_its_inputs(stage: Stage, episode: Episode) -> None:
    """`run` takes decisions and settings from its inputs only, never straight from the project."""
    inputs = _WatchedInputs(stage.inputs(episode))
    with _opened_files() as opened:
        inputs.watch(opened)
        stage.run(inputs, context(episode))
    root = episode.project.root.resolve()
    secret = sorted({shown for path in opened if (shown := _decision_file(path, root))})
    assert not secret, (
        f"{stage.name} reads {', '.join(secret)} while it runs; declare it in inputs(), "
        "so that a change of it is a reason to run"
    )


def check_writes_nothing(stage: Stage, episode: Episode) -> None:
    """Running changes no file of the project except in the store and among the deliverables."""
    root = episode.project.root
    before = _tree(root)
    stage.run(stage.inputs(episode), context(episode))
    after = _tree(root)
    touched = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    assert not touched, f"{stage.name} wrote {', '.join(touched)}; return the document instead"


def check_body_survives(stage: Stage, episode: Episode) -> None:
    """Reading the written document gives back the same nouns."""
    body = stage.run(stage.inputs(episode), context(episode))
    assert isinstance(body, stage.body), f"run() returned a {type(body).__name__}"
    path = episode.project.root / ".microfinish" / f"{stage.name}.yaml"
    record.write(path, stage.name, stage.version, stage.inputs(episode).digests(), body)
    assert body == record.read_body(path, stage.body, path.name)
    missing = stage.missing(body, episode)
    assert isinstance(missing, tuple) and all(
        isinstance(name, str) and not Path(name).is_absolute() for name in missing
    ), "missing() names project-relative files"


def check_cancels(stage: Stage, episode: Episode, seconds: float | None = None) -> None:
    """Cancelled before it starts, `run` returns or raises Interrupted, and soon."""
    inputs = stage.inputs(episode)
    ended: list[BaseException | None] = []

    def work() -> None:
        try:
            stage.run(inputs, context(episode, cancelled=True))
            ended.append(None)
        except BaseException as error:  # handed to the testing thread
            ended.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    seconds = CANCEL_SECONDS if seconds is None else seconds
    thread.join(seconds)
    assert ended, f"{stage.name} still runs {seconds} s after it was cancelled"
    if ended[0] is not None and not isinstance(ended[0], Interrupted):
        raise ended[0]


_ON_AN_EPISODE = (
    check_deterministic,
    check_declares_its_inputs,
    check_writes_nothing,
    check_body_survives,
    check_cancels,
)


def sample_episode(
    root: Path,
    *,
    name: str = "ep001",
    settings: str = "",
    files: Mapping[str, str | bytes] | None = None,
    documents: Mapping[str, Any] | None = None,
) -> Episode:
    """A small project in `root` with one episode.

    `settings` is the text of microfinish.yaml, `files` are project-relative, `documents` are
    bodies by kind: what the stages before the one under test would have decided.
    """
    write_text(root / "microfinish.yaml", settings or "title: Sample\n")
    (root / "episodes" / name).mkdir(parents=True, exist_ok=True)
    for relative, content in (files or {}).items():
        path = root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    project = Project.open(root)
    for kind, body in (documents or {}).items():
        record.write(project.layout.document(name, kind), kind, 1, {}, body)
    return project.episode(name)


def context(
    episode: Episode,
    *,
    previous: Any = None,
    cancelled: bool = False,
    events: list[Event] | None = None,
) -> Context:
    """What `run` is given beside its inputs. `events`, if given, collects what the stage tells."""

    def each(work: Callable[[Any], Any], items: Any, label: str) -> list[Any]:
        if cancelled:
            raise Interrupted(f"run again to continue; 0 {label} are kept")
        return [work(item) for item in items]

    return Context(
        episode=episode.name,
        root=episode.project.root,
        facts=episode.project.facts,
        store=episode.project.store,
        options=Options(jobs=1),
        emit=(events if events is not None else []).append,
        cancelled=lambda: cancelled,
        previous=previous,
        map=each,
    )


class _WatchedInputs(Inputs):
    """Inputs whose own loading is not held against the stage."""

    def __init__(self, inputs: Inputs) -> None:
        super().__init__(inputs._entries)
        self._opened: list[str] = []

    def watch(self, opened: list[str]) -> None:
        self._opened = opened

    def __getitem__(self, name: str) -> Any:
        known = len(self._opened)
        try:
            return super().__getitem__(name)
        finally:
            del self._opened[known:]


_watchers: list[list[str]] = []


def _on_audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _watchers and isinstance(arguments[0], str):
        for opened in _watchers:
            opened.append(arguments[0])


@contextmanager
def _opened_files() -> Iterator[list[str]]:
    """The paths of all files that Python code opens while the block lasts."""
    if not getattr(_opened_files, "installed", False):
        sys.addaudithook(_on_audit)  # cannot be taken away again, hence once
        _opened_files.installed = True  # type: ignore[attr-defined]
    opened: list[str] = []
    _watchers.append(opened)
    try:
        yield opened
    finally:
        _watchers.remove(opened)


def _decision_file(opened: str, root: Path) -> str:
    """The project-relative name if it is settings, a human YAML file or a document, else ""."""
    path = Path(opened).absolute()
    if not path.is_relative_to(root) or path.suffix != ".yaml":
        return ""
    relative = path.relative_to(root)
    return "" if relative.parts[0] in DISPOSABLE else relative.as_posix()


def _tree(root: Path) -> dict[str, str]:
    return {
        relative.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and (relative := path.relative_to(root)).parts[0] not in DISPOSABLE
    }
