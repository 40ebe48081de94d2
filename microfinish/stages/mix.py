"""mix: where every sample of the soundtrack comes from. Decides; nothing sounds here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from microfinish.core.cleanup import Cleanup
from microfinish.core.cues import CueFile, adr_dips, cue_clips
from microfinish.core.dialogue import dialogue_clips
from microfinish.core.errors import InputError, Problem, ProblemsError, Where
from microfinish.core.follow import carrier_between, doubt_of, stated, written_in
from microfinish.core.follow_cues import MARKER, CueNote, Spotting, by_timecode
from microfinish.core.markers import MarkerSheet, place_markers
from microfinish.core.media import MediaLog
from microfinish.core.mix import (
    DIALOGUE,
    EFFECTS,
    MUSIC,
    ROOM_TONE,
    SAMPLE_RATE,
    Bus,
    DialogueSheet,
    MixPlan,
    MixSheet,
)
from microfinish.core.room_tone import filled, gaps
from microfinish.core.shot_key import follow_keys
from microfinish.core.sync import SyncTable
from microfinish.core.time import sample_position
from microfinish.core.timeline import PictureLock
from microfinish.pipeline.events import Notice
from microfinish.pipeline.notices import together
from microfinish.pipeline.stage import Context, Input, Inputs
from microfinish.project.episode import ABSENT, Episode
from microfinish.stages.mix_cleanup import named_cleanups, tidied
from microfinish.stages.mix_printed import printed_stems

SOUND_FILE_VERSION = 1
SHEET_NAME = "mix.yaml"
_AS_LAID = DialogueSheet(source="camera")


class MixStage:
    """Decides stems, cues, cleanup and ducking; loudness belongs to each deliverable."""

    name = "mix"
    version = 5
    after = ("log", "sync", "lock")
    body = MixPlan

    def inputs(self, episode: Episode) -> Inputs:
        human = episode.human("mix", MixSheet)
        sheet = human.value or MixSheet()
        cleanup = Cleanup()
        if sheet.dialogue.cleanup:
            cleanup = episode.project.presets.resolve(
                "cleanup", sheet.dialogue.cleanup, Cleanup).value
        presets = episode.project.presets
        more: dict[str, Any] = {}
        if named := named_cleanups(sheet):
            more["cleanups"] = {name: presets.resolve("cleanup", name, Cleanup).value
                                for name in named}
        if _by_marker(sheet):
            marked = episode.human("markers", MarkerSheet)
            more["markers"] = Input(marked.digest, lambda: marked.value or MarkerSheet())
        return Inputs.of(
            log=episode.document("log", MediaLog),
            sync=episode.document("sync", SyncTable),
            lock=episode.document("lock", PictureLock),
            sheet=Input(human.digest, lambda: sheet),
            files={file: _digest(file, episode) for file in (
                *(cue.file for _, cues in sheet.cues() for cue in cues),
                *(printed.file for printed in sheet.printed))},
            cleanup=cleanup,
            conform=episode.settings.conform,
            **more,
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
        if _by_marker(sheet):
            spotting = replace(spotting, markers=_markers(inputs, lock, spotting))
        cues = {bus: cue_clips(sheets, known, spotting, bus) for bus, sheets in sheet.cues()}
        printed, seams, wrong_prints = printed_stems(sheet.printed, inputs["files"], lock, ctx)
        wrong = [problem for _, problems, _ in cues.values() for problem in problems]
        problems = [*unreadable, *(problem for problem in wrong
                                   if not any(problem.where == u.where for u in unreadable)),
                    *wrong_prints]
        if problems:
            raise ProblemsError(tuple(problems))
        dips = adr_dips(sheet.adr, known, spotting)
        followed = follow_keys({key: shot.where for key, shot in sheet.shots.items()}, lock, log,
                               revision)
        shots = {shot: sheet.shots[key] for shot, key in followed.shots.items()}
        produced, notices = dialogue_clips(timeline, log.by_path(), inputs["sync"],
                                           sheet.dialogue, inputs["conform"], shots=shots)
        samples = sample_position(timeline.frames, timeline.rate, SAMPLE_RATE)
        named = inputs["cleanups"] if named_cleanups(sheet) else {}
        tidy = tidied(produced, sheet, shots, inputs["cleanup"], named, ctx)
        dialogue = tidy.clips
        if sheet.dialogue.room_tone:
            tone = filled(gaps(dialogue, dips, samples), dialogue, tidy.rooms or {},
                          sheet.dialogue.room_tone_db, samples)
            cues[ROOM_TONE] = (tone, (), ())
        # what an editor laid as music or effects is no production sound: no recorder stands in
        laid = {bus: dialogue_clips(timeline, log.by_path(), inputs["sync"], _AS_LAID,
                                    inputs["conform"], bus) for bus in (MUSIC, EFFECTS)}
        notices = (*notices, *(notice for _, told in laid.values() for notice in told))
        for notice in together(ctx.episode, map(_place_and_text, notices), "info"):
            ctx.emit(notice)
        doubt = "" if sheet.revision else doubt_of(lock, SHEET_NAME, written)
        cue_notes = (*_doubts(doubt, sheet), *(n for _, _, notes in cues.values() for n in notes))
        for note in cue_notes:
            ctx.emit(Notice(ctx.episode, note.severity, note.message, note.hint, note.where))
        for seam in seams:
            if seam.severity != "info":
                ctx.emit(Notice(ctx.episode, "warning", seam.message, seam.fix, Where(seam.file)))
        return MixPlan(
            rate=timeline.rate,
            frames=timeline.frames,
            samples=samples,
            buses=(Bus(DIALOGUE, dialogue), Bus(MUSIC, (*cues[MUSIC][0], *laid[MUSIC][0])),
                   Bus(EFFECTS, (*cues[EFFECTS][0], *laid[EFFECTS][0])),
                   *(Bus(name, clips) for name, (clips, _, _) in cues.items()
                     if clips and name not in (MUSIC, EFFECTS))),
            ducking=sheet.ducking,
            cleanup=inputs["cleanup"],
            notices=(*notices, *(f"{note.where or SHEET_NAME}: {note.message}"
                                 for note in cue_notes)),
            printed=printed,
            findings=(*(finding for note in cue_notes if (finding := note.finding())), *seams,
                      *followed.findings("mix", {k: s.where for k, s in sheet.shots.items()})),
            dips=dips,
            cleaned=tidy.report,
        )

    def missing(self, body: MixPlan, episode: Episode) -> tuple[str, ...]:
        return ()


def _by_marker(sheet: MixSheet) -> bool:
    return any(cue.at.startswith(MARKER) for _, cues in sheet.cues() for cue in cues)


def _markers(inputs: Inputs, lock: PictureLock, spotting: Spotting) -> dict[str, int | None]:
    """Where every marker that has a text stands in the current cut; of equal ones, the first."""
    marked: MarkerSheet = inputs["markers"]
    written = (stated(lock, marked.revision, Where("markers.yaml")) if marked.revision
               else written_in(lock, "markers.yaml", inputs.digests()["markers"]))
    own = replace(spotting, carrier=carrier_between(written, lock.current))
    found: dict[str, int | None] = {}
    for marker in place_markers(marked, own).markers:
        if marker.text and found.get(marker.text.casefold()) is None:
            found[marker.text.casefold()] = marker.frame
    return found


def _doubts(doubt: str, sheet: MixSheet) -> tuple[CueNote, ...]:
    """What is uncertain about the time of a sheet that has cues by timecode."""
    timed = [cue for _, cues in sheet.cues() for cue in cues
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
    for cue in (cue for _, cues in sheet.cues() for cue in cues):
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
