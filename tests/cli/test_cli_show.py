"""The documented form of a timeline, and the tables of each stage."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from microfinish.cli.show import answer, show_body
from microfinish.core.color import Balance, Corrections, ShotCorrection
from microfinish.core.finding import Finding, Findings
from microfinish.core.frame import Framing, Framings, PathKey, Raster
from microfinish.core.media import Media, MediaLog, Picture
from microfinish.core.sync import Match, SyncTable
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Loss, PictureLock, Revision, Timeline, Transition
from microfinish.documents.record import write

TIMELINE = Timeline(
    Fraction(24000, 1001),
    (
        Event("s1", "V", "media/A001.mov", Span(10, 34), Span(0, 24)),
        Event("s2", "V", "media/B001.mov", Span(0, 24), Span(24, 72), Fraction(1, 2),
              Transition("dissolve", 12)),
        Event("s2a", "A1", "", Span(0, 24), Span(24, 48), Fraction(-1)),
    ),
    (Loss("episodes/ep001/edit.edl", 7, "FINAL CUT PRO REEL: X", "info", "not used"),),
    start_frame=86400,
)

AS_JSON = {
    "rate": "24000/1001",
    "start_frame": 86400,
    "events": [
        {"shot": "s1", "track": "V", "media": "media/A001.mov", "source_in": 10, "source_out": 34,
         "record_in": 0, "record_out": 24, "speed": "1/1", "transition": None},
        {"shot": "s2", "track": "V", "media": "media/B001.mov", "source_in": 0, "source_out": 24,
         "record_in": 24, "record_out": 72, "speed": "1/2",
         "transition": {"kind": "dissolve", "frames": 12}},
        {"shot": "s2a", "track": "A1", "media": "", "source_in": 0, "source_out": 24,
         "record_in": 24, "record_out": 48, "speed": "-1/1", "transition": None},
    ],
    "losses": [{"file": "episodes/ep001/edit.edl", "line": 7, "text": "FINAL CUT PRO REEL: X",
                "severity": "info", "reason": "not used"}],
}


def test_a_timeline_answers_in_frames_and_rational_speeds() -> None:
    assert json.loads(json.dumps(answer("assemble", TIMELINE))) == AS_JSON


def test_show_assemble_prints_exactly_that(typed: Any, tmp_path: Path) -> None:
    (tmp_path / "microfinish.yaml").write_text("title: Roof\n")
    write(tmp_path / "episodes/ep001/documents/assemble.yaml", "assemble", 1, {}, TIMELINE)
    shown = typed("show", "ep001", "assemble", "--json", "-C", str(tmp_path), "-q")
    assert shown.code == 0
    assert {k: v for k, v in shown.json.items() if k not in ("microfinish", "schema")} == AS_JSON


def test_a_document_edited_by_hand_is_refused_with_the_file_to_change(
    typed: Any, tmp_path: Path
) -> None:
    (tmp_path / "microfinish.yaml").write_text("title: Roof\n")
    path = tmp_path / "episodes/ep001/documents/assemble.yaml"
    write(path, "assemble", 1, {}, TIMELINE)
    path.write_text(path.read_text().replace("A001.mov", "A002.mov"))
    shown = typed("show", "ep001", "assemble", "--json", "-C", str(tmp_path))
    assert shown.code == 2
    assert "was edited by hand\nhint: make the change in the edit list" in shown.err


MEDIA = Media("media/A001.mov", "d", 1, "A001", 90000, Fraction(25), picture=Picture(
    "hevc", 1920, 1080, Fraction(25), 100, variable=True, rotation=90))
FRAMING = Framing("s1", "crop", 608, 1080, (PathKey(0, 656.0, 0.0),), "face at 0.62")


@pytest.mark.parametrize(("stage", "body", "says"), [
    ("log", MediaLog((MEDIA,)), ["hevc 1920x1080", "01:00:00:00", "VFR", "rotated 90"]),
    ("sync", SyncTable((Match("A001.mov", "", reason="no sound alike"),)),
     ["no match", "no sound alike"]),
    ("assemble", TIMELINE, ["01:00:00:00", "dissolve 12", "1/2", "black", "not used"]),
    ("lock", PictureLock((Revision(1, "d", "2026-11-20", "ana", "first", TIMELINE),)),
     ["first", "revision 1", "01:00:00:00"]),
    ("correct", Corrections("apply", (ShotCorrection(
        "s1", Balance(0.25, -150, 0.001), "grey wall", 0.9, "applied"),)),
     ["+0.25", "-150 K", "grey wall"]),
    ("reframe", Framings(Raster(1080, 1920), (FRAMING,)), ["608x1080", "face at 0.62", "still"]),
    ("qc", Findings(("a.mp4",), ()), ["a.mp4", "OK"]),
    ("qc", Findings(("a.mp4",), (Finding("b", "info", "later"), Finding("a", "error", "first"))),
     ["error"]),
])
def test_each_stage_has_a_table_for_people(
    capsys: pytest.CaptureFixture[str], stage: str, body: Any, says: list[str]
) -> None:
    show_body(stage, body)
    text = capsys.readouterr().out
    assert [word for word in says if word not in text] == []


def test_errors_come_first(capsys: pytest.CaptureFixture[str]) -> None:
    show_body("qc", Findings((), (Finding("b", "info", "later"), Finding("a", "error", "first"))))
    text = capsys.readouterr().out
    assert text.index("first") < text.index("later")
