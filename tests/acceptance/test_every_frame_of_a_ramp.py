"""Variable speed shows exactly the frames that its curve asks for, read back from the master."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from synth.footage import make_clip, numbers_in
from synth.project import ProjectFolder

F = Fraction
RAMPS = {
    "ramp": [(0, 0), (10, 10), (22, F(77, 2)), (30, 40)],
    "slow": [(0, 5), (20, F(25, 3)), (31, 30)],
    "freeze": [(0, 0), (12, 30), (24, 30), (30, 36)],
    "reverse": [(0, 0), (15, 30), (30, F(21, 2)), (40, 15)],
    "between": [(0, 0), (F(7, 2), F(5, 2)), (F(22, 3), 20), (F(31, 2), F(9, 4)), (25, 9)],
}


def _oracle(points: list[tuple[F, F]], frames: int) -> list[int]:
    """Written anew from the convention: the frame that the position moves into."""
    shown = []
    for frame in range(frames):
        begin = max(i for i, (record, _) in enumerate(points[:-1]) if record <= frame)
        (r0, s0), (r1, s1) = points[begin], points[begin + 1]
        at = F(s0) + F(frame - r0) * F(s1 - s0) / F(r1 - r0)
        down = s1 < s0
        whole = at.numerator // at.denominator
        shown.append(whole - 1 if down and at == whole else whole)
    return shown


def _text(value: F | int) -> str:
    value = F(value)
    return str(value) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


CASES = [("25", F(25), F(25)), ("25", F(24000, 1001), F(25)), ("23.976", F(30000, 1001), F(
    24000, 1001)), ("23.976", F(24000, 1001), F(24000, 1001))]


@pytest.mark.media
@pytest.mark.parametrize(("rate", "media_rate", "timeline_rate"), CASES)
def test_every_frame_of_a_ramp_is_the_one_its_curve_asks_for(
        tmp_path: Path, rate: str, media_rate: Fraction, timeline_rate: Fraction) -> None:
    project = ProjectFolder.make(tmp_path, rate=rate, platforms="mezzanine-prores")
    make_clip(tmp_path / "media/A001C001.mov", frames=80, rate=media_rate, timecode="01:00:00:00")
    kept = [n for n in range(100) if n % 7 not in (3, 4)]
    make_clip(tmp_path / "media/V001C001.mp4", frames=len(kept), rate=media_rate,
              first_number=2000, pts=[round(n / media_rate * 90000) for n in kept],
              time_base=F(1, 90000))
    events, expected = "events:\n", []
    for name, points in RAMPS.items():
        first = 8
        keys = ", ".join(f'{{record: "{_text(r)}", source: "{_text(s)}"}}' for r, s in points)
        events += (f'  - {{media: A001C001, in: "01:00:00:{first:02}", name: {name}, '
                   f"retime: [{keys}]}}\n")
        last = points[-1][0]
        expected += [first + n for n in _oracle(points, int(last))]
    # a variable frame rate: what is on screen at the place where the curve stands
    keys = "{record: 0, source: 0}, {record: 12, source: 24}, {record: 24, source: 12}"
    events += f"  - {{media: V001C001, in: 10, retime: [{keys}]}}\n"
    curve = _oracle([(0, 0), (12, 24), (24, 12)], 24)
    expected += [2000 + max(k for k, n in enumerate(kept) if n <= 10 + at) for at in curve]
    project.write("episodes/ep001/edit.yaml", events)
    project.call("run", "--to", "master")
    found = numbers_in(project.master("mezzanine-prores", extension="mov"))
    assert len(found) == len(expected)
    wrong = [(frame, want, got) for frame, (want, got) in enumerate(
        zip(expected, found, strict=True)) if want != got]
    assert wrong == []


@pytest.mark.media
def test_a_dissolve_runs_on_along_the_curve_and_out_of_a_reverse(tmp_path: Path) -> None:
    project = ProjectFolder.make(tmp_path, rate="25", platforms="mezzanine-prores")
    make_clip(tmp_path / "media/A001C001.mov", frames=80, timecode="01:00:00:00")
    make_clip(tmp_path / "media/B001C001.mov", frames=80, first_number=500,
              timecode="02:00:00:00")
    project.write("episodes/ep001/edit.yaml", (
        'events:\n  - {media: A001C001, in: 20, retime: [{record: 0, source: 0}, '
        "{record: 10, source: 20}, {record: 20, source: 0}]}\n"
        "  - {media: B001C001, in: 30, out: 60, dissolve: 9}\n"))
    project.call("run", "--to", "master")
    found = numbers_in(project.master("mezzanine-prores", extension="mov"))
    assert found[:20] == [20 + 2 * i for i in range(10)] + [39 - 2 * i for i in range(10)]
    assert found[29:] == [500 + 30 + i for i in range(9, 30)]


@pytest.mark.media
def test_a_handle_that_a_curve_has_not_is_said(tmp_path: Path) -> None:
    project = ProjectFolder.make(tmp_path, rate="25")
    make_clip(tmp_path / "media/A001C001.mov", frames=80, timecode="01:00:00:00")
    project.write("episodes/ep001/edit.yaml", (
        'events:\n  - {media: A001C001, in: 3, retime: [{record: 0, source: 0}, '
        "{record: 10, source: 20}, {record: 20, source: 0}]}\n"
        "  - {media: A001C001, in: 30, out: 60, dissolve: 9}\n"))
    said = project.call("run", "--to", "assemble", expect=None).stderr
    # going on backward at 2 for 9 frames: from source frame 2 down to -14
    assert "lacks 14 frames of handle" in said
