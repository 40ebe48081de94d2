"""A turnover: the reference picture shows what it says, the stems are the mix, the seal holds."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from synth.footage import make_clip, numbers_in
from synth.project import ProjectFolder
from synth.sound import lively, make_flash_clip

from microfinish.media.bwf import read_bwf
from microfinish.media.sound import read_all
from microfinish.media.wave import write_wave
from microfinish.stages.custody import histories, verify_folder

pytestmark = pytest.mark.media

EDL = """TITLE: TURNOVER
FCM: NON-DROP FRAME

001  A001     V     C        10:00:00:10 10:00:01:10 01:00:00:00 01:00:01:00
* FROM CLIP NAME: A001C001.mov
002  B001     V     C        00:00:00:10 00:00:02:02 01:00:01:00 01:00:02:16
* FROM CLIP NAME: B001C001.mov
003  B001     V     C        00:00:02:02 00:00:02:02 01:00:02:16 01:00:02:16
003  A001     V     D    006 10:00:02:00 10:00:02:12 01:00:02:16 01:00:03:04
* FROM CLIP NAME: B001C001.mov
* TO CLIP NAME: A001C001.mov
"""


@pytest.fixture(scope="module")
def turned_over(tmp_path_factory: pytest.TempPathFactory) -> ProjectFolder:
    """An episode at 23.976 with sound of its own, music and an effect, exported with everything."""
    root = tmp_path_factory.mktemp("turnover")
    project = ProjectFolder.make(root, rate="24000/1001")
    rate = Fraction(24000, 1001)
    make_clip(root / "media/A001C001.mov", frames=80, rate=rate, timecode="10:00:00:00")
    make_flash_clip(root / "media/B001C001.mov", rate=rate, frames=60, flashes=[3],
                    sound=lively(2.5, 3))
    write_wave(np.stack([lively(4, 4)] * 2, axis=1) * 2.5, root / "music/theme.wav")
    write_wave(np.stack([lively(1, 5)] * 2, axis=1), root / "sfx/door.wav")
    project.write("episodes/ep001/edit.edl", EDL)
    project.write("episodes/ep001/mix.yaml", "music: [{file: music/theme.wav, at: '00:00:00:00'}]\n"
                  "effects: [{file: sfx/door.wav, at: '00:00:00:12', gain_db: 6}]\n")
    project.call("run", "--to", "mix")
    project.call("export", "ep001", "--to", "all", "--handles", "8")
    return project


@pytest.fixture
def folder(turned_over: ProjectFolder) -> Path:
    return turned_over.root / "turnover/ep001"


def test_the_reference_picture_has_every_frame_and_its_timecode_track(folder: Path) -> None:
    path = folder / "ep001_reference.mov"
    numbers = numbers_in(path)
    assert numbers[:24] == list(range(10, 34))
    assert numbers[70:76] == list(range(54, 60))
    assert len(numbers) == 76
    with av.open(str(path)) as container:
        assert container.streams.video[0].metadata["timecode"] == "01:00:00:00"
        assert container.streams.video[0].average_rate == Fraction(24000, 1001)
    assert path.stat().st_size < 1_000_000


def test_the_record_timecode_changes_with_every_frame(folder: Path) -> None:
    """A held frame below a running counter: what differs between two frames is the counter."""
    with av.open(str(folder / "ep001_reference.mov")) as container:
        pictures = [frame.to_ndarray(format="gray").astype(int)
                    for frame in container.decode(video=0)][:24]
    height, width = pictures[0].shape
    bottom = (slice(height - height // 12, height), slice(width // 5, width * 4 // 5))
    for before, after in pairwise(pictures):
        assert np.abs(before[bottom] - after[bottom]).max() > 80


def test_the_stems_sum_to_the_mix_to_less_than_minus_100_dbfs(folder: Path) -> None:
    sounds = {stem: read_all(folder / f"ep001_{stem}.wav", 0)[0].astype(np.float64)
              for stem in ("DX", "MX", "FX", "MIX")}
    assert all(np.abs(sounds[stem]).max() > 0.01 for stem in sounds)
    rest = sounds["DX"] + sounds["MX"] + sounds["FX"] - sounds["MIX"]
    assert 20 * np.log10(np.abs(rest).max() + 1e-12) <= -100
    assert np.abs(sounds["MIX"]).max() < 1.0
    without_words, _ = read_all(folder / "ep001_ME.wav", 0)
    rest = sounds["DX"] + without_words - sounds["MIX"]
    assert 20 * np.log10(np.abs(rest).max() + 1e-12) <= -100


def test_stems_are_broadcast_wave_at_the_record_timecode(folder: Path) -> None:
    found = read_bwf(folder / "ep001_DX.wav")
    assert found is not None
    # 01:00:00:00 at 23.976 is 3603.6 s after midnight
    assert found.time_reference == round(Fraction(36036, 10) * 48_000)
    assert (found.timecode_rate, found.drop) == (Fraction(24000, 1001), False)
    assert found.names == ("DX L", "DX R")
    with av.open(str(folder / "ep001_DX.wav")) as container:
        (stream,) = container.streams.audio
        assert (stream.codec_context.name, stream.sample_rate) == ("pcm_s24le", 48_000)
        assert stream.duration == round(76 * Fraction(1001, 24000) * 48_000)


def test_the_folder_is_sealed_and_a_second_export_renders_nothing_and_seals_anew(
    turned_over: ProjectFolder, folder: Path
) -> None:
    assert {finding.rule for finding in verify_folder(folder)} == {"mhl.verified"}
    store = turned_over.root / ".microfinish/store"
    before = {path: path.stat().st_mtime_ns for path in store.rglob("*.mp4")}
    (folder / "notes.txt").write_text("read me")
    answer = turned_over.json("export", "ep001", "--to", "picture")
    assert {path: path.stat().st_mtime_ns for path in store.rglob("*.mp4")} == before
    assert before
    assert answer["manifest"].startswith("ascmhl/0001_ep001_")
    (history,) = histories(folder)
    assert len(history.generations) == 1
    assert {entry.path for entry in history.generations[0].entries} >= {
        "notes.txt", "ep001_reference.mov", "ep001_MIX.wav"}


def test_a_folder_that_another_program_sealed_is_not_touched(
    turned_over: ProjectFolder, tmp_path: Path
) -> None:
    turned_over.call("export", "ep001", "--to", "cdl", "--out", str(tmp_path))
    (manifest,) = (tmp_path / "ascmhl").glob("*.mhl")
    manifest.write_text(manifest.read_text().replace(">microfinish<", ">Silverstack<"))
    said = turned_over.call("export", "ep001", "--to", "cdl", "--out", str(tmp_path), expect=2)
    assert "sealed by Silverstack" in said.stderr


def test_a_reference_picture_needs_its_decisions(tmp_path: Path) -> None:
    project = ProjectFolder.make(tmp_path)
    make_clip(tmp_path / "media/A001C001.mov", frames=20)
    project.write("episodes/ep001/edit.yaml", "events: [{media: A001C001, in: 0, out: 10}]\n")
    project.call("run", "--to", "lock")
    said = project.call("export", "ep001", "--to", "picture", expect=2)
    assert "run ep001 --to mix" in said.stderr
