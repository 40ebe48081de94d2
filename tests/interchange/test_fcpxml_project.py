"""An FCPXML bundle in a project folder becomes the episode's timeline."""

from pathlib import Path
from typing import Any

import pytest
from synth.footage import make_clip
from synth.project import ProjectFolder

from microfinish.core.errors import InputError
from microfinish.core.media import MediaLog
from microfinish.core.time import Span
from microfinish.core.timeline import Timeline, Transition
from microfinish.pipeline.stage import Context, Inputs, Options
from microfinish.project.project import Project
from microfinish.stages.assemble import AssembleStage
from microfinish.stages.log import LogStage

EDIT = """<?xml version="1.0"?><fcpxml version="1.11"><resources>
<format id="r1" frameDuration="1/25s"/><effect id="x" name="Cross Dissolve"/>
<asset id="a" src="file:///V/A001.mov" start="3600s" duration="4s" hasVideo="1" format="r1"/>
<asset id="b" src="file:///V/B%20002.mov" start="0s" duration="4s" hasVideo="1" format="r1"/>
</resources><project name="ep001"><sequence format="r1" tcStart="3600s"><spine>
<asset-clip ref="a" offset="3600s" start="90010/25s" duration="30/25s">
<asset-clip ref="b" lane="1" offset="90020/25s" start="1s" duration="10/25s"/></asset-clip>
<transition offset="90027/25s" duration="6/25s"><filter-video ref="x"/></transition>
<asset-clip ref="b" offset="90030/25s" start="2s" duration="20/25s"><timeMap>
<timept time="0s" value="4s"/><timept time="4s" value="0s"/></timeMap></asset-clip>
<gap offset="90050/25s" duration="10/25s"/></spine></sequence></project></fcpxml>"""


def assembled(root: Path) -> Timeline:
    """What log and assemble decide in the project at `root`."""
    project = Project.open(root)
    context = Context("ep001", root, project.facts, project.store, Options(),
                      lambda event: None, lambda: False, None)
    log_stage, stage = LogStage(), AssembleStage()
    log: MediaLog = log_stage.run(log_stage.inputs(project.episode("ep001")), context)
    own = stage.inputs(project.episode("ep001"))
    values: dict[str, Any] = {name: own[name] for name in own if name != "log"}
    return stage.run(Inputs.of(**values, log=log), context)


@pytest.fixture
def show(tmp_path: Path) -> ProjectFolder:
    folder = ProjectFolder.make(tmp_path / "show")
    (folder.root / "media/day 2").mkdir()
    make_clip(folder.root / "media/A001.mov", frames=100, size=(96, 64), timecode="01:00:00:00")
    make_clip(folder.root / "media/day 2/B 002.mov", frames=100, size=(96, 64))
    return folder


@pytest.mark.parametrize("name", ["edit.fcpxml", "edit.fcpxmld/Info.fcpxml"])
def test_a_final_cut_edit_becomes_the_timeline(show: ProjectFolder, name: str) -> None:
    show.write(f"episodes/ep001/{name}", EDIT)
    timeline = assembled(show.root)
    first, second = "media/A001.mov", "media/day 2/B 002.mov"
    assert [(e.media, e.source, e.record, e.speed, e.transition) for e in timeline.events] == [
        (first, Span(10, 20), Span(0, 10), 1, None),
        (second, Span(25, 35), Span(10, 20), 1, None),
        (first, Span(30, 37), Span(20, 27), 1, None),
        (second, Span(30, 53), Span(27, 50), -1, Transition("dissolve", 6)),
        ("", Span(0, 10), Span(50, 60), 1, None)]
    assert timeline.start_frame == 90_000
    place = timeline.events[1].where
    assert place is not None
    assert (place.file, place.line) == (f"episodes/ep001/{name}", 7)


def test_a_bundle_without_its_file_is_said(show: ProjectFolder) -> None:
    (show.root / "episodes/ep001/edit.fcpxmld").mkdir()
    with pytest.raises(InputError, match=r"holds no Info\.fcpxml"):
        assembled(show.root)
