"""Every real list: read, or refused in words; each event right by an independent count, and
nothing left out without a loss that names its line."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from real_lists import CORPUS, HERE, needs_corpus

from microfinish.core.edit import EditLine, EditList
from microfinish.core.errors import InputError, MicrofinishError, ProblemsError
from microfinish.core.sampling import curve_frame
from microfinish.interchange.readers import READERS, read_edit_list

FILES = [path for path in sorted(CORPUS.rglob("*")) if path.suffix.lower() in READERS
         and path.name != "ascmhl_chain.xml"] if HERE else []
RATES = tuple(Fraction(text) for text in ("24", "25", "30000/1001", "60"))
REFUSED = {"premiere_example_filter.xml", "sample_just_track.xml", "gaps.otio",
           "test_muted_clip.aaf", "fcpx_event.fcpxml", "fcpx_example.fcpxml"}
"""A fragment, three without a clip that plays, and two that hold several projects."""


def at_its_rate(path: Path) -> EditList:
    data = path.read_bytes()
    for rate in RATES:
        try:
            edit = read_edit_list(data, path.name, rate)
        except ProblemsError:
            continue
        return edit if path.suffix == ".edl" else read_edit_list(data, path.name, edit.rate)
    raise AssertionError(f"{path.name} fits no rate")


def of(extension: str) -> Any:
    return pytest.mark.parametrize(
        "path", [path for path in FILES if path.suffix == extension and path.name not in REFUSED],
        ids=lambda path: path.name)


@needs_corpus
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_real_list_is_read_or_refused_and_every_loss_has_its_line(path: Path) -> None:
    if path.suffix == ".aaf":
        pytest.importorskip("otio_aaf_adapter")
    if path.name in REFUSED:
        with pytest.raises(InputError) as caught:
            at_its_rate(path)
        assert caught.value.message and caught.value.where and caught.value.where.file == path.name
        return
    edit = at_its_rate(path)
    assert edit.lines
    for loss in edit.losses:
        assert loss.severity in ("info", "warning", "error")
        assert loss.reason and loss.file == path.name
        # AAF is binary and has no lines; OTIO tracks stand on none that is told
        assert loss.line > 0 or path.suffix in (".aaf", ".otio"), loss
    for line in edit.lines:
        assert line.record is None or line.record.length > 0
        assert line.where is not None and line.where.file == path.name


# EDL, counted by hand from its columns

LABEL = re.compile(r"(\d\d)[:;.](\d\d)[:;.](\d\d)[:;.](\d\d)")


def by_hand(label: str, nominal: int, drop: bool) -> int:
    hours, minutes, seconds, frames = (int(part) for part in LABEL.fullmatch(label).groups())
    total = ((hours * 60 + minutes) * 60 + seconds) * nominal + frames
    every = hours * 60 + minutes
    return total - (every - every // 10) * (nominal // 15) if drop else total


def rows(text: str) -> Iterator[tuple[int, list[str], bool]]:
    """(line number, its four labels, FCM drop) of every event line, by its labels alone."""
    drop = False
    for number, row in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if row.strip().upper().startswith("FCM:"):
            drop = "NON" not in row.upper()
        labels = [match.group() for match in LABEL.finditer(row)]
        if len(labels) == 4 and row.strip()[0].isdigit():
            yield number, labels, drop


@needs_corpus
@of(".edl")
def test_every_edl_event_has_the_frames_of_its_columns(path: Path) -> None:
    edit = at_its_rate(path)
    nominal = round(edit.rate)
    read = {line.where.line: line for line in edit.lines if line.where}
    told = {loss.line for loss in edit.losses}
    seen = 0
    for number, labels, fcm in rows(path.read_bytes().decode("latin-1")):
        drop = edit.rate.denominator > 1 and (fcm or any(";" in label for label in labels))
        start, end = (by_hand(label, nominal, drop) for label in labels[2:])
        if number not in read:
            # an outgoing side without length, or said to be left out
            assert start == end or number in told, (number, labels)
            continue
        seen += 1
        line = read[number]
        assert (line.record.start, line.record.end) == (start, end), number
        assert LABEL.fullmatch(str(line.source_in).replace(";", ":")), number
        assert str(line.source_in).replace(";", ":") == re.sub("[;.]", ":", labels[0])
    assert seen == len(edit.lines)


# FCP7 XML, asked frame by frame from above

def whole(element: Any, tag: str) -> int:
    return int(float(element.findtext(tag) or -1))


class Fcp7:
    """What is seen at a frame of a sequence: the name of the file's element and its frame."""

    def __init__(self, root: ET.Element) -> None:
        self.files = {f.get("id"): f for f in root.iter("file") if len(f)}
        self.rate = stated_rate(next(s for s in root.iter("sequence") if len(s)))
        self.sequences = {s.get("id"): s for s in root.iter("sequence") if len(s)}

    def at(self, sequence: Any, frame: int) -> tuple[str, Fraction | None] | None:
        seen = None
        for track in sequence.findall("media/video/track"):
            if (track.findtext("enabled") or "").upper() == "FALSE":
                continue
            for index, item in enumerate(track):
                if item.tag != "clipitem" or (item.findtext("enabled") or "").upper() == "FALSE":
                    continue
                found = self.item(list(track), index, frame)
                if found != "nothing":
                    seen = found
        return seen

    def item(self, items: list[Any], index: int, frame: int) -> Any:
        item = items[index]
        before = items[index - 1] if index else None
        after = items[index + 1] if index + 1 < len(items) else None
        start, end = whole(item, "start"), whole(item, "end")
        at = start
        if before is not None and before.tag == "transitionitem":
            at = whole(before, "start")
            start = start if start >= 0 else at
        if after is not None and after.tag == "transitionitem":
            end = whole(after, "start")
        if not at <= frame < end:
            return "nothing"
        offset = frame - start
        if item.find("sequence") is not None:
            nested = self.sequences[item.find("sequence").get("id")]
            inside = self.at(nested, whole(item, "in") + offset)
            return "nothing" if inside is None else inside
        named = item.find("file")
        file = self.files.get(named.get("id")) if named is not None else None
        if file is not None and file.findtext("mediaSource"):
            return "nothing"
        name = item.findtext("name") or ""
        return name, self.source(item, offset)

    def source(self, item: Any, offset: int) -> Fraction | None:
        """Seconds from the file's start; None where a speed has no graph to look at."""
        own, rate = stated_rate(item), self.rate
        at = Fraction(item.findtext("in")) + offset * own / rate
        for effect in item.iter("effect"):
            if effect.findtext("effectid") == "timeremap":
                points = sorted((Fraction(k.findtext("when")), Fraction(k.findtext("value")))
                                for k in effect.iter("keyframe"))
                pairs = list(pairwise(points))
                if not pairs:
                    return None
                (t0, v0), (t1, v1) = next((pair for pair in pairs[:-1] if at < pair[1][0]),
                                          pairs[-1])
                at = v0 + (v1 - v0) * (at - t0) / (t1 - t0)
        return at / own


