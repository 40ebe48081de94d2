"""A season of text files under the names of real stages, run through the real command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from microfinish.cli.app import main
from microfinish.core.errors import ToolError
from microfinish.core.finding import Finding, Findings
from microfinish.documents.digest import digest
from microfinish.pipeline import registry
from microfinish.pipeline.events import Counted, Notice
from microfinish.pipeline.stage import Context, Input, Inputs


@dataclass(frozen=True, slots=True)
class Words:
    """The body of the text stages."""

    words: tuple[str, ...]


class TextStage:
    """Decides on the words of `NAME.txt`. FAIL and BUG in it do what they say."""

    version = 1
    body: type = Words

    def __init__(self, name: str, after: tuple[str, ...]) -> None:
        self.name = name
        self.after = after

    def inputs(self, episode: Any) -> Inputs:
        path = episode.folder / f"{self.name}.txt"
        text = path.read_text() if path.is_file() else ""
        documents = {kind: episode.document(kind, Words) for kind in self.after}
        return Inputs.of(**{f"{self.name}.txt": Input(digest(text), lambda: text)}, **documents)

    def run(self, inputs: Inputs, ctx: Context) -> Any:
        text = inputs[f"{self.name}.txt"]
        if "FAIL" in text:
            raise ToolError("ffmpeg failed (exit 187)", hint="look at the camera file")
        if "BUG" in text:
            raise KeyError("shot")
        if "NOTICE" in text:
            ctx.emit(Notice(ctx.episode, "warning", "the mix is short", "look at it"))
        ctx.emit(Counted(ctx.episode, "rendered", 2))
        return Words(tuple(text.split()))

    def missing(self, body: Any, episode: Any) -> tuple[str, ...]:
        return ()


class FindingStage(TextStage):
    """Finds an error for every ERROR in `NAME.txt`."""

    body = Findings

    def run(self, inputs: Inputs, ctx: Context) -> Findings:
        errors = inputs[f"{self.name}.txt"].count("ERROR")
        found = Finding("black", "error", "black for 12 frames", file="tiktok.mp4",
                        at="00:00:03:00", measured="12 frames", expected="at most 2 frames")
        return Findings(("tiktok.mp4",), (found,) * errors)


CHAIN: dict[str, tuple[type[TextStage], tuple[str, ...]]] = {
    "log": (TextStage, ()),
    "sync": (TextStage, ("log",)),
    "grade": (TextStage, ("log",)),
    "qc": (FindingStage, ("grade",)),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one command line did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.out)
        return answer


@dataclass(frozen=True, slots=True)
class Show:
    """A project on disk and a way to type at it."""

    root: Path
    capsys: pytest.CaptureFixture[str]

    def type(self, *words: str) -> Answer:
        self.capsys.readouterr()
        code = main(["-C", str(self.root), *words])
        return Answer(code, *self.capsys.readouterr())

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


@pytest.fixture
def show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Show:
    """Two episodes with a chain of four text stages."""
    for name, (kind, after) in CHAIN.items():
        monkeypatch.setitem(registry.BUILT_IN, name,  # type: ignore[index]
                            partial(kind, name, after))
    monkeypatch.delenv("MICROFINISH_STORE", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    made = Show(tmp_path / "show", capsys)
    made.write("microfinish.yaml", f"title: Words\nstages: [{', '.join(CHAIN)}]\n")
    for episode in ("ep001", "ep002"):
        for name in CHAIN:
            made.write(f"episodes/{episode}/{name}.txt", f"{name} of {episode}")
    return made


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Type a command line anywhere."""
    def type_(*words: str) -> Answer:
        capsys.readouterr()
        code = main(list(words))
        return Answer(code, *capsys.readouterr())
    return type_


