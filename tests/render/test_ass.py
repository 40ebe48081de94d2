"""Burnt text is on its frames, inside its box, and says what was written."""

import os
from fractions import Fraction

import cv2
import numpy as np
import pytest

from microfinish.core.frame import Raster
from microfinish.core.line_breaks import wrap
from microfinish.core.time import Span
from microfinish.core.title import Box, Cue, TitleStyle, TitleTrack
from microfinish.media.ffmpeg import run
from microfinish.media.fonts import find_font, font_dir
from microfinish.media.text_measure import burnt_width, text_width
from microfinish.render.ass import ass_text, touches

TINY = Raster(72, 128)
RATES = [Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30),
         Fraction(50), Fraction(60000, 1001), Fraction(60)]


def track(*cues: Cue, raster: Raster = TINY, size: int = 200, language: str = "en") -> TitleTrack:
    box = Box(raster.width // 20, raster.height // 6, raster.width * 19 // 20,
              raster.height * 9 // 10)
    return TitleTrack(language, "tiny", box, TitleStyle(size_px=size), cues, raster=raster)


def burn(script: str, raster: Raster, rate: Fraction, frames: int, folder, color="black"):
    """Frames of burnt text over a plain color: shape (frames, height, width), luma 0..255."""
    (folder / "burn.ass").write_text(script, "utf-8")
    graph = (f"color={color}:s={raster}:r={rate.numerator}/{rate.denominator},"
             f"ass=filename={folder / 'burn.ass'}:fontsdir={font_dir()}")
    raw = run(["-f", "lavfi", "-i", graph, "-frames:v", str(frames), "-f", "rawvideo",
               "-pix_fmt", "gray", "-"]).stdout
    return np.frombuffer(raw, np.uint8).reshape(frames, raster.height, raster.width)


def lit(frames: np.ndarray) -> list[int]:
    return [n for n, frame in enumerate(frames) if frame.max() > 60]


@pytest.mark.media
@pytest.mark.parametrize("rate", RATES, ids=str)
def test_a_cue_is_on_from_its_first_frame_to_its_last(rate, tmp_path):
    spans = (Span(0, 1), Span(2, 7), Span(7, 8), Span(33, 61), Span(97, 98))
    script = ass_text(track(*(Cue(span, ("X",)) for span in spans)), TINY, rate)
    assert lit(burn(script, TINY, rate, 110, tmp_path)) == [n for span in spans for n in span]


@pytest.mark.media
@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(60000, 1001)], ids=str)
def test_a_segment_late_in_the_episode_shows_its_own_part_of_a_cue(rate, tmp_path):
    segment = Span(2003, 2053)
    cues = (Cue(Span(1990, 2006), ("X",)), Cue(Span(2040, 2049), ("X",)))
    script = ass_text(track(*cues), TINY, rate, segment)
    assert lit(burn(script, TINY, rate, 50, tmp_path)) == [0, 1, 2, *range(37, 46)]


def test_changing_a_cue_changes_only_the_segments_it_touches():
    before = track(Cue(Span(10, 40), ("one",)), Cue(Span(60, 90), ("two",)))
    after = track(Cue(Span(10, 40), ("one",)), Cue(Span(60, 90), ("changed",)))
    segments = (Span(0, 25), Span(25, 50), Span(50, 75), Span(75, 100))
    changed = [ass_text(before, TINY, Fraction(25), span) != ass_text(after, TINY, Fraction(25),
                                                                     span) for span in segments]
    assert changed == [False, False, True, True]
    assert [touches(before, Span(*s)) for s in ((0, 10), (39, 41), (40, 60))] == [
        False, True, False]


HD = Raster(1080, 1920)
BOX = Box(65, 310, 888, 1248)
SAMPLES = {
    "latin": "Éß Çà ñandú Šílený žluťoučký Ærøskøbing, jąkanie, İğne!",
    "greek": "Δεν ήθελα ποτέ να φύγεις, ούτε να με ξεχάσεις",
    "cyrillic": "Я никогда не хотел, чтобы ты уходил…",
    "arabic": "لم أرد أبداً أن ترحل إلى الأبد، صدقني أرجوك يا حبيبتي",
    "hebrew": "מעולם לא רציתי שתלך, ק־ן־ץ",
}


@pytest.mark.media
@pytest.mark.parametrize("script", SAMPLES)
def test_burnt_pixels_stay_inside_the_box_and_as_wide_as_measured(script, tmp_path):
    style = TitleStyle()
    font = find_font(style.font, style.bold)
    lines = wrap(SAMPLES[script], lambda text: burnt_width(text, font, style, 1080), BOX.width)
    titles = TitleTrack("und", "universal", BOX, style, (Cue(Span(0, 1), lines),))
    # On gray both the white glyphs and the black outline show.
    (frame,) = burn(ass_text(titles, HD, Fraction(25)), HD, Fraction(25), 1, tmp_path, "gray")
    ground = int(frame[0, 0])
    if folder := os.environ.get("MICROFINISH_LOOK"):
        cv2.imwrite(f"{folder}/titles-{script}.png", frame)
    rows, columns = np.nonzero(np.abs(frame.astype(int) - ground) > 8)
    assert BOX.left <= columns.min() and columns.max() < BOX.right
    assert BOX.top <= rows.min() and rows.max() < BOX.bottom
    assert abs((columns.min() + columns.max() + 1) / 2 - (BOX.left + BOX.right) / 2) <= 6
    assert rows.max() > BOX.bottom - 40
    measured = max(burnt_width(line, font, style, 1080) for line in lines)
    burnt = columns.max() - columns.min() + 1
    assert measured - 16 <= burnt <= measured + 1, (measured, burnt)


@pytest.mark.media
def test_braces_and_backslashes_are_text(tmp_path):
    style = TitleStyle()
    font = find_font(style.font, style.bold)
    line = r"{\b0} a\Nb \h {"
    titles = TitleTrack("en", "universal", BOX, style, (Cue(Span(0, 1), (line,)),))
    (frame,) = burn(ass_text(titles, HD, Fraction(25)), HD, Fraction(25), 1, tmp_path)
    rows, columns = np.nonzero(frame > 60)
    assert rows.max() - rows.min() < style.size_px * 1.2  # one line
    assert columns.max() - columns.min() == pytest.approx(
        text_width(line, font, style.size_px), abs=16)  # side bearings


@pytest.mark.media
def test_white_is_legal_white(tmp_path):
    titles = TitleTrack("en", "universal", BOX, TitleStyle(size_px=300), (Cue(Span(0, 1), ("I",)),))
    (tmp_path / "burn.ass").write_text(ass_text(titles, HD, Fraction(25)), "utf-8")
    graph = (f"color=black:s=1080x1920:r=25,format=yuv420p,"
             f"setparams=range=tv:colorspace=bt709,"
             f"ass=filename={tmp_path / 'burn.ass'}:fontsdir={font_dir()}")
    raw = run(["-f", "lavfi", "-i", graph, "-frames:v", "1", "-f", "rawvideo", "-"]).stdout
    luma = np.frombuffer(raw, np.uint8)[:1080 * 1920]
    assert (int(luma.min()), int(luma.max())) == (16, 235)


def test_another_delivery_size_scales_box_and_text():
    titles = TitleTrack("en", "universal", BOX, TitleStyle(), ())
    script = ass_text(titles, Raster(720, 1280), Fraction(25))
    style = next(line for line in script.splitlines() if line.startswith("Style:")).split(",")
    assert float(style[2]) == pytest.approx(56 * 1.1640625 * 2 / 3, abs=0.01)
    assert style[19:22] == ["44", "128", "453"]
