"""The digests of a stage's inputs: by content, whatever object holds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from microfinish.documents.digest import digest
from microfinish.pipeline.stage import Inputs
from microfinish.project.episode import Human


def digest_of(value: Any) -> str:
    return Inputs.of(value=value).digests()["value"]


def test_a_remembered_digest_is_the_digest_of_the_content() -> None:
    value = (("tiktok", 1), ("reelshort", 2))
    assert digest_of(value) == digest_of(value) == digest(value)
    assert digest_of((("tiktok", True), ("reelshort", 2))) != digest_of(value)


def test_a_list_inside_a_tuple_may_change() -> None:
    value = (["tiktok"],)
    before = digest_of(value)
    value[0].append("reelshort")
    assert digest_of(value) != before


def test_a_human_file_is_an_input_as_it_is() -> None:
    inputs = Inputs.of(grade_yaml=Human(Path("grade.yaml"), "abc", lambda: "what it says"))
    assert inputs.digests() == {"grade_yaml": "abc"}
    assert inputs["grade_yaml"] == "what it says"
