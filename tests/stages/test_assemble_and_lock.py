"""log, assemble and lock on a real project folder, through the pipeline's own types."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from synth.footage import make_clip
from synth.project import ProjectFolder

from microfinish.core.errors import InputError, LockedError, ProblemsError
from microfinish.core.media import MediaLog
from microfinish.core.time import Span
from microfinish.core.timeline import PictureLock, Timeline, Transition
from microfinish.pipeline.stage import Context, Inputs, Options
from microfinish.project.project import Project
from microfinish.stages.assemble import AssembleStage
from microfinish.stages.lock import LockStage
from microfinish.stages.log import LogStage, thumbnail_key

SHEET = """\
events:
  - {media: A001C003, in: "01:00:00:00", out: "01:00:01:00"}
  - {media: A001C003, in: "01:00:01:10", out: "01:00:01:20", speed: 1/2, dissolve: 5}
"""
EDL = """\
TITLE: EP001
001  A001 V     C        01:00:00:00 01:00:01:00 10:00:00:00 10:00:01:00
002  A001 V     C        01:00:01:10 01:00:01:20 10:00:01:00 10:00:01:10
"""


class Bench:
    """A project with one clip, and the three stages run by hand."""

    def __init__(self, root: Path) -> None:
        self.folder = ProjectFolder.make(root)
        self.clip = make_clip(root / "media" / "A001C003.mov", frames=50, size=(96, 64),
                              timecode="01:00:00:00")

    def context(self, previous: Any = None, **options: Any) -> Context:
        project = Project.open(self.folder.root)
        return Context("ep001", self.folder.root, project.facts, project.store,
                       Options(**options), lambda event: None, lambda: False, previous)

    def inputs(self, stage: Any, **values: Any) -> Inputs:
        """The stage's own inputs, with the documents before it given as values."""
        episode = Project.open(self.folder.root).episode("ep001")
        own = stage.inputs(episode)
        assert set(values) <= set(own)
        merged: dict[str, Any] = {name: own[name] for name in own if name not in values}
        return Inputs.of(**merged, **values)

    def log(self) -> MediaLog:
        stage = LogStage()
        return stage.run(self.inputs(stage), self.context())

    def assemble(self, previous: Timeline | None = None) -> Timeline:
        stage = AssembleStage()
        return stage.run(self.inputs(stage, log=self.log()), self.context(previous))

    def lock(self, timeline: Timeline, previous: PictureLock | None = None,
             **options: Any) -> PictureLock:
        stage = LockStage()
        return stage.run(self.inputs(stage, assemble=timeline), self.context(previous, **options))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "show")


def test_log_measures_every_file_and_keeps_a_thumbnail(bench: Bench) -> None:
    log = bench.log()
    media = log.by_path()["media/A001C003.mov"]
    assert media.start_frame == 90_000 and media.picture is not None
    assert media.picture.frames == 50
    store = Project.open(bench.folder.root).store
    assert store.get(thumbnail_key(media.digest), ".jpg")


