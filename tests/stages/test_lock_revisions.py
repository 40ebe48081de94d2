"""Lock revisions: sealed, comparable, and an old one can be made current again."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from synth.project import ProjectFolder

from microfinish.core.errors import EditedByHand, InputError, LockedError
from microfinish.core.shots import with_shot_ids
from microfinish.core.time import Span
from microfinish.core.timeline import Event, PictureLock, Timeline
from microfinish.documents import record
from microfinish.pipeline.events import Event as Told
from microfinish.pipeline.events import Notice
from microfinish.pipeline.stage import Context, Inputs, Options
from microfinish.project.project import Project
from microfinish.stages.lock import LockStage, agrees, identified


def cut(*spans: tuple[str, int, int]) -> Timeline:
    events, at = [], 0
    for media, start, end in spans:
        events.append(Event("", "V", media, Span(start, end), Span(at, at + end - start)))
        at += end - start
    return with_shot_ids(Timeline(Fraction(25), tuple(events)))


ONE = cut(("a", 0, 100), ("b", 0, 100), ("c", 50, 150))
TWO = cut(("a", 0, 90), ("x", 0, 40), ("c", 50, 150))
THREE = cut(("c", 50, 150), ("a", 0, 90))


class Desk:
    """An episode whose lock is decided by hand, without files of media."""

    def __init__(self, root: Path) -> None:
        self.folder = ProjectFolder.make(root)
        self.said: list[Told] = []

    def lock(self, edit: Timeline, previous: PictureLock | None = None,
             **options: Any) -> PictureLock:
        project = Project.open(self.folder.root)
        context = Context("ep001", self.folder.root, project.facts, project.store,
                          Options(**options), self.said.append, lambda: False, previous)
        own = LockStage().inputs(project.episode("ep001"))
        return LockStage().run(Inputs.of(
            assemble=edit, kept_human_files=own["kept_human_files"]), context)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "show")


def test_going_back_makes_the_old_cut_with_its_ids_the_newest_revision(desk: Desk) -> None:
    lock = desk.lock(TWO, desk.lock(ONE), relock=True)
    back = desk.lock(TWO, lock, back_to=1)
    assert [revision.revision for revision in back.revisions] == [1, 2, 3]
    assert back.current.timeline == ONE
    assert back.current.note == "back to revision 1"
    assert back.revisions[:2] == lock.revisions


def test_runs_go_on_with_the_old_cut_while_the_edit_that_was_set_aside_lies_there(
    desk: Desk
) -> None:
    back = desk.lock(TWO, desk.lock(TWO, desk.lock(ONE), relock=True), back_to=1)
    assert any(isinstance(told, Notice) and "set aside" in told.message for told in desk.said)
    assert agrees(back, TWO)
    assert desk.lock(TWO, back) is back


def test_another_edit_after_going_back_is_refused(desk: Desk) -> None:
    back = desk.lock(TWO, desk.lock(TWO, desk.lock(ONE), relock=True), back_to=1)
    with pytest.raises(LockedError) as caught:
        desk.lock(THREE, back)
    assert "revision 3" in caught.value.message


def test_relocking_takes_the_edit_that_was_set_aside_with_its_own_ids(desk: Desk) -> None:
    second = desk.lock(TWO, desk.lock(ONE), relock=True)
    again = desk.lock(TWO, desk.lock(TWO, second, back_to=1), relock=True, note="new cut after all")
    assert again.current.revision == 4
    assert again.current.timeline == second.current.timeline


def test_going_back_to_the_current_cut_changes_nothing(desk: Desk) -> None:
    lock = desk.lock(ONE)
    assert desk.lock(ONE, lock, back_to=1) is lock


def test_a_revision_that_never_was_is_named_with_those_that_are(desk: Desk) -> None:
    with pytest.raises(InputError) as caught:
        desk.lock(ONE, desk.lock(ONE), back_to=7)
    assert "no revision 7" in caught.value.message and "1" in caught.value.hint


def test_a_deleted_shot_that_comes_back_later_is_itself_again(desk: Desk) -> None:
    lock = desk.lock(THREE, desk.lock(ONE), relock=True)
    found = identified(ONE, lock)
    assert [event.shot for event in found.picture()] == ["sh010", "sh020", "sh030"]


def test_a_revision_keeps_what_was_in_force(desk: Desk) -> None:
    desk.folder.write("episodes/ep001/grade.yaml", "shots: {}\n")
    desk.folder.write("episodes/ep001/subtitles/en.srt", "1\n00:00:00,000 --> 00:00:01,000\nHi\n")
    revision = desk.lock(ONE, note="locked with the director").current
    assert set(revision.human) == {"microfinish.yaml", "grade.yaml", "subtitles/en.srt"}
    assert revision.by and revision.at.startswith("20")
    assert revision.note == "locked with the director"


def test_a_changed_human_file_does_not_make_the_lock_due(desk: Desk) -> None:
    def digests() -> dict[str, str]:
        return LockStage().inputs(Project.open(desk.folder.root).episode("ep001")).digests()

    before = digests()
    desk.folder.write("episodes/ep001/grade.yaml", "shots: {}\n")
    assert digests() == before


def tampered(lock: PictureLock, at: int, **changes: Any) -> PictureLock:
    revisions = list(lock.revisions)
    revisions[at] = replace(revisions[at], **changes)
    return PictureLock(tuple(revisions))


@pytest.mark.parametrize(("at", "changes"), [
    (0, {"timeline": TWO}), (0, {"note": "never said"}), (0, {"by": "somebody"}),
    (0, {"seal": ""}), (1, {"human": {"grade.yaml": "0"}}), (1, {"digest": "0"}),
])
def test_a_revision_that_was_tampered_with_is_named(
    desk: Desk, at: int, changes: dict[str, Any]
) -> None:
    lock = desk.lock(THREE, desk.lock(TWO, desk.lock(ONE), relock=True), relock=True)
    with pytest.raises(EditedByHand) as caught:
        desk.lock(THREE, tampered(lock, at, **changes))
    # a seal taken off is missed by the one that was put over it
    named = at + 2 if changes == {"seal": ""} else at + 1
    assert f"revision {named} " in caught.value.message or f"revision {at + 1} " in \
        caught.value.message


def test_the_file_is_refused_even_where_its_header_was_made_to_fit(desk: Desk) -> None:
    path = desk.folder.root / "episodes/ep001/documents/lock.yaml"
    path.parent.mkdir(parents=True)
    lock = desk.lock(TWO, desk.lock(ONE), relock=True)
    record.write(path, "lock", LockStage.version, {}, lock)
    LockStage().inputs(Project.open(desk.folder.root).episode("ep001"))
    record.write(path, "lock", LockStage.version, {}, tampered(lock, 0, timeline=THREE))
    with pytest.raises(EditedByHand) as caught:
        LockStage().inputs(Project.open(desk.folder.root).episode("ep001"))
    assert "revision 1 in episodes/ep001/documents/lock.yaml" in caught.value.message


def test_a_relock_adds_lines_to_the_file_and_changes_none_of_the_body(desk: Desk) -> None:
    first = desk.lock(ONE)
    second = desk.lock(TWO, first, relock=True)
    assert record.body_text(second).startswith(record.body_text(first))