def stated_rate(element: Any) -> Fraction:
    timebase = int(element.findtext("rate/timebase"))
    ntsc = (element.findtext("rate/ntsc") or "").upper() == "TRUE"
    return Fraction(timebase * 1000, 1001) if ntsc else Fraction(timebase)


@needs_corpus
@of(".xml")
def test_every_fcp7_picture_is_the_one_seen_from_above(path: Path) -> None:
    edit = at_its_rate(path)
    root = ET.fromstring(path.read_bytes())
    oracle = Fcp7(root)
    sequence = next(s for s in root.iter("sequence") if len(s))
    start = edit.start_frame or 0
    lines = [line for line in edit.lines if line.tracks[0].startswith("V") and line.record]
    end = max(line.record.end for line in lines if line.record) - start
    borders = {edge - start + off for line in lines if line.record
               for edge in (line.record.start, line.record.end) for off in (-1, 0, 1)}
    asked = sorted(frame for frame in borders | set(range(0, end, 97)) if 0 <= frame < end)
    wrong = []
    for frame in asked:
        there = [line for line in lines if line.record and frame + start in line.record]
        top = max(there, key=lambda line: int(line.tracks[0][1:] or 1), default=None)
        seen = oracle.at(sequence, frame)
        if (seen is None) != (top is None or top.black):
            wrong.append((frame, seen, top))
        elif seen is not None and top is not None:
            assert top.names[-1] == seen[0] or seen[0] in top.names, frame
            got = position(top, frame + start, edit.rate)
            if seen[1] is not None and abs(got - seen[1] * (top.source_rate or edit.rate)) > 1:
                wrong.append((frame, seen, got, top))
    assert wrong == []


