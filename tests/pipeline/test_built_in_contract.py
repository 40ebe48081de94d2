"""All twelve stages keep the contract that plug-ins are held to, on a finished episode."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from synth.footage import make_clip
from synth.project import ProjectFolder
from synth.sound import lively

from microfinish.media.wave import write_wave
from microfinish.pipeline.registry import BUILT_IN, stages_for
from microfinish.project.project import Project
from microfinish.testing import (
    check_body_survives,
    check_cancels,
    check_declares_its_inputs,
    check_description,
    check_deterministic,
    check_writes_nothing,
)

pytestmark = pytest.mark.media

EDIT = """\
events:
  - {media: A001C001, in: 5, out: 20}
  - {media: A001C001, in: 25, out: 38, dissolve: 4}
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose only episode went through the whole chain."""
    project = ProjectFolder.make(tmp_path_factory.mktemp("contract"))
    make_clip(project.root / "media" / "A001C001.mov", frames=50, timecode="01:00:00:00")
    write_wave(np.stack([lively(2.0)] * 2, axis=1), project.root / "music" / "theme.wav")
    project.write("episodes/ep001/edit.yaml", EDIT)
    project.write("episodes/ep001/grade.yaml",
                  "shots:\n  A001C001@01:00:00:10: {exposure: 0.2}\n")
    project.write("episodes/ep001/reframe.yaml",
                  "shots:\n  A001C001@01:00:00:10: {point: [0.4, 0.5]}\n")
    project.write("episodes/ep001/mix.yaml", "music: [{file: music/theme.wav}]\n")
    project.write("episodes/ep001/subtitles/en.srt",
                  "1\n00:00:00,200 --> 00:00:00,900\nWhere is she?\n")
    project.call("run", expect=None)
    assert (project.root / "episodes/ep001/documents/qc.yaml").is_file()
    return project.root


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_stage_keeps_the_contract(finished: Path, name: str) -> None:
    (stage,) = (s for s in stages_for(BUILT_IN) if s.name == name)
    check_description(stage)
    for check in (check_deterministic, check_declares_its_inputs, check_writes_nothing,
                  check_body_survives, check_cancels):
        check(stage, Project.open(finished).episode("ep001"))
