"""The frame goes where the editor says, else where the face is, and stays inside the picture."""

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import microfinish.media.faces
from microfinish.core.errors import ProblemsError
from microfinish.core.face_track import Face
from microfinish.core.frame import PathKey, PointKey, Raster, ReframeSheet, ShotReframe
from microfinish.core.media import Media, MediaLog, Picture
from microfinish.core.time import Span
from microfinish.core.timeline import Event, PictureLock, Revision, Timeline
from microfinish.core.vfx import Returns
from microfinish.documents.validate import load_text
from microfinish.pipeline.stage import Inputs
from microfinish.project.project import Project
from microfinish.stages.reframe import ReframeStage, sample_offsets

RATE = Fraction(25)
HOUR = 3600 * 25


def media(name: str, width: int, height: int, rotation: int = 0,
          aspect: Fraction = Fraction(1)) -> Media:
    return Media(f"media/{name}.mov", f"digest-{name}", 1, reel=name, start_frame=HOUR,
                 timecode_rate=RATE, picture=Picture("h264", width, height, RATE, 500,
                                                     rotation=rotation, sample_aspect=aspect))


LOG = MediaLog((media("WIDE", 1920, 1080), media("PHONE", 1920, 1080, rotation=90),
                media("TALL", 1080, 2340), media("ANA", 1440, 1080, aspect=Fraction(4, 3))))


def timeline(*shots: str, speed: Fraction = Fraction(1)) -> Timeline:
    return Timeline(RATE, tuple(
        Event(f"s{i}", "V1", f"media/{name}.mov", Span(100, 150), Span(50 * i, 50 * i + 50), speed)
        for i, name in enumerate(shots)))


def framings(edit: Timeline, sheet: ReframeSheet | None = None, facts=None):
    lock = PictureLock((Revision(1, "d", "", "", "", edit),))
    inputs = Inputs.of(log=LOG, lock=lock, sheet=sheet, raster=Raster(1080, 1920), conform="time",
                       vfx=Returns())
    context = SimpleNamespace(
        path=lambda relative: Path("/nowhere") / relative,
        facts=facts or SimpleNamespace(get=lambda kind, version, key, compute: compute()),
        map=lambda work, items, label: [work(item) for item in items],
    )
    return ReframeStage().run(inputs, context).shots


@pytest.fixture
def face(monkeypatch):
    """Put a face into every sample: `face(lambda source_frame: Face | None)`."""
    def at(place):
        def find(path, picture, frames, detector=None):
            return [(found,) if (found := place(n)) else () for n in frames]
        monkeypatch.setattr(microfinish.media.faces, "find_faces", find)
    at(lambda n: None)
    return at


def test_a_vertical_source_is_taken_whole(face):
    (shot,) = framings(timeline("PHONE"))
    assert (shot.fit, shot.width, shot.height, shot.path) == (
        "crop", 1080, 1920, (PathKey(0, 0.0, 0.0),))
    assert shot.reason == "vertical source"


def test_without_a_face_the_centre_is_shown(face):
    (shot,) = framings(timeline("WIDE"))
    assert (shot.width, shot.height, shot.path) == (608, 1080, (PathKey(0, 656.0, 0.0),))
    assert shot.reason == "no face found: centre"


def test_a_face_is_held_in_the_middle_and_the_reason_says_so(face):
    face(lambda n: Face(0.57, 0.2, 0.1, 0.18))
    (shot,) = framings(timeline("WIDE"))
    assert shot.path == (PathKey(0, 886.0, 0.0),)  # 0.62 * 1920 - 608 / 2, even
    assert shot.reason == "face at 0.62 in 6 of 6 samples"


def test_a_face_in_a_tall_picture_has_its_eyes_a_third_down(face):
    face(lambda n: Face(0.3, 0.3, 0.4, 0.2))
    (shot,) = framings(timeline("TALL"))
    eyes = 0.38 * 2340
    assert shot.path[0].y == pytest.approx(eyes - 1920 / 3, abs=2)