def test_nothing_is_measured_twice(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bench.log()

    def never(*arguments: Any) -> Any:
        raise AssertionError("probed again")

    monkeypatch.setattr("microfinish.media.probe.probe", never)
    monkeypatch.setattr("microfinish.media.thumbnails.thumbnail", never)
    assert bench.log() == before


def test_copies_and_damaged_files_are_findings(bench: Bench) -> None:
    (bench.folder.root / "media/copy.mov").write_bytes(bench.clip.path.read_bytes())
    (bench.folder.root / "media/bad.mov").write_bytes(b"broken")
    rules = {finding.rule for finding in bench.log().findings}
    assert {"log.copies", "log.damaged"} <= rules


def test_edit_yaml_becomes_the_timeline(bench: Bench) -> None:
    bench.folder.write("episodes/ep001/edit.yaml", SHEET)
    timeline = bench.assemble()
    assert [(event.shot, event.source, event.record, event.speed) for event in timeline.events] == [
        ("sh010", Span(0, 25), Span(0, 25), 1),
        ("sh020", Span(35, 45), Span(25, 45), Fraction(1, 2))]
    assert timeline.events[1].transition == Transition("dissolve", 5)
    assert timeline.events[1].where is not None
    assert (timeline.events[1].where.file, timeline.events[1].where.line) == (
        "episodes/ep001/edit.yaml", 3)


def test_an_edl_becomes_the_timeline(bench: Bench) -> None:
    bench.folder.write("episodes/ep001/edit.edl", EDL)
    timeline = bench.assemble()
    assert [(event.source, event.record) for event in timeline.events] == [
        (Span(0, 25), Span(0, 25)), (Span(35, 45), Span(25, 35))]
    assert timeline.start_frame == 900_000


def test_ids_survive_a_re_cut(bench: Bench) -> None:
    bench.folder.write("episodes/ep001/edit.edl", EDL)
    first = bench.assemble()
    head = EDL.replace("01:00:00:00 01:00:01:00 10:00:00:00", "01:00:00:05 01:00:01:00 10:00:00:05")
    bench.folder.write("episodes/ep001/edit.edl", head)
    assert [event.shot for event in bench.assemble(first).events] == ["sh010", "sh020"]


def test_problems_of_edit_yaml_carry_their_line(bench: Bench) -> None:
    bench.folder.write("episodes/ep001/edit.yaml", SHEET.replace("out:", "ouut:", 1))
    with pytest.raises(ProblemsError) as caught:
        bench.assemble()
    problem = caught.value.problems[0]
    assert problem.where is not None and problem.where.line == 2
    assert "out" in problem.hint


def test_no_edit_list_says_where_to_put_one(bench: Bench) -> None:
    with pytest.raises(InputError) as caught:
        bench.assemble()
    assert "episodes/ep001/edit.edl" in caught.value.message


def test_the_first_lock_freezes_revision_one(bench: Bench) -> None:
    bench.folder.write("episodes/ep001/edit.yaml", SHEET)
    timeline = bench.assemble()
    lock = bench.lock(timeline)
    assert lock.current.revision == 1
    assert lock.current.timeline == timeline
    assert lock.current.at and lock.current.by


def test_an_unchanged_edit_keeps_the_lock_as_it_is(bench: Bench) -> None:
    bench.folder.write("episodes/ep001/edit.yaml", SHEET)
    lock = bench.lock(bench.assemble())
    bench.folder.write("episodes/ep001/edit.yaml", "# a remark\n\n" + SHEET)
    again = bench.assemble()
    assert again != lock.current.timeline
    assert bench.lock(again, lock) is lock


def test_a_changed_edit_is_refused_with_what_changed(bench: Bench) -> None:
    bench.folder.write("episodes/ep001/edit.yaml", SHEET)
    first = bench.assemble()
    lock = bench.lock(first)
    bench.folder.write("episodes/ep001/edit.yaml", SHEET.replace("01:00:01:00", "01:00:00:20"))
    with pytest.raises(LockedError) as caught:
        bench.lock(bench.assemble(first), lock)
    assert caught.value.exit_code == 4
    assert any("sh010 trimmed" in line for line in caught.value.detail)
    assert not any("sh020" in line for line in caught.value.detail), "it was only pushed along"
    assert "microfinish lock ep001 --relock" in caught.value.hint


def test_relock_adds_a_revision_and_keeps_the_old_one(bench: Bench) -> None:
    bench.folder.write("episodes/ep001/edit.yaml", SHEET)
    first = bench.assemble()
    lock = bench.lock(first)
    bench.folder.write("episodes/ep001/edit.yaml", SHEET.replace("01:00:01:00", "01:00:00:20"))
    second = bench.lock(bench.assemble(first), lock, relock=True, note="tighter")
    assert [revision.revision for revision in second.revisions] == [1, 2]
    assert second.revisions[0] == lock.current
    assert (second.current.note, second.current.timeline.events[0].source) == (
        "tighter", Span(0, 20))


def test_new_shot_ids_alone_do_not_break_the_lock(bench: Bench) -> None:
    """A lost assemble.yaml numbers its shots anew; the locked ids stay."""
    bench.folder.write("episodes/ep001/edit.yaml", SHEET)
    timeline = bench.assemble()
    lock = bench.lock(timeline)
    renamed = replace(timeline, events=tuple(replace(event, shot=f"x{event.shot}")
                                             for event in timeline.events))
    assert bench.lock(renamed, lock) is lock


def test_loading_the_stages_loads_no_decoder() -> None:
    import subprocess
    import sys

    code = ("import sys, microfinish.stages.log, microfinish.stages.assemble, "
            "microfinish.stages.lock; "
            "print([m for m in ('av', 'cv2', 'numpy', 'yaml') if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          cwd=Path(__file__).parents[2])
    assert done.stdout.strip() == "[]"


def test_an_illegal_cdl_of_an_edl_is_told_with_its_line_and_not_twice(bench: Bench) -> None:
    sop = "* ASC_SOP (1.0 -1.1 1.0)(0 0 0)(1 1 1)\n"
    bench.folder.write("episodes/ep001/edit.edl", EDL + sop)
    told: list[Any] = []
    stage = AssembleStage()
    stage.run(bench.inputs(stage, log=bench.log()), replace(bench.context(), emit=told.append))
    (notice,) = told
    assert "ASC CDL wants slope >= 0" in notice.message
    assert (notice.where.line, notice.hint) == (4, "")
