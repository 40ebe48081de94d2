"""The qc stage reads what was delivered, once, and never raises for what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from rules.defective_clips import Clip, make_clip, timeline

from microfinish.core.deliver import Master, Masters
from microfinish.core.finding import Findings
from microfinish.core.timeline import PictureLock, Revision
from microfinish.documents import record
from microfinish.media import delivered
from microfinish.pipeline.stage import Context, Options
from microfinish.project.project import Project
from microfinish.stages.qc import QcStage

pytestmark = pytest.mark.media
SETTINGS = "raster: 108x192\nplatforms: [instagram-reels]\n"
PATH = "deliver/ep001/instagram-reels.mp4"


@dataclass
class Show:
    """A project with a lock, a master document and one delivered clip."""

    root: Path

    def episode(self):
        return Project.open(self.root).episode("ep001")

    def deliver(self, **changes: object) -> None:
        scratch = self.root / "scratch"
        scratch.mkdir(exist_ok=True)
        made = make_clip(scratch, Clip(**changes))
        target = self.root / PATH
        target.parent.mkdir(parents=True, exist_ok=True)
        made.replace(target)

    def check(self) -> Findings:
        episode = self.episode()
        project = episode.project
        context = Context("ep001", self.root, project.facts, project.store, Options(),
                          lambda event: None, lambda: False)
        return QcStage().run(QcStage().inputs(episode), context)

    def digests(self) -> dict[str, str]:
        return QcStage().inputs(self.episode()).digests()


@pytest.fixture
def show(tmp_path: Path) -> Show:
    (tmp_path / "microfinish.yaml").write_text(SETTINGS, encoding="utf-8")
    documents = tmp_path / "episodes/ep001/documents"
    documents.mkdir(parents=True)
    lock = PictureLock((Revision(1, "d", "", "", "", timeline()),))
    master = Master("instagram-reels", "en", PATH, "d", 1, 75, -14.0, -13.0, ())
    record.write(documents / "lock.yaml", "lock", 1, {}, lock)
    record.write(documents / "master.yaml", "master", 1, {}, Masters(1, (master,)))
    return Show(tmp_path)


def test_a_clean_delivery_has_no_error(show: Show) -> None:
    show.deliver()
    found = show.check()
    assert found.checked == (PATH,)
    # Reels should be 540 x 960 at least, which a test clip is not; the page says should.
    assert {(f.rule, f.severity) for f in found.findings} == {("C06", "warning")}


def test_a_defect_is_found_in_the_delivered_file_with_its_shot(show: Show) -> None:
    show.deliver(picture="drawbox=color=black:t=fill:enable='between(n,40,45)'",
                 mux=("-movflags", "+faststart"))
    errors = {(f.rule, f.at, f.shot) for f in show.check().findings if f.severity == "error"}
    assert {("V01", "01:00:01:15", "A@1"), ("C02", "", "")} <= errors


def test_a_file_that_is_gone_or_cut_off_is_a_finding(show: Show) -> None:
    gone = show.check().findings
    assert [(f.rule, f.severity, f.message) for f in gone] == [
        ("C01", "error", "the delivered file is not there")]
    show.deliver()
    whole = (show.root / PATH).read_bytes()
    (show.root / PATH).write_bytes(whole[:len(whole) // 2])
    cut = show.check().findings
    assert [(f.rule, f.severity) for f in cut] == [("C01", "error")]


def test_a_changed_file_makes_qc_due_and_an_untouched_one_does_not(show: Show) -> None:
    show.deliver()
    before = show.digests()
    assert show.digests() == before
    show.deliver(picture="negate")
    after = show.digests()
    assert {name for name in after if after[name] != before[name]} == {PATH}


def test_a_file_is_decoded_once_however_often_it_is_checked(
        show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    show.deliver()
    first = show.check()
    for measure in ("measure_picture", "measure_sound", "read_streams"):
        monkeypatch.setattr(delivered, measure, lambda *a: pytest.fail("measured again"))
    limits = show.root / "presets/qc"
    limits.mkdir(parents=True)
    (limits / "default.yaml").write_text("extends: default\nmax_black_frames: 4\n")
    assert show.check() == first


def test_files_of_other_kinds_in_the_folder_do_not_matter(show: Show) -> None:
    show.deliver()
    before = show.digests()
    (show.root / "deliver/ep001/notes.txt").write_text("call the distributor")
    assert show.digests() == before
