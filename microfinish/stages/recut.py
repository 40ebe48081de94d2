"""What a re-cut left to decide: gathered from the documents of everything that follows picture.

Each stage says in its document what happened to its own things; here it becomes one list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from microfinish.core.errors import InputError
from microfinish.core.finding import Finding
from microfinish.core.follow import carrier_between, label, stated, written_in
from microfinish.core.follow_cues import Spotting
from microfinish.core.markers import MarkerSheet, Placed, place_markers
from microfinish.core.media import MediaLog
from microfinish.core.timeline import PictureLock
from microfinish.project.episode import Episode
from microfinish.stages.reframe_recut import as_before

FOLLOWING = ("vfx", "grade", "reframe", "title", "mix")
"""Stages whose things follow picture, in the order their findings are told."""
MARKERS, RETURN = "markers", "vfx.return"
_KINDS = frozenset({"recut", "parked", "seam", "gap"})


@dataclass(frozen=True, slots=True)
class Recut:
    """`since` is the oldest revision that something is written in the time of.

    `decisions` want a person; `parked` fell out of the picture and is kept; `done` was decided
    by rule and can be looked at: seams in silence. `stale` are stages that have not followed yet.
    """

    revision: int
    since: int
    decisions: tuple[Finding, ...]
    parked: tuple[Finding, ...]
    done: tuple[Finding, ...]
    stale: tuple[str, ...]


def recut(episode: Episode) -> Recut:
    """What the re-cut of a locked episode left to decide, by what its documents say now."""
    lock: PictureLock = episode.document("lock", PictureLock).load()
    locked = episode.document("lock").digest
    findings: list[Finding] = []
    stale: list[str] = []
    for stage in FOLLOWING:
        document = episode.document(stage)
        if stage not in episode.settings.stages or document.header is None:
            continue
        if document.header.inputs.get("lock") != locked:
            stale.append(stage)
            continue
        own = document.load().findings
        findings += [f for f in own if _kind(f) in _KINDS]
        findings += _of_changed_shots([f for f in own if f.rule == RETURN], lock)
    findings += markers_of(episode, lock).findings
    findings = list(dict.fromkeys(findings))
    to_decide = tuple(_in_order(f for f in findings if f.severity != "info"))
    revision = lock.current.revision
    return Recut(revision, _since(episode, lock), to_decide,
                 tuple(_in_order(f for f in findings
                                 if f.severity == "info" and _kind(f) == "parked")),
                 tuple(_in_order(f for f in findings
                                 if f.severity == "info" and _kind(f) != "parked")),
                 tuple(stale))


def markers_of(episode: Episode, lock: PictureLock | None = None) -> Placed:
    """The markers of an episode in its current cut. Raises ProblemsError."""
    lock = lock or episode.document("lock", PictureLock).load()
    human = episode.human(MARKERS, MarkerSheet)
    sheet = human.value or MarkerSheet()
    log = episode.document("log", MediaLog)
    revision = (stated(lock, sheet.revision) if sheet.revision
                else written_in(lock, f"{MARKERS}.yaml", human.digest))
    return place_markers(sheet, Spotting(
        lock, log.load() if log.exists else MediaLog(()), carrier_between(revision, lock.current),
        episode.settings.conform))


def _of_changed_shots(findings: Iterable[Finding], lock: PictureLock) -> Iterator[Finding]:
    """What is wrong with the VFX of shots that a re-cut changed, with where those were and are."""
    before = as_before(lock)
    now = {event.shot: event for event in lock.current.timeline.picture()}
    for finding in findings:
        if finding.shot in before and finding.shot in now:
            revision, event = before[finding.shot]
            yield replace(finding, was=label(revision.timeline, event.record.start),
                          at=label(lock.current.timeline, now[finding.shot].record.start))


def _since(episode: Episode, lock: PictureLock) -> int:
    """The revision before the current one that was another cut; the current where none was."""
    for revision in reversed(lock.revisions[:-1]):
        if revision.timeline.events != lock.current.timeline.events:
            return revision.revision
    return lock.current.revision


def _kind(finding: Finding) -> str:
    return finding.rule.rpartition(".")[2]


def _in_order(findings: Iterable[Finding]) -> Iterator[Finding]:
    return iter(sorted(findings, key=lambda f: (f.at or f.was, f.rule)))


def following(episode: Episode) -> tuple[str, ...]:
    """The stages that decided about this episode before and follow its lock."""
    found = []
    for stage in FOLLOWING:
        try:
            header = episode.document(stage).header
        except InputError:  # edited by hand: its own run says so
            continue
        if header is not None and stage in episode.settings.stages:
            found.append(stage)
    return tuple(found)
