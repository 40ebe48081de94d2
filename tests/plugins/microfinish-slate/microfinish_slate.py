"""Decides what the slate in front of a master says.

An example of a plug-in: a body, the human file it reads, and a stage. List it in
`microfinish.yaml` under `stages`, anywhere: it reads no other stage's document.
"""

from __future__ import annotations

from dataclasses import dataclass

from microfinish.pipeline.events import Notice
from microfinish.pipeline.stage import Context, Input, Inputs
from microfinish.project.episode import Episode


@dataclass(frozen=True, slots=True)
class SlateSheet:
    """`slate.yaml`, a human file of the episode. Every key is optional."""

    director: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Slate:
    """The body of `documents/slate.yaml`: the slate's lines from top to bottom."""

    lines: tuple[str, ...]


class SlateStage:
    """Title, episode, rate and whatever `slate.yaml` adds."""

    name = "slate"
    version = 1
    after: tuple[str, ...] = ()
    body = Slate

    def inputs(self, episode: Episode) -> Inputs:
        sheet = episode.human("slate", SlateSheet)
        return Inputs.of(
            slate_yaml=Input(sheet.digest, sheet.load),
            settings_title=episode.settings.title,
            settings_rate=episode.settings.rate,
            episode=episode.name,
        )

    def run(self, inputs: Inputs, ctx: Context) -> Slate:
        sheet: SlateSheet = inputs["slate_yaml"] or SlateSheet()
        if not sheet.director:
            ctx.emit(Notice(ctx.episode, "warning", "the slate names no director",
                            hint="add `director:` to slate.yaml"))
        lines = (inputs["settings_title"], inputs["episode"], f"{inputs['settings_rate']} fps",
                 sheet.director, sheet.note)
        return Slate(tuple(line for line in lines if line))

    def missing(self, body: Slate, episode: Episode) -> tuple[str, ...]:
        return ()
