"""Thirty shots, graded, framed, subtitled, scored and mixed, are cut again after lock.

Everything is known by construction: shot n of the old cut shows ten frames of a numbered file, and
the printed mix is noise that belongs to those frames. So where each thing must be afterwards, and
which conflicts a person must decide, is arithmetic on the two cuts and never our own output.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from synth.footage import draw_number, make_clip, numbers_in
from synth.project import ProjectFolder

from microfinish.media.ffmpeg import run
from microfinish.media.wave import write_wave

SHOTS, LENGTH, FRAME = 30, 10, 1920
MEDIA = ("A001C001", "B001C001", "C001C001")
INSERTED = "D001C001"
TRIMMED, SWAPPED, INSERT_BEFORE = 6, (14, 20), 26
HEAD, TAIL = 4, 2
EDITS = {"head": HEAD, "tail": TAIL}

Part = tuple[str, int, int]


def _source(shot: int) -> Part:
    start = 20 + 12 * (shot // len(MEDIA))
    return (MEDIA[shot % len(MEDIA)], start, start + LENGTH)


OLD: list[Part] = [_source(shot) for shot in range(SHOTS)]


def _recut() -> list[Part]:
    cut = list(OLD)
    media, start, end = cut[TRIMMED]
    cut[TRIMMED] = (media, start + HEAD, end - TAIL)
    one, other = SWAPPED
    cut[one], cut[other] = cut[other], cut[one]
    cut.insert(INSERT_BEFORE, (INSERTED, 30, 30 + LENGTH))
    return cut


NEW = _recut()


def _number(media: str, frame: int) -> int:
    return 1000 * (*MEDIA, INSERTED).index(media) + frame


def _numbers(cut: list[Part]) -> list[int]:
    return [_number(media, frame) for media, start, end in cut for frame in range(start, end)]


NOW = {number: frame for frame, number in enumerate(_numbers(NEW))}
"""Where each source frame is in the new cut; every one of them shows once."""


def _moved(frame: int) -> int:
    """Where what stood at a frame of the old cut is now, by construction."""
    return NOW[_numbers(OLD)[frame]]


def _edit(cut: list[Part]) -> str:
    return "events:\n" + "".join(
        f"  - {{media: {media}, in: {start}, out: {end}}}\n" for media, start, end in cut)


def _timecode(frame: int) -> str:
    return f"00:00:{frame // 25:02}:{frame % 25:02}"


def _id(shot: int) -> str:
    return f"sh{10 * (shot + 1):03}"


# ---- forty subtitles: one in every shot, eight more, and three around the trimmed shot
PARKED_LINE, STRADDLING_LINE, SHORTENED_LINE = "parked", "straddling", "shortened"


def _subtitles() -> dict[str, tuple[int, int]]:
    lines = {f"line {shot}": (10 * shot + 1, 10 * shot + 5)
             for shot in range(SHOTS) if shot != TRIMMED}
    lines |= {f"more {shot}": (10 * shot + 6, 10 * shot + 9)
              for shot in (1, 3, 8, 10, 15, 21, 24, 28)}
    first = 10 * TRIMMED
    return lines | {STRADDLING_LINE: (first - 3, first + 1), PARKED_LINE: (first + 1, first + 4),
                    SHORTENED_LINE: (first + 5, first + 10)}


SUBTITLES = _subtitles()
KEPT_OF = {STRADDLING_LINE: (57, 60), SHORTENED_LINE: (65, 68)}
"""The frames of the old cut that are left of the two lines that lost some."""

# ---- twelve cues: eight effects of five frames, four pieces of music of twenty
EFFECTS = (23, 94, 143, 202, 275)
EFFECT_OVER_TRIM, EFFECT_WITHOUT_START = 59, 68
EFFECT_BY_SOURCE = 173
MUSIC = (30, 100)
MUSIC_OVER_SWAP, MUSIC_OVER_INSERT = 135, 250
MIX = (
    "effects:\n" + "".join(f'  - {{file: sfx/hit.wav, at: "{_timecode(frame)}"}}\n' for frame in (
        *EFFECTS, EFFECT_OVER_TRIM, EFFECT_WITHOUT_START))
    + f'  - {{file: sfx/hit.wav, at: "{_source(17)[0]}@{_timecode(_source(17)[1] + 3)}"}}\n'
    + "music:\n" + "".join(f'  - {{file: music/theme.wav, at: "{_timecode(frame)}"}}\n'
                           for frame in (*MUSIC, MUSIC_OVER_SWAP, MUSIC_OVER_INSERT))
    + "printed:\n  - {file: mix/ep001_mix.wav, revision: 1}\n")

# ---- grades, by shot and by source frame; one key names a frame that the trim takes out
GRADED = {2: _id(2), 14: _id(14), 3: "reel", 20: "reel", TRIMMED: "reel"}
SLOPES = {2: 1.1, 14: 0.9, 3: 0.8, 20: 1.2, TRIMMED: 0.7}


def _grade() -> str:
    rows = []
    for shot, key in GRADED.items():
        media, start, _ = _source(shot)
        name = f"{media}@{_timecode(start + 2)}" if key == "reel" else key
        slope = ", ".join([str(SLOPES[shot])] * 3)
        rows.append(f"  {name}: {{cdl: {{slope: [{slope}]}}}}")
    return "shots:\n" + "\n".join(rows) + "\n"


# ---- framings: a point, a path by frames of the shot, a path by source timecode
POINTED, PATH_BY_TIMECODE = 11, 20
REFRAME = f"""\
default: centre
shots:
  {_id(POINTED)}: {{point: [0.4, 0.5]}}
  {_id(TRIMMED)}: {{keyframes: [{{at: 0, point: [0.35, 0.5]}}, {{at: 9, point: [0.62, 0.5]}}]}}
  {_id(PATH_BY_TIMECODE)}:
    keyframes:
      - {{at: "{_timecode(_source(PATH_BY_TIMECODE)[1] + 1)}", point: [0.6, 0.5]}}
      - {{at: "{_timecode(_source(PATH_BY_TIMECODE)[1] + 8)}", point: [0.4, 0.5]}}
