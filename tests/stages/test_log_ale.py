"""log: an Avid log in media/ says scene and take, and one that is none stops nothing."""

from pathlib import Path

from synth.footage import make_clip
from synth.project import ProjectFolder

from microfinish.core.media import MediaLog
from microfinish.pipeline.stage import Context, Options
from microfinish.project.project import Project
from microfinish.stages.log import LogStage

ALE = ("Heading\nFIELD_DELIM\tTABS\nFPS\t25\n\nColumn\nName\tScene\tTake\tStart\n\nData\n"
       "A001C003\t12A\t3\t01:00:00:00\n")


def log(root: Path) -> tuple[MediaLog, dict[str, str]]:
    project = Project.open(root)
    stage = LogStage()
    inputs = stage.inputs(project.episode("ep001"))
    context = Context("ep001", root, project.facts, project.store, Options(), lambda event: None,
                      lambda: False, None)
    return stage.run(inputs, context), inputs.digests()


def test_a_log_beside_the_media_is_used_and_makes_the_stage_due(tmp_path: Path) -> None:
    ProjectFolder.make(tmp_path)
    make_clip(tmp_path / "media/A001C003.mov", frames=10, size=(96, 64), timecode="01:00:00:00")
    bare, before = log(tmp_path)
    assert bare.media[0].scene == ""
    (tmp_path / "media/logs").mkdir()
    sheet = tmp_path / "media/logs/day1.ale"
    sheet.write_text(ALE)
    described, after = log(tmp_path)
    assert (described.media[0].scene, described.media[0].take) == ("12A", "3")
    assert set(after) - set(before) == {"logs"}
    sheet.write_text(ALE.replace("12A", "12B"))
    assert log(tmp_path)[1]["logs"] != after["logs"]


def test_a_log_that_is_none_is_a_finding(tmp_path: Path) -> None:
    ProjectFolder.make(tmp_path)
    (tmp_path / "media/day1.ale").write_text("hello")
    found, _ = log(tmp_path)
    assert [(item.severity, item.file) for item in found.findings] == [
        ("warning", "media/day1.ale")]
    assert "media/day1.ale:1: this is no ALE" in found.findings[0].message
