"""Every real FCPXML file: each in, out, record and duration against an independent oracle."""

import os
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from fcpxml_oracle import Leaf, Oracle, source_frame

from microfinish.core.edit import EditLine, EditList
from microfinish.core.errors import InputError
from microfinish.interchange.fcpxml import projects, read, read_project
from microfinish.interchange.xmltext import parse_document

FOLDER = Path(os.environ.get("MICROFINISH_TESTDATA", "")) / "interchange"
FILES = sorted(FOLDER.glob("**/*.fcpxml")) if "MICROFINISH_TESTDATA" in os.environ else []
needs_files = pytest.mark.skipif(not FILES, reason="MICROFINISH_TESTDATA is not set")
each = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def both(path: Path) -> list[tuple[EditList, ET.Element, ET.Element]]:
    """(what the reader says, the tree, the sequence) of every project of a file."""
    data = path.read_bytes()
    document, tree = parse_document(data, path.name), ET.fromstring(data)
    sequences = [s for p in tree.iter("project") for s in p.findall("sequence")] or [
        s for m in tree.iter("media") for s in m.findall("sequence")]
    found = projects(document, path.name)
    assert len(found) == len(sequences)
    return [(read_project(document, path.name, Fraction(25), project), tree, sequence)
            for project, sequence in zip(found, sequences, strict=True)]


def affine(leaf: Leaf, oracle: Oracle, frame: int) -> tuple[Any, ...]:
    """The same for all frames that one clip shows in one go."""
    return (id(leaf.element), leaf.pace, leaf.media - leaf.pace * Fraction(frame) / oracle.rate)


def asked(lines: list[EditLine], start: int, length: int) -> list[int]:
    """The frames to ask the oracle for: all around every border, and every seventh between."""
    borders = {edge - start for line in lines if line.record
               for edge in (line.record.start, line.record.end)}
    near = {edge + off for edge in borders for off in (-1, 0, 1)}
    return sorted(frame for frame in near | set(range(0, length, 7)) if 0 <= frame < length)


def picture_by_frame(oracle: Oracle, frames: Iterable[int]) -> list[tuple[Any, ...]]:
    """(frame in, frame out, leaf or None, dissolve) runs of the topmost picture."""
    runs: list[list[Any]] = []
    before = None
    for frame in frames:
        leaves = oracle.at(frame)
        solid = [i for i, leaf in enumerate(leaves) if leaf.asset is not None]
        top = leaves[solid[-1]] if solid else None
        holes = [leaf for leaf in leaves[solid[-1] + 1 if solid else 0:] if leaf.fade]
        key = affine(top, oracle, frame) if top else None
        if not runs or key != before:
            fade = top.fade if top and top.fade else (holes[-1].fade if holes else None)
            if top is None and (not runs or runs[-1][2] is None):
                fade = None  # black into black
            runs.append([frame, frame, top, round(fade[2] * oracle.rate) if fade else 0])
        runs[-1][1] = frame + 1
        before = key
    return [tuple(run) for run in runs]


@needs_files
@each
def test_every_picture_is_the_one_that_the_oracle_sees(path: Path) -> None:
    for edit, tree, sequence in both(path):
        oracle = Oracle(tree, sequence, "video")
        assert edit.rate == oracle.rate
        start = edit.start_frame or 0
        assert start == oracle.start * oracle.rate
        lines = [line for line in edit.lines if line.tracks == ("V",)]
        length = max(line.record.end for line in lines if line.record) - start
        assert length >= oracle.frames()
        expected = picture_by_frame(oracle, asked(lines, start, length))
        assert not oracle.at(length)
        assert [(line.record.start - start, line.record.end - start) for line in lines
                if line.record] == [run[:2] for run in expected]
        for line, (begin, _, leaf, mix) in zip(lines, expected, strict=True):
            assert line.black is (leaf is None)
            assert (line.transition.frames if line.transition else 0) == mix, (line, begin)
            if leaf is not None:
                assert line.speed == leaf.pace
                assert in_of(line, leaf, oracle) == source_frame(leaf, oracle), line
                assert leaf.asset.get("name") in line.names


def in_of(line: EditLine, leaf: Leaf, oracle: Oracle) -> int:
    """A line's source in from the start of the file, its label counted by hand."""
    if isinstance(line.source_in, int):
        return line.source_in
    assert line.source_in is not None
    hours, minutes, seconds, frames = (int(n) for n in line.source_in.replace(";", ":").split(":"))
    rate = oracle.rate_of(leaf.asset.get("format"))
    nominal = round(rate)
    number = ((hours * 60 + minutes) * 60 + seconds) * nominal + frames
    above, _, below = leaf.asset.get("start").rstrip("s").partition("/")
    return number - round(Fraction(int(above), int(below or 1)) * rate)


@needs_files
@each
def test_every_sound_is_one_that_the_oracle_hears(path: Path) -> None:
    for edit, tree, sequence in both(path):
        oracle = Oracle(tree, sequence, "audio")
        start = edit.start_frame or 0
        lines = [line for line in edit.lines if line.tracks[0].startswith("A")]
        end = max((line.record.end for line in lines if line.record), default=0) - start
        for frame in asked(lines, start, end + 2):
            leaves = [leaf for leaf in oracle.at(frame) if leaf.asset is not None]
            heard = [line for line in lines if line.record and frame + start in line.record]
            assert len(heard) == len(leaves), frame
            for line in heard:
                if line.record and line.record.start == frame + start:
                    assert any(in_of(line, leaf, oracle) == source_frame(leaf, oracle)
                               and line.speed == leaf.pace for leaf in leaves), line


@needs_files
@each
def test_every_clip_of_a_sequence_lies_within_its_stated_duration(path: Path) -> None:
    for edit, _, sequence in both(path):
        above, _, below = sequence.get("duration", "").rstrip("s").partition("/")
        stated = Fraction(int(above), int(below or 1)) * edit.rate
        last = max(line.record.end for line in edit.lines if line.record)
        assert abs(last - (edit.start_frame or 0) - stated) <= 1, path.name


@needs_files
@each
def test_a_file_reads_as_one_edit_or_names_its_projects(path: Path) -> None:
    try:
        edit = read(path.read_bytes(), path.name, Fraction(25))
    except InputError as error:
        assert "projects: " in error.message and error.hint
    else:
        assert edit.lines


@needs_files
def test_the_corpus_is_there() -> None:
    assert len(FILES) >= 20
