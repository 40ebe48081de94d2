"""A mended AAC stream is the new sound where it changed and the old frames everywhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from microfinish.core.deliver import SoundSpec
from microfinish.media import soundtrack as module
from microfinish.media.aac import FRAME, PRIMING, decode_adts, encode_adts, frame_places, trim_adts
from microfinish.media.aac_mend import LEAD, mend
from microfinish.media.loudness import measure
from microfinish.media.soundtrack import soundtrack

RATE = 48_000
pytestmark = pytest.mark.media


def talk(seconds: float) -> np.ndarray:
    """Noise bursts over a chord: transients, so that the encoder changes its windows."""
    rng = np.random.default_rng(11)
    n = np.arange(round(seconds * RATE))
    burst = (np.sin(2 * np.pi * 2.3 * n / RATE) > 0.7) * np.exp(-(n % 9000) / 2500)
    chord = sum(np.sin(2 * np.pi * hertz * n / RATE) for hertz in (220, 277, 331)) * 0.06
    left = chord + 0.25 * burst * rng.standard_normal(n.size)
    return np.stack([left, 0.8 * left], axis=1).astype(np.float32)


def encoded(sound: np.ndarray, kbps: int, path: Path) -> None:
    encode_adts(sound[PRIMING:], kbps, path)
    trim_adts(path, sound.shape[0])


@pytest.mark.parametrize("kbps", [128, 192, 384])
@pytest.mark.parametrize("at", [60_000, 3_000, 378_000])
def test_only_frames_around_the_change_are_new_and_they_sound_like_it(kbps, at, tmp_path):
    before = talk(8.0)
    after = before.copy()
    after[at: at + 2000] *= 0.4
    path = tmp_path / "a.aac"
    encoded(before, kbps, path)
    old_bytes, old = path.read_bytes(), decode_adts(path)
    assert mend(path, before, after, kbps, tmp_path)
    new_bytes, new = path.read_bytes(), decode_adts(path)
    assert new.shape == old.shape
    frames = [data[a:b] for data in (old_bytes, new_bytes) for a, b in frame_places(data)]
    half = len(frames) // 2
    differing = [k for k in range(half) if frames[k] != frames[half + k]]
    assert differing
    assert differing[0] >= at // FRAME - LEAD - 1
    assert differing[-1] <= (at + 2000) // FRAME + LEAD + 1
    count = before.shape[0]
    around = slice(max(0, at - 20_000), min(count, at + 22_000))

    def noise_db(heard: np.ndarray, wanted: np.ndarray) -> float:
        return float(10 * np.log10(np.mean((heard[:count] - wanted)[around] ** 2)))

    assert noise_db(new, after) <= noise_db(old, before) + 1.5


def test_a_change_everywhere_is_not_mended(tmp_path):
    sound = talk(4.0)
    path = tmp_path / "a.aac"
    encoded(sound, 192, path)
    before = path.read_bytes()
    assert not mend(path, sound, sound * np.float32(0.9), 192, tmp_path)
    assert not mend(path, sound, sound, 192, tmp_path)
    assert path.read_bytes() == before


def test_an_overshooting_frame_is_mended_without_another_whole_encode(tmp_path, monkeypatch):
    whole = []
    encode = module._encode

    def overshooting(*arguments, **options):
        whole.append(1)
        path, heard = encode(*arguments, **options)
        raised = heard.copy()
        raised[3 * RATE] = 0.97  # a whole encode overshoots at 3 s, each time
        return path, raised

    monkeypatch.setattr(module, "_encode", overshooting)
    made = soundtrack(talk(6.0), SoundSpec(bitrate_kbps=192, target_lufs=-18.0), tmp_path)
    assert made.passes == len(whole) + 1
    heard = measure(decode_adts(made.path))
    assert made.true_peak_dbtp == heard.true_peak_dbtp <= -1.0
    assert heard.integrated_lufs == pytest.approx(-18.0, abs=0.1)
