"""Printed mixes and stems of an episode: checked against their revision, laid under the cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from microfinish.core.errors import InputError, Problem
from microfinish.core.finding import Finding
from microfinish.core.follow import label
from microfinish.core.follow_cues import record_frame
from microfinish.core.mix import SAMPLE_RATE
from microfinish.core.printed import PrintedGap, PrintedSheet, PrintedStem, Seam
from microfinish.core.printed_conform import PrintedFile, conformed
from microfinish.core.time import Span, format_rate, format_timecode, sample_position
from microfinish.core.timeline import PictureLock, Revision
from microfinish.pipeline.stage import Context
from microfinish.project.episode import ABSENT

_EXPORT = ("export it from the first frame of the picture to the last, without leader, 2-pop or "
           "tail, or name the revision that it was made for")
_WHOLE = frozenset({"mix"})


def printed_stems(sheets: tuple[PrintedSheet, ...], digests: Mapping[str, str],
                  lock: PictureLock, ctx: Context
                  ) -> tuple[tuple[PrintedStem, ...], tuple[Finding, ...], list[Problem]]:
    """(the stems in the time of the current cut, their seams and gaps as findings, problems)."""
    stems: list[PrintedStem] = []
    findings: list[Finding] = []
    problems: list[Problem] = []
    roles: set[str] = set()
    for sheet in sheets:
        if sheet.role in roles or (roles and {sheet.role, *roles} & _WHOLE):
            problems.append(Problem(f"{sheet.file}: another printed file stands for the same sound",
                                    sheet.where, "keep one per role; a printed mix stands alone"))
            continue
        roles.add(sheet.role)
        try:
            written = _revision(sheet, lock)
            file = _file(sheet, digests, ctx)
            _check(sheet, file, written, lock)
            stem = conformed(file, sheet.role, written.revision, written.timeline,
                             lock.current.timeline, _asked(sheet, lock))
        except InputError as error:
            problems.append(Problem(error.message, error.where or sheet.where, error.hint))
            continue
        stems.append(stem)
        findings += _told(stem, sheet, written, lock.current)
    return tuple(stems), tuple(findings), problems


def _revision(sheet: PrintedSheet, lock: PictureLock) -> Revision:
    found = next((r for r in lock.revisions if r.revision == sheet.revision), None)
    if found is None:
        known = ", ".join(str(r.revision) for r in lock.revisions)
        raise InputError(f"{sheet.file} is for revision {sheet.revision}, which the picture lock "
                         "does not have", hint=f"revisions: {known}")
    if found.timeline.rate != lock.current.timeline.rate:
        raise InputError(
            f"{sheet.file} is for revision {sheet.revision} at "
            f"{format_rate(found.timeline.rate)} fps; the cut is at "
            f"{format_rate(lock.current.timeline.rate)} fps now",
            hint="ask the sound house for a conversion")
    return found


def _file(sheet: PrintedSheet, digests: Mapping[str, str], ctx: Context) -> PrintedFile:
    content = digests[sheet.file]
    if content == ABSENT:
        raise InputError(f"there is no file {sheet.file}",
                         hint="write the path from the project's folder: mix/ep001_dx.wav")
    from microfinish.media.printed import PRINTED_VERSION, measure_print

    fact: Any = ctx.facts.get("printed-sound", PRINTED_VERSION, content,
                              lambda: measure_print(ctx.path(sheet.file)))
    return PrintedFile(sheet.file, content, fact["rate"], fact["samples"],
                       tuple(Span(start, end) for start, end in fact["silent"]))


def _check(sheet: PrintedSheet, file: PrintedFile, written: Revision, lock: PictureLock) -> None:
    """Raise InputError with the figures where the file cannot be what it is said to be."""
    if file.sample_rate != SAMPLE_RATE:
        raise InputError(f"{file.path} is at {file.sample_rate} Hz; printed sound must be at "
                         f"{SAMPLE_RATE} Hz", hint="ask for it at 48 kHz: resampling here would "
                                                   "cost the exact samples")
    rate = written.timeline.rate
    wanted = _samples(written)
    frame = SAMPLE_RATE / rate
    if abs(file.samples - wanted) * 2 <= frame:  # workstations round the last frame
        return
    apart = round((file.samples - wanted) / frame)
    fits = [r.revision for r in lock.revisions
            if abs(file.samples - _samples(r)) * 2 <= frame and r.timeline.rate == rate]
    raise InputError(
        f"{file.path} is {format_timecode(round(file.samples / frame), rate)} long "
        f"({file.samples} samples), revision {written.revision} is "
        f"{format_timecode(written.timeline.frames, rate)} ({wanted} samples): "
        f"{abs(apart)} frames too {'long' if apart > 0 else 'short'}",
        hint=f"it is as long as revision {fits[-1]}: write revision: {fits[-1]}" if fits
        else _EXPORT)


def _samples(revision: Revision) -> int:
    return sample_position(revision.timeline.frames, revision.timeline.rate, SAMPLE_RATE)


def _asked(sheet: PrintedSheet, lock: PictureLock) -> dict[int, int]:
    return {record_frame(at, lock.current.timeline): moved for at, moved in sheet.seams.items()}


def _told(stem: PrintedStem, sheet: PrintedSheet, old: Revision, new: Revision
          ) -> Iterator[Finding]:
    for seam in stem.seams:
        yield _seam(seam, stem, sheet, old, new)
    for gap in stem.gaps:
        yield _gap(gap, stem, sheet, new)


def _seam(seam: Seam, stem: PrintedStem, sheet: PrintedSheet, old: Revision, new: Revision
          ) -> Finding:
    here = label(new.timeline, _frame(seam.at, new))
    at_out = "" if seam.out is None else label(old.timeline, seam.out)
    at_in = "" if seam.in_ is None else label(old.timeline, seam.in_)
    what = (f"{at_out} runs into {at_in}" if at_out and at_in
            else f"ends at {at_out}" if at_out else f"begins at {at_in}")
    milliseconds = (seam.end - seam.start) * 1000 // SAMPLE_RATE
    how = {"silence": "in silence", "cut": "in program, by a crossfade of 10 ms",
           "moved": f"in the silence beside the cut; {milliseconds} ms differ",
           "asked": "as mix.yaml says", "gap": "beside a shot that it does not know",
           "edge": "at an end of the episode"}[seam.kind]
    where = f"{how}, in program" if seam.program and seam.kind != "cut" else how
    fix = ""
    if seam.program:
        fix = f'listen; to take it as it is, in mix.yaml: seams: {{"{here}": 0}}' \
            if seam.kind == "cut" else "ask the sound house for the tail or the head of it"
        if seam.kind == "cut":
            fix += "; another number moves it by frames"
    return Finding(
        "mix.seam", "warning" if seam.program else "info",
        f"{stem.source} is cut at {here} {where}: {what} of revision {old.revision}",
        str(sheet.where or "mix.yaml"), here, was=at_in or at_out, fix=fix)


def _gap(gap: PrintedGap, stem: PrintedStem, sheet: PrintedSheet, new: Revision) -> Finding:
    start, end = (label(new.timeline, _frame(at, new)) for at in (gap.start, gap.end))
    return Finding(
        "mix.gap", "warning",
        f"{stem.source} has nothing for {', '.join(gap.shots)} ({start}-{end}), which revision "
        f"{stem.revision} did not have: production dialogue and the cues of mix.yaml fill it",
        str(sheet.where or "mix.yaml"), start,
        fix=f"ask the sound house for {start}-{end}, or a new print of revision {new.revision}: "
            f"printed: [{{file: {stem.source}, revision: {new.revision}, role: {stem.role}}}]")


def _frame(sample: int, revision: Revision) -> int:
    return round(sample * revision.timeline.rate / SAMPLE_RATE)
