"""mix: where every sample of the soundtrack comes from. Decides; nothing sounds here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from microfinish.core.cues import CueFile, cue_clips
from microfinish.core.dialogue import dialogue_clips
from microfinish.core.errors import InputError, Problem, ProblemsError, Where
from microfinish.core.follow import carrier_between, doubt_of, stated, written_in
from microfinish.core.follow_cues import CueNote, Spotting, by_timecode
from microfinish.core.media import MediaLog
from microfinish.core.mix import (
    DIALOGUE,
    EFFECTS,
    MUSIC,
    SAMPLE_RATE,
    Bus,
    Cleanup,
    DialogueSheet,
    MixPlan,
    MixSheet,
)
from microfinish.core.sync import SyncTable
from microfinish.core.time import sample_position
from microfinish.core.timeline import PictureLock
from microfinish.pipeline.events import Notice
from microfinish.pipeline.notices import together
from microfinish.pipeline.stage import Context, Input, Inputs
from microfinish.project.episode import ABSENT, Episode
from microfinish.stages.mix_printed import printed_stems

SOUND_FILE_VERSION = 1
SHEET_NAME = "mix.yaml"
_AS_LAID = DialogueSheet(source="camera")


class MixStage:
    """Decides stems, cues, cleanup and ducking; loudness belongs to each deliverable."""

    name = "mix"
    version = 4
    after = ("log", "sync", "lock")
    body = MixPlan

    def inputs(self, episode: Episode) -> Inputs:
        human = episode.human("mix", MixSheet)
        sheet = human.value or MixSheet()
        cleanup = Cleanup()
        if sheet.dialogue.cleanup:
            cleanup = episode.project.presets.resolve(
                "cleanup", sheet.dialogue.cleanup, Cleanup).value
        return Inputs.of(
            log=episode.document("log", MediaLog),
            sync=episode.document("sync", SyncTable),
            lock=episode.document("lock", PictureLock),
            sheet=Input(human.digest, lambda: sheet),
            files={file: _digest(file, episode) for file in (
                *(cue.file for cue in (*sheet.music, *sheet.effects)),
                *(printed.file for printed in sheet.printed))},
            cleanup=cleanup,
            conform=episode.settings.conform,
        )

    def run(self, inputs: Inputs, ctx: Context) -> MixPlan:
        lock: PictureLock = inputs["lock"]
        log: MediaLog = inputs["log"]
        timeline = lock.current.timeline
        sheet: MixSheet = inputs["sheet"]
        files, unreadable = _cue_files(inputs["files"], sheet, ctx)
        known = {name: file for name, file in files.items() if file}
        written = inputs.digests()["sheet"]
        revision = (stated(lock, sheet.revision, Where(SHEET_NAME)) if sheet.revision
                    else written_in(lock, SHEET_NAME, written))
        spotting = Spotting(lock, log, carrier_between(revision, lock.current), inputs["conform"])
        if any(printed.role == "mix" for printed in sheet.printed):
            spotting = replace(spotting, lost="is not laid (the printed mix is heard there)")
        music, wrong_music, music_notes = cue_clips(sheet.music, known, spotting, MUSIC)
        effects, wrong_effects, effect_notes = cue_clips(sheet.effects, known, spotting, EFFECTS)
        printed, seams, wrong_prints = printed_stems(sheet.printed, inputs["files"], lock, ctx)
        problems = [*unreadable, *(problem for problem in (*wrong_music, *wrong_effects)
                                   if not any(problem.where == u.where for u in unreadable)),
                    *wrong_prints]
        if problems:
            raise ProblemsError(tuple(problems))
        dialogue, notices = dialogue_clips(timeline, log.by_path(), inputs["sync"],
                                           sheet.dialogue, inputs["conform"])
        # what an editor laid as music or effects is no production sound: no recorder stands in
        laid = {bus: dialogue_clips(timeline, log.by_path(), inputs["sync"], _AS_LAID,
                                    inputs["conform"], bus) for bus in (MUSIC, EFFECTS)}
        notices = (*notices, *(notice for _, told in laid.values() for notice in told))
        for notice in together(ctx.episode, map(_place_and_text, notices), "info"):
            ctx.emit(notice)
        doubt = "" if sheet.revision else doubt_of(lock, SHEET_NAME, written)
        cue_notes = (*_doubts(doubt, sheet), *music_notes, *effect_notes)
        for note in cue_notes:
            ctx.emit(Notice(ctx.episode, note.severity, note.message, note.hint, note.where))
        for seam in seams:
            if seam.severity != "info":
                ctx.emit(Notice(ctx.episode, "warning", seam.message, seam.fix, Where(seam.file)))
        return MixPlan(
            rate=timeline.rate,
            frames=timeline.frames,
            samples=sample_position(timeline.frames, timeline.rate, SAMPLE_RATE),
            buses=(Bus(DIALOGUE, dialogue), Bus(MUSIC, (*music, *laid[MUSIC][0])),
                   Bus(EFFECTS, (*effects, *laid[EFFECTS][0]))),
            ducking=sheet.ducking,
            cleanup=inputs["cleanup"],
            notices=(*notices, *(f"{note.where or SHEET_NAME}: {note.message}"
                                 for note in cue_notes)),
            printed=printed,
            findings=(*(finding for note in cue_notes if (finding := note.finding())), *seams),
        )

    def missing(self, body: MixPlan, episode: Episode) -> tuple[str, ...]:
        return ()


def _doubts(doubt: str, sheet: MixSheet) -> tuple[CueNote, ...]:
    """What is uncertain about the time of a sheet that has cues by timecode."""
    timed = [cue for cue in (*sheet.music, *sheet.effects)
             if by_timecode(cue) and not cue.revision]
    if not doubt or not timed:
        return ()
    return (CueNote("warning", doubt, timed[0].where,
                    "where they still count in the old one, write revision: N at its top"),)


def _place_and_text(notice: str) -> tuple[str, str]:
    place, _, text = notice.partition(": ")
    return place, text


def _digest(file: str, episode: Episode) -> str:
    path = PurePosixPath(file)
    if path.is_absolute() or ".." in path.parts or "\\" in file or ":" in file:
        return ABSENT  # outside the project: reported as a missing file, with the place
    return episode.file_digest(file)


def _cue_files(
    digests: dict[str, str], sheet: MixSheet, ctx: Context
) -> tuple[dict[str, CueFile | None], list[Problem]]:
    """(each cue file that is there and sounds, a problem for each that is there and does not)."""
    files: dict[str, CueFile | None] = {}
    problems: list[Problem] = []
    for cue in (*sheet.music, *sheet.effects):
        content = digests[cue.file]
        if cue.file in files or content == ABSENT:
            continue
        try:
            files[cue.file] = _described(cue.file, content, ctx)
        except InputError as error:
            files[cue.file] = None
            problems.append(Problem(error.message, cue.where, error.hint))
    return files, problems


def _described(name: str, content: str, ctx: Context) -> CueFile:
    from microfinish.media.sound import describe

    def measure() -> list[int]:
        return list(describe(ctx.path(name)))

    fact: Any = ctx.facts.get("sound-file", SOUND_FILE_VERSION, content, measure)
    rate, channels, samples = fact
    return CueFile(name, content, rate, channels, samples)
