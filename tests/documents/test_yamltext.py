"""Restricted YAML: what people write means what it looks like."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from microfinish.core.errors import Problem, ProblemsError
from microfinish.documents.yamltext import MAX_BYTES, decode, parse


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ProblemsError) as caught:
        parse(text, "a.yaml")
    return caught.value.problems


def only(text: str) -> Problem:
    (problem,) = problems(text)
    return problem


@pytest.mark.parametrize("word", [
    "no", "No", "NO", "yes", "on", "off", "y", "n", "1:30", "01:00:04:12", "01:00:04;12",
    "12:30:45.5", "010", "0x10", "0o10", "1_000", "2026-11-20", "2026-11-20T10:00:00", "+",
    "1e", "1.2.3", "24000/1001", "1080x1920", "A001C003@01:00:05:00", "nan", "inf", "0b1"])
def test_words_that_yaml_1_1_takes_for_something_else_stay_text(word: str) -> None:
    assert parse(f"a: {word}", "a.yaml").data == {"a": word}


@pytest.mark.parametrize(("word", "value"), [
    ("true", True), ("False", False), ("null", None), ("~", None), ("", None), ("0", 0),
    ("-12", -12), ("+3", 3), ("29.97", 29.97), (".5", 0.5), ("-1.5e-3", -0.0015), ("1e3", 1000.0),
    (".inf", math.inf), ("-.inf", -math.inf), ("-0.0", -0.0)])
def test_numbers_and_constants_are_read_as_such(word: str, value: Any) -> None:
    found = parse(f"a: {word}", "a.yaml").data["a"]
    assert (type(found), repr(found)) == (type(value), repr(value))


def test_quoted_words_are_text() -> None:
    assert parse("""a: ["true", '12', "null"]""", "a.yaml").data == {"a": ["true", "12", "null"]}


def test_keys_are_always_text() -> None:
    assert parse("{1: a, no: b, 1.0: c, null: d}", "a.yaml").data == {
        "1": "a", "no": "b", "1.0": "c", "null": "d"}


def test_every_value_and_key_knows_its_place() -> None:
    parsed = parse("title: x\ncameras:\n  'A*':\n    ei: 800\n  list: [1, 22]\n", "a.yaml")
    assert parsed.mark(("cameras", "A*", "ei"))[1:] == (4, 9, 3)
    assert parsed.mark(("cameras", "A*"), key=True)[1:] == (3, 3, 4)
    assert parsed.mark(("cameras", "list", 1))[1:] == (5, 13, 2)
    assert parsed.mark(("cameras", "A*", "absent"))[1:3] == (4, 5)


def test_duplicate_keys_are_refused_with_both_places() -> None:
    problem = only("a: 1\nb:\n  c: 1\n  c: 2\n")
    assert (problem.message, str(problem.where)) == ('key "c" is given twice', "a.yaml:4:3")
    assert "line 3" in problem.hint


@pytest.mark.parametrize(("text", "message"), [
    ("a: &x 1", "anchors are not supported"),
    ("a: *x", "aliases are not supported"),
    ("a: !!python/object:os.system 1", "tags are not supported"),
    ("a: !include b", "tags are not supported"),
    ("a: {<<: {b: 1}}", "merge keys are not supported"),
    ("a: 1\n---\nb: 2", "a second document begins here"),
    ("{[1, 2]: 3}", "a key must be one text"),
    ("a: 1\n\tb: 2", "a tab cannot indent YAML"),
    ("a: b: c", "a colon cannot stand here"),
    ("a: [1, 2", "a comma or a closing bracket is missing"),
    ("a: 'x", "the text ends inside a quotation"),
    ("a: \x07", "a control character stands here"),
    ("<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> cut-2\n", "unresolved merge conflict"),
    ("[" * 60 + "]" * 60, "nested deeper than 40 levels")])
def test_what_is_refused_is_named_in_plain_words(text: str, message: str) -> None:
    problem = problems(text)[0]
    assert message in problem.message
    assert problem.where is not None and problem.where.line > 0


def test_all_refusals_of_a_file_come_at_once_in_the_order_of_their_lines() -> None:
    found = problems("a: &x 1\nb: *x\nc: !t 3\na: 4\n")
    assert [p.where.line for p in found if p.where] == [1, 2, 3, 4]


def test_an_alias_bomb_is_refused_without_being_expanded() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    assert problems(bomb)[-1].message.endswith("more problems")


def test_no_more_than_twenty_problems_are_shown_and_the_rest_is_counted() -> None:
    found = problems("".join(f"a{n}: &x 1\n" for n in range(50)))
    assert len(found) == 20 + 1
    assert found[-1].message == "and 30 more problems"


def test_a_file_that_is_too_large_is_refused() -> None:
    assert "larger than 5 MB" in only("# " + "x" * MAX_BYTES).message


def test_the_excerpt_points_at_the_value_under_wide_characters_too() -> None:
    problem = only("标题: &x 1\n")
    assert problem.excerpt.splitlines() == ["   1 | 标题: &x 1", "     |       ^^^^"]


def test_a_byte_order_mark_is_accepted_and_other_encodings_are_named() -> None:
    assert parse(decode("a: é".encode("utf-8-sig"), "a.yaml"), "a.yaml").data == {"a": "é"}
    assert parse(decode("a: é".encode("utf-16"), "a.yaml"), "a.yaml").data == {"a": "é"}
    with pytest.raises(ProblemsError) as caught:
        decode("ok: 1\na: é".encode("latin-1"), "a.yaml")
    assert str(caught.value.where) == "a.yaml:2:4"


def test_an_empty_text_has_no_data() -> None:
    assert parse("# nothing yet\n", "a.yaml").data is None


@given(st.recursive(st.text() | st.integers() | st.booleans() | st.none()
                    | st.floats(allow_nan=False),
                    lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=10))
def test_quoted_yaml_reads_as_pyyaml_reads_it(data: Any) -> None:
    text = yaml.safe_dump(data, default_style='"', allow_unicode=True)
    expected = yaml.load(text, yaml.BaseLoader)
    without_tags = "\n".join(line for line in [text.replace('!!int ', "").replace(
        "!!float ", "").replace("!!bool ", "").replace("!!null ", "")])
    if "!!" not in without_tags:
        assert parse(without_tags, "a.yaml").data == expected


def test_the_slow_loader_says_the_same_as_the_fast_one(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "title: x\nlist: [1, two, {a: b}]\nnested:\n  - - 1\n    - 2\n  - no\n"
    fast = parse(text, "a.yaml")
    monkeypatch.setattr("microfinish.documents.yamltext._LOADER", yaml.SafeLoader)
    slow = parse(text, "a.yaml")
    assert fast.data == slow.data
    assert fast.mark(("nested", 0, 1)) == slow.mark(("nested", 0, 1))
