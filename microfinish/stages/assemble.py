"""assemble: the timeline, from the episode's edit list, every event relinked to its media."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from microfinish.core.conform import conform
from microfinish.core.edit import UNREADABLE_EVENT, EditList
from microfinish.core.edit_sheet import EditSheet, sheet_edit_list
from microfinish.core.errors import InputError, Problem, ProblemsError, Where
from microfinish.core.media import MediaLog
from microfinish.core.shots import with_shot_ids
from microfinish.core.time import parse_timecode
from microfinish.core.timeline import Mark, Timeline
from microfinish.pipeline.events import Notice
from microfinish.pipeline.stage import Context, Input, Inputs
from microfinish.project.episode import ABSENT, Episode


@dataclass(frozen=True, slots=True)
class _EditFile:
    """The bytes of an edit list and its project-relative name; no bytes where there is none."""

    shown: str
    data: bytes | None


class AssembleStage:
    """Decides the timeline."""

    name = "assemble"
    version = 3
    after = ("log",)
    body = Timeline
    slugs = False
    """Whether media that are offline become slugs; never for a master."""

    def inputs(self, episode: Episode) -> Inputs:
        settings = episode.settings
        return Inputs.of(
            log=episode.document("log", MediaLog),
            edit=_edit_input(episode),
            rate=settings.rate,
            conform=settings.conform,
            timeline_start=settings.timeline_start,
        )

    def missing(self, body: Timeline, episode: Episode) -> tuple[str, ...]:
        return ()

    def run(self, inputs: Inputs, ctx: Context) -> Timeline:
        rate: Fraction = inputs["rate"]
        edit = _edit_list(inputs["edit"], rate)
        log: MediaLog = inputs["log"]
        label = inputs["timeline_start"]
        start = parse_timecode(label, rate) if label else 0
        _refuse_unreadable(edit)
        timeline = conform(edit, log.media, inputs["conform"], start, slugs=self.slugs)
        for loss in timeline.losses:
            if loss.severity != "info":
                ctx.emit(Notice(ctx.episode, "warning", f"not taken as written: {loss.reason}",
                                hint="" if loss.line else loss.text.strip(),
                                where=Where(loss.file, loss.line)))
        timeline = replace(timeline, marks=_marks(edit, timeline))
        previous = ctx.previous if isinstance(ctx.previous, Timeline) else None
        return with_shot_ids(timeline, previous)


def _marks(edit: EditList, timeline: Timeline) -> tuple[Mark, ...]:
    """The markers of the edit list that lie in the picture, counted from its first frame."""
    counted = (replace(mark, frame=mark.frame - timeline.start_frame) for mark in edit.marks)
    return tuple(sorted((mark for mark in counted if 0 <= mark.frame < timeline.frames),
                        key=lambda mark: mark.frame))


def _refuse_unreadable(edit: EditList) -> None:
    """An event that cannot be read would be a hole in the picture: nobody asked for black."""
    problems = tuple(
        Problem(f"this event cannot be read: {loss.text.strip()}", Where(loss.file, loss.line),
                "mend the line, or take it out if the gap is meant to be black")
        for loss in edit.losses if loss.reason == UNREADABLE_EVENT)
    if problems:
        raise ProblemsError(problems)


def edit_of(episode: Episode) -> EditList:
    """The episode's edit list as it is read. Raises InputError where it is not there or damaged."""
    file: _EditFile = _edit_input(episode).load()
    return _edit_list(file, episode.settings.rate)


def _edit_input(episode: Episode) -> Input:
    path = episode.edit_list()
    if path is None:
        folder = episode.layout.shown(episode.folder)
        return Input(ABSENT, lambda: _EditFile(f"{folder}/edit.edl", None))
    shown = episode.layout.shown(path)
    return Input(episode.file_digest(shown), lambda: _EditFile(shown, path.read_bytes()))


def _edit_list(file: _EditFile, rate: Fraction) -> EditList:
    if file.data is None:
        raise InputError(f"there is no edit list: {file.shown} is missing", where=Where(file.shown),
                         hint="export a CMX3600 EDL from your editor to that place, "
                              "or write edit.yaml beside it")
    if file.shown.lower().endswith(".yaml"):
        return _sheet(file.data, file.shown, rate)
    from microfinish.interchange.readers import read_edit_list

    return read_edit_list(file.data, file.shown, rate)


def _sheet(data: bytes, shown: str, rate: Fraction) -> EditList:
    from microfinish.documents.validate import validate
    from microfinish.documents.yamltext import decode, parse

    parsed = parse(decode(data, shown), shown)
    sheet: Any = validate(parsed, EditSheet)
    return sheet_edit_list(sheet, shown, rate,
                           lambda index: parsed.mark(("events", index)).where)
