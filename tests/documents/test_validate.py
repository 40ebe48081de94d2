"""Text to nouns: what is wrong is said where it is, in the words of the one who wrote it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from microfinish.core.errors import InputError, Problem, ProblemsError, Where
from microfinish.core.frame import Raster
from microfinish.core.limits import Ge, Gt, Le, Lt, Matches, Rate
from microfinish.core.settings import CameraRef, CorrectSettings, Season
from microfinish.core.time import Span
from microfinish.documents.validate import load, load_text


@dataclass(frozen=True, slots=True)
class Cut:
    in_: str
    media: str
    speed: Fraction = Fraction(1)
    gain_db: Annotated[float, Ge(-60), Le(24)] = 0.0
    count: Annotated[int, Gt(0), Lt(10)] = 1
    mute: bool = False
    where: Where | None = None


@dataclass(frozen=True, slots=True)
class Box:
    point: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Fit:
    fit: Literal["blur", "bars"]


@dataclass(frozen=True, slots=True)
class Sheet:
    events: tuple[Cut, ...] = ()
    shots: dict[str, Box | Fit | str] = field(default_factory=dict)
    span: Span | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    slope: tuple[Annotated[float, Ge(0)], ...] = ()
    rates: tuple[Rate, ...] = ()
    start: Annotated[str, Matches(r"\d\d:\d\d", "01:30")] | None = None
    anything: Any = None


def problems(text: str, type_: type = Sheet) -> tuple[Problem, ...]:
    with pytest.raises(ProblemsError) as caught:
        load_text(text, "a.yaml", type_)
    return caught.value.problems


def said(text: str, type_: type = Sheet) -> tuple[str, str]:
    (problem,) = problems(text, type_)
    return str(problem.where), problem.message


def test_the_settings_of_the_design_are_read() -> None:
    season = load_text("""
