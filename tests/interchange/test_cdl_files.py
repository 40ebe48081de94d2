"""ASC CDL files in and out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microfinish.core.cdl import Cdl
from microfinish.core.errors import InputError
from microfinish.interchange.cdl import cc_text, pick_cdl, read_cdl

NUMBER = st.floats(0.001, 100, allow_nan=False)
TRIPLE = st.tuples(NUMBER, NUMBER, NUMBER)


@given(st.builds(Cdl, TRIPLE, TRIPLE, TRIPLE, NUMBER), st.text("ab<&\"'é", max_size=9))
def test_what_is_written_reads_back_exactly(cdl: Cdl, name: str) -> None:
    (entry,) = read_cdl(cc_text(cdl, name).encode(), "x.cc")
    assert (entry.cdl, entry.id) == (cdl, name)


def test_one_of_several_is_picked_by_its_id() -> None:
    text = b"""<ColorCorrectionCollection xmlns="urn:ASC:CDL:v1.2">
<ColorCorrection id="a"><SOPNode><Slope>2 2 2</Slope></SOPNode></ColorCorrection>
<ColorCorrection id="b"><SatNode><Saturation>0.5</Saturation></SatNode></ColorCorrection>
</ColorCorrectionCollection>"""
    entries = read_cdl(text, "x.ccc")
    assert pick_cdl(entries, "b", "x.ccc") == Cdl(saturation=0.5)
    assert entries[1].where.line == 3
    for wanted in ("", "c"):
        with pytest.raises(InputError) as refused:
            pick_cdl(entries, wanted, "x.ccc")
        assert "a, b" in refused.value.hint


@pytest.mark.parametrize(("text", "line"), [
    (b"<ColorCorrection>\n<SOPNode><Slope>1 1</Slope></SOPNode></ColorCorrection>", 2),
    (b"<ColorCorrection>\n<SOPNode><Power>1 0 1</Power></SOPNode></ColorCorrection>", 2),
    (b"<ColorCorrection>\n<SOPNode><Slope>nan 1 1</Slope></SOPNode></ColorCorrection>", 2),
    (b"<ColorCorrection>\n<SOPNode>", 2),
    (b"<html>\n</html>", 1),
])
def test_a_wrong_file_is_refused_with_its_line(text: bytes, line: int) -> None:
    with pytest.raises(InputError) as refused:
        read_cdl(text, "x.cc")
    assert refused.value.where is not None
    assert refused.value.where.line == line


def test_entities_are_refused_before_they_expand() -> None:
    bomb = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<ColorCorrection id="&b;"/>"""
    with pytest.raises(InputError, match="entities"):
        read_cdl(bomb, "bomb.cc")


def test_real_files_are_read(testdata: Path) -> None:
    def read(name: str):
        return read_cdl((testdata / "luts" / name).read_bytes(), name)

    assert read("ocio_cdl_test1.cc")[0].cdl == Cdl((1.1, 1.2, 1.3), (2.1, 2.2, 2.3),
                                                   (3.1, 3.2, 3.3), 0.7)
    assert read("ocio_cdl_test1.ccc")[0].id == "cc0001"
    assert len(read("ocio_cdl_test1.cdl")) == 5
    assert read("ocio_cc_in_cdl_ext.cdl")[0].cdl.is_identity