"""
OFF_CENTER = (POINTED, TRIMMED, PATH_BY_TIMECODE)


def _center(shot: int, offset: int) -> float:
    """The middle of the crop `offset` frames after the shot's first frame in the old cut."""
    if shot == POINTED:
        return 0.4
    if shot == TRIMMED:
        return 0.35 + 0.27 * offset / 9
    return 0.6 - 0.2 * min(max(offset - 1, 0), 7) / 7


# ---- markers: carried, by shot, by source, parked
MARKERS = f"""\
markers:
  - {{at: "{_timecode(144)}", kind: adr, text: the train covers her name}}
  - {{at: "{_id(9)}+00:00:00:03", kind: foley, text: keys on the table}}
  - {{at: "{_source(20)[0]}@{_timecode(_source(20)[1] + 4)}", kind: note, text: hold the look}}
  - {{at: "{_timecode(10 * TRIMMED + 2)}", kind: music, text: sting here}}
  - {{at: "{_timecode(277)}", kind: marker, text: end of act one}}
"""
MARKED = {"the train covers her name": 144, "keys on the table": 93, "hold the look": 204,
          "end of act one": 277}


def _noise(media: str) -> NDArray[np.float32]:
    """The sound that belongs to a file: loud in frames 2 to 7 of each shot, else silent."""
    random = np.random.default_rng((*MEDIA, INSERTED).index(media))
    codes = np.rint(0.2 * 2**23 * random.uniform(-1, 1, (160 * FRAME, 2)))
    sound = (codes / 2**23).astype(np.float32)  # a 24-bit file holds it exactly
    loud = np.zeros(160 * FRAME, dtype=bool)
    for shot, (name, start, _) in enumerate(OLD):
        if name == media:
            # in the trimmed shot somebody speaks across both new cuts
            first, last = (1, 9) if shot == TRIMMED else (2, 8)
            loud[(start + first) * FRAME:(start + last) * FRAME] = True
    sound[~loud] = 0
    return sound


def mixed(cut: list[Part]) -> NDArray[np.float32]:
    """A mix built fresh for a cut: every file's own sound under its picture; none for D."""
    sounds = {media: _noise(media) for media in MEDIA}
    return np.concatenate([
        sounds[media][start * FRAME:end * FRAME] if media in sounds
        else np.zeros(((end - start) * FRAME, 2), np.float32) for media, start, end in cut])


