"""The soundtrack is as loud as asked when decoded, keeps its peaks, and stays where it was."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from microfinish.core.deliver import SoundSpec
from microfinish.core.errors import ToolError
from microfinish.media import soundtrack as module
from microfinish.media.aac import FRAME, decode_adts
from microfinish.media.ffmpeg import ffmpeg_exe
from microfinish.media.loudness import measure
from microfinish.media.sound import read_all
from microfinish.media.soundtrack import soundtrack

RATE = 48_000
pytestmark = pytest.mark.media


def lively(seconds: float = 8.0) -> np.ndarray:
    """Speech-like noise, a chord, kick and snare: 20 dB from loudness to peak."""
    rng = np.random.default_rng(3)
    n = np.arange(int(seconds * RATE))
    t = n / RATE
    voice = sosfilt(butter(2, [150, 3500], "bandpass", fs=RATE, output="sos"),
                    rng.standard_normal(n.size))
    voice *= np.clip(np.sin(2 * np.pi * 3.1 * t), 0, 1) ** 1.5 * (np.sin(2 * np.pi * t / 4) > -0.3)
    chord = 0.15 * np.sin(2 * np.pi * 220 * t) + 0.1 * np.sin(2 * np.pi * 331 * t)
    beat = np.zeros(n.size)
    for hit in range(0, n.size - 24_000, 24_000):
        k = np.arange(9600)
        beat[hit: hit + 9600] += np.exp(-k / 1500) * np.sin(2 * np.pi * 60 * k / RATE) * 0.9
        k = np.arange(6000)
        beat[hit + 12_000: hit + 18_000] += rng.standard_normal(6000) * np.exp(-k / 900) * 0.6
    left = 0.12 * voice + 0.3 * chord + 0.5 * beat
    return np.stack([left, 0.12 * voice + 0.25 * chord + 0.45 * beat], axis=1).astype(np.float32)


def hot() -> np.ndarray:
    """The same, driven into the rails: 14 dB of noise in every transient."""
    return np.tanh(4 * lively()).astype(np.float32)


@pytest.mark.parametrize("material", [lively, hot])
@pytest.mark.parametrize("target", [-14.0, -16.0])
@pytest.mark.parametrize("bitrate", [128, 192, 384])
def test_the_decoded_soundtrack_meets_target_and_ceiling(material, target, bitrate, tmp_path):
    spec = SoundSpec(bitrate_kbps=bitrate, target_lufs=target)
    made = soundtrack(material(), spec, tmp_path)
    heard = measure(decode_adts(made.path))
    assert heard.integrated_lufs == pytest.approx(target, abs=0.2)
    assert heard.true_peak_dbtp <= -1.0
    assert made.integrated_lufs == heard.integrated_lufs
    assert made.true_peak_dbtp == heard.true_peak_dbtp
    assert made.passes <= 4


def test_pcm_meets_its_target_exactly(tmp_path):
    made = soundtrack(lively(), SoundSpec(codec="pcm_s24le", target_lufs=-23.0), tmp_path)
    heard, rate = read_all(made.path)
    assert (rate, heard.shape[0]) == (RATE, 8 * RATE)
    reading = measure(heard)
    assert reading.integrated_lufs == pytest.approx(-23.0, abs=0.1)
    assert reading.true_peak_dbtp <= -1.0


def test_the_same_mix_gives_the_same_bytes(tmp_path):
    first = soundtrack(lively(), SoundSpec(), tmp_path, "one").path.read_bytes()
    assert soundtrack(lively(), SoundSpec(), tmp_path, "two").path.read_bytes() == first


@pytest.mark.parametrize("samples", [8 * RATE, 8 * RATE + 1, 8 * RATE - 1023, 7 * 51_251])
def test_the_frames_cover_the_programme_and_no_frame_more(samples, tmp_path):
    made = soundtrack(lively(9)[:samples], SoundSpec(), tmp_path)
    decoded = decode_adts(made.path).shape[0]
    assert 0 <= decoded - samples < FRAME


def test_decoded_samples_stand_where_they_were(tmp_path):
    sound = lively(6)
    heard = decode_adts(soundtrack(sound, SoundSpec(bitrate_kbps=384), tmp_path).path)
    inner = slice(RATE, 3 * RATE)
    for lag in (-1, 1):
        moved = np.roll(heard[:, 0], lag)
        assert np.corrcoef(moved[inner], sound[inner, 0])[0, 1] < np.corrcoef(
            heard[inner, 0], sound[inner, 0])[0, 1]


def test_sound_from_the_first_sample_does_not_overshoot_in_the_first_frame(tmp_path):
    loud = np.tanh(6 * lively()).astype(np.float32)
    made = soundtrack(loud, SoundSpec(), tmp_path)
    heard = decode_adts(made.path)
    assert np.abs(heard[:1024]).max() < 0.9
    assert np.abs(heard[4096:8192]).max() > 0.05


def test_digital_silence_is_delivered_with_a_warning(tmp_path):
    made = soundtrack(np.zeros((2 * RATE, 2), np.float32), SoundSpec(), tmp_path)
    assert made.integrated_lufs == -np.inf
    assert [f.severity for f in made.findings] == ["warning"]
    assert np.abs(decode_adts(made.path)).max() < 1e-4


def test_a_whisper_is_raised_by_thirty_decibels_and_no_more(tmp_path):
    whisper = lively() * np.float32(10 ** (-45 / 20))
    made = soundtrack(whisper, SoundSpec(), tmp_path)
    assert made.gain_db == pytest.approx(30.0)
    assert made.integrated_lufs < -14.5
    assert made.findings[0].severity == "warning"
    assert "too quiet" in made.findings[0].message


def test_an_unreachable_target_fails_with_every_pass_in_the_table(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "measure", lambda sound: measure(sound * np.float32(2.0)))
    with pytest.raises(ToolError) as failure:
        soundtrack(lively(3), SoundSpec(target_lufs=-1.0, tolerance_lu=0.01), tmp_path)
    assert len(failure.value.detail) == 4
    assert "pass 1: gain" in failure.value.detail[0]
    assert failure.value.hint


def _boxes(data: bytes) -> set[bytes]:
    return {name for name in (b"elst", b"edts") if name in data}


def test_flash_and_beep_coincide_in_the_mp4_and_there_is_no_edit_list(tmp_path: Path):
    rate, frames, at = 25, 100, (20, 55, 80)
    sound = np.zeros((frames * RATE // rate, 2), np.float32)
    tone = np.sin(2 * np.pi * 1000 * np.arange(1920) / RATE).astype(np.float32) * 0.5
    for frame in at:
        sound[frame * 1920: (frame + 1) * 1920] += tone[:, None]
    made = soundtrack(sound, SoundSpec(bitrate_kbps=384), tmp_path)
    lit = "+".join(f"eq(N,{frame})" for frame in at)
    picture, film = tmp_path / "v.mp4", tmp_path / "film.mp4"
    base = [ffmpeg_exe(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y"]
    subprocess.run([*base, "-f", "lavfi", "-i", f"color=black:64x64:r={rate}:d={frames / rate}",
                    "-vf", f"geq=lum='if({lit},235,16)':cb=128:cr=128", "-c:v", "libx264",
                    "-bf", "2", "-video_track_timescale", "25000", str(picture)], check=True)
    subprocess.run([*base, "-i", str(picture), "-i", str(made.path), "-map", "0:v", "-map", "1:a",
                    "-c", "copy", "-use_editlist", "0", "-movflags",
                    "+faststart+negative_cts_offsets", "-video_track_timescale", "25000",
                    str(film)], check=True)
    assert not _boxes(film.read_bytes())
    for honored in ("0", "1"):
        options = [*base, "-ignore_editlist", honored, "-i", str(film)]
        raw = subprocess.run([*options, "-map", "0:a", "-f", "f32le", "-ac", "2", "pipe:1"],
                             capture_output=True, check=True).stdout
        heard = np.frombuffer(raw, np.float32).reshape(-1, 2)[:, 0]
        grey = subprocess.run([*options, "-map", "0:v", "-f", "rawvideo", "-pix_fmt", "gray",
                               "pipe:1"], capture_output=True, check=True).stdout
        means = np.frombuffer(grey, np.uint8).reshape(-1, 64 * 64).mean(axis=1)
        assert tuple(int(f) for f in np.flatnonzero(means > 120)) == at
        for frame in at:
            around = heard[frame * 1920 - 480: frame * 1920 + 1920 + 480]
            lag = int(np.correlate(around, tone, "valid").argmax()) - 480
            assert abs(lag) <= 1, f"the beep is {lag} samples off"
