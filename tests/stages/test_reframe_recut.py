"""A crop stays at its source frames when its shot is cut again, and says where it cannot."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest

import microfinish.media.faces
from microfinish.core.crop_path import position
from microfinish.core.face_track import Face
from microfinish.core.frame import Framings, Raster, ReframeSheet
from microfinish.core.media import Media, MediaLog, Picture
from microfinish.core.shots import with_shot_ids
from microfinish.core.time import Span
from microfinish.core.timeline import Event, PictureLock, Revision, Timeline
from microfinish.core.vfx import Returns
from microfinish.documents.validate import load_text
from microfinish.pipeline.stage import Inputs
from microfinish.stages.reframe import ReframeStage

RATE, HOUR = Fraction(25), 3600 * 25
LOG = MediaLog(tuple(
    Media(f"media/{name}.mov", name, 1, reel=name, start_frame=HOUR, timecode_rate=RATE,
          picture=Picture("h264", 1920, 1080, RATE, 500)) for name in "ABX"))
KEYS = "shots: {sh010: {keyframes: [{at: 0, point: [0.3, 0.5]}, {at: 49, point: [0.7, 0.5]}]}}"
Cut = tuple[tuple[str, int, int], ...]


def cut(*spans: tuple[str, int, int], previous: Timeline | None = None,
        speed: Fraction = Fraction(1)) -> Timeline:
    events, at = [], 0
    for name, start, end in spans:
        length = int((end - start) / abs(speed))
        events.append(Event("", "V", f"media/{name}.mov", Span(start, end),
                            Span(at, at + length), speed))
        at += length
    return with_shot_ids(Timeline(RATE, tuple(events)), previous)


def framed(old: Timeline, new: Timeline, sheet: str = "{}") -> Framings:
    """The framings of the new cut, with a `reframe.yaml` in the time of the old one."""
    parsed = load_text(sheet, "reframe.yaml", ReframeSheet)
    digest = Inputs.of(sheet=parsed).digests()["sheet"]
    lock = PictureLock(tuple(Revision(number, "", "", "", "", timeline,
                                      human={"reframe.yaml": digest})
                             for number, timeline in enumerate((old, new), 1)))
    context = SimpleNamespace(
        episode="ep001", path=lambda relative: Path("/nowhere") / relative,
        emit=lambda event: None, map=lambda work, items, label: [work(item) for item in items],
        facts=SimpleNamespace(get=lambda kind, version, key, compute: compute()))
    return ReframeStage().run(Inputs.of(
        log=LOG, lock=lock, sheet=parsed, raster=Raster(1080, 1920), conform="time",
        vfx=Returns()), context)


@pytest.fixture
def face(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int], bool]], None]:
    """Put a face at 0.72 into the source frames that a rule names."""
    def at(there: Callable[[int], bool]) -> None:
        def find(path: Path, picture: Picture, frames: list[int], detector: object = None
                 ) -> list[tuple[Face, ...]]:
            return [(Face(0.67, 0.2, 0.1, 0.18),) if there(n) else () for n in frames]
        monkeypatch.setattr(microfinish.media.faces, "find_faces", find)
    at(lambda n: False)
    return at


OLD = cut(("A", 100, 150), ("B", 0, 50))


def xs(found: Framings, timeline: Timeline) -> dict[int, float]:
    """The crop's left edge at every source frame of shot sh010."""
    (framing,) = [each for each in found.shots if each.shot == "sh010"]
    (event,) = [each for each in timeline.picture() if each.shot == "sh010"]
    step = event.speed
    first = event.source.start if step > 0 else event.source.end - 1
    return {first + int(offset * step): position(framing.path, offset)[0]
            for offset in range(event.record.length)}


@pytest.mark.parametrize("span", [(110, 150), (100, 130), (120, 131), (90, 160), (105, 155)])
@pytest.mark.parametrize("sheet", [KEYS, KEYS.replace("at: 0", 'at: "01:00:04:00"').replace(
    "at: 49", 'at: "01:00:05:24"')])
def test_keyframes_stay_at_their_source_frames_through_trims_and_slips(
    face: object, span: tuple[int, int], sheet: str
) -> None:
    before = xs(framed(OLD, OLD, sheet), OLD)
    new = cut(("A", *span), ("B", 0, 50), previous=OLD)
    found = framed(OLD, new, sheet)
    after = xs(found, new)
    assert found.findings == ()
    for frame in before.keys() & after.keys():
        assert after[frame] == pytest.approx(before[frame], abs=1e-6)


def test_keyframes_of_a_reversed_shot_stay_too(face: object) -> None:
    old = cut(("A", 100, 150), speed=Fraction(-1))
    new = cut(("A", 100, 140), previous=old, speed=Fraction(-1))
    before, after = xs(framed(old, old, KEYS), old), xs(framed(old, new, KEYS), new)
    assert before[139] == pytest.approx(after[139], abs=1e-6)


def test_a_part_that_was_split_off_goes_on_along_the_path(face: object) -> None:
    new = cut(("A", 100, 130), ("X", 0, 10), ("A", 130, 150), ("B", 0, 50), previous=OLD)
    found = framed(OLD, new, KEYS)
    before = xs(framed(OLD, OLD, KEYS), OLD)
    (part,) = [event.shot for event in new.picture() if event.parent == "sh010"]
    (framing,) = [each for each in found.shots if each.shot == part]
    assert position(framing.path, 5)[0] == pytest.approx(before[135], abs=1e-6)


def test_a_path_of_which_nothing_is_left_is_a_decision(face: object) -> None:
    sheet = KEYS.replace("at: 49", "at: 9")
    new = cut(("A", 120, 150), ("B", 0, 50), previous=OLD)
    (finding,) = framed(OLD, new, sheet).findings
    assert (finding.rule, finding.severity, finding.shot) == ("reframe.recut", "warning", "sh010")
    assert (finding.was, finding.at) == ("00:00:00:00", "00:00:00:00")
    assert "sh010: {point: [0.70, 0.50]}" in finding.fix


def test_a_crop_whose_face_was_cut_off_is_a_decision_with_where_it_was(
    face: Callable[[Callable[[int], bool]], None]
) -> None:
    face(lambda n: n < 135)
    new = cut(("A", 136, 150), ("B", 0, 50), previous=OLD)
    (finding,) = framed(OLD, new).findings
    assert (finding.rule, finding.shot, finding.severity) == ("reframe.recut", "sh010", "warning")
    assert "sh010: {point: [0.72," in finding.fix
    assert framed(OLD, cut(("A", 100, 140), ("B", 0, 50), previous=OLD)).findings == ()


def test_a_framing_of_another_take_is_a_decision(face: object) -> None:
    new = cut(("X", 200, 250), ("B", 0, 50), previous=OLD)
    found = framed(OLD, new, "shots: {sh010: {point: [0.3, 0.5]}}")
    (finding,) = found.findings
    assert "another take" in finding.message and "media/X.mov" in finding.message
