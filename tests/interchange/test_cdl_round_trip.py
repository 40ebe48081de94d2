"""A CDL goes out and comes back without loss: as .cc, .ccc, EDL and ALE."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microfinish.core.cdl import Cdl
from microfinish.core.color import GradeSheet
from microfinish.core.errors import InputError
from microfinish.core.media import Media, MediaLog, Picture
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline
from microfinish.documents.validate import load_text
from microfinish.interchange.ale import write_ale
from microfinish.interchange.cdl import cc_text, pick_cdl
from microfinish.interchange.cdl_lists import read_any_cdl
from microfinish.interchange.edl_write import write_edl
from microfinish.interchange.turnover import ccc_text

RATE = Fraction(25)
SMALL = st.floats(1e-9, 100, allow_nan=False)
OFFSET = st.floats(-2, 2, allow_nan=False)
CDLS = st.builds(Cdl, st.tuples(SMALL, SMALL, SMALL), st.tuples(OFFSET, OFFSET, OFFSET),
                 st.tuples(SMALL, SMALL, SMALL), st.floats(0, 4))


def _media(name: str) -> Media:
    return Media(f"media/{name}.mov", name, 1, name, 90_000, RATE,
                 picture=Picture("h264", 320, 180, RATE, 100))


def _written(cdl: Cdl) -> dict[str, bytes]:
    """The same correction in every form, under the name A001C003."""
    media = _media("A001C003")
    event = Event("sh010", "V", media.path, Span(0, 50), Span(0, 50), cdl=cdl)
    log = MediaLog((media,))
    return {"x.cc": cc_text(cdl, "A001C003").encode(),
            "x.ccc": ccc_text({"A001C003": cdl}).encode(),
            "x.edl": write_edl(Timeline(RATE, (event,)), log, "t").encode(),
            "x.ale": write_ale(log, RATE, {media.path: cdl}).encode()}


@settings(max_examples=40, deadline=None)
@given(CDLS)
def test_every_number_comes_back_exactly_from_every_form(cdl: Cdl) -> None:
    for name, data in _written(cdl).items():
        (entry,) = read_any_cdl(data, name)
        assert entry.cdl == cdl, name


def test_from_yaml_to_a_file_and_back_to_yaml_nothing_is_lost() -> None:
    text = """all:
  cdl: {slope: [1.0231, 0.97, 1e-05], offset: [0.001, -0.02, 0.333333333333], power: [1, 1.1, 0.9],
        saturation: 1.05}
"""
    sheet = load_text(text, "grade.yaml", GradeSheet)
    assert isinstance(sheet.all.cdl, Cdl)
    for name, data in _written(sheet.all.cdl).items():
        assert pick_cdl(read_any_cdl(data, name), "", name) == sheet.all.cdl


ALE = """Heading
FIELD_DELIM\tTABS
FPS\t25

Column
Name\tTape\tStart\tEnd\tASC_SOP\tASC_SAT

Data
A001C003\tA001\t01:00:00:00\t01:00:04:00\t(1.1 1 0.9)(0.01 0 0)(1 1 1.05)\t0.95
A001C004\tA001\t01:00:10:00\t01:00:14:00\t\t
A001C005\tA001\t01:00:20:00\t01:00:24:00\t(2 2 2)(0 0 0)(1 1 1)\t1
"""


def test_a_days_ale_gives_each_clip_its_correction() -> None:
    entries = read_any_cdl(ALE.encode(), "day1.ale")
    assert [entry.id for entry in entries] == ["A001C003", "A001C005"]
    assert pick_cdl(entries, "A001C003", "day1.ale") == Cdl(
        (1.1, 1, 0.9), (0.01, 0, 0), (1, 1, 1.05), 0.95)


@pytest.mark.parametrize(("old", "new", "message"), [
    ("(2 2 2)(0 0 0)(1 1 1)", "(2 2 2)(0 0 0)", "nine numbers"),
    ("(2 2 2)", "(-2 2 2)", "out of range"), ("(1 1 1)\t1", "(1 0 1)\t1", "out of range")])
def test_an_illegal_correction_in_an_ale_is_refused_with_its_line(
        old: str, new: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        read_any_cdl(ALE.replace(old, new).encode(), "day1.ale")
    assert refused.value.where is not None
    assert refused.value.where.line == 11


def test_an_edl_without_corrections_is_refused() -> None:
    edl = "TITLE: x\n001  A001 V C 01:00:00:00 01:00:02:00 01:00:00:00 01:00:02:00\n"
    with pytest.raises(InputError, match="no clip has an ASC CDL"):
        read_any_cdl(edl.encode(), "x.edl")


def test_an_illegal_correction_in_an_edl_is_refused_with_its_line() -> None:
    edl = ("TITLE: x\n001  A001 V C 01:00:00:00 01:00:02:00 01:00:00:00 01:00:02:00\n"
           "* ASC_SOP (-1 1 1)(0 0 0)(1 1 1)\n")
    with pytest.raises(InputError) as refused:
        read_any_cdl(edl.encode(), "x.edl")
    assert refused.value.where is not None
    assert refused.value.where.line == 3
