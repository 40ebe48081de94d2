"""Stages' documents: what is written is what is read, and hand edits are seen."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, is_dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from microfinish.core.cdl import Cdl
from microfinish.core.deliver import Master, Masters
from microfinish.core.errors import EditedByHand, InputError, Where
from microfinish.core.finding import Finding, Findings
from microfinish.core.frame import Framing, Framings, PathKey, Raster
from microfinish.core.media import Media, MediaLog, Picture, Sound
from microfinish.core.sync import Match, SyncTable
from microfinish.core.time import Span
from microfinish.core.timeline import (
    Event,
    Loss,
    PictureLock,
    Revision,
    Timeline,
    Transition,
)
from microfinish.documents import emit, record
from microfinish.documents.digest import digest
from microfinish.documents.yamltext import parse

TEXT = st.text(st.characters(codec=None), max_size=12) | st.sampled_from(
    ["no", "null", "1e5", "010", "a: b", " x", "x ", "- a", "#", "é", "e\u0301", "\n", "a\nb\r\n",
     "\u2028", "\x85", "\ufeff", "😀", "\ud800", "\udcff", "''",
     '"', "\\", "{}", "[a, b]", "a #b", "=", "<<"])
NUMBERS = st.floats(allow_nan=False) | st.sampled_from([-0.0, 1e16, 1e-7, 0.1, float("inf")])
INTS = st.integers() | st.sampled_from([0, -1, 2**63, 10**40])
RATIOS = st.fractions()
TAGS = st.dictionaries(TEXT, TEXT, max_size=4)
SPANS = st.tuples(st.integers(-10**6, 10**6), st.integers(0, 10**6)).map(
    lambda pair: Span(pair[0], pair[0] + pair[1]))
PLACES = st.builds(Where, TEXT, st.integers(0, 500), st.integers(0, 80))
TRIPLES = st.tuples(NUMBERS, NUMBERS, NUMBERS)
PICTURES = st.builds(Picture, TEXT, INTS, INTS, RATIOS, INTS, variable=st.booleans(),
                     measured_rate=RATIOS, pixel_format=TEXT)
MEDIA = st.builds(Media, TEXT, TEXT, INTS, reel=TEXT, start_frame=st.none() | INTS,
                  timecode_rate=st.none() | RATIOS, picture=st.none() | PICTURES,
                  sounds=st.lists(st.builds(Sound, INTS, TEXT, INTS, INTS, INTS,
                                            names=st.lists(TEXT, max_size=3).map(tuple)),
                                  max_size=2).map(tuple), tags=TAGS)
EVENTS = st.builds(Event, TEXT, TEXT, TEXT, SPANS, SPANS, RATIOS,
                   st.none() | st.builds(Transition, TEXT, INTS), TEXT,
                   st.none() | st.builds(Cdl, TRIPLES, TRIPLES, TRIPLES, NUMBERS),
                   st.none() | PLACES)
TIMELINES = st.builds(Timeline, RATIOS, st.lists(EVENTS, max_size=3).map(tuple),
                      st.lists(st.builds(Loss, TEXT, INTS, TEXT, TEXT), max_size=2).map(tuple),
                      INTS, st.booleans())
NOUNS = st.one_of(
    TIMELINES,
    st.builds(MediaLog, st.lists(MEDIA, max_size=3).map(tuple)),
    st.builds(SyncTable, st.lists(st.builds(Match, TEXT, TEXT, RATIOS, INTS, NUMBERS, TEXT,
                                            NUMBERS), max_size=3).map(tuple)),
    st.builds(PictureLock, st.lists(st.builds(Revision, INTS, TEXT, TEXT, TEXT, TEXT, TIMELINES),
                                    max_size=2).map(tuple)),
    st.builds(Findings, st.lists(TEXT, max_size=3).map(tuple),
              st.lists(st.builds(Finding, TEXT, TEXT, TEXT, measured=TEXT), max_size=3).map(tuple)),
    st.builds(Masters, INTS, st.lists(st.builds(Master, TEXT, TEXT, TEXT, TEXT, INTS, INTS, NUMBERS,
                                                NUMBERS, st.lists(TEXT, max_size=2).map(tuple)),
                                      max_size=2).map(tuple)),
    st.builds(Framings, st.builds(Raster, INTS, INTS), st.lists(st.builds(
        Framing, TEXT, TEXT, INTS, INTS, st.lists(st.builds(PathKey, INTS, NUMBERS, NUMBERS),
                                                  max_size=2).map(tuple)), max_size=2).map(tuple)))
PLAIN = st.recursive(TEXT | INTS | NUMBERS | st.booleans() | st.none(),
                     lambda inner: st.lists(inner, max_size=5)
                     | st.dictionaries(TEXT, inner, max_size=5), max_leaves=20)


@given(NOUNS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_written_is_what_is_read(tmp_path: Path, noun: Any) -> None:
    path = tmp_path / "any.yaml"
    header = record.write(path, "any", 3, {"b": "2", "a": "1"}, noun)
    assert record.read_header(path, "any.yaml") == header
    found = record.read_body(path, type(noun), "any.yaml")
    assert found == noun
    # equality forgives -0.0 and 1 == 1.0, the digest does not
    assert digest(found) == digest(noun)


@given(st.dictionaries(TEXT, PLAIN, max_size=4))
@settings(max_examples=120, deadline=None)
def test_reading_undoes_emitting(data: dict[str, Any]) -> None:
    assert repr(emit.read(emit.emit(data))) == repr(data)


@given(st.dictionaries(TEXT, PLAIN, max_size=4))
@settings(max_examples=80, deadline=None)
def test_every_yaml_reader_reads_what_is_emitted(data: dict[str, Any]) -> None:
    text = emit.emit(data)
    assume("\\ud" not in text)  # file names that are no Unicode: only our own reader takes them
    assert (yaml.safe_load(text) or {}) == data
    assert (parse(text, "any.yaml").data or {}) == data


def test_a_document_looks_like_this(tmp_path: Path) -> None:
    path = tmp_path / "assemble.yaml"
    event = Event("A001C003@01:00:04:12", "V1", "media/A001C003.mov", Span(12, 72), Span(0, 60),
                  Fraction(1, 2), Transition("dissolve", 12), where=Where("edit.edl", 3))
    header = record.write(path, "assemble", 2, {"edit": "9f", "log": "12e5"},
                          Timeline(Fraction(25), (event,)))
    assert path.read_text() == f"""\
