"""A re-cut after lock costs minutes: what hangs on picture follows it, and the rest is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from synth.footage import make_clip, numbers_in
from synth.project import ProjectFolder

from microfinish.media.ffmpeg import run
from microfinish.media.wave import write_wave

Cut = list[tuple[str, int, int]]
FIRST_NUMBER = {"A001C001": 0, "A001C002": 1000, "A001C003": 2000}
S1, S2, S3 = ("A001C001", 0, 20), ("A001C002", 0, 20), ("A001C001", 40, 60)
S4, S5, S6 = ("A001C002", 40, 60), ("A001C001", 70, 90), ("A001C002", 70, 90)
OLD: Cut = [S1, S2, S3, S4, S5, S6]
S3_TRIMMED, INSERTED = ("A001C001", 52, 60), ("A001C003", 10, 30)
NEW: Cut = [S1, INSERTED, S2, S3_TRIMMED, S5, S4, S6]
CUES = {"one": (4, 16), "two parked": (40, 46), "three halved": (48, 58), "four": (62, 76),
        "five": (82, 98)}
GRADE = """\
shots:
  sh010: {cdl: {slope: [1.1, 1, 1]}}
  A001C002@02:00:00:10: {cdl: {slope: [1, 1.1, 1]}}
  A001C001@01:00:01:16: {cdl: {slope: [1, 1, 1.1]}}
"""
MIX = """\
effects:
  - {file: sfx/door.wav, at: "00:00:00:24"}
  - {file: sfx/door.wav, at: "A001C002@02:00:03:05"}
"""
DOORS = [24, 110]


def _edit(cut: Cut) -> str:
    return "events:\n" + "".join(
        f"  - {{media: {media}, in: {start}, out: {end}}}\n" for media, start, end in cut)


def _numbers(cut: Cut) -> list[int]:
    """The number drawn on every frame of a cut."""
    return [FIRST_NUMBER[media] + frame for media, start, end in cut
            for frame in range(start, end)]


def _srt() -> str:
    def at(frame: int) -> str:
        return f"00:00:{frame * 40 // 1000:02},{frame * 40 % 1000:03}"

    return "\n".join(f"{number}\n{at(start)} --> {at(end)}\n{text}\n" for number, (
        text, (start, end)) in enumerate(CUES.items(), 1))


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    made = ProjectFolder.make(tmp_path)
    for hour, (name, number) in enumerate(FIRST_NUMBER.items(), 1):
        make_clip(tmp_path / "media" / f"{name}.mov", frames=100, first_number=number,
                  timecode=f"{hour:02}:00:00:00")
    write_wave(np.full((19_200, 2), 0.1, np.float32), tmp_path / "sfx" / "door.wav")
    made.write("episodes/ep001/edit.yaml", _edit(OLD))
    return made


def _hashes(path: Path) -> list[str]:
    text = run(["-i", str(path), "-map", "0:v", "-f", "framehash", "-hash", "md5", "-"]
               ).stdout.decode()
    return [line.split(",")[-1].strip() for line in text.splitlines() if not line.startswith("#")]


def _cues(project: ProjectFolder) -> dict[str, tuple[int, int]]:
    (track,) = project.json("show", "ep001", "title")["tracks"]
    return {" ".join(cue["lines"]): (cue["span"]["start"], cue["span"]["end"])
            for cue in track["cues"]}


def _doors(project: ProjectFolder) -> list[int]:
    buses: list[dict[str, Any]] = project.json("show", "ep001", "mix")["buses"]
    (effects,) = [bus for bus in buses if bus["name"] == "FX"]
    assert all(clip["start"] % 1920 == 0 for clip in effects["clips"])
    return [clip["start"] // 1920 for clip in effects["clips"]]


@pytest.mark.media
def test_everything_follows_a_recut_and_comes_back_with_the_old_one(project: ProjectFolder) -> None:
    project.call("run", "--to", "assemble")
    project.call("lock", "ep001")
    # made after the first lock, as in life
    project.write("episodes/ep001/subtitles/en.srt", _srt())
    project.write("episodes/ep001/grade.yaml", GRADE)
    project.write("episodes/ep001/mix.yaml", MIX)
    first = project.json("run", "--to", "master")
    assert first["rendered"] == len(OLD)
    assert _cues(project) == CUES
    assert _doors(project) == DOORS
    old_frames = _hashes(project.master())
    assert numbers_in(project.master()) == _numbers(OLD)

    project.write("episodes/ep001/edit.yaml", _edit(NEW))
    relocked = project.call("lock", "ep001", "--relock", "--note", "for pace")
    told = project.call("run", "--to", "master", "--json")
    again = json.loads(told.stdout)
    assert (again["rendered"], again["reused"]) == (2, 5)
    new_frames = _hashes(project.master())
    assert numbers_in(project.master()) == _numbers(NEW)

    old_numbers, new_numbers = _numbers(OLD), _numbers(NEW)
    cues = _cues(project)
    assert set(cues) == set(CUES) - {"two parked"}
    for text, (start, end) in cues.items():
        before = old_numbers[slice(*CUES[text])]
        assert new_numbers[start:end] == (before[4:] if text == "three halved" else before)
    for then, now in zip(DOORS, _doors(project), strict=True):
        assert new_numbers[now] == old_numbers[then]
    rendered_again = {*_numbers([S3_TRIMMED]), *_numbers([INSERTED])}
    for number, picture in zip(new_numbers, new_frames, strict=True):
        if number not in rendered_again:  # text and grade included
            assert picture == old_frames[old_numbers.index(number)]

    findings = project.json("show", "ep001", "title")["findings"]
    assert [(finding["rule"], finding["was"], finding["at"]) for finding in findings] == [
        ("titles.parked", "00:00:01:15", ""), ("titles.recut", "00:00:01:23", "00:00:02:10")]
    grades = {grade["shot"]: grade["chain"].get("cdl", {}).get("slope")
              for grade in project.json("show", "ep001", "grade")["shots"]}
    assert grades["sh030"] == [1, 1, 1.1]  # its key names a frame that the trim took out
    assert relocked.stdout.count("parked: its picture, 00:00:01:15-00:00:01:21 in revision 1") == 1
    assert relocked.stdout.count("6 of its 10 frames are left together") == 1

    project.call("lock", "ep001", "--back-to", "1")
    back = project.json("run", "--to", "master")
    assert back["rendered"] == 0
    assert _hashes(project.master()) == old_frames
    assert _cues(project) == CUES
    assert _doors(project) == DOORS
