"""The page of human files: each example is valid, and none of the files is left out."""

from __future__ import annotations

import re
from dataclasses import fields
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from microfinish.cli.kinds import KINDS, SHEETS
from microfinish.core.edit_sheet import EditSheet, SheetEvent, SheetPlace, sheet_edit_list
from microfinish.core.frame import ReframeSheet, ShotReframe
from microfinish.core.markers import MarkerLine, MarkerSheet
from microfinish.core.mix import MixSheet, ShotSound
from microfinish.core.sync import SyncEntry
from microfinish.core.title import TitleSheet, TitleTweak
from microfinish.core.vfx import VfxSheet, VfxShot
from microfinish.documents.validate import load_text

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "examples/README.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"```yaml\n# (\w+)\.yaml\n(.*?)```", PAGE, re.DOTALL))
OWN_PLACE = {"where", "revision"}


def test_every_file_of_an_episode_has_an_example() -> None:
    assert set(EXAMPLES) == {"edit", *SHEETS} - {"grade"}  # grade.yaml: presets/README.md


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_is_valid(name: str) -> None:
    assert load_text(EXAMPLES[name], f"{name}.yaml", KINDS[name].type())


def test_the_example_of_an_edit_says_enough_in_each_event() -> None:
    sheet = load_text(EXAMPLES["edit"], "edit.yaml", EditSheet)
    assert len(sheet_edit_list(sheet, "edit.yaml", Fraction(25)).lines) == len(sheet.events)


@pytest.mark.parametrize("noun", [
    SheetEvent, SheetPlace, ReframeSheet, ShotReframe, MixSheet, ShotSound, MarkerSheet,
    MarkerLine, VfxSheet, VfxShot, SyncEntry, TitleSheet, TitleTweak])
def test_no_key_is_left_out(noun: Any) -> None:
    words = set(re.findall(r"\w+", PAGE[PAGE.index("### edit.yaml"):]))
    assert {field.name.rstrip("_") for field in fields(noun)} - OWN_PLACE - words == set()


def test_the_readme_leads_to_every_file() -> None:
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    table = readme[readme.index("What you can write, and where"):]
    for name in EXAMPLES:
        assert f"(examples/README.md#{name}yaml)" in table
    assert "(presets/README.md#gradeyaml)" in table
