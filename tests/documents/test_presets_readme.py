"""The examples of presets/README.md are valid documents."""

from __future__ import annotations

import re
from pathlib import Path

from microfinish.core.color import GradeSheet
from microfinish.core.settings import Season
from microfinish.documents.validate import load_text

TEXT = (Path(__file__).parents[2] / "presets" / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


def test_the_example_of_grade_yaml_is_valid() -> None:
    (example,) = [block for block in BLOCKS if "episodes/ep001/grade.yaml" in block]
    sheet = load_text(example, "grade.yaml", GradeSheet)
    assert list(sheet.scenes) == ["12A", "flashback"]


def test_the_examples_of_cameras_and_output_are_valid() -> None:
    found = [load_text(block, "microfinish.yaml", Season) for block in BLOCKS
             if block.startswith(("cameras:", "output:"))]
    assert len(found) == 2


def test_every_key_of_a_shot_is_in_the_table() -> None:
    from dataclasses import fields

    from microfinish.core.color import ShotSheet

    told = set(re.findall(r"`(\w+)`", "\n".join(
        line.split("|")[1] for line in TEXT.splitlines() if line.startswith("| `"))))
    assert {field.name for field in fields(ShotSheet)} <= told
