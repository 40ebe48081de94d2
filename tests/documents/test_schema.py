"""Exported schemas: what they allow is what the reader takes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Literal

from microfinish.core.limits import Ge, Le, Rate
from microfinish.core.settings import Season
from microfinish.documents.schema import DIALECT, schema


@dataclass(frozen=True, slots=True)
class Fade:
    """How music ends."""

    frames: Annotated[int, Ge(0), Le(250)]
    curve: Literal["linear", "equal"] = "linear"
    in_: Annotated[float, Ge(0)] | None = None
    speed: Fraction = Fraction(1)
    rate: Rate = Fraction(25)
    next: tuple[str, ...] = ()


def test_a_noun_becomes_an_object_without_other_keys() -> None:
    found = schema(Fade)
    assert found["$schema"] == DIALECT
    assert found["description"] == "How music ends."
    assert found["required"] == ["frames"]
    assert found["additionalProperties"] is False
    properties = found["properties"]
    assert properties["frames"] == {"type": "integer", "minimum": 0, "maximum": 250}
    assert properties["curve"] == {"enum": ["linear", "equal"], "default": "linear"}
    assert properties["in"] == {"anyOf": [{"type": "number", "minimum": 0}, {"type": "null"}]}
    assert properties["rate"]["default"] == "25"
    assert properties["next"]["type"] == "array"


def test_a_preset_may_extend_another_and_note_its_values() -> None:
    found = schema(Fade, preset=True)
    assert "required" not in found
    assert "extends" in found["properties"]
    bare, noted = found["properties"]["frames"]["anyOf"]
    assert bare["maximum"] == 250
    assert set(noted["properties"]) >= {"value", "level", "certainty", "source", "checked_on"}


def test_nested_nouns_are_defined_once_and_referred_to() -> None:
    found = schema(Season)
    assert found["properties"]["correct"]["$ref"] == "#/$defs/CorrectSettings"
    assert "CameraRef" in found["$defs"]


def test_schemas_are_json_and_the_same_every_time() -> None:
    assert json.dumps(schema(Season)) == json.dumps(schema(Season))
