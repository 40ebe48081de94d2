"""OpenTimelineIO: variable speed, placed pictures and roles, which the format has no words for."""

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from real_lists import camera

from microfinish.core.conform import conform
from microfinish.core.edit import EditList
from microfinish.core.media import MediaLog
from microfinish.core.relink import own_rate
from microfinish.core.sampling import source_frame
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Placement, RetimeKey, Timeline, Transition
from microfinish.interchange.otio_read import read
from microfinish.interchange.otio_write import write_otio

RATE = Fraction(25)
A, B = camera("A001C003.mov", 90_000), camera("B002C001.mov", None, rate=Fraction(30000, 1001))
LOG = MediaLog((A, B))
RAMP = tuple(RetimeKey(Fraction(record), Fraction(source)) for record, source in (
    (0, 10), (20, 30), (35, Fraction(151, 2)), (50, 60)))
MADE = Timeline(RATE, (
    Event("", "V", A.path, Span(10, 90), Span(0, 50), retime=RAMP),
    Event("", "V", A.path, Span(300, 350), Span(50, 100), transition=Transition("dissolve", 12)),
    Event("", "V2", B.path, Span(5, 55), Span(20, 60), placement=Placement(
        0.25, 0.75, 0.4, (0.1, 0.2, 0.0, 0.05), 15.0, 0.5)),
    Event("", "A1", A.path, Span(0, 50), Span(0, 50), role="dialogue.boom"),
), canvas=(1080, 1350))


def again(text: str) -> EditList:
    return read(text.encode(), "edit.otio", RATE)


def test_ramps_places_and_roles_come_back() -> None:
    edit = again(write_otio(MADE, LOG, "ep001"))
    made = conform(edit, LOG.media)
    assert made.canvas == (1080, 1350)
    for old, new in zip(MADE.events, sorted(made.events, key=lambda e: (
            e.track.replace("V", "0"), e.record.start)), strict=True):
        assert (old.track, old.media, old.record, old.transition, old.placement, old.role) == (
            new.track, new.media, new.record, new.transition, new.placement, new.role)
        rate = own_rate(LOG.by_path()[old.media], RATE)
        assert [source_frame(old, rate, RATE, frame) for frame in old.record] == [
            source_frame(new, rate, RATE, frame) for frame in old.record]


def test_other_programs_see_the_average_speed() -> None:
    ramp = (*RAMP[:3], RetimeKey(Fraction(50), Fraction(110)))
    event = replace(MADE.events[0], retime=ramp)
    tree = json.loads(write_otio(replace(MADE, events=(event,)), LOG, "ep001"))
    effect, = tree["tracks"]["children"][0]["children"][0]["effects"]
    assert effect["time_scalar"] == 2.0  # from frame 10 to 110 in 50 frames


def changed(**words: Any) -> EditList:
    tree = json.loads(write_otio(replace(MADE, events=MADE.events[:1]), LOG, "ep001"))
    tree["tracks"]["children"][0]["children"][0]["metadata"]["microfinish"].update(words)
    return again(json.dumps(tree))


@pytest.mark.parametrize("retime", [
    [], 7, "x", [[0, 0]], [[0, 0], [0, 5]], [[5, 0], [0, 5]], [["1/0", 0], [1, 1]],
    [["nan", 0], [1, 1]], [[0, 1, 2]], [None, None], [["1e999", 0], ["2e999", 0]]])
def test_a_damaged_curve_is_an_error_in_the_losses(retime: Any) -> None:
    edit = changed(retime=retime)
    assert edit.lines[0].retime == ()
    assert [loss.severity for loss in edit.losses] == ["error"]


@pytest.mark.parametrize("placement", [
    {"scale": 0}, {"x": float("inf")}, {"crop": [0.5, 0, 0.5, 0]}, {"crop": 3}, {"opacity": 7},
    {"x": "left"}, 5, "x", [], None])
def test_a_damaged_place_is_none(placement: Any) -> None:
    assert changed(placement=placement).lines[0].placement is None


@pytest.mark.parametrize("role", [5, [], {"a": 1}, None])
def test_a_damaged_role_is_none(role: Any) -> None:
    assert changed(role=role).lines[0].role == ""
