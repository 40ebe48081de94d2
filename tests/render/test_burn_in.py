"""What a preview says in its picture, frame by frame."""

from fractions import Fraction

import pytest

from microfinish.core.frame import Raster
from microfinish.core.time import Span
from microfinish.core.timeline import Event, Timeline
from microfinish.render.burn_in import BurnIn, burn_in_text
from microfinish.render.preview import preview_raster

R2997 = Fraction(30000, 1001)


def _timeline() -> Timeline:
    return Timeline(R2997, (
        Event("sh010", "V", "media/a.mov", Span(0, 2), Span(0, 2)),
        Event("", "V", "", Span(0, 2), Span(2, 4), name=r"OFFLINE A{001}\N"),
    ), start_frame=1798, drop=True)


def test_every_frame_says_preview_its_record_timecode_and_its_shot() -> None:
    script = burn_in_text(BurnIn("ep001 edit", Raster(504, 896), 90), _timeline())
    labels = [line.rpartition(",,")[2] for line in script.splitlines() if ",label,," in line]
    assert labels == [r"PREVIEW ep001 edit\N00:00:59;28  sh010",
                      r"PREVIEW ep001 edit\N00:00:59;29  sh010",
                      r"PREVIEW ep001 edit\N00:01:00;02", r"PREVIEW ep001 edit\N00:01:00;03"]


def test_a_slug_names_its_clip_as_written_whatever_its_name_holds() -> None:
    script = burn_in_text(BurnIn("", Raster(504, 896), 90), _timeline())
    (words,) = [line for line in script.splitlines() if ",slug,," in line and "OFFLINE" in line]
    assert words.endswith(r"OFFLINE\NA\{001\}" + "\\\u2060N")


@pytest.mark.parametrize(("season", "preview"), [
    (Raster(1080, 1920), Raster(504, 896)),
    (Raster(2160, 3840), Raster(1080, 1920)),
    (Raster(1080, 1350), Raster(536, 670)),
    (Raster(216, 384), Raster(216, 384)),
])
def test_a_preview_is_about_half_as_large_and_keeps_the_shape(
    season: Raster, preview: Raster,
) -> None:
    assert preview_raster(season) == preview