title: The Rooftop
rate: "25"
raster: 1080x1920
cameras: {"A*": sony-slog3-sgamut3cine, "B*": {preset: arri-logc3, ei: 800}}
correct: {mode: off}
look: looks/cool-isolation
platforms: [tiktok, youtube-shorts, reelshort]
languages: [no]
""", "microfinish.yaml", Season)
    assert season.rate == 25
    assert season.raster == Raster(1080, 1920)
    assert season.cameras == {"A*": "sony-slog3-sgamut3cine", "B*": CameraRef("arri-logc3", 800)}
    assert season.correct == CorrectSettings("off")
    assert season.languages == ("no",)


def test_an_empty_file_means_the_defaults() -> None:
    assert load_text("# nothing yet\n", "microfinish.yaml", Season) == Season()


@pytest.mark.parametrize(("written", "rate"), [
    ("25", Fraction(25)), ('"25"', Fraction(25)), ('"23.976"', Fraction(24000, 1001)),
    ("23.976", Fraction(24000, 1001)), ("29.97", Fraction(30000, 1001)),
    ("59.94", Fraction(60000, 1001)), ("24000/1001", Fraction(24000, 1001)),
    ("12.5", Fraction(25, 2))])
def test_a_rate_is_exact_however_it_is_written(written: str, rate: Fraction) -> None:
    assert load_text(f"rate: {written}", "a.yaml", Season).rate == rate


@pytest.mark.parametrize(("written", "speed"), [
    ("1/2", Fraction(1, 2)), ("0.5", Fraction(1, 2)), ("-1", Fraction(-1)),
    ("0.1", Fraction(1, 10)),
    ('"2.5"', Fraction(5, 2))])
def test_a_fraction_is_exact_however_it_is_written(written: str, speed: Fraction) -> None:
    sheet = load_text(f"events: [{{in: a, media: b, speed: {written}}}]", "a.yaml", Sheet)
    assert sheet.events[0].speed == speed


def test_a_timecode_without_quotes_is_text() -> None:
    (event,) = load_text("events: [{in: 01:00:04:12, media: x}]", "a.yaml", Sheet).events
    assert event.in_ == "01:00:04:12"


def test_a_whole_number_is_taken_for_text_where_text_is_wanted() -> None:
    assert load_text("events: [{in: 12, media: 007}]", "a.yaml", Sheet).events[0].media == "007"


def test_a_noun_learns_where_it_was_written() -> None:
    sheet = load_text("events:\n  - {in: a, media: b}\n  - in: c\n    media: d\n", "a.yaml", Sheet)
    assert [event.where for event in sheet.events] == [Where("a.yaml", 2, 5), Where("a.yaml", 3, 5)]


def test_pairs_may_be_written_as_a_mapping() -> None:
    sheet = load_text("pairs: {preset: slow, crf: 18}", "a.yaml", Sheet)
    assert sheet.pairs == (("preset", "slow"), ("crf", "18"))


def test_a_union_takes_the_branch_whose_keys_were_written() -> None:
    sheet = load_text("shots: {a: {point: [1, 0.5]}, b: {fit: blur}, c: words}", "a.yaml", Sheet)
    assert sheet.shots == {"a": Box((1.0, 0.5)), "b": Fit("blur"), "c": "words"}


@pytest.mark.parametrize(("text", "place", "message"), [
    ("evnts: []", "a.yaml:1:1", 'unknown key "evnts"'),
    ("events:\n- {in: a, media: b, sped: 1}", "a.yaml:2:21", 'unknown key "sped" in events item 1'),
    ("events:\n- {in: a}", "a.yaml:2:3", '"media" is missing in events item 1'),
    ("events: [{in: a, media: b, gain_db: 30}]", "a.yaml:1:37",
     "events item 1: gain_db must be at most 24, not 30"),
    ("events: [{in: a, media: b, gain_db: loud}]", "a.yaml:1:37",
     'events item 1: gain_db must be a number, not the text "loud"'),
    ("events: [{in: a, media: b, count: 1.5}]", "a.yaml:1:35",
     "events item 1: count must be a whole number, not the number 1.5"),
    ("events: [{in: a, media: b, count: true}]", "a.yaml:1:35",
     "events item 1: count must be a whole number, not true"),
    ("events: [{in: a, media: b, count: 0}]", "a.yaml:1:35",
     "events item 1: count must be more than 0, not 0"),
    ("events: [{in: a, media: b, mute: no}]", "a.yaml:1:34",
     'events item 1: mute must be true or false, not the text "no"'),
    ("events: [{in: a, media: 1.5}]", "a.yaml:1:25",
     "events item 1: media must be text, not the number 1.5"),
    ("events: [{in: a, media: }]", "a.yaml:1:25",
     "events item 1: media must be text, not nothing"),
    ("events: one", "a.yaml:1:9", 'events must be a list, not the text "one"'),
    ("- 1", "a.yaml:1:1", "must be a mapping, not a list"),
    ("shots: {a: {fit: bluur}}", "a.yaml:1:18",
     'shots.a.fit must be blur or bars, not the text "bluur"'),
    ("shots: {a: [1]}", "a.yaml:1:12", "shots.a must be a mapping or text, not a list"),
    ("shots: {a: {point: [1]}}", "a.yaml:1:20", 'shots.a.point must have 2 items, not 1'),
    ("span: {start: 5, end: 1}", "a.yaml:1:7", "span: span ends at 1 before it starts at 5"),
    ("slope: [1, -1]", "a.yaml:1:12", "slope item 2 must be at least 0, not -1"),
    ("rates: [fast]", "a.yaml:1:9", "rates item 1: 'fast' is not a frame rate"),
    ("start: 1:30", "a.yaml:1:8", "start: '1:30' is not of the right form")])
def test_a_mistake_is_one_problem_at_its_place(text: str, place: str, message: str) -> None:
    assert said(text) == (place, message)


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    found = problems("titel: x\nrate: fast\nraster: 3\ncorrect: {mode: aply}\n", Season)
    assert [p.where.line for p in found if p.where] == [1, 2, 3, 4]


def test_a_near_key_is_suggested_beside_the_carets() -> None:
    (problem,) = problems("correct:\n  mod: off\n", Season)
    assert problem.hint == 'did you mean "mode"?'
    assert problem.excerpt == '   2 |   mod: off\n     |   ^^^ did you mean "mode"?'


def test_without_a_near_key_all_known_keys_are_listed() -> None:
    (problem,) = problems("correct: {zzz: 1}", Season)
    assert problem.hint == "known keys: mode, min_confidence"


def test_a_near_choice_is_suggested() -> None:
    (problem,) = problems("correct: {mode: aply}", Season)
    assert problem.hint == 'did you mean "apply"?'


def test_a_number_in_quotes_gets_a_hint() -> None:
    (problem,) = problems('events: [{in: a, media: b, count: "3"}]')
    assert "without quotes" in problem.hint


def test_no_message_speaks_of_the_validator() -> None:
    found = problems("a: 1\nevents: [{}, 1, {in: {}, media: [], speed: x, count: x, mute: 1}]\n"
                     "shots: []\nspan: 3\npairs: 4\nslope: {a: 1}\n")
    text = " ".join(p.message + p.hint for p in found).lower()
    for word in ("pydantic", "instance", "input", "dataclass", "dictionary", "tuple", "argument",
                 "keyword", "tag"):
        assert word not in text


def test_a_file_that_is_not_there_is_the_users_problem(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read episodes/ep001/grade\.yaml"):
        load(tmp_path / "grade.yaml", Season, "episodes/ep001/grade.yaml")
