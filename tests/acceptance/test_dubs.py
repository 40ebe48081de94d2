"""A dub is the episode in another language: its words at their timecode, music ducked for them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from synth.project import ProjectFolder
from synth.sound import ebur128, lively, make_flash_clip

from microfinish.media.loudness import step_energies
from microfinish.media.sound import read_stereo
from microfinish.media.stems import write_stems
from microfinish.media.wave import write_wave

RATE = 48_000
pytestmark = pytest.mark.media


def words(at: tuple[tuple[float, float], ...], seed: int) -> np.ndarray:
    """Eight seconds of mono silence with lively sound in the given stretches."""
    sound = np.zeros(8 * RATE, np.float32)
    for start, end in at:
        piece = slice(round(start * RATE), round(end * RATE))
        sound[piece] = lively(8.0, seed)[piece]
    return sound


ORIGINAL, SPANISH = ((1.0, 3.0),), ((1.2, 2.4), (5.0, 6.5))


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> ProjectFolder:
    root = tmp_path_factory.mktemp("dubbed")
    project = ProjectFolder.make(root, platforms="tiktok", extra="timeline_start: 01:00:00:00\n")
    make_flash_clip(root / "media" / "A001C001.mov", rate=Fraction(25), frames=200, flashes=[3],
                    sound=words(ORIGINAL, 1))
    n = np.arange(8 * RATE)
    chord = (0.05 * sum(np.sin(2 * np.pi * hertz * n / RATE) for hertz in (6000, 7100))
             ).astype(np.float32)
    write_wave(np.stack([chord, chord], axis=1), root / "music" / "theme.wav")
    project.write("episodes/ep001/edit.yaml", "events:\n  - {media: A001C001, in: 0, out: 200}\n")
    project.write("episodes/ep001/mix.yaml", "music:\n  - {file: music/theme.wav}\n")
    spoken = np.repeat(words(SPANISH, 2)[:, None], 2, axis=1)
    # printed from two seconds before the program on, as dubbing stages do
    lead = np.zeros((2 * RATE, 2), np.float32)
    laid = np.concatenate([lead, spoken])
    folder = root / "episodes" / "ep001" / "dubs" / "es"
    made = write_stems({"DX": laid}, laid, folder, "ep001", 90_000 - 50, Fraction(25), False)
    made.files["MIX"].unlink()
    project.call("run", "--to", "master")
    return project


def heard_in(path: Path, low: float, high: float) -> np.ndarray:
    """The level in dB of every 10 ms of a band of a master's sound."""
    from scipy.signal import butter, sosfilt

    sound = read_stereo(path)[:, :1]
    band = sosfilt(butter(4, (low, high), "bandpass", fs=RATE, output="sos"), sound, axis=0)
    return 10 * np.log10(step_energies(band.astype(np.float32)) + 1e-12)


def test_a_dub_is_delivered_beside_the_original_equally_loud(season: ProjectFolder) -> None:
    original, dub = (ebur128(season.master(name)) for name in ("tiktok", "tiktok.es"))
    assert original[0] == pytest.approx(-14.0, abs=0.2)
    assert dub[0] == pytest.approx(original[0], abs=0.2)
    assert max(original[1], dub[1]) <= -1.0
    masters = season.json("show", "ep001", "master")["masters"]
    assert [(m["language"], m["path"]) for m in masters] == [
        ("", "deliver/ep001/tiktok.mp4"), ("es", "deliver/ep001/tiktok.es.mp4")]


@pytest.mark.parametrize(("name", "spoken"), [("tiktok", ORIGINAL), ("tiktok.es", SPANISH)])
def test_each_speaks_its_own_words_at_their_timecode(season: ProjectFolder, name: str,
                                                     spoken: tuple[tuple[float, float], ...]
                                                     ) -> None:
    level = heard_in(season.master(name), 300, 3000)
    flags = np.zeros(level.size, dtype=bool)
    for start, end in spoken:
        flags[round(start * 100) + 5: round(end * 100) - 5] = True
    quiet = ~np.convolve(flags, np.ones(41), "same").astype(bool)
    assert np.percentile(level[flags], 80) > np.percentile(level[quiet], 90) + 20


def test_music_goes_down_for_the_dub_and_not_for_the_original(season: ProjectFolder) -> None:
    for name, down, up in (("tiktok", 2.0, 5.7), ("tiktok.es", 5.7, 7.9)):
        level = heard_in(season.master(name), 5800, 7300)

        def around(second: float, level: np.ndarray = level) -> float:
            return float(np.median(level[round(second * 100) - 10: round(second * 100) + 10]))

        assert around(down) < around(up) - 4.0, name


def test_a_dub_that_is_not_there_yet_comes_in_with_its_reason(season: ProjectFolder) -> None:
    folder = season.root / "episodes" / "ep001" / "dubs" / "pt-BR"
    folder.mkdir(parents=True)
    write_wave(np.repeat(words(((2.0, 4.0),), 3)[:, None], 2, axis=1), folder / "all.wav")
    assert "dubs" in season.call("explain", "ep001").stdout
    season.call("run", "--to", "master")
    level = heard_in(season.master("tiktok.pt-BR"), 300, 3000)  # no timecode: from the first frame
    assert np.percentile(level[210:390], 80) > np.percentile(level[500:700], 90) + 20
    (folder / "all.wav").unlink()


def test_a_dub_outside_the_episode_is_refused_by_name(season: ProjectFolder) -> None:
    folder = season.root / "episodes" / "ep001" / "dubs" / "fr"
    sound = np.zeros((RATE, 2), np.float32)
    write_stems({"DX": sound}, sound, folder, "late", 5000, Fraction(25), False)
    failed = season.call("run", "--to", "master", expect=None)
    assert failed.returncode != 0
    assert "dubs/fr/late_DX.wav lies outside the episode" in failed.stderr
    for file in folder.iterdir():
        file.unlink()