# Written by microfinish, and written again when its inputs change: do not edit by hand.
microfinish:
  format: 1
  kind: assemble
  version: 2
  body: {emit.text(header.body)}
  inputs:
    edit: "9f"
    log: "12e5"
rate: 25/1
events:
- shot: "A001C003@01:00:04:12"
  track: V1
  media: media/A001C003.mov
  source: {{start: 12, end: 72}}
  record: {{start: 0, end: 60}}
  speed: 1/2
  transition:
    kind: dissolve
    frames: 12
  where: "edit.edl:3"
"""


def test_the_same_noun_gives_the_same_text_in_every_process() -> None:
    program = ("from microfinish.core.media import *; from microfinish.documents.record import *;"
               "print(body_digest(body_text(MediaLog((Media('a','b',1,tags={'z':'1','a':'2'}),)))))")
    runs = {subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                           check=True, env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(
                               path for path in sys.path if path)}).stdout for seed in ("1", "2")}
    assert len(runs) == 1


def test_inputs_do_not_change_the_bodys_digest(tmp_path: Path) -> None:
    body = Findings(("a.mp4",), ())
    first = record.write(tmp_path / "a.yaml", "qc", 1, {"x": "1"}, body)
    second = record.write(tmp_path / "b.yaml", "qc", 2, {"x": "2"}, body)
    assert first.body == second.body == record.body_digest(record.body_text(body))


@pytest.mark.parametrize(("kind", "way"), [
    ("assemble", "the edit list"), ("lock", "microfinish lock EP --relock"),
    ("correct", "grade.yaml"), ("grade", "grade.yaml"), ("reframe", "reframe.yaml"),
    ("title", "subtitles/"), ("mix", "mix.yaml"), ("log", "nothing in it is yours"),
    ("qc", "nothing in it is yours")])
def test_a_hand_edit_is_refused_and_sent_to_the_human_file(
        tmp_path: Path, kind: str, way: str) -> None:
    path = tmp_path / f"{kind}.yaml"
    record.write(path, kind, 1, {}, Findings(("deliver/a.mp4",), ()))
    path.write_text(path.read_text().replace("a.mp4", "b.mp4"))
    with pytest.raises(EditedByHand) as caught:
        record.read_header(path, f"episodes/ep001/documents/{kind}.yaml")
    assert f"episodes/ep001/documents/{kind}.yaml" in str(caught.value)
    assert way in caught.value.hint
    assert "delete" in caught.value.hint
    assert caught.value.exit_code == 2


def test_line_ends_of_a_windows_checkout_are_no_hand_edit(tmp_path: Path) -> None:
    path = tmp_path / "qc.yaml"
    body = Findings(("a.mp4",), (Finding("r", "error", "two\r\nlines"),))
    record.write(path, "qc", 1, {"x": "1"}, body)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert record.read_body(path, Findings, "qc.yaml") == body


def test_an_empty_body_and_no_inputs_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "log.yaml"
    record.write(path, "log", 1, {}, MediaLog(()))
    assert record.read_body(path, MediaLog, "log.yaml") == MediaLog(())


def test_an_absent_document_has_no_header_and_no_body(tmp_path: Path) -> None:
    assert record.read_header(tmp_path / "log.yaml", "log.yaml") is None
    with pytest.raises(InputError, match=r"log\.yaml is not there"):
        record.read_body(tmp_path / "log.yaml", MediaLog, "log.yaml")


@pytest.mark.parametrize("text", [
    "", "title: x\n", "microfinish: 3\n", "microfinish:\n  kind: log\n", "microfinish:\n",
    "\x00\xff", "microfinish:\n  format: 99\n  kind: a\n  version: 1\n  body: x\n  inputs: {}\n"])
def test_a_damaged_header_is_the_users_problem_not_a_crash(tmp_path: Path, text: str) -> None:
    path = tmp_path / "log.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        record.read_header(path, "log.yaml")
    assert "delete it" in caught.value.hint


def test_any_flipped_byte_of_a_document_is_noticed_or_harmless(tmp_path: Path) -> None:
    path = tmp_path / "qc.yaml"
    body = Findings(("a.mp4",), (Finding("r", "error", "m"),))
    header = record.write(path, "qc", 1, {"x": "1"}, body)
    good = path.read_bytes()
    start = good.index(b"checked:")
    for at in range(len(good)):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
        try:
            found = record.read_header(path, "qc.yaml")
        except InputError:
            continue
        assert at < start, "a changed body went unnoticed"
        assert found is not None and found.body == header.body


def test_a_body_of_another_version_says_to_make_it_anew(tmp_path: Path) -> None:
    path = tmp_path / "qc.yaml"
    record.write(path, "qc", 1, {}, Findings(("a",), ()))
    with pytest.raises(InputError, match="another version"):
        record.read_body(path, Masters, "qc.yaml")


def test_every_body_a_stage_writes_can_be_read_by_its_type() -> None:
    from microfinish.documents.shape import validator_of
    from microfinish.project.episode import _BODIES, _body_type

    for kind in _BODIES:
        body = _body_type(kind)
        assert is_dataclass(body) and fields(body)
        validator_of(body)
