"""The turnover: what is written, that it says the same edit, and what a CDL cannot say."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from microfinish.core.cdl import Cdl
from microfinish.core.color import Balance, Chain, Grades, InputTransform, ShotGrade
from microfinish.core.conform import conform
from microfinish.core.media import Media, MediaLog, Picture
from microfinish.core.time import Span
from microfinish.core.timeline import (
    Event,
    PictureLock,
    RetimeKey,
    Revision,
    Timeline,
    Transition,
)
from microfinish.documents.record import write
from microfinish.interchange.ale import read_ale
from microfinish.interchange.cdl import read_cdl
from microfinish.interchange.readers import read_edit_list

RATE = Fraction(25)
A = Media("media/day1/A001C003.mov", "digest-a", 1, "A001C003", 90_000, RATE,
          picture=Picture("h264", 320, 180, RATE, 200))
B = Media("media/B002.mov", "digest-b", 1, "B002", 180_000, Fraction(50),
          picture=Picture("h264", 320, 180, Fraction(50), 400))
LOG = MediaLog((A, B, Media("media/unused.mov", "digest-c", 1, "C", 0, RATE)))
TIMELINE = Timeline(RATE, (
    Event("sh010", "V", A.path, Span(4, 54), Span(0, 50)),
    Event("sh020", "V", B.path, Span(100, 200), Span(50, 100),
          transition=Transition("dissolve", 10)),
    Event("sh030", "V", A.path, Span(100, 150), Span(100, 125), Fraction(2)),
), start_frame=90_000)
WARM = Cdl((1.1, 1.0, 0.9), (0.01, 0.0, 0.0), (1.0, 1.0, 1.05), 0.95)
LOG_INPUT = InputTransform("scene", "S-Log3")
GRADES = Grades((
    ShotGrade("sh010", "a", "full", "bt709", Chain(LOG_INPUT, cdl=WARM)),
    ShotGrade("sh020", "b", "full", "bt709", Chain(LOG_INPUT, Balance(0.5), contrast=1.2)),
))


@pytest.fixture
def season(tmp_path: Path) -> Path:
    (tmp_path / "microfinish.yaml").write_text("title: Roof\n")
    documents = tmp_path / "episodes/ep001/documents"
    write(documents / "log.yaml", "log", 1, {}, LOG)
    write(documents / "assemble.yaml", "assemble", 1, {}, Timeline(RATE, TIMELINE.events[:1]))
    write(documents / "lock.yaml", "lock", 1, {}, PictureLock((
        Revision(1, "d", "2026-11-20", "ana", "", TIMELINE),)))
    write(documents / "grade.yaml", "grade", 1, {}, GRADES)
    return tmp_path


Typed = Callable[..., Any]


def export(typed: Typed, season: Path, *words: str) -> Any:
    answer = typed("export", "ep001", *words, "-C", str(season))
    assert answer.code == 0, answer.err
    return answer


@pytest.mark.parametrize(("format_", "name"), [
    ("edl", "ep001.edl"), ("fcpxml", "ep001.fcpxml"), ("fcp7", "ep001.xml"),
    ("otio", "ep001.otio")])
def test_each_list_says_the_locked_edit(
    typed: Typed, season: Path, format_: str, name: str
) -> None:
    export(typed, season, "--to", format_)
    data = (season / "turnover/ep001" / name).read_bytes()
    again = conform(read_edit_list(data, name, RATE), LOG.media)
    assert [(e.media, e.source, e.record, e.speed, e.transition) for e in again.events] == [
        (e.media, e.source, e.record, e.speed, e.transition) for e in TIMELINE.events]
    assert again.start_frame == 90_000


def test_without_a_lock_the_assembled_edit_is_written(typed: Typed, season: Path) -> None:
    (season / "episodes/ep001/documents/lock.yaml").unlink()
    answer = export(typed, season, "--json").json
    assert (answer["source"], answer["shots"]) == ("assemble", 1)


def test_cdls_are_one_file_per_shot_and_one_of_all(typed: Typed, season: Path) -> None:
    export(typed, season, "--to", "cdl")
    folder = season / "turnover/ep001"
    assert [entry.cdl for entry in read_cdl((folder / "cdl/sh010.cc").read_bytes(), "cc")] == [
        WARM]
    entries = read_cdl((folder / "ep001.ccc").read_bytes(), "ccc")
    assert [(entry.id, entry.cdl) for entry in entries] == [("sh010", WARM), ("sh020", Cdl())]
    assert not (folder / "ep001.edl").exists()


def test_the_edl_carries_the_grade(typed: Typed, season: Path) -> None:
    export(typed, season)
    edit = read_edit_list((season / "turnover/ep001/ep001.edl").read_bytes(), "e.edl", RATE)
    assert edit.lines[0].cdl == WARM


def test_what_a_cdl_cannot_say_is_told(typed: Typed, season: Path) -> None:
    assert "sh020: its correction, contrast cannot be said in a CDL" in export(typed, season).err


def test_the_pull_list_has_the_frames_that_are_shown_with_handles(
    typed: Typed, season: Path
) -> None:
    export(typed, season, "--handles", "8")
    text = (season / "turnover/ep001/pull.csv").read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    wanted = ("shot", "media", "source_in", "source_out", "pull_in", "pull_out", "handle_in",
              "handle_out", "digest")
    # sh010 runs on for the 10 frames of the dissolve; 4 frames stand before it in its file.
    # sh020 runs at 50: 8 timeline frames are 16 of its own; one frame of each pair is shown.
    # sh030 shows every second frame.
    assert [tuple(row[key] for key in wanted) for row in rows] == [
        ("sh010", A.path, "01:00:00:04", "01:00:02:14", "01:00:00:00", "01:00:02:22", "4", "8",
         "digest-a"),
        ("sh020", B.path, "01:00:02:00", "01:00:03:49", "01:00:01:34", "01:00:04:15", "16", "16",
         "digest-b"),
        ("sh030", A.path, "01:00:04:00", "01:00:05:24", "01:00:03:17", "01:00:06:07", "8", "8",
         "digest-a")]


def test_handles_that_a_file_lacks_are_told(typed: Typed, season: Path) -> None:
    assert f"sh010: {A.path} lacks 4 frames of the 8-frame handles" in export(
        typed, season, "--handles", "8").err


def test_the_ale_holds_the_files_of_the_edit(typed: Typed, season: Path) -> None:
    export(typed, season, "--to", "ale", "--to", "edl", "--out", str(season / "out"))
    rows = read_ale((season / "out/ep001.ale").read_bytes(), "x.ale").rows
    assert [row.values["Name"] for row in rows] == ["A001C003", "B002"]
    assert (season / "out/ep001.edl").is_file()


def test_what_was_written_is_on_stdout(typed: Typed, season: Path) -> None:
    assert export(typed, season, "--to", "otio").out.splitlines() == [
        "turnover/ep001/ep001.otio", "turnover/ep001/cdl/sh010.cc", "turnover/ep001/cdl/sh020.cc",
        "turnover/ep001/ep001.ccc", "turnover/ep001/pull.csv",
        "turnover/ep001/pull.edl"]


def test_an_episode_that_has_not_run_says_what_to_do(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "microfinish.yaml").write_text("title: Roof\n")
    (tmp_path / "episodes/ep001").mkdir(parents=True)
    answer = typed("export", "ep001", "-C", str(tmp_path))
    assert answer.code == 2
    assert "microfinish log ep001" in answer.err


def test_a_cube_holds_what_a_cdl_cannot(typed: Typed, season: Path) -> None:
    """65 plain points from camera codes to Rec.709, which OpenColorIO reads back."""
    import numpy as np
    import PyOpenColorIO as ocio

    from microfinish.media import lut

    grades = Grades(tuple(
        ShotGrade(grade.shot, grade.camera, grade.code_range, grade.matrix,
                  Chain(InputTransform("scene", "S-Log3 S-Gamut3.Cine"), grade.chain.balance,
                        cdl=grade.chain.cdl, contrast=grade.chain.contrast))
        for grade in GRADES.shots))
    write(season / "episodes/ep001/documents/grade.yaml", "grade", 1, {}, grades)
    export(typed, season, "--to", "cube")
    cpu = ocio.Config.CreateRaw().getProcessor(ocio.FileTransform(
        str(season / "turnover/ep001/cubes/sh020.cube"),
        interpolation=ocio.INTERP_TETRAHEDRAL)).getDefaultCPUProcessor()
    codes = np.repeat(np.linspace(0, 1, 50, dtype=np.float32)[:, None], 3, axis=1)
    wanted = lut.exact(grades.shots[1].chain, codes)
    shown = np.array([cpu.applyRGB(list(map(float, row))) for row in codes])
    error = lut.bake(grades.shots[1].chain, even=True).ramp_error
    assert np.abs(shown - wanted).max() * 1023 <= error + 0.05 < 6.0
    text = (season / "turnover/ep001/cubes/sh010.cube").read_text()
    assert text.startswith('TITLE "ep001 sh010"\n')
    assert "full data levels" in text
    assert "LUT_3D_SIZE 65" in text
    assert "DOMAIN" not in text


@pytest.mark.parametrize("folder", [".", "..", "media/out"])
def test_a_turnover_is_a_folder_of_its_own(typed: Typed, season: Path, folder: str) -> None:
    answer = typed("export", "ep001", "--out", str(season / folder), "-C", str(season))
    assert answer.code == 2
    assert "a turnover is a folder of its own" in answer.err or "among the media" in answer.err
    assert not (season / "ep001.edl").exists()


def test_the_grade_table_names_every_tool_of_a_shot(typed: Typed, season: Path) -> None:
    from microfinish.core.color_output import OwnOutput
    from microfinish.core.color_tools import Tools

    write(season / "episodes/ep001/documents/grade.yaml", "grade", 1, {}, Grades((ShotGrade(
        "sh010", "a", "full", "bt709", Chain(
            LOG_INPUT, contrast=1.2, tools=Tools(lift=(0.01, 0, 0), vibrance=0.2),
            own=OwnOutput("d", "Phone", "Film", "show.ocio"))),)))
    shown = typed("show", "ep001", "grade", "-C", str(season)).out
    for word in ("contrast 1.2", "lift", "vibrance", "Phone / Film"):
        assert word in shown


def test_a_ramped_shot_says_so_in_the_pull_list(typed: Typed, season: Path) -> None:
    keys = (RetimeKey(Fraction(0), Fraction(4)), RetimeKey(Fraction(50), Fraction(54)))
    ramped = Timeline(RATE, (replace(TIMELINE.events[0], retime=keys), *TIMELINE.events[1:]),
                      start_frame=90_000)
    write(season / "episodes/ep001/documents/lock.yaml", "lock", 1, {}, PictureLock((
        Revision(1, "d", "2026-11-20", "ana", "", ramped),)))
    export(typed, season)
    rows = csv.DictReader(io.StringIO((season / "turnover/ep001/pull.csv").read_text()))
    assert [row["speed"] for row in rows] == ["varies", "1", "2"]
    edl = (season / "turnover/ep001/pull.edl").read_text()
    assert [row for row in edl.splitlines() if "its speed varies" in row] != []
    assert edl.count("its speed varies") == 1


def test_the_ale_says_which_clip_has_several_cdls(typed: Typed, season: Path) -> None:
    cold = replace(WARM, slope=(0.9, 1.0, 1.1))
    write(season / "episodes/ep001/documents/grade.yaml", "grade", 1, {}, Grades((
        *GRADES.shots, ShotGrade("sh030", "a", "full", "bt709", Chain(LOG_INPUT, cdl=cold)))))
    told = export(typed, season, "--to", "ale").err
    assert f"ALE: {A.path} has no ASC_SOP and ASC_SAT: its shots have 2 different CDLs" in told


@pytest.mark.parametrize("what", ["all", "picture"])
def test_media_that_are_gone_are_named_before_anything_is_written(
    typed: Typed, season: Path, what: str
) -> None:
    answer = typed("export", "ep001", "--to", "edl", "--to", what, "-C", str(season))
    assert answer.code == 2
    assert f"{A.path} is not there" in answer.err and f"{B.path} is not there" in answer.err
    assert "`microfinish run ep001` first" in answer.err
    assert "ffmpeg" not in answer.err
    assert not (season / "turnover").exists()
    export(typed, season, "--to", "edl")
