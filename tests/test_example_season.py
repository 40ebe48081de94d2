"""The example season's masters against what its generator knows to be true of it."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from synth.project import ProjectFolder
from synth.rooftop import finished_season, season_truth
from synth.sound import ebur128

PLATFORMS = ("tiktok", "youtube-shorts", "reelshort")
EPISODES = ("ep001", "ep002")
pytestmark = pytest.mark.media


@pytest.fixture(scope="session")
def season(tmp_path_factory: pytest.TempPathFactory) -> ProjectFolder:
    return finished_season(tmp_path_factory)


def _masters(season: ProjectFolder) -> list[Path]:
    return [season.master(platform, episode) for episode in EPISODES for platform in PLATFORMS]


def test_one_run_leaves_every_master_and_no_finding_that_fails(season: ProjectFolder) -> None:
    told = json.loads((season.root.parent / "run.json").read_text())
    assert [e["outcome"] for e in told["episodes"]] == ["done", "done"]
    assert told["exit_code"] == 0
    assert all(master.is_file() for master in _masters(season))


def test_platforms_with_the_same_picture_share_their_segments(season: ProjectFolder) -> None:
    masters = season.json("show", "ep001", "master")["masters"]
    assert len(masters) == len(PLATFORMS)
    assert len({tuple(master["segments"]) for master in masters}) == 1


@pytest.mark.parametrize("episode", EPISODES)
def test_recorder_files_are_found_within_a_millisecond_and_two_ppm(
    season: ProjectFolder, episode: str
) -> None:
    found = {Path(m["camera"]).stem: m for m in season.json("show", episode, "sync")["matches"]}
    for row in season_truth()["sync"]:
        match = found[row["camera"]]
        assert Path(match["sound"]).stem == row["sound"]
        off = float(Fraction(match["offset_samples"])) - row["offset_samples"]
        assert abs(off) <= 48, f"{row['camera']}: {off / 48:.3f} ms"
        assert match["drift_ppm"] == pytest.approx(row["drift_ppm"], abs=2.0), row["camera"]


def test_a_camera_file_without_a_recording_is_told_to_have_none(season: ProjectFolder) -> None:
    synced = {row["camera"] for row in season_truth()["sync"]}
    for match in season.json("show", "ep001", "sync")["matches"]:
        assert bool(match["sound"]) == (Path(match["camera"]).stem in synced), match["camera"]


@pytest.mark.parametrize("episode", EPISODES)
def test_both_edit_lists_become_the_timeline_that_was_cut(
    season: ProjectFolder, episode: str
) -> None:
    told = season.json("show", episode, "assemble")
    events = [e for e in told["events"] if e["track"].startswith("V")]
    expected = season_truth()["episodes"][episode]
    assert [Path(e["media"]).stem for e in events] == [e["media"] for e in expected]
    assert [[e["source_in"], e["source_out"]] for e in events] == [e["source"] for e in expected]
    assert [[e["record_in"], e["record_out"]] for e in events] == [e["record"] for e in expected]
    assert [float(Fraction(e["speed"])) for e in events] == [e["speed"] for e in expected]
    assert [(e["transition"] or {"frames": 0})["frames"] for e in events] == [
        e["dissolve"] for e in expected]
    assert told["losses"] == []


@pytest.mark.parametrize("episode", EPISODES)
def test_every_master_has_the_frames_of_its_edit_at_a_constant_rate(
    season: ProjectFolder, episode: str
) -> None:
    truth = season_truth()
    frames = truth["episodes"][episode][-1]["record"][1]
    for platform in PLATFORMS:
        with av.open(str(season.master(platform, episode))) as container:
            stream = container.streams.video[0]
            assert (stream.width, stream.height) == (1080, 1920)
            times = sorted(p.pts * p.time_base for p in container.demux(stream)
                           if p.pts is not None)
        assert times == [Fraction(n, truth["rate"]) for n in range(frames)], platform


def test_no_master_has_an_edit_list(season: ProjectFolder) -> None:
    for master in _masters(season):
        assert b"elst" not in _moov(master.read_bytes()), master.name


def _moov(data: bytes) -> bytes:
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at:at + 4], "big")
        if data[at + 4:at + 8] == b"moov":
            return data[at:at + size]
        at += int.from_bytes(data[at + 8:at + 16], "big") if size == 1 else size
    raise AssertionError("no moov box")


def test_every_master_is_at_its_loudness_and_under_its_peak(season: ProjectFolder) -> None:
    # Masters of equal sound are bit for bit alike; one meter reading each still costs < 1 s.
    for master in _masters(season):
        loudness, peak = ebur128(master)
        assert loudness == pytest.approx(-14.0, abs=0.2), master
        assert peak <= -1.0, master


@pytest.mark.parametrize("episode", EPISODES)
def test_faces_of_cameras_that_lay_on_their_side_stand_up(
    season: ProjectFolder, episode: str
) -> None:
    truth = season_truth()
    cuts = [cut for cut in truth["episodes"][episode] if cut["media"] in truth["rotated"]]
    middles = [(cut["record"][0] + cut["record"][1]) // 2 for cut in cuts]
    assert middles
    for frame, picture in _frames(season.master(episode=episode), middles).items():
        height, width = picture.shape
        faces = _faces(picture)
        assert faces, f"frame {frame} of {episode} shows no upright face"
        x, y, w, h = max(faces, key=lambda face: face[2] * face[3])
        assert 0.25 * width < x + w / 2 < 0.75 * width, f"frame {frame}: face at the edge"
        assert y + h / 2 < 0.6 * height, f"frame {frame}: face under the subtitles"


def _frames(master: Path, wanted: list[int]) -> dict[int, NDArray[np.uint8]]:
    found: dict[int, NDArray[np.uint8]] = {}
    with av.open(str(master)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number in wanted:
                gray = frame.to_ndarray(format="gray")
                found[number] = cv2.resize(gray, (360, 640), interpolation=cv2.INTER_AREA)
    return found


def _faces(gray: NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    cascade = cv2.CascadeClassifier(
        str(Path(cv2.data.haarcascades) / "haarcascade_frontalface_default.xml"))
    return [tuple(map(int, face)) for face in cascade.detectMultiScale(
        cv2.equalizeHist(gray), 1.05, 4, minSize=(80, 80))]


def test_a_second_run_renders_nothing(season: ProjectFolder, tmp_path: Path) -> None:
    shutil.copytree(season.root, tmp_path / "again")
    again = ProjectFolder(tmp_path / "again").json("run")
    assert again["rendered"] == 0
    assert [e["ran"] for e in again["episodes"]] == [[], []]
