"""Digests: equal values agree, different kinds never meet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microfinish.core.cdl import Cdl
from microfinish.documents.digest import LENGTH, digest

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
    | st.fractions() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple)
    | st.dictionaries(st.text(max_size=5), inner, max_size=4), max_leaves=12)


@dataclass(frozen=True)
class Left:
    a: Any = 1


@dataclass(frozen=True)
class Right:
    a: Any = 1


def test_kinds_never_collide() -> None:
    values: list[Any] = [
        None, True, False, 1, 1.0, "1", b"1", Fraction(1), (1,), [1], {1}, {"1": 1}, (), [], {},
        "", "None", 0, 0.0, -0.0, ("1",), ((1,),), (1, 1), ((1, 1),), ("ab", "c"), ("a", "bc"),
        ("a", ("b",)), PurePosixPath("1"), Left(), Right(), Left(2), {"a": 1}, Cdl(),
        {"a": {"b": 1}}, {"a": 1, "b": 1}]
    assert len({digest(value) for value in values}) == len(values)


@given(VALUES, VALUES)
def test_digests_agree_exactly_where_canonical_forms_do(left: Any, right: Any) -> None:
    def tagged(value: Any) -> str:
        if isinstance(value, dict):
            return f"d{sorted((k, tagged(v)) for k, v in value.items())}"
        if isinstance(value, (list, tuple)):
            return f"{type(value).__name__}{[tagged(item) for item in value]}"
        return f"{type(value).__name__}:{value!r}"

    assert (digest(left) == digest(right)) == (tagged(left) == tagged(right))


@given(st.dictionaries(st.text(max_size=5), st.integers(), max_size=6))
def test_the_order_of_keys_does_not_count(data: dict[str, int]) -> None:
    assert digest(data) == digest(dict(reversed(data.items())))


def test_one_changed_field_of_a_noun_changes_its_digest() -> None:
    assert digest(Cdl()) != digest(replace(Cdl(), saturation=1.05))


def test_a_digest_is_hex_of_a_fixed_length_and_the_same_in_every_process() -> None:
    # worked out once by hand from the tagged form b"s3:abc;" with sha256sum
    assert digest("abc") == "e95ddb355304b735710f89418e7ba29e"
    assert len(digest(None)) == LENGTH


def test_what_has_no_canonical_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        digest({"a": object()})