def _srt() -> str:
    def at(frame: int) -> str:
        return f"00:00:{frame * 40 // 1000:02},{frame * 40 % 1000:03}"

    ordered = sorted(SUBTITLES.items(), key=lambda line: line[1])
    return "\n".join(f"{number}\n{at(start)} --> {at(end)}\n{text}\n"
                     for number, (text, (start, end)) in enumerate(ordered, 1))


def _with_sound(clip: Path, sound: NDArray[np.float32]) -> None:
    wave, silent = clip.with_suffix(".wav"), clip.with_name("silent-" + clip.name)
    write_wave(sound, wave)
    clip.replace(silent)
    run(["-y", "-i", str(silent), "-i", str(wave), "-map", "0:v", "-map", "1:a", "-c", "copy",
         str(clip)])
    silent.unlink()
    wave.unlink()


def _hashes(path: Path) -> list[str]:
    text = run(["-i", str(path), "-map", "0:v", "-f", "framehash", "-hash", "md5", "-"]
               ).stdout.decode()
    return [line.split(",")[-1].strip() for line in text.splitlines() if not line.startswith("#")]


def _grays(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


@dataclass
class Finished:
    """The episode after both runs, with everything that was asked of it in between."""

    project: ProjectFolder
    first: dict[str, Any]
    again: dict[str, Any]
    old_hashes: list[str]
    old_grays: list[NDArray[np.uint8]]
    relocked: str
    relock_seconds: float

    @cached_property
    def decisions(self) -> dict[str, Any]:
        return self.project.json("show", "ep001", "lock", "--decisions")

    @cached_property
    def new_grays(self) -> list[NDArray[np.uint8]]:
        return _grays(self.project.master())


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return build(tmp_path_factory.mktemp("thirty"))


def build(root: Path) -> Finished:
    """The episode in `root`: finished, cut again, locked again, finished again."""
    project = ProjectFolder.make(root)
    (root / "mix").mkdir()
    for number, name in enumerate((*MEDIA, INSERTED)):
        make_clip(root / "media" / f"{name}.mov", frames=160, first_number=1000 * number,
                  timecode="00:00:00:00")
    random = np.random.default_rng(9)
    _with_sound(root / "media" / f"{INSERTED}.mov",
                (0.1 * random.uniform(-1, 1, (160 * FRAME, 2))).astype(np.float32))
    write_wave(np.full((5 * FRAME, 2), 0.1, np.float32), root / "sfx" / "hit.wav")
    write_wave(np.full((20 * FRAME, 2), 0.1, np.float32), root / "music" / "theme.wav")
    write_wave(mixed(OLD), root / "mix" / "ep001_mix.wav")
    project.write("episodes/ep001/edit.yaml", _edit(OLD))
    project.call("run", "--to", "assemble")
    project.call("lock", "ep001")
    project.write("episodes/ep001/subtitles/en.srt", _srt())
    project.write("episodes/ep001/grade.yaml", _grade())
    project.write("episodes/ep001/reframe.yaml", REFRAME)
    project.write("episodes/ep001/mix.yaml", MIX)
    project.write("episodes/ep001/markers.yaml", MARKERS)
    first = project.json("run", "--to", "master")
    old_hashes, old_grays = _hashes(project.master()), _grays(project.master())
    project.write("episodes/ep001/edit.yaml", _edit(NEW))
    begun = time.monotonic()
    relocked = project.call("lock", "ep001", "--relock", "--note", "for pace").stdout
    seconds = time.monotonic() - begun
    again = json.loads(project.call("run", "--to", "master", "--json").stdout)
    return Finished(project, first, again, old_hashes, old_grays, relocked, seconds)


@pytest.mark.media
def test_only_the_new_and_the_trimmed_shot_render(finished: Finished) -> None:
    assert (finished.first["rendered"], finished.first["reused"]) == (SHOTS, 0)
    assert (finished.again["rendered"], finished.again["reused"]) == (2, SHOTS - 1)


@pytest.mark.media
def test_every_frame_of_the_new_master_is_the_one_the_edit_asks_for(finished: Finished) -> None:
    old_numbers, new_numbers = _numbers(OLD), _numbers(NEW)
    off_center = {number for shot in OFF_CENTER for number in _numbers([OLD[shot]])}
    read = numbers_in(finished.project.master())
    assert len(read) == len(new_numbers)
    for found, number in zip(read, new_numbers, strict=True):
        assert found == number or number in off_center
    rendered = {*_numbers([NEW[TRIMMED]]), *_numbers([(INSERTED, 30, 40)])}
    for number, picture in zip(new_numbers, _hashes(finished.project.master()), strict=True):
        if number not in rendered:  # with its text, grade and crop
            assert picture == finished.old_hashes[old_numbers.index(number)]


@pytest.mark.media
@pytest.mark.parametrize("shot", OFF_CENTER)
def test_crops_sit_at_the_same_source_frame(finished: Finished, shot: int) -> None:
    media, start, end = OLD[shot]
    (framing,) = [each for each in finished.project.json("show", "ep001", "reframe")["shots"]
                  if each["shot"] == _id(shot)]
    wide, high = framing["width"], framing["height"]
    for frame in range(start, end):
        number = _number(media, frame)
        if number not in NOW:
            continue
        whole = draw_number(320, 180, number)
        picture = finished.new_grays[NOW[number]][:250]  # above the subtitles

        def alike(center: float, whole: NDArray[np.uint8] = whole,
                  picture: NDArray[np.uint8] = picture) -> float:
            corner = np.array([[1, 0, center * 320 - wide / 2], [0, 1, 90 - high / 2]])
            part = cv2.warpAffine(whole, corner, (wide, high),
                                  flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
            seen = cv2.resize(part, (216, 384))[:250]
            # a correlation does not see the grade
            return float(np.corrcoef(seen.ravel(), picture.ravel())[0, 1])

        center = _center(shot, frame - start)
        assert alike(center) > 0.8
        offs = np.arange(-12, 13) / 320  # in whole source pixels
        best = offs[int(np.argmax([alike(center + off) for off in offs]))]
        assert abs(best) * 320 <= 2  # crops start on even pixels


@pytest.mark.media
def test_the_trimmed_shot_looks_as_it_did(finished: Finished) -> None:
    for offset in range(HEAD, LENGTH - TAIL):
        frame = 10 * TRIMMED + offset
        old, new = finished.old_grays[frame][:250], finished.new_grays[_moved(frame)][:250]
        assert np.abs(old.astype(int) - new.astype(int)).mean() < 2.5


@pytest.mark.media
def test_grades_follow_their_shots(finished: Finished) -> None:
    grades = finished.project.json("show", "ep001", "grade")["shots"]
    found = {grade["shot"]: grade["chain"].get("cdl", {}).get("slope", [1, 1, 1])[0]
             for grade in grades}
    assert {shot: slope for shot, slope in found.items() if slope != 1} == {
        _id(shot): slope for shot, slope in SLOPES.items()}


@pytest.mark.media
def test_subtitles_stand_over_the_frames_they_stood_over(finished: Finished) -> None:
    (track,) = finished.project.json("show", "ep001", "title")["tracks"]
    found = {" ".join(cue["lines"]): (cue["span"]["start"], cue["span"]["end"])
             for cue in track["cues"]}
    expected = {text: KEPT_OF.get(text, span) for text, span in SUBTITLES.items()
                if text != PARKED_LINE}
    assert len(SUBTITLES) == 40
    assert found == {text: (_moved(start), _moved(end - 1) + 1)
                     for text, (start, end) in expected.items()}


@pytest.mark.media
def test_cues_sound_at_the_frames_they_were_spotted_on(finished: Finished) -> None:
    buses = {bus["name"]: [clip["start"] / FRAME for clip in bus.get("clips", [])]
             for bus in finished.project.json("show", "ep001", "mix")["buses"]}
    assert buses["FX"] == sorted(map(_moved, (*EFFECTS, EFFECT_OVER_TRIM, EFFECT_BY_SOURCE)))
    assert buses["MX"] == sorted(map(_moved, (*MUSIC, MUSIC_OVER_SWAP, MUSIC_OVER_INSERT)))


@pytest.mark.media
def test_markers_stay_at_their_frames_and_what_fell_out_is_parked(finished: Finished) -> None:
    listed = finished.project.json("show", "ep001", "markers")["markers"]
    assert {row["text"]: row["frame"] for row in listed if not row["parked"]} == {
        text: _moved(frame) for text, frame in MARKED.items()}
    assert [row["text"] for row in listed if row["parked"]] == ["sting here"]


@pytest.mark.media
def test_the_list_of_decisions_holds_the_constructed_conflicts_and_no_other(
    finished: Finished,
) -> None:
    first = 10 * TRIMMED
    expected = {
        # rule, where it was, where it is
        ("titles.recut", first - 3, first - 3),
        ("titles.recut", first + 5, first + 1),
        ("mix.recut", EFFECT_OVER_TRIM, EFFECT_OVER_TRIM),
        ("mix.parked", EFFECT_WITHOUT_START, None),
        ("mix.recut", MUSIC_OVER_SWAP, _moved(MUSIC_OVER_SWAP)),
        ("mix.recut", MUSIC_OVER_INSERT, _moved(MUSIC_OVER_INSERT)),
        ("mix.seam", first + HEAD, first),  # somebody speaks across the new head
        ("mix.gap", None, NOW[_number(INSERTED, 30)]),
    }
    answer = finished.decisions
    assert (answer["revision"], answer["since"]) == (2, 1)

    def key(row: dict[str, Any]) -> tuple[str, str | None, str | None]:
        return (row["rule"], row["was"] or None, row["at"] or None)

    assert sorted(map(str, map(key, answer["decisions"]))) == sorted(
        str((rule, was if was is None else _timecode(was), now if now is None else _timecode(now)))
        for rule, was, now in expected)
    for row in answer["decisions"]:
        assert row["fix"] and row["message"] and row["file"]
    assert sorted((row["rule"], row["was"]) for row in answer["parked"]) == sorted([
        ("titles.parked", _timecode(first + 1)), ("markers.parked", _timecode(first + 2))])
    for row in answer["decisions"]:
        assert row["message"] in finished.relocked


@pytest.mark.media
def test_diff_tells_the_same_decisions_and_export_hands_the_markers_over(
    finished: Finished,
) -> None:
    told = finished.project.json("diff", "ep001", "1", "2")
    assert told["recut"]["decisions"] == finished.decisions["decisions"]
    assert "8 to decide" in finished.project.call("diff", "ep001").stdout
    finished.project.call("export", "ep001", "--to", "edl")
    folder = finished.project.root / "turnover/ep001"
    assert "* LOC: 00:00:07:23 RED     ADR: the train covers her name" in (
        folder / "ep001.edl").read_text()
    rows = (folder / "markers.csv").read_text().splitlines()
    assert len(rows) == 6 and rows[-1].startswith("music,,1,")


@pytest.mark.media
def test_the_printed_mix_is_exact_outside_its_seams(finished: Finished) -> None:
    from microfinish.core.mix import MixPlan
    from microfinish.documents.record import read_body
    from microfinish.media.mixdown import mixdown

    path = finished.project.root / "episodes/ep001/documents/mix.yaml"
    plan: MixPlan = read_body(path, MixPlan, "mix.yaml")
    (printed,) = plan.printed
    heard, fresh = mixdown(plan, finished.project.root).mix, mixed(NEW)
    assert heard.shape == fresh.shape
    outside = np.ones(len(fresh), dtype=bool)
    for seam in printed.seams:
        outside[seam.start:seam.end] = False
        assert seam.end - seam.start <= 6 * FRAME
    gap = slice(NOW[_number(INSERTED, 30)] * FRAME, (NOW[_number(INSERTED, 39)] + 1) * FRAME)
    assert np.abs(heard[gap]).mean() > 0.02  # production dialogue fills it
    outside[gap] = False
    assert np.array_equal(heard[outside], fresh[outside])
    assert outside.mean() > 0.85
    cuts = [60, 64, 134, 144, 194, 204, 254, 264]
    assert sorted({round(seam.at / FRAME) for seam in printed.seams}) == cuts


@pytest.mark.media
def test_going_back_renders_nothing_and_gives_the_same_pictures(finished: Finished) -> None:
    project = finished.project
    finished.decisions, finished.new_grays  # noqa: B018  (of the new cut)
    project.call("lock", "ep001", "--back-to", "1")
    back = project.json("run", "--to", "master")
    assert (back["rendered"], back["reused"]) == (0, SHOTS)
    assert _hashes(project.master()) == finished.old_hashes
    assert project.json("show", "ep001", "lock", "--decisions")["decisions"] == []
    project.call("lock", "ep001", "--back-to", "2")
    forward = project.json("run", "--to", "master")
    assert forward["rendered"] == 0
