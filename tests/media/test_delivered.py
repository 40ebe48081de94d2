"""Delivered files are measured as they decode; the truth is in how the clips are generated."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest

from microfinish.core.errors import ToolError
from microfinish.media.delivered import measure_picture, measure_sound, read_streams
from microfinish.media.ffmpeg import run
from microfinish.media.mp4_boxes import read_boxes
from microfinish.project.presets import Presets
from microfinish.render.encoding import encoder_arguments
from microfinish.render.joining import concat_list, mux_arguments

pytestmark = pytest.mark.media
RATE = Fraction(25)


def flat(path: Path, luma: int, pixel_format: str, codec: str) -> Path:
    """Eight frames of one 8-bit luma code value."""
    run(["-y", "-f", "lavfi", "-i", "color=black:s=96x160:r=25:d=0.32,format=yuv444p,"
         f"geq=lum={luma}:cb=128:cr=128,format={pixel_format},setparams=range=tv",
         "-c:v", codec, str(path)])
    return path


@pytest.mark.parametrize(("pixel_format", "codec", "suffix"), [
    ("yuv420p", "libx264", "mp4"), ("yuv422p10le", "prores_ks", "mov")])
@pytest.mark.parametrize(("code", "luma"), [(16, 0.0), (235, 1.0), (125.5, 0.5)])
def test_luma_is_zero_at_black_and_one_at_white_in_8_and_10_bits(
        tmp_path: Path, pixel_format: str, codec: str, suffix: str, code: float,
        luma: float) -> None:
    path = flat(tmp_path / f"flat.{suffix}", int(code), pixel_format, codec)
    facts = measure_picture(path, read_streams(path).pixel_format)
    # One code value of coding error, and half a one of the code that was asked for.
    assert facts.mean == pytest.approx([luma] * 8, abs=1.5 / 219)
    assert facts.near_max == pytest.approx([luma] * 8, abs=1.5 / 219)
    assert facts.errors == ()


def test_a_still_shot_with_grain_moves_and_a_held_frame_does_not(tmp_path: Path) -> None:
    path = tmp_path / "grain.mp4"
    run(["-y", "-f", "lavfi", "-i", "color=gray:s=432x768:r=25:d=0.8,noise=alls=6:allf=t,"
         "trim=end_frame=10,tpad=stop_mode=clone:stop=10", "-c:v", "libx264", "-crf", "17",
         "-threads", "1", str(path)])
    facts = measure_picture(path, "yuv420p")
    assert min(facts.change[1:10]) > 0.003
    assert max(facts.change[14:]) < 0.001
    assert max(facts.local_change[14:]) < 0.01


def sound(path: Path, amplitude: str) -> Path:
    """Three seconds of 997 Hz in both channels."""
    wave = f"{amplitude}*sin(2*PI*997*t)"
    run(["-y", "-f", "lavfi", "-i", f"aevalsrc='{wave}|{wave}':s=48000:d=3",
         "-c:a", "pcm_s24le", str(path)])
    return path


def test_loudness_and_peak_of_a_tone_are_what_it_was_made_with(tmp_path: Path) -> None:
    # BS.1770: 997 Hz at amplitude a in both channels reads 20 log10(a) LUFS.
    facts = measure_sound(sound(tmp_path / "tone.mov", "0.1"))
    assert facts.samples == 144_000
    assert facts.integrated_lufs == pytest.approx(-20.0, abs=0.1)
    assert facts.true_peak_dbtp == pytest.approx(-20.0, abs=0.2)
    assert facts.block_peaks_dbfs == pytest.approx([-20.0] * 300, abs=0.1)


def test_the_highest_peak_is_placed_where_the_sound_swells(tmp_path: Path) -> None:
    # Amplitude 0.1 swells to 0.2 at 2.25 s.
    swell = "0.1*(1+between(t,2,2.5)*sin(PI*(t-2)/0.5))"
    facts = measure_sound(sound(tmp_path / "swell.mov", swell))
    seconds, highest = facts.true_peaks[-1]
    assert highest == facts.true_peak_dbtp == pytest.approx(-14.0, abs=0.2)
    assert 2.1 <= seconds <= 2.3
    assert facts.block_peaks_dbfs[225] == pytest.approx(-14.0, abs=0.1)


def test_digital_silence_is_at_the_floor(tmp_path: Path) -> None:
    path = tmp_path / "silence.mov"
    run(["-y", "-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo", "-t", "1",
         "-c:a", "pcm_s24le", str(path)])
    facts = measure_sound(path)
    assert set(facts.block_peaks_dbfs) == {-144.0}
    assert facts.integrated_lufs <= -69.9


def test_a_file_without_picture_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    run(["-y", "-f", "lavfi", "-i", "sine=d=0.2", str(path)])
    with pytest.raises(ToolError, match=r"sound\.mp4 has no picture"):
        read_streams(path)


def test_segments_of_the_built_in_encode_join_without_encoding_again(tmp_path: Path) -> None:
    from microfinish.core.deliver import EncodePreset
    from microfinish.core.frame import Raster
    from microfinish.project.deliverables import picture_spec

    preset = Presets().resolve("encodes", "h264-mobile", EncodePreset).value
    spec = picture_spec(preset.picture, Raster(216, 384), RATE)
    sources = ("testsrc2=s=216x384:r=25:d=1.2", "mandelbrot=s=216x384:r=25,trim=end_frame=7",
               "color=red:s=216x384:r=25:d=2.8")
    segments = []
    for number, source in enumerate(sources):
        arguments = [part for name, value in encoder_arguments(spec, RATE).items()
                     for part in ((f"-{name}",) if value is None else (f"-{name}", str(value)))]
        segments.append(tmp_path / f"{number}.mp4")
        run(["-y", "-f", "lavfi", "-i", f"{source},format=yuv420p,setparams=range=tv:"
             "color_primaries=bt709:color_trc=bt709:colorspace=bt709",
             *arguments, str(segments[-1])])
    headers = set()
    for segment in segments:
        with av.open(str(segment)) as container:
            headers.add(bytes(container.streams.video[0].codec_context.extradata))
    assert len(headers) == 1, "every segment must carry the same SPS and PPS"

    listing, joined = tmp_path / "list.txt", tmp_path / "joined.mp4"
    listing.write_text(concat_list([str(s) for s in segments]), encoding="utf-8")
    run(mux_arguments(str(listing), "", str(joined), RATE, "mp4"))
    facts, track = measure_picture(joined, "yuv420p"), read_boxes(joined).track("vide")
    assert (facts.frames, facts.errors) == (30 + 7 + 70, ())
    assert track is not None and track.sync_samples is not None
    assert {0, 30, 37, 87} <= set(track.sync_samples), "a segment starts with a key frame; 2 s GOP"
    assert sorted(track.presentation_times()) == [1000 * n for n in range(107)]
    assert all(read_streams(joined).key_units)