def test_a_walking_face_is_followed_by_one_pan(face):
    face(lambda n: Face(0.2 + 0.008 * (n - 100), 0.2, 0.1, 0.18))
    (shot,) = framings(timeline("WIDE"))
    xs = [key.x for key in shot.path]
    assert xs == sorted(xs) and xs[-1] - xs[0] > 300
    assert shot.reason.endswith("pan")


def test_an_anamorphic_source_fills_the_frame_undistorted(face):
    (shot,) = framings(timeline("ANA"))
    shown = Fraction(shot.width, shot.height) * Fraction(4, 3)
    assert abs(shown / Fraction(9, 16) - 1) < Fraction(1, 100)


def test_the_sheet_wins_over_the_face_and_names_its_line(face):
    face(lambda n: Face(0.57, 0.2, 0.1, 0.18))
    text = ("shots:\n"
            "  WIDE@01:00:04:02: {point: [0.25, 0.5]}\n"
            "  s1: {fit: blur}\n"
            "  s2: {box: [0.4, 0.2, 0.15, 0.5]}\n"
            "  s3: {keyframes: [{at: 0, point: [0.2, 0.5]}, "
            "{at: \"01:00:05:00\", point: [0.8, 0.5]}]}\n")
    sheet = load_text(text, "episodes/ep001/reframe.yaml", ReframeSheet)
    edit = timeline("WIDE", "ANA", "TALL", "WIDE")
    events = (*edit.events[:3],
              Event("s3", "V1", "media/WIDE.mov", Span(115, 165), Span(150, 200)))
    first, second, third, fourth = framings(Timeline(RATE, events), sheet)
    assert (first.path, first.reason) == ((PathKey(0, 176.0, 0.0),), "reframe.yaml:2")
    assert (second.fit, second.width, second.height, second.reason) == (
        "blur", 1440, 1080, "reframe.yaml:3")
    assert third.path[0].x <= 0.4 * 1080 and third.path[0].x + third.width >= 0.55 * 1080
    assert third.path[0].y <= 0.2 * 2340 + 1 and third.path[0].y + third.height >= 0.7 * 2340 - 1
    assert fourth.path == (PathKey(0, 80.0, 0.0), PathKey(10, 1232.0, 0.0))


def test_reel_and_timecode_name_the_shot(face):
    (shot,) = framings(timeline("WIDE"), ReframeSheet(shots={
        "wide@01:00:04:10": ShotReframe(fit="bars")}))
    assert (shot.fit, shot.path) == ("bars", ())


def test_everything_wrong_in_the_sheet_is_said_at_once(face):
    with pytest.raises(ProblemsError) as caught:
        framings(timeline("WIDE", "TALL"), ReframeSheet(shots={
            "s0": ShotReframe(point=(0.5, 0.5), fit="blur"),
            "s1": ShotReframe(keyframes=(PointKey(99, (0.5, 0.5)),))}))
    assert [p.message for p in caught.value.problems] == [
        "shot s0 needs exactly one of point, fit, box, keyframes",
        "keyframe 99 lies outside shot s1"]


def test_a_reversed_shot_is_sampled_where_it_is_shown(face):
    seen: list[int] = []

    def place(n: int) -> Face:
        seen.append(n)
        return Face(0.4, 0.2, 0.1, 0.18)
    face(place)
    framings(timeline("WIDE", speed=Fraction(-1)))
    assert seen == sorted(seen, reverse=True)
    assert all(100 <= n < 150 for n in seen)


@pytest.mark.parametrize(("length", "count"), [(1, 1), (3, 3), (50, 6), (75, 9), (1000, 12)])
def test_samples_lie_inside_the_shot(length, count):
    offsets = sample_offsets(length, RATE, Fraction(1))
    assert len(set(offsets)) == count
    assert all(0 <= offset < length for offset in offsets)
    assert np.all(np.diff(offsets) > 0)


def test_faces_are_looked_for_once_per_media_and_span(face, tmp_path):
    project_facts = Project(tmp_path).facts
    looked: list[int] = []

    def place(n: int) -> Face:
        looked.append(n)
        return Face(0.57, 0.2, 0.1, 0.18)
    face(place)
    first = framings(timeline("WIDE"), facts=project_facts)
    count = len(looked)
    assert framings(timeline("WIDE"), facts=project_facts) == first
    assert len(looked) == count == 6