def position(line: EditLine, frame: int, rate: Fraction) -> Fraction:
    """The file's frame that a line shows, its label counted from the stated start."""
    assert line.record is not None
    entry = line.source_in
    own = line.source_rate or rate
    if isinstance(entry, str):
        drop = ";" in entry or bool(line.source_drop)
        entry = by_hand(entry.replace(";", ":"), round(own), drop) - (line.source_start or 0)
    assert isinstance(entry, int)
    index = frame - line.record.start
    if line.retime:
        return Fraction(entry + curve_frame(line.retime, index))
    return entry + index * line.speed * own / rate


# OTIO, counted from its JSON

def seconds(time: Any) -> Fraction:
    rate = Fraction(time["rate"]).limit_denominator(1001)
    for nominal in (24, 30, 60):
        if abs(rate - Fraction(nominal * 1000, 1001)) < Fraction(1, 100):
            rate = Fraction(nominal * 1000, 1001)
    return Fraction(time["value"]) / rate


def spans(track: Any) -> Iterator[tuple[Fraction, Fraction, Any]]:
    """(begin, end, item) of what stands on a track; transitions take no room."""
    at = Fraction(0)
    for item in track["children"]:
        schema = item["OTIO_SCHEMA"].partition(".")[0]
        if schema == "Transition":
            continue
        range_ = item.get("source_range") or (item.get("media_reference") or {}).get(
            "available_range") or next(iter(
                reference["available_range"] for reference in (
                    item.get("media_references") or {"": {"available_range": None}}).values()))
        length = seconds(range_["duration"]) if range_ else sum(
            (end - begin for begin, end, _ in spans(item)), Fraction(0))
        yield at, at + length, item
        at += length


@needs_corpus
@of(".otio")
def test_every_otio_clip_of_the_base_track_stands_where_its_json_says(path: Path) -> None:
    edit = at_its_rate(path)
    tree = json.loads(path.read_text(encoding="utf-8").replace(": Inf", ": 1e999"))
    if tree["OTIO_SCHEMA"].startswith("SerializableCollection"):
        tree = next(child for child in tree["children"]
                    if child["OTIO_SCHEMA"].startswith("Timeline"))
    tracks = [track for track in tree["tracks"]["children"]
              if track.get("kind") == "Video" and track.get("enabled", True)]
    start = edit.start_frame or 0
    flat = len(tracks) == 1 and not any(
        child["OTIO_SCHEMA"].split(".")[0] in ("Stack", "Track", "Sequence", "Transition")
        for child in tracks[0]["children"]) and not tracks[0].get("source_range")
    if not flat:
        pytest.skip("several tracks, transitions or nested: other tests look at those")
    expected = [(round(begin * edit.rate), round(end * edit.rate), item.get("name") or "")
                for begin, end, item in spans(tracks[0])
                if item["OTIO_SCHEMA"].split(".")[0] == "Clip" and item.get("enabled", True)]
    read = [(line.record.start - start, line.record.end - start, line.names[-1])
            for line in edit.lines if line.tracks == ("V",) and line.names[0] != "gap"
            and line.record]
    assert [span[:2] for span in read] == [span[:2] for span in expected if span[0] < span[1]]


@needs_corpus
def test_no_file_of_the_corpus_is_left_out() -> None:
    assert len(FILES) >= 60
    counts: dict[str, int] = {}
    for path in FILES:
        counts[path.suffix] = counts.get(path.suffix, 0) + 1
    assert set(counts) == set(READERS)
    assert issubclass(InputError, MicrofinishError)
